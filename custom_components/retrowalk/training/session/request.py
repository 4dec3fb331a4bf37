"""What one walk is meant to be: its direction, whose it is, its limits and its course (safety rule S4)."""

from dataclasses import replace

from ...machine.model import Capabilities
from ..limits import Direction, Limits
from ..rules import Rules
from ..steering.program_plan import plan_for
from ..steering.session_plan import SessionPlan, SessionRequest
from .readiness import no_speed_error


class SessionTerms:
    """The intent of this walk, from *ready* to its end; until then of the next one."""

    def __init__(self) -> None:
        self.request: SessionRequest | None = None
        """What was wished of this walk; None for one that began at the console."""
        self.plan: SessionPlan | None = None
        self.length: float | None = None
        """Seconds that were planned for this walk."""
        self._next_direction = Direction.BACKWARD
        self._direction: Direction | None = None  # of this walk
        self._limits: Limits | None = None  # of this walk, since it was confirmed

    @property
    def direction(self) -> Direction:
        """The direction of this walk, or of the next one while there is none."""
        return self._direction or self._next_direction

    def choose(self, direction: Direction) -> None:
        """Choose the direction of the next walk; one that was made ready keeps its own."""
        self._next_direction = direction

    def limits(self, rules: Rules, by: SessionRequest | None = None) -> Limits:
        """The limits of this walk; before it is confirmed, those that it would have if whoever wants `by` did it."""
        return self._limits or self._limits_now(rules, self._confirmed(by))

    def current_limits(self, rules: Rules) -> Limits:
        """The limits that this walk would have if it were made ready now, whatever it was promised."""
        return self._limits_now(rules, self.request)

    # How it comes about.

    def accept(self, request: SessionRequest | None, rules: Rules) -> None:
        """A walk is made ready. Raises RefusedError where the machine has no speed for it."""
        request = request or SessionRequest(direction=self._next_direction)
        limits = self._limits_now(rules, request)
        if rules.capabilities != Capabilities() and limits.speed is None:
            raise no_speed_error(limits)
        self._direction, self.request = request.direction, request
        self._plan(limits)

    def restore(self, request: SessionRequest, rules: Rules, *, planned: bool) -> None:
        """The walk that is under way is this one; with its end, if it was planned."""
        self._direction, self.request = request.direction, request
        if planned:
            self.begin(rules)

    def confirm(self, by: SessionRequest | None, rules: Rules) -> None:
        """Who confirms walks, if nobody said who does; `by` is what they would want. The limits hold from now on."""
        self.request = self._confirmed(by)
        self.fix_limits(rules)

    def begin_at_console(self, rules: Rules) -> None:
        """A walk began at the console, with nothing made ready."""
        self.clear()
        # Whoever starts a treadmill there walks as everybody does (S7). Where we only watch, nothing is ever made
        # ready, and what was chosen is all there is to go by.
        self._direction = Direction.FORWARD if rules.released else self._next_direction

    def fix_limits(self, rules: Rules) -> None:
        """Whatever the owner changes from now on is for the next walk."""
        self._limits = self.limits(rules)

    def begin(self, rules: Rules) -> None:
        """The walk begins: its course, by the limits that it has now."""
        self._plan(self.limits(rules))

    def plan_from(self, seconds: float, limits: Limits) -> SessionPlan:
        """The course from a second on. What nobody planned, or whose plan is over, lasts as long as one may (S15)."""
        if self.plan is None or seconds >= self.plan.length:
            self.plan = SessionPlan(limits.longest, None, None, limits)
        return self.plan

    # How it ends.

    def release_limits(self) -> None:
        """The walk is over: the next one has the limits that hold then."""
        self._limits = None

    def clear(self) -> None:
        """Nothing is made ready any more, and nothing walked."""
        self._direction = self.request = self.plan = self.length = None

    def _confirmed(self, by: SessionRequest | None) -> SessionRequest | None:
        """What was wished, once somebody who wants `by` has confirmed it."""
        if by is None or self.request is None:
            return self.request
        if self.request.open:
            return replace(self.request, walker=by.walker, first=by.first, open=False)
        # Who confirms stands there, and may step on the belt whoever was named: a beginner's limits hold for both.
        return replace(self.request, first=True) if by.by_novice and not self.request.first else self.request

    def _limits_now(self, rules: Rules, request: SessionRequest | None) -> Limits:
        direction = request.direction if request else self.direction
        return rules.limits(direction, novice=request is not None and request.first)

    def _plan(self, limits: Limits) -> None:
        """The course of what was wished; a walk that began at the console has none."""
        request = self.request
        self.plan = plan_for(request, limits) if request else None
        self.length = self.plan.length if self.plan else None
