"""What the next session should be: six weeks of several walkers, a table of every rule, and the invariants."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.coaching.presets import FIRST_WALK
from custom_components.retrowalk.training.coaching.progression import (
    COMEBACK,
    FIRST_STEPS,
    PLAN,
    Proposal,
    Reason,
    next_day,
    propose,
    usual_time,
)
from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 6, 1)
EVERY_DAY = WeeklyPlan()
MON_WED_FRI = WeeklyPlan(days=frozenset({0, 2, 4}))
MONDAYS = WeeklyPlan(days=frozenset({0}))
RELAXED = WeeklyPlan(days=frozenset())
"""Nothing is planned, so nothing is missed."""


def machine(
    speed: tuple[float, float, float] | None = (0.5, 12.0, 0.1),
    incline: tuple[float, float, float] | None = None,
    **owner: Any,
) -> Limits:
    """Return the limits of a walker on a machine with these speeds and inclines."""
    capabilities = Capabilities(
        speed_range=ValueRange(*speed) if speed else None,
        incline_range=ValueRange(*incline) if incline else None,
    )
    return limits_for(capabilities, OwnerLimits(**owner), Direction.BACKWARD)


LIMITS = machine()
INCLINING = machine(incline=(0.0, 15.0, 0.5))


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def session(
    number: float, speed: float | None = 2.0, rated: tuple[int | None, int | None] = (2, 2), **others: Any
) -> Any:
    """Return a session of five minutes on a day, completed unless specified otherwise."""
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
    """A walker who follows the proposals on the proposed days, each in their own way."""

    limits: Limits = LIMITS
    plan: WeeklyPlan = EVERY_DAY
    needs_ratings: bool = True
    records: list[SessionRecord] = field(default_factory=list)
    proposals: dict[int, Proposal] = field(default_factory=dict)

    def live(self, days: int, differences: Callable[[int, Proposal], dict[str, Any] | None]) -> None:
        """Simulate days; `differences` returns what differs in the session of a day, or None for no session."""
        for number in range(days):
            if not self.plan.expects(day(number)):
                continue
            first = not any(record.completed for record in self.records)
            ratings = {"needs_ratings": self.needs_ratings}
            proposed = proposal(self.records, number, self.limits, plan=self.plan, first=first, **ratings)
            self.proposals[number] = proposed
            if (special := differences(number, proposed)) is not None:
                planned = {"planned_incline": proposed.incline, "program": proposed.program}
                length = {"planned": proposed.minutes * 60, "moving_time": proposed.minutes * 60}
                self.records.append(session(number, proposed.speed, **planned | length | special))

    def weekly(self) -> list[float | None]:
        """Return the speed at the beginning of each week."""
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
    """Walk every other day of a seven-day plan, after four good weeks."""
    lazy = Walker()
    lazy.live(70, lambda number, _: {} if number < 28 or number % 2 == 0 else None)
    assert lazy.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 1.6, 1.5, 1.5, 1.5, 1.5]
    after = [lazy.proposals[number] for number in range(30, 70, 2)]
    assert {one.reason for one in after} == {Reason.EASE_MISSED}


def test_a_lazy_walker_of_few_days_comes_back_again_and_again() -> None:
    """Walk every ninth day."""
    lazy = Walker()
    lazy.live(46, lambda number, _: {} if number % 9 == 0 else None)
    proposals = [lazy.proposals[number] for number in range(0, 46, 9)]
    assert [one.program for one in proposals] == [FIRST_STEPS, *[COMEBACK] * 5]
    assert [(one.speed, one.minutes) for one in proposals] == [(1.5, 5.0), *[(1.5, 3.0)] * 5]


def test_a_hurting_walker_goes_down_rests_and_comes_back_eased() -> None:
    """Have two good weeks, then one with more pain each day, then a knee that recovers."""

    def hurts(number: int, _: Proposal) -> dict[str, Any]:
        if number < 15:
            return {"rated": (2, 2)}
        before = min(number - 13, 7) if number < 22 else 2
        return {"rated": (before, before + 1 if number < 20 else before)}

    hurting = Walker()
    hurting.live(43, hurts)
    proposals = [(one.speed, one.minutes, one.reason) for one in hurting.proposals.values()]
    assert proposals[14:27] == [
        (1.7, 5.0, Reason.FASTER),
        (1.7, 5.0, Reason.HOLD_EARNING),
        (1.6, 5.0, Reason.EASE_DISCOMFORT),  # 2 before, 3 afterwards
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


def test_who_says_same_after_each_session_and_nothing_before_goes_on() -> None:
    brief = Walker()
    brief.live(43, lambda *_: {"rated": UNRATED, "knee": Knee.SAME})
    assert brief.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2]


def test_who_has_no_complaints_goes_on_without_ratings() -> None:
    silent = Walker(needs_ratings=False)
    silent.live(43, lambda *_: {"rated": UNRATED})
    assert silent.weekly() == [1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (session(6, rated=UNRATED, knee=Knee.BIT_WORSE), Reason.EASE_DISCOMFORT),
        (session(6, rated=(2, 3)), Reason.EASE_DISCOMFORT),
        (session(6, rated=(None, 6)), Reason.REST),
        (session(6, rated=(None, 7), knee=Knee.BETTER), Reason.REST),
        (session(6, rated=UNRATED, moving_time=239.0, outcome=Outcome.STOPPED), Reason.EASE_ABORTED),
        (
            session(6, rated=UNRATED, moving_time=290.0, outcome=Outcome.STOPPED, stopped_by="safety_key"),
            Reason.EASE_KEY,
        ),
        (session(6, rated=UNRATED, moving_time=90.0, outcome=Outcome.INTERRUPTED), Reason.HOLD_CUT_SHORT),
    ],
)
def test_without_the_need_for_ratings_all_that_eases_still_eases(last: SessionRecord, reason: Reason) -> None:
    assert proposal(after(last), 7, needs_ratings=False).reason is reason


def test_at_the_top_the_deck_rises_instead_and_never_together_with_the_speed() -> None:
    good = Walker(limits=machine(incline=(0.0, 15.0, 0.5), backward_speed=1.7, backward_incline=1.0))
    good.live(43, lambda *_: {})
    weekly = [(good.proposals[number].speed, good.proposals[number].incline) for number in range(0, 43, 7)]
    assert weekly == [(1.5, 0.0), (1.6, 0.0), (1.7, 0.0), (1.7, 0.5), (1.7, 1.0), (1.7, 1.0), (1.7, 1.0)]
    assert [good.proposals[number].reason for number in (21, 42)] == [Reason.STEEPER, Reason.HOLD_TOP]


@pytest.mark.parametrize(
    ("step", "rises"),
    [
        (0.16, {9: 1.54, 17: 1.7, 24: 1.86, 31: 2.02, 38: 2.18}),  # 0.138 a week at 1.38
        (0.2, {10: 1.6, 19: 1.8, 27: 2.0, 34: 2.2, 41: 2.4}),
        (0.5, {24: 2.0, 42: 2.5}),
    ],
)
def test_coarse_machines_save_until_it_makes_a_whole_step(step: float, rises: dict[int, float]) -> None:
    low = {0.16: 0.58, 0.2: 0.8, 0.5: 0.5}[step]
    good = Walker(limits=machine((low, 12.0, step)))
    good.live(43, lambda *_: {})
    faster = {number: one.speed for number, one in good.proposals.items() if one.reason is Reason.FASTER}
    assert faster == rises


# Each rule

WEEK = [session(number) for number in range(7)]
EASED, HELD, RAISED = 1.8, 2.0, 2.2


def after(last: SessionRecord) -> list[SessionRecord]:
    """Return a good week that ends with this session."""
    return [*WEEK[:6], last]


@pytest.mark.parametrize(
    ("records", "number", "speed", "reason"),
    [
        pytest.param(WEEK, 7, RAISED, Reason.FASTER, id="a week of comfort"),
        pytest.param(WEEK, 6, HELD, Reason.HOLD_EARNING, id="not twice on one day"),
        pytest.param(WEEK[1:], 7, HELD, Reason.HOLD_EARNING, id="six days"),
        pytest.param(after(session(6, rated=(2, 1))), 7, RAISED, Reason.FASTER, id="less discomfort"),
        pytest.param(after(session(6, rated=UNRATED)), 7, HELD, Reason.HOLD_UNRATED, id="unrated"),
        pytest.param(after(session(6, rated=(2, None))), 7, HELD, Reason.HOLD_UNRATED, id="half rated"),
        pytest.param([*WEEK[:5], session(5, rated=UNRATED), WEEK[6]], 7, HELD, Reason.HOLD_EARNING, id="earns nothing"),
        pytest.param(
            [*WEEK[:5], session(5, rated=UNRATED), WEEK[6], session(7)], 8, RAISED, Reason.FASTER, id="a day later"
        ),
        pytest.param(after(session(6, rated=(2, 3))), 7, EASED, Reason.EASE_DISCOMFORT, id="more discomfort"),
        pytest.param(after(session(6, rated=UNRATED, knee=Knee.BETTER)), 7, RAISED, Reason.FASTER, id="better"),
        pytest.param(after(session(6, rated=UNRATED, knee=Knee.SAME)), 7, RAISED, Reason.FASTER, id="the same"),
        pytest.param(after(session(6, rated=(None, 3), knee=Knee.SAME)), 7, RAISED, Reason.FASTER, id="same, at 3"),
        pytest.param(
            after(session(6, rated=UNRATED, knee=Knee.BIT_WORSE)), 7, EASED, Reason.EASE_DISCOMFORT, id="a bit worse"
        ),
        pytest.param(after(session(6, rated=UNRATED, knee=Knee.WORSE)), 7, EASED, Reason.EASE_DISCOMFORT, id="worse"),
        pytest.param(
            after(session(6, rated=(2, 1), knee=Knee.WORSE)), 7, EASED, Reason.EASE_DISCOMFORT, id="worse in one answer"
        ),
        pytest.param(
            after(session(6, rated=(2, 3), knee=Knee.BETTER)), 7, EASED, Reason.EASE_DISCOMFORT, id="and in the other"
        ),
        pytest.param(
            after(session(6, moving_time=239.0, outcome=Outcome.STOPPED, rated=UNRATED, knee=Knee.BETTER)),
            7,
            EASED,
            Reason.EASE_ABORTED,
            id="an abort, however good the knee",
        ),
        pytest.param(after(session(6, rated=(6, 5))), 7, EASED, Reason.EASE_DISCOMFORT, id="sore before"),
        pytest.param(
            after(session(6, moving_time=239.0, outcome=Outcome.STOPPED)), 7, EASED, Reason.EASE_ABORTED, id="abort"
        ),
        pytest.param(
            after(session(6, moving_time=241.0, outcome=Outcome.STOPPED, stopped_by="stopped")),
            7,
            RAISED,
            Reason.FASTER,
            id="a stop after 80 %",
        ),
        pytest.param(
            after(session(6, moving_time=30.0, max_speed=0.5, outcome=Outcome.STOPPED, stopped_by="finished")),
            7,
            EASED,
            Reason.EASE_ABORTED,
            id="an abort before the speed was reached",
        ),
        pytest.param(
            after(session(6, moving_time=30.0, outcome=Outcome.CONSOLE)),
            7,
            EASED,
            Reason.EASE_ABORTED,
            id="at the console",
        ),
        pytest.param(
            after(session(6, moving_time=290.0, outcome=Outcome.STOPPED, stopped_by="safety_key")),
            7,
            EASED,
            Reason.EASE_KEY,
            id="key",
        ),
        pytest.param(
            after(session(6, outcome=Outcome.STOPPED, stopped_by="guard")), 7, EASED, Reason.EASE_GUARD, id="guard"
        ),
        pytest.param(
            after(session(6, outcome=Outcome.STOPPED, stopped_by="nobody_on_belt")),
            7,
            EASED,
            Reason.EASE_GUARD,
            id="nobody",
        ),
        pytest.param(
            after(session(6, moving_time=90.0, outcome=Outcome.STOPPED, stopped_by="shutdown")),
            7,
            HELD,
            Reason.HOLD_CUT_SHORT,
            id="home assistant went",
        ),
        pytest.param(
            after(session(6, moving_time=90.0, outcome=Outcome.INTERRUPTED, stopped_by="interrupted")),
            7,
            HELD,
            Reason.HOLD_CUT_SHORT,
            id="the link was lost",
        ),
        pytest.param(WEEK, 8, EASED, Reason.EASE_MISSED, id="a missed day"),
        pytest.param(WEEK, 12, EASED, Reason.EASE_MISSED, id="several missed days ease once"),
        pytest.param([session(0), session(2)], 3, 2.0, Reason.HOLD_EARNING, id="who did not ease is followed"),
        pytest.param(
            [session(0), *WEEK[2:], session(7)], 8, HELD, Reason.HOLD_EARNING, id="a miss ends what was earned"
        ),
        pytest.param(after(session(6, 2.5)), 7, 2.5, Reason.HOLD_EARNING, id="who chose more is followed"),
        pytest.param(after(session(6, 2.5, program=None)), 7, 2.5, Reason.HOLD_EARNING, id="with whatever name"),
        pytest.param(
            after(session(6, 3.0, program="intervals")), 7, RAISED, Reason.FASTER, id="a program's peak is no level"
        ),
        pytest.param(after(session(6, max_speed=1.7)), 7, 1.7, Reason.HOLD_EARNING, id="who went slower is followed"),
        pytest.param(after(session(6, max_speed=1.96)), 7, RAISED, Reason.FASTER, id="a machine that is not exact"),
        pytest.param(
            after(session(6, max_speed=4.0)), 7, RAISED, Reason.FASTER, id="a moment at the console counts not"
        ),
        pytest.param(after(session(6, None, max_speed=2.0)), 7, RAISED, Reason.FASTER, id="walked freely, as fast"),
        pytest.param(after(session(6, None, max_speed=1.0)), 7, HELD, Reason.HOLD_EARNING, id="walked freely, slower"),
        pytest.param(
            [*WEEK, session(6.5, 1.0, direction=Direction.FORWARD, rated=(0, 9))],
            7,
            RAISED,
            Reason.FASTER,
            id="forward",
        ),
        pytest.param(
            [*WEEK, session(8, None, outcome=Outcome.LOGGED, planned=None)], 9, EASED, Reason.HOLD_EARNING, id="logged"
        ),
        pytest.param([session(9), session(8)], 7, 2.0, Reason.HOLD_EARNING, id="a clock that was wrong"),
    ],
)
def test_rule(records: list[SessionRecord], number: int, speed: float, reason: Reason) -> None:
    proposed = replace(proposal(records, number), comfortable=0)
    unrated = records[-1].id if reason is Reason.HOLD_UNRATED else None
    expected = Proposal(minutes=5.0, speed=speed, incline=None, program=PLAN, reason=reason, unrated=unrated)
    assert proposed == expected


@pytest.mark.parametrize(
    ("records", "number", "comfortable"),
    [
        pytest.param(WEEK, 7, 7, id="all of them"),
        pytest.param(WEEK[1:], 7, 6, id="not yet enough"),
        pytest.param([*WEEK[:5], session(5, rated=UNRATED), WEEK[6]], 7, 6, id="without the unrated one"),
        pytest.param([*WEEK, session(7, RAISED)], 8, 1, id="anew on each level"),
        pytest.param(after(session(6, rated=UNRATED)), 7, 0, id="not where they are not the reason"),
        pytest.param([], 7, 0, id="none"),
    ],
)
def test_the_reason_counts_the_comfortable_sessions(
    records: list[SessionRecord], number: int, comfortable: int
) -> None:
    assert proposal(records, number).comfortable == comfortable


CUT_SHORT = {"moving_time": 20.0, "max_speed": 0.8, "rated": UNRATED, "program": None}


@pytest.mark.parametrize(
    ("outcome", "eased", "reason"),
    [(Outcome.STOPPED, True, Reason.EASE_ABORTED), (Outcome.INTERRUPTED, False, Reason.HOLD_CUT_SHORT)],
)
def test_a_session_that_was_not_completed_never_raises_the_level(outcome: Outcome, eased: bool, reason: Reason) -> None:
    def proposed_level(speed: float, deck: float = 0.0, **others: Any) -> tuple[float | None, float | None, Reason]:
        week = [session(number, 1.5, planned_incline=1.0) for number in range(6)]
        faster = session(6, speed, planned_incline=deck, outcome=outcome, **CUT_SHORT)
        proposed = proposal([*week, faster], 7, INCLINING, **others)
        return proposed.speed, proposed.incline, proposed.reason

    assert proposed_level(3.0, 1.0) == (1.5, 0.5 if eased else 1.0, reason)
    assert proposed_level(3.0, 3.0) == (1.5, 0.5 if eased else 1.0, reason)
    # A lower value is followed.
    assert proposed_level(1.2) == (1.1 if eased else 1.2, 0.0, reason)
    assert proposed_level(3.0, 0.5) == (1.5, 0.0 if eased else 0.5, reason)
    assert proposed_level(3.0, 3.0, progress=False) == (1.5, 1.0, Reason.HOLD_OFF)
    assert proposed_level(1.2, progress=False) == (1.2, 0.0, Reason.HOLD_OFF)


def test_before_any_completed_session_nothing_leads_above_the_start() -> None:
    mistaken = session(0, 3.0, outcome=Outcome.STOPPED, **CUT_SHORT)
    assert proposal([mistaken], 1, first=True).speed == 1.4
    assert proposal([replace(mistaken, outcome=Outcome.INTERRUPTED)], 1).speed == 1.5
    free = session(-1, None, distance=100.0)
    assert proposal([free, mistaken], 1).speed == 1.1


def test_one_comfortable_session_is_not_enough_however_long_ago() -> None:
    assert proposal([session(0)], 6, plan=RELAXED).reason is Reason.HOLD_EARNING
    assert proposal([session(0), session(6)], 8, plan=RELAXED).reason is Reason.FASTER


@pytest.mark.parametrize(
    ("plan", "number", "program"),
    [
        (EVERY_DAY, 12, PLAN),
        (EVERY_DAY, 13, COMEBACK),
        (MON_WED_FRI, 13, COMEBACK),
        (RELAXED, 13, COMEBACK),
        (WeeklyPlan(paused=((day(7), day(12)),)), 13, COMEBACK),  # travel is not a miss, but it is time away
        (WeeklyPlan(days=frozenset({6})), 13, PLAN),  # Sundays only: nothing was missed
        (WeeklyPlan(days=frozenset({6})), 20, COMEBACK),
    ],
)
def test_seven_days_away_are_followed_by_a_comeback(plan: WeeklyPlan, number: int, program: str) -> None:
    proposed = proposal(WEEK, number, plan=plan)
    assert proposed.program == program
    if program == COMEBACK:
        assert proposed == Proposal(minutes=3.0, speed=1.5, incline=None, program=COMEBACK, reason=Reason.COMEBACK)


@pytest.mark.parametrize(("number", "speed"), [(13, 1.8), (19, 1.8), (20, 1.7), (27, 1.6), (34, 1.5), (100, 1.5)])
def test_each_week_away_takes_what_a_week_earns(number: int, speed: float) -> None:
    back = proposal([*WEEK, comeback(number)], number + 1)
    assert back == Proposal(minutes=5.0, speed=speed, incline=None, program=PLAN, reason=Reason.BACK)


def comeback(number: float, speed: float = 1.5, **others: Any) -> SessionRecord:
    length = {"planned": 180.0, "moving_time": 180.0}
    record: SessionRecord = session(number, speed, **length | {"program": COMEBACK} | others)
    return record


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (comeback(13), (1.8, 5.0, PLAN, Reason.BACK)),
        (comeback(13, rated=UNRATED), (1.8, 5.0, PLAN, Reason.BACK)),
        (comeback(13, rated=(1, 2)), (1.4, 3.0, COMEBACK, Reason.EASE_DISCOMFORT)),
        (comeback(13, moving_time=60.0, outcome=Outcome.STOPPED), (1.4, 3.0, COMEBACK, Reason.EASE_ABORTED)),
        (comeback(13, moving_time=60.0, outcome=Outcome.INTERRUPTED), (1.4, 3.0, COMEBACK, Reason.COMEBACK)),
    ],
)
def test_a_comeback_that_went_wrong_is_tried_again(last: SessionRecord, expected: Any) -> None:
    proposed = proposal([*WEEK, last], 14)
    assert (proposed.speed, proposed.minutes, proposed.program, proposed.reason) == expected


def test_a_day_missed_after_a_comeback_eases_once_more() -> None:
    proposed = proposal([*WEEK, comeback(13)], 15)
    assert (proposed.speed, proposed.program, proposed.reason) == (1.7, PLAN, Reason.EASE_MISSED)


REST = Proposal(minutes=3.0, speed=0.5, incline=None, program=COMEBACK, reason=Reason.REST)


@pytest.mark.parametrize(
    ("records", "number", "discomfort", "rests"),
    [
        (WEEK, 7, 6, True),
        (WEEK, 7, 5, False),
        (after(session(6, rated=(6, 6))), 7, None, True),
        (after(session(6, rated=(7, None))), 7, None, True),
        (after(session(6, rated=(7, 5))), 7, None, False),
        (after(session(6, rated=(7, 7))), 7, 3, False),  # the current rating counts, not the earlier one
        ([*after(session(6, rated=(7, 7))), comeback(7, 0.5, rated=UNRATED)], 8, None, True),
        ([*after(session(6, rated=(7, 7))), comeback(7, 0.5)], 8, None, False),
        ([session(0, rated=(7, 7)), *(session(number, rated=UNRATED) for number in range(1, 8))], 8, None, False),
        ([session(0, rated=UNRATED)], 1, None, False),
    ],
)
def test_an_aching_knee_rests(records: list[SessionRecord], number: int, discomfort: int | None, rests: bool) -> None:
    assert (proposal(records, number, discomfort=discomfort) == REST) is rests


@pytest.mark.parametrize(
    ("records", "speed", "reason"),
    [
        ([], 1.5, Reason.FIRST_STEPS),
        ([session(0, 1.5, moving_time=100.0, outcome=Outcome.STOPPED)], 1.4, Reason.EASE_ABORTED),
        ([session(0, 1.5, moving_time=100.0, outcome=Outcome.INTERRUPTED)], 1.5, Reason.FIRST_STEPS),
        ([session(-20, 1.5, moving_time=100.0)], 1.5, Reason.FIRST_STEPS),
        ([session(0, None, outcome=Outcome.LOGGED, planned=None)], 1.5, Reason.FIRST_STEPS),
        ([session(0, 2.0)], 1.5, Reason.FIRST_STEPS),
    ],
)
def test_the_first_session_is_a_first_step(records: list[SessionRecord], speed: float, reason: Reason) -> None:
    proposed = proposal(records, 1, first=True, minutes=20.0)
    assert proposed == Proposal(minutes=5.0, speed=speed, incline=None, program=FIRST_STEPS, reason=reason)


def test_who_has_not_walked_for_a_year_comes_back() -> None:
    proposed = proposal([], 0)
    assert (proposed.speed, proposed.program) == (1.5, COMEBACK)


def test_before_anything_was_planned_the_average_is_the_level() -> None:
    free = session(0, None, max_speed=2.5, distance=165.0)  # 1.98 km/h
    assert proposal([free], 1).speed == 1.9
    assert proposal([session(-1, None, distance=100.0), replace(free, moving_time=0.0)], 1).speed == 1.2
    peaks = replace(free, planned_speed=2.5, program="intervals")
    assert proposal([peaks], 1).speed == 1.9
    assert proposal([replace(free, outcome=Outcome.LOGGED)], 1).speed == 1.5  # that was not on this treadmill
    assert proposal([replace(free, outcome=Outcome.CONSOLE, planned=None)], 1).speed == 1.9


def test_a_first_walk_at_the_slowest_speed_neither_sets_the_level_nor_lowers_it() -> None:
    walk = session(0, 0.5, program=FIRST_WALK, max_speed=0.5, distance=16.0, moving_time=120.0, planned=120.0)
    stopped = replace(walk, moving_time=20.0, outcome=Outcome.STOPPED)
    for records in ([walk], [stopped], [stopped, walk]):
        proposed = proposal(records, 1, first=True)
        assert (proposed.speed, proposed.program, proposed.reason) == (1.5, FIRST_STEPS, Reason.FIRST_STEPS)
    assert proposal([session(0, 2.0), replace(walk, started=session(1).started)], 2).speed == 2.0
    worse = replace(walk, knee=Knee.WORSE)
    assert proposal([worse], 1, first=True).reason is Reason.EASE_DISCOMFORT, "a knee is heard all the same"


def test_without_progression_the_plan_stays_as_it_was() -> None:
    for records in (WEEK, after(session(6, rated=(2, 5))), after(session(6, moving_time=9.0, outcome=Outcome.STOPPED))):
        for number in (7, 20):
            proposed = proposal(records, number, progress=False)
            assert (proposed.speed, proposed.minutes, proposed.program, proposed.reason) == (
                2.0,
                5.0,
                PLAN,
                Reason.HOLD_OFF,
            )


def test_the_deck_comes_down_before_the_belt_slows() -> None:
    steep = [session(number, planned_incline=1.0, rated=(2, 3)) for number in range(2)]
    proposed = proposal(steep, 2, INCLINING)
    assert (proposed.speed, proposed.incline) == (2.0, 0.5)
    proposed = proposal([session(0, planned_incline=0.0, rated=(2, 3))], 1, INCLINING)
    assert (proposed.speed, proposed.incline) == (1.8, 0.0)


def test_a_steep_walk_made_freely_counts_for_its_level() -> None:
    limits = machine(incline=(0.0, 15.0, 0.5), backward_speed=2.0)
    steep = [session(number, planned_incline=1.0) for number in range(6)]
    free = session(6, None, max_speed=2.0, max_incline=1.0)
    assert proposal([*steep, free], 7, limits).incline == 1.5
    assert proposal([*steep, replace(free, max_incline=0.0)], 7, limits).incline == 1.0


@pytest.mark.parametrize(("step", "incline", "days"), [(0.1, 0.5, 7), (0.2, 0.4, 7), (1.0, 1.0, 14)])
def test_inclines_rise_by_half_a_percent_a_week_in_whole_steps(step: float, incline: float, days: int) -> None:
    limits = machine(incline=(0.0, 10.0, step), backward_speed=2.0)
    records = [session(number, planned_incline=0.0) for number in range(days)]
    assert proposal(records, days, limits).incline == incline
    assert proposal(records, days - 1, limits).incline == 0.0


def test_what_cannot_be_steered_is_not_proposed() -> None:
    proposed = proposal(WEEK, 7, machine(speed=None))
    assert proposed == Proposal(minutes=5.0, speed=None, incline=None, program=PLAN, reason=Reason.HOLD_TOP)
    # Steps over half a kilometer per hour are never applied when walking backward (S5).
    coarse = machine((1.0, 10.0, 1.0))
    assert (proposal(WEEK, 7, coarse).speed, proposal(WEEK, 7, coarse).reason) == (1.0, Reason.HOLD_TOP)


def test_minutes_are_the_walkers_inside_the_limits() -> None:
    assert proposal(WEEK, 7, minutes=12.0).minutes == 12.0
    assert proposal(WEEK, 7, minutes=45.0).minutes == 30.0
    assert proposal(WEEK, 7, machine(reduced=True), minutes=45.0).minutes == 10.0
    assert proposal(WEEK, 7, machine(reduced=True)).speed == 2.0  # and not faster than that


def test_days_are_those_of_the_house() -> None:
    """Use the local date: just after midnight in Berlin is a day later than in Greenwich."""
    late = [replace(one, started=one.started.replace(hour=22, minute=30)) for one in WEEK]
    assert proposal(late, 7).reason is Reason.HOLD_EARNING
    assert proposal(late, 8).reason is Reason.FASTER
    greenwich = propose(late, day=day(7), tz=UTC, plan=EVERY_DAY, minutes=5.0, limits=LIMITS)
    assert greenwich.reason is Reason.FASTER


# Invariants

MACHINES = st.builds(
    machine,
    st.tuples(st.sampled_from([0.5, 0.8, 1.0, 1.6, 2.0]), st.just(12.0), st.sampled_from([0.1, 0.16, 0.2, 0.5, 1.0])),
    st.sampled_from([None, (0.0, 15.0, 0.5), (0.0, 10.0, 1.0), (-3.0, 12.0, 0.1)]),
    backward_speed=st.sampled_from([1.7, 3.0, 5.0]),
    backward_incline=st.sampled_from([0.0, 3.0]),
    reduced=st.booleans(),
)
PLANS = st.sampled_from([EVERY_DAY, MON_WED_FRI, MONDAYS, WeeklyPlan(paused=((day(9), day(19)),))])
RATING = st.none() | st.integers(0, 8)
HABITS = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {},
        optional={
            "rated": st.tuples(RATING, RATING) | st.just((2, 2)),
            "knee": st.none() | st.sampled_from(Knee),
            "moving_time": st.sampled_from([20.0, 170.0, 239.0]),
            "outcome": st.sampled_from(list(Outcome)),
            "stopped_by": st.sampled_from(["stopped", "safety_key", "guard", "shutdown"]),
        },
    )
    | st.just({}),
    min_size=42,
    max_size=70,
)


def on_grid(value: float, allowed: ValueRange) -> bool:
    steps = (value - allowed.minimum) / allowed.step
    return allowed.minimum <= value <= allowed.maximum and abs(steps - round(steps)) < 1e-6


@settings(max_examples=200, deadline=None)
@given(limits=MACHINES, plan=PLANS, habit=HABITS, needs_ratings=st.booleans())
def test_whatever_somebody_makes_of_it(
    limits: Limits, plan: WeeklyPlan, habit: list[dict[str, Any] | None], needs_ratings: bool
) -> None:
    somebody = Walker(limits=limits, plan=plan, needs_ratings=needs_ratings)
    somebody.live(len(habit), lambda number, _: habit[number])
    proposals = somebody.proposals
    for number, one in proposals.items():
        known = [record for record in somebody.records if record.started.date() < day(number)]
        first = not any(record.completed for record in known)
        again = proposal(known, number, limits, plan=plan, first=first, needs_ratings=needs_ratings)
        assert again == one
        assert one.minutes * 60 <= limits.longest
        assert (one.speed is None) == (limits.speed is None)
        assert (one.incline is None) == (limits.incline is None)
        assert limits.speed is None or on_grid(one.speed or 0.0, limits.speed)
        assert limits.incline is None or on_grid(one.incline or 0.0, limits.incline)
        assert one.program != COMEBACK or one.speed in {None, limits.speed and limits.speed.minimum} or one.speed <= 1.5
    if limits.speed is None:
        return
    step = limits.speed.step
    highest: dict[int, float] = {}  # up to and including a day
    for number, one in proposals.items():
        highest[number] = max([one.speed or 0.0, *highest.values()])
    for early, late in combinations(highest, 2):
        if late - early <= 7:
            # At most a tenth in any seven days, or one step if that is more; a step then took longer to earn.
            assert highest[late] <= max(1.1 * highest[early], highest[early] + step) + 1e-9
    rises = [number for number, one in proposals.items() if one.reason in {Reason.FASTER, Reason.STEEPER}]
    for earlier, later in pairwise(rises):
        assert later - earlier >= 7
    for number in rises:
        one = proposals[number]
        before = max(known for known in proposals if known < number)
        if one.reason is Reason.FASTER:
            assert one.incline == proposals[before].incline
            speed = proposals[before].speed or 0.0
            assert one.speed is not None
            gain = one.speed - speed
            assert gain <= max(0.1 * speed, step) + 1e-9
        else:
            assert one.speed == proposals[before].speed


@settings(max_examples=200, deadline=None)
@given(
    limits=MACHINES,
    days=st.lists(st.integers(0, 40), max_size=30),
    speeds=st.lists(st.none() | st.floats(0.1, 12.0), min_size=30, max_size=30),
    special=HABITS,
    first=st.booleans(),
    progress=st.booleans(),
    needs_ratings=st.booleans(),
)
def test_no_past_leads_out_of_the_limits(
    limits: Limits,
    days: list[int],
    speeds: list[float | None],
    special: list[dict[str, Any] | None],
    first: bool,
    progress: bool,
    needs_ratings: bool,
) -> None:
    records = [session(n, v, **(more or {})) for n, v, more in zip(sorted(days), speeds, special, strict=False)]
    proposed = proposal(records, 41, limits, first=first, progress=progress, needs_ratings=needs_ratings)
    assert limits.speed is None or on_grid(proposed.speed or 0.0, limits.speed)
    assert limits.incline is None or on_grid(proposed.incline or 0.0, limits.incline)
    planned = [record.planned_speed or record.max_speed for record in records]
    if limits.speed is not None and proposed.speed is not None:
        most = max([1.5, *planned])
        assert proposed.speed <= max(1.1 * most, most + limits.speed.step, limits.speed.minimum) + 1e-9


# Usual time and days


@pytest.mark.parametrize(
    ("plan", "today", "walked", "expected"),
    [
        (EVERY_DAY, 0, False, 0),
        (EVERY_DAY, 0, True, 1),
        (MON_WED_FRI, 0, True, 2),
        (MON_WED_FRI, 1, False, 2),
        (MON_WED_FRI, 5, False, 7),
        (MONDAYS, 0, True, 7),
        (WeeklyPlan(paused=((day(0), day(9)),)), 3, False, 10),
        (WeeklyPlan(paused=((day(0), None),)), 3, False, None),
        (RELAXED, 0, False, None),
    ],
)
def test_the_next_day_is_the_next_planned_one(plan: WeeklyPlan, today: int, walked: bool, expected: int | None) -> None:
    assert next_day(plan, day(today), walked=walked) == (None if expected is None else day(expected))


def test_the_usual_time_is_when_somebody_walks_as_a_rule() -> None:
    assert usual_time([], BERLIN) == time(18)
    mornings = [session(number + minutes / 1440) for number, minutes in enumerate([0, 10, 20, 600, 25, 8])]
    assert usual_time(mornings, BERLIN) == time(9)  # about 9:10; one evening changes nothing
    assert usual_time(mornings, UTC) == time(7)
    many = [session(number) for number in range(20)] + [session(20 + number + 0.5) for number in range(10)]
    assert usual_time(many, BERLIN) == time(21)
