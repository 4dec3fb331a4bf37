"""A walker's weeks in figures: what a walker may print or send. It adds up, and judges nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from ..limits import Direction
from .record import Outcome, SessionRecord
from .session_history import SessionHistory
from .streak import WeeklyPlan, monday_of

MOST_WEEKS = 26
"""Most weeks of a report: more would not be legible on one page."""
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was walked in a week, or in all weeks; `None` where nothing is known.

    Sessions, minutes and distance are those of backward sessions; the walker's ratings are those of all sessions.
    """

    sessions: int = 0
    minutes: float = 0.0  # the belt moved
    distance: float = 0.0  # m
    by_hand: int = 0  # of the sessions: entered by hand
    planned: int = 0  # days
    kept: int = 0  # of the planned days
    top_speed: float | None = None  # km/h
    top_incline: float | None = None  # %
    before: float | None = None  # mean knee discomfort, 0-10
    after: float | None = None
    effort: float | None = None  # mean, 0-10
    rated: int = 0  # sessions with a rating of the knee, before or after
    knee_fine: int = 0  # sessions after which the knee was better or the same
    knee_worse: int = 0
    forward_sessions: int = 0
    forward_minutes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The days of a week, Monday to Sunday, that lie in a report."""

    first: date
    last: date
    figures: Figures
    streak: int = 0  # on the last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a walker wrote about a session, with the ratings."""

    day: date
    text: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerReport:
    """A walker's weeks from the first to the last day."""

    first: date
    last: date
    goal_minutes: float  # a day
    weeks: tuple[Week, ...]  # oldest first; at least one
    total: Figures
    streak: int  # on the last day
    notes: tuple[Note, ...]  # newest first


def first_day(last: date, weeks: int) -> date:
    """Return the Monday on which a number of weeks begins, the last of which contains the last day."""
    return date.fromordinal(max(monday_of(last).toordinal() - 7 * (weeks - 1), 1))


def count_weeks(first: date, last: date) -> int:
    """Return the number of calendar weeks from the first to the last day."""
    return (monday_of(last) - monday_of(first)).days // 7 + 1


def make_report(
    records: Iterable[SessionRecord],
    *,
    plan: WeeklyPlan,
    goal_minutes: float,
    first: date,
    last: date,
    today: date,
    tz: tzinfo,
) -> WalkerReport:
    """Return the report of one walker, from all sessions of this walker; `first` is not after `last`.

    The plan is the present one. Its days count from the walker's first session on, and today once it is kept: it is not
    missed before it is over.
    """
    everything = sorted(records, key=lambda record: (record.started, record.id))
    history = SessionHistory(everything)
    walker = everything[0].walker if everything else None
    began = everything[0].started.astimezone(tz).date() if everything else None
    by_day: dict[date, list[SessionRecord]] = {}
    for record in everything:
        by_day.setdefault(record.started.astimezone(tz).date(), []).append(record)

    def expected(day: date) -> bool:
        return began is not None and began <= day <= today and plan.expects(day)

    def figures(days: Sequence[date]) -> Figures:
        kept = [day for day in days if expected(day) and history.kept(walker, day, tz, plan)]
        missed = [day for day in days if expected(day) and day != today and day not in kept]
        walked = [record for day in days for record in by_day.get(day, ())]
        return _figures(walked, planned=len(kept) + len(missed), kept=len(kept))

    days = [first + number * _DAY for number in range((last - first).days + 1)]
    mondays = [monday_of(first) + number * _WEEK for number in range(count_weeks(first, last))]
    weeks = []
    for monday in mondays:
        shown = [day for day in days if monday_of(day) == monday]
        streak = history.streak(walker, min(shown[-1], today), tz, plan)
        weeks.append(Week(first=shown[0], last=shown[-1], figures=figures(shown), streak=streak))
    return WalkerReport(
        first=first,
        last=last,
        goal_minutes=goal_minutes,
        weeks=tuple(weeks),
        total=figures(days),
        streak=history.streak(walker, last, tz, plan),
        notes=tuple(
            Note(day=day, text=record.note, before=record.discomfort_before, after=record.discomfort_after)
            for day in reversed(days)
            for record in reversed(by_day.get(day, []))
            if record.note
        ),
    )


def _figures(records: Sequence[SessionRecord], *, planned: int, kept: int) -> Figures:
    backward = [record for record in records if record.direction is Direction.BACKWARD]
    forward = [record for record in records if record.direction is not Direction.BACKWARD]
    speeds = [record.max_speed for record in backward if record.max_speed > 0]
    before = [record.discomfort_before for record in records if record.discomfort_before is not None]
    after = [record.discomfort_after for record in records if record.discomfort_after is not None]
    answers = [record.knee for record in records if record.knee is not None]
    rated = [record for record in records if (record.discomfort_before, record.discomfort_after) != (None, None)]
    return Figures(
        sessions=len(backward),
        minutes=_minutes(backward),
        distance=sum(round(record.distance * 1000) for record in backward) / 1000,
        by_hand=sum(record.outcome is Outcome.LOGGED for record in backward),
        planned=planned,
        kept=kept,
        top_speed=max(speeds, default=None),
        # A session without a speed was not measured, and its deck neither.
        top_incline=max((record.max_incline for record in backward if record.max_speed > 0), default=None),
        before=_mean(before),
        after=_mean(after),
        effort=_mean([record.effort for record in records if record.effort is not None]),
        rated=len(rated),
        knee_fine=sum(not knee.is_worse for knee in answers),
        knee_worse=sum(knee.is_worse for knee in answers),
        forward_sessions=len(forward),
        forward_minutes=_minutes(forward),
    )


def _minutes(records: Sequence[SessionRecord]) -> float:
    return sum(round(record.moving_time * 1000) for record in records) / 60_000


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None
