"""When Home Assistant shuts down, a steered belt is slowed and stopped in time (safety rule S14)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
Told = SessionEventKind
State = SessionState


def test_s14_a_steered_belt_is_slowed_to_the_minimum_and_stopped_in_time() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(150)
    walk.clear_log()
    walk.wind_down()
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    assert walk.session.controls_belt
    assert refusal(walk.session.set_speed, 2.0, caller=Caller.PERSON) is Refusal.NOT_STEERING
    walk.wind_down()
    walk.go(15)
    assert walk.sent[0][1] == Command(CommandKind.SET_SPEED, 1.0)
    assert walk.command_kinds.count(CommandKind.SET_SPEED) == 1
    assert walk.sent[1][1] == Command(STOP)
    assert walk.sent[1][0] - begun <= 10
    assert walk.treadmill.at_rest
    assert not walk.session.controls_belt
    assert walk.data(Told.COOLING_DOWN) == {"reason": "shutdown"}
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_does_not_slow_down_is_stopped_all_the_same() -> None:
    walk = at(State.ACTIVE)
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(150)
    walk.obeys = False
    walk.wind_down()
    walk.clear_log()
    walk.go(9.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.command_kinds == [STOP]


def test_s14_a_belt_at_the_minimum_is_stopped_without_slowing() -> None:
    walk = at(State.ACTIVE)
    walk.clear_log()
    walk.wind_down()
    walk.go(8)
    assert set(walk.command_kinds) == {STOP}
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN])
def test_s14_what_is_being_prepared_ends(state: State) -> None:
    walk = at(state)
    walk.wind_down()
    assert walk.state is State.IDLE
    assert walk.sent == []
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_is_starting_is_stopped() -> None:
    walk = at(State.STARTING)
    walk.wind_down()
    assert walk.command_kinds == [START, STOP]
    assert walk.session.controls_belt


def test_s14_a_belt_that_falls_silent_while_we_wind_down_is_stopped_without_waiting_for_it() -> None:
    walk = at(State.COOL_DOWN)
    walk.muted = True
    walk.clear_log()
    walk.go(3)
    assert walk.command_kinds == [STOP]  # it took 10 s
    assert walk.state is State.STOPPING


@pytest.mark.parametrize("state", [State.STARTING, State.WARM_UP, State.ACTIVE])
def test_s14_a_belt_of_ours_whose_link_was_just_lost_is_told_to_stop_and_the_walker_that_it_is_not(
    state: State,
) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.clear_log()
    assert walk.state is State.INTERRUPTED
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.command_kinds == [STOP]  # the link keeps it, and sends it first when it is back
    assert walk.event_kinds == [Told.STOP_FAILED]
    assert walk.session.controls_belt
    walk.fail_command(STOP)
    walk.link(up=True)
    walk.treadmill.stop()  # the kept one
    walk.go(8)
    assert walk.event_kinds == [Told.STOP_FAILED, Told.STOPPED]
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}
    assert not walk.session.controls_belt


def test_s14_a_belt_whose_console_was_used_while_it_was_not_heard_is_not_touched() -> None:
    walk = at(State.ACTIVE)
    walk.muted = True
    walk.go(6)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.4)
    walk.link(up=False)
    walk.clear_log()
    assert not walk.session.controls_belt
    walk.wind_down()
    assert walk.sent == []


def test_s14_a_belt_of_the_console_whose_link_was_lost_is_not_touched() -> None:
    walk = at(State.MANUAL)
    walk.link(up=False)
    walk.clear_log()
    assert walk.state is State.INTERRUPTED
    assert not walk.session.controls_belt
    walk.wind_down()
    assert (walk.state, walk.sent, walk.emitted) == (State.INTERRUPTED, [], [])


@pytest.mark.parametrize("state", [State.IDLE, State.MANUAL, State.PAUSED, State.FINISHED])
def test_s14_what_is_not_ours_is_not_touched(state: State) -> None:
    walk = at(state)
    walk.clear_log()
    assert not walk.session.controls_belt
    walk.wind_down()
    assert walk.state is state
    assert walk.sent == []


def test_s14_a_belt_that_we_steered_and_do_not_hear_any_more_is_stopped() -> None:
    walk = at(State.ACTIVE)
    walk.muted = True
    walk.go(6)
    assert walk.state is State.INTERRUPTED
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.command_kinds[-1] is STOP
    assert walk.state is State.STOPPING


def test_s14_a_belt_that_coasts_into_our_pause_is_stopped() -> None:
    walk = at(State.ACTIVE)
    walk.pause()
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.command_kinds[-1] is STOP


def test_s14_a_console_that_wins_while_we_wind_down_keeps_the_belt() -> None:
    walk = at(State.COOL_DOWN)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.4)
    assert walk.state is State.MANUAL
    walk.clear_log()
    walk.go(20)
    assert walk.sent == []


def test_s14_a_belt_that_comes_to_rest_while_we_wind_down_has_stopped() -> None:
    walk = at(State.COOL_DOWN)
    walk.reports_events = False
    walk.muted = True
    for _ in range(3):
        walk.go(1)
        walk.report(belt=BeltState.AT_REST, speed=0.0)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


def test_s14_link_loss_while_we_wind_down_leaves_a_stop_behind() -> None:
    walk = at(State.COOL_DOWN)
    walk.clear_log()
    walk.link(up=False)
    assert walk.command_kinds == [STOP]
    assert walk.event_kinds == [Told.INTERRUPTED]
    assert walk.state is State.STOPPING
