"""Limits, direction and walker belong to a session from when it is ready to its end (safety rule S4)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.session.recovery import RecoveredSession
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, ready, refusal

Told = SessionEventKind
State = SessionState


def test_s4_the_direction_is_fixed_when_it_is_made_ready() -> None:
    walk = SessionRun()
    ready(walk)
    walk.session.choose_direction(Direction.FORWARD)
    assert walk.session.direction is Direction.BACKWARD
    walk.start()
    assert walk.data(Told.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    walk.go(30)
    assert walk.session.limits.direction is Direction.BACKWARD
    walk.stop()
    walk.go(8)
    assert walk.session.direction is Direction.BACKWARD
    walk.go(61)
    assert walk.state is State.IDLE
    assert walk.session.direction is Direction.FORWARD


def test_s4_the_direction_may_be_chosen_as_soon_as_a_walk_has_finished() -> None:
    walk = at(State.FINISHED)
    walk.session.choose_direction(Direction.FORWARD)
    assert walk.session.direction is Direction.FORWARD
    assert walk.session.limits.direction is Direction.FORWARD


def test_s4_who_confirms_what_names_nobody_walks_it() -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True, first=True))
    assert (walk.session.walker, walk.session.limits.speed.maximum) == (None, 2.0)
    walk.session.start(
        walk.now, caller=Caller.PERSON, request=SessionRequest(walker="anna", direction=Direction.FORWARD)
    )
    assert walk.state is State.COUNTDOWN
    assert (walk.session.walker, walk.session.direction) == ("anna", Direction.BACKWARD)
    assert walk.session.limits.speed.maximum == 3.0


@pytest.mark.parametrize("confirms_at", ["button", "console"])
def test_s4_a_confirmation_that_is_refused_changes_neither_who_walks_nor_their_limits(confirms_at: str) -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True, first=True))
    walk.muted = True
    walk.go(3)
    anna, ben = SessionRequest(walker="anna"), SessionRequest(walker="ben", first=True)
    assert refusal(walk.session.confirm, walk.now, caller=Caller.PERSON, request=anna) is Refusal.NO_FRESH_DATA
    assert (walk.session.walker, walk.session.limits.speed.maximum) == (None, 2.0)
    walk.muted = False
    walk.go(3)
    if confirms_at == "button":
        walk.session.confirm(walk.now, caller=Caller.PERSON, request=ben)
        assert (walk.state, walk.session.walker) == (State.COUNTDOWN, "ben")
    else:
        walk.treadmill.press_start()
        walk.go(10)
        assert (walk.state, walk.session.walker) == (State.WARM_UP, None)
    assert walk.session.limits.speed.maximum == 2.0


def test_s4_a_confirmation_is_judged_by_the_limits_of_who_confirms() -> None:
    walk = SessionRun()
    walk.treadmill.incline = 2.0
    walk.go(3)
    walk.session.prepare(walk.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True))
    novice = SessionRequest(walker="ben", first=True)
    assert refusal(walk.session.confirm, walk.now, caller=Caller.PERSON, request=novice) is Refusal.DECK_TOO_HIGH
    walk.session.confirm(walk.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    assert (walk.state, walk.session.walker) == (State.COUNTDOWN, "anna")


def test_s4_whoever_confirms_a_walk_of_somebody_does_not_become_its_walker() -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, caller=Caller.UNKNOWN, request=SessionRequest(walker="anna", first=True))
    walk.session.confirm(walk.now, caller=Caller.PERSON, request=SessionRequest(walker="ben"))
    assert walk.session.walker == "anna"
    assert walk.session.limits.speed.maximum == 2.0


def test_s4_s7_a_walk_found_again_after_a_restart_is_steered_by_nobody_and_limited_as_before() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.session.direction is Direction.FORWARD
    found = RecoveredSession(
        request=SessionRequest(walker="anna", length=300.0, first=True), moving_time=100.0, planned=True
    )
    walk.session.restore(found, walk.now)
    walk.go(20)
    assert (walk.state, walk.command_kinds, walk.session.under_way) == (State.MANUAL, [], True)
    assert (walk.session.walker, walk.session.direction, walk.session.length) == ("anna", Direction.BACKWARD, 300.0)
    assert walk.session.limits.speed.maximum == 2.0
    assert 120 < walk.session.moving_time < 130
    walk.resume()
    walk.go(200)
    assert walk.state is State.FINISHED
    assert not walk.session.under_way
    assert walk.session.moving_time == pytest.approx(300, abs=5)


def test_s15_a_walk_found_again_that_nobody_planned_has_no_end() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(10)
    walk.session.restore(
        RecoveredSession(request=SessionRequest(direction=Direction.FORWARD), moving_time=100.0, planned=False),
        walk.now,
    )
    walk.go(300)
    assert walk.session.length is None
    assert Told.HALFWAY not in walk.event_kinds


def test_s4_a_walk_keeps_its_limits_when_the_owner_changes_them() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.apply_rules(rules(owner=OwnerLimits(backward_speed=5.0)))
    assert walk.session.set_speed(5.0, caller=Caller.PERSON) == 3.0
    walk.pause()
    walk.go(8)
    walk.resume()
    walk.go(1)
    walk.resume()
    walk.go(30)
    assert walk.session.set_speed(5.0, caller=Caller.PERSON) == 3.0
    walk.stop()
    walk.go(8)
    assert walk.session.limits.allowed_speed(5.0) == 5.0


def test_s4_a_console_that_went_beyond_the_limits_has_to_come_back_by_itself() -> None:
    walk = SessionRun()
    walk.begin()
    walk.clear_log()
    walk.treadmill.press_speed(5.0)
    walk.go(20)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.TOO_FAST
    walk.treadmill.press_speed(3.5)
    walk.go(10)
    walk.resume()
    walk.go(10)
    assert [kmh for _, kmh in walk.speeds] == [3.0]


def test_s4_a_machine_that_starts_above_the_limit_is_slowed_at_once() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(backward_speed=2.0)), acceleration=1.0)
    walk.count_down()
    walk.go(18.5)
    walk.treadmill.target_speed = 4.0  # it has its own idea of a start
    walk.go(10)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.0]


def test_s16_only_a_person_raises() -> None:
    walk = SessionRun()
    walk.begin()
    session = walk.session
    assert refusal(session.set_speed, 1.5, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert refusal(session.set_incline, 1.0, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    session.set_speed(2.0, caller=Caller.PERSON)
    session.set_incline(2.0, caller=Caller.PERSON)
    assert session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    assert session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    assert session.set_incline(1.0, caller=Caller.UNKNOWN) == 1.0
    assert (session.target_speed, session.target_incline) == (1.5, 1.0)


def test_s16_no_incline_is_wished_where_there_is_none() -> None:
    walk = SessionRun(rules(incline=None))
    walk.begin()
    assert walk.session.target_incline is None
    assert refusal(walk.session.set_incline, 1.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
