"""A program's curve inside the limits of a session on a machine: legs in which speed and incline change evenly.

The legs hold what the machine accepts and the session allows. How fast a belt may follow them is another question (S5):
the pilot goes as fast as it may, and `forecast.py` shows how far that is.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile

from ...machine.model import ValueRange
from ..limits import Limits, Pace
from ..programs.program import Program
from ..programs.steps import Ramp, TimedStep
from .axis import RISE_APART

type _Piece = tuple[float, float, Ramp]  # from a part (0 to 1) of a step to another
type _Profile = list[_Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileLeg:
    """A part of a curve (s of the program); `step` counts the program's flat steps from 0."""

    begins: float
    ends: float
    step: int
    speed: Ramp
    incline: Ramp | None  # None where the deck cannot be steered

    def part(self, seconds: float) -> float:
        """Return the part (0 to 1) of it that has passed at a second."""
        return min(max((seconds - self.begins) / (self.ends - self.begins), 0.0), 1.0)


class Profile:
    """The legs of a program, one after another; before and after them it stays as at their beginning and end.

    Each step is worked out when it is needed: people change a session often, and look at little of the result.
    """

    def __init__(self, program: Program, limits: Limits, *, speed: float = 0.0, incline: float = 0.0) -> None:
        """Shift everything by this `speed` (km/h) and `incline` (%), as far as the limits allow."""
        self._stretches = program.timed_steps
        self._limits = limits
        self._more_speed, self._more_incline = speed, incline
        self._legs: dict[int, tuple[ProfileLeg, ...]] = {}  # by step
        self._found: dict[int, tuple[_Profile, _Profile]] = {}  # of a step alone
        self._inclines: dict[int, float] = {}  # before a step

    def leg_at(self, seconds: float) -> ProfileLeg:
        """Return the leg that a second belongs to."""
        return next(self.legs_from(seconds))

    def legs_from(self, seconds: float) -> Iterator[ProfileLeg]:
        """Yield the leg that a second belongs to, and all after it."""
        first = min(self._step_at(seconds), len(self._stretches) - 1)
        legs = self._legs_of(first)
        yield from [*(leg for leg in legs[:-1] if leg.ends > seconds), legs[-1]]
        for step in range(first + 1, len(self._stretches)):
            yield from self._legs_of(step)

    def rest_of_step(self, seconds: float) -> Iterator[ProfileLeg]:
        """Yield the leg that a second belongs to, and those after it of the same step."""
        legs = self.legs_from(seconds)
        yield (first := next(legs))
        yield from takewhile(lambda leg: leg.step == first.step, legs)

    def is_last(self, leg: ProfileLeg) -> bool:
        """Return whether no leg comes after it."""
        return leg is self._legs_of(len(self._stretches) - 1)[-1]

    def _step_at(self, seconds: float) -> int:
        return bisect_right(self._stretches, seconds, key=lambda stretch: stretch.ends)

    def _legs_of(self, step: int) -> tuple[ProfileLeg, ...]:
        if (found := self._legs.get(step)) is None:
            found = self._legs[step] = tuple(self._made(step))
        return found

    def _made(self, step: int) -> Iterator[ProfileLeg]:
        stretch, limits = self._stretches[step], self._limits
        speed, incline = self._profiles(step)
        speed, incline = _one_after_another(stretch, limits, speed, incline, self._before(step))
        length = stretch.ends - stretch.begins
        for begin, end in pairwise(sorted({part for piece in speed + incline for part in piece[:2]})):
            yield ProfileLeg(
                begins=stretch.begins + begin * length,
                ends=stretch.begins + end * length,
                step=step,
                speed=_cut(speed, begin, end),
                incline=_cut(incline, begin, end) if limits.incline else None,
            )

    def _profiles(self, step: int) -> tuple[_Profile, _Profile]:
        if (found := self._found.get(step)) is None:
            stretch, limits = self._stretches[step], self._limits
            found = self._found[step] = (
                _profile(stretch.speed, limits.speed, self._more_speed),
                _profile(stretch.incline, limits.incline, self._more_incline),
            )
        return found

    def _before(self, step: int) -> tuple[float, float]:
        """Return speed and incline at the end of the step before."""
        return self._speed_before(step), self._incline_before(step)

    def _speed_before(self, step: int) -> float:
        return self._profiles(step - 1)[0][-1][2].end if step else _least(self._limits.speed)

    def _incline_before(self, step: int) -> float:
        """Return the incline before a step; where a speed left it no time, it is that of an earlier step."""
        first = step
        while first not in self._inclines and first > 0 and self._may_hold_back(first - 1):
            first -= 1
        for each in range(first, step + 1):
            if each not in self._inclines:
                self._inclines[each] = self._incline_after(each - 1)
        return self._inclines[step]

    def _incline_after(self, step: int) -> float:
        if step < 0:
            return _least(self._limits.incline)
        speed, incline = self._profiles(step)
        if self._may_hold_back(step):
            before = self._speed_before(step), self._inclines[step]
            _, incline = _one_after_another(self._stretches[step], self._limits, speed, incline, before)
        return incline[-1][2].end

    def _may_hold_back(self, step: int) -> bool:
        """Return whether a step's incline may depend on the one before: its speed rises right at its beginning."""
        speed = self._profiles(step)[0]
        return speed[0][2].start > self._speed_before(step) and not _climbs(speed)


def slope(pace: Pace | None) -> float:
    """Return how much a pace makes in a second; 0 for what may not move."""
    return pace.step / pace.seconds if pace else 0.0


def stays_inside(program: Program, limits: Limits) -> bool:
    """Return whether a session may be as long, as fast and as steep as a program says; if not, its curve is cut."""
    speed, incline = limits.speed, limits.incline
    if speed is None or program.duration > limits.longest:
        return False
    fastest = speed.maximum if limits.speed_up else speed.minimum
    lowest, steepest = (incline.minimum, incline.maximum) if incline and limits.incline_pace else (0.0, 0.0)
    return all(
        _between(stretch.speed, speed.minimum, fastest) and _between(stretch.incline, lowest, steepest)
        for stretch in program.timed_steps
    )


def _between(ramp: Ramp | None, lowest: float, highest: float) -> bool:
    return ramp is None or (lowest <= min(ramp.start, ramp.end) and ramp.top <= highest)


def _least(allowed: ValueRange | None) -> float:
    return allowed.snap(0.0) if allowed else 0.0


def _profile(ramp: Ramp | None, allowed: ValueRange | None, more: float) -> _Profile:
    """Return a ramp inside what is allowed: even up to the limit, then constant."""
    if allowed is None:
        return [(0.0, 1.0, Ramp(0.0, 0.0))]
    if ramp is None:
        ramp = Ramp(_least(allowed), _least(allowed))
    parts = {0.0, 1.0}
    if ramp.start != ramp.end:
        bends = (bend - less for bend in (allowed.minimum, allowed.maximum) for less in (0.0, more))
        parts |= {part for bend in bends if 0.0 < (part := (bend - ramp.start) / (ramp.end - ramp.start)) < 1.0}

    def inside(part: float) -> float:
        clamped = min(max(ramp.at(part), allowed.minimum), allowed.maximum)
        return allowed.snap(clamped + more)

    return [(begin, end, Ramp(inside(begin), inside(end))) for begin, end in pairwise(sorted(parts))]


def _one_after_another(
    stretch: TimedStep, limits: Limits, speed: _Profile, incline: _Profile, before: tuple[float, float]
) -> tuple[_Profile, _Profile]:
    """Separate the rises of a step, because speed and incline never rise together (S5).

    What should be there from the step's beginning goes first; otherwise the speed does, and the incline follows.
    """
    speed_before, incline_before = before
    faster = (max(piece[2].end for piece in speed) - speed_before, slope(limits.speed_up))
    steeper = (max(piece[2].end for piece in incline) - incline_before, slope(limits.incline_pace))
    if min(*faster, *steeper) <= 0:
        return speed, incline
    length = stretch.ends - stretch.begins
    if not _climbs(speed):
        part = (faster[0] / faster[1] + RISE_APART) / length
    elif not _climbs(incline):
        part = min((steeper[0] / steeper[1] + RISE_APART) / length, 0.5)
        return _later(speed, part, speed_before), _sooner(incline, part)
    else:
        part = 0.5
    if part >= 1.0:
        return speed, [(0.0, 1.0, Ramp(incline_before, incline_before))]
    return _sooner(speed, part), _later(incline, part, incline_before)


def _climbs(profile: _Profile) -> bool:
    return any(ramp.end > ramp.start for _, _, ramp in profile)


def _sooner(profile: _Profile, part: float) -> _Profile:
    """Move all of it into the first part of the step; then it is constant."""
    last = profile[-1][2].end
    return [*((begin * part, end * part, ramp) for begin, end, ramp in profile), (part, 1.0, Ramp(last, last))]


def _later(profile: _Profile, part: float, before: float) -> _Profile:
    """Keep what was before in the first part of the step, and move all of it into the rest."""
    squeezed = ((part + begin * (1 - part), part + end * (1 - part), ramp) for begin, end, ramp in profile)
    return [(0.0, part, Ramp(before, before)), *squeezed]


def _cut(profile: _Profile, begin: float, end: float) -> Ramp:
    """Return the ramp between two parts of the step that have no bend between them."""
    first, last, ramp = next(piece for piece in profile if piece[0] <= begin < piece[1])
    return Ramp(ramp.at((begin - first) / (last - first)), ramp.at((end - first) / (last - first)))
