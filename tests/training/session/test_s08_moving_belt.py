"""No start and no speed is sent to a belt that moves or counts down (safety rule S8)."""

from custom_components.retrowalk.machine.model import BeltState, CommandKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at, ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
State = SessionState


def test_s8_a_moving_belt_is_not_made_ready() -> None:
    run = at(State.FINISHED)
    run.session.belt.telemetry = run.telemetry(belt=BeltState.MOVING, speed=1.0)
    assert refusal(run.start) is Refusal.BELT_MOVES


def test_s8_a_belt_in_its_own_countdown_is_not_started() -> None:
    run = SessionRun()
    ready(run)
    run.reports_events = False
    run.treadmill.press_start()
    run.go(1)
    assert refusal(run.start) is Refusal.BELT_MOVES


def test_s8_a_machine_that_says_countdown_all_day_can_be_started() -> None:
    run = SessionRun()
    run.muted = True
    for _ in range(16):
        run.go(1)
        run.report(belt=BeltState.COUNTDOWN)
    run.start()
    run.start()
    for _ in range(15):
        run.go(1)
        run.report(belt=BeltState.COUNTDOWN)
    assert run.command_kinds == [START]


def test_s8_a_single_report_of_rest_is_no_reason_to_start() -> None:
    run = SessionRun()
    run.count_down()
    run.go(12)
    run.muted = True
    for belt in (BeltState.UNKNOWN, BeltState.AT_REST):
        run.go(1.5)
        run.report(belt=belt)
    assert run.sent == []
    assert run.state is State.COUNTDOWN


def test_s8_no_speed_is_sent_to_a_belt_that_reports_rest() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(5.5)
    run.clear_log()
    run.muted = True
    run.go(0.5)
    run.report(belt=BeltState.AT_REST, speed=0.0)
    run.go(1.5)
    assert run.sent == []
    run.muted = False
    run.go(5)
    assert run.state is State.ACTIVE
    assert run.speeds


def test_s8_no_lower_speed_is_sent_to_a_belt_that_reports_rest() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(1.5, caller=Caller.PERSON)
    run.go(60)
    run.clear_log()
    run.session.set_speed(1.0, caller=Caller.PERSON)
    run.report(belt=BeltState.AT_REST, speed=0.0)
    assert run.sent == []
    run.go(0.5)
    assert run.command_kinds == [CommandKind.SET_SPEED]
