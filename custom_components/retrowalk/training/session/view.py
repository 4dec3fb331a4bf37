"""What may be seen of a session; nothing here changes it."""

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
from ..steering.session_plan import SessionPlan, SessionRequest, Target
from .context import SessionContext
from .interruption import END_HOLDS
from .readiness import automations_may_confirm
from .state import State


class SessionView:
    """A session for those who only look: what is shown, said and recorded."""

    _ctx: SessionContext
    _state: State

    @property
    def state(self) -> SessionState:
        """Where the session is."""
        return self._state.name

    @property
    def rules(self) -> Rules:
        """What the owner allows."""
        return self._ctx.rules

    @property
    def odometer(self) -> Odometer:
        """What the belt of this session has gone, or of the last one."""
        return self._ctx.odometer

    @property
    def safety_key_pulled(self) -> bool:
        """Whether the safety key was pulled since the last start."""
        return self._ctx.safety_key_pulled

    @property
    def countdown_ends(self) -> float | None:
        """When the belt starts (s); None while nothing counts down."""
        return self._state.countdown_ends

    @property
    def belt(self) -> Belt:
        """The belt as it is heard and judged."""
        return self._ctx.belt

    @property
    def direction(self) -> Direction:
        """The direction of this session, or of the next one while there is none."""
        return self._ctx.terms.direction

    @property
    def request(self) -> SessionRequest | None:
        """What was asked of this session when it was made ready; None for one that began at the console."""
        return self._ctx.terms.request

    @property
    def walker(self) -> str | None:
        """Who walks; None for a guest."""
        return self.request.walker if self.request else None

    @property
    def length(self) -> float | None:
        """The planned length (s) of this session; None for one that nobody planned."""
        return self._ctx.terms.length

    @property
    def plan(self) -> SessionPlan | None:
        """The plan of this session, or of the one that was made ready; None for one that nobody planned."""
        return self._ctx.terms.plan

    @property
    def program(self) -> ProgramPlan | None:
        """The program of this session, or of the one that was made ready; None without one."""
        return self.plan if isinstance(self.plan, ProgramPlan) else None

    @property
    def planned_target(self) -> Target | None:
        """The main part of this session as it was planned, inside the limits; None where nobody chose a speed."""
        return self.plan.main if self.plan is not None and not self.plan.free else None

    @property
    def moving_time(self) -> float:
        """Seconds of moving in this session, unheard ones included where the machine counted them."""
        return self._ctx.moving_time

    def paused_for(self, now: float) -> float | None:
        """Return the seconds since the pause began that is under way, or is being ended by a start; None: no pause."""
        pause = self._ctx.pause
        resuming = pause.resuming and self.state in PREPARING | {SessionState.STARTING}
        return pause.elapsed(now) if resuming or self.state is SessionState.PAUSED else None

    @property
    def remaining(self) -> float | None:
        """Seconds for which the belt still has to move; None while no end is planned."""
        steering, plan = self._state.steering, self.plan
        if steering is not None:
            return max(steering.ends - self.moving_time, 0.0)
        if plan is None or not self._state.plan_ahead:
            return None
        return max(plan.length - (self.moving_time if self.under_way else 0.0), 0.0)

    def planned_end(self, now: float) -> float | None:
        """Return when the belt will stop (s); None while it rests, or goes on without us."""
        telemetry, remaining = self._ctx.belt.telemetry, self.remaining
        if telemetry is None or remaining is None or now - telemetry.received > END_HOLDS:
            return None
        running = self._state.steering is not None or self.state is SessionState.INTERRUPTED
        # The moving time counts until the last report, so that this does not shift with every second.
        return telemetry.received + remaining if running else None

    @property
    def under_way(self) -> bool:
        """Whether a session has begun, ours or one from the console, and has not ended; a pause belongs to it."""
        return self._ctx.under_way

    @property
    def awaiting_resume(self) -> bool:
        """Whether nothing rises until a person acts: the link was lost meanwhile (S10)."""
        steering = self._state.steering
        return steering is not None and steering.awaiting_resume

    @property
    def check(self) -> CheckRun | None:
        """The check run that is under way; its belt may still be coming to rest."""
        return self._ctx.check

    @property
    def guarded(self) -> bool:
        """Whether start guards forbid that anything begins."""
        return self._ctx.guards.forbid

    @property
    def automations_may_confirm(self) -> bool:
        """Whether the owner lets automations confirm, and what that takes is there (S2)."""
        return automations_may_confirm(self.rules, self._ctx.guards)

    @property
    def limits(self) -> Limits:
        """The limits of this session, or of the next one while there is none."""
        return self._ctx.limits

    @property
    def target_speed(self) -> float | None:
        """The speed that is steered to (km/h); None while nothing is steered."""
        steering = self._state.steering
        return steering.target_speed if steering else None

    @property
    def displayed_target_speed(self) -> float | None:
        """Where that leads (km/h): in a cool-down the minimum, to which the target falls by itself."""
        steering = self._state.steering
        return steering.cool_down.least if steering and steering.cool_down else self.target_speed

    @property
    def target_incline(self) -> float | None:
        """The incline that is steered to (%); None while nothing is steered."""
        steering = self._state.steering
        return steering.target_incline if steering else None

    @property
    def setpoint(self) -> Target | None:
        """Where on the way to the targets the belt is asked to be now (km/h, %): a ramp takes its time."""
        pilot = self._state.steering.pilot if self._state.steering else None
        return Target(pilot.setpoint_speed, pilot.setpoint_incline) if pilot else None

    @property
    def commanded(self) -> Target | None:
        """What the belt was last told, or did when it was taken over (km/h, %); None while nothing is steered."""
        pilot = self._state.steering.pilot if self._state.steering else None
        return Target(pilot.commanded_speed, pilot.commanded_incline) if pilot else None

    @property
    def belt_may_move(self) -> bool:
        """Whether the belt moves or might: nothing must be reloaded or changed under a walker (S14)."""
        return self._state.may_move(self._ctx)

    @property
    def controls_belt(self) -> bool:
        """Whether the belt does what we told it, so that leaving means stopping it (S14)."""
        return self._state.controls_belt

    @property
    def stop_failure(self) -> StopFailure | None:
        """Why the last stop that somebody asked for does not work, as far as it was told; None: nothing is amiss."""
        told = self._ctx.stopper.reported
        return next((failure for failure in StopFailure if failure in told), None)

    def belt_lost(self, now: float) -> bool:
        """Return whether the belt moved when it was last heard of, and has been silent for too long since (S11)."""
        return self._ctx.belt.moves and self._ctx.belt.lost(now)
