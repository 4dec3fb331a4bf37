"""Sessions and their totals: calendar days, sums that stay correct through every change, streaks."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.history.session_history import DayTotals, SessionHistory
from custom_components.retrowalk.training.history.streak import WeeklyPlan, count_streak
from custom_components.retrowalk.training.limits import Direction

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")
ANNA, BEN = "anna", "ben"
MONDAY = date(2026, 6, 1)
EVERY_DAY = WeeklyPlan()


def session(
    session_id: str = "01J0000000000000000000000A",
    started: datetime = datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
    minutes: float = 5.0,
    walker: str | None = ANNA,
    **others: Any,
) -> SessionRecord:
    values: dict[str, Any] = {
        "id": session_id,
        "walker": walker,
        "direction": Direction.BACKWARD,
        "started": started,
        "ended": started + timedelta(minutes=minutes),
        "moving_time": minutes * 60,
        "distance": minutes * 30,
        "calories": minutes * 3.7,
        "calories_net": minutes * 2.5,
        "planned": 300.0,
    }
    return SessionRecord(**values | others)


def on(day: date, minutes: float = 5.0, **others: Any) -> SessionRecord:
    """Return a session on a morning in Berlin."""
    started = datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN)
    return session(f"{day} {others.get('walker', ANNA)} {minutes}", started, minutes, **others)


# One session


def test_a_session_survives_json() -> None:
    record = session(
        machine_energy=12,
        steps=512,
        max_speed=2.5,
        max_incline=1.0,
        planned_speed=2.5,
        planned_incline=1.0,
        program="daily_five",
        outcome=Outcome.STOPPED,
        stopped_by="safety_key",
        estimated=True,
        discomfort_before=3,
        discomfort_after=2,
        knee=Knee.BIT_WORSE,
        effort=4,
        note="langsam, aber gern",
        weight=70.0,
    )
    assert SessionRecord.from_dict(json.loads(json.dumps(record.as_dict()))) == record
    assert record.as_dict()["started"] == "2026-06-01T08:00:00+00:00"


def test_older_and_newer_data_load() -> None:
    kept = session().as_dict()
    for name in ("machine_energy", "steps", "outcome", "estimated", "note", "weight", "max_speed"):
        del kept[name]
    for name in ("planned_speed", "planned_incline", "stopped_by", "effort", "knee"):  # as stored before they existed
        del kept[name]
    assert SessionRecord.from_dict({**kept, "something_new": 1}) == session()


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"direction": "sideways"},
        {"started": "yesterday"},
        {"started": "2026-06-01T08:00:00"},
        {"ended": 5},
        {"outcome": "lost"},
        {"moving_time": -1.0},
        {"moving_time": None},
        {"distance": inf},
        {"calories": nan},
        {"calories_net": "many"},
        {"moving_time": True},
        {"distance": 1e300},
        {"walker": ["anna"]},
        {"walker": 5},
        {"note": {}},
        {"steps": "many"},
        {"effort": "hard"},
        {"knee": 3},
        {"knee": "gone"},
        {"effort": nan},
        {"planned": "long"},
        {"estimated": "yes"},
        {"weight": nan},
        {"started": "0001-01-01T00:00:00+00:00"},
        {"ended": "9999-12-31T23:59:59+00:00"},
        {"steered_backward": "all"},
    ],
)
def test_what_is_no_session_is_not_taken_for_one(broken: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        SessionRecord.from_dict({**session().as_dict(), **broken})
    kept = session().as_dict()
    del kept["moving_time"]
    with pytest.raises(TypeError):
        SessionRecord.from_dict(kept)
    with pytest.raises(KeyError):
        SessionRecord.from_dict({})


def test_times_are_kept_in_utc() -> None:
    record = session(started=datetime(2026, 1, 1, 0, 30, tzinfo=BERLIN))
    assert record.started.isoformat() == "2025-12-31T23:30:00+00:00"
    assert record.ended.tzinfo is UTC


def test_a_clock_set_back_does_not_end_a_session_before_it_began() -> None:
    record = session()
    assert replace(record, ended=record.started - timedelta(hours=1)).ended == record.started


@pytest.mark.parametrize(
    ("planned", "seconds", "completed"),
    [(300.0, 240.0, True), (300.0, 239.0, False), (None, 60.0, True), (None, 59.9, False), (0.0, 0.0, True)],
)
def test_a_session_is_completed_by_what_was_walked(planned: float | None, seconds: float, completed: bool) -> None:
    assert session(minutes=seconds / 60, planned=planned).completed is completed


# Days


def test_a_day_adds_up() -> None:
    history = SessionHistory(
        [on(MONDAY, 5), on(MONDAY, 3), on(MONDAY + timedelta(days=1), 7), on(MONDAY, 9, walker=BEN)]
    )
    totals = DayTotals(minutes=8, distance=240, calories=pytest.approx(29.6), sessions=2, completed=1)
    assert history.day(ANNA, MONDAY, BERLIN) == totals
    assert history.day(BEN, MONDAY, BERLIN).minutes == 9
    assert history.day(None, MONDAY, BERLIN) == DayTotals()
    assert history.day(ANNA, date(2026, 5, 31), BERLIN) == DayTotals()


def test_forward_sessions_are_kept_but_not_counted() -> None:
    record = on(MONDAY, direction=Direction.FORWARD)
    history = SessionHistory([record])
    assert history.last(ANNA) == record
    assert history.day(ANNA, MONDAY, BERLIN) == history.totals(ANNA) == DayTotals()
    assert history.streak(ANNA, MONDAY, BERLIN, EVERY_DAY) == 0
    history.replace(replace(record, direction=Direction.BACKWARD))  # corrected later
    assert (
        history.day(ANNA, MONDAY, BERLIN)
        == history.totals(ANNA)
        == DayTotals(minutes=5, distance=150, calories=18.5, sessions=1, completed=1)
    )


def test_a_session_over_midnight_belongs_to_the_day_on_which_it_started() -> None:
    history = SessionHistory([session(started=datetime(2026, 6, 1, 23, 58, tzinfo=BERLIN), minutes=10)])
    assert history.day(ANNA, MONDAY, BERLIN).minutes == 10
    assert history.day(ANNA, date(2026, 6, 2), BERLIN).minutes == 0


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)),  # 23 h long
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)),  # 25 h
    ],
)
def test_days_of_daylight_saving_changes_are_as_long_as_they_are(first: datetime, last: datetime) -> None:
    day = last.date()
    minute = timedelta(minutes=1)
    history = SessionHistory(session(str(time), time) for time in (first - minute, first, last, last + minute))
    assert history.day(ANNA, day, BERLIN).sessions == 2
    assert history.day(ANNA, day - timedelta(days=1), BERLIN).sessions == 1
    assert history.day(ANNA, day + timedelta(days=1), BERLIN).sessions == 1


def test_both_of_the_hours_that_come_twice_are_of_the_same_day() -> None:
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]
    history = SessionHistory(session(str(time.fold), time) for time in twice)
    assert history.day(ANNA, date(2026, 10, 25), BERLIN).minutes == 10
    first, second = history
    assert second.started - first.started == timedelta(hours=1)


def test_another_time_zone_counts_the_days_anew() -> None:
    history = SessionHistory([session(started=datetime(2026, 6, 1, 13, 0, tzinfo=UTC))])
    assert history.day(ANNA, MONDAY, BERLIN).sessions == 1
    assert history.day(ANNA, MONDAY, AUCKLAND).sessions == 0
    assert history.day(ANNA, date(2026, 6, 2), AUCKLAND).sessions == 1
    history.add(session("B", datetime(2026, 6, 1, 14, 0, tzinfo=UTC)))
    assert history.day(ANNA, date(2026, 6, 2), AUCKLAND).sessions == 2
    assert history.day(ANNA, MONDAY, BERLIN).sessions == 2
    assert history.streak(ANNA, MONDAY, BERLIN, EVERY_DAY) == 1
    assert history.streak(ANNA, date(2026, 6, 2), AUCKLAND, EVERY_DAY) == 1


def test_a_week_is_from_monday_to_sunday() -> None:
    history = SessionHistory(on(MONDAY + timedelta(days=number), 5) for number in range(-1, 8))
    assert {history.week(ANNA, MONDAY + timedelta(days=number), BERLIN) for number in range(7)} == {35.0}
    assert history.week(ANNA, MONDAY - timedelta(days=1), BERLIN) == 5
    assert history.week(BEN, MONDAY, BERLIN) == 0


# Lookup


def test_sessions_are_found_by_id_walker_and_time() -> None:
    first, second, third = on(MONDAY), on(MONDAY + timedelta(days=1), walker=BEN), on(MONDAY + timedelta(days=2))
    history = SessionHistory([third, first, second])
    assert list(history) == [first, second, third]
    assert len(history) == 3
    assert history.get(second.id) == second
    assert history.get("unknown") is None
    assert (history.last(ANNA), history.last(BEN), history.last(None)) == (third, second, None)
    assert history.between(first.started, third.started) == [first, second]
    assert history.between(first.started, third.started, ANNA) == [first]
    assert history.between(second.started, third.started + timedelta(seconds=1), ANNA) == [third]
    assert history.between(first.started, third.started, "nobody") == []
    history.remove(third.id)
    assert history.last(ANNA) == first
    history.remove(first.id)
    assert history.last(ANNA) is None
    assert history.streak(ANNA, MONDAY, BERLIN, EVERY_DAY) == 0


def test_an_id_is_there_once() -> None:
    with pytest.raises(ValueError, match="same id"):
        SessionHistory([session(), session()])
    history = SessionHistory([session()])
    with pytest.raises(ValueError, match="already"):
        history.add(session(minutes=9))
    for change in (lambda: history.replace(session("B")), lambda: history.remove("B")):
        with pytest.raises(KeyError):
            change()
    assert list(history) == [session()]


# Streaks


def streak(history: SessionHistory, number: int, plan: WeeklyPlan = EVERY_DAY) -> int:
    return history.streak(ANNA, MONDAY + timedelta(days=number), BERLIN, plan)


def test_today_is_not_missed_before_it_is_over() -> None:
    history = SessionHistory(on(MONDAY + timedelta(days=number)) for number in range(3))
    assert [streak(history, number) for number in (2, 3, 4, 5)] == [3, 3, 3, 0]  # Thursday is the freeze day
    history.add(on(MONDAY + timedelta(days=4)))
    assert [streak(history, number) for number in (4, 5)] == [4, 4]


def test_a_streak_is_not_counted_before_it_began() -> None:
    history = SessionHistory([on(MONDAY + timedelta(days=3))])
    assert [streak(history, number) for number in (-3, 2, 3, 4)] == [0, 0, 1, 1]
    assert history.streak(BEN, MONDAY, BERLIN, EVERY_DAY) == 0


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([(5, 300.0)], 1),
        ([(3.9, 300.0)], 0),
        ([(4.0, 300.0)], 1),  # 80 % of the planned time
        ([(2.5, 600.0), (2.6, 600.0)], 1),  # the goal, reached in two sessions that were both ended early
    ],
)
def test_a_day_counts_by_its_goal_or_by_a_completed_session(sessions: list[tuple[float, float]], expected: int) -> None:
    history = SessionHistory(on(MONDAY, minutes, planned=planned) for minutes, planned in sessions)
    assert streak(history, 0) == expected


def test_a_goal_of_nothing_still_needs_a_walk() -> None:
    history = SessionHistory([on(MONDAY)])
    plan = WeeklyPlan(goal_minutes=0)
    assert [streak(history, number, plan) for number in (0, 1, 3)] == [1, 1, 0]
    record = on(MONDAY + timedelta(days=1), 0.1)
    history.add(record)
    assert streak(history, 1, plan) == 2
    history.remove(record.id)
    assert streak(history, 1, plan) == 1


def test_days_without_a_plan_and_pauses_are_neutral() -> None:
    history = SessionHistory([on(MONDAY), on(MONDAY + timedelta(days=2)), on(MONDAY + timedelta(days=11))])
    plan = WeeklyPlan(days=frozenset({0, 2, 4}), paused=((MONDAY + timedelta(days=4), MONDAY + timedelta(days=9)),))
    assert [streak(history, number, plan) for number in (1, 2, 3, 8, 10, 11, 12)] == [1, 2, 2, 2, 2, 3, 3]


def test_a_correction_in_the_past_is_seen_in_the_streak_of_today() -> None:
    history = SessionHistory(on(MONDAY + timedelta(days=number)) for number in range(10))
    assert streak(history, 9) == 10
    early = on(MONDAY + timedelta(days=1))
    history.remove(early.id)
    assert streak(history, 9) == 9
    history.remove(on(MONDAY + timedelta(days=2)).id)
    assert streak(history, 9) == 7
    history.add(early)
    assert streak(history, 9) == 9
    history.replace(replace(early, walker=BEN))
    assert streak(history, 9) == 7


# Every change, compared with a full recount

ids = st.integers(0, 12).map(str)
changes = st.lists(
    st.tuples(
        st.sampled_from(["add", "replace", "remove", "ask"]),
        st.builds(
            session,
            session_id=ids,
            started=st.integers(0, 21 * 24 * 60).map(
                lambda minute: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minute)
            ),
            minutes=st.floats(0, 60),
            walker=st.sampled_from([ANNA, BEN, None]),
            direction=st.sampled_from([Direction.BACKWARD, Direction.BACKWARD, Direction.FORWARD]),
            planned=st.sampled_from([None, 300.0, 1800.0]),
            steered_walker=st.sampled_from([None, ANNA, BEN]),
            steered_backward=st.sampled_from([0.0, 179.0, 200.0]),
        ),
    ),
    max_size=30,
)
zones = st.sampled_from([BERLIN, AUCKLAND, UTC, timezone(timedelta(hours=-8))])


def naive_totals(records: list[SessionRecord], counts: Callable[[SessionRecord], bool]) -> DayTotals:
    """Add up in the simplest way."""
    chosen = [record for record in records if record.direction is Direction.BACKWARD and counts(record)]
    return DayTotals(
        minutes=pytest.approx(sum(record.moving_time for record in chosen) / 60, abs=1e-3),
        distance=pytest.approx(sum(record.distance for record in chosen), abs=1e-1),
        calories=pytest.approx(sum(record.calories for record in chosen), abs=1e-1),
        sessions=len(chosen),
        completed=sum(record.completed for record in chosen),
    )


@settings(max_examples=60, deadline=None)
@given(changes, zones, st.integers(-5, 25))
def test_changes_add_up_to_what_counting_anew_gives(
    done: list[tuple[str, SessionRecord]], tz: Any, days_later: int
) -> None:
    history = SessionHistory()
    kept: dict[str, SessionRecord] = {}
    today = date(2026, 3, 20) + timedelta(days=days_later)
    plan = WeeklyPlan(days=frozenset({0, 1, 2, 4, 6}), goal_minutes=20)
    for what, record in done:
        if what == "ask":  # now and then, so that cached values must stay correct between questions
            for day in (today, record.started.date()):
                history.streak(record.walker, day, tz, plan)
        elif what == "remove" and record.id in kept:
            assert history.remove(record.id) == kept.pop(record.id)
        elif what == "replace" and record.id in kept:
            assert history.replace(record) == kept[record.id]
            kept[record.id] = record
        elif what == "add" and record.id not in kept:
            history.add(record)
            kept[record.id] = record
    records = sorted(kept.values(), key=lambda record: (record.started, record.id))
    anew = SessionHistory(records)
    assert list(history) == list(anew) == records
    for walker in (ANNA, BEN, None):
        mine = [record for record in records if record.walker == walker]
        assert history.last(walker) == (mine[-1] if mine else None)
        assert history.totals(walker) == anew.totals(walker) == naive_totals(mine, lambda _: True)
        first = mine[0].started.astimezone(tz).date() if mine else today
        ended = count_streak(first, today, plan, lambda day, its=walker: anew.kept(its, day, tz, plan))
        expected = ended + (plan.expects(today) and anew.kept(walker, today, tz, plan))
        assert history.streak(walker, today, tz, plan) == anew.streak(walker, today, tz, plan) == expected
        assert history.completed(walker) == anew.completed(walker) == sum(record.completed for record in mine)
        beginner = not any(record.ends_beginning for record in mine)  # S4
        assert history.is_beginner(walker) is anew.is_beginner(walker) is beginner
        week = 0.0
        monday = today - timedelta(days=today.weekday())
        for number in range(7):
            day = monday + timedelta(days=number)
            naive = naive_totals(mine, lambda record, day=day: record.started.astimezone(tz).date() == day)
            assert history.day(walker, day, tz) == anew.day(walker, day, tz) == naive
            week += history.day(walker, day, tz).minutes
        assert history.week(walker, today, tz) == pytest.approx(week)


@pytest.mark.parametrize(
    ("outcome", "direction", "counts"),
    [
        (Outcome.COMPLETED, Direction.BACKWARD, True),
        (Outcome.STOPPED, Direction.BACKWARD, True),
        (Outcome.COMPLETED, Direction.FORWARD, False),
        (Outcome.CONSOLE, Direction.BACKWARD, False),
        (Outcome.LOGGED, Direction.BACKWARD, False),
        (Outcome.INTERRUPTED, Direction.BACKWARD, False),  # it does not show whether the session was steered
    ],
)
def test_s4_an_older_record_counts_if_it_says_that_it_was_steered_backward(
    outcome: Outcome, direction: Direction, counts: bool
) -> None:
    kept = session(walker="anna", outcome=outcome, direction=direction, moving_time=200.0, planned=200.0).as_dict()
    del kept["steered_backward"], kept["steered_walker"]
    record = SessionRecord.from_dict(kept)
    assert record.ends_beginning is counts
    # Later corrections do not change that, even after the record is saved again.
    turned = replace(record, direction=Direction.BACKWARD)
    assert SessionRecord.from_dict(turned.as_dict()).ends_beginning is (counts and direction is Direction.BACKWARD)


def test_s4_a_session_proves_something_of_who_walked_it_only() -> None:
    record = session(walker="anna", moving_time=200.0, planned=200.0, steered_backward=180.0, steered_walker="anna")
    assert record.ends_beginning
    assert not replace(record, walker="ben").ends_beginning
    assert not replace(record, direction=Direction.FORWARD).ends_beginning
    assert replace(replace(record, walker="ben"), walker="anna").ends_beginning
    guest = session(walker=None, moving_time=200.0, planned=200.0)
    assert not guest.ends_beginning
    assert not replace(guest, walker="anna").ends_beginning
    assert not replace(record, steered_backward=179.0).ends_beginning
    assert not replace(record, planned=300.0).ends_beginning  # it was not completed
