"""The read-only view of a session."""

from dataclasses import replace

from ..belt.belt import Belt
from ..belt.odometer import Odometer
from ..check.check_run import CheckRun
from ..events import (
    StopFailure,
)
from ..limits import Direction, Limits
from ..rules import Rules
from ..states import PREPARING, SessionState
from ..steering.program_plan import ProgramPlan
from ..steering.session_plan import CoolDown, SessionPlan, SessionRequest, Target
from .context import SessionContext
from .interruption import END_HOLDS
from .readiness import automations_may_confirm
from .state import State


class SessionView:
    """The properties of a session that are shown, announced and recorded."""

    _ctx: SessionContext
    _state: State

    @property
    def state(self) -> SessionState:
        """The state of the session."""
        return self._state.name

    @property
    def rules(self) -> Rules:
        """The rules that hold now."""
        return self._ctx.rules

    @property
    def odometer(self) -> Odometer:
        """The odometer of this or the last session."""
        return self._ctx.odometer

    @property
    def safety_key_pulled(self) -> bool | None:
        """Whether the safety key was pulled since the last start; None before a belt moves, and after a lost link."""
        return self._ctx.safety_key_pulled

    @property
    def countdown_ends(self) -> float | None:
        """The time of the start, during a countdown."""
        return self._state.countdown_ends

    @property
    def belt(self) -> Belt:
        """The belt, as reported and judged."""
        return self._ctx.belt

    @property
    def direction(self) -> Direction:
        """The direction of this or the next session."""
        return self._ctx.terms.direction

    @property
    def request(self) -> SessionRequest | None:
        """The request for this session, if it was made ready."""
        return self._ctx.terms.request

    @property
    def walker(self) -> str | None:
        """The walker, or None for a guest."""
        return self.request.walker if self.request else None

    @property
    def length(self) -> float | None:
        """The planned length (s), if any."""
        return self._ctx.terms.length

    @property
    def plan(self) -> SessionPlan | None:
        """The plan of this session, if any."""
        return self._ctx.terms.plan

    @property
    def program(self) -> ProgramPlan | None:
        """The plan of this session's program, if any."""
        return self.plan if isinstance(self.plan, ProgramPlan) else None

    @property
    def planned_target(self) -> Target | None:
        """The planned main part, if a speed was chosen."""
        return self.plan.main if self.plan is not None and not self.plan.free else None

    @property
    def moving_time(self) -> float:
        """Seconds of motion in this session, including those without reports that the machine counted."""
        return self._ctx.moving_time

    def paused_for(self, now: float) -> float | None:
        """Return the seconds since the pause began, until its session continues; None without a pause."""
        pause = self._ctx.pause
        resuming = pause.resuming and self.state in PREPARING | {SessionState.STARTING}
        return pause.elapsed(now) if resuming or self.state is SessionState.PAUSED else None

    @property
    def remaining(self) -> float | None:
        """Seconds of motion that are left, if planned."""
        steering, plan = self._state.steering, self.plan
        if steering is not None:
            return max(steering.ends - self.moving_time, 0.0)
        if plan is None or not self._state.plan_ahead:
            return None
        return max(plan.length - (self.moving_time if self.under_way else 0.0), 0.0)

    @property
    def cool_down(self) -> CoolDown | None:
        """The way down, once it has begun."""
        steering = self._state.steering
        return None if steering is None else steering.cool_down

    def settled(self, present: Target) -> Target:
        """Return what the belt does without the noise of its speed, while it does what was commanded."""
        steering = self._state.steering
        if steering is None or not steering.pilot.on_target(present.speed):
            return present
        return replace(present, speed=steering.pilot.commanded_speed)

    def planned_end(self, now: float) -> float | None:
        """Return when the belt will stop (s), or None if it rests or is manual."""
        telemetry, remaining = self._ctx.belt.telemetry, self.remaining
        if telemetry is None or remaining is None or now - telemetry.received > END_HOLDS:
            return None
        running = self._state.steering is not None or self.state is SessionState.INTERRUPTED
        # Moving time ends with the last report: counting from there keeps the end from shifting every second.
        return telemetry.received + remaining if running else None

    @property
    def under_way(self) -> bool:
        """Whether a session has begun and not ended."""
        return self._ctx.under_way

    @property
    def awaiting_resume(self) -> bool:
        """Whether no rise happens until a person acts, because the link was lost (S10)."""
        steering = self._state.steering
        return steering is not None and steering.awaiting_resume

    @property
    def check(self) -> CheckRun | None:
        """The check run under way; its belt may still be coming to rest."""
        return self._ctx.check

    @property
    def guarded(self) -> bool:
        """Whether a guard prevents a start."""
        return self._ctx.guards.forbid

    @property
    def automations_may_confirm(self) -> bool:
        """Whether automations may confirm a session (S2)."""
        return automations_may_confirm(self.rules, self._ctx.guards)

    @property
    def limits(self) -> Limits:
        """The limits of this or the next session."""
        return self._ctx.limits

    @property
    def target_speed(self) -> float | None:
        """The target speed (km/h) while steered."""
        steering = self._state.steering
        return steering.target_speed if steering else None

    @property
    def displayed_target_speed(self) -> float | None:
        """The target speed (km/h), or the speed that a cool-down leads to."""
        return self.target_speed if self.cool_down is None else self.cool_down.least

    @property
    def target_incline(self) -> float | None:
        """The target incline (%) while steered."""
        steering = self._state.steering
        return steering.target_incline if steering else None

    @property
    def setpoint(self) -> Target | None:
        """The setpoint of speed and incline while steered."""
        pilot = self._state.steering.pilot if self._state.steering else None
        return Target(pilot.setpoint_speed, pilot.setpoint_incline) if pilot else None

    @property
    def commanded(self) -> Target | None:
        """The commanded speed and incline while steered."""
        pilot = self._state.steering.pilot if self._state.steering else None
        return Target(pilot.commanded_speed, pilot.commanded_incline) if pilot else None

    @property
    def belt_may_move(self) -> bool:
        """Whether the belt moves or might move: reload and change nothing under a walker then (S14)."""
        return self._state.may_move(self._ctx)

    def start_may_follow(self, now: float) -> bool:
        """Return whether a belt that moves now obeys an earlier start, or a stop that toggles it: only we know."""
        return self._ctx.stopper.start_may_follow(now)

    @property
    def controls_belt(self) -> bool:
        """Whether we must stop the belt on shutdown (S14)."""
        return self._state.controls_belt

    @property
    def steered_by(self) -> object:
        """What a command to a moving belt is meant for: one that is sent later is nobody's once this is another."""
        return self._state.steering if self._state.steering is not None else self._state.name

    @property
    def stop_failure(self) -> StopFailure | None:
        """The reported failure of the last stop, if any."""
        reported = self._ctx.stopper.reported
        return next((failure for failure in StopFailure if failure in reported), None)

    def belt_lost(self, now: float) -> bool:
        """Return whether a moving belt has been silent for too long (S11)."""
        return self._ctx.belt.moves and self._ctx.belt.lost(now)
