"""A person ends the warm-up by going faster; slower is slower than now (safety rules S13 and S16)."""

import pytest

from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, wished
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState


def test_a_person_ends_the_warm_up_by_going_faster() -> None:
    walk = wished(length=300.0, speed=2.0, incline=0.5)
    walk.go(10)
    assert refusal(walk.session.set_speed, 1.5, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert walk.session.set_speed(1.5, caller=Caller.PERSON) == 1.5
    assert walk.state is State.ACTIVE
    go_to(walk, 130)
    assert walk.session.target_speed == 1.5  # the course does not come back to its own
    assert walk.treadmill.incline == 0.5


def test_s16_who_wishes_the_minimum_in_the_warm_up_stays_there() -> None:
    walk = wished(length=300.0, speed=2.0)
    walk.session.set_speed(1.0, caller=Caller.UNKNOWN)
    go_to(walk, 200)
    assert walk.state is State.ACTIVE
    assert [kmh for _, kmh in walk.speeds] == [1.0]


def test_s16_slower_is_slower_than_now_not_than_wished_and_needs_nobody() -> None:
    walk = wished(length=600.0, speed=1.0)
    go_to(walk, 130)
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    go_to(walk, 180)
    now = walk.treadmill.speed
    assert 1.4 < now < 2.5  # on its way up
    walk.clear_log()
    assert walk.session.slow_down(0.3) == pytest.approx(now - 0.3)
    go_to(walk, 300)
    assert [kmh for _, kmh in walk.speeds] == [pytest.approx(now - 0.3)]
    assert walk.session.slow_down(5.0) == 1.0
    go_to(walk, 310)
    assert walk.treadmill.speed == pytest.approx(1.0)


def test_s16_slower_in_the_warm_up_stays_at_the_minimum() -> None:
    walk = wished(length=300.0, speed=2.0)
    assert walk.session.slow_down(0.3) == 1.0
    go_to(walk, 200)
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    walk.stop()
    assert refusal(walk.session.slow_down, 0.3) is Refusal.NOT_STEERING


def test_an_incline_that_was_wished_in_the_warm_up_stays() -> None:
    walk = wished(length=300.0, speed=1.2)
    walk.session.set_incline(1.0, caller=Caller.PERSON)
    assert walk.state is State.WARM_UP
    go_to(walk, 150)
    assert walk.session.target_incline == 1.0


def test_a_walk_without_an_incline_ends_its_warm_up_too() -> None:
    walk = wished(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    walk.session.set_speed(1.5, caller=Caller.PERSON)
    assert walk.state is State.ACTIVE
    go_to(walk, 290)
    assert walk.treadmill.speed == pytest.approx(1.0)
    walk = wished(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    go_to(walk, 150)
    assert walk.treadmill.speed == pytest.approx(2.0)
