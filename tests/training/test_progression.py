"""What the next session should be: six weeks of several walkers, a table of every rule, and what never happens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.progression import (
    COMEBACK,
    FIRST_STEPS,
    PLAN,
    Proposal,
    Reason,
    next_day,
    propose,
    usual_time,
)
from custom_components.retrowalk.training.record import Outcome, SessionRecord
from custom_components.retrowalk.training.streak import WalkPlan

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 6, 1)
EVERY_DAY = WalkPlan()
MON_WED_FRI = WalkPlan(days=frozenset({0, 2, 4}))
MONDAYS = WalkPlan(days=frozenset({0}))
RELAXED = WalkPlan(days=frozenset())
"""Nothing is planned, so nothing is missed."""


def machine(
    speed: tuple[float, float, float] | None = (0.5, 12.0, 0.1),
    incline: tuple[float, float, float] | None = None,
    **owner: Any,
) -> Limits:
    """The limits of a walker on a machine whose speeds and inclines are these."""
    capabilities = Capabilities(
        speed_range=ValueRange(*speed) if speed else None,
        incline_range=ValueRange(*incline) if incline else None,
    )
    return limits_for(capabilities, OwnerLimits(**owner), Direction.BACKWARD)


LIMITS = machine()
INCLINING = machine(incline=(0.0, 15.0, 0.5))


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def walk(number: float, speed: float | None = 2.0, rated: tuple[int | None, int | None] = (2, 2), **others: Any) -> Any:
    """A session of five minutes on a day, walked to its end unless told otherwise."""
    started = datetime.combine(MONDAY, time(9), BERLIN).astimezone(UTC) + timedelta(days=number)
    values: dict[str, Any] = {
        "id": f"{number:07.2f}",
        "walker": "anna",
        "direction": Direction.BACKWARD,
        "started": started,
        "ended": started + timedelta(minutes=5),
        "moving_time": 300.0,
        "distance": 120.0,
        "calories": 18.0,
        "calories_net": 12.0,
        "max_speed": speed or 0.0,
        "max_incline": others.get("planned_incline") or 0.0,
        "planned": 300.0,
        "planned_speed": speed,
        "program": PLAN,
        "discomfort_before": rated[0],
        "discomfort_after": rated[1],
    }
    return SessionRecord(**values | others)


UNRATED = (None, None)


def proposal(records: Iterable[SessionRecord], number: int, limits: Limits = LIMITS, **others: Any) -> Proposal:
    values: dict[str, Any] = {"plan": EVERY_DAY, "minutes": 5.0}
    return propose([*records], day=day(number), tz=BERLIN, limits=limits, **values | others)


# Six weeks


@dataclass
class Walker:
    """Somebody who walks what is proposed, on the days that it is proposed for and in a way of their own."""

    limits: Limits = LIMITS
    plan: WalkPlan = EVERY_DAY
    records: list[SessionRecord] = field(default_factory=list)
    proposals: dict[int, Proposal] = field(default_factory=dict)

    def live(self, days: int, walks: Callable[[int, Proposal], dict[str, Any] | None]) -> None:
        """`walks` says what is special about the session of a day; None: there is none."""
        for number in range(days):
            if not self.plan.expects(day(number)):
                continue
            first = not any(record.completed for record in self.records)
            proposed = proposal(self.records, number, self.limits, plan=self.plan, first=first)
            self.proposals[number] = proposed
            if (special := walks(number, proposed)) is not None:
                planned = {"planned_incline": proposed.incline, "program": proposed.program}
                length = {"planned": proposed.minutes * 60, "moving_time": proposed.minutes * 60}
                self.records.append(walk(number, proposed.speed, **planned | length | special))

    def weekly(self) -> list[float | None]:
        """The speed at the beginning of each week."""
        return [proposed.speed for number, proposed in self.proposals.items() if number % 7 == 0]


def test_a_good_walker_is_from_one_and_a_half_at_two_in_five_weeks() -> None:
    good = Walker()
    good.live(43, lambda *_: {"rated": (3, 2)})
    assert good.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2]
    assert [good.proposals[number].program for number in (0, 1)] == [FIRST_STEPS, PLAN]
    assert {good.proposals[number].speed for number in range(28, 35)} == {1.9}
    assert {number for number, one in good.proposals.items() if one.reason is Reason.FASTER} == {7, 14, 21, 28, 35, 42}


def test_three_days_a_week_go_as_fast_as_seven() -> None:
    good = Walker(plan=MON_WED_FRI)
    good.live(43, lambda *_: {})
    assert good.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2]


def test_one_day_a_week_goes_half_as_fast_and_is_no_comeback_each_time() -> None:
    rare = Walker(plan=MONDAYS)
    rare.live(43, lambda *_: {})
    assert rare.weekly() == [1.5, 1.5, 1.6, 1.6, 1.7, 1.7, 1.8]
    assert COMEBACK not in {one.program for one in rare.proposals.values()}


def test_a_lazy_walker_falls_back_to_the_start_and_no_further() -> None:
    """Walks every other day of a plan of seven, after four good weeks."""
    lazy = Walker()
    lazy.live(70, lambda number, _: {} if number < 28 or number % 2 == 0 else None)
    assert lazy.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 1.6, 1.5, 1.5, 1.5, 1.5]
    after = [lazy.proposals[number] for number in range(30, 70, 2)]
    assert {one.reason for one in after} == {Reason.EASE_MISSED}


def test_a_lazy_walker_of_few_days_comes_back_again_and_again() -> None:
    """Walks every ninth day."""
    lazy = Walker()
    lazy.live(46, lambda number, _: {} if number % 9 == 0 else None)
    walked = [lazy.proposals[number] for number in range(0, 46, 9)]
    assert [one.program for one in walked] == [FIRST_STEPS, *[COMEBACK] * 5]
    assert [(one.speed, one.minutes) for one in walked] == [(1.5, 5.0), *[(1.5, 3.0)] * 5]


def test_a_hurting_walker_goes_down_rests_and_comes_back_eased() -> None:
    """Two good weeks, a third that hurts more every day, then a knee that calms down."""

    def hurts(number: int, _: Proposal) -> dict[str, Any]:
        if number < 15:
            return {"rated": (2, 2)}
        before = min(number - 13, 7) if number < 22 else 2
        return {"rated": (before, before + 1 if number < 20 else before)}

    hurting = Walker()
    hurting.live(43, hurts)
    told = [(one.speed, one.minutes, one.reason) for one in hurting.proposals.values()]
    assert told[14:27] == [
        (1.7, 5.0, Reason.FASTER),
        (1.7, 5.0, Reason.HOLD_EARNING),
        (1.6, 5.0, Reason.EASE_DISCOMFORT),  # 2 was 3 afterwards
        (1.5, 5.0, Reason.EASE_DISCOMFORT),
        (1.4, 5.0, Reason.EASE_DISCOMFORT),
        (0.5, 3.0, Reason.REST),  # 6 afterwards
        (0.5, 3.0, Reason.REST),
        (0.5, 3.0, Reason.REST),
        (0.5, 3.0, Reason.REST),
        (1.3, 5.0, Reason.BACK),
        (1.3, 5.0, Reason.HOLD_EARNING),
        (1.3, 5.0, Reason.HOLD_EARNING),
        (1.3, 5.0, Reason.HOLD_EARNING),
    ]
    assert hurting.weekly() == [1.5, 1.6, 1.7, 0.5, 1.3, 1.4, 1.5]


def test_who_never_rates_stays_where_they_are() -> None:
    silent = Walker()
    silent.live(43, lambda *_: {"rated": UNRATED})
    assert {one.speed for one in silent.proposals.values()} == {1.5}
    assert silent.proposals[42].reason is Reason.HOLD_UNRATED


def test_at_the_top_the_deck_rises_instead_and_never_together_with_the_speed() -> None:
    good = Walker(limits=machine(incline=(0.0, 15.0, 0.5), backward_speed=1.7, backward_incline=1.0))
    good.live(43, lambda *_: {})
    weekly = [(good.proposals[number].speed, good.proposals[number].incline) for number in range(0, 43, 7)]
    assert weekly == [(1.5, 0.0), (1.6, 0.0), (1.7, 0.0), (1.7, 0.5), (1.7, 1.0), (1.7, 1.0), (1.7, 1.0)]
    assert [good.proposals[number].reason for number in (21, 42)] == [Reason.STEEPER, Reason.HOLD_TOP]


@pytest.mark.parametrize(
    ("step", "rises"),
    [
        (0.16, {8: 1.54, 15: 1.7, 22: 1.86, 29: 2.02, 36: 2.18}),  # of 1.38 it is 0.138 a week
        (0.2, {10: 1.6, 19: 1.8, 27: 2.0, 34: 2.2, 41: 2.4}),
        (0.5, {24: 2.0}),
    ],
)
def test_coarse_machines_save_until_it_makes_a_whole_step(step: float, rises: dict[int, float]) -> None:
    low = {0.16: 0.58, 0.2: 0.8, 0.5: 0.5}[step]
    good = Walker(limits=machine((low, 12.0, step)))
    good.live(43, lambda *_: {})
    faster = {number: one.speed for number, one in good.proposals.items() if one.reason is Reason.FASTER}
    assert faster == rises


# Each rule

GOOD = [walk(number) for number in range(7)]


@pytest.mark.parametrize(
    ("records", "number", "expected"),
    [
        pytest.param(GOOD, 7, (2.2, 5.0, Reason.FASTER), id="a week of comfort"),
        pytest.param(GOOD, 6, (2.0, 5.0, Reason.HOLD_EARNING), id="not on the same day again"),
        pytest.param(GOOD[1:], 7, (2.0, 5.0, Reason.HOLD_EARNING), id="six days"),
        pytest.param(GOOD[::3], 7, (1.8, 5.0, Reason.EASE_ABORTED), id="placeholder"),
    ],
)
def test_placeholder(records: list[SessionRecord], number: int, expected: tuple[float, float, Reason]) -> None:
    told = proposal(records, number)
    print(told)
