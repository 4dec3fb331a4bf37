"""A person ends the warm-up by going faster; slower is slower than now (safety rules S13 and S16)."""

import pytest

from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, planned_run
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState


def test_a_person_ends_the_warm_up_by_going_faster() -> None:
    run = planned_run(length=300.0, speed=2.0, incline=0.5)
    run.go(10)
    assert refusal(run.session.set_speed, 1.5, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert run.session.set_speed(1.5, caller=Caller.PERSON) == 1.5
    assert run.state is State.ACTIVE
    go_to(run, 130)
    assert run.session.target_speed == 1.5  # the course does not return to its own speed
    assert run.treadmill.incline == 0.5


def test_s16_who_requests_the_minimum_in_the_warm_up_stays_there() -> None:
    run = planned_run(length=300.0, speed=2.0)
    run.session.set_speed(1.0, caller=Caller.UNKNOWN)
    go_to(run, 200)
    assert run.state is State.ACTIVE
    assert [kmh for _, kmh in run.speeds] == [1.0]


def test_s16_slower_is_slower_than_now_not_than_requested_and_needs_nobody() -> None:
    run = planned_run(length=600.0, speed=1.0)
    go_to(run, 130)
    run.session.set_speed(3.0, caller=Caller.PERSON)
    go_to(run, 180)
    now = run.treadmill.speed
    assert 1.4 < now < 2.5  # still rising
    run.clear_log()
    assert run.session.slow_down(0.3) == pytest.approx(now - 0.3)
    go_to(run, 300)
    assert [kmh for _, kmh in run.speeds] == [pytest.approx(now - 0.3)]
    assert run.session.slow_down(5.0) == 1.0
    go_to(run, 310)
    assert run.treadmill.speed == pytest.approx(1.0)


def test_s16_slower_in_the_warm_up_stays_at_the_minimum() -> None:
    run = planned_run(length=300.0, speed=2.0)
    assert run.session.slow_down(0.3) == 1.0
    go_to(run, 200)
    assert [kmh for _, kmh in run.speeds] == [1.0]
    run.stop()
    assert refusal(run.session.slow_down, 0.3) is Refusal.NOT_STEERING


def test_an_incline_that_was_requested_in_the_warm_up_stays() -> None:
    run = planned_run(length=300.0, speed=1.2)
    run.session.set_incline(1.0, caller=Caller.PERSON)
    assert run.state is State.WARM_UP
    go_to(run, 150)
    assert run.session.target_incline == 1.0


def test_a_walk_without_an_incline_ends_its_warm_up_too() -> None:
    run = planned_run(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    run.session.set_speed(1.5, caller=Caller.PERSON)
    assert run.state is State.ACTIVE
    go_to(run, 290)
    assert run.treadmill.speed == pytest.approx(1.0)
    run = planned_run(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    go_to(run, 150)
    assert run.treadmill.speed == pytest.approx(2.0)
