"""The content of a finished session in a workout file, rounded once, so that every format has the same figures.

With a track there is a point for each of its samples, and a lap for each step of the program. Without one there are two
points, the beginning at 0 m and the end at the whole distance: the reader draws a straight line between them; nothing
is made up, least of all a speed for each second.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from math import inf
from typing import NamedTuple, Self

from ..history.record import Outcome, SessionRecord
from ..history.track import Track
from .timeline import HIGHEST_RATE, STEPS_IN_STRIDE, Curve, Point, Stretch, Timeline, read_timeline

_KMH_PER_MS = 3.6
_MOST = 1e9
"""No session has more of anything; larger numbers would only break sums."""
_WORST = 10
"""The highest rating of an effort or of a discomfort."""


class Rates(NamedTuple):
    """Heart rates or cadences."""

    lowest: int
    average: int
    highest: int

    @classmethod
    def of(cls, rates: Iterable[int | None]) -> Self | None:
        """Return the rates of some points, or None if none is known."""
        known = [rate for rate in rates if rate is not None]
        return cls(min(known), round(sum(known) / len(known)), max(known)) if known else None


class Amounts(NamedTuple):
    """What was done, in whole units: amounts that are rounded before they are subtracted add up."""

    elapsed: int  # ms, pauses included
    moving: int  # ms
    distance: int  # cm
    calories: int  # kcal, gross, as the services expect it
    ascent: int | None  # m
    descent: int | None  # m
    steps: int | None

    @classmethod
    def by(cls, timeline: Timeline, calories: float, second: float) -> Self:
        """Return what was done of a session by a second."""

        def done(curve: Curve | None) -> int | None:
            return None if curve is None else round(curve.at(second))

        return cls(
            elapsed=round(second * 1000),
            moving=round(timeline.moving.at(second) * 1000),
            distance=round(timeline.distance.at(second) * 100),
            calories=round(timeline.burned.at(second) * calories),
            ascent=done(timeline.ascent),
            descent=done(timeline.descent),
            steps=done(timeline.steps),
        )

    def since(self, before: Self) -> Self:
        """Return what was done since then."""

        def difference(now: int | None, then: int | None) -> int | None:
            return None if now is None or then is None else now - then

        return type(self)(
            elapsed=self.elapsed - before.elapsed,
            moving=self.moving - before.moving,
            distance=self.distance - before.distance,
            calories=self.calories - before.calories,
            ascent=difference(self.ascent, before.ascent),
            descent=difference(self.descent, before.descent),
            steps=difference(self.steps, before.steps),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A session or one of its laps. The laps add up to the session."""

    started: datetime  # UTC, to the second
    ended: datetime  # UTC, to the second
    amounts: Amounts
    top_speed: int | None  # mm/s
    points: Sequence[Point]  # at least one of a session; a lap may have none
    label: str | None = None  # of the program's step

    @property
    def average_speed(self) -> int | None:
        """mm/s of the moving belt."""
        return round(self.amounts.distance * 10_000 / self.amounts.moving) if self.amounts.moving else None

    @property
    def heart_rate(self) -> Rates | None:
        """Beats a minute."""
        return Rates.of(point.heart_rate for point in self.points)

    @property
    def cadence(self) -> Rates | None:
        """Strides a minute."""
        return Rates.of(point.cadence for point in self.points)

    @property
    def average_cadence(self) -> int | None:
        """Strides a minute of the moving belt."""
        if not self.amounts.steps or not self.amounts.moving:
            return None
        return min(round(self.amounts.steps / STEPS_IN_STRIDE / self.amounts.moving * 60_000), HIGHEST_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a workout file tells of a session."""

    whole: Part
    laps: Sequence[Part]  # at least one
    stretches: Sequence[Stretch]  # when the timer ran; at least one
    top_incline: float | None  # %
    effort: int | None  # 0-100, how hard it was
    feel: int | None  # 0-100, how well the knee felt
    treadmill: bool  # a session entered by hand may have been walked anywhere

    @classmethod
    def of(cls, record: SessionRecord, track: Track | None = None) -> Self:
        """Return the summary of a finished session, as exact as its track."""
        record = replace(
            record,
            moving_time=min(record.moving_time, _MOST),
            distance=min(record.distance, _MOST),
            calories=min(record.calories, _MOST),
            steps=None if record.steps is None else round(max(record.steps, 0)),
        )
        tracked = float(track.seconds[-1]) if track is not None and track.seconds else 0.0
        # A clock that was set back during the session must not make it shorter than it was.
        shortest = timedelta(seconds=max(record.moving_time, tracked))
        ended = max(record.ended, record.started + shortest)
        started, end = to_second(record.started), (ended - record.started).total_seconds()
        timeline = read_timeline(record, track, end, round((to_second(ended) - started).total_seconds()))
        whole = Part(
            started=started,
            ended=to_second(ended),
            amounts=Amounts.by(timeline, record.calories, end)._replace(
                moving=round(record.moving_time * 1000),
                distance=round(record.distance * 100),
                calories=round(record.calories),
            ),
            top_speed=round(record.max_speed / _KMH_PER_MS * 1000) if record.max_speed > 0 else None,
            points=timeline.points,
        )
        return cls(
            whole=whole,
            laps=[*_laps(timeline, whole, record.calories)],
            stretches=timeline.stretches,
            top_incline=record.max_incline if record.max_incline > 0 else None,
            effort=_percent(record.effort),
            feel=None if (discomfort := _percent(record.discomfort_after)) is None else 100 - discomfort,
            treadmill=record.outcome is not Outcome.LOGGED,
        )


def _laps(timeline: Timeline, whole: Part, calories: float) -> Iterator[Part]:
    """Yield the laps; if there is only one, it is the session."""
    *begins, final = timeline.laps
    if not begins:
        yield replace(whole, label=final.label)
        return
    done = Amounts.by(timeline, calories, 0)
    for lap, following in zip_longest(timeline.laps, timeline.laps[1:]):
        until = inf if following is None else following.second
        by_then = whole.amounts if following is None else Amounts.by(timeline, calories, until)
        points = [point for point in timeline.points if lap.second <= point.second < until]
        yield Part(
            started=whole.started + timedelta(seconds=lap.second),
            ended=whole.ended if following is None else whole.started + timedelta(seconds=until),
            amounts=by_then.since(done),
            top_speed=max((point.speed for point in points if point.speed), default=None),
            points=points,
            label=lap.label,
        )
        done = by_then


def _percent(rating: float | None) -> int | None:
    """Return a rating from 0 to 10 as the nearest whole one in percent."""
    return None if rating is None else min(max(round(rating), 0), _WORST) * 100 // _WORST


def to_second(time: datetime) -> datetime:
    """Return the nearest whole second, the later one of two: the one rule for the times of workout files."""
    return (time + timedelta(seconds=0.5)).replace(microsecond=0)
