"""Runs a session on the link of its treadmill: feeds it, sends its commands and ticks."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..machine.bluetooth.link_state import LinkState
from ..machine.errors import MachineError, NotSentError, SupersededError, is_refusal
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
_SHOWN_EVERY: Final = 0.9
"""Seconds after which a report of which nothing comes is shown and recorded, as each of most machines is."""
WIND_DOWN_WITHIN: Final = 15.0
"""Seconds that a steered belt has to come to rest when Home Assistant stops or the entry is unloaded (S14)."""
_WIND_DOWN_TICK: Final = 0.25
_TURN_WITHIN: Final = 10.0
"""Seconds that a start or a target waits for its turn; later nobody expects it any more."""
_IN_TURN: Final = frozenset({CommandKind.START, CommandKind.SET_SPEED, CommandKind.SET_INCLINE})

type SentCommand = asyncio.Task[tuple[Command, MachineError | None]]


class SessionRunner:
    """The one way down to the belt: every command of the session goes through `dispatch`."""

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
        """Initialize the runner; `prepare` is called before the session's output is handled, `publish` after it."""
        self.session = session
        self.events = Listeners[SessionEvent](lambda event: event.kind)
        self.telemetry: Telemetry | None = None
        self.leaving = False  # Home Assistant stops or the entry is unloaded: nothing new begins
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
        self._turn = asyncio.Lock()  # of starts and targets
        self._shown_at = float("-inf")  # the last report
        self._stop_ticking: Callable[[], None] | None = None

    @property
    def quiet(self) -> bool:
        """Return whether nobody walks or is about to."""
        return self.session.state in BETWEEN_SESSIONS and not self.session.belt_may_move

    @property
    def ticking(self) -> bool:
        """Return whether the session gets a tick every second."""
        return self._stop_ticking is not None

    # Reports of the machine and its link

    @callback
    def feed(self, telemetry: Telemetry) -> None:
        """Handle telemetry of the machine."""
        self._connection.watch.heard(telemetry)
        telemetry, now = self.session.judge(telemetry), self._clock.monotonic()
        before, self.telemetry = self.telemetry, telemetry
        if before is None or before.belt is not telemetry.belt:
            # Only a change counts: machines differ in what they report at rest, and some report "pre-workout" all day.
            self._connection.busy()
        session, state = self.session, self.session.state
        self.record_safely(lambda: self._recover(telemetry, now))
        session.observe(telemetry, now)
        self.record_safely(lambda: self._recorder.on_telemetry(telemetry))
        acted = session.pending or session.state is not state or before is None or before.belt is not telemetry.belt
        if acted or not 0 <= now - self._shown_at < _SHOWN_EVERY:
            self._shown_at = now
            self.dispatch()

    @callback
    def on_machine_event(self, event: MachineEvent) -> None:
        """Handle an event of the machine."""
        self.session.on_machine_event(event, self._clock.monotonic())
        self.dispatch()

    @callback
    def on_link(self, state: LinkState) -> None:
        """Handle a change of the link's state."""
        self._connection.watch.on_link(state)
        up = state is LinkState.CONNECTED
        if up:
            _LOGGER.info("%s is connected", self._name)
            self._connection.busy()
        elif self._connected:
            _LOGGER.info("%s is disconnected", self._name)
            self._connection.ended()
        self._connected = up
        self.session.on_link(up=up, now=self._clock.monotonic())
        if up and self._link.stop_accepted is not None:
            self.session.on_command_done(self._link.stop_accepted, self._clock.monotonic())
        self.dispatch()

    # After a restart

    @callback
    def restore_pause(self) -> None:
        """Restore a session that was paused when Home Assistant ended, if it is recent enough (S12)."""

        def restore() -> None:
            found = self._recorder.restore_pause(self.session)
            if found is not None:
                self._restore(found, self._clock.monotonic())

        self.record_safely(restore)

    def _recover(self, telemetry: Telemetry, now: float) -> None:
        """Match the moving belt to a session from before a restart, before the session gets the telemetry (S19)."""
        match self._recorder.identify(self.session, telemetry):
            case RecoveredSession() as found:
                self._restore(found, now)
            case Verdict.ANOTHER:
                self.session.discard_restored(now)
                self._recorder.restored_discarded()

    def _restore(self, found: RecoveredSession, now: float) -> None:
        self.session.restore(found, now)
        self._recorder.follow_odometer(self.session.odometer)

    # Output of the session

    @callback
    def dispatch(self) -> list[SentCommand]:
        """Send the session's commands, notify listeners of its events, and publish the result."""
        self._prepare()
        sent = []
        for output in self.session.drain():
            if isinstance(output, Command):
                # Each command gets a task of its own that starts at once, so that a stop waits for no other command.
                name = f"Retrowalk sends {output.kind} to {self._name}"
                task = self._hass.async_create_background_task(self._async_send(output), name)
                if output.kind is not CommandKind.END_SESSION:  # no caller waits for it, and some machines decline it
                    sent.append(task)
            else:
                self.events.notify(output)
        self.record_safely(self._record)
        self._publish()
        return sent

    async def _async_send(self, command: Command) -> tuple[Command, MachineError | None]:
        try:
            if command.kind not in _IN_TURN or command.stops:
                await self._link.execute(command)
            else:
                await self._async_send_in_turn(command)
        except SupersededError as err:
            self.session.on_command_superseded(command)
            return command, err
        except MachineError as err:
            _LOGGER.debug("%s: %s failed: %s", self._name, command, err)
            declined = is_refusal(err, of_stop=command.stops)
            self.session.on_command_failed(command, self._clock.monotonic(), declined=declined)
            instead = self.dispatch()
            # A declined stop is replaced by another stop step, whose result counts.
            return await instead[-1] if declined and command.stops and instead else (command, err)
        self.session.on_command_done(command, self._clock.monotonic())
        return command, None

    async def _async_send_in_turn(self, command: Command) -> None:
        """Send a start or a target once the one before is answered, unless what it was meant for is over by then.

        Whoever takes over at the console, pauses or stops meanwhile must not find the belt at an older target (S7, S8).
        """
        wanted_by = self.session.steered_by
        try:
            async with asyncio.timeout(_TURN_WITHIN):
                await self._turn.acquire()
        except TimeoutError as err:
            raise NotSentError("the command before was not answered in time") from err
        try:
            if self.session.steered_by is not wanted_by:
                raise SupersededError("the belt is no longer ours, or it is to stop")
            await self._link.execute(command)
        finally:
            self._turn.release()

    @callback
    def _record(self) -> None:
        """Update the record of the session, reset the choices after its end, and report a reached goal."""
        recorder, now = self._recorder, self._clock.monotonic()
        if recorder.follow(self.session, self.telemetry, self._selection.starting_walker, now):
            self._selection.reset()
        if recorder.goal_reached():
            self.events.notify(SessionEvent(SessionEventKind.GOAL_REACHED))

    @callback
    def record_safely(self, work: Callable[[], object]) -> None:
        """Run work of the recorder and log its errors, so that they never keep the belt from being stopped (S14)."""
        try:
            work()
        except Exception:
            _LOGGER.exception("Unexpected error recording the session on %s", self._name)

    # Time

    @callback
    def tick(self, _: datetime | None = None) -> None:
        """Advance the session, its record and the link to the present time."""
        now = self._clock.monotonic()
        self.session.tick(now)
        self._unattended.tick(now)
        self.record_safely(lambda: self._recorder.tick(self.session, now))
        if self.telemetry is not None:
            self._link.check(self.telemetry)
        self._connection.watch.tick()
        if self.quiet:
            self._connection.idle()
        else:
            self._connection.busy()
        self.dispatch()

    @callback
    def set_ticking(self, *, on: bool) -> None:
        """Turn the ticks on or off; most of the day nothing has to be watched."""
        if on and self._stop_ticking is None:
            self._stop_ticking = async_track_time_interval(self._hass, self.tick, TICK, cancel_on_shutdown=True)
        elif not on and self._stop_ticking is not None:
            self._stop_ticking()
            self._stop_ticking = None

    async def async_wind_down(self) -> None:
        """Bring a steered belt to rest (S14), which takes little more than 15 s at most."""
        self.leaving = True
        self.session.wind_down(self._clock.monotonic())
        self.dispatch()
        deadline = self._hass.loop.time() + WIND_DOWN_WITHIN
        # Do not wait for a treadmill that is out of reach, where no stop can get through.
        while self.session.controls_belt and self._connection.may_come_back and self._hass.loop.time() < deadline:
            await asyncio.sleep(_WIND_DOWN_TICK)
            self.tick()
