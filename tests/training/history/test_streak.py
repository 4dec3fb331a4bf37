"""Streaks: what counts, what a freeze day forgives, and what a plan leaves out."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.streak import WeeklyPlan, count_streak, monday_of

MONDAY = date(2026, 6, 1)
EVERY_DAY = WeeklyPlan()
MON_WED_FRI = WeeklyPlan(days=frozenset({0, 2, 4}))


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def streak(pattern: str, plan: WeeklyPlan = EVERY_DAY) -> int:
    """Return the streak after days that start on a Monday: w walked, - not walked."""
    walked_days = {day(number) for number, mark in enumerate(pattern.replace(" ", "")) if mark == "w"}
    return count_streak(MONDAY, day(len(pattern.replace(" ", ""))), plan, walked_days.__contains__)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", 0),
        ("w", 1),
        ("wwwwwww www", 10),
        ("ww-ww", 4),  # one miss a week is forgiven, and counts for nothing
        ("ww-w-", 0),  # the second miss is not forgiven
        ("ww-w-w", 1),
        ("w--", 0),
        ("wwwwww- -w", 7),  # Sunday and Monday belong to different weeks
        ("w-wwwww w-wwwww w-w", 14),
        ("--w-w", 1),  # the first miss is forgiven even with no streak to lose
        ("w--w-", 0),  # a used freeze day comes back with the week, not with a new streak
        ("w--w--- w", 1),
        ("-------", 0),
    ],
)
def test_one_missed_day_a_week_is_forgiven(pattern: str, expected: int) -> None:
    assert streak(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("w-w-w--", 3),  # the days between are not planned
        ("wwwww--", 3),  # and walking on them is not required
        ("w---w-- w-w-w", 5),
        ("w------", 0),
        ("w---w-- --w", 3),
    ],
)
def test_only_planned_days_count(pattern: str, expected: int) -> None:
    assert streak(pattern, MON_WED_FRI) == expected


def test_a_plan_without_days_has_no_streak() -> None:
    assert streak("wwww", WeeklyPlan(days=frozenset())) == 0


@pytest.mark.parametrize(
    ("paused", "expected"),
    [
        (((day(2), day(5)),), 3),  # both ends are paused: the rest of an incomplete week
        (((day(2), day(3)),), 1),
        (((day(1), None),), 1),  # until further notice
        (((day(2), day(3)), (day(4), day(5))), 3),
        ((), 1),
    ],
)
def test_a_paused_plan_misses_nothing(paused: tuple[tuple[date, date | None], ...], expected: int) -> None:
    assert streak("ww----w", WeeklyPlan(paused=paused)) == expected


def test_a_week_begins_on_monday() -> None:
    assert {monday_of(day(number)) for number in range(7)} == {MONDAY}
    assert monday_of(day(7)) == day(7)
    assert monday_of(day(-1)) == day(-7)


marks = st.lists(st.booleans(), max_size=60)
plans = st.builds(
    WeeklyPlan,
    days=st.frozensets(st.integers(0, 6)),
    paused=st.lists(st.tuples(st.integers(0, 60).map(day), st.none() | st.integers(0, 60).map(day)), max_size=3).map(
        tuple
    ),
)


def naive(walked_days: list[bool], plan: WeeklyPlan) -> int:
    """Apply the rule week by week, from lists of what happened on the days that counted."""
    streak = 0
    for start in range(0, len(walked_days), 7):
        misses_forgiven = 1
        for number in range(start, min(start + 7, len(walked_days))):
            today = day(number)
            planned = today.weekday() in plan.days
            for first, last in plan.paused:
                planned = planned and not first <= today <= (last or date.max)
            if not planned:
                continue
            if walked_days[number]:
                streak += 1
            elif misses_forgiven == 1:
                misses_forgiven = 0
            else:
                streak = 0
    return streak


@given(marks, plans)
def test_the_streak_is_what_the_rule_says(walked_days: list[bool], plan: WeeklyPlan) -> None:
    behind = day(len(walked_days))
    assert count_streak(MONDAY, behind, plan, lambda today: walked_days[(today - MONDAY).days]) == naive(
        walked_days, plan
    )


@given(marks, plans, st.integers(0, 8))
def test_counting_can_go_on_from_any_monday(walked_days: list[bool], plan: WeeklyPlan, weeks: int) -> None:
    def on(today: date) -> bool:
        return walked_days[(today - MONDAY).days]

    behind = day(len(walked_days))
    middle = min(day(7 * weeks), behind)
    before = count_streak(MONDAY, middle, plan, on)
    if middle.weekday() == 0:
        assert count_streak(middle, behind, plan, on, before) == count_streak(MONDAY, behind, plan, on)


@given(marks, plans, st.integers(0, 59))
def test_walking_on_one_day_more_never_shortens_a_streak(
    walked_days: list[bool], plan: WeeklyPlan, number: int
) -> None:
    if number < len(walked_days):
        more = [*walked_days[:number], True, *walked_days[number + 1 :]]
        assert naive(more, plan) >= naive(walked_days, plan)
