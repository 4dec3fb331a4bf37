"""What a program will be on a machine inside the limits of a session: figures, a curve, steps, and all that is cut.

The curve is what the belt really does, tried out beforehand: rises take their time, and where that is not enough a peak
stays lower than it was written.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile
from math import inf
from typing import NamedTuple

from ...machine.model import ValueRange
from ..limits import Direction, Limits
from ..steering.forecast import PlannedStep, planned_steps
from ..steering.program_plan import ProgramPlan
from .program import Program
from .steps import Ramp, TimedStep

_MS_PER_KMH = 1 / 3.6
_NOISE = 0.05
"""km/h or % by which a value is as good as reached."""


class CutKind(StrEnum):
    """What a session makes of a program's step; each has a text."""

    NO_SPEED = "preview_cut_no_speed"  # the speed cannot be steered here
    TOO_LONG = "preview_cut_too_long"
    TOO_FAST = "preview_cut_too_fast"
    TOO_SLOW = "preview_cut_too_slow"
    SPEED_NOT_REACHED = "preview_cut_speed_not_reached"
    NO_INCLINE = "preview_cut_no_incline"  # the deck cannot be steered here
    TOO_STEEP = "preview_cut_too_steep"
    TOO_LOW = "preview_cut_too_low"  # backward never downhill
    INCLINE_NOT_REACHED = "preview_cut_incline_not_reached"


SPEED_CUTS = frozenset({CutKind.NO_SPEED, CutKind.TOO_FAST, CutKind.TOO_SLOW, CutKind.SPEED_NOT_REACHED})
"""Cuts whose figures are speeds."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One thing that a session does otherwise than the program says: what is asked for, and what becomes of it.

    Speeds in km/h, inclines in %, lengths in minutes. `steps` counts the flat steps from 1, and is empty for the whole
    program.
    """

    kind: CutKind
    steps: tuple[int, ...] = ()
    asked: float
    becomes: float
    forward: float | None = None
    """What becomes of it forward, where the program is backward and forward limits are known."""

    @property
    def forward_helps(self) -> bool:
        """Whether less of it is cut forward."""
        return self.forward is not None and abs(self.forward - self.asked) < abs(self.becomes - self.asked)


class CurvePoint(NamedTuple):
    """A point of the curve; between two of them it is even."""

    seconds: float
    speed: float
    incline: float


type _Curve = tuple[CurvePoint, ...]  # two points for each even part of it


class PreviewStep(NamedTuple):
    """A step as the program says it, with what it leaves open filled in; None until a step names a speed."""

    number: int
    minutes: float
    speed: Ramp | None
    incline: Ramp | None
    label: str | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A program before somebody saves it."""

    name: str
    direction: Direction
    minutes: float
    meters: float
    top_speed: float
    top_incline: float
    curve: tuple[CurvePoint, ...]
    """What will be walked."""
    planned: tuple[PlannedStep, ...]
    """The same with the phases of the session; empty where the speed cannot be steered."""
    asked: tuple[CurvePoint, ...]
    """What the program says."""
    steps: tuple[PreviewStep, ...]
    cuts: tuple[Cut, ...]

    @property
    def forward_helps(self) -> bool:
        """Whether walking forward keeps something that is cut."""
        return any(cut.forward_helps for cut in self.cuts)


@lru_cache(maxsize=32)  # a hundredth of a second each, and asked for with every change of a choice
def preview(program: Program, limits: Limits, forward: Limits | None = None) -> Preview:
    """Return what a program will be inside the limits; `forward` are those of the same walker walking forward."""
    asked = tuple(_asked(program))
    planned, curve, cuts = _tried(program, limits, asked)
    if forward is not None and cuts and program.direction is Direction.BACKWARD:
        _, _, forward_cuts = _tried(program.facing(Direction.FORWARD), forward, asked)
        cuts = tuple(_with_forward(cut, forward_cuts) for cut in cuts)
    return Preview(
        name=program.name,
        direction=program.direction,
        minutes=curve[-1].seconds / 60,
        meters=_meters(curve),
        top_speed=max(point.speed for point in curve),
        top_incline=max(point.incline for point in curve),
        curve=curve,
        planned=planned,
        asked=asked,
        steps=tuple(_steps(program)),
        cuts=cuts,
    )


def _tried(program: Program, limits: Limits, asked: _Curve) -> tuple[tuple[PlannedStep, ...], _Curve, tuple[Cut, ...]]:
    """Return what will be walked, and what is cut; a belt that cannot be steered is shown as the program says."""
    planned = () if limits.speed is None else planned_steps(ProgramPlan(program, limits))
    curve = tuple(_walked(planned)) or asked
    return planned, curve, tuple(_cuts(program, limits, _Reached(curve)))


def _with_forward(cut: Cut, forward_cuts: tuple[Cut, ...]) -> Cut:
    becomes = (each.becomes for each in forward_cuts if each.kind is cut.kind)
    return replace(cut, forward=next(becomes, cut.asked))


def _steps(program: Program) -> Iterator[PreviewStep]:
    for number, each in enumerate(program.timed_steps, 1):
        yield PreviewStep(
            number=number,
            minutes=(each.ends - each.begins) / 60,
            speed=each.speed,
            incline=each.incline,
            label=each.label,
        )


def _asked(program: Program) -> Iterator[CurvePoint]:
    for each in program.timed_steps:
        speed, incline = each.speed or Ramp(0.0, 0.0), each.incline or Ramp(0.0, 0.0)
        yield CurvePoint(seconds=each.begins, speed=speed.start, incline=incline.start)
        yield CurvePoint(seconds=each.ends, speed=speed.end, incline=incline.end)


def _walked(planned: tuple[PlannedStep, ...]) -> Iterator[CurvePoint]:
    for each in planned:
        incline = each.incline or Ramp(0.0, 0.0)
        yield CurvePoint(seconds=each.begins, speed=each.speed.start, incline=incline.start)
        yield CurvePoint(seconds=each.begins + each.seconds, speed=each.speed.end, incline=incline.end)


def _meters(curve: _Curve) -> float:
    pairs = zip(curve[::2], curve[1::2], strict=True)
    return sum((last.seconds - first.seconds) * (first.speed + last.speed) / 2 for first, last in pairs) * _MS_PER_KMH


class _Reached:
    """Knows the most that a curve has in a step."""

    def __init__(self, curve: _Curve) -> None:
        self._pieces = [*zip(curve[::2], curve[1::2], strict=True)]
        self._ends = [last.seconds for _, last in self._pieces]

    def speed(self, step: TimedStep) -> float:
        """Return the highest speed (km/h) in a step; endless where the curve is over by then."""
        return self._most(step, lambda point: point.speed)

    def incline(self, step: TimedStep) -> float:
        """Return the highest incline (%) in a step; endless where the curve is over by then."""
        return self._most(step, lambda point: point.incline)

    def _most(self, step: TimedStep, value: Callable[[CurvePoint], float]) -> float:
        first = bisect_right(self._ends, step.begins)
        pieces = takewhile(lambda piece: piece[0].seconds < step.ends, self._pieces[first:])
        found = [
            _at(piece, second, value)
            for piece in pieces
            for second in (max(piece[0].seconds, step.begins), min(piece[1].seconds, step.ends))
        ]
        return max(found, default=inf)


def _at(piece: tuple[CurvePoint, CurvePoint], second: float, value: Callable[[CurvePoint], float]) -> float:
    first, last = piece
    part = (second - first.seconds) / (last.seconds - first.seconds)
    return value(first) + (value(last) - value(first)) * part


type _Judged = tuple[int, float, float]  # a step's number, what it asks for, and what becomes of it


def _cuts(program: Program, limits: Limits, reached: _Reached) -> Iterator[Cut]:
    if program.duration > limits.longest:
        yield Cut(kind=CutKind.TOO_LONG, asked=program.duration / 60, becomes=limits.longest / 60)
    steps = [*enumerate(program.timed_steps, 1)]
    speeds = [(number, each.speed, reached.speed(each)) for number, each in steps if each.speed]
    inclines = [(number, each.incline, reached.incline(each)) for number, each in steps if each.incline]
    yield from _speed_cuts(speeds, limits)
    yield from _incline_cuts(inclines, limits)


def _speed_cuts(speeds: list[tuple[int, Ramp, float]], limits: Limits) -> Iterator[Cut]:
    allowed, fastest = limits.speed, limits.top_speed
    if allowed is None or fastest is None:
        yield from _cut(CutKind.NO_SPEED, [(number, ramp.top, 0.0) for number, ramp, _ in speeds])
        return
    inside = ValueRange(allowed.minimum, fastest, allowed.step)
    yield from _cut(CutKind.TOO_FAST, _above(speeds, inside))
    yield from _cut(CutKind.TOO_SLOW, _below(speeds, inside))
    yield from _cut(CutKind.SPEED_NOT_REACHED, _late(speeds, inside))


def _incline_cuts(inclines: list[tuple[int, Ramp, float]], limits: Limits) -> Iterator[Cut]:
    inside = limits.incline
    if inside is None or limits.incline_pace is None:
        steepest = [(number, max(ramp.start, ramp.end, key=abs), 0.0) for number, ramp, _ in inclines]
        yield from _cut(CutKind.NO_INCLINE, [each for each in steepest if each[1]])
        return
    yield from _cut(CutKind.TOO_STEEP, _above(inclines, inside))
    yield from _cut(CutKind.TOO_LOW, _below(inclines, inside))
    yield from _cut(CutKind.INCLINE_NOT_REACHED, _late(inclines, inside))


def _above(ramps: list[tuple[int, Ramp, float]], inside: ValueRange) -> list[_Judged]:
    return [(number, ramp.top, inside.maximum) for number, ramp, _ in ramps if ramp.top > inside.maximum]


def _below(ramps: list[tuple[int, Ramp, float]], inside: ValueRange) -> list[_Judged]:
    lows = [(number, min(ramp.start, ramp.end), inside.minimum) for number, ramp, _ in ramps]
    return [each for each in lows if each[1] < inside.minimum]


def _late(ramps: list[tuple[int, Ramp, float]], inside: ValueRange) -> list[_Judged]:
    """Return the steps that end before the belt or the deck is where it may be."""
    wanted = [(number, inside.snap(ramp.top), reached) for number, ramp, reached in ramps]
    return [(number, most, reached) for number, most, reached in wanted if reached < most - _NOISE]


def _cut(kind: CutKind, judged: list[_Judged]) -> Iterator[Cut]:
    """Yield one cut for all steps with the same fate, if there are any, with what loses the most."""
    if judged:
        _, asked, becomes = max(judged, key=lambda each: abs(each[1] - each[2]))
        yield Cut(kind=kind, steps=tuple(number for number, _, _ in judged), asked=asked, becomes=becomes)
