"""The course of one walk: its length, warm-up, main part, cool-down and end, in seconds of a moving belt (S13, S15)."""

from dataclasses import dataclass, replace
from typing import Any

from ..events import EndReason, ManualReason, SessionEvent, SessionEventKind
from ..limits import Direction, Limits
from ..programs.program import Program
from ..states import SessionState

DEFAULT_LENGTH = 300.0
SHORTEST = 60.0
FINISHES_WITHIN = 30.0
"""Seconds that a cool-down takes at most which somebody asked for (S13)."""
AT_THE_END = 20.0
"""Seconds at the end of a cool-down at the minimum and level."""
TOLD_WITHIN = 5.0
"""Seconds by which something may be told late; afterwards it would be wrong."""
_PER_KMH = 20.0
_PER_PERCENT = 20.0
_BEFORE_STOP = 10.0  # s in which a walker at the minimum hears that the belt is about to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What somebody wants of a walk; limits and the machine decide what comes of it."""

    direction: Direction = Direction.BACKWARD
    walker: str | None = None  # None: a guest
    length: float = DEFAULT_LENGTH  # s
    speed: float | None = None  # km/h of the main part; None: the minimum, until somebody raises it
    incline: float | None = None  # %
    program_name: str | None = None  # what the record calls it
    open: bool = False  # nobody said who walks: it is who confirms
    program: Program | None = None  # its length, speed and incline take the place of those above
    first: bool = False  # a guest, or a walker who has not completed a backward session of 3 min yet (S4)
    by_novice: bool = False  # who confirms is such a walker, whoever was named: the limits hold for both


@dataclass(frozen=True, slots=True)
class Target:
    """Where the belt should be: km/h, and % where the deck can be steered."""

    speed: float
    incline: float | None


class SessionPlan:
    """One walk, planned; `plan.py` has that of a ramp program."""

    def __init__(self, length: float, speed: float | None, incline: float | None, limits: Limits) -> None:
        """`length` in s; `speed` (km/h) and `incline` (%) of the main part, None for the least."""
        self.length = min(limits.longest, max(SHORTEST, length))
        self.warm_up = min(max(0.2 * self.length, 30.0), 120.0)
        """Seconds at the minimum; ends earlier if the walker says so."""
        self.least = Target(
            limits.speed.minimum if limits.speed else 0.0, limits.allowed_incline(0.0) if limits.incline else None
        )
        """The minimum and level: how every walk begins and ends."""
        self.free = speed is None
        """Whether nobody chose a speed: the belt stays as people set it."""
        self.main = Target(
            limits.allowed_speed(speed) if limits.speed and speed is not None else self.least.speed,
            limits.allowed_incline(incline) if limits.incline and incline is not None else self.least.incline,
        )

    def target_at(self, seconds: float) -> Target:
        """The target at a second of the walk, cool-down aside."""
        return self.least if seconds < self.warm_up else self.main

    def rises_to(self, seconds: float) -> Target:
        """Where the belt goes from a second on, when it has rested there."""
        return self.main

    def cool_down(self, speed: float, incline: float | None) -> float:
        """How long (s) the cool-down is from a speed (km/h) and an incline (%)."""
        least = 30.0 if self.length < DEFAULT_LENGTH else 60.0
        slowing = _PER_KMH * self._above(speed) + AT_THE_END
        return min(max(least, slowing, _PER_PERCENT * self._steeper(incline)), self.length)

    def cool_down_starts(self, speed: float, incline: float | None) -> float:
        """The second at which it begins, by what the belt does now."""
        return self.length - self.cool_down(speed, incline)

    def finish(self, speed: float, incline: float | None) -> float:
        """How long (s) a cool-down takes that somebody asked for."""
        wanted = max(_PER_KMH * self._above(speed), _PER_PERCENT * self._steeper(incline)) + _BEFORE_STOP
        return min(wanted, FINISHES_WITHIN)

    def phase(self, seconds: float, speed: float, incline: float | None) -> SessionState:
        """The part of the walk at a second, on a belt that does this."""
        if seconds >= self.cool_down_starts(speed, incline):
            return SessionState.COOL_DOWN
        return SessionState.WARM_UP if seconds < self.warm_up else SessionState.ACTIVE

    def end_warm_up(self, seconds: float) -> None:
        """The main part begins now."""
        self.warm_up = min(self.warm_up, seconds)

    def change_main(self, **changes: float) -> None:
        """Somebody wants another main part before it has begun."""
        self.main = replace(self.main, **changes)

    def apply_request(self, seconds: float, *, speed: float | None = None, incline: float | None = None) -> None:
        """Somebody wants another speed or incline now; it holds until the course itself wants another."""

    def _above(self, speed: float) -> float:
        return max(speed - self.least.speed, 0.0)

    def _steeper(self, incline: float | None) -> float:
        return max((incline or 0.0) - (self.least.incline or 0.0), 0.0) if self.least.incline is not None else 0.0


@dataclass(frozen=True, slots=True)
class CoolDown:
    """The way down: when it begins and ends, in seconds of the walk, and from which speed (km/h) to which."""

    begins: float
    ends: float
    speed: float
    least: float
    reason: EndReason

    def speed_at(self, seconds: float) -> float:
        """Down evenly, then at the minimum."""
        slowing = self.ends - AT_THE_END - self.begins
        passed = seconds - self.begins
        if passed >= slowing:
            return self.least
        return self.speed - (self.speed - self.least) * passed / slowing


class Milestones:
    """What is told of the time, each once per walk and only at its second."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def due(self, length: float, seconds: float, *, coached: bool) -> list[SessionEvent]:
        """What to tell at a second of a walk of this length (s); without a coach the end itself too (S15)."""
        due = []
        marks: list[tuple[str, float, SessionEventKind, dict[str, Any]]] = [
            ("halfway", length / 2, SessionEventKind.HALFWAY, {"seconds": round(length / 2)}),
        ]
        if length > 2 * SHORTEST:  # else half of it says the same
            marks.append(("last_minute", length - 60.0, SessionEventKind.LAST_MINUTE, {"seconds": 60}))
        if not coached:
            marks.append(("end", length, SessionEventKind.MANUAL, {"reason": ManualReason.TIME_IS_UP.value}))
        for name, mark, kind, data in marks:
            if seconds >= mark and name not in self._told:
                self._told.add(name)
                if seconds - mark < TOLD_WITHIN:
                    due.append(SessionEvent(kind, data))
        return due
