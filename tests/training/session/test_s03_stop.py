"""A stop works in every state, is repeated until the belt slows, and is reported when it fails (safety rule S3)."""

import itertools

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, ready

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
EventKind = SessionEventKind
State = SessionState


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_is_said_at_once_in_every_state(state: State, control: bool) -> None:
    run = at(state)
    run.session.apply_rules(rules(control=control))
    run.clear_log()
    run.stop()
    assert run.sent[0] == (run.now, Command(STOP))
    run.go(12)
    assert set(run.command_kinds) == {STOP}
    if run.linked:
        assert run.treadmill.at_rest
        assert run.state in {State.IDLE, State.FINISHED}


@pytest.mark.parametrize("state", list(State))
def test_s3_stop_is_said_without_a_link_in_every_state(state: State) -> None:
    run = at(state)
    run.link(up=False)
    run.clear_log()
    run.stop()
    assert run.command_kinds == [STOP]
    run.go(61)
    assert run.command_kinds == [STOP]
    assert run.state is not State.STOPPING


def test_s3_stop_is_said_again_until_the_belt_slows() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.clear_log()
    run.stop()
    run.go(10)
    times = [when for when, _ in run.sent]
    assert set(run.command_kinds) == {STOP}
    assert [b - a for a, b in itertools.pairwise(times)] == [1.0] * 10
    run.obeys = True
    run.go(1)
    run.clear_log()
    run.go(10)
    assert run.sent == []
    assert run.state is State.FINISHED


def test_s3_a_stop_that_fails_is_told_once_and_again_when_somebody_presses_again() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.go(4.5)
    assert EventKind.STOP_FAILED not in run.event_kinds
    run.go(20)
    assert run.event_kinds.count(EventKind.STOP_FAILED) == 1
    run.stop()
    run.go(2)
    assert run.event_kinds.count(EventKind.STOP_FAILED) == 2


def test_s3_a_stop_that_was_declined_or_did_not_arrive_is_told_at_once() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.fail_command(STOP)
    run.fail_command(STOP)
    assert run.event_kinds.count(EventKind.STOP_FAILED) == 1


def test_s3_a_stop_without_a_link_is_told_at_once_where_the_belt_may_move() -> None:
    run = SessionRun()
    run.begin()
    run.link(up=False)
    run.clear_log()
    run.stop()
    assert run.event_kinds == [EventKind.STOP_FAILED]


def test_s3_a_link_that_is_lost_while_stopping_is_told_and_the_stop_kept() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.link(up=False)
    assert run.command_kinds[-2:] == [STOP, STOP]
    run.go(5.5)
    assert run.event_kinds[-1] is EventKind.STOP_FAILED
    run.obeys = True
    run.link(up=True)
    run.go(8)
    assert run.state is State.FINISHED
    assert run.treadmill.at_rest


def test_s3_a_stop_is_kept_for_a_minute_since_the_link_was_lost() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.go(70)
    run.link(up=False)
    run.go(59)
    assert run.state is State.STOPPING
    run.go(2)
    assert run.state is State.INTERRUPTED


def test_s3_without_a_link_a_belt_nobody_has_seen_moving_is_given_up_after_a_minute() -> None:
    run = SessionRun(linked=False)
    run.stop()
    assert run.state is State.STOPPING
    run.go(61)
    assert run.state is State.IDLE
    assert run.data(EventKind.STOPPED) == {"reason": "not_connected"}


def test_s3_a_link_that_flaps_while_stopping_does_not_end_it_early() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    for _ in range(5):
        run.link(up=False)
        run.go(3)
        run.link(up=True)
        run.go(3)
    assert run.state is State.STOPPING
    run.obeys = True
    run.go(8)
    assert run.state is State.FINISHED


def test_s3_a_belt_that_does_not_obey_is_told_however_often_its_link_comes_back() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    for _ in range(8):
        run.go(2)
        run.link(up=False)
        run.go(0.5)
        run.link(up=True)
        run.report()
    assert EventKind.STOP_FAILED in run.event_kinds


def test_s3_a_single_report_of_rest_does_not_end_the_stopping() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.report(belt=BeltState.AT_REST, speed=0.0)
    run.go(6)
    assert run.state is State.STOPPING
    assert len(run.command_kinds) >= 6


def test_s3_frozen_telemetry_does_not_end_the_stopping() -> None:
    run = SessionRun()
    run.begin()
    run.muted = True
    run.obeys = False
    run.stop()
    run.go(30)
    assert run.state is State.STOPPING
    assert run.command_kinds.count(STOP) > 25
    assert EventKind.STOP_FAILED in run.event_kinds


def test_s3_a_machine_that_falls_silent_at_rest_has_stopped() -> None:
    run = SessionRun()
    run.begin()
    run.stop()
    while not run.treadmill.at_rest:
        run.go(0.5)
    run.muted = True
    run.go(6)
    assert run.state is State.FINISHED


def test_s3_noise_is_not_taken_for_slowing_down() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.muted = True
    run.stop()
    for turn in range(20):
        run.go(0.5)
        run.report(speed=1.0 if turn % 2 else 0.9)
    assert run.command_kinds.count(STOP) >= 7
    assert EventKind.STOP_FAILED in run.event_kinds


def test_s3_a_belt_that_speeds_up_again_is_told_again() -> None:
    run = SessionRun()
    run.begin()
    run.stop()
    run.go(1)
    run.obeys = False
    run.clear_log()
    run.muted = True
    for speed in (0.5, 0.9, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4):
        run.go(0.5)
        run.report(belt=BeltState.MOVING, speed=speed)
    assert STOP in run.command_kinds


@pytest.mark.parametrize("lag", [3.0, 6.0, 15.0])
def test_s3_stop_while_starting_holds_when_the_belt_begins_to_move_afterwards(lag: float) -> None:
    run = SessionRun()
    run.count_down()
    run.start_lag = lag
    run.go(16)
    assert run.command_kinds == [START]
    run.stop()
    run.go(5)
    run.go(30)
    assert run.treadmill.at_rest
    assert run.state is State.IDLE
    assert set(run.command_kinds[1:]) == {STOP}
    assert EventKind.BELT_WITHOUT_SESSION not in run.event_kinds


def test_s3_a_stop_in_the_machines_countdown_is_said_until_it_is_heard() -> None:
    run = SessionRun(countdown=8.0)
    run.count_down()
    run.go(16)
    run.obeys = False
    run.stop()
    run.go(3)
    assert run.command_kinds[-3:] == [STOP] * 3
    assert EventKind.STOP_FAILED not in run.event_kinds
    run.obeys = True
    run.go(4)
    assert run.state is State.IDLE
    assert run.treadmill.at_rest


def test_s3_a_start_that_timed_out_is_stopped_when_the_belt_moves_later() -> None:
    run = SessionRun()
    run.count_down()
    run.start_lag = 25.0
    run.go(15)
    run.go(20)
    assert run.state is State.IDLE
    run.go(20)
    assert run.treadmill.at_rest
    assert EventKind.BELT_WITHOUT_SESSION not in run.event_kinds


def test_s3_a_late_start_is_stopped_in_the_next_ready_too() -> None:
    run = SessionRun()
    run.count_down()
    run.start_lag = 10.0
    run.go(16)
    run.stop()
    run.go(4)
    ready(run)
    run.go(20)
    assert run.treadmill.at_rest
    assert run.state is State.IDLE


def test_s3_stop_after_the_consoles_start_stops_what_begins_to_move() -> None:
    run = SessionRun()
    ready(run)
    run.treadmill.press_start()
    run.obeys = False
    run.stop()
    assert run.state is State.STOPPING
    run.go(6)
    run.obeys = True
    run.go(10)
    assert run.treadmill.at_rest


def test_s3_stop_at_rest_only_says_it() -> None:
    run = SessionRun()
    run.stop()
    assert run.command_kinds == [STOP]
    assert run.state is State.IDLE
    assert run.emitted == []


@pytest.mark.parametrize("silence", [3, 30])
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_on_a_machine_that_is_silent_at_rest_only_says_it(silence: float, control: bool) -> None:
    run = SessionRun(rules(control=control))
    run.muted = True
    run.go(silence)
    run.stop()
    assert (run.command_kinds, run.state) == ([STOP], State.IDLE)
    assert not run.session.belt_may_move
    run.go(60)
    assert (run.command_kinds, run.emitted) == ([STOP], [])


def test_s3_a_stop_in_a_pause_ends_it_also_where_the_machine_is_silent_at_rest() -> None:
    run = SessionRun()
    run.paused()
    run.muted = True
    run.go(30)
    run.clear_log()
    run.stop()
    assert (run.command_kinds, run.state) == ([STOP], State.FINISHED)
    assert run.data(EventKind.STOPPED) == {"reason": "stopped"}


def test_s3_a_stop_on_a_machine_that_has_said_nothing_yet_ends_after_a_minute() -> None:
    run = SessionRun(linked=False)
    run.muted = True
    run.link(up=True)
    run.stop()
    run.go(59)
    assert run.state is State.STOPPING
    assert run.command_kinds.count(STOP) > 55
    run.go(2)
    assert run.state is State.IDLE
    assert not run.session.belt_may_move
    assert run.data(EventKind.STOPPED) == {"reason": "stopped"}


def test_s3_a_belt_that_was_seen_moving_and_is_not_heard_any_more_is_out_of_sight_after_a_minute() -> None:
    run = SessionRun()
    run.begin()
    run.stop()
    run.muted = True
    run.go(30)
    for up in (False, True):  # an unstable link does not prolong it
        run.link(up=up)
        run.go(15)
    assert run.state is State.STOPPING
    run.go(1)
    assert run.state is State.INTERRUPTED
    run.go(601)
    assert run.state is State.FINISHED


def test_s3_a_belt_that_is_heard_to_move_is_told_to_stop_for_as_long_as_it_takes() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.stop()
    run.go(300)
    assert run.state is State.STOPPING
    assert run.command_kinds.count(STOP) > 290


def test_a_stop_between_two_walks_does_not_end_the_last_one_twice() -> None:
    run = at(State.FINISHED)
    run.link(up=False)  # earlier reports prove nothing
    run.link(up=True)
    run.clear_log()
    run.stop()
    run.go(5)
    assert run.state is State.IDLE
    assert run.event_kinds == [EventKind.STOPPED]


def test_a_stop_that_failed_at_rest_is_told_when_nothing_was_heard() -> None:
    run = SessionRun(linked=False)
    run.stop()
    run.fail_command(STOP)
    assert run.event_kinds == [EventKind.STOP_FAILED]


def test_s3_a_stop_that_waited_for_the_link_is_not_said_to_be_disobeyed_before_the_belt_could_slow_down() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(70)
    run.link(up=False)
    run.stop()
    run.go(20)
    run.clear_log()
    run.obeys = False
    run.link(up=True)
    run.go(4)  # the first reports are of a belt that the stop is only about to reach
    assert EventKind.STOP_FAILED not in run.event_kinds
    run.go(2)
    assert run.data(EventKind.STOP_FAILED) == {"reason": "not_obeyed"}


def test_s3_a_belt_that_a_stop_wakes_that_had_waited_for_the_link_is_stopped() -> None:
    run = at(State.READY)
    run.reports_events = False
    run.link(up=False)
    run.stop()
    run.session.on_command_failed(Command(STOP), run.now)
    run.go(3)
    run.link(up=True)
    run.session.on_command_done(Command(STOP), run.now)  # it was sent first, to a belt that rests
    run.treadmill.start()
    run.clear_log()
    run.go(8)
    assert run.command_kinds
    assert set(run.command_kinds) == {STOP}
    assert run.treadmill.at_rest


def test_s3_a_belt_that_is_started_at_its_console_long_after_such_a_stop_is_the_persons() -> None:
    run = at(State.READY)
    run.link(up=False)
    run.stop()
    run.session.on_command_failed(Command(STOP), run.now)
    run.go(3)
    run.link(up=True)
    run.session.on_command_done(Command(STOP), run.now)
    run.go(8)
    run.clear_log()
    run.treadmill.press_start()
    run.go(12)
    assert STOP not in run.command_kinds
    assert run.state is State.MANUAL


def test_s3_a_moving_belt_that_such_a_stop_stops_is_not_taken_for_one_that_toggles() -> None:
    run = at(State.ACTIVE)
    run.link(up=False)
    run.stop()
    run.session.on_command_failed(Command(STOP), run.now)
    run.go(3)
    run.link(up=True)
    run.session.on_command_done(Command(STOP), run.now)
    run.treadmill.stop()
    run.go(10)
    assert run.treadmill.at_rest
    run.clear_log()
    run.stop()
    assert run.command_kinds == [STOP]
