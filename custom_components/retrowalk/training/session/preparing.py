"""The states of a belt at rest: idle, finished, ready and countdown (safety rules S1, S2)."""

from abc import ABC, abstractmethod
from typing import Any, override

from ...machine.model import BeltState, Command, CommandKind, MachineEvent, MachineEventKind
from ..belt.belt import FRESH, STALE
from ..check.check_run import CheckRun
from ..check.unit_finding import has_room
from ..events import (
    EndReason,
    FinishedEvent,
    SessionEvent,
    SessionEventKind,
    StartFailedEvent,
    StoppedEvent,
)
from ..limits import Direction, Limits, limits_for, speed_grain
from ..rules import Caller, Refusal, RefusedError
from ..states import SessionState
from ..steering.session_plan import SessionRequest
from .checking import Checking
from .context import SessionContext
from .readiness import Readiness, check_caller, check_startable, countdown_seconds, deck_off_level
from .state import State, end_reason_of

FINISHED_FOR = 60.0
"""Seconds for which a session that has ended is shown as finished."""
HALTS = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY})
"""The machine events that bring the belt to rest."""


class AtRest(State, ABC):
    """Base of the states of a belt that was not told to move."""

    belt_may_move = False
    belt_rests = True

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        if ctx.belt.state is BeltState.COUNTDOWN:
            ctx.stopper.on_console_start()
        if ctx.belt.moves and ctx.stopper.start_may_follow(now):
            return ctx.to.stopping(self, now)  # it obeys a start from before the last stop
        return self.on_motion(ctx, now)

    @abstractmethod
    def on_motion(self, ctx: SessionContext, now: float) -> State:
        """Handle a report that may show a start at the console."""

    def make_ready(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Make a session ready. This moves nothing, so any caller may."""
        ctx.require_control()
        if ctx.belt.moves:
            raise RefusedError(Refusal.BELT_MOVES)
        if not ctx.pause.resuming:
            ctx.terms.accept(request, ctx.rules)
        return ctx.to.ready(now, caller=caller)


class BetweenSessions(AtRest):
    """Base of the states without a session."""

    deck_may_move = True

    @override
    def on_motion(self, ctx: SessionContext, now: float) -> State:
        if not ctx.belt.walked:
            return self
        ctx.terms.begin_at_console(ctx.rules)
        return ctx.to.watched(now, SessionEvent(SessionEventKind.BELT_WITHOUT_SESSION))

    @override
    def prepare(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        return self.make_ready(ctx, now, caller=caller, request=request)

    def start_check(
        self, ctx: SessionContext, now: float, *, second_start: bool, pause: bool, minimum: bool
    ) -> Checking:
        """Begin a check run."""
        if ctx.deck.busy(now):
            raise RefusedError(Refusal.BUSY)
        if ctx.stopper.just_sent(now):
            raise RefusedError(Refusal.JUST_STOPPED)
        ctx.require_link()
        # Without the values measured before: the check run measures them anew.
        speeds = ctx.rules.capabilities.speed_range
        limits = limits_for(ctx.rules.capabilities, ctx.rules.owner, Direction.FORWARD)
        if limits.speed is None or limits.speed.maximum < limits.speed.minimum + speed_grain(limits.speed):
            raise RefusedError(Refusal.NO_SPEED_CONTROL)
        if not has_room(limits, ctx.rules.units):
            raise RefusedError(Refusal.NO_ROOM_TO_CHECK)
        check_startable(limits, ctx.belt, now)
        ctx.terms.clear()
        minimum = minimum and speeds is not None and speeds.minimum > 0  # 0 is no speed
        how: dict[str, Any] = {"second_start": second_start, "pause": pause, "minimum": minimum}
        check = CheckRun(limits, now, **how, units=ctx.rules.units, stated=ctx.rules.units_stated)
        return Checking(check, now)


class Idle(BetweenSessions):
    """State while there is no session."""

    name = SessionState.IDLE
    counts = False


class Finished(BetweenSessions):
    """State for a minute after a session has ended."""

    name = SessionState.FINISHED

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        if now - self.since <= FINISHED_FOR:
            return self
        ctx.terms.clear()
        return ctx.to.idle(now)


class Prepared(AtRest):
    """Base of the states of a session that was made ready, new or after a pause."""

    promised: Limits
    plan_ahead = True

    def __init__(self, promised: Limits, now: float) -> None:
        super().__init__(now)
        self.promised = promised

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        return ctx.to.finished_at_rest(self, now) if ctx.pause.resuming else super().finish(ctx, now)

    @override
    def withdraw(self, ctx: SessionContext, now: float, reason: EndReason | Refusal) -> State:
        return ctx.to.end(now, StartFailedEvent(reason))

    @override
    def wind_down(self, ctx: SessionContext, now: float) -> State:
        return ctx.to.end(now, StoppedEvent(EndReason.SHUTDOWN))


class Ready(Prepared):
    """State that waits for the confirmation and lapses by itself."""

    name = SessionState.READY
    deck_may_move = True

    def __init__(self, readiness: Readiness, promised: Limits, now: float) -> None:
        super().__init__(promised, now)
        self._readiness = readiness

    @override
    def start(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        return self.confirm(ctx, now, caller=caller, request=request)

    @override
    def prepare(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        return self.make_ready(ctx, now, caller=caller, request=request)

    @override
    def confirm(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        ctx.require_control()
        check_caller(ctx.rules, ctx.guards, caller=caller)
        if ctx.stopper.just_sent(now):
            raise RefusedError(Refusal.JUST_STOPPED)
        ctx.guards.check()
        if ctx.deck.busy(now):
            raise RefusedError(Refusal.BUSY)
        ctx.require_link()
        # Check before any change: after a refusal, somebody else may confirm.
        check_startable(ctx.terms.limits(ctx.rules, by=request), ctx.belt, now)
        ctx.terms.confirm(request, ctx.rules)
        if ctx.pause.resuming:
            ctx.end_machine_session(now)
        return ctx.to.countdown(countdown_seconds(ctx.rules, ctx.terms.direction, caller=caller), now)

    @override
    def resume(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        return self.confirm(ctx, now, caller=caller, request=request)

    @override
    def on_motion(self, ctx: SessionContext, now: float) -> State:
        """Accept the treadmill's own Start as the confirmation if everything allows it (S2)."""
        if not ctx.belt.moves:
            return self
        limits, rules = ctx.limits, ctx.rules
        allowed = rules.released and not rules.control_lock and not ctx.guards.forbid
        # A report from before the link was lost may arrive after it: nothing can be steered then.
        may = allowed and ctx.linked and limits.speed is not None and deck_off_level(limits, ctx.belt) is None
        if not may or not ctx.belt.came_from_rest:
            # This includes a belt that ran before we connected: nobody has confirmed.
            return ctx.to.watched(now)
        ctx.terms.fix_limits(rules)
        ctx.begin_session()
        return ctx.to.begun(now)

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        if not self._readiness.lapsed(now):
            return self
        if ctx.pause.resuming:
            return ctx.to.end(now, FinishedEvent(EndReason.PAUSED_TOO_LONG))
        if ctx.linked:
            return ctx.to.end(now, StoppedEvent(EndReason.LAPSED))
        return ctx.to.end(now, StartFailedEvent(EndReason.NOT_CONNECTED))

    @override
    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        # The machine may only report late that it obeyed us.
        own = ctx.stopper.just_sent(now) or ctx.pause.just_sent(now)
        echoes = own and event.kind is not MachineEventKind.SAFETY_KEY
        if event.kind not in HALTS or echoes:
            return self
        return ctx.to.end(now, StoppedEvent(end_reason_of(event)))

    @override
    def on_link_up(self, ctx: SessionContext, now: float) -> None:
        self._readiness.on_connected(now)


class Countdown(Prepared):
    """State before the start, which a Stop, a guard, a lost link or a key of the console ends."""

    name = SessionState.COUNTDOWN

    def __init__(self, ends: float, promised: Limits, now: float) -> None:
        super().__init__(promised, now)
        self.countdown_ends = self._ends = ends

    @override
    def on_motion(self, ctx: SessionContext, now: float) -> State:
        if ctx.belt.moves or ctx.belt.about_to_move(now):
            return ctx.to.watched(now)
        return self

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        belt = ctx.belt
        if belt.age(now) > STALE or now > self._ends + STALE:
            # Nobody expects a late start.
            return ctx.to.end(now, StartFailedEvent(EndReason.NO_FRESH_DATA))
        if (refusal := deck_off_level(ctx.limits, belt)) is not None:
            return ctx.to.end(now, StartFailedEvent(refusal))
        if now < self._ends or belt.age(now) > FRESH or not belt.rests(now):
            return self
        ctx.begin_session()
        # The belt rests: motion or a start at the console would have ended the countdown (S8).
        ctx.send_start(Command(CommandKind.START), now)
        return ctx.to.starting(self.promised, now)

    @override
    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        if event.kind is MachineEventKind.STARTED:
            return ctx.to.watched(now)
        if ctx.pause.echoes(event, now):
            return self
        return ctx.to.end(now, StoppedEvent(end_reason_of(event)))

    @override
    def on_guard(self, ctx: SessionContext, name: str, now: float, *, turned_on: bool) -> State:
        return ctx.to.end(now, StartFailedEvent(EndReason.GUARD, name))

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        return ctx.to.end(now, StartFailedEvent(EndReason.LINK_LOST))
