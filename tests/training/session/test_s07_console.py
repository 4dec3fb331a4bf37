"""A speed, an incline or a start at the console takes the belt over (safety rule S7)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.session.recovery import RecoveredSession
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, refusal

Told = SessionEventKind
State = SessionState


def test_s7_a_console_start_after_a_stop_on_a_machine_that_was_silent_at_rest_is_left_to_walk() -> None:
    walk = SessionRun(rules(control=False))
    walk.muted = True
    walk.go(30)
    walk.stop()
    walk.go(300)
    walk.clear_log()
    walk.treadmill.press_start()
    for _ in range(40):
        walk.muted = walk.treadmill.speed == 0
        walk.go(0.5)
    assert (walk.state, walk.sent) == (State.MANUAL, [])
    assert walk.treadmill.speed > 0


def test_s7_a_speed_set_at_the_console_ends_steering_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(12)
    walk.clear_log()
    walk.treadmill.press_speed(3.0)
    assert walk.state is State.MANUAL
    assert walk.event_kinds == [Told.MANUAL]
    assert walk.session.target_speed is None
    assert refusal(walk.session.set_speed, 1.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
    walk.go(120)
    assert walk.sent == []


def test_s7_an_incline_set_at_the_console_or_another_app_ends_steering_at_once() -> None:
    for kind, value in ((MachineEventKind.INCLINE_CHANGED, 4.0), (MachineEventKind.CONTROL_LOST, None)):
        walk = SessionRun()
        walk.begin()
        walk.event(kind, value)
        assert walk.state is State.MANUAL


def test_s7_our_own_changes_are_not_the_consoles() -> None:
    walk = SessionRun()
    walk.session.choose_direction(Direction.FORWARD)
    walk.begin()
    walk.clear_log()
    walk.event(MachineEventKind.SPEED_CHANGED, 1.0)
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    while len(walk.speeds) < 2:
        walk.go(0.5)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    walk.event(MachineEventKind.SPEED_CHANGED, 1.5)  # late
    walk.event(MachineEventKind.SPEED_CHANGED, None)
    walk.event(MachineEventKind.RESET)
    walk.event(MachineEventKind.STARTED)
    assert walk.state is State.ACTIVE
    walk.go(10)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    assert walk.state is State.ACTIVE
    walk.event(MachineEventKind.SPEED_CHANGED, 1.5)
    assert walk.state is State.MANUAL


def test_s7_what_we_chose_in_the_last_walk_may_be_the_consoles_choice_in_this_one() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_incline(0.5, caller=Caller.PERSON)
    walk.go(30)
    walk.stop()
    walk.go(8)
    walk.treadmill.incline = walk.treadmill.target_incline = 0.0
    walk.begin()
    walk.treadmill.press_incline(0.5)
    assert walk.state is State.MANUAL


def test_s7_the_start_speed_that_a_machine_reports_is_not_the_consoles() -> None:
    walk = at(State.STARTING)
    walk.event(MachineEventKind.SPEED_CHANGED, 1.6)
    assert walk.state is State.STARTING
    walk.event(MachineEventKind.CONTROL_LOST)
    assert walk.state is State.MANUAL
    walk.go(12)
    assert walk.state is State.MANUAL
    assert walk.treadmill.speed == 1.0


def test_s7_a_console_that_reports_nothing_is_seen_by_the_speed() -> None:
    walk = SessionRun()
    walk.begin()
    walk.clear_log()
    walk.reports_events = False
    walk.treadmill.press_speed(2.0)
    walk.go(2.5)
    assert walk.state is State.WARM_UP
    walk.go(6)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s7_a_console_that_reports_nothing_is_seen_by_the_speed_while_we_ramp() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(32)
    assert walk.state is State.ACTIVE
    walk.reports_events = False
    walk.treadmill.press_speed(1.0)
    walk.clear_log()
    walk.go(12)
    assert walk.state is State.MANUAL
    assert len(walk.sent) <= 1


def test_s7_a_short_difference_is_not_the_consoles() -> None:
    walk = SessionRun()
    walk.begin()
    walk.go(10)
    for _ in range(3):
        walk.report(speed=1.4)
        walk.go(1)
    walk.report(belt=BeltState.MOVING, speed=None)
    assert walk.state is State.WARM_UP


def test_s7_a_resume_at_the_console_is_watched_only() -> None:
    walk = SessionRun()
    walk.paused()
    walk.clear_log()
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s7_manual_ends_when_the_belt_rests() -> None:
    walk = at(State.MANUAL)
    walk.treadmill.press_pause()  # says nothing here
    walk.reports_events = False
    walk = at(State.MANUAL)
    walk.reports_events = False
    walk.treadmill.press_stop()
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "console"}
    walk.go(61)
    assert walk.state is State.IDLE


def test_s7_a_console_start_on_an_idle_belt_is_a_forward_walk() -> None:
    walk = at(State.MANUAL)
    assert Told.BELT_WITHOUT_SESSION in walk.event_kinds
    assert walk.session.direction is Direction.FORWARD
    walk.resume()
    assert walk.session.limits.direction is Direction.FORWARD
    walk.stop()
    walk.go(70)
    assert walk.session.direction is Direction.BACKWARD


@pytest.mark.parametrize(("events", "countdown"), [(True, True), (True, False), (False, True), (False, False)])
def test_s7_a_console_start_in_our_countdown_is_watched_and_nothing_is_started_on_top(
    events: bool, countdown: bool
) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.reports_events, walk.reports_countdown = events, countdown
    walk.treadmill.press_start()
    walk.go(30)
    assert walk.state is State.MANUAL
    assert walk.sent == []
    assert walk.session.direction is Direction.BACKWARD
    assert walk.session.odometer.moving_time > 20


def test_s7_a_person_takes_over_from_the_console_at_its_speed() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_speed(1.7)
    walk.go(10)
    assert refusal(walk.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    walk.clear_log()
    walk.resume()
    assert walk.state is State.ACTIVE
    assert walk.event_kinds == [Told.RESUMED]
    assert walk.session.target_speed == 1.7
    walk.go(30)
    assert walk.sent == []


def test_s7_taking_over_needs_a_belt_that_is_heard_to_move() -> None:
    walk = at(State.MANUAL)
    walk.muted = True
    walk.go(3)
    assert refusal(walk.resume) is Refusal.NO_FRESH_DATA
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(walk.resume) is Refusal.NOTHING_TO_RESUME
    restored = SessionRun(linked=False)
    restored.session.restore(RecoveredSession(request=SessionRequest(), moving_time=60.0, planned=False), restored.now)
    assert restored.state is SessionState.MANUAL
    assert refusal(restored.resume) is Refusal.NOT_CONNECTED
