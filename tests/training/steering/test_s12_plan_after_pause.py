"""The rest of a planned session after a pause or a press at the console (safety rules S12 and S15)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, planned_run, resume
from tests.support.session_run import SessionRun

State = SessionState
EventKind = SessionEventKind


def test_s12_after_a_pause_the_plan_goes_on_where_it_was() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 150)
    run.pause()
    run.go(20)
    left = run.session.remaining
    assert run.session.planned_end(run.now) is None
    run.clear_log()
    resume(run)
    assert run.session.remaining == pytest.approx(left, abs=2)
    begun = run.now
    go_to(run, 230)
    assert run.treadmill.speed == pytest.approx(2.0)
    assert run.speeds[0][1] == 1.0
    assert run.speeds[1][0] - begun >= 10
    run.go(90)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.session.moving_time == pytest.approx(302, abs=3)


def test_s12_with_little_time_left_it_stays_at_the_minimum() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 215)
    run.pause()
    run.go(20)
    run.clear_log()
    resume(run)
    run.go(100)
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s12_with_little_time_left_a_person_may_raise_it() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 212)
    run.pause()
    run.go(20)
    resume(run)
    run.session.set_speed(1.1, caller=Caller.PERSON)
    go_to(run, 239)
    assert run.treadmill.speed == pytest.approx(1.1)


def test_s12_what_a_person_requests_after_a_pause_is_not_raised_by_the_plan() -> None:
    run = planned_run(length=600.0, speed=2.0, incline=0.5)
    go_to(run, 150)
    run.pause()
    run.go(20)
    resume(run)
    run.session.set_speed(1.2, caller=Caller.PERSON)
    run.go(100)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert run.treadmill.incline == pytest.approx(0.5)


def test_s12_a_pause_in_the_cool_down_ends_after_it_too() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 280)
    run.pause()
    run.go(20)
    resume(run)
    run.go(40)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s12_a_pause_whose_coasting_passes_the_end_leaves_the_cool_down_only() -> None:
    run = planned_run(length=60.0)
    go_to(run, 59)
    run.pause()
    run.go(20)
    assert run.session.remaining == 0.0
    resume(run)
    run.go(40)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.event_kinds.count(EventKind.COOLING_DOWN) == 2


def test_s15_a_belt_that_the_console_took_over_is_told_the_time_not_stopped() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 100)
    run.treadmill.press_speed(2.5)
    assert run.state is State.MANUAL
    assert run.session.remaining is None
    assert run.session.planned_end(run.now) is None
    run.clear_log()
    run.go(400)
    assert run.state is State.MANUAL
    assert run.sent == []
    assert run.event_kinds == [EventKind.HALFWAY, EventKind.LAST_MINUTE, EventKind.MANUAL]
    assert run.data(EventKind.MANUAL) == {"reason": "time_is_up"}


def test_s15_resuming_takes_up_what_is_left_of_the_plan() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 100)
    run.treadmill.press_speed(1.5)
    run.go(10)
    run.resume()
    assert run.state is State.ACTIVE
    go_to(run, 180)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.go(130)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s15_after_its_end_a_walk_that_is_resumed_lasts_as_long_as_one_may() -> None:
    run = planned_run(length=60.0)
    go_to(run, 20)
    run.treadmill.press_speed(1.5)
    run.go(100)
    run.resume()
    assert run.state is State.ACTIVE
    assert run.session.remaining == pytest.approx(1800 - run.session.moving_time)
    assert run.session.length == 60.0
    run.go(1800)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s15_a_resumed_session_that_began_at_the_console_lasts_as_long_as_one_may() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(20)
    assert (run.session.request, run.session.length, run.session.remaining) == (None, None, None)
    run.resume()
    assert run.session.remaining == pytest.approx(7200, abs=30)
    assert run.session.length is None
    run.clear_log()
    run.go(200)
    assert run.event_kinds == []
