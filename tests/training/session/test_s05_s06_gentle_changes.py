"""Speed and incline rise gently, apart from each other, and are announced first (safety rules S5 and S6)."""

import itertools

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules

Told = SessionEventKind
State = SessionState


def test_s5_s6_a_wish_is_reached_in_announced_small_steps() -> None:
    walk = SessionRun()
    walk.begin()
    walk.clear_log()
    assert walk.session.set_speed(1.5, caller=Caller.PERSON) == 1.5
    begun = walk.now
    walk.go(60)
    assert walk.treadmill.speed == 1.5
    assert [kmh for _, kmh in walk.speeds] == [1.1, 1.2, 1.3, 1.4, 1.5]
    times = [when for when, _ in walk.speeds]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 5
    assert walk.event_kinds == [Told.SPEED_UP_SOON, Told.STEP_CHANGED]
    assert walk.data(Told.STEP_CHANGED) == {"what": "speed", "target": 1.5}
    announced, reached = (when for when, _ in walk.emitted)
    assert reached - times[-1] <= 1
    assert times[0] - announced == 5
    assert announced - begun <= 1
    assert walk.data(Told.SPEED_UP_SOON) == {"what": "speed", "start": 1.0, "target": 1.5, "seconds": 20.0}


def test_s5_s6_an_incline_is_reached_in_announced_small_steps() -> None:
    walk = SessionRun()
    walk.begin()
    assert walk.session.set_incline(1.0, caller=Caller.PERSON) == 1.0
    assert walk.session.target_incline == 1.0
    walk.go(60)
    assert [percent for _, percent in walk.inclines] == [0.5, 1.0]
    assert walk.data(Told.SPEED_UP_SOON)["what"] == "incline"


def test_s5_nothing_rises_on_a_belt_that_does_not_follow() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(12)
    sent = len(walk.speeds)
    walk.reports_events = False
    walk.treadmill.press_speed(1.0)
    walk.treadmill.target_speed = 0.4
    walk.go(15)
    assert walk.state is State.MANUAL
    assert len(walk.speeds) <= sent + 1


def test_s5_speed_and_incline_rise_apart_over_a_hand_on_the_console_too() -> None:
    walk = SessionRun()
    walk.begin()
    walk.clear_log()
    walk.session.set_incline(0.5, caller=Caller.PERSON)
    while not walk.inclines:
        walk.go(0.5)
    walk.treadmill.press_speed(1.2)
    walk.go(1)
    walk.resume()
    walk.session.set_speed(1.5, caller=Caller.PERSON)
    walk.go(40)
    assert walk.speeds[0][0] - walk.inclines[-1][0] >= 20


def test_s12_a_fast_start_is_told_the_minimum_at_once_and_again() -> None:
    walk = SessionRun(acceleration=1.0)
    walk.count_down()
    walk.go(18.5)
    walk.treadmill.target_speed = 2.2
    walk.go(15)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.0]
    assert walk.state is State.WARM_UP


def test_s12_after_a_pause_the_belt_stays_at_the_minimum_for_a_while() -> None:
    walk = SessionRun()
    walk.session.choose_direction(Direction.FORWARD)
    walk.begin()
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(30)
    walk.pause()
    walk.go(15)
    walk.resume()
    walk.go(0.5)
    walk.resume()
    walk.go(5)
    walk.clear_log()
    walk.session.apply_rules(rules())
    while walk.state is not State.ACTIVE:
        walk.go(0.5)
    moved = walk.now
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(40)
    assert walk.emitted[0][1].kind is Told.RESUMED
    assert walk.speeds[0][1] == 1.0
    assert walk.speeds[1][0] - moved >= 10
    assert walk.treadmill.speed == 3.0
