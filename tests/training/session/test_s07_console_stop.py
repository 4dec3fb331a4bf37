"""A stop, a pause or the safety key at the console ends or pauses the session (safety rule S7)."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
SET_SPEED = CommandKind.SET_SPEED
Told = SessionEventKind
State = SessionState


def test_s7_a_stop_at_the_console_ends_the_walk() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_stop()
    assert walk.state is State.STOPPING
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


@pytest.mark.parametrize("told", [True, False])
def test_s7_a_pause_at_the_console_pauses_the_walk(told: bool) -> None:
    walk = SessionRun()
    walk.begin()
    walk.reports_events = told
    walk.treadmill.press_pause()
    walk.go(8)
    assert walk.state is State.PAUSED
    assert walk.data(Told.PAUSED) == {"by": "console"}
    assert walk.command_kinds == [START, SET_SPEED]


def test_s7_a_pause_that_the_console_did_not_mean_leaves_the_belt_to_it() -> None:
    walk = SessionRun()
    walk.begin()
    walk.event(MachineEventKind.PAUSED)
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.command_kinds == [START, SET_SPEED]


def test_s7_a_pause_at_the_console_before_the_belt_moves_is_one() -> None:
    walk = at(State.STARTING)
    walk.treadmill.press_pause()
    walk.go(5)
    assert walk.state is State.PAUSED


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN, State.STARTING, State.ACTIVE, State.MANUAL])
def test_s7_the_safety_key_ends_everything(state: State) -> None:
    walk = at(state)
    walk.treadmill.pull_safety_key()
    assert walk.session.safety_key_pulled
    assert Told.SAFETY_KEY in walk.event_kinds
    walk.go(8)
    assert walk.state in {State.IDLE, State.FINISHED}
    assert walk.data(Told.STOPPED) == {"reason": "safety_key"}


def test_s7_the_safety_key_ends_a_pause_so_that_nothing_resumes() -> None:
    walk = SessionRun()
    walk.paused()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.FINISHED
    assert refusal(walk.resume) is Refusal.NOTHING_TO_RESUME
    assert walk.data(Told.STOPPED) == {"reason": "safety_key"}


def test_s7_the_safety_key_ends_a_pause_while_the_belt_coasts_and_while_a_resume_is_ready() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.STOPPING
    walk.go(8)
    assert walk.state is State.FINISHED
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.FINISHED


def test_s7_the_key_is_shown_until_the_next_start() -> None:
    walk = at(State.ACTIVE)
    walk.treadmill.pull_safety_key()
    walk.go(8)
    walk.treadmill.insert_safety_key()
    walk.count_down()
    assert walk.session.safety_key_pulled
    walk.go(15)
    assert not walk.session.safety_key_pulled


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("is_ready", [True, False])
def test_s7_the_key_is_shown_until_the_next_start_at_the_console(control: bool, is_ready: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.treadmill.press_start()
    walk.go(20)
    walk.treadmill.pull_safety_key()
    walk.go(90)
    assert (walk.state, walk.session.safety_key_pulled) == (State.IDLE, True)
    walk.treadmill.insert_safety_key()
    if is_ready and control:
        ready(walk)
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.treadmill.speed > 0
    assert not walk.session.safety_key_pulled


def test_s7_a_late_echo_of_our_own_stop_does_not_end_the_next_ready() -> None:
    walk = SessionRun()
    walk.stop()
    ready(walk)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.READY
    walk.go(6)
    walk.event(MachineEventKind.STARTED)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.IDLE


def test_s7_a_late_echo_of_our_own_pause_does_not_end_the_next_ready() -> None:
    walk = SessionRun(coast=5.0)
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.PAUSED)
    walk.go(3)
    walk.resume()
    walk.event(MachineEventKind.PAUSED)
    assert walk.state is State.READY


def test_s7_a_stop_at_the_console_ends_a_pause() -> None:
    walk = SessionRun()
    walk.paused()
    walk.clear_log()
    walk.treadmill.press_stop()
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}
    assert walk.command_kinds == []
    walk.go(10)
    with pytest.raises(RefusedError):
        walk.resume()


@pytest.mark.parametrize("control", [True, False])
def test_s7_a_stop_at_the_console_while_a_paused_belt_coasts_ends_the_pause(control: bool) -> None:
    walk = SessionRun(rules(control=control), coast=0.05)
    walk.treadmill.press_start()
    walk.go(20)
    walk.treadmill.press_pause()
    walk.go(1)
    assert (walk.state, walk.treadmill.at_rest) == (State.PAUSED, False)
    walk.clear_log()
    walk.treadmill.press_stop()
    walk.go(40)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}
    assert (walk.command_kinds == []) is not control  # while only watching nothing is ever sent


def test_s7_a_machine_that_calls_our_pause_a_stop_stays_paused() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.STOPPED)
    walk.go(8)
    walk.event(MachineEventKind.RESET)
    assert walk.state is State.PAUSED


def test_s7_a_machine_that_called_our_pause_a_pause_means_a_hand_by_its_stop() -> None:
    walk = SessionRun(coast=5.0)
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.PAUSED)
    walk.go(3)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.FINISHED
