"""What a pause or the console leaves of a planned session (safety rules S12 and S15)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, resume, wished
from tests.support.session_run import SessionRun

State = SessionState
Told = SessionEventKind


def test_s12_after_a_pause_the_course_goes_on_where_it_was() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 150)
    walk.pause()
    walk.go(20)
    left = walk.session.remaining
    assert walk.session.planned_end(walk.now) is None
    walk.clear_log()
    resume(walk)
    assert walk.session.remaining == pytest.approx(left, abs=2)
    begun = walk.now
    go_to(walk, 230)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.speeds[0][1] == 1.0
    assert walk.speeds[1][0] - begun >= 10
    walk.go(90)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(302, abs=3)


def test_s12_with_little_time_left_it_stays_at_the_minimum() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 215)
    walk.pause()
    walk.go(20)
    walk.clear_log()
    resume(walk)
    walk.go(100)
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s12_with_little_time_left_a_person_may_raise_it() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 212)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.session.set_speed(1.1, caller=Caller.PERSON)
    go_to(walk, 239)
    assert walk.treadmill.speed == pytest.approx(1.1)


def test_s12_what_a_person_wishes_after_a_pause_is_not_raised_by_the_course() -> None:
    walk = wished(length=600.0, speed=2.0, incline=0.5)
    go_to(walk, 150)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.session.set_speed(1.2, caller=Caller.PERSON)
    walk.go(100)
    assert walk.treadmill.speed == pytest.approx(1.2)
    assert walk.treadmill.incline == pytest.approx(0.5)


def test_s12_a_pause_in_the_cool_down_ends_after_it_too() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 280)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s12_a_pause_whose_coasting_passes_the_end_leaves_the_cool_down_only() -> None:
    walk = wished(length=60.0)
    go_to(walk, 59)
    walk.pause()
    walk.go(20)
    assert walk.session.remaining == 0.0
    resume(walk)
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.event_kinds.count(Told.COOLING_DOWN) == 2


def test_s15_a_belt_that_the_console_took_over_is_told_the_time_not_stopped() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 100)
    walk.treadmill.press_speed(2.5)
    assert walk.state is State.MANUAL
    assert walk.session.remaining is None
    assert walk.session.planned_end(walk.now) is None
    walk.clear_log()
    walk.go(400)
    assert walk.state is State.MANUAL
    assert walk.sent == []
    assert walk.event_kinds == [Told.HALFWAY, Told.LAST_MINUTE, Told.MANUAL]
    assert walk.data(Told.MANUAL) == {"reason": "time_is_up"}


def test_s15_resuming_takes_up_what_is_left_of_the_course() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 100)
    walk.treadmill.press_speed(1.5)
    walk.go(10)
    walk.resume()
    assert walk.state is State.ACTIVE
    go_to(walk, 180)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.go(130)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s15_after_its_end_a_walk_that_is_resumed_lasts_as_long_as_one_may() -> None:
    walk = wished(length=60.0)
    go_to(walk, 20)
    walk.treadmill.press_speed(1.5)
    walk.go(100)
    walk.resume()
    assert walk.state is State.ACTIVE
    assert walk.session.remaining == pytest.approx(1800 - walk.session.moving_time)
    assert walk.session.length == 60.0
    walk.go(1800)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s15_a_resumed_session_that_began_at_the_console_lasts_as_long_as_one_may() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    assert (walk.session.request, walk.session.length, walk.session.remaining) == (None, None, None)
    walk.resume()
    assert walk.session.remaining == pytest.approx(7200, abs=30)
    assert walk.session.length is None
    walk.clear_log()
    walk.go(200)
    assert walk.event_kinds == []
