"""All finished sessions and their totals: by day, by week, in all, and in a row."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from operator import attrgetter
from typing import Self

from ..limits import Direction
from .record import SessionRecord
from .streak import WeeklyPlan, count_streak, monday_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """Totals of the sessions in one direction; goals, weeks and streaks count backward ones only."""

    minutes: float = 0.0  # the belt moved
    distance: float = 0.0  # m
    calories: float = 0.0  # kcal, gross
    steps: int = 0
    sessions: int = 0
    completed: int = 0  # of the sessions


@dataclass(slots=True)
class _Sum:
    """Sums in whole small units, which can be added and subtracted in any order without a remainder."""

    milliseconds: int = 0
    millimeters: int = 0
    calories: int = 0  # thousandths of a kcal
    steps: int = 0
    sessions: int = 0
    completed: int = 0

    @classmethod
    def of(cls, record: SessionRecord) -> Self:
        return cls(
            round(record.moving_time * 1000),
            round(record.distance * 1000),
            round(record.calories * 1000),
            round(record.steps or 0),
            1,
            int(record.completed),
        )

    def add(self, other: _Sum, sign: int) -> None:
        self.milliseconds += sign * other.milliseconds
        self.millimeters += sign * other.millimeters
        self.calories += sign * other.calories
        self.steps += sign * other.steps
        self.sessions += sign * other.sessions
        self.completed += sign * other.completed

    def totals(self) -> DayTotals:
        return DayTotals(
            minutes=self.milliseconds / 60_000,
            distance=self.millimeters / 1000,
            calories=self.calories / 1000,
            steps=self.steps,
            sessions=self.sessions,
            completed=self.completed,
        )


@dataclass(slots=True)
class _Streaks:
    """A walker's streak before each Monday, so that a session changes the weeks since its own only."""

    plan: WeeklyPlan
    monday: date  # of the first session
    before: list[int] = field(default_factory=lambda: [0])

    def forget_after(self, day: date) -> None:
        weeks = (day - self.monday).days // 7
        del self.before[max(weeks, 0) + 1 :]


_order = attrgetter("started", "id")


class SessionHistory:
    """All finished sessions, and their totals; a change costs no more than itself.

    A session belongs to the day on which it started, by the local calendar of the zone asked for. A walker of None
    means the guests, except in `between`.
    """

    def __init__(self, records: Iterable[SessionRecord] = (), zone: tzinfo | None = None) -> None:
        """Take in sessions in any order, and sort them into the days of a zone; without one when they are asked for.

        Raises ValueError for two with the same id.
        """
        self._by_id: dict[str, SessionRecord] = {}
        self._in_order: list[SessionRecord] = sorted(records, key=_order)
        self._by_walker: dict[str | None, list[SessionRecord]] = {}
        self._totals: dict[tuple[str | None, Direction], _Sum] = {}
        self._completed = Counter[str | None]()  # sessions of a walker, in either direction
        self._no_beginning = Counter[str | None]()  # those that end it (S4)
        self._zone = zone  # of the days below; another one means counting them anew
        self._days: dict[tuple[str | None, date], _Sum] = {}
        self._streaks: dict[str | None, _Streaks] = {}
        for record in self._in_order:
            self._by_id[record.id] = record
            self._by_walker.setdefault(record.walker, []).append(record)
            self._count(record, 1)
        if len(self._by_id) != len(self._in_order):
            raise ValueError("two sessions have the same id")

    def __len__(self) -> int:
        return len(self._in_order)

    def __iter__(self) -> Iterator[SessionRecord]:
        """Iterate from the oldest to the newest."""
        return iter(self._in_order)

    def add(self, record: SessionRecord) -> None:
        """Add a session. Raises ValueError if there is one with this id."""
        if record.id in self._by_id:
            raise ValueError(f"there is a session {record.id} already")
        self._by_id[record.id] = record
        insort(self._in_order, record, key=_order)
        insort(self._by_walker.setdefault(record.walker, []), record, key=_order)
        self._count(record, 1)

    def replace(self, record: SessionRecord) -> SessionRecord:
        """Replace the session with the same id, and return the old one. Raises KeyError if there is none."""
        before = self.remove(record.id)
        self.add(record)
        return before

    def remove(self, session_id: str) -> SessionRecord:
        """Remove a session and return it. Raises KeyError if there is none with this id."""
        record = self._by_id.pop(session_id)
        for records in (self._in_order, self._by_walker[record.walker]):
            del records[bisect_left(records, _order(record), key=_order)]
        self._count(record, -1)
        return record

    def get(self, session_id: str) -> SessionRecord | None:
        """Return the session with this id."""
        return self._by_id.get(session_id)

    def last(self, walker: str | None) -> SessionRecord | None:
        """Return the newest session of a walker, in either direction."""
        records = self._by_walker.get(walker)
        return records[-1] if records else None

    def between(self, start: datetime, end: datetime, walker: str | None = None) -> list[SessionRecord]:
        """Return sessions that started from `start` until before `end`, oldest first; of one walker, or of all."""
        records = self._in_order if walker is None else self._by_walker.get(walker, [])
        first, behind = (bisect_left(records, time, key=attrgetter("started")) for time in (start, end))
        return records[first:behind]

    def day(self, walker: str | None, day: date, tz: tzinfo) -> DayTotals:
        """Return a walker's totals of a day."""
        self.index(tz)
        found = self._days.get((walker, day))
        return found.totals() if found else DayTotals()

    def week(self, walker: str | None, day: date, tz: tzinfo) -> float:
        """Return a walker's minutes in the week, Monday to Sunday, of a day."""
        self.index(tz)
        monday = monday_of(day)
        found = (self._days.get((walker, monday + timedelta(days=number))) for number in range(7))
        return sum(day_sum.milliseconds for day_sum in found if day_sum) / 60_000

    def totals(self, walker: str | None, direction: Direction = Direction.BACKWARD) -> DayTotals:
        """Return a walker's totals of all time in one direction."""
        found = self._totals.get((walker, direction))
        return found.totals() if found else DayTotals()

    def completed(self, walker: str | None) -> int:
        """Return how many sessions a walker has completed, in either direction."""
        return self._completed[walker]

    def is_beginner(self, walker: str | None) -> bool:
        """Return whether no session of a walker ends their beginning (S4)."""
        return not self._no_beginning[walker]

    def streak(self, walker: str | None, today: date, tz: tzinfo, plan: WeeklyPlan) -> int:
        """Return the streak of planned days with the goal reached or a session completed.

        Today is not missed before it is over.
        """
        self.index(tz)
        records = self._by_walker.get(walker)
        if not records:
            return 0

        def walked(day: date) -> bool:
            return self._kept(walker, day, plan)

        first = records[0].started.astimezone(tz).date()
        known = self._streaks.get(walker)
        if known is None or (known.plan, known.monday) != (plan, monday_of(first)):
            known = self._streaks[walker] = _Streaks(plan, monday_of(first))
        weeks = max((today - known.monday).days // 7, 0)
        while len(known.before) <= weeks:
            monday = known.monday + timedelta(weeks=len(known.before))
            begin = max(first, monday - timedelta(weeks=1))
            known.before.append(count_streak(begin, monday, plan, walked, known.before[-1]))
        streak = count_streak(max(first, monday_of(today)), today, plan, walked, known.before[weeks])
        return streak + 1 if plan.expects(today) and walked(today) else streak

    def kept(self, walker: str | None, day: date, tz: tzinfo, plan: WeeklyPlan) -> bool:
        """Return whether a walker reached the goal or completed a session on a day, planned or not."""
        self.index(tz)
        return self._kept(walker, day, plan)

    def _kept(self, walker: str | None, day: date, plan: WeeklyPlan) -> bool:
        found = self._days.get((walker, day))
        return found is not None and (found.completed > 0 or found.totals().minutes >= plan.goal_minutes)

    def index(self, tz: tzinfo) -> None:
        """Sort the sessions into the days of a zone, unless they are; the totals by day do it when first asked."""
        if self._zone is not None and self._zone == tz:
            return
        self._zone = tz
        self._days = {}
        self._streaks = {}
        for record in self._in_order:
            self._count_day(record, _Sum.of(record), 1)

    def _count(self, record: SessionRecord, sign: int) -> None:
        amounts = _Sum.of(record)
        self._completed[record.walker] += sign * amounts.completed
        self._no_beginning[record.walker] += sign * record.ends_beginning
        key = record.walker, record.direction
        if (found := self._totals.get(key)) is None:
            found = self._totals[key] = _Sum()
        found.add(amounts, sign)
        self._count_day(record, amounts, sign)

    def _count_day(self, record: SessionRecord, amounts: _Sum, sign: int) -> None:
        if self._zone is None:
            return
        day = record.started.astimezone(self._zone).date()
        if (known := self._streaks.get(record.walker)) is not None:
            known.forget_after(day)
        if record.direction is not Direction.BACKWARD:
            return
        if (found := self._days.get((record.walker, day))) is None:
            found = self._days[record.walker, day] = _Sum()
        found.add(amounts, sign)
        if not found.sessions:
            del self._days[record.walker, day]  # without sessions no goal is reached, not even one of 0 minutes
