"""The terms of one session: its direction, walker, limits and plan (safety rule S4)."""

from dataclasses import replace

from ...machine.model import Capabilities
from ..limits import Direction, Limits
from ..rules import Rules
from ..steering.program_plan import plan_for
from ..steering.session_plan import SessionPlan, SessionRequest
from .readiness import no_speed_error


class SessionTerms:
    """The terms of the present session, from *ready* to its end, or of the next one."""

    def __init__(self) -> None:
        self.request: SessionRequest | None = None
        """The request for this session; None if it began at the console."""
        self.plan: SessionPlan | None = None
        self.length: float | None = None
        """The planned length (s) of this session."""
        self._next_direction = Direction.BACKWARD
        self._direction: Direction | None = None  # of this session
        self._limits: Limits | None = None  # of this session, once it is confirmed

    @property
    def direction(self) -> Direction:
        """The direction of this or the next session."""
        return self._direction or self._next_direction

    def choose(self, direction: Direction) -> None:
        """Set the direction of the next session; a session that was made ready keeps its own."""
        self._next_direction = direction

    def limits(self, rules: Rules, by: SessionRequest | None = None) -> Limits:
        """Return the limits of this session, or those that it would have if it were confirmed with the request `by`."""
        request = self._confirmed(by)
        if self._limits is None or _lowers(request, self.request):
            return self._limits_now(rules, request)
        return self._limits

    def current_limits(self, rules: Rules) -> Limits:
        """Return the limits that this session would have if it were made ready now."""
        return self._limits_now(rules, self.request)

    # The way to a session.

    def accept(self, request: SessionRequest | None, rules: Rules) -> None:
        """Set the request of a session that is made ready. Raises RefusedError if the limits allow no speed."""
        request = request or SessionRequest(direction=self._next_direction)
        limits = self._limits_now(rules, request)
        if rules.capabilities != Capabilities() and limits.speed is None:
            raise no_speed_error(limits)
        self._direction, self.request = request.direction, request
        self._plan(limits)

    def restore(self, request: SessionRequest, rules: Rules, *, planned: bool) -> None:
        """Restore the request of a session under way, and its plan if it was planned."""
        self._direction, self.request = request.direction, request
        if planned:
            self.begin(rules)

    def confirm(self, by: SessionRequest | None, rules: Rules) -> None:
        """Complete the request with that of the person who confirms, and fix the limits.

        Who confirms after a pause may lower the limits that were fixed before it, and with them the plan.
        """
        limits, before = self.limits(rules, by), self.request
        self.request, self._limits = self._confirmed(by), limits
        if _lowers(self.request, before):
            self._plan(limits)

    def limits_taken_over(self, rules: Rules, by: SessionRequest | None) -> Limits:
        """Return the limits that this session would have if a moving belt were taken over with the request `by`."""
        return self.limits(rules, self._who_takes_over(by))

    def take_over(self, by: SessionRequest | None, rules: Rules) -> None:
        """Fix the limits of a session whose moving belt is taken over, also by those of the person who does it."""
        self.confirm(self._who_takes_over(by), rules)

    def begin_at_console(self, rules: Rules) -> None:
        """Begin a session that was started at the console and not made ready."""
        self.clear()
        # A person who starts a treadmill at its console walks forward (S7). Without control, no session is ever made
        # ready, and only the chosen direction is known.
        self._direction = Direction.FORWARD if rules.released else self._next_direction

    def fix_limits(self, rules: Rules) -> None:
        """Keep the limits; later changes apply to the next session."""
        self._limits = self.limits(rules)

    def begin(self, rules: Rules) -> None:
        """Begin the session with a plan inside its limits."""
        self._plan(self.limits(rules))

    def plan_from(self, seconds: float, limits: Limits) -> SessionPlan:
        """Return the plan from `seconds` on, or one of the longest allowed length without one (S15)."""
        if self.plan is None or seconds >= self.plan.length:
            self.plan = SessionPlan(limits.longest, None, None, limits)
        return self.plan

    # The end of a session.

    def release_limits(self) -> None:
        """Release the limits of a session that is over."""
        self._limits = None

    def clear(self) -> None:
        """Clear the terms of a session that is over or withdrawn."""
        self._direction = self.request = self.plan = self.length = None

    def _who_takes_over(self, by: SessionRequest | None) -> SessionRequest | None:
        """Return a request that may lower the limits; who walks on a moving belt does not change."""
        return by if by is not None and by.by_novice and self.request is not None and not self.request.open else None

    def _confirmed(self, by: SessionRequest | None) -> SessionRequest | None:
        """Return the request as confirmed with the request `by`."""
        if by is None or self.request is None:
            return self.request
        if self.request.open and self._limits is None:
            return replace(self.request, walker=by.walker, first=by.first or by.by_novice, open=False)
        # The person who confirms may step on the belt, whoever was named: a novice's limits apply to both.
        return replace(self.request, first=True) if by.by_novice and not self.request.first else self.request

    def _limits_now(self, rules: Rules, request: SessionRequest | None) -> Limits:
        direction = request.direction if request else self.direction
        return rules.limits(direction, novice=request is not None and request.first)

    def _plan(self, limits: Limits) -> None:
        """Set the plan for the request; a session that began at the console has none."""
        request = self.request
        self.plan = plan_for(request, limits) if request else None
        self.length = self.plan.length if self.plan else None


def _lowers(request: SessionRequest | None, before: SessionRequest | None) -> bool:
    """Return whether a request is a beginner's, as the one before was not."""
    return request is not None and before is not None and request.first and not before.first
