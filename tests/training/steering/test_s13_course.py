"""A whole session warms up, rises, cools down and stops in its length (safety rule S13)."""

import itertools

import pytest

from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.planned_sessions import go_to, wished
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


def test_s13_a_walk_warms_up_rises_cools_down_and_stops_in_its_length() -> None:
    walk = wished(length=300.0, speed=2.0, incline=1.0, walker="anna")
    assert walk.state is State.WARM_UP
    assert (walk.session.walker, walk.session.length) == ("anna", 300.0)
    assert walk.session.target_speed == 1.0
    go_to(walk, 59)
    assert walk.state is State.WARM_UP
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    go_to(walk, 61)
    assert walk.state is State.ACTIVE
    assert walk.session.target_speed == 2.0
    go_to(walk, 200)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.treadmill.incline == pytest.approx(1.0)
    go_to(walk, 239)
    assert walk.state is State.ACTIVE
    go_to(walk, 241)
    assert walk.state is State.COOL_DOWN
    cooled = walk.data(Told.COOLING_DOWN)
    assert cooled == {"reason": "completed", "seconds": 60, "start": 2.0, "target": 1.0}
    go_to(walk, 281)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.treadmill.incline == 0.0
    before = walk.session.remaining
    assert before is not None
    assert walk.session.planned_end(walk.now) == pytest.approx(walk.now + before)
    go_to(walk, 299.5)
    assert STOP not in walk.command_kinds
    walk.go(1)
    assert walk.command_kinds[-1] is STOP
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(302, abs=3)
    assert [kind for kind in walk.event_kinds if kind in {Told.HALFWAY, Told.LAST_MINUTE, Told.COOLING_DOWN}] == [
        Told.HALFWAY,
        Told.COOLING_DOWN,
        Told.LAST_MINUTE,
    ]
    assert walk.session.length == 300.0
    walk.go(61)
    assert (walk.session.request, walk.session.walker, walk.session.length) == (None, None, None)


@pytest.mark.parametrize("length", [60.0, 90.0, 300.0])
def test_s13_the_default_walk_ends_by_itself_too(length: float) -> None:
    walk = wished(length=length)
    walk.go(length + 10)
    assert walk.state is State.FINISHED
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(length + 2, abs=3)


def test_without_a_wish_it_is_five_minutes_at_the_minimum() -> None:
    walk = SessionRun()
    walk.begin()
    assert walk.session.request == SessionRequest(direction=Direction.BACKWARD)
    assert (walk.session.length, walk.session.walker) == (300.0, None)
    assert walk.session.remaining == pytest.approx(300 - walk.session.moving_time)


def test_s13_a_belt_that_somebody_raised_cools_down_earlier() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(backward_speed=5.0)))
    wished(walk, length=600.0, speed=4.9)
    go_to(walk, 120)
    while walk.state is State.ACTIVE:
        walk.go(0.5)
    # 20 s for each km/h above the minimum, and 20 s
    assert walk.session.moving_time == pytest.approx(600 - (20 * 3.9 + 20), abs=1)


def test_s13_a_person_who_lowered_it_has_the_shortest_cool_down() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 150)
    walk.session.set_speed(1.0, caller=Caller.UNKNOWN)
    go_to(walk, 239)
    assert walk.state is State.ACTIVE
    go_to(walk, 241)
    assert walk.state is State.COOL_DOWN


def test_s5_s13_the_cool_down_falls_in_steps_that_a_walker_can_take_and_never_rises() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 240.5)
    walk.clear_log()
    walk.go(5)
    assert refusal(walk.session.set_speed, 3.0, caller=Caller.PERSON) is Refusal.COOLING_DOWN
    assert refusal(walk.session.set_incline, 1.0, caller=Caller.PERSON) is Refusal.COOLING_DOWN
    walk.go(70)
    falls = [kmh for _, kmh in walk.speeds]
    assert falls == sorted(falls, reverse=True)
    assert max(a - b for a, b in itertools.pairwise([3.0, *falls])) <= 0.5
    assert falls[-1] == 1.0
    assert walk.sent[-1][0] - walk.speeds[-1][0] >= 20
    assert walk.command_kinds[-1] is STOP


def test_s13_in_the_cool_down_one_may_still_go_slower() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 242)
    assert walk.session.set_speed(1.5, caller=Caller.UNKNOWN) == 1.5
    walk.go(6)
    assert walk.treadmill.speed <= 2.0
    go_to(walk, 262)
    assert walk.session.target_speed == 1.5


def test_a_ramp_that_is_under_way_ends_with_the_cool_down() -> None:
    walk = wished(length=300.0)
    go_to(walk, 225)
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    go_to(walk, 235)
    while walk.state is State.ACTIVE:
        walk.go(0.5)
    walk.clear_log()
    present = walk.treadmill.target_speed
    walk.go(60)
    assert max([kmh for _, kmh in walk.speeds], default=0.0) <= present
    assert Told.STEP_CHANGED not in walk.event_kinds


def test_the_target_of_a_cool_down_is_where_it_leads_not_each_step_of_the_way() -> None:
    walk = wished(length=300.0, speed=3.0)
    assert walk.session.displayed_target_speed == 1.0
    go_to(walk, 200)
    assert walk.session.displayed_target_speed == 3.0
    go_to(walk, 255)
    assert walk.session.displayed_target_speed == 1.0 < walk.session.target_speed
    walk.go(60)
    assert walk.session.displayed_target_speed is None


def test_s4_a_first_walk_is_slow_and_level() -> None:
    walk = wished(length=300.0, speed=3.0, incline=2.0, first=True)
    go_to(walk, 200)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.inclines == []
    assert walk.session.set_speed(3.0, caller=Caller.PERSON) == 2.0


def test_s4_a_wish_is_fixed_when_it_is_made_ready_and_gone_afterwards() -> None:
    walk = SessionRun()
    walk.start()
    wish = SessionRequest(direction=Direction.FORWARD, walker="bert", length=120.0)
    walk.session.prepare(walk.now, caller=Caller.UNKNOWN, request=wish)
    assert walk.session.request is wish
    assert walk.session.direction is Direction.FORWARD
    assert walk.session.remaining == 120.0
    assert walk.session.planned_end(walk.now) is None
    walk.stop()
    assert walk.session.request is None
    assert walk.session.direction is Direction.BACKWARD
    assert walk.session.remaining is None


def test_start_takes_a_wish_for_its_first_press() -> None:
    walk = SessionRun()
    walk.session.start(walk.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    walk.session.start(walk.now, caller=Caller.PERSON, request=SessionRequest(walker="bert"))
    assert walk.state is State.COUNTDOWN
    assert walk.session.walker == "anna"


def test_s13_on_a_machine_whose_deck_goes_below_level_nobody_is_raised_to_it() -> None:
    walk = SessionRun(rules(incline=ValueRange(-3.0, 12.0, 0.5)))
    walk.session.choose_direction(Direction.FORWARD)
    walk.treadmill.incline = walk.treadmill.target_incline = -2.0
    wished(walk, direction=Direction.FORWARD, length=300.0, speed=3.0, incline=-2.0)
    walk.go(310)
    assert walk.state is State.FINISHED
    assert walk.inclines == []
