"""A belt at rest needs two acts and a countdown to move (safety rule S2)."""

import pytest

from custom_components.retrowalk.machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEventKind,
    ValueRange,
)
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller, Refusal, Rules
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import INCLINES, SessionRun, rules
from tests.support.session_states import ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
SET_SPEED = CommandKind.SET_SPEED
EventKind = SessionEventKind
State = SessionState


def test_s2_two_acts_a_countdown_and_the_belt_starts_at_its_minimum() -> None:
    run = SessionRun()
    run.start()
    assert run.sent == []
    run.start()
    assert run.session.countdown_ends == run.now + 15
    run.go(14.5)
    assert run.sent == []
    run.go(0.5)
    assert run.command_kinds == [START]
    assert run.state is State.STARTING
    run.go(10)
    assert run.state is State.WARM_UP
    assert run.treadmill.speed == 1.0
    assert run.event_kinds == [EventKind.READY, EventKind.COUNTDOWN, EventKind.STARTED]
    assert run.data(EventKind.READY) == {"direction": "backward"}
    assert run.data(EventKind.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    assert run.session.countdown_ends is None


def test_s2_anybody_may_make_ready_but_only_a_person_confirms() -> None:
    run = SessionRun()
    run.start(caller=Caller.UNKNOWN)
    assert run.state is State.READY
    assert refusal(run.start, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert run.state is State.READY
    run.start()
    assert run.state is State.COUNTDOWN


@pytest.mark.parametrize(("caller", "seconds"), [(Caller.UNKNOWN, 120), (Caller.PERSON, 600)])
def test_s2_ready_lapses(caller: Caller, seconds: int) -> None:
    run = SessionRun()
    run.start(caller=caller)
    run.go(seconds - 1)
    assert run.state is State.READY
    run.go(1)
    assert run.state is State.IDLE
    assert run.data(EventKind.STOPPED) == {"reason": "lapsed"}


def test_s2_ready_waits_for_the_link_and_then_its_time_begins() -> None:
    run = SessionRun(linked=False)
    run.start(caller=Caller.UNKNOWN)
    run.go(44)
    run.link(up=True)
    run.go(119)
    assert run.state is State.READY
    run.go(1)
    assert run.state is State.IDLE


def test_s2_ready_without_a_link_fails_after_a_while() -> None:
    run = SessionRun(linked=False)
    run.start()
    assert refusal(run.start) is Refusal.NOT_CONNECTED
    run.go(45)
    assert run.state is State.IDLE
    assert run.data(EventKind.START_FAILED) == {"reason": "not_connected"}


def test_s2_a_flapping_link_does_not_keep_ready_alive() -> None:
    run = SessionRun()
    run.start(caller=Caller.UNKNOWN)
    for _ in range(11):
        run.link(up=False)
        run.go(5)
        run.link(up=True)
        run.go(5)
    assert run.state is State.READY
    run.go(10)
    assert run.state is State.IDLE


def test_s2_two_people_pressing_start_start_once() -> None:
    run = SessionRun()
    run.start()
    run.start()
    assert refusal(run.start) is Refusal.BUSY
    assert refusal(run.session.confirm, run.now, caller=Caller.PERSON) is Refusal.BUSY
    run.go(15)
    assert refusal(run.start) is Refusal.BUSY
    run.go(10)
    assert refusal(run.start) is Refusal.BUSY
    assert run.command_kinds == [START, SET_SPEED]


def test_s2_the_first_press_again_does_no_harm() -> None:
    run = SessionRun()
    run.start()
    run.session.prepare(run.now, caller=Caller.PERSON)
    assert run.state is State.READY


def test_s2_telemetry_has_to_be_fresh() -> None:
    run = SessionRun()
    ready(run)
    run.muted = True
    run.go(2.5)
    assert refusal(run.start) is Refusal.NO_FRESH_DATA
    run.muted = False
    run.report(belt=BeltState.UNKNOWN, speed=None)
    assert refusal(run.start) is Refusal.NO_FRESH_DATA


def test_s2_a_countdown_without_telemetry_starts_nothing() -> None:
    run = SessionRun()
    run.count_down()
    run.go(10)
    run.muted = True
    run.go(6)
    assert run.sent == []
    assert run.state is State.IDLE
    assert run.data(EventKind.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_a_countdown_waits_for_fresh_telemetry_but_not_for_long() -> None:
    run = SessionRun()
    run.count_down()
    run.go(12)
    run.muted = True
    run.go(4)
    assert run.state is State.COUNTDOWN
    run.muted = False
    run.go(0.5)
    assert run.state is State.STARTING


def test_s2_a_start_that_comes_late_finds_nobody_prepared() -> None:
    run = SessionRun()
    run.count_down()
    run.now += 30  # Home Assistant was blocked
    run.go(0.5)
    assert run.sent == []
    assert run.data(EventKind.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_link_loss_ends_a_countdown_for_good() -> None:
    run = SessionRun()
    run.count_down()
    run.link(up=False)
    assert run.state is State.IDLE
    assert run.data(EventKind.START_FAILED) == {"reason": "link_lost"}
    run.link(up=True)
    run.go(60)
    assert run.sent == []


@pytest.mark.parametrize(
    "kind",
    [
        MachineEventKind.STOPPED,
        MachineEventKind.PAUSED,
        MachineEventKind.SPEED_CHANGED,
        MachineEventKind.INCLINE_CHANGED,
        MachineEventKind.RESET,
        MachineEventKind.CONTROL_LOST,
    ],
)
def test_s2_any_console_key_ends_a_countdown(kind: MachineEventKind) -> None:
    run = SessionRun()
    run.count_down()
    run.event(kind, 1.0)
    assert run.state is State.IDLE
    run.go(30)
    assert run.sent == []


@pytest.mark.parametrize(
    ("direction", "chosen", "seconds"),
    [
        (Direction.BACKWARD, 0.0, 10.0),
        (Direction.BACKWARD, 30.0, 30.0),
        (Direction.BACKWARD, 600.0, 60.0),
        (Direction.FORWARD, 0.0, 3.0),
        (Direction.FORWARD, 600.0, 60.0),
    ],
)
def test_s2_the_countdown_stays_within_what_a_walker_needs(direction: Direction, chosen: float, seconds: float) -> None:
    run = SessionRun(rules(countdown_backward=chosen, countdown_forward=chosen))
    run.session.choose_direction(direction)
    run.count_down()
    assert run.data(EventKind.COUNTDOWN)["seconds"] == seconds


def test_s2_no_start_within_five_seconds_after_a_stop() -> None:
    run = SessionRun()
    run.stop()
    run.go(0.5)
    run.start()
    assert refusal(run.start) is Refusal.JUST_STOPPED
    run.go(4.5)
    run.start()
    assert run.state is State.COUNTDOWN


def test_s2_a_belt_that_does_not_move_is_stopped_and_it_is_said() -> None:
    run = SessionRun()
    run.count_down()
    run.obeys = False
    run.go(15)
    run.clear_log()
    run.go(15)
    assert run.sent == []
    run.go(0.5)
    assert run.command_kinds == [STOP]
    assert run.data(EventKind.START_FAILED) == {"reason": "belt_does_not_move"}
    run.go(3)
    assert run.state is State.IDLE


@pytest.mark.parametrize("reported", [0, 4, 9])
def test_s2_a_belt_that_is_not_heard_while_it_starts_is_stopped_and_that_is_said(reported: float) -> None:
    run = SessionRun()
    run.count_down()
    run.go(15)
    run.obeys = False
    run.treadmill.stop()
    run.go(reported)
    run.muted = True
    run.clear_log()
    run.go(15 - reported)
    assert run.sent == []
    run.go(0.5)
    assert run.command_kinds[0] == STOP
    assert run.data(EventKind.START_FAILED) == {"reason": "belt_not_heard"}


def test_s2_a_link_lost_while_it_starts_is_no_reason_to_wait_longer() -> None:
    run = SessionRun()
    run.count_down()
    run.obeys = False
    run.go(15)
    run.go(3)
    run.link(up=False)
    assert run.state is State.INTERRUPTED
    run.go(2)
    run.link(up=True)
    run.muted = True
    run.link(up=False)
    run.clear_log()
    run.go(10)
    assert run.sent == []
    run.go(1)
    assert STOP in run.command_kinds
    assert run.data(EventKind.START_FAILED) == {"reason": "belt_not_heard"}
    assert run.state is State.STOPPING


def test_s2_a_start_that_was_declined_is_stopped_and_it_is_said() -> None:
    run = SessionRun()
    run.count_down()
    run.obeys = False
    run.go(15)
    run.fail_command(START)
    assert run.command_kinds == [START, STOP]
    assert run.data(EventKind.START_FAILED) == {"reason": "refused"}
    run.fail_command(STOP)
    assert EventKind.STOP_FAILED not in run.event_kinds  # nothing had to be stopped


def test_s2_a_start_whose_failure_is_told_late_changes_nothing() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(1.5, caller=Caller.PERSON)
    run.fail_command(START)
    assert run.session.target_speed == 1.5


def test_s2_the_treadmills_own_start_confirms_what_was_made_ready() -> None:
    run = SessionRun()
    run.start(caller=Caller.UNKNOWN)
    run.treadmill.press_start()
    assert refusal(run.start) is Refusal.BELT_MOVES
    run.go(12)
    assert run.state is State.WARM_UP
    assert run.session.direction is Direction.BACKWARD
    assert [command for _, command in run.sent] == [Command(SET_SPEED, 1.0)]
    assert EventKind.STARTED in run.event_kinds


def test_s2_a_belt_that_ran_before_we_were_connected_was_confirmed_by_nobody() -> None:
    run = SessionRun(linked=False)
    run.treadmill.press_start()
    run.treadmill.step(10)
    run.start()
    run.link(up=True)
    run.go(30)
    assert run.state is State.MANUAL
    assert run.sent == []


def test_s2_a_belt_that_began_to_move_while_nobody_listened_was_confirmed_by_nobody() -> None:
    run = SessionRun()
    run.start()
    run.muted = True
    run.reports_events = False
    run.treadmill.press_start()
    run.go(20)
    run.muted = False
    run.go(5)
    assert run.state is State.MANUAL


def test_s2_a_belt_that_began_to_move_while_the_link_flapped_was_confirmed_by_nobody() -> None:
    run = SessionRun(countdown=1.0)
    run.start()
    run.link(up=False)
    run.treadmill.press_start()
    run.go(2)
    run.link(up=True)
    run.go(5)
    assert run.state is State.MANUAL
    assert run.sent == []


def test_a_treadmill_without_speed_control_is_not_made_ready() -> None:
    assert refusal(SessionRun(rules(speed=None)).start) is Refusal.NO_SPEED_CONTROL
    assert refusal(SessionRun(rules(speed=ValueRange(4.0, 12.0, 0.1))).start) is Refusal.STARTS_TOO_FAST


def test_a_treadmill_whose_speed_turns_out_not_to_be_controllable_is_not_started() -> None:
    run = SessionRun(linked=False)
    run.session.apply_rules(Rules(control=True))  # it is still unknown
    run.start()
    run.link(up=True)
    run.go(3)
    run.session.apply_rules(Rules(control=True, capabilities=Capabilities(incline_range=INCLINES)))
    assert refusal(run.start) is Refusal.NO_SPEED_CONTROL
    run.treadmill.press_start()
    run.go(10)
    assert run.state is State.MANUAL
    assert refusal(run.resume) is Refusal.NO_SPEED_CONTROL


def test_s2_a_belt_heard_to_start_when_the_link_is_gone_is_not_steered() -> None:
    run = SessionRun()
    ready(run)
    run.link(up=False)
    for _ in range(5):
        run.now += 1
        run.report(belt=BeltState.AT_REST, speed=0.0)
    run.report(belt=BeltState.MOVING, speed=0.5)
    assert run.state is State.MANUAL
    assert run.sent == []


@pytest.mark.parametrize("interval", [0.5, 1.0, 3.0])
def test_s2_two_seconds_after_the_last_report_nothing_starts_however_seldom_the_machine_reports(
    interval: float,
) -> None:
    run = SessionRun()
    run.muted = True
    for _ in range(6):
        run.report()
        run.go(interval)
    run.report()
    run.start()
    run.go(2.5)
    assert refusal(run.start) is Refusal.NO_FRESH_DATA
    run.report()
    run.start()
    assert run.state is State.COUNTDOWN
