"""When Home Assistant shuts down, a steered belt is slowed and stopped in time (safety rule S14)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, MachineEventKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
EventKind = SessionEventKind
State = SessionState


def test_s14_a_steered_belt_is_slowed_to_the_minimum_and_stopped_in_time() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(150)
    run.clear_log()
    run.wind_down()
    begun = run.now
    assert run.state is State.COOL_DOWN
    assert run.session.controls_belt
    assert refusal(run.session.set_speed, 2.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
    run.wind_down()
    run.go(15)
    assert run.sent[0][1] == Command(CommandKind.SET_SPEED, 1.0)
    assert run.command_kinds.count(CommandKind.SET_SPEED) == 1
    assert run.sent[1][1] == Command(STOP)
    assert run.sent[1][0] - begun <= 10
    assert run.treadmill.at_rest
    assert not run.session.controls_belt
    assert run.data(EventKind.COOLING_DOWN) == {"reason": "shutdown"}
    assert run.data(EventKind.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_does_not_slow_down_is_stopped_all_the_same() -> None:
    run = at(State.ACTIVE)
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(150)
    run.obeys = False
    run.wind_down()
    run.clear_log()
    run.go(9.5)
    assert run.sent == []
    run.go(0.5)
    assert run.command_kinds == [STOP]


def test_s14_a_belt_at_the_minimum_is_stopped_without_slowing() -> None:
    run = at(State.ACTIVE)
    run.clear_log()
    run.wind_down()
    run.go(8)
    assert set(run.command_kinds) == {STOP}
    assert run.treadmill.at_rest


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN])
def test_s14_what_is_being_prepared_ends(state: State) -> None:
    run = at(state)
    run.wind_down()
    assert run.state is State.IDLE
    assert run.sent == []
    assert run.data(EventKind.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_is_starting_is_stopped() -> None:
    run = at(State.STARTING)
    run.wind_down()
    assert run.command_kinds == [START, STOP]
    assert run.session.controls_belt


def test_s14_a_belt_that_falls_silent_while_we_wind_down_is_stopped_without_waiting_for_it() -> None:
    run = at(State.COOL_DOWN)
    run.muted = True
    run.clear_log()
    run.go(3)
    assert run.command_kinds == [STOP]  # it took 10 s
    assert run.state is State.STOPPING


@pytest.mark.parametrize("state", [State.STARTING, State.WARM_UP, State.ACTIVE])
def test_s14_a_belt_of_ours_whose_link_was_just_lost_is_told_to_stop_and_the_walker_that_it_is_not(
    state: State,
) -> None:
    run = at(state)
    run.link(up=False)
    run.clear_log()
    assert run.state is State.INTERRUPTED
    assert run.session.controls_belt
    run.wind_down()
    assert run.command_kinds == [STOP]  # the link stores it, and sends it first once connected again
    assert run.event_kinds == [EventKind.STOP_FAILED]
    assert run.session.controls_belt
    run.fail_command(STOP)
    run.link(up=True)
    run.treadmill.stop()  # the stored one
    run.go(8)
    assert run.event_kinds == [EventKind.STOP_FAILED, EventKind.STOPPED]
    assert run.data(EventKind.STOPPED) == {"reason": "shutdown"}
    assert not run.session.controls_belt


def test_s14_a_belt_whose_console_was_used_while_it_was_not_heard_is_not_touched() -> None:
    run = at(State.ACTIVE)
    run.muted = True
    run.go(6)
    run.event(MachineEventKind.SPEED_CHANGED, 2.4)
    run.link(up=False)
    run.clear_log()
    assert not run.session.controls_belt
    run.wind_down()
    assert run.sent == []


def test_s14_a_belt_of_the_console_whose_link_was_lost_is_not_touched() -> None:
    run = at(State.MANUAL)
    run.link(up=False)
    run.clear_log()
    assert run.state is State.INTERRUPTED
    assert not run.session.controls_belt
    run.wind_down()
    assert (run.state, run.sent, run.emitted) == (State.INTERRUPTED, [], [])


@pytest.mark.parametrize("state", [State.IDLE, State.MANUAL, State.PAUSED, State.FINISHED])
def test_s14_what_is_not_ours_is_not_touched(state: State) -> None:
    run = at(state)
    run.clear_log()
    assert not run.session.controls_belt
    run.wind_down()
    assert run.state is state
    assert run.sent == []


def test_s14_a_belt_that_we_steered_and_do_not_hear_any_more_is_stopped() -> None:
    run = at(State.ACTIVE)
    run.muted = True
    run.go(6)
    assert run.state is State.INTERRUPTED
    assert run.session.controls_belt
    run.wind_down()
    assert run.command_kinds[-1] is STOP
    assert run.state is State.STOPPING


def test_s14_a_belt_that_coasts_into_our_pause_is_stopped() -> None:
    run = at(State.ACTIVE)
    run.pause()
    assert run.session.controls_belt
    run.wind_down()
    assert run.command_kinds[-1] is STOP


def test_s14_a_console_that_wins_while_we_wind_down_keeps_the_belt() -> None:
    run = at(State.COOL_DOWN)
    run.event(MachineEventKind.SPEED_CHANGED, 2.4)
    assert run.state is State.MANUAL
    run.clear_log()
    run.go(20)
    assert run.sent == []


def test_s14_a_belt_that_comes_to_rest_while_we_wind_down_has_stopped() -> None:
    run = at(State.COOL_DOWN)
    run.reports_events = False
    run.muted = True
    for _ in range(3):
        run.go(1)
        run.report(belt=BeltState.AT_REST, speed=0.0)
    assert run.state is State.FINISHED
    assert run.data(EventKind.STOPPED) == {"reason": "console"}


def test_s14_link_loss_while_we_wind_down_leaves_a_stop_behind() -> None:
    run = at(State.COOL_DOWN)
    run.clear_log()
    run.link(up=False)
    assert run.command_kinds == [STOP]
    assert run.event_kinds == [EventKind.INTERRUPTED]
    assert run.state is State.STOPPING


def test_s14_a_belt_that_goes_slower_than_others_is_slowed_to_its_own_minimum_before_it_is_stopped() -> None:
    run = SessionRun(rules(speed=ValueRange(0.5, 12.0, 0.1)))
    run.begin()
    run.session.set_speed(1.2, caller=Caller.PERSON)
    run.go(60)
    run.clear_log()
    run.wind_down()
    while STOP not in run.command_kinds:
        run.go(0.5)
    assert run.speeds[-1][1] == 0.5
    assert run.treadmill.speed <= 0.55
