"""The states of a session that waits: paused, or for a moving belt that is not heard (safety rules S10, S12)."""

from typing import override

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind
from ..events import (
    CommandMismatch,
    EndReason,
    FinishedEvent,
    SessionEvent,
    SessionEventKind,
    StoppedEvent,
)
from ..rules import Caller, Refusal, RefusedError
from ..states import SessionState
from ..steering.session_plan import SessionRequest
from ..stop_steps import StopStep
from .context import SessionContext
from .interruption import Aftermath, Interruption
from .moving import Moving
from .readiness import check_caller
from .state import State, end_reason_of

INTERRUPTED_FOR = 600.0
"""Seconds after which a session ends whose belt is not heard."""


class Pausing(State):
    """Base of both states of a pause."""

    name = SessionState.PAUSED
    belt_rests = True
    deck_may_move = True
    plan_ahead = True

    @override
    def start(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        return self.resume(ctx, now, caller=caller, request=request)

    @override
    def resume(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        ctx.require_control()
        check_caller(ctx.rules, ctx.guards, caller=caller)
        if not ctx.pause.rested:
            raise RefusedError(Refusal.COMING_TO_REST)
        ctx.pause.resuming = True
        return ctx.to.ready(now, caller=caller)

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        return ctx.to.finished_at_rest(self, now)

    @override
    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        # Nothing restarts without a new S2: the session is over (S7), as after a Stop there.
        return self.on_ended(ctx, event, now) if ctx.pause.ended_by(event.kind, now) else self

    def on_ended(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        """Handle the end of the pause at the machine."""
        return ctx.to.end(now, StoppedEvent(end_reason_of(event)))

    @override
    def on_command_done(self, ctx: SessionContext, command: Command) -> None:
        if command.kind is CommandKind.PAUSE or ctx.pauses_by_stop:
            ctx.pause.accepted = True
        else:
            super().on_command_done(ctx, command)

    @override
    def on_command_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        return self


class Coasting(Pausing):
    """State of a pause while the belt comes to rest."""

    def __init__(self, now: float, *, own: bool) -> None:
        """Initialize the state; `own`: we paused the belt, and have to stop it on shutdown."""
        super().__init__(now)
        self._own = own

    @property
    @override
    def controls_belt(self) -> bool:
        return self._own

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        belt, pause = ctx.belt, ctx.pause
        pause.update(belt, now)
        if pause.rested:
            return Paused(now).on_tick(ctx, now)
        if not pause.fails(belt, now):
            step = StopStep.STOP if ctx.pauses_by_stop else StopStep.PAUSE
            ctx.outbox.stop(step.command(None) if pause.due(belt, now) else None)
            return self
        if pause.own and belt.got_faster and not ctx.pauses_by_stop:
            ctx.stopper.escalation.excluded.add(StopStep.PAUSE)
        if pause.own:
            return ctx.to.stopping(self, now)
        return ctx.to.manual(now)

    @override
    def on_ended(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        if event.kind is MachineEventKind.SAFETY_KEY or ctx.rules.released:
            return ctx.to.stopping(self, now, end_reason_of(event))
        ctx.pause.over = True  # the session ends once the belt rests; we may not control it
        return self

    @override
    def on_command_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        taken = declined and ctx.pause.accepted
        pauses = command.kind is CommandKind.PAUSE or (command.stops and ctx.pauses_by_stop)
        if pauses and not ctx.belt.slows(now) and not taken:
            return ctx.to.stopping(self, now)
        return self


class Paused(Pausing):
    """State of a pause while the belt rests."""

    belt_may_move = False

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        if not ctx.belt.moves:
            return self
        return ctx.to.stopping(self, now) if ctx.stopper.start_may_follow(now) else ctx.to.manual(now)

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        pause, rules = ctx.pause, ctx.rules
        if pause.over:
            return ctx.to.end(now, StoppedEvent(EndReason.CONSOLE))
        if now > pause.lasts_until:
            return ctx.to.end(now, FinishedEvent(EndReason.PAUSED_TOO_LONG))
        if rules.released and rules.measured.resumes_fast and not pause.asked_to_end:
            # The machine's own Start must not return to the last speed either.
            ctx.end_machine_session(now)
        return self


class Interrupted(Moving):
    """State of a moving belt that is not heard; its next report decides who controls it."""

    name = SessionState.INTERRUPTED

    def __init__(self, interruption: Interruption, now: float) -> None:
        super().__init__(now)
        self._interruption = interruption

    @property
    @override
    def controls_belt(self) -> bool:
        # The link may be back in a moment: on shutdown, a stop that waits for it is sent first.
        return self._interruption.still_ours

    @property
    @override
    def plan_ahead(self) -> bool:
        return self._interruption.ours

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        ctx.require_control()
        ctx.require_link()
        ctx.require_fresh(now)
        return super().finish(ctx, now)

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        if self._interruption.is_overdue(now):
            return ctx.to.failed_start(self, now)
        if now - self.since <= INTERRUPTED_FOR:
            return self
        ctx.belt.reset()
        return ctx.to.end(now, FinishedEvent(EndReason.INTERRUPTED))

    @override
    def on_console(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        if event.kind is MachineEventKind.CONTROL_LOST or ctx.outbox.console.changed_target(event, now):
            self._interruption.on_console()
        return self

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        return self

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        """Continue with a belt that is heard again: without a rise, or manually (S10)."""
        gap, belt = self._interruption, ctx.belt
        if not ctx.linked:
            return self
        if belt.moves and belt.telemetry is not None:
            return self._go_on(ctx, gap.aftermath(belt.telemetry), now)
        if not belt.rests(now):
            return self
        ctx.emit(SessionEvent(SessionEventKind.LINK_BACK))
        if gap.pauses:
            return ctx.to.paused(self, now, own=gap.ours)
        return ctx.to.end(now, FinishedEvent(EndReason.INTERRUPTED))

    def _go_on(self, ctx: SessionContext, aftermath: Aftermath, now: float) -> State:
        """Continue a fall or the plan, or leave the belt to the console."""
        gap, back = self._interruption, SessionEvent(SessionEventKind.LINK_BACK)
        if aftermath is Aftermath.CONSOLE:
            return ctx.to.manual(now, back, uncoached_since=now if gap.ours else None)
        ctx.emit(back)
        if aftermath is Aftermath.PAUSES:
            ctx.send_pause(now)
            return ctx.to.paused(self, now, own=True)
        if aftermath is Aftermath.BEGINS:
            steered = ctx.to.begun(now, again=gap.steering is not None)
        else:
            # If the planned end has passed, the session ends now: nobody asked for a longer one (S13).
            plan = ctx.terms.plan or ctx.terms.plan_from(ctx.moving_time, ctx.limits)
            overshoots = ctx.verifier.mismatch in {CommandMismatch.OVERSHOOT, CommandMismatch.MILES}
            speed = gap.resume_speed(ctx.belt.speed, overshoots=overshoots)
            steered = ctx.to.steered(ctx.limits, plan, speed, now)
        ctx.extend(steered.steering.resume_after_loss(gap.steering, ctx.belt, ctx.moving_time), now)
        steered.steering.gives_back = aftermath is Aftermath.LOWERS
        steered.update_phase(ctx)
        return steered
