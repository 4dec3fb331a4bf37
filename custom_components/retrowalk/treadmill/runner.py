"""Drives a session against the link of its treadmill: feeds it, sends its commands and ticks."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..machine.bluetooth.link_state import LinkState
from ..machine.errors import ControlRefusedError, DeclinedError, MachineError, SupersededError
from ..machine.model import Command, CommandKind, MachineEvent, Telemetry
from ..training.events import SessionEvent, SessionEventKind
from ..training.session.controller import SessionController
from ..training.session.recovery import RecoveredSession, Verdict
from ..training.states import BETWEEN_SESSIONS
from ..util import Clock, Listeners
from ..walkers.recorder import SessionRecorder
from .connection import ConnectionManager
from .selection import NextSession
from .unattended import UnattendedCountdown

_LOGGER = logging.getLogger(__name__)

TICK: Final = timedelta(seconds=1)
WIND_DOWN_WITHIN: Final = 15.0
"""Seconds that a belt of ours has to come to rest when Home Assistant has to go (S14)."""
_WIND_DOWN_TICK: Final = 0.25

type SentCommand = asyncio.Task[tuple[Command, MachineError | None]]


class SessionRunner:
    """The one way down: whatever the session wants sent goes through `dispatch`."""

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        session: SessionController,
        *,
        connection: ConnectionManager,
        recorder: SessionRecorder,
        selection: NextSession,
        unattended: UnattendedCountdown,
        clock: Clock,
        prepare: Callable[[], None],
        publish: Callable[[], None],
    ) -> None:
        """`prepare` is called before the session is asked for its output, `publish` after that was sent and told."""
        self.session = session
        self.events = Listeners[SessionEvent](lambda event: event.kind)
        self.telemetry: Telemetry | None = None
        self.leaving = False  # Home Assistant has to go: nothing is begun any more
        self._hass = hass
        self._name = name
        self._connection = connection
        self._link = connection.link
        self._recorder = recorder
        self._selection = selection
        self._unattended = unattended
        self._clock = clock
        self._prepare = prepare
        self._publish = publish
        self._connected = False
        self._stop_ticking: Callable[[], None] | None = None

    @property
    def quiet(self) -> bool:
        """Whether nobody walks or is about to."""
        return self.session.state in BETWEEN_SESSIONS and not self.session.belt_may_move

    @property
    def ticking(self) -> bool:
        """Whether the session is told every second what time it is."""
        return self._stop_ticking is not None

    # What the machine and its link tell

    @callback
    def feed(self, telemetry: Telemetry) -> None:
        """Take in what the machine reports about its belt."""
        telemetry, now = self.session.judge(telemetry), self._clock.monotonic()
        before, self.telemetry = self.telemetry, telemetry
        if before is None or before.belt is not telemetry.belt:
            # What it says of a belt at rest differs, and some say "pre-workout" all day.
            self._connection.busy()
        self.record_safely(lambda: self._recover(telemetry, now))
        self.session.observe(telemetry, now)
        self.record_safely(lambda: self._recorder.on_telemetry(telemetry))
        self.dispatch()

    @callback
    def on_machine_event(self, event: MachineEvent) -> None:
        """Take in something that happened at the machine."""
        self.session.on_machine_event(event, self._clock.monotonic())
        self.dispatch()

    @callback
    def on_link(self, state: LinkState) -> None:
        """Take in that the link is up, or lost."""
        up = state is LinkState.CONNECTED
        if up:
            _LOGGER.info("%s is connected", self._name)
            self._connection.busy()
        elif self._connected:
            _LOGGER.info("The link to %s has ended", self._name)
            self._connection.ended()
        self._connected = up
        self.session.on_link(up=up, now=self._clock.monotonic())
        if up and self._link.stop_accepted is not None:
            self.session.on_command_done(self._link.stop_accepted, self._clock.monotonic())
        self.dispatch()

    # After a restart

    @callback
    def restore_pause(self) -> None:
        """Go on with a session that was paused when Home Assistant ended, if that is not too long ago (S12)."""

        def restore() -> None:
            found = self._recorder.restore_pause(self.session)
            if found is not None:
                self._restore(found, self._clock.monotonic())

        self.record_safely(restore)

    def _recover(self, telemetry: Telemetry, now: float) -> None:
        """See whose belt this is, before the session does (S19)."""
        match self._recorder.identify(self.session, telemetry):
            case RecoveredSession() as found:
                self._restore(found, now)
            case Verdict.ANOTHER:
                self.session.discard_restored(now)
                self._recorder.restored_discarded()

    def _restore(self, found: RecoveredSession, now: float) -> None:
        self.session.restore(found, now)
        self._recorder.follow_odometer(self.session.odometer)

    # What the session wants

    @callback
    def dispatch(self) -> list[SentCommand]:
        """Send what the session wants sent, tell what it wants told, and publish what has come of it."""
        self._prepare()
        sent = []
        for output in self.session.drain():
            if isinstance(output, Command):
                # Started at once, each on its own: a stop waits for nobody.
                name = f"Retrowalk sends {output.kind} to {self._name}"
                task = self._hass.async_create_background_task(self._async_send(output), name)
                if output.kind is not CommandKind.END_SESSION:  # nobody asked for it; some machines decline it
                    sent.append(task)
            else:
                self.events.notify(output)
        self.record_safely(self._record)
        self._publish()
        return sent

    async def _async_send(self, command: Command) -> tuple[Command, MachineError | None]:
        try:
            await self._link.execute(command)
        except SupersededError as err:
            return command, err
        except MachineError as err:
            _LOGGER.debug("%s: %s failed: %s", self._name, command, err)
            declined = isinstance(err, ControlRefusedError | DeclinedError)
            self.session.on_command_failed(command, self._clock.monotonic(), declined=declined)
            instead = self.dispatch()
            # A stop that was declined is said otherwise: what counts is what comes of that.
            return await instead[-1] if declined and command.stops and instead else (command, err)
        self.session.on_command_done(command, self._clock.monotonic())
        return command, None

    @callback
    def _record(self) -> None:
        """Measure the session, and tell of the goal that it reaches; when it has ended the choices fall back."""
        recorder, now = self._recorder, self._clock.monotonic()
        if recorder.follow(self.session, self.telemetry, self._selection.starting_walker, now):
            self._selection.reset()
        if recorder.goal_reached():
            self.events.notify(SessionEvent(SessionEventKind.GOAL_REACHED))

    @callback
    def record_safely(self, work: Callable[[], object]) -> None:
        """Do something of the bookkeeping; whatever is wrong with it, the belt is watched and stopped (S14)."""
        try:
            work()
        except Exception:
            _LOGGER.exception("Unexpected error keeping the books of %s", self._name)

    # Time

    @callback
    def tick(self, _: datetime | None = None) -> None:
        """Let time pass for the session, its record and the link."""
        now = self._clock.monotonic()
        self.session.tick(now)
        self._unattended.tick(now)
        self.record_safely(lambda: self._recorder.tick(now))
        if self.telemetry is not None:
            self._link.check(self.telemetry)
        if self.quiet:
            self._connection.idle()
        else:
            self._connection.busy()
        self.dispatch()

    @callback
    def set_ticking(self, *, on: bool) -> None:
        """Tick only while there is something to watch: most of the day there is not."""
        if on and self._stop_ticking is None:
            self._stop_ticking = async_track_time_interval(self._hass, self.tick, TICK, cancel_on_shutdown=True)
        elif not on and self._stop_ticking is not None:
            self._stop_ticking()
            self._stop_ticking = None

    async def async_wind_down(self) -> None:
        """Bring a belt that we steer to rest (S14). Takes 15 s and a bit at most."""
        self.leaving = True
        self.session.wind_down(self._clock.monotonic())
        self.dispatch()
        deadline = self._hass.loop.time() + WIND_DOWN_WITHIN
        # Out of reach there is nothing to wait for: no stop could get through.
        while self.session.controls_belt and self._connection.may_come_back and self._hass.loop.time() < deadline:
            await asyncio.sleep(_WIND_DOWN_TICK)
            self.tick()
