"""A belt at rest takes two acts and a countdown to move (safety rule S2)."""

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
Told = SessionEventKind
State = SessionState


def test_s2_two_acts_a_countdown_and_the_belt_starts_at_its_minimum() -> None:
    walk = SessionRun()
    walk.start()
    assert walk.sent == []
    walk.start()
    assert walk.session.countdown_ends == walk.now + 15
    walk.go(14.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.command_kinds == [START]
    assert walk.state is State.STARTING
    walk.go(10)
    assert walk.state is State.WARM_UP
    assert walk.treadmill.speed == 1.0
    assert walk.event_kinds == [Told.READY, Told.COUNTDOWN, Told.STARTED]
    assert walk.data(Told.READY) == {"direction": "backward"}
    assert walk.data(Told.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    assert walk.session.countdown_ends is None


def test_s2_anybody_may_make_ready_but_only_a_person_confirms() -> None:
    walk = SessionRun()
    walk.start(caller=Caller.UNKNOWN)
    assert walk.state is State.READY
    assert refusal(walk.start, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert walk.state is State.READY
    walk.start()
    assert walk.state is State.COUNTDOWN


@pytest.mark.parametrize(("caller", "seconds"), [(Caller.UNKNOWN, 120), (Caller.PERSON, 600)])
def test_s2_ready_lapses(caller: Caller, seconds: int) -> None:
    walk = SessionRun()
    walk.start(caller=caller)
    walk.go(seconds - 1)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.IDLE
    assert walk.data(Told.STOPPED) == {"reason": "lapsed"}


def test_s2_ready_waits_for_the_link_and_then_its_time_begins() -> None:
    walk = SessionRun(linked=False)
    walk.start(caller=Caller.UNKNOWN)
    walk.go(44)
    walk.link(up=True)
    walk.go(119)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.IDLE


def test_s2_ready_without_a_link_fails_after_a_while() -> None:
    walk = SessionRun(linked=False)
    walk.start()
    assert refusal(walk.start) is Refusal.NOT_CONNECTED
    walk.go(45)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "not_connected"}


def test_s2_a_flapping_link_does_not_keep_ready_alive() -> None:
    walk = SessionRun()
    walk.start(caller=Caller.UNKNOWN)
    for _ in range(11):
        walk.link(up=False)
        walk.go(5)
        walk.link(up=True)
        walk.go(5)
    assert walk.state is State.READY
    walk.go(10)
    assert walk.state is State.IDLE


def test_s2_two_people_pressing_start_start_once() -> None:
    walk = SessionRun()
    walk.start()
    walk.start()
    assert refusal(walk.start) is Refusal.BUSY
    assert refusal(walk.session.confirm, walk.now, caller=Caller.PERSON) is Refusal.BUSY
    walk.go(15)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(10)
    assert refusal(walk.start) is Refusal.BUSY
    assert walk.command_kinds == [START, SET_SPEED]


def test_s2_the_first_press_again_does_no_harm() -> None:
    walk = SessionRun()
    walk.start()
    walk.session.prepare(walk.now, caller=Caller.PERSON)
    assert walk.state is State.READY


def test_s2_telemetry_has_to_be_fresh() -> None:
    walk = SessionRun()
    ready(walk)
    walk.muted = True
    walk.go(2.5)
    assert refusal(walk.start) is Refusal.NO_FRESH_DATA
    walk.muted = False
    walk.report(belt=BeltState.UNKNOWN, speed=None)
    assert refusal(walk.start) is Refusal.NO_FRESH_DATA


def test_s2_a_countdown_without_telemetry_starts_nothing() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(10)
    walk.muted = True
    walk.go(6)
    assert walk.sent == []
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_a_countdown_waits_for_fresh_telemetry_but_not_for_long() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(12)
    walk.muted = True
    walk.go(4)
    assert walk.state is State.COUNTDOWN
    walk.muted = False
    walk.go(0.5)
    assert walk.state is State.STARTING


def test_s2_a_start_that_comes_late_finds_nobody_prepared() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.now += 30  # the whole house hung
    walk.go(0.5)
    assert walk.sent == []
    assert walk.data(Told.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_link_loss_ends_a_countdown_for_good() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.link(up=False)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "link_lost"}
    walk.link(up=True)
    walk.go(60)
    assert walk.sent == []


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
    walk = SessionRun()
    walk.count_down()
    walk.event(kind, 1.0)
    assert walk.state is State.IDLE
    walk.go(30)
    assert walk.sent == []


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
    walk = SessionRun(rules(countdown_backward=chosen, countdown_forward=chosen))
    walk.session.choose_direction(direction)
    walk.count_down()
    assert walk.data(Told.COUNTDOWN)["seconds"] == seconds


def test_s2_no_start_within_five_seconds_after_a_stop() -> None:
    walk = SessionRun()
    walk.stop()
    walk.go(0.5)
    walk.start()
    assert refusal(walk.start) is Refusal.JUST_STOPPED
    walk.go(4.5)
    walk.start()
    assert walk.state is State.COUNTDOWN


def test_s2_a_belt_that_does_not_move_is_stopped_and_it_is_said() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.clear_log()
    walk.go(15)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.command_kinds == [STOP]
    assert walk.data(Told.START_FAILED) == {"reason": "belt_does_not_move"}
    walk.go(3)
    assert walk.state is State.IDLE


@pytest.mark.parametrize("heard", [0, 4, 9])
def test_s2_a_belt_that_is_not_heard_while_it_starts_is_stopped_and_that_is_said(heard: float) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15)
    walk.obeys = False
    walk.treadmill.stop()
    walk.go(heard)
    walk.muted = True
    walk.clear_log()
    walk.go(15 - heard)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.command_kinds[0] == STOP
    assert walk.data(Told.START_FAILED) == {"reason": "belt_not_heard"}


def test_s2_a_link_lost_while_it_starts_is_no_reason_to_wait_longer() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.go(3)
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED
    walk.go(2)
    walk.link(up=True)
    walk.muted = True
    walk.link(up=False)
    walk.clear_log()
    walk.go(10)
    assert walk.sent == []
    walk.go(1)
    assert STOP in walk.command_kinds
    assert walk.data(Told.START_FAILED) == {"reason": "belt_not_heard"}
    assert walk.state is State.STOPPING


def test_s2_a_start_that_was_declined_is_stopped_and_it_is_said() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.fail_command(START)
    assert walk.command_kinds == [START, STOP]
    assert walk.data(Told.START_FAILED) == {"reason": "refused"}
    walk.fail_command(STOP)
    assert Told.STOP_FAILED not in walk.event_kinds  # nothing had to be stopped


def test_s2_a_start_whose_failure_is_told_late_changes_nothing() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(1.5, caller=Caller.PERSON)
    walk.fail_command(START)
    assert walk.session.target_speed == 1.5


def test_s2_the_treadmills_own_start_confirms_what_was_made_ready() -> None:
    walk = SessionRun()
    walk.start(caller=Caller.UNKNOWN)
    walk.treadmill.press_start()
    assert refusal(walk.start) is Refusal.BELT_MOVES
    walk.go(12)
    assert walk.state is State.WARM_UP
    assert walk.session.direction is Direction.BACKWARD
    assert [command for _, command in walk.sent] == [Command(SET_SPEED, 1.0)]
    assert Told.STARTED in walk.event_kinds


def test_s2_a_belt_that_ran_before_we_were_connected_was_confirmed_by_nobody() -> None:
    walk = SessionRun(linked=False)
    walk.treadmill.press_start()
    walk.treadmill.step(10)
    walk.start()
    walk.link(up=True)
    walk.go(30)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s2_a_belt_that_began_to_move_while_nobody_listened_was_confirmed_by_nobody() -> None:
    walk = SessionRun()
    walk.start()
    walk.muted = True
    walk.reports_events = False
    walk.treadmill.press_start()
    walk.go(20)
    walk.muted = False
    walk.go(5)
    assert walk.state is State.MANUAL


def test_s2_a_belt_that_began_to_move_while_the_link_flapped_was_confirmed_by_nobody() -> None:
    walk = SessionRun(countdown=1.0)
    walk.start()
    walk.link(up=False)
    walk.treadmill.press_start()
    walk.go(2)
    walk.link(up=True)
    walk.go(5)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_a_treadmill_without_speed_control_is_not_made_ready() -> None:
    assert refusal(SessionRun(rules(speed=None)).start) is Refusal.NO_SPEED_CONTROL
    assert refusal(SessionRun(rules(speed=ValueRange(4.0, 12.0, 0.1))).start) is Refusal.STARTS_TOO_FAST


def test_a_treadmill_whose_speed_turns_out_not_to_be_controllable_is_not_started() -> None:
    walk = SessionRun(linked=False)
    walk.session.apply_rules(Rules(control=True))  # nothing is known of it yet
    walk.start()
    walk.link(up=True)
    walk.go(3)
    walk.session.apply_rules(Rules(control=True, capabilities=Capabilities(incline_range=INCLINES)))
    assert refusal(walk.start) is Refusal.NO_SPEED_CONTROL
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.NO_SPEED_CONTROL


def test_s2_a_belt_heard_to_start_when_the_link_is_gone_is_not_steered() -> None:
    walk = SessionRun()
    ready(walk)
    walk.link(up=False)
    for _ in range(5):
        walk.now += 1
        walk.report(belt=BeltState.AT_REST, speed=0.0)
    walk.report(belt=BeltState.MOVING, speed=0.5)
    assert walk.state is State.MANUAL
    assert walk.sent == []
