"""A whole session warms up, rises, cools down and stops in its length (safety rule S13)."""

import itertools

import pytest

from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.planned_sessions import go_to, planned_run
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState
EventKind = SessionEventKind
STOP = CommandKind.STOP


def test_s13_a_walk_warms_up_rises_cools_down_and_stops_in_its_length() -> None:
    run = planned_run(length=300.0, speed=2.0, incline=1.0, walker="anna")
    assert run.state is State.WARM_UP
    assert (run.session.walker, run.session.length) == ("anna", 300.0)
    assert run.session.target_speed == 1.0
    go_to(run, 59)
    assert run.state is State.WARM_UP
    assert [kmh for _, kmh in run.speeds] == [1.0]
    go_to(run, 61)
    assert run.state is State.ACTIVE
    assert run.session.target_speed == 2.0
    go_to(run, 200)
    assert run.treadmill.speed == pytest.approx(2.0)
    assert run.treadmill.incline == pytest.approx(1.0)
    go_to(run, 239)
    assert run.state is State.ACTIVE
    go_to(run, 241)
    assert run.state is State.COOL_DOWN
    cooled = run.data(EventKind.COOLING_DOWN)
    assert cooled == {"reason": "completed", "seconds": 60, "start": 2.0, "target": 1.0}
    go_to(run, 281)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert run.treadmill.incline == 0.0
    before = run.session.remaining
    assert before is not None
    assert run.session.planned_end(run.now) == pytest.approx(run.now + before)
    go_to(run, 299.5)
    assert STOP not in run.command_kinds
    run.go(1)
    assert run.command_kinds[-1] is STOP
    run.go(8)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.session.moving_time == pytest.approx(302, abs=3)
    assert [
        kind for kind in run.event_kinds if kind in {EventKind.HALFWAY, EventKind.LAST_MINUTE, EventKind.COOLING_DOWN}
    ] == [
        EventKind.HALFWAY,
        EventKind.COOLING_DOWN,
        EventKind.LAST_MINUTE,
    ]
    assert run.session.length == 300.0
    run.go(61)
    assert (run.session.request, run.session.walker, run.session.length) == (None, None, None)


@pytest.mark.parametrize("length", [60.0, 90.0, 300.0])
def test_s13_the_default_walk_ends_by_itself_too(length: float) -> None:
    run = planned_run(length=length)
    run.go(length + 10)
    assert run.state is State.FINISHED
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.session.moving_time == pytest.approx(length + 2, abs=3)


def test_without_a_request_it_is_five_minutes_at_the_minimum() -> None:
    run = SessionRun()
    run.begin()
    assert run.session.request == SessionRequest(direction=Direction.BACKWARD)
    assert (run.session.length, run.session.walker) == (300.0, None)
    assert run.session.remaining == pytest.approx(300 - run.session.moving_time)


def test_s13_a_belt_that_somebody_raised_cools_down_earlier() -> None:
    run = SessionRun(rules(owner=OwnerLimits(backward_speed=5.0)))
    planned_run(run, length=600.0, speed=4.9)
    go_to(run, 120)
    while run.state is State.ACTIVE:
        run.go(0.5)
    # 20 s for each km/h above the minimum, and 20 s
    assert run.session.moving_time == pytest.approx(600 - (20 * 3.9 + 20), abs=1)


def test_s13_a_person_who_lowered_it_has_the_shortest_cool_down() -> None:
    run = planned_run(length=300.0, speed=3.0)
    go_to(run, 150)
    run.session.set_speed(1.0, caller=Caller.UNKNOWN)
    go_to(run, 239)
    assert run.state is State.ACTIVE
    go_to(run, 241)
    assert run.state is State.COOL_DOWN


def test_s5_s13_the_cool_down_falls_in_steps_that_a_walker_can_take_and_never_rises() -> None:
    run = planned_run(length=300.0, speed=3.0)
    go_to(run, 240.5)
    run.clear_log()
    run.go(5)
    assert refusal(run.session.set_speed, 3.0, caller=Caller.PERSON) is Refusal.COOLING_DOWN
    assert refusal(run.session.set_incline, 1.0, caller=Caller.PERSON) is Refusal.COOLING_DOWN
    run.go(70)
    falls = [kmh for _, kmh in run.speeds]
    assert falls == sorted(falls, reverse=True)
    assert max(a - b for a, b in itertools.pairwise([3.0, *falls])) <= 0.5
    assert falls[-1] == 1.0
    assert run.sent[-1][0] - run.speeds[-1][0] >= 20
    assert run.command_kinds[-1] is STOP


def test_s13_in_the_cool_down_one_may_still_go_slower() -> None:
    run = planned_run(length=300.0, speed=3.0)
    go_to(run, 242)
    assert run.session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    run.go(6)
    assert run.treadmill.speed <= 2.0
    go_to(run, 262)
    assert run.session.target_speed == 1.5


def test_a_ramp_that_is_under_way_ends_with_the_cool_down() -> None:
    run = planned_run(length=300.0)
    go_to(run, 225)
    run.session.set_speed(3.0, caller=Caller.PERSON)
    go_to(run, 235)
    while run.state is State.ACTIVE:
        run.go(0.5)
    run.clear_log()
    present = run.treadmill.target_speed
    run.go(60)
    assert max([kmh for _, kmh in run.speeds], default=0.0) <= present
    assert EventKind.STEP_CHANGED not in run.event_kinds


def test_the_target_of_a_cool_down_is_where_it_leads_not_each_step_of_the_way() -> None:
    run = planned_run(length=300.0, speed=3.0)
    assert run.session.displayed_target_speed == 1.0
    go_to(run, 200)
    assert run.session.displayed_target_speed == 3.0
    go_to(run, 255)
    assert run.session.displayed_target_speed == 1.0 < run.session.target_speed
    run.go(60)
    assert run.session.displayed_target_speed is None


def test_s4_a_first_walk_is_slow_and_level() -> None:
    run = planned_run(length=300.0, speed=3.0, incline=2.0, first=True)
    go_to(run, 200)
    assert run.treadmill.speed == pytest.approx(2.0)
    assert run.inclines == []
    assert run.session.set_speed(3.0, caller=Caller.PERSON) == 2.0


def test_s4_a_request_is_fixed_when_it_is_made_ready_and_gone_afterwards() -> None:
    run = SessionRun()
    run.start()
    request = SessionRequest(direction=Direction.FORWARD, walker="bert", length=120.0)
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=request)
    assert run.session.request is request
    assert run.session.direction is Direction.FORWARD
    assert run.session.remaining == 120.0
    assert run.session.planned_end(run.now) is None
    run.stop()
    assert run.session.request is None
    assert run.session.direction is Direction.BACKWARD
    assert run.session.remaining is None


def test_start_takes_a_request_for_its_first_press() -> None:
    run = SessionRun()
    run.session.start(run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    run.session.start(run.now, caller=Caller.PERSON, request=SessionRequest(walker="bert"))
    assert run.state is State.COUNTDOWN
    assert run.session.walker == "anna"


def test_s13_on_a_machine_whose_deck_goes_below_level_nobody_is_raised_to_it() -> None:
    run = SessionRun(rules(incline=ValueRange(-3.0, 12.0, 0.5)))
    run.session.choose_direction(Direction.FORWARD)
    run.treadmill.incline = run.treadmill.target_incline = -2.0
    planned_run(run, direction=Direction.FORWARD, length=300.0, speed=3.0, incline=-2.0)
    run.go(310)
    assert run.state is State.FINISHED
    assert run.inclines == []
