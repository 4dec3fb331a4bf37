"""The states of a belt that moves or was told to: starting, controlled or manual (safety rules S7, S8, S17)."""

from typing import override

from ...machine.model import BeltState, Command, CommandKind, MachineEvent, MachineEventKind, Telemetry
from ..belt.belt import FRESH, MOVES_WITHIN
from ..belt.unit_detector import Scale
from ..events import (
    CommandMismatch,
    EndReason,
    FinishedEvent,
    GuardEvent,
    SessionEvent,
    SessionEventKind,
    StartFailedEvent,
)
from ..limits import ENDS_BEFORE, Limits
from ..rules import Caller, Refusal
from ..states import SessionState
from ..steering.session_plan import FINISHES_WITHIN, SessionRequest
from ..steering.steering import not_obeyed
from ..stop_steps import StopStep
from .context import SessionContext
from .readiness import check_takeover
from .state import State, end_reason_of

SECOND_START_AFTER = 6.0
"""Seconds after which a belt that needs it is started again: most machines count down for 3 s."""
GUARD_STOPS_IN = 10.0
"""Seconds for slowing down before a stop by a guard (S17)."""


class Moving(State):
    """Base of the states of a belt that moves or might move."""

    def cool_down(self, ctx: SessionContext, now: float, *, within: float, reason: EndReason) -> State:
        """Cool down in this time (s), then stop; stop at once a belt that cannot be slowed down."""
        return ctx.to.cooling_down(self, now, within=within, reason=reason)

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        return self.cool_down(ctx, now, within=FINISHES_WITHIN, reason=EndReason.FINISHED)

    @override
    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        match event.kind:
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED if not ctx.rules.released:
                return self  # the belt comes to rest by itself, and we may not control it
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED:
                # The machine already stops the belt; another stop is harmless and cancels pending commands.
                return ctx.to.stopping(self, now, end_reason_of(event))
            case MachineEventKind.PAUSED:
                ctx.belt.on_start_void()
                return ctx.to.paused(self, now, own=False)
        return self.on_console(ctx, event, now)

    def on_console(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        """Handle another key of the console, or the loss of control."""
        return self

    @override
    def on_guard(self, ctx: SessionContext, name: str, now: float, *, turned_on: bool) -> State:
        if not turned_on:
            return self
        # A manual belt is left alone, unless the owner allows control (S1).
        stops = ctx.rules.guard_stops and (self.controls_belt or ctx.rules.released)
        ctx.emit(GuardEvent(name, stops))
        return self.cool_down(ctx, now, within=GUARD_STOPS_IN, reason=EndReason.GUARD) if stops else self


class Starting(Moving):
    """State of a belt that was told to start and has not moved yet."""

    name = SessionState.STARTING
    controls_belt = True
    plan_ahead = True

    def __init__(self, promised: Limits, now: float) -> None:
        super().__init__(now)
        self.promised = promised
        self._accepted = self._repeated = False  # the start

    @override
    def withdraw(self, ctx: SessionContext, now: float, reason: EndReason | Refusal) -> State:
        ctx.emit(StartFailedEvent(reason))
        return ctx.to.stopping(self, now)

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        return ctx.to.begun(now) if ctx.belt.moves else self

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        if now - self.since > MOVES_WITHIN:
            return ctx.to.failed_start(self, now)
        if self._needs_second_start(ctx, now):
            self._repeated = True
            ctx.send_start(Command(CommandKind.START), now)
        return self

    def _needs_second_start(self, ctx: SessionContext, now: float) -> bool:
        """Return whether to send the start again: only to a machine that needs it, and to a belt at rest (S8)."""
        rules, belt = ctx.rules, ctx.belt
        may = rules.released and not rules.control_lock and not ctx.guards.forbid and ctx.linked
        if not (may and rules.measured.second_start and self._accepted) or self._repeated:
            return False
        rests = belt.state is BeltState.AT_REST and belt.age(now) <= FRESH
        return rests and now - self.since >= SECOND_START_AFTER

    @override
    def on_command_done(self, ctx: SessionContext, command: Command) -> None:
        self._accepted = self._accepted or command.kind is CommandKind.START
        super().on_command_done(ctx, command)

    @override
    def on_console(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        # Some machines report their start speed as a change while they start.
        lost = event.kind is MachineEventKind.CONTROL_LOST
        return ctx.to.manual(now) if lost else self

    @override
    def on_target_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        if command.kind is not CommandKind.START or self._repeated:
            return self  # a start that is repeated may come to a belt that obeys the first one already
        ctx.emit(StartFailedEvent(EndReason.REFUSED))
        return ctx.to.stopping(self, now)


class UnderWay(Moving):
    """Base of the states in which the session is under way on a moving belt."""

    @override
    def on_distance(self, ctx: SessionContext, telemetry: Telemetry, now: float) -> State:
        """Detect that a belt steered in this session has switched to another unit (S9)."""
        ctx.monitor.update(telemetry, occupied=ctx.occupied)
        if ctx.unit_monitor is None or ctx.verifier.mismatch is not None:
            return self
        ctx.unit_monitor.update(telemetry)
        scale = ctx.unit_monitor.scale
        if scale is Scale.SAME:
            return self
        ctx.verifier.mismatch = CommandMismatch.MILES
        ctx.odometer.speed_scale = scale
        successor = self.on_miles(ctx, now)
        ctx.extend([not_obeyed(CommandMismatch.MILES, CommandKind.SET_SPEED)], now)
        if successor.steering is not None and scale is Scale.MORE:
            successor.steering.pilot.convert_to_miles()
        return successor

    def on_miles(self, ctx: SessionContext, now: float) -> State:
        """Handle that the belt has switched to another unit."""
        return self

    @override
    def pause(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        if StopStep.PAUSE in ctx.stopper.escalation.excluded:
            return ctx.to.stopping(self, now)  # a pause would make this belt faster
        ctx.send_pause(now)
        return ctx.to.paused(self, now, own=True)

    def watch(self, ctx: SessionContext, now: float) -> State:
        """Emit the events that are due, and stop an empty belt if we may."""
        steering, plan = self.steering, ctx.terms.plan
        early = steering is not None and plan is not None and steering.ends < plan.length
        length = plan.length if plan is not None and ctx.terms.length is not None and not early else None
        limit = ctx.rules.measured.time_limit
        stops_itself = limit is not None and length is not None and length + ENDS_BEFORE >= limit
        coached = steering is not None
        due = ctx.monitor.evaluate(length, ctx.moving_time, now, coached=coached, stops_itself=stops_itself)
        ctx.extend(due, now)
        if ctx.monitor.nobody and (steering is not None or ctx.rules.released):
            return ctx.to.stopping(self, now, EndReason.NOBODY_ON_BELT)
        return self


class Controlled(UnderWay):
    """Base of the states in which we control the belt, until somebody uses the console (S7)."""

    controls_belt = True

    @override
    def on_console(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        ours = self.steering is not None and self.steering.explains(event)
        lost = event.kind is MachineEventKind.CONTROL_LOST
        if lost or (not ours and ctx.outbox.console.changed_target(event, now)):
            return ctx.to.manual(now)
        return self


class Manual(UnderWay):
    """State of a belt that the person at the console controls."""

    name = SessionState.MANUAL

    def __init__(self, now: float, *, uncoached_since: float | None = None, unexplained: bool = False) -> None:
        """Initialize the state; `uncoached_since`: when the steering of this belt ended.

        `unexplained`: only a change of speed shows that the console controls the belt.
        """
        super().__init__(now)
        self._uncoached_since = uncoached_since
        self._unexplained = unexplained

    @override
    def enter(self, ctx: SessionContext) -> None:
        ctx.monitor.set_uncoached(self._uncoached_since)

    @override
    def pause(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        ctx.require_control()
        return super().pause(ctx, now)

    @override
    def resume(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        ctx.require_control()
        ctx.require_person(caller=caller)
        ctx.require_link()
        # Check before any change: after a refusal, somebody else may take over.
        check_takeover(ctx.terms.limits_taken_over(ctx.rules, request), ctx.belt, now)
        ctx.terms.take_over(request, ctx.rules)
        steered = ctx.to.taken_over(ctx.limits, now)
        ctx.emit(SessionEvent(SessionEventKind.RESUMED))
        return steered

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        ctx.require_control()
        ctx.require_link()
        ctx.require_fresh(now)
        return super().finish(ctx, now)

    @override
    def on_miles(self, ctx: SessionContext, now: float) -> State:
        """Take a belt back if only its speed suggested the use of the console: the change of the unit explains it."""
        plan = ctx.terms.plan
        if not self._unexplained or not ctx.rules.released or not ctx.linked or plan is None:
            return self
        steered = ctx.to.steered(ctx.limits, plan, ctx.belt.lowest_speed(now), now)
        ctx.extend(steered.steering.resume_after_loss(None, ctx.belt, ctx.moving_time), now)
        steered.update_phase(ctx)
        return steered

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        belt = ctx.belt
        if belt.rests(now) or (belt.moves and not belt.walked):
            return ctx.to.end(now, FinishedEvent(EndReason.CONSOLE))
        if belt.lost(now) and not belt.about_to_move(now):
            return ctx.to.interrupted(self, now)
        return self.watch(ctx, now)
