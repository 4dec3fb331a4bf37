"""No start and no speed is sent to a belt that moves or counts down (safety rule S8)."""

from custom_components.retrowalk.machine.model import BeltState, CommandKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at, ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
State = SessionState


def test_s8_a_moving_belt_is_not_made_ready() -> None:
    walk = at(State.FINISHED)
    walk.session.belt.telemetry = walk.telemetry(belt=BeltState.MOVING, speed=1.0)
    assert refusal(walk.start) is Refusal.BELT_MOVES


def test_s8_a_belt_in_its_own_countdown_is_not_started() -> None:
    walk = SessionRun()
    ready(walk)
    walk.reports_events = False
    walk.treadmill.press_start()
    walk.go(1)
    assert refusal(walk.start) is Refusal.BELT_MOVES


def test_s8_a_machine_that_says_countdown_all_day_can_be_started() -> None:
    walk = SessionRun()
    walk.muted = True
    for _ in range(16):
        walk.go(1)
        walk.report(belt=BeltState.COUNTDOWN)
    walk.start()
    walk.start()
    for _ in range(15):
        walk.go(1)
        walk.report(belt=BeltState.COUNTDOWN)
    assert walk.command_kinds == [START]


def test_s8_a_single_report_of_rest_is_no_reason_to_start() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(12)
    walk.muted = True
    for belt in (BeltState.UNKNOWN, BeltState.AT_REST):
        walk.go(1.5)
        walk.report(belt=belt)
    assert walk.sent == []
    assert walk.state is State.COUNTDOWN


def test_s8_no_speed_is_sent_to_a_belt_that_reports_rest() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(5.5)
    walk.clear_log()
    walk.muted = True
    walk.go(0.5)
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    walk.go(1.5)
    assert walk.sent == []
    walk.muted = False
    walk.go(5)
    assert walk.state is State.ACTIVE
    assert walk.speeds


def test_s8_no_lower_speed_is_sent_to_a_belt_that_reports_rest() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(1.5, caller=Caller.PERSON)
    walk.go(60)
    walk.clear_log()
    walk.session.set_speed(1.0, caller=Caller.PERSON)
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.command_kinds == [CommandKind.SET_SPEED]
