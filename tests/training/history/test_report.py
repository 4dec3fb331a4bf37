"""The figures of a walker's report: weeks, days kept of days planned, ratings, notes; the sums are the records'."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given

from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.history.report import Figures, count_weeks, first_day
from custom_components.retrowalk.training.history.session_history import SessionHistory
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction
from tests.support.walked_weeks import BERLIN, DAYS, HISTORIES, PLANS, SUNDAY, report, session

MONDAY = SUNDAY - timedelta(days=6)
MON_WED_FRI = WeeklyPlan(days=frozenset({0, 2, 4}))


def test_weeks_go_from_monday_to_sunday_and_the_last_one_ends_with_the_report() -> None:
    found = report([], last=date(2026, 11, 26))
    assert len(found.weeks) == 12
    assert (found.weeks[0].first, found.weeks[0].last) == (date(2026, 9, 7), date(2026, 9, 13))
    assert (found.weeks[-1].first, found.weeks[-1].last) == (date(2026, 11, 23), date(2026, 11, 26))


def test_a_period_may_begin_and_end_within_a_week() -> None:
    found = report([], first=date(2026, 11, 11), last=date(2026, 11, 17))
    assert [(week.first.day, week.last.day) for week in found.weeks] == [(11, 15), (16, 17)]
    assert count_weeks(found.first, found.last) == 2
    assert count_weeks(SUNDAY, SUNDAY) == 1


def test_the_first_day_is_never_before_the_calendar_begins() -> None:
    assert first_day(date(1, 1, 3), 12) == date.min
    assert first_day(SUNDAY, 1) == MONDAY


def test_a_day_counts_as_planned_from_the_first_session_on() -> None:
    walked = [session(SUNDAY - timedelta(days=days)) for days in (9, 8, 3, 0)]
    found = report(walked)
    assert [(week.figures.kept, week.figures.planned) for week in found.weeks[-3:]] == [(0, 0), (2, 3), (2, 7)]
    assert (found.total.kept, found.total.planned) == (4, 10)


def test_days_that_are_not_planned_or_paused_are_neither_kept_nor_missed() -> None:
    walked = [session(MONDAY), session(MONDAY + timedelta(days=1))]
    paused = WeeklyPlan(days=MON_WED_FRI.days, paused=((MONDAY + timedelta(days=2), MONDAY + timedelta(days=3)),))
    for plan, planned in ((MON_WED_FRI, 3), (paused, 2)):
        total = report(walked, plan=plan).total
        assert (total.kept, total.planned, total.sessions) == (1, planned, 2)


def test_today_is_not_missed_before_it_is_over_and_tomorrow_not_planned() -> None:
    before = [session(MONDAY)]
    today = MONDAY + timedelta(days=1)
    for last in (today, SUNDAY):
        assert report(before, last=last, today=today).total.planned == 1
        total = report([*before, session(today)], last=last, today=today).total
        assert (total.kept, total.planned) == (2, 2)


def test_a_day_is_kept_by_its_goal_or_by_a_completed_session() -> None:
    walked = [
        session(MONDAY, 3, at=time(8)),  # neither
        session(MONDAY, 2.5, at=time(9)),  # together they are enough
        session(MONDAY + timedelta(days=1), 4),  # 80 % of what was planned
        session(MONDAY + timedelta(days=2), 2),
        session(MONDAY + timedelta(days=3), 9, direction=Direction.FORWARD),
    ]
    found = report(walked, last=MONDAY + timedelta(days=4))
    assert (found.total.kept, found.total.planned) == (2, 5)


def test_only_backward_sessions_are_added_up_and_forward_ones_told_apart() -> None:
    walked = [
        session(MONDAY, 5, max_speed=1.8, max_incline=2.0),
        session(SUNDAY, 6, max_speed=2.1, outcome=Outcome.LOGGED),
        session(SUNDAY, 30, direction=Direction.FORWARD, max_speed=6.0, discomfort_after=4),
    ]
    assert report(walked).total == Figures(
        sessions=2,
        minutes=11,
        distance=275,
        by_hand=1,
        planned=7,
        kept=2,
        top_speed=2.1,
        top_incline=2.0,
        after=4,
        rated=1,
        forward_sessions=1,
        forward_minutes=30,
    )


def test_speed_and_incline_are_unknown_where_nothing_was_measured() -> None:
    total = report([session(SUNDAY, max_speed=0.0)]).total
    assert (total.top_speed, total.top_incline) == (None, None)
    total = report([session(SUNDAY), session(SUNDAY, 6, max_speed=0.0)]).total
    assert (total.top_speed, total.top_incline) == (1.5, 0.0)


def test_ratings_are_means_of_what_was_rated() -> None:
    walked = [
        session(MONDAY, discomfort_before=4, discomfort_after=2, effort=3),
        session(MONDAY, 6, discomfort_before=1),
        session(SUNDAY, 7, effort=6),
    ]
    total = report(walked).total
    assert (total.before, total.after, total.effort, total.rated) == (2.5, 2, 4.5, 2)


def test_notes_are_the_newest_first_with_their_ratings() -> None:
    walked = [
        session(MONDAY, note="first", discomfort_before=3, discomfort_after=2),
        session(SUNDAY, note="second"),
        session(SUNDAY, 6, at=time(19), note="third"),
        session(SUNDAY, 7, note=""),
        session(MONDAY - timedelta(days=1), note="before the report"),
    ]
    notes = report(walked, first=MONDAY).notes
    assert [(note.day, note.text) for note in notes] == [(SUNDAY, "third"), (SUNDAY, "second"), (MONDAY, "first")]
    assert (notes[-1].before, notes[-1].after) == (3, 2)


def test_a_session_belongs_to_its_day_in_the_house() -> None:
    late = session(MONDAY, at=time(0, 30))  # on Sunday by UTC
    assert report([late], first=MONDAY).total.sessions == 1
    assert report([late], first=MONDAY - timedelta(days=7), last=MONDAY - timedelta(days=1)).total.sessions == 0


@pytest.mark.parametrize("days_ago", [0, 1, 5, 12])
def test_the_streak_is_the_one_that_the_walker_sees_on_the_last_day(days_ago: int) -> None:
    walked = [session(SUNDAY - timedelta(days=days)) for days in (0, 1, 2, 4, 5, 9, 10, 11, 12)]
    last = SUNDAY - timedelta(days=days_ago)
    assert report(walked, last=last).streak == SessionHistory(walked).streak("anna", last, BERLIN, WeeklyPlan())


@given(HISTORIES, PLANS, DAYS)
def test_sums_are_those_of_the_records(records: list[SessionRecord], plan: WeeklyPlan, days: tuple[date, date]) -> None:
    first, last = days
    found = report(records, plan=plan, first=first, last=last)
    inside = [record for record in records if first <= record.started.astimezone(BERLIN).date() <= last]
    backward = [record for record in inside if record.direction is Direction.BACKWARD]
    total, weeks = found.total, [week.figures for week in found.weeks]
    assert total.sessions == sum(week.sessions for week in weeks) == len(backward)
    assert total.sessions + total.forward_sessions == len(inside)
    assert total.minutes == pytest.approx(sum(week.minutes for week in weeks))
    assert total.minutes == pytest.approx(sum(record.moving_time for record in backward) / 60, abs=0.01)
    assert total.distance == pytest.approx(sum(week.distance for week in weeks))
    assert total.distance == pytest.approx(sum(record.distance for record in backward), abs=0.1)
    assert total.kept == sum(week.kept for week in weeks)
    assert total.planned == sum(week.planned for week in weeks)
    assert all(0 <= week.kept <= week.planned <= (week_days.last - week_days.first).days + 1
               for week, week_days in zip(weeks, found.weeks, strict=True))  # fmt: skip
    assert total.rated == sum(week.rated for week in weeks)
    assert total.top_speed == max((week.top_speed for week in weeks if week.top_speed is not None), default=None)
    assert len(found.notes) == sum(bool(record.note) for record in inside)
    assert (found.weeks[0].first, found.weeks[-1].last) == days
    assert found.streak <= len(records)
