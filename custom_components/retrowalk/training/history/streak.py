"""The streak: planned days in a row on which somebody walked, with one freeze day a week.

A broken streak discourages and a repairable one helps. So the first missed day of a week, Monday to Sunday, is
forgiven. It is always the first, so that what was shown on a day stays true later, and no further session ever makes a
streak shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_FREEZE_DAYS_A_WEEK = 1
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPlan:
    """The days on which somebody means to walk, and for how long."""

    days: frozenset[int] = frozenset(range(7))  # 0 is Monday
    goal_minutes: float = 5.0
    paused: tuple[tuple[date, date | None], ...] = ()  # first and last day, both paused; None: until further notice

    def expects(self, day: date) -> bool:
        """Return whether the plan asks for a session on a day."""
        if day.weekday() not in self.days:
            return False
        return not any(first <= day and (last is None or day <= last) for first, last in self.paused)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - day.weekday() * _DAY


def count_streak(first: date, behind: date, plan: WeeklyPlan, walked: Callable[[date], bool], streak: int = 0) -> int:
    """Return the streak after the days from `first` until before `behind`; it was `streak` before them.

    All of the days are over. Days without a plan count neither for nor against. To go on from an earlier streak, begin
    on a Monday, with the week's freeze day.
    """
    frozen = 0
    for number in range((behind - first).days):
        day = first + number * _DAY
        if day.weekday() == 0:
            frozen = 0
        if not plan.expects(day):
            continue
        if walked(day):
            streak += 1
        elif frozen < _FREEZE_DAYS_A_WEEK:
            frozen += 1
        else:
            streak = 0
    return streak
