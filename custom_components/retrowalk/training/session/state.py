"""The base of all session states. A handler returns the next state; by default, requests are refused."""

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
    """One state of a session, whose data live from when it is entered until it is left."""

    name: SessionState
    """The public state."""
    belt_may_move: ClassVar[bool] = True
    """Whether the belt might move even if no report says so."""
    belt_rests: ClassVar[bool] = False
    """Whether the belt was not told to move, so that a start at the console is news."""
    counts: ClassVar[bool] = True
    """Whether the odometer counts."""
    deck_may_move: ClassVar[bool] = False
    """Whether a person may lower the deck."""
    promised: Limits | None = None
    """The limits of a session that has not begun."""
    countdown_ends: float | None = None

    def __init__(self, now: float) -> None:
        self.since = now

    @property
    def controls_belt(self) -> bool:
        """Whether we must stop the belt on shutdown (S14)."""
        return False

    @property
    def plan_ahead(self) -> bool:
        """Whether the plan lies ahead without steering."""
        return False

    @property
    def steering(self) -> Steering | None:
        """The steering of the belt, if any."""
        return None

    @final
    def may_move(self, ctx: SessionContext) -> bool:
        """Return whether the belt moves or might move."""
        return ctx.belt.moves or self.belt_may_move

    # Entering and leaving.

    def enter(self, ctx: SessionContext) -> None:
        """Enter the state; only the controller calls this."""
        ctx.monitor.set_uncoached(None)

    def leave(self, ctx: SessionContext, successor: State) -> None:
        """Leave the state; only the controller calls this."""

    # Requests.

    @final
    def stop(self, ctx: SessionContext, now: float) -> State:
        """Stop now. This is never refused: in no state, not without control, not without a link (S3)."""
        might_move = self.may_move(ctx)
        # The last report may be old: many machines are silent at rest.
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
            # It cannot be delivered now: tell the person who pressed Stop at once, not after a timeout.
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)
        return successor

    def start(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Handle the Start button: the first press makes a session ready, the second confirms it (S2)."""
        return self.prepare(ctx, now, caller=caller, request=request)

    def prepare(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Make a session ready."""
        ctx.require_control()
        raise RefusedError(Refusal.BUSY)

    def confirm(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Begin the countdown."""
        ctx.require_control()
        check_caller(ctx.rules, ctx.guards, caller=caller)
        raise RefusedError(Refusal.BUSY)

    def pause(self, ctx: SessionContext, now: float) -> State:
        """Bring the belt to rest and keep the session for a few minutes."""
        ctx.require_unlocked()
        raise RefusedError(Refusal.NOTHING_TO_PAUSE)

    def resume(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        """Continue after a pause, or take over from the console."""
        ctx.require_control()
        raise RefusedError(Refusal.NOTHING_TO_RESUME)

    def finish(self, ctx: SessionContext, now: float) -> State:
        """Cool down briefly, then stop."""
        ctx.require_unlocked()
        raise RefusedError(Refusal.NOTHING_TO_FINISH)

    def withdraw(self, ctx: SessionContext, now: float, reason: EndReason | Refusal) -> State:
        """Withdraw a session that has not begun."""
        return self

    def wind_down(self, ctx: SessionContext, now: float) -> State:
        """Slow down, then stop, because Home Assistant shuts down (S14). Leave a manual belt alone."""
        if not self.controls_belt:
            return self
        # There is no motion to slow down: the belt does not move yet, no longer moves, or is not heard.
        stopping = ctx.to.stopping(self, now, EndReason.SHUTDOWN)
        if not ctx.linked:
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)  # it waits for the link, and the walker has to know
        return stopping

    # Inputs.

    @final
    def check_rules(self, ctx: SessionContext, now: float) -> State:
        """Withdraw a session that has not begun if the present rules forbid it (S1)."""
        if self.promised is None:
            return self
        reason = withdrawal_reason(ctx.rules, self.promised, ctx.terms.current_limits(ctx.rules))
        return self if reason is None else self.withdraw(ctx, now, reason)

    def on_distance(self, ctx: SessionContext, telemetry: Telemetry, now: float) -> State:
        """Handle the occupancy and the distance in a report."""
        return self

    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        """Handle a new report of the belt."""
        return self

    def on_tick(self, ctx: SessionContext, now: float) -> State:
        """Update for the time."""
        return self

    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        """Handle a machine event."""
        return self

    def on_guard(self, ctx: SessionContext, name: str, now: float, *, turned_on: bool) -> State:
        """Handle a guard that is on or cannot be read (S17)."""
        return self

    def on_link_up(self, ctx: SessionContext, now: float) -> None:
        """Handle that the link is up. Nothing resumes by itself (S10)."""

    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        """Handle a lost link."""
        return ctx.to.interrupted(self, now) if self.may_move(ctx) else self

    def on_command_done(self, ctx: SessionContext, command: Command) -> None:
        """Handle a command that the machine accepted."""
        if command.stops:
            ctx.stopper.on_accepted(command)

    def on_command_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        """Handle a command that did not reach the machine or, if `declined`, that the machine refused."""
        if not command.stops:
            return self.on_target_failed(ctx, command, now, declined=declined)
        if not declined:
            ctx.stopper.on_not_delivered()
        if declined and ctx.linked:
            ctx.outbox.stop(ctx.stopper.on_declined(command, ctx.belt, now, ctx.slowest))
        elif not declined and self.may_move(ctx) and not (ctx.linked and ctx.belt.never_left_rest(now)):
            ctx.report_stop_failure(StopFailure.NOT_DELIVERED)
            if ctx.check is not None:
                ctx.check.on_declined(command.kind)
        return self

    def on_target_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        """Handle a failed command that is not a stop."""
        return self


def end_reason_of(event: MachineEvent) -> EndReason:
    """Return the end reason for a machine event."""
    return EndReason.SAFETY_KEY if event.kind is MachineEventKind.SAFETY_KEY else EndReason.CONSOLE
