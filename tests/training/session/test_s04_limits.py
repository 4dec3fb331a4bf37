"""Limits, direction and walker of a session are fixed from when it is ready to its end (safety rule S4)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.session.recovery import RecoveredSession
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, ready, refusal

EventKind = SessionEventKind
State = SessionState


def test_s4_the_direction_is_fixed_when_it_is_made_ready() -> None:
    run = SessionRun()
    ready(run)
    run.session.choose_direction(Direction.FORWARD)
    assert run.session.direction is Direction.BACKWARD
    run.start()
    assert run.data(EventKind.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    run.go(30)
    assert run.session.limits.direction is Direction.BACKWARD
    run.stop()
    run.go(8)
    assert run.session.direction is Direction.BACKWARD
    run.go(61)
    assert run.state is State.IDLE
    assert run.session.direction is Direction.FORWARD


def test_s4_the_direction_may_be_chosen_as_soon_as_a_walk_has_finished() -> None:
    run = at(State.FINISHED)
    run.session.choose_direction(Direction.FORWARD)
    assert run.session.direction is Direction.FORWARD
    assert run.session.limits.direction is Direction.FORWARD


def test_s4_who_confirms_what_names_nobody_walks_it() -> None:
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True, first=True))
    assert (run.session.walker, run.session.limits.speed.maximum) == (None, 2.0)
    run.session.start(run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna", direction=Direction.FORWARD))
    assert run.state is State.COUNTDOWN
    assert (run.session.walker, run.session.direction) == ("anna", Direction.BACKWARD)
    assert run.session.limits.speed.maximum == 3.0


@pytest.mark.parametrize("confirms_at", ["button", "console"])
def test_s4_a_confirmation_that_is_refused_changes_neither_who_walks_nor_their_limits(confirms_at: str) -> None:
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True, first=True))
    run.muted = True
    run.go(3)
    anna, ben = SessionRequest(walker="anna"), SessionRequest(walker="ben", first=True)
    assert refusal(run.session.confirm, run.now, caller=Caller.PERSON, request=anna) is Refusal.NO_FRESH_DATA
    assert (run.session.walker, run.session.limits.speed.maximum) == (None, 2.0)
    run.muted = False
    run.go(3)
    if confirms_at == "button":
        run.session.confirm(run.now, caller=Caller.PERSON, request=ben)
        assert (run.state, run.session.walker) == (State.COUNTDOWN, "ben")
    else:
        run.treadmill.press_start()
        run.go(10)
        assert (run.state, run.session.walker) == (State.WARM_UP, None)
    assert run.session.limits.speed.maximum == 2.0


def test_s4_a_confirmation_is_judged_by_the_limits_of_who_confirms() -> None:
    run = SessionRun()
    run.treadmill.incline = 2.0
    run.go(3)
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True))
    novice = SessionRequest(walker="ben", first=True)
    assert refusal(run.session.confirm, run.now, caller=Caller.PERSON, request=novice) is Refusal.DECK_TOO_HIGH
    run.session.confirm(run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    assert (run.state, run.session.walker) == (State.COUNTDOWN, "anna")


def test_s4_whoever_confirms_a_walk_of_somebody_does_not_become_its_walker() -> None:
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=SessionRequest(walker="anna", first=True))
    run.session.confirm(run.now, caller=Caller.PERSON, request=SessionRequest(walker="ben"))
    assert run.session.walker == "anna"
    assert run.session.limits.speed.maximum == 2.0


def test_s4_s7_a_walk_found_again_after_a_restart_is_steered_by_nobody_and_limited_as_before() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(10)
    assert run.state is State.MANUAL
    assert run.session.direction is Direction.FORWARD
    recovered = RecoveredSession(
        request=SessionRequest(walker="anna", length=300.0, first=True), moving_time=100.0, planned=True
    )
    run.session.restore(recovered, run.now)
    run.go(20)
    assert (run.state, run.command_kinds, run.session.under_way) == (State.MANUAL, [], True)
    assert (run.session.walker, run.session.direction, run.session.length) == ("anna", Direction.BACKWARD, 300.0)
    assert run.session.limits.speed.maximum == 2.0
    assert 120 < run.session.moving_time < 130
    run.resume()
    run.go(200)
    assert run.state is State.FINISHED
    assert not run.session.under_way
    assert run.session.moving_time == pytest.approx(300, abs=5)


def test_s15_a_walk_found_again_that_nobody_planned_has_no_end() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(10)
    run.session.restore(
        RecoveredSession(request=SessionRequest(direction=Direction.FORWARD), moving_time=100.0, planned=False),
        run.now,
    )
    run.go(300)
    assert run.session.length is None
    assert EventKind.HALFWAY not in run.event_kinds


def test_s4_a_walk_keeps_its_limits_when_the_owner_changes_them() -> None:
    run = SessionRun()
    run.begin()
    run.session.apply_rules(rules(owner=OwnerLimits(backward_speed=5.0)))
    assert run.session.set_speed(5.0, caller=Caller.PERSON) == 3.0
    run.pause()
    run.go(8)
    run.resume()
    run.go(1)
    run.resume()
    run.go(30)
    assert run.session.set_speed(5.0, caller=Caller.PERSON) == 3.0
    run.stop()
    run.go(8)
    assert run.session.limits.allowed_speed(5.0) == 5.0


def test_s4_a_console_that_went_beyond_the_limits_has_to_come_back_by_itself() -> None:
    run = SessionRun()
    run.begin()
    run.clear_log()
    run.treadmill.press_speed(5.0)
    run.go(20)
    assert run.state is State.MANUAL
    assert refusal(run.resume) is Refusal.TOO_FAST
    run.treadmill.press_speed(3.5)
    run.go(10)
    run.resume()
    run.go(10)
    assert [kmh for _, kmh in run.speeds] == [3.0]


def test_s4_a_machine_that_starts_above_the_limit_is_slowed_at_once() -> None:
    run = SessionRun(rules(owner=OwnerLimits(backward_speed=2.0)), acceleration=1.0)
    run.count_down()
    run.go(18.5)
    run.treadmill.target_speed = 4.0  # its own speed at a start
    run.go(10)
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.0]


def test_s16_only_a_person_raises() -> None:
    run = SessionRun()
    run.begin()
    session = run.session
    assert refusal(session.set_speed, 1.5, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert refusal(session.set_incline, 1.0, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    session.set_speed(2.0, caller=Caller.PERSON)
    session.set_incline(2.0, caller=Caller.PERSON)
    assert session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    assert session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    assert session.set_incline(1.0, caller=Caller.UNKNOWN) == 1.0
    assert (session.target_speed, session.target_incline) == (1.5, 1.0)


def test_s16_no_incline_is_requested_where_there_is_none() -> None:
    run = SessionRun(rules(incline=None))
    run.begin()
    assert run.session.target_incline is None
    assert refusal(run.session.set_incline, 1.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
