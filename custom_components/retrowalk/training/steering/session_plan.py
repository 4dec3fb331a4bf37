"""The plan of one session: length, warm-up, main part, cool-down and end, in seconds of a moving belt (S13, S15)."""

from dataclasses import dataclass, replace

from ..events import (
    EndReason,
    HalfwayEvent,
    LastMinuteEvent,
    ManualEvent,
    ManualReason,
    SessionEvent,
    SessionEventKind,
)
from ..limits import Direction, Limits
from ..programs.program import Program
from ..states import SessionState

DEFAULT_LENGTH = 300.0
SHORTEST = 60.0
FINISHES_WITHIN = 30.0
"""Seconds that a cool-down takes at most which somebody asked for (S13)."""
AT_THE_END = 20.0
"""Seconds at the minimum and level at the end of a cool-down."""
ANNOUNCED_WITHIN = 5.0
"""Seconds by which something may be announced late; after that it would be wrong."""
_PER_KMH = 20.0
_PER_PERCENT = 20.0
_BEFORE_STOP = 10.0  # s at the minimum in which the walker hears that the belt is about to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What somebody wants of a session; limits and machine decide what comes of it."""

    direction: Direction = Direction.BACKWARD
    walker: str | None = None  # None: a guest
    length: float = DEFAULT_LENGTH  # s
    speed: float | None = None  # km/h of the main part; None: the minimum, until somebody raises it
    incline: float | None = None  # %
    program_name: str | None = None  # what the record calls it
    open: bool = False  # nobody chose a walker: it is the one who confirms
    program: Program | None = None  # its length, speed and incline take the place of those above
    first: bool = False  # a guest, or a walker who has not completed a backward session of 3 min yet (S4)
    by_novice: bool = False  # the one who confirms is such a walker; the limits hold for both


@dataclass(frozen=True, slots=True)
class Target:
    """Where the belt should be: km/h, and % where the deck can be steered."""

    speed: float
    incline: float | None


class SessionPlan:
    """The plan of a session without a program; `program_plan.py` has that of a program."""

    def __init__(self, length: float, speed: float | None, incline: float | None, limits: Limits) -> None:
        """`length` in s; `speed` (km/h) and `incline` (%) of the main part, None for the least."""
        self.length = min(limits.longest, max(SHORTEST, length))
        self.warm_up = min(max(0.2 * self.length, 30.0), 120.0)
        """Seconds at the minimum; the walker may end them earlier."""
        self.least = Target(
            limits.speed.minimum if limits.speed else 0.0, limits.allowed_incline(0.0) if limits.incline else None
        )
        """The minimum and level: how every session begins and ends."""
        self.free = speed is None
        """Whether nobody chose a speed: the belt stays as people set it."""
        self.main = Target(
            limits.allowed_speed(speed) if limits.speed and speed is not None else self.least.speed,
            limits.allowed_incline(incline) if limits.incline and incline is not None else self.least.incline,
        )

    def target_at(self, seconds: float) -> Target:
        """Return the target at a second of the session, cool-down aside."""
        return self.least if seconds < self.warm_up else self.main

    def rises_to(self, seconds: float) -> Target:
        """Return where the belt goes from a second on, when it has rested there."""
        return self.main

    def cool_down(self, speed: float, incline: float | None) -> float:
        """Return the length (s) of the cool-down from a speed (km/h) and an incline (%)."""
        least = 30.0 if self.length < DEFAULT_LENGTH else 60.0
        slowing = _PER_KMH * self._above(speed) + AT_THE_END
        return min(max(least, slowing, _PER_PERCENT * self._steeper(incline)), self.length)

    def cool_down_starts(self, speed: float, incline: float | None) -> float:
        """Return the second at which the cool-down begins, by what the belt does now."""
        return self.length - self.cool_down(speed, incline)

    def finish(self, speed: float, incline: float | None) -> float:
        """Return the length (s) of a cool-down that somebody asked for."""
        wanted = max(_PER_KMH * self._above(speed), _PER_PERCENT * self._steeper(incline)) + _BEFORE_STOP
        return min(wanted, FINISHES_WITHIN)

    def phase(self, seconds: float, speed: float, incline: float | None) -> SessionState:
        """Return the part of the session at a second, on a belt that does this."""
        if seconds >= self.cool_down_starts(speed, incline):
            return SessionState.COOL_DOWN
        return SessionState.WARM_UP if seconds < self.warm_up else SessionState.ACTIVE

    def end_warm_up(self, seconds: float) -> None:
        """Begin the main part now."""
        self.warm_up = min(self.warm_up, seconds)

    def change_main(self, **changes: float) -> None:
        """Change the main part before it has begun."""
        self.main = replace(self.main, **changes)

    def apply_request(self, seconds: float, *, speed: float | None = None, incline: float | None = None) -> None:
        """Apply a request for another speed or incline; it holds until the plan itself changes."""

    def _above(self, speed: float) -> float:
        return max(speed - self.least.speed, 0.0)

    def _steeper(self, incline: float | None) -> float:
        return max((incline or 0.0) - (self.least.incline or 0.0), 0.0) if self.least.incline is not None else 0.0


@dataclass(frozen=True, slots=True)
class CoolDown:
    """The way down: when it begins and ends, in seconds of the session, and from which speed (km/h) to which."""

    begins: float
    ends: float
    speed: float
    least: float
    reason: EndReason

    def speed_at(self, seconds: float) -> float:
        """Return the speed at a second: down evenly, then at the minimum."""
        slowing = self.ends - AT_THE_END - self.begins
        passed = seconds - self.begins
        if passed >= slowing:
            return self.least
        return self.speed - (self.speed - self.least) * passed / slowing


class Milestones:
    """Announcements of the time, each once per session and only at its second."""

    def __init__(self) -> None:
        self._announced: set[SessionEventKind] = set()

    def due(self, length: float, seconds: float, *, coached: bool, stops_itself: bool = False) -> list[SessionEvent]:
        """Return what to announce at a second of a session of this length (s); without a coach also its end (S15).

        `stops_itself`: the machine stops the belt soon after that.
        """
        due = []
        marks = [(SessionEventKind.HALFWAY, length / 2)]
        if length > 2 * SHORTEST:  # else half of it says the same
            marks.append((SessionEventKind.LAST_MINUTE, length - 60.0))
        if not coached:
            marks.append((SessionEventKind.MANUAL, length))
        for kind, mark in marks:
            if seconds >= mark and kind not in self._announced:
                self._announced.add(kind)
                if seconds - mark < ANNOUNCED_WITHIN:
                    due.append(_milestone(kind, length, stops_itself=stops_itself))
        return due


def _milestone(kind: SessionEventKind, length: float, *, stops_itself: bool) -> SessionEvent:
    """Return what is told at a milestone of a session of this length (s)."""
    match kind:
        case SessionEventKind.HALFWAY:
            return HalfwayEvent(round(length / 2))
        case SessionEventKind.LAST_MINUTE:
            return LastMinuteEvent()
        case _:
            return ManualEvent(ManualReason.STOPS_ITSELF if stops_itself else ManualReason.TIME_IS_UP)
