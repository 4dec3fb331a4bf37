"""The transitions between the states of a session: the one place that knows all states."""

from dataclasses import replace

from ...machine.model import CommandKind, Telemetry, Unit
from ..belt.belt import MOVES_WITHIN, STALE
from ..belt.unit_monitor import UnitMonitor
from ..events import (
    CoolingDownEvent,
    CountdownEvent,
    EndEvent,
    EndReason,
    FinishedEvent,
    ManualEvent,
    PausedEvent,
    ReadyEvent,
    SessionEvent,
    SessionEventKind,
    StartFailedEvent,
)
from ..limits import Limits
from ..rules import Caller, RefusedError
from ..states import SessionState
from ..steering.session_plan import SessionPlan
from ..steering.steering import Steering
from .checking import CheckStopping
from .context import SessionContext
from .interruption import Interruption
from .moving import Manual, Starting
from .preparing import Countdown, Finished, Idle, Ready
from .readiness import Readiness, check_takeover, deck_off_level
from .resting import Coasting, Interrupted, Paused
from .state import State
from .steered import Steered
from .stopping import Stopping, WindingDown


class Transitions:
    """Do what a transition needs and return its new state."""

    def __init__(self, ctx: SessionContext) -> None:
        self._ctx = ctx

    # Toward a start.

    def idle(self, now: float) -> State:
        """Wait for the next session."""
        return Idle(now)

    def ready(self, now: float, *, caller: Caller) -> State:
        """Wait for the confirmation of a session, new or after a pause."""
        ctx = self._ctx
        resuming = ctx.pause.resuming
        until = ctx.pause.lasts_until if resuming else float("inf")
        readiness = Readiness(now, caller=caller, connected=ctx.linked, until=until)
        ctx.emit(ReadyEvent(ctx.terms.direction))
        if caller.is_person and resuming:
            ctx.end_machine_session(now)
        return Ready(readiness, ctx.limits, now)

    def countdown(self, seconds: float, now: float) -> State:
        """Count down to the start."""
        ctx = self._ctx
        ctx.emit(CountdownEvent(seconds, ctx.terms.direction))
        return Countdown(now + seconds, ctx.limits, now)

    def starting(self, promised: Limits, now: float) -> State:
        """Wait for a belt that was told to start."""
        return Starting(promised, now)

    # While the belt moves.

    def manual(
        self,
        now: float,
        event: SessionEvent | None = None,
        *,
        uncoached_since: float | None = None,
        unexplained: bool = False,
    ) -> State:
        """Leave the belt to the person at the console, and emit `event` or a plain ManualEvent."""
        self._ctx.emit(event or ManualEvent())
        return Manual(now, uncoached_since=uncoached_since, unexplained=unexplained)

    def watched(self, now: float, event: SessionEvent | None = None) -> State:
        """Begin a session that is not steered."""
        self._ctx.begin_session()
        return self.manual(now, event)

    def begun(self, now: float, *, again: bool = False) -> Steered:
        """Steer a belt that has just begun to move.

        Every session begins at the minimum and level, even if the machine starts faster (see GentleStart).
        `again`: the belt was not heard for a while after its start.
        """
        ctx = self._ctx
        slowest = ctx.limits.allowed_speed(0.0)
        resuming = ctx.pause.resuming
        # After a pause at the end of the plan, only the cool-down is left.
        plan = ctx.terms.plan or ctx.terms.plan_from(ctx.moving_time, ctx.limits)
        steered = self.steered(ctx.limits, plan, slowest, now)
        steered.steering.begin(ctx.moving_time, resuming=resuming)
        if not again:
            ctx.emit(SessionEvent(SessionEventKind.RESUMED if resuming else SessionEventKind.STARTED))
        return steered

    def taken_over(self, limits: Limits, now: float) -> Steered:
        """Steer a moving belt from its present speed, down to the limits if it is too fast."""
        ctx = self._ctx
        steered = self.steered(limits, ctx.terms.plan_from(ctx.moving_time, limits), ctx.belt.lowest_speed(now), now)
        steered.steering.take_over(ctx.moving_time)
        steered.update_phase(ctx)
        return steered

    def steered(self, limits: Limits, plan: SessionPlan, speed: float, now: float) -> Steered:
        """Steer the belt along a plan, from this speed (km/h) on."""
        ctx = self._ctx
        ctx.terms.fix_limits(ctx.rules)
        ctx.unit_monitor = ctx.unit_monitor or UnitMonitor(in_miles=ctx.rules.units.tells is Unit.MILES)
        known = limits, plan, ctx.verifier, ctx.belt, now
        steering = Steering(*known, speed=speed, rises=ctx.rises, reductions=ctx.pending_reductions)
        return Steered(steering, ctx.moving_time, now)

    def winding_down(self, now: float) -> State:
        """Slow the belt down to its minimum, because Home Assistant shuts down."""
        self._ctx.emit(CoolingDownEvent(EndReason.SHUTDOWN))
        return WindingDown(now)

    def interrupted(self, state: State, now: float) -> State:
        """Wait for a moving belt that is no longer heard (S10, S11)."""
        starts = state.name is SessionState.STARTING
        interruption = Interruption(
            self._ctx.belt.telemetry or Telemetry(),
            state.steering,
            ours=state.controls_belt,
            starts=starts,
            moves_until=state.since + MOVES_WITHIN if starts else float("inf"),
            pauses=state.name is SessionState.PAUSED,
            speed_lost=CommandKind.SET_SPEED in self._ctx.outbox.lost,
        )
        self._ctx.emit(SessionEvent(SessionEventKind.INTERRUPTED))
        return Interrupted(interruption, now)

    # Toward rest.

    def paused(self, state: State, now: float, *, own: bool) -> State:
        """Pause the session while the belt rests or comes to rest; `own`: we paused it."""
        ctx = self._ctx
        ctx.pause.begin(ctx.belt, now, own=own, heading=self._heading(state, now))
        ctx.emit(PausedEvent("home_assistant" if own else "console"))
        return Paused(now) if ctx.pause.rested else Coasting(now, own=own)

    def finished_at_rest(self, state: State, now: float) -> State:
        """End a session at rest; stop a belt that is not known to rest."""
        if not self._ctx.belt.rests(now):
            return self.stopping(state, now, EndReason.FINISHED)
        return self.end(now, FinishedEvent(EndReason.FINISHED))

    def cooling_down(self, state: State, now: float, *, within: float, reason: EndReason) -> State:
        """Take over a manual belt to cool down if we may, or stop it."""
        steered = self._taken_over_to_slow(now)
        if steered is None:
            return self.stopping(state, now, reason)
        return steered.cool_down(self._ctx, now, within=within, reason=reason)

    def stopping(self, state: State, now: float, reason: EndReason = EndReason.STOPPED) -> State:
        """Send a stop, and make sure that the belt obeys (S3)."""
        self._ctx.send_stop(now, again=state.name is SessionState.STOPPING)
        return self.await_stop(state, now, reason)

    def await_stop(self, state: State, now: float, reason: EndReason) -> State:
        """Make sure that the belt obeys a stop that was just sent."""
        ctx = self._ctx
        if ctx.check is not None:
            ctx.check.on_stop(now)
        ctx.stopper.begin(ctx.belt, now, reason=reason, heading=self._heading(state, now))
        return Stopping(now) if ctx.check is None else CheckStopping(ctx.check, now)

    def failed_start(self, state: State, now: float) -> State:
        """Stop a belt that was told to start and was not reported to move (S2)."""
        ctx = self._ctx
        heard = ctx.linked and ctx.belt.age(now) <= STALE
        reason = EndReason.BELT_DOES_NOT_MOVE if heard else EndReason.BELT_NOT_HEARD
        ctx.emit(StartFailedEvent(reason))
        return self.stopping(state, now)

    def end(self, now: float, event: EndEvent) -> State:
        """End the session, even if it has not begun."""
        ctx = self._ctx
        walked = ctx.end_session()
        ctx.emit(event)
        if walked and isinstance(event, StartFailedEvent):
            ctx.emit(FinishedEvent(event.reason))  # it was to continue after a pause, so the session ends too
        return Finished(now) if walked else Idle(now)

    def _taken_over_to_slow(self, now: float) -> Steered | None:
        """Take over a manual belt to slow it down, if possible; leave a deck alone that is too far from level."""
        ctx = self._ctx
        limits = ctx.limits
        if deck_off_level(limits, ctx.belt) is not None:
            limits = replace(limits, incline=None, incline_pace=None, steepest=None)
        try:
            ctx.require_control()
            ctx.require_link()
            check_takeover(limits, ctx.belt, now)
        except RefusedError:
            return None
        return self.taken_over(limits, now)

    def _heading(self, state: State, now: float) -> float:
        """Return the speed (km/h) that the belt may still be approaching."""
        steering = state.steering
        return steering.pilot.commanded_speed if steering is not None else self._ctx.belt.heading(now)
