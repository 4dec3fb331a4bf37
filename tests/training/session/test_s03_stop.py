"""A stop works in every state, is repeated until the belt slows, and is told when it fails (safety rule S3)."""

import itertools

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, ready

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
Told = SessionEventKind
State = SessionState


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_is_said_at_once_in_every_state(state: State, control: bool) -> None:
    walk = at(state)
    walk.session.apply_rules(rules(control=control))
    walk.clear_log()
    walk.stop()
    assert walk.sent[0] == (walk.now, Command(STOP))
    walk.go(12)
    assert set(walk.command_kinds) == {STOP}
    if walk.linked:
        assert walk.treadmill.at_rest
        assert walk.state in {State.IDLE, State.FINISHED}


@pytest.mark.parametrize("state", list(State))
def test_s3_stop_is_said_without_a_link_in_every_state(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.clear_log()
    walk.stop()
    assert walk.command_kinds == [STOP]
    walk.go(61)
    assert walk.command_kinds == [STOP]
    assert walk.state is not State.STOPPING


def test_s3_stop_is_said_again_until_the_belt_slows() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.clear_log()
    walk.stop()
    walk.go(10)
    times = [when for when, _ in walk.sent]
    assert set(walk.command_kinds) == {STOP}
    assert [b - a for a, b in itertools.pairwise(times)] == [1.0] * 10
    walk.obeys = True
    walk.go(1)
    walk.clear_log()
    walk.go(10)
    assert walk.sent == []
    assert walk.state is State.FINISHED


def test_s3_a_stop_that_fails_is_told_once_and_again_when_somebody_presses_again() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(4.5)
    assert Told.STOP_FAILED not in walk.event_kinds
    walk.go(20)
    assert walk.event_kinds.count(Told.STOP_FAILED) == 1
    walk.stop()
    walk.go(2)
    assert walk.event_kinds.count(Told.STOP_FAILED) == 2


def test_s3_a_stop_that_was_declined_or_did_not_arrive_is_told_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.fail_command(STOP)
    walk.fail_command(STOP)
    assert walk.event_kinds.count(Told.STOP_FAILED) == 1


def test_s3_a_stop_without_a_link_is_told_at_once_where_the_belt_may_move() -> None:
    walk = SessionRun()
    walk.begin()
    walk.link(up=False)
    walk.clear_log()
    walk.stop()
    assert walk.event_kinds == [Told.STOP_FAILED]


def test_s3_a_link_that_is_lost_while_stopping_is_told_and_the_stop_kept() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.link(up=False)
    assert walk.command_kinds[-2:] == [STOP, STOP]
    walk.go(5.5)
    assert walk.event_kinds[-1] is Told.STOP_FAILED
    walk.obeys = True
    walk.link(up=True)
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.treadmill.at_rest


def test_s3_a_stop_is_kept_for_a_minute_since_the_link_was_lost() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(70)
    walk.link(up=False)
    walk.go(59)
    assert walk.state is State.STOPPING
    walk.go(2)
    assert walk.state is State.INTERRUPTED


def test_s3_without_a_link_a_belt_nobody_has_seen_moving_is_given_up_after_a_minute() -> None:
    walk = SessionRun(linked=False)
    walk.stop()
    assert walk.state is State.STOPPING
    walk.go(61)
    assert walk.state is State.IDLE
    assert walk.data(Told.STOPPED) == {"reason": "not_connected"}


def test_s3_a_link_that_flaps_while_stopping_does_not_end_it_early() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    for _ in range(5):
        walk.link(up=False)
        walk.go(3)
        walk.link(up=True)
        walk.go(3)
    assert walk.state is State.STOPPING
    walk.obeys = True
    walk.go(8)
    assert walk.state is State.FINISHED


def test_s3_a_single_report_of_rest_does_not_end_the_stopping() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    walk.go(6)
    assert walk.state is State.STOPPING
    assert len(walk.command_kinds) >= 6


def test_s3_frozen_telemetry_does_not_end_the_stopping() -> None:
    walk = SessionRun()
    walk.begin()
    walk.muted = True
    walk.obeys = False
    walk.stop()
    walk.go(30)
    assert walk.state is State.STOPPING
    assert walk.command_kinds.count(STOP) > 25
    assert Told.STOP_FAILED in walk.event_kinds


def test_s3_a_machine_that_falls_silent_at_rest_has_stopped() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    while not walk.treadmill.at_rest:
        walk.go(0.5)
    walk.muted = True
    walk.go(6)
    assert walk.state is State.FINISHED


def test_s3_noise_is_not_taken_for_slowing_down() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.muted = True
    walk.stop()
    for turn in range(20):
        walk.go(0.5)
        walk.report(speed=1.0 if turn % 2 else 0.9)
    assert walk.command_kinds.count(STOP) >= 7
    assert Told.STOP_FAILED in walk.event_kinds


def test_s3_a_belt_that_speeds_up_again_is_told_again() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    walk.go(1)
    walk.obeys = False
    walk.clear_log()
    walk.muted = True
    for speed in (0.5, 0.9, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4):
        walk.go(0.5)
        walk.report(belt=BeltState.MOVING, speed=speed)
    assert STOP in walk.command_kinds


@pytest.mark.parametrize("lag", [3.0, 6.0, 15.0])
def test_s3_stop_while_starting_holds_when_the_belt_begins_to_move_afterwards(lag: float) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = lag
    walk.go(16)
    assert walk.command_kinds == [START]
    walk.stop()
    walk.go(5)
    walk.go(30)
    assert walk.treadmill.at_rest
    assert walk.state is State.IDLE
    assert set(walk.command_kinds[1:]) == {STOP}
    assert Told.BELT_WITHOUT_SESSION not in walk.event_kinds


def test_s3_a_stop_in_the_machines_countdown_is_said_until_it_is_heard() -> None:
    walk = SessionRun(countdown=8.0)
    walk.count_down()
    walk.go(16)
    walk.obeys = False
    walk.stop()
    walk.go(3)
    assert walk.command_kinds[-3:] == [STOP] * 3
    assert Told.STOP_FAILED not in walk.event_kinds
    walk.obeys = True
    walk.go(4)
    assert walk.state is State.IDLE
    assert walk.treadmill.at_rest


def test_s3_a_start_that_timed_out_is_stopped_when_the_belt_moves_later() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = 25.0
    walk.go(15)
    walk.go(20)
    assert walk.state is State.IDLE
    walk.go(20)
    assert walk.treadmill.at_rest
    assert Told.BELT_WITHOUT_SESSION not in walk.event_kinds


def test_s3_a_late_start_is_stopped_in_the_next_ready_too() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = 10.0
    walk.go(16)
    walk.stop()
    walk.go(4)
    ready(walk)
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state is State.IDLE


def test_s3_stop_after_the_consoles_start_stops_what_begins_to_move() -> None:
    walk = SessionRun()
    ready(walk)
    walk.treadmill.press_start()
    walk.obeys = False
    walk.stop()
    assert walk.state is State.STOPPING
    walk.go(6)
    walk.obeys = True
    walk.go(10)
    assert walk.treadmill.at_rest


def test_s3_stop_at_rest_only_says_it() -> None:
    walk = SessionRun()
    walk.stop()
    assert walk.command_kinds == [STOP]
    assert walk.state is State.IDLE
    assert walk.emitted == []


@pytest.mark.parametrize("silence", [3, 30])
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_on_a_machine_that_is_silent_at_rest_only_says_it(silence: float, control: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.muted = True
    walk.go(silence)
    walk.stop()
    assert (walk.command_kinds, walk.state) == ([STOP], State.IDLE)
    assert not walk.session.belt_may_move
    walk.go(60)
    assert (walk.command_kinds, walk.emitted) == ([STOP], [])


def test_s3_a_stop_in_a_pause_ends_it_also_where_the_machine_is_silent_at_rest() -> None:
    walk = SessionRun()
    walk.paused()
    walk.muted = True
    walk.go(30)
    walk.clear_log()
    walk.stop()
    assert (walk.command_kinds, walk.state) == ([STOP], State.FINISHED)
    assert walk.data(Told.STOPPED) == {"reason": "stopped"}


def test_s3_a_stop_on_a_machine_that_has_said_nothing_yet_ends_after_a_minute() -> None:
    walk = SessionRun(linked=False)
    walk.muted = True
    walk.link(up=True)
    walk.stop()
    walk.go(59)
    assert walk.state is State.STOPPING
    assert walk.command_kinds.count(STOP) > 55
    walk.go(2)
    assert walk.state is State.IDLE
    assert not walk.session.belt_may_move
    assert walk.data(Told.STOPPED) == {"reason": "stopped"}


def test_s3_a_belt_that_was_seen_moving_and_is_not_heard_any_more_is_out_of_sight_after_a_minute() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    walk.muted = True
    walk.go(30)
    for up in (False, True):  # a link that flaps makes it no longer
        walk.link(up=up)
        walk.go(15)
    assert walk.state is State.STOPPING
    walk.go(1)
    assert walk.state is State.INTERRUPTED
    walk.go(601)
    assert walk.state is State.FINISHED


def test_s3_a_belt_that_is_heard_to_move_is_told_to_stop_for_as_long_as_it_takes() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(300)
    assert walk.state is State.STOPPING
    assert walk.command_kinds.count(STOP) > 290


def test_a_stop_between_two_walks_does_not_end_the_last_one_twice() -> None:
    walk = at(State.FINISHED)
    walk.link(up=False)  # what was heard before proves nothing
    walk.link(up=True)
    walk.clear_log()
    walk.stop()
    walk.go(5)
    assert walk.state is State.IDLE
    assert walk.event_kinds == [Told.STOPPED]


def test_a_stop_that_failed_at_rest_is_told_when_nothing_was_heard() -> None:
    walk = SessionRun(linked=False)
    walk.stop()
    walk.fail_command(STOP)
    assert walk.event_kinds == [Told.STOP_FAILED]
