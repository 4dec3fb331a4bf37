"""A speed, an incline or a start at the console takes over the belt (safety rule S7)."""

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

EventKind = SessionEventKind
State = SessionState


def test_s7_a_console_start_after_a_stop_on_a_machine_that_was_silent_at_rest_is_left_to_walk() -> None:
    run = SessionRun(rules(control=False))
    run.muted = True
    run.go(30)
    run.stop()
    run.go(300)
    run.clear_log()
    run.treadmill.press_start()
    for _ in range(40):
        run.muted = run.treadmill.speed == 0
        run.go(0.5)
    assert (run.state, run.sent) == (State.MANUAL, [])
    assert run.treadmill.speed > 0


def test_s7_a_speed_set_at_the_console_ends_steering_at_once() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(12)
    run.clear_log()
    run.treadmill.press_speed(3.0)
    assert run.state is State.MANUAL
    assert run.event_kinds == [EventKind.MANUAL]
    assert run.session.target_speed is None
    assert refusal(run.session.set_speed, 1.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
    run.go(120)
    assert run.sent == []


def test_s7_an_incline_set_at_the_console_or_another_app_ends_steering_at_once() -> None:
    for kind, value in ((MachineEventKind.INCLINE_CHANGED, 4.0), (MachineEventKind.CONTROL_LOST, None)):
        run = SessionRun()
        run.begin()
        run.event(kind, value)
        assert run.state is State.MANUAL


def test_s7_our_own_changes_are_not_the_consoles() -> None:
    run = SessionRun()
    run.session.choose_direction(Direction.FORWARD)
    run.begin()
    run.clear_log()
    run.event(MachineEventKind.SPEED_CHANGED, 1.0)
    run.session.set_speed(2.0, caller=Caller.PERSON)
    while len(run.speeds) < 2:
        run.go(0.5)
    run.event(MachineEventKind.SPEED_CHANGED, 2.0)
    run.event(MachineEventKind.SPEED_CHANGED, 1.5)  # late
    run.event(MachineEventKind.SPEED_CHANGED, None)
    run.event(MachineEventKind.RESET)
    run.event(MachineEventKind.STARTED)
    assert run.state is State.ACTIVE
    run.go(10)
    run.event(MachineEventKind.SPEED_CHANGED, 2.0)
    assert run.state is State.ACTIVE
    run.event(MachineEventKind.SPEED_CHANGED, 1.5)
    assert run.state is State.MANUAL


def test_s7_what_we_chose_in_the_last_walk_may_be_the_consoles_choice_in_this_one() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_incline(0.5, caller=Caller.PERSON)
    run.go(30)
    run.stop()
    run.go(8)
    run.treadmill.incline = run.treadmill.target_incline = 0.0
    run.begin()
    run.treadmill.press_incline(0.5)
    assert run.state is State.MANUAL


def test_s7_the_start_speed_that_a_machine_reports_is_not_the_consoles() -> None:
    run = at(State.STARTING)
    run.event(MachineEventKind.SPEED_CHANGED, 1.6)
    assert run.state is State.STARTING
    run.event(MachineEventKind.CONTROL_LOST)
    assert run.state is State.MANUAL
    run.go(12)
    assert run.state is State.MANUAL
    assert run.treadmill.speed == 1.0


def test_s7_a_console_that_reports_nothing_is_seen_by_the_speed() -> None:
    run = SessionRun()
    run.begin()
    run.clear_log()
    run.reports_events = False
    run.treadmill.press_speed(2.0)
    run.go(2.5)
    assert run.state is State.WARM_UP
    run.go(6)
    assert run.state is State.MANUAL
    assert run.sent == []


def test_s7_a_console_that_reports_nothing_is_seen_by_the_speed_while_we_ramp() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(32)
    assert run.state is State.ACTIVE
    run.reports_events = False
    run.treadmill.press_speed(1.0)
    run.clear_log()
    run.go(12)
    assert run.state is State.MANUAL
    assert len(run.sent) <= 1


def test_s7_a_short_difference_is_not_the_consoles() -> None:
    run = SessionRun()
    run.begin()
    run.go(10)
    for _ in range(3):
        run.report(speed=1.4)
        run.go(1)
    run.report(belt=BeltState.MOVING, speed=None)
    assert run.state is State.WARM_UP


def test_s7_a_resume_at_the_console_is_watched_only() -> None:
    run = SessionRun()
    run.paused()
    run.clear_log()
    run.treadmill.press_start()
    run.go(20)
    assert run.state is State.MANUAL
    assert run.sent == []


def test_s7_manual_ends_when_the_belt_rests() -> None:
    run = at(State.MANUAL)
    run.treadmill.press_pause()  # reports nothing here
    run.reports_events = False
    run = at(State.MANUAL)
    run.reports_events = False
    run.treadmill.press_stop()
    run.go(8)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "console"}
    run.go(61)
    assert run.state is State.IDLE


def test_s7_a_console_start_on_an_idle_belt_is_a_forward_walk() -> None:
    run = at(State.MANUAL)
    assert EventKind.BELT_WITHOUT_SESSION in run.event_kinds
    assert run.session.direction is Direction.FORWARD
    run.resume()
    assert run.session.limits.direction is Direction.FORWARD
    run.stop()
    run.go(70)
    assert run.session.direction is Direction.BACKWARD


@pytest.mark.parametrize(("events", "countdown"), [(True, True), (True, False), (False, True), (False, False)])
def test_s7_a_console_start_in_our_countdown_is_watched_and_nothing_is_started_on_top(
    events: bool, countdown: bool
) -> None:
    run = SessionRun()
    run.count_down()
    run.reports_events, run.reports_countdown = events, countdown
    run.treadmill.press_start()
    run.go(30)
    assert run.state is State.MANUAL
    assert run.sent == []
    assert run.session.direction is Direction.BACKWARD
    assert run.session.odometer.moving_time > 20


def test_s7_a_person_takes_over_from_the_console_at_its_speed() -> None:
    run = SessionRun()
    run.begin()
    run.treadmill.press_speed(1.7)
    run.go(10)
    assert refusal(run.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    run.clear_log()
    run.resume()
    assert run.state is State.ACTIVE
    assert run.event_kinds == [EventKind.RESUMED]
    assert run.session.target_speed == 1.7
    run.go(30)
    assert run.sent == []


def test_s7_taking_over_needs_a_belt_that_is_heard_to_move() -> None:
    run = at(State.MANUAL)
    run.muted = True
    run.go(3)
    assert refusal(run.resume) is Refusal.NO_FRESH_DATA
    run.report(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(run.resume) is Refusal.NOTHING_TO_RESUME
    restored = SessionRun(linked=False)
    restored.session.restore(RecoveredSession(request=SessionRequest(), moving_time=60.0, planned=False), restored.now)
    assert restored.state is SessionState.MANUAL
    assert refusal(restored.resume) is Refusal.NOT_CONNECTED
