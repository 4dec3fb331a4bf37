"""What a state of a session may do. A handler returns the next state; what a state does not know it refuses."""

from typing import ClassVar, final

from ...machine.model import Command, MachineEvent, MachineEventKind, Telemetry
from ..events import (
    EndReason,
    StopFailure,
    StoppedEvent,
)
from ..limits import Limits
from ..rules import Caller, Refusal, RefusedError
from ..states import BETWEEN_SESSIONS, PREPARING, SessionState
from ..steering.session_plan import SessionRequest
from ..steering.steering import Steering
from .context import SessionContext
from .readiness import check_caller
from .withdrawal import withdrawal_reason


class State:
    """One state, from when it is entered until it is left. Its data live as long as it does."""

    name: SessionState
    """The state as everybody outside sees it."""
    belt_may_move: ClassVar[bool] = True
    """Whether the belt might move though it was not heard to."""
    belt_rests: ClassVar[bool] = False
    """Whether nobody has told the belt to move, so that a start is news."""
    counts: ClassVar[bool] = True
    """Whether what the belt does is counted."""
    deck_may_move: ClassVar[bool] = False
    """Whether a person may lower the deck."""
    promised: Limits | None = None
    """The limits of what was made ready and has not begun."""
    countdown_ends: float | None = None

    def __init__(self, now: float) -> None:
        self.since = now

    @property
    def controls_belt(self) -> bool:
        """Whether the belt does what we told it, so that leaving means stopping it (S14)."""
        return False

    @property
    def plan_ahead(self) -> bool:
        """Whether the plan still lies ahead though nothing is steered."""
        return False

    @property
    def steering(self) -> Steering | None:
        """What steers the belt, if anything does."""
        return None

    @final
    def may_move(self, ctx: SessionContext) -> bool:
        """Return whether the belt moves or might."""
        return ctx.belt.moves or self.belt_may_move

    # How it is entered and left.

    def enter(self, ctx: SessionContext) -> None:
        """Begin; called by the controller alone."""
        ctx.monitor.set_uncoached(None)

    def leave(self, ctx: SessionContext, successor: State) -> None:
        """End; called by the controller alone."""

    # What people ask.

    @final
    def stop(self, ctx: SessionContext, now: float) -> State:
        """Stop now. Never refused, whatever the state, also without control and without a link (S3)."""
        might_move = self.may_move(ctx)
        # However long ago it was last heard of: many machines are silent at rest.
        rests = ctx.linked and ctx.belt.rests(now)
        stopping = self.name is SessionState.STOPPING
        ctx.stopper.on_request()
        ctx.send_stop(now, again=stopping)
        successor = self
        if self.name in PREPARING and not ctx.belt.about_to_move(now):
            successor = ctx.to.end(now, StoppedEvent(EndReason.STOPPED))
        elif self.name in BETWEEN_SESSIONS | {SessionState.PAUSED} and rests:
            if self.name is SessionState.PAUSED:
                successor = ctx.to.end(now, StoppedEvent(EndReason.STOPPED))
        elif not stopping:
            successor = ctx.to.await_stop(self, now, EndReason.STOPPED)
        if might_move and not ctx.linked:
            # It cannot be delivered now: who pressed it has to know at once, not after a time-out.
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)
        return successor

    def start(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Do what the one Start button means: the first press makes ready, the second confirms (S2)."""
        return self.prepare(ctx, now, caller=caller, request=request)

    def prepare(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Make a session ready."""
        ctx.require_control()
        raise RefusedError(Refusal.BUSY)

    def confirm(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Let the countdown begin."""
        ctx.require_control()
        check_caller(ctx.rules, ctx.guards, caller=caller)
        raise RefusedError(Refusal.BUSY)

    def pause(self, ctx: SessionContext, now: float) -> State:
        """Bring the belt to rest and keep the session for a while."""
        ctx.require_unlocked()
        raise RefusedError(Refusal.NOTHING_TO_PAUSE)

    def resume(self, ctx: SessionContext, now: float, *, caller: Caller) -> State:
        """Go on after a pause, or take over again after the console did."""
        ctx.require_control()
        raise RefusedError(Refusal.NOTHING_TO_RESUME)

    def finish(self, ctx: SessionContext, now: float) -> State:
        """Cool down in a short while, then stop."""
        ctx.require_unlocked()
        raise RefusedError(Refusal.NOTHING_TO_FINISH)

    def withdraw(self, ctx: SessionContext, now: float, reason: EndReason | Refusal) -> State:
        """End what was made ready and has not begun."""
        return self

    def wind_down(self, ctx: SessionContext, now: float) -> State:
        """Slow down, then stop, because Home Assistant has to go (S14). A belt of the console is left to it."""
        if not self.controls_belt:
            return self
        # Nothing that could be slowed down: not moving yet, not any more, or not heard of.
        stopping = ctx.to.stopping(self, now, EndReason.SHUTDOWN)
        if not ctx.linked:
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)  # it waits for the link, and who walks has to know
        return stopping

    # What happens.

    @final
    def check_rules(self, ctx: SessionContext, now: float) -> State:
        """End what was made ready, and may not begin any more by the rules that hold now (S1)."""
        if self.promised is None:
            return self
        reason = withdrawal_reason(ctx.rules, self.promised, ctx.terms.current_limits(ctx.rules))
        return self if reason is None else self.withdraw(ctx, now, reason)

    def on_distance(self, ctx: SessionContext, telemetry: Telemetry, now: float) -> State:
        """Take in who is on the belt, and what way it has gone."""
        return self

    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        """Take in what the belt was just reported to do."""
        return self

    def on_tick(self, ctx: SessionContext, now: float) -> State:
        """Let time pass."""
        return self

    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        """Take in something that happened at the machine."""
        return self

    def on_guard(self, ctx: SessionContext, name: str, now: float, *, turned_on: bool) -> State:
        """Take in that a start guard forbids, or cannot be read (S17)."""
        return self

    def on_link_up(self, ctx: SessionContext, now: float) -> None:
        """Take in that the link is up. Nothing resumes by itself (S10)."""

    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        """Take in that the link is lost."""
        return ctx.to.interrupted(self, now) if self.may_move(ctx) else self

    def on_command_done(self, ctx: SessionContext, command: Command) -> None:
        """Take in that the machine accepted a command."""
        if command.stops:
            ctx.stopper.on_accepted(command)

    def on_command_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        """Take in that a command did not reach the machine or, `declined`, that the machine will not do it."""
        if not command.stops:
            return self.on_target_failed(ctx, command, now)
        if not declined:
            ctx.stopper.on_not_delivered()
        if declined and ctx.linked:
            ctx.outbox.stop(ctx.stopper.on_declined(command, ctx.belt, now, ctx.slowest))
        elif not declined and self.may_move(ctx) and not (ctx.linked and ctx.belt.never_left_rest(now)):
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)
            if ctx.check is not None:
                ctx.check.on_declined(command.kind)
        return self

    def on_target_failed(self, ctx: SessionContext, command: Command, now: float) -> State:
        """Take in that a command failed that is not a stop."""
        return self


def end_reason_of(event: MachineEvent) -> EndReason:
    """Return why a session ends that was ended at the machine."""
    return EndReason.SAFETY_KEY if event.kind is MachineEventKind.SAFETY_KEY else EndReason.CONSOLE
