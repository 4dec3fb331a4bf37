"""What the belt will do along a curve: at the pace that a walker can take (S5), and with the cool-down.

Where a rise is too steep it takes longer: the hold after it shrinks, and where there is none left the peak drops.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .course import AT_THE_END, Course, Target
from .curve import Leg, slope
from .limits import Limits
from .pilot import RISE_APART
from .program import Ramp
from .states import SessionState

_SHORTEST = 0.05  # s; what is shorter comes of rounding only
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A stretch of a walk over which speed (km/h) and incline (%) change evenly; times in s of the walk."""

    begins: float
    seconds: float
    phase: SessionState
    speed: Ramp
    incline: Ramp | None
    label: str | None

    def as_dict(self) -> dict[str, Any]:
        """For response data."""
        told: dict[str, Any] = {"start": round(self.begins, 1), "seconds": round(self.seconds, 1)}
        told |= {"phase": self.phase.value, "speed": _told(self.speed)}
        if self.incline is not None:
            told["incline"] = _told(self.incline)
        return told if self.label is None else told | {"label": self.label}


def _told(ramp: Ramp) -> dict[str, float]:
    return {"from": round(ramp.start, 2), "to": round(ramp.end, 2)}


class _Line:
    """Speed or incline over time, from bend to bend."""

    def __init__(self, seconds: float, value: float) -> None:
        self.bends = [(seconds, value)]

    @property
    def value(self) -> float:
        return self.bends[-1][1]

    def at(self, seconds: float) -> float:
        for (begin, start), (end, value) in pairwise(self.bends):
            if seconds <= end:
                return Ramp(start, value).at((seconds - begin) / (end - begin)) if end > begin else value
        return self.value

    def to(self, seconds: float, value: float) -> None:
        """Evenly to a value at a second."""
        if seconds > self.bends[-1][0]:
            self.bends.append((seconds, value))

    def follow(self, ramp: Ramp, ends: float, *, up: float, down: float, blocked: float) -> float:
        """Follow a ramp until it ends (s), at most this fast; no rise before `blocked`. Returns when it rose last."""
        begins, before = self.bends[-1][0], self.value
        steepness = (ramp.end - ramp.start) / (ends - begins)
        if max(ramp.start, ramp.end) > before + _EPSILON and blocked > begins and steepness >= 0:
            wait = min(blocked, ends)
            self.to(wait, min(before, ramp.start + steepness * (wait - begins)))
            rest = Ramp(ramp.start + steepness * (wait - begins), ramp.end)
            return self.follow(rest, ends, up=up, down=down, blocked=wait) if wait < ends else float("-inf")
        gap = ramp.start - before
        if abs(gap) < _EPSILON:
            self.to(ends, before + min(max(steepness, -down), up) * (ends - begins))
        else:
            # Below the ramp it rises to it, but only waits for one that falls; above it, it falls to it.
            own = (up if steepness >= 0 else 0.0) if gap > 0 else -down
            closing = (own - steepness) if gap > 0 else (steepness - own)
            meets = begins + abs(gap) / closing if closing > _EPSILON else ends
            if meets >= ends:
                self.to(ends, before + own * (ends - begins))
            else:
                met = ramp.start + steepness * (meets - begins)
                self.to(meets, met)
                self.to(ends, met + min(max(steepness, -down), up) * (ends - meets))
        return max(
            (
                end
                for (begin, start), (end, value) in pairwise(self.bends)
                if begin >= begins and value > start + _EPSILON
            ),
            default=float("-inf"),
        )


def forecast(
    course: Course, limits: Limits, legs: Iterable[Leg], labels: dict[int, str | None], *, since: float, present: Target
) -> tuple[PlannedStep, ...]:
    """The rest of a walk along these legs (s of the walk), on a belt that does this at a second of it."""
    speed = _Line(since, present.speed)
    incline = _Line(since, present.incline or 0.0)
    named: list[tuple[float, str | None]] = []
    free = faster = float("-inf")  # when the speed may rise again, and when it rose last
    for leg in legs:
        named.append((leg.begins, labels.get(leg.step)))
        up, down, deck = (slope(pace) for pace in (limits.speed_up, limits.speed_down, limits.incline_pace))
        faster = max(faster, speed.follow(leg.speed, leg.ends, up=up, down=down, blocked=free))
        if leg.incline is not None:
            blocked = faster + RISE_APART
            free = max(free, incline.follow(leg.incline, leg.ends, up=deck, down=deck, blocked=blocked) + RISE_APART)
    begins = _cool_down(course, speed, incline, limits)
    return _steps(course, begins, speed, incline, named, deck=present.incline is not None)


def _cool_down(course: Course, speed: _Line, incline: _Line, limits: Limits) -> float:
    """Let both lines end in the cool-down; returns when it begins."""

    def late(seconds: float) -> bool:
        return seconds >= course.cool_down_starts(speed.at(seconds), incline.at(seconds))

    bends = sorted({seconds for line in (speed, incline) for seconds, _ in line.bends})
    begin, end = next(((first, last) for first, last in pairwise(bends) if late(last)), (bends[0], bends[0]))
    while end - begin > _SHORTEST:
        middle = (begin + end) / 2
        begin, end = (begin, middle) if late(middle) else (middle, end)
    for line, least, pace in (
        (speed, course.least.speed, None),
        (incline, course.least.incline or 0.0, limits.incline_pace),
    ):
        value = line.at(end)
        line.bends = [bend for bend in line.bends if bend[0] < end]
        line.to(end, value) if line.bends else line.bends.append((end, value))
        takes = (value - least) / slope(pace) if pace else course.length - AT_THE_END - end
        line.to(min(end + takes, course.length), least)
        line.to(course.length, least)
    return end


def _steps(
    course: Course, cools: float, speed: _Line, incline: _Line, named: list[tuple[float, str | None]], *, deck: bool
) -> tuple[PlannedStep, ...]:
    """The stretches between all bends; what is held on and on is one."""
    marks = {seconds for line in (speed, incline) for seconds, _ in line.bends}
    marks |= {course.warm_up, cools} | {seconds for seconds, _ in named}
    first = speed.bends[0][0]
    steps: list[PlannedStep] = []
    for begin, end in pairwise(sorted(mark for mark in marks if first <= mark <= course.length)):
        if end - begin < _SHORTEST:
            continue
        phase = SessionState.COOL_DOWN if begin >= cools else SessionState.ACTIVE
        if begin < course.warm_up and phase is SessionState.ACTIVE:
            phase = SessionState.WARM_UP
        label = next((label for seconds, label in reversed(named) if seconds <= begin), None)
        steps.append(
            PlannedStep(
                begins=begin,
                seconds=end - begin,
                phase=phase,
                speed=Ramp(speed.at(begin), speed.at(end)),
                incline=Ramp(incline.at(begin), incline.at(end)) if deck else None,
                label=label if phase is SessionState.ACTIVE else None,
            )
        )
    return tuple(steps)
