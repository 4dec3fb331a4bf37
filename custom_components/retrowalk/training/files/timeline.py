"""What the track of a session says for a workout file: when its timer ran, its points, and what was done by when.

The timer of a workout file runs while the belt moves. A gap in which the belt was not heard counts as walked if the
distance grew meanwhile, and as a rest if it did not.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from math import hypot, inf
from typing import NamedTuple

from ..history.energy import power_per_kg
from ..history.record import SessionRecord
from ..history.track import MarkKind, Sample, Track
from ..limits import Direction

_KMH_PER_MS = 3.6
_STILL = 0.07
"""m/s: slower than any belt, and more than one gains in the second in which it starts."""
type _Pause = tuple[float, float]

STEPS_IN_STRIDE = 2
HIGHEST_RATE = 254
"""Heart rate or cadence that a file can hold."""
_COUNTED, _LEAST_COUNTED = 30, 10
"""Seconds of steps that make a cadence, at most and at least; consoles count in spurts."""


class Stretch(NamedTuple):
    """Seconds of a session between which the timer ran."""

    begin: int
    end: int


class LapBegin(NamedTuple):
    """When a lap began, and the label of the program's step."""

    second: int
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What was measured at a second of a session, in the units of workout files; None where it is not known."""

    second: int
    distance: int  # cm
    speed: int | None = None  # mm/s
    grade: float | None = None  # %
    heart_rate: int | None = None  # beats a minute
    cadence: int | None = None  # strides a minute; a stride is two steps


class Curve:
    """An amount that grows with time, evenly from knot to knot."""

    def __init__(self, times: Sequence[float], amounts: Iterable[float]) -> None:
        """Set the amount at each time; the times rise."""
        self._times = times
        self._amounts = [*amounts]

    def at(self, time: float) -> float:
        """Return the amount by a time."""
        index = bisect_right(self._times, time) - 1
        before = self._amounts[index]
        if index + 1 == len(self._times):
            return before
        begin, end = self._times[index : index + 2]
        return before + (self._amounts[index + 1] - before) * (time - begin) / (end - begin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The time of a session, second by second as far as it has a track. Of each sequence there is at least one."""

    stretches: Sequence[Stretch]
    points: Sequence[Point]
    laps: Sequence[LapBegin]
    moving: Curve  # s
    distance: Curve  # m
    burned: Curve  # share of the calories, from 0 to 1
    ascent: Curve | None  # m
    descent: Curve | None
    steps: Curve | None


class _Knot(NamedTuple):
    """A moment of a session, measured or not; the first is its beginning and the last its end."""

    time: float
    distance: float
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """The time from one moment to the next."""

    begin: _Knot
    end: _Knot
    still: bool  # the belt did not move

    @property
    def seconds(self) -> float:
        return self.end.time - self.begin.time

    @property
    def moved(self) -> float:
        """Seconds."""
        return 0.0 if self.still else self.seconds

    @property
    def meters(self) -> float:
        return self.end.distance - self.begin.distance

    @property
    def grade(self) -> float:
        """%."""
        return 0.0 if self.begin.sample is None else self.begin.sample.incline or 0.0

    @property
    def climbed(self) -> float:
        """Meters; a distance is measured along the belt."""
        return self.meters * self.grade / hypot(self.grade, 100)

    def energy(self, *, backward: bool) -> float:
        """J/kg."""
        if self.still:
            return 0.0
        measured = None if self.begin.sample is None else self.begin.sample.speed
        speed = self.meters / self.seconds * _KMH_PER_MS if measured is None else measured
        return self.seconds * power_per_kg(speed, self.grade, backward=backward)


def read_timeline(record: SessionRecord, track: Track | None, end: float, last: int) -> Timeline:
    """Return the timeline of a session that took `end` s, which are `last` s once its times are rounded."""
    if track is None or not track.seconds:
        track = Track()  # marks without samples would cut what is not known
    knots = _knots([*track.samples], record.distance, end)
    spans = _spans(knots, track)
    times = [0.0, *(span.end.time for span in spans)]

    def curve(amounts: Iterable[float]) -> Curve:
        return Curve(times, accumulate(amounts, initial=0.0))

    moved = curve(span.moved for span in spans)
    backward = record.direction is Direction.BACKWARD
    climbs = any(value is not None for value in track.incline)
    stretches = _stretches(spans, last)
    return Timeline(
        stretches=stretches,
        points=_points(knots, stretches, last),
        laps=_laps(track, moved, end),
        moving=curve(_moving(spans, record.moving_time)),
        distance=Curve(times, [0.0, *(span.end.distance for span in spans)]),
        burned=curve(_shares([span.energy(backward=backward) for span in spans])),
        ascent=curve(max(span.climbed, 0.0) for span in spans) if climbs else None,
        descent=curve(max(-span.climbed, 0.0) for span in spans) if climbs else None,
        steps=_steps(knots, record.steps),
    )


def _knots(samples: Sequence[Sample], distance: float, end: float) -> list[_Knot]:
    """Return the moments of a session, of which the last has its whole distance."""
    knots = [_Knot(sample.second, min(sample.distance, distance), sample) for sample in samples]
    if not knots or knots[0].time > 0:
        knots.insert(0, _Knot(0, 0.0))
    last = knots[-1]
    if end <= last.time or (samples and distance - last.distance <= _STILL * (end - last.time)):
        knots[-1] = last._replace(distance=distance)  # the track has it less exactly than the record
    if end > last.time:
        knots.append(_Knot(end, distance))
    return knots


def _spans(knots: Sequence[_Knot], track: Track) -> list[_Span]:
    """Return the time between the moments, cut where the session was paused."""
    longest = 2 * track.interval + 1 if track.seconds else inf
    pauses = [*_pauses(track)]
    spans: list[_Span] = []
    for begin, end in pairwise(knots):
        edges = {edge for pause in pauses for edge in pause if begin.time < edge < end.time}
        rests = begin.sample is not None and begin.sample.speed == 0
        if edges and not rests:
            spans += _cut(begin, end, sorted(edges), pauses)
            continue
        seconds = end.time - begin.time
        unmoved = end.distance - begin.distance <= _STILL * seconds and seconds > longest
        spans.append(_Span(begin, end, rests or unmoved or _is_paused(begin.time, pauses)))
    return [*_without_slips(spans, longest, pauses)]


def _cut(begin: _Knot, end: _Knot, edges: Sequence[float], pauses: Sequence[_Pause]) -> Iterator[_Span]:
    """Yield the parts of a span in and out of pauses, of which only those out of them have a distance."""
    times = [begin.time, *edges, end.time]
    moved = sum(after - before for before, after in pairwise(times) if not _is_paused(before, pauses))
    knot = begin
    for time, until in pairwise(times):
        still = _is_paused(time, pauses)
        meters = 0.0 if still or not moved else (end.distance - begin.distance) * (until - time) / moved
        next_knot = end if until == end.time else _Knot(until, min(knot.distance + meters, end.distance))
        yield _Span(knot, next_knot, still)
        knot = next_knot


def _without_slips(spans: Sequence[_Span], longest: float, pauses: Sequence[_Pause]) -> Iterator[_Span]:
    """Yield the spans; a rest that is too short counts as walked unless it is a pause, or at an end of the session."""
    for still, group in groupby(spans, lambda span: span.still):
        run = [*group]
        begin, end = run[0], run[-1]
        slip = still and end.end.time - begin.begin.time <= longest and begin is not spans[0] and end is not spans[-1]
        if slip and not any(_is_paused(span.begin.time, pauses) for span in run):
            run = [replace(span, still=False) for span in run]
        yield from run


def _pauses(track: Track) -> Iterator[_Pause]:
    """Yield when the session was paused; a pause that it ended in has no end."""
    paused: int | None = None
    for mark in track.marks:
        if mark.kind is MarkKind.PAUSED and paused is None:
            paused = mark.second
        elif mark.kind is MarkKind.RESUMED and paused is not None:
            yield paused, mark.second
            paused = None
    if paused is not None:
        yield paused, inf


def _is_paused(time: float, pauses: Iterable[_Pause]) -> bool:
    return any(paused <= time < resumed for paused, resumed in pauses)


def _stretches(spans: Sequence[_Span], last: int) -> list[Stretch]:
    """Return when the timer ran: while the belt moved, or all the time if it never did."""
    found: list[Stretch] = []
    for still, group in groupby(spans, lambda span: span.still):
        run = [*group]
        stretch = Stretch(int(run[0].begin.time), last if run[-1] is spans[-1] else int(run[-1].end.time))
        if not still and stretch.begin < stretch.end:
            found.append(stretch)
    return found or [Stretch(0, last)]


def _moving(spans: Sequence[_Span], moving_time: float) -> Iterator[float]:
    """Yield for how long the belt moved in each span, so that it is the record's time altogether.

    Samples tell it to the second only. No span gets more than it has.
    """
    moved, rested = sum(span.moved for span in spans), sum(span.seconds for span in spans if span.still)
    if moved >= moving_time or not rested:
        yield from (span.moved * moving_time / moved if moved else 0.0 for span in spans)
    else:
        missing = (moving_time - moved) / rested
        yield from (span.seconds * missing if span.still else span.seconds for span in spans)


def _shares(amounts: Sequence[float]) -> list[float]:
    total = sum(amounts) or 1.0
    return [amount / total for amount in amounts]


def _laps(track: Track, moved: Curve, end: float) -> list[LapBegin]:
    """Return the laps: the program's steps. One in which the belt did not move belongs to the next, or to the last."""
    laps = [LapBegin(0, None)]
    for mark in track.marks:
        if mark.kind is not MarkKind.STEP or mark.second >= end:
            continue
        if moved.at(mark.second) > moved.at(laps[-1].second):
            laps.append(LapBegin(mark.second, mark.label))
        else:
            laps[-1] = LapBegin(laps[-1].second, mark.label)
    if len(laps) > 1 and moved.at(end) <= moved.at(laps[-1].second):
        laps.pop()
    return laps


def _steps(knots: Sequence[_Knot], total: int | None) -> Curve | None:
    """Return how many steps were walked by when; evenly distributed where they are not known."""
    if total is None:
        return None
    known: dict[float, int] = {0: 0}
    for knot in knots[1:-1]:
        if knot.sample is not None and knot.sample.steps is not None:
            known[knot.time] = min(knot.sample.steps, total)
    known[knots[-1].time] = total
    return Curve([*known], accumulate(known.values(), max))


def _points(knots: Sequence[_Knot], stretches: Sequence[Stretch], last: int) -> list[Point]:
    """Return the points: what was measured while the timer ran, and the beginning and the end of the session."""
    found: dict[int, Point] = {}
    measured = [(knot, knot.sample) for knot in knots if knot.sample is not None]
    for begin, end in stretches:
        steps = deque[tuple[int, int]]()
        if begin == 0:
            found[0] = Point(second=0, distance=0)
        if end == last:
            found[last] = Point(second=last, distance=0)
        for knot, sample in measured:
            if begin <= sample.second <= end:
                found[sample.second] = _point(sample, knot.distance, _cadence(steps, sample))
    points = [found[second] for second in sorted(found)] or [Point(second=stretches[-1].end, distance=0)]
    return [*points[:-1], replace(points[-1], distance=round(knots[-1].distance * 100))]


def _point(sample: Sample, distance: float, cadence: int | None) -> Point:
    rate = sample.heart_rate
    return Point(
        second=sample.second,
        distance=round(distance * 100),
        speed=None if sample.speed is None else round(max(sample.speed, 0.0) / _KMH_PER_MS * 1000),
        grade=sample.incline,
        heart_rate=rate if rate is not None and 0 < rate <= HIGHEST_RATE else None,
        cadence=cadence,
    )


def _cadence(counted: deque[tuple[int, int]], sample: Sample) -> int | None:
    """Return the strides a minute of the last seconds, after adding the steps of a sample to those of its stretch."""
    if sample.steps is None:
        return None
    counted.append((sample.second, sample.steps))
    while sample.second - counted[0][0] > _COUNTED:
        counted.popleft()
    seconds, steps = sample.second - counted[0][0], sample.steps - counted[0][1]
    if seconds < _LEAST_COUNTED or steps <= 0:
        return None
    return min(round(steps / STEPS_IN_STRIDE / seconds * 60), HIGHEST_RATE)
