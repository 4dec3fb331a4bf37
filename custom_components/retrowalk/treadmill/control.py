"""The requests that callers may make of a treadmill; each waits for the commands that it causes."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import CONF_CONTROL_LOCK
from ..errors import ErrorKey, failed, refused, wrong
from ..machine.errors import (
    ControlRefusedError,
    DeclinedError,
    MachineError,
    NoAnswerError,
    RejectedError,
    SupersededError,
)
from ..training.check.check_run import CheckRun
from ..training.limits import Direction
from ..training.programs.program import Program
from ..training.rules import Caller, Refusal, RefusedError
from ..training.states import BETWEEN_SESSIONS, SessionState
from ..util import Clock
from .adjustment import adjust, check_ramp
from .caller import PressFilter, async_caller_of, async_user_of
from .check_result import next_run
from .connection import ConnectionManager
from .entry_store import EntryStore
from .redaction import log_name
from .runner import SessionRunner
from .selection import NextSession
from .unattended import UnattendedCountdown

_LOGGER = logging.getLogger(__name__)

_KEYS: Final[dict[type[MachineError], ErrorKey]] = {
    ControlRefusedError: ErrorKey.CONTROL_REFUSED,
    NoAnswerError: ErrorKey.NO_ANSWER,
    RejectedError: ErrorKey.REJECTED,
    SupersededError: ErrorKey.SUPERSEDED,
}


class TreadmillControl:
    """Passes requests of people and automations to the session; `context` identifies the caller.

    Errors are raised as HomeAssistantError with a translated message.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        runner: SessionRunner,
        *,
        connection: ConnectionManager,
        selection: NextSession,
        unattended: UnattendedCountdown,
        entry_store: EntryStore,
        entity_id: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        """Initialize the control; `entity_id` finds one of the treadmill's entities by domain and description key."""
        self._hass = hass
        self._entry = entry
        self._runner = runner
        self._session = runner.session
        self._connection = connection
        self._selection = selection
        self._unattended = unattended
        self._entry_store = entry_store
        self._entity_id = entity_id
        self._clock = clock
        self._presses = PressFilter()

    async def start(self, context: Context | None, entity_id: str) -> None:
        """Handle a press of Start: the first makes a session ready, a person's second begins the countdown."""
        caller = await async_caller_of(self._hass, context, entity_id)
        self._check_in_reach()
        context = context or Context()

        def ask(now: float) -> None:
            new = self._session.state in BETWEEN_SESSIONS
            choose = self._selection.request if new else self._selection.confirmation
            request = choose(context, seen=caller.is_person)
            if request.program is not None:
                self._selection.check(request)
            self._check_separate_press(now, caller, context)
            self._check_audible(caller)
            before = self._session.state
            self._session.start(now, caller=caller, request=request)
            self._remember_ready(now, before, context)
            self._watch_countdown(now, caller)

        await self._async_prepare(ask)

    async def resume(self, context: Context | None, entity_id: str | None, *, by_card: bool = False) -> None:
        """Resume after a pause or a change at the console; on the card (`by_card`) only a person can press."""
        caller = await self._async_caller(context, entity_id, by_card=by_card)

        def ask(now: float) -> None:
            if not by_card:
                self._check_separate_press(now, caller, context)
            self._check_audible(caller)
            before = self._session.state
            request = self._selection.confirmation(context or Context(), seen=caller.is_person)
            self._session.resume(now, caller=caller, request=request)
            self._remember_ready(now, before, context)
            self._watch_countdown(now, caller)

        await self._async_prepare(ask)

    async def prepare(
        self,
        context: Context,
        *,
        walker: str | None,
        direction: Direction | None,
        minutes: float | None,
        speed: float | None,
        program: Program | str | None = None,
        by_card: bool = False,
    ) -> None:
        """Make a session ready, which moves nothing (S2).

        Values that are None come from the selects. `walker` is a subentry ID or GUEST, `minutes` is the length, `speed`
        is in km/h, and `program` is a program or its name.
        """
        caller = await self._async_caller(context, self._entity_id("button", "start"), by_card=by_card)
        self._check_in_reach()
        choose = partial(self._selection.request, context, seen=caller.is_person)
        request = choose(walker=walker, direction=direction, minutes=minutes, speed=speed, program=program)

        def ask(now: float) -> None:
            if self._session.state is SessionState.READY:
                # The session that was shown and announced must not change before it is confirmed (S4).
                raise wrong(ErrorKey.ALREADY_READY)
            self._selection.check(request)
            before = self._session.state
            self._session.prepare(now, caller=caller, request=request)
            self._remember_ready(now, before, context)

        await self._async_prepare(ask)

    async def confirm(self, context: Context, *, walker: str | None = None, by_card: bool = False) -> None:
        """Begin the countdown of a session that is ready, for a person or for an allowed automation (S2).

        If the session has no walker yet, it is `walker` (a subentry ID), or else the person who confirms (S4).
        """
        caller = await self._async_caller(context, self._entity_id("button", "start"), by_card=by_card)

        def ask(now: float) -> None:
            if self._session.state is not SessionState.READY:
                raise wrong(ErrorKey.NOTHING_TO_CONFIRM)
            if caller.is_person and not by_card:
                self._check_separate_press(now, caller, context)
            self._check_audible(caller)
            request = self._selection.confirmation(context, walker=walker, seen=caller.is_person)
            self._session.confirm(now, caller=caller, request=request)
            self._watch_countdown(now, caller)

        await self._async_ask(ask)

    async def press_confirm_button(self) -> None:
        """Handle the button beside the treadmill: confirm a session that is ready, make a paused one ready (S2)."""

        def ask(now: float) -> None:
            if self._session.state is SessionState.READY:
                # Nobody sees there whom it would count for, so that nobody is guessed (S4).
                self._session.confirm(now, caller=Caller.PERSON)
            elif self._session.state is SessionState.PAUSED:
                self._session.resume(now, caller=Caller.PERSON)
                self._remember_ready(now, SessionState.PAUSED, None)

        try:
            await self._async_prepare(ask)
        except HomeAssistantError as err:  # a button has no screen that could show it
            _LOGGER.warning("The confirm button of %s was refused: %s", log_name(self._entry), err.translation_key)

    async def finish(self) -> None:
        """Begin a short cool-down, then stop (S13)."""
        await self._async_ask(self._session.finish)

    async def adjust(
        self, speed_delta: float | None, incline_delta: float | None, context: Context, *, by_card: bool = False
    ) -> None:
        """Change the targets by a number of km/h and %; if any part is refused, nothing changes.

        A target below its lowest value becomes the lowest, above its highest it is refused. On the card (`by_card`)
        "slower" also ends a rise: whoever presses it feels the belt.
        """
        caller = await self._async_caller(context, self._entity_id("number", "target_speed"), by_card=by_card)
        await self._async_ask(lambda _: adjust(self._session, speed_delta, incline_delta, caller, ends_rise=by_card))

    async def ramp_to(self, speed: float | None, incline: float | None, over: float, context: Context) -> None:
        """Ramp to a speed (km/h) and an incline (%) within `over` seconds; targets outside the limits are refused."""
        caller = await async_caller_of(self._hass, context, self._entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            check_ramp(self._session.limits, speed, incline)
            self._session.ramp_to(speed, incline, over=over, caller=caller)

        await self._async_ask(ask)

    async def skip_step(self, context: Context) -> None:
        """Skip to the program's next step; a rise needs a person (S16)."""
        caller = await async_caller_of(self._hass, context, self._entity_id("button", "start"))
        await self._async_ask(lambda _: self._session.skip_step(caller=caller))

    async def pause(self) -> None:
        """Pause the session: bring the belt to rest, to resume later."""
        await self._async_ask(self._session.pause)

    async def start_check(self, context: Context) -> CheckRun:
        """Start the check run (S9), only for a person, who stands beside the belt."""
        caller = await async_user_of(self._hass, context)  # only a signed-in user can submit a form
        tries = next_run(self._session.rules.chosen_quirks, self._entry.data)
        started: list[CheckRun] = []

        def ask(now: float) -> None:
            started.append(self._session.start_check(now, caller=caller, **tries))

        await self._async_ask(ask)
        return started[0]

    async def stop(self) -> None:
        """Stop now. Raises HomeAssistantError if the stop did not reach the treadmill."""
        await self._async_ask(self._session.stop, also_leaving=True)

    async def set_speed(self, kmh: float, context: Context | None, entity_id: str) -> None:
        """Set the target speed (km/h) within the limits."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda _: self._session.set_speed(kmh, caller=caller))

    async def slow_down(self, by: float) -> None:
        """Slow down by a number of km/h, or to the lowest speed, for any caller (S16)."""
        await self._async_ask(lambda _: self._session.slow_down(by))

    async def set_incline(self, percent: float, context: Context | None, entity_id: str) -> None:
        """Set the target incline (%) within the limits."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda _: self._session.set_incline(percent, caller=caller))

    async def lower_deck(self, context: Context | None, entity_id: str) -> None:
        """Lower the deck of a belt at rest, some seconds after its announcement (S18)."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda now: self._session.lower_deck(now, caller=caller))

    async def lock(self, *, on: bool, context: Context | None, entity_id: str) -> None:
        """Turn the child lock on, or off for a person (S17); it survives a restart."""
        caller = Caller.UNKNOWN if on else await async_caller_of(self._hass, context, entity_id)  # any may turn it on

        def ask(now: float) -> None:
            self._session.lock(on=on, caller=caller)
            self._session.tick(now)  # ends a session at once that has not begun

        await self._async_ask(ask, also_leaving=True)
        self._entry_store.save({CONF_CONTROL_LOCK: on})

    @callback
    def connect(self) -> None:
        """Request a link, which is made in the background."""
        self._connection.connect()
        self._runner.dispatch()

    @callback
    def hold(self, seconds: float) -> None:
        """Hold the link for some seconds even if the treadmill is idle."""
        self._connection.hold(seconds)

    @callback
    def disconnect(self) -> None:
        """Release the treadmill for other apps, if its belt is at rest."""
        if self._session.belt_may_move:
            raise wrong(Refusal.BELT_MOVES)
        self._connection.release()
        self._runner.dispatch()

    async def _async_caller(self, context: Context | None, entity_id: str | None, *, by_card: bool) -> Caller:
        """Return who makes a request; on the card that is a person, whoever else may press the entity (S2)."""
        if by_card and context is not None:
            return await async_user_of(self._hass, context)
        return await async_caller_of(self._hass, context, entity_id)

    def _check_separate_press(self, now: float, caller: Caller, context: Context | None) -> None:
        """Refuse a confirmation by the press that made the session ready, or at the same instant (S2)."""
        may_confirm = caller.is_person or caller is Caller.AUTOMATION
        if may_confirm and self._session.state is SessionState.READY and not self._presses.is_separate(now, context):
            raise wrong(ErrorKey.ONE_PRESS)

    def _check_audible(self, caller: Caller) -> None:
        """Refuse the confirmation of an automation if its announcement would not be heard (S2)."""
        if caller is Caller.AUTOMATION and self._session.state in {SessionState.READY, SessionState.PAUSED}:
            self._unattended.check_audible()

    def _watch_countdown(self, now: float, caller: Caller) -> None:
        """Watch a countdown that no person confirmed."""
        if not caller.is_person and self._session.state is SessionState.COUNTDOWN:
            self._unattended.start(now)

    def _remember_ready(self, now: float, before: SessionState, context: Context | None) -> None:
        """Remember the press that has just made the session ready."""
        if before is not SessionState.READY and self._session.state is SessionState.READY:
            self._presses.add(now, context)

    async def _async_prepare(self, ask: Callable[[float], object]) -> None:
        """Ask for something that may make a session ready; a ready session needs a link, even after a refusal."""
        try:
            await self._async_ask(ask)
        finally:
            if self._session.state is SessionState.READY:
                self.connect()

    async def _async_ask(self, ask: Callable[[float], object], *, also_leaving: bool = False) -> None:
        """Ask the session for something, wait for the resulting commands, and raise translated errors."""
        if self._runner.leaving and not also_leaving:
            raise wrong(Refusal.NOT_CONNECTED)  # Home Assistant could not carry the request through
        try:
            ask(self._clock.monotonic())
        except RefusedError as err:
            raise refused(self._hass, err) from err
        for sent in self._runner.dispatch():
            command, error = await asyncio.shield(sent)
            if error is not None and not isinstance(error, SupersededError):
                known = (key for kind, key in _KEYS.items() if isinstance(error, kind))
                key = self._stop_error(error) if command.stops else next(known, ErrorKey.UNREACHABLE)
                if key is not None:
                    raise failed(key) from error

    def _stop_error(self, error: MachineError) -> ErrorKey | None:
        """Return the error for a stop: not delivered, not obeyed, or nothing to stop; None if there is none (S3)."""
        if isinstance(error, ControlRefusedError | DeclinedError):
            # Another stop step replaces it, and its effect is supervised; at rest there was nothing to stop.
            if not isinstance(error, ControlRefusedError) or not self._session.belt_may_move:
                return None
            belt = self._session.belt
            rests = belt.stands_still and not belt.about_to_move(self._clock.monotonic())
            return ErrorKey.STOP_NOT_TAKEN if rests else ErrorKey.STOP_NOT_OBEYED
        return ErrorKey.STOP_UNDELIVERED if self._session.stop_failure else ErrorKey.NOTHING_TO_STOP

    def _check_in_reach(self) -> None:
        """Refuse to prepare a session on a treadmill that has not been seen for minutes."""
        if not self._connection.in_reach:
            raise wrong(ErrorKey.NOT_IN_REACH)
