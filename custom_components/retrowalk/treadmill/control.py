"""What callers may ask of a treadmill: each is asked of the session, and its commands are waited for."""

import asyncio
import logging
from collections.abc import Callable
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
    UnreachableError,
)
from ..training.check.check_run import CheckRun
from ..training.limits import Direction
from ..training.programs.program import Program
from ..training.rules import Caller, Refusal, RefusedError
from ..training.states import BETWEEN_SESSIONS, SessionState
from ..util import Clock
from .adjustment import adjust, check_ramp
from .caller import PressFilter, async_caller_of, async_user_of
from .check_result import known_to_end_session
from .connection import ConnectionManager
from .entry_store import EntryStore
from .runner import SessionRunner
from .selection import NextSession
from .unattended import UnattendedCountdown

_LOGGER = logging.getLogger(__name__)

_KEYS: Final[dict[type[MachineError], ErrorKey]] = {
    ControlRefusedError: ErrorKey.CONTROL_REFUSED,
    NoAnswerError: ErrorKey.NO_ANSWER,
    RejectedError: ErrorKey.REJECTED,
    SupersededError: ErrorKey.SUPERSEDED,
    UnreachableError: ErrorKey.UNREACHABLE,
}


class TreadmillControl:
    """The requests of people and automations. `context` tells who asks; errors are told in words."""

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
        """`entity_id` returns one of the treadmill's own entities, by its domain and the key of its description."""
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
        """First press: ready. Second, by a person: the countdown."""
        caller = await async_caller_of(self._hass, context, entity_id)
        self._check_in_reach()
        context = context or Context()

        def ask(now: float) -> None:
            begins = self._session.state in BETWEEN_SESSIONS
            request = self._selection.request(context) if begins else self._selection.confirmation(context)
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
        """Go on after a pause or a hand on the console; `by_card`: on the card, where nobody else can press."""
        caller = await self._async_caller(context, entity_id, by_card=by_card)

        def ask(now: float) -> None:
            if not by_card:
                self._check_separate_press(now, caller, context)
            self._check_audible(caller)
            before = self._session.state
            self._session.resume(now, caller=caller)
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
        """Make a walk ready: moves nothing (S2).

        What is None comes from the selects. `walker` is a subentry id or GUEST, `minutes` the length, `speed` in km/h;
        `program` is one, or what it is called.
        """
        caller = await self._async_caller(context, self._entity_id("button", "start"), by_card=by_card)
        self._check_in_reach()
        request = self._selection.request(
            context, walker=walker, direction=direction, minutes=minutes, speed=speed, program=program
        )

        def ask(now: float) -> None:
            if self._session.state is SessionState.READY:
                # What was shown and spoken must not become another walk under the eyes of who confirms it (S4).
                raise wrong(ErrorKey.ALREADY_READY)
            self._selection.check(request)
            before = self._session.state
            self._session.prepare(now, caller=caller, request=request)
            self._remember_ready(now, before, context)

        await self._async_prepare(ask)

    async def confirm(self, context: Context, *, walker: str | None = None, by_card: bool = False) -> None:
        """Let the countdown of a walk that is ready begin; for a person, or where the owner lets automations (S2).

        If nobody said who walks, it is `walker`, a subentry id, and else who confirms (S4).
        """
        caller = await self._async_caller(context, self._entity_id("button", "start"), by_card=by_card)

        def ask(now: float) -> None:
            if self._session.state is not SessionState.READY:
                raise wrong(ErrorKey.NOTHING_TO_CONFIRM)
            if caller.is_person and not by_card:
                self._check_separate_press(now, caller, context)
            self._check_audible(caller)
            request = self._selection.confirmation(context, walker=walker)
            self._session.confirm(now, caller=caller, request=request)
            self._watch_countdown(now, caller)

        await self._async_ask(ask)

    async def press_confirm_button(self) -> None:
        """The button beside the treadmill was pressed: it confirms what is ready, and readies what is paused (S2)."""

        def ask(now: float) -> None:
            if self._session.state is SessionState.READY:
                self._session.confirm(now, caller=Caller.PERSON)
            elif self._session.state is SessionState.PAUSED:
                self._session.resume(now, caller=Caller.PERSON)
                self._remember_ready(now, SessionState.PAUSED, None)

        try:
            await self._async_prepare(ask)
        except HomeAssistantError as err:
            # There is no screen at a button to tell it on.
            _LOGGER.warning("The button beside %s starts nothing: %s", self._entry.title, err)

    async def finish(self) -> None:
        """Cool down in a short while, then stop (S13)."""
        await self._async_ask(self._session.finish)

    async def adjust(self, speed_delta: float | None, incline_delta: float | None, context: Context) -> None:
        """Change the targets by so many km/h and %: all of it or, if any of it is refused, nothing.

        Whoever wants less than there is gets the least; more than is allowed is refused.
        """
        caller = await async_caller_of(self._hass, context, self._entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            adjust(self._session, speed_delta, incline_delta, caller)

        await self._async_ask(ask)

    async def ramp_to(self, speed: float | None, incline: float | None, over: float, context: Context) -> None:
        """One even ramp to a speed (km/h) and an incline (%) in so many seconds; what is not allowed is refused."""
        caller = await async_caller_of(self._hass, context, self._entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            check_ramp(self._session.limits, speed, incline)
            self._session.ramp_to(speed, incline, over=over, caller=caller)

        await self._async_ask(ask)

    async def skip_step(self, context: Context) -> None:
        """On to the program's next step; one that goes up needs a person (S16)."""
        caller = await async_caller_of(self._hass, context, self._entity_id("button", "start"))
        await self._async_ask(lambda _: self._session.skip_step(caller=caller))

    async def pause(self) -> None:
        """Bring the belt to rest, to go on later."""
        await self._async_ask(self._session.pause)

    async def start_check(self, context: Context) -> CheckRun:
        """Begin the check run (S9); only for a person, who stands beside the belt."""
        caller = await async_user_of(self._hass, context)  # in a form, where nobody else can press
        no_second_start, no_pause = known_to_end_session(self._entry.data)
        begun: list[CheckRun] = []

        def ask(now: float) -> None:
            check = self._session.start_check(now, caller=caller, second_start=not no_second_start, pause=not no_pause)
            begun.append(check)

        await self._async_ask(ask)
        return begun[0]

    async def stop(self) -> None:
        """Stop now; raises when the stop did not reach the treadmill."""
        await self._async_ask(self._session.stop, also_leaving=True)

    async def set_speed(self, kmh: float, context: Context | None, entity_id: str) -> None:
        """Steer to a speed (km/h) inside the limits."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda _: self._session.set_speed(kmh, caller=caller))

    async def slow_down(self, by: float) -> None:
        """Slow down by so many km/h, or to the least; anybody may, a voice or a language model too (S16)."""
        await self._async_ask(lambda _: self._session.slow_down(by))

    async def set_incline(self, percent: float, context: Context | None, entity_id: str) -> None:
        """Steer to an incline (%) inside the limits."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda _: self._session.set_incline(percent, caller=caller))

    async def lower_deck(self, context: Context | None, entity_id: str) -> None:
        """Lower the deck of a belt at rest, a while after it was said (S18)."""
        caller = await async_caller_of(self._hass, context, entity_id)
        await self._async_ask(lambda now: self._session.lower_deck(now, caller=caller))

    async def lock(self, *, on: bool, context: Context | None, entity_id: str) -> None:
        """Turn the child lock on, or, for a person, off (S17); it is kept over a restart."""
        # Anybody may turn it on, so that nothing has to be waited for.
        caller = Caller.UNKNOWN if on else await async_caller_of(self._hass, context, entity_id)

        def ask(now: float) -> None:
            self._session.lock(on=on, caller=caller)
            self._session.tick(now)  # it ends at once what has not begun

        await self._async_ask(ask, also_leaving=True)
        self._entry_store.save({CONF_CONTROL_LOCK: on})

    @callback
    def connect(self) -> None:
        """Want a link; it is made in the background."""
        self._connection.connect()
        self._runner.dispatch()

    @callback
    def hold(self, seconds: float) -> None:
        """Keep the link for some seconds, however idle the treadmill is."""
        self._connection.hold(seconds)

    @callback
    def disconnect(self) -> None:
        """Give the treadmill free for other apps, if its belt is at rest."""
        if self._session.belt_may_move:
            raise wrong(Refusal.BELT_MOVES)
        self._connection.release()
        self._runner.dispatch()

    async def _async_caller(self, context: Context | None, entity_id: str | None, *, by_card: bool) -> Caller:
        """Whose hand a press is: on the card it is a person's, whoever else may press the entity (S2)."""
        if by_card and context is not None:
            return await async_user_of(self._hass, context)
        return await async_caller_of(self._hass, context, entity_id)

    def _check_separate_press(self, now: float, caller: Caller, context: Context | None) -> None:
        """Refuse to confirm with the press that made ready, or with what came in the same instant (S2)."""
        may = caller.is_person or caller is Caller.AUTOMATION
        if may and self._session.state is SessionState.READY and not self._presses.is_separate(now, context):
            raise wrong(ErrorKey.ONE_PRESS)

    def _check_audible(self, caller: Caller) -> None:
        """Refuse what automations confirm where nobody could hear it (S2)."""
        if caller is Caller.AUTOMATION and self._session.state in {SessionState.READY, SessionState.PAUSED}:
            self._unattended.check_audible()

    def _watch_countdown(self, now: float, caller: Caller) -> None:
        """Watch over a countdown that began with nobody there."""
        if not caller.is_person and self._session.state is SessionState.COUNTDOWN:
            self._unattended.start(now)

    def _remember_ready(self, now: float, before: SessionState, context: Context | None) -> None:
        """Keep when ready was made, if it was made just now."""
        if before is not SessionState.READY and self._session.state is SessionState.READY:
            self._presses.add(now, context)

    async def _async_prepare(self, ask: Callable[[float], object]) -> None:
        """Ask for what may make ready. Whoever is ready needs a link, also where that is why they are refused."""
        try:
            await self._async_ask(ask)
        finally:
            if self._session.state is SessionState.READY:
                self.connect()

    async def _async_ask(self, ask: Callable[[float], object], *, also_leaving: bool = False) -> None:
        """Ask the session for something and wait for the commands that come of it; errors are told in words."""
        if self._runner.leaving and not also_leaving:
            # Nobody would be there to see it through.
            raise wrong(Refusal.NOT_CONNECTED)
        try:
            ask(self._clock.monotonic())
        except RefusedError as err:
            raise refused(self._hass, err) from err
        for sent in self._runner.dispatch():
            command, error = await asyncio.shield(sent)
            if error is not None and not isinstance(error, SupersededError):
                key = self._stop_error(error) if command.stops else _KEYS.get(type(error), ErrorKey.UNREACHABLE)
                if key is not None:
                    raise failed(key) from error

    def _stop_error(self, error: MachineError) -> ErrorKey | None:
        """What whoever asked for a stop is told of it at once: not delivered, not obeyed, or nothing to stop (S3)."""
        if isinstance(error, ControlRefusedError | DeclinedError):
            # What is declined is said otherwise, and whether that works is seen; at rest there was nothing to stop.
            refused = isinstance(error, ControlRefusedError) and self._session.belt_may_move
            return ErrorKey.STOP_NOT_OBEYED if refused else None
        return ErrorKey.STOP_UNDELIVERED if self._session.on_stop_failed else ErrorKey.NOTHING_TO_STOP

    def _check_in_reach(self) -> None:
        """Refuse to prepare a walk on a treadmill that has not been seen for minutes."""
        if not self._connection.in_reach:
            raise wrong(ErrorKey.NOT_IN_REACH)
