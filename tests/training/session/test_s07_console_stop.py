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
EventKind = SessionEventKind
State = SessionState


def test_s7_a_stop_at_the_console_ends_the_walk() -> None:
    run = SessionRun()
    run.begin()
    run.treadmill.press_stop()
    assert run.state is State.STOPPING
    run.go(8)
    assert run.state is State.FINISHED
    assert run.data(EventKind.STOPPED) == {"reason": "console"}


@pytest.mark.parametrize("reports_events", [True, False])
def test_s7_a_pause_at_the_console_pauses_the_walk(reports_events: bool) -> None:
    run = SessionRun()
    run.begin()
    run.reports_events = reports_events
    run.treadmill.press_pause()
    run.go(8)
    assert run.state is State.PAUSED
    assert run.data(EventKind.PAUSED) == {"by": "console"}
    assert run.command_kinds == [START, SET_SPEED]


def test_s7_a_pause_that_the_console_did_not_mean_leaves_the_belt_to_it() -> None:
    run = SessionRun()
    run.begin()
    run.event(MachineEventKind.PAUSED)
    run.go(10)
    assert run.state is State.MANUAL
    assert run.command_kinds == [START, SET_SPEED]


def test_s7_a_pause_at_the_console_before_the_belt_moves_is_one() -> None:
    run = at(State.STARTING)
    run.treadmill.press_pause()
    run.go(5)
    assert run.state is State.PAUSED


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN, State.STARTING, State.ACTIVE, State.MANUAL])
def test_s7_the_safety_key_ends_everything(state: State) -> None:
    run = at(state)
    run.treadmill.pull_safety_key()
    assert run.session.safety_key_pulled
    assert EventKind.SAFETY_KEY in run.event_kinds
    run.go(8)
    assert run.state in {State.IDLE, State.FINISHED}
    assert run.data(EventKind.STOPPED) == {"reason": "safety_key"}


def test_s7_the_safety_key_ends_a_pause_so_that_nothing_resumes() -> None:
    run = SessionRun()
    run.paused()
    run.event(MachineEventKind.SAFETY_KEY)
    assert run.state is State.FINISHED
    assert refusal(run.resume) is Refusal.NOTHING_TO_RESUME
    assert run.data(EventKind.STOPPED) == {"reason": "safety_key"}


def test_s7_the_safety_key_ends_a_pause_while_the_belt_coasts_and_while_a_resume_is_ready() -> None:
    run = SessionRun()
    run.begin()
    run.pause()
    run.event(MachineEventKind.SAFETY_KEY)
    assert run.state is State.STOPPING
    run.go(8)
    assert run.state is State.FINISHED
    run = SessionRun()
    run.paused()
    run.resume()
    run.event(MachineEventKind.SAFETY_KEY)
    assert run.state is State.FINISHED


def test_s7_the_key_is_shown_until_the_next_start() -> None:
    run = at(State.ACTIVE)
    run.treadmill.pull_safety_key()
    run.go(8)
    run.treadmill.insert_safety_key()
    run.count_down()
    assert run.session.safety_key_pulled
    run.go(15)
    assert not run.session.safety_key_pulled


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("is_ready", [True, False])
def test_s7_the_key_is_shown_until_the_next_start_at_the_console(control: bool, is_ready: bool) -> None:
    run = SessionRun(rules(control=control))
    run.treadmill.press_start()
    run.go(20)
    run.treadmill.pull_safety_key()
    run.go(90)
    assert (run.state, run.session.safety_key_pulled) == (State.IDLE, True)
    run.treadmill.insert_safety_key()
    if is_ready and control:
        ready(run)
    run.treadmill.press_start()
    run.go(20)
    assert run.treadmill.speed > 0
    assert not run.session.safety_key_pulled


def test_s7_a_late_echo_of_our_own_stop_does_not_end_the_next_ready() -> None:
    run = SessionRun()
    run.stop()
    ready(run)
    run.event(MachineEventKind.STOPPED)
    assert run.state is State.READY
    run.go(6)
    run.event(MachineEventKind.STARTED)
    run.event(MachineEventKind.STOPPED)
    assert run.state is State.IDLE


def test_s7_a_late_echo_of_our_own_pause_does_not_end_the_next_ready() -> None:
    run = SessionRun(coast=5.0)
    run.begin()
    run.pause()
    run.event(MachineEventKind.PAUSED)
    run.go(3)
    run.resume()
    run.event(MachineEventKind.PAUSED)
    assert run.state is State.READY


def test_s7_a_stop_at_the_console_ends_a_pause() -> None:
    run = SessionRun()
    run.paused()
    run.clear_log()
    run.treadmill.press_stop()
    assert run.state is State.FINISHED
    assert run.data(EventKind.STOPPED) == {"reason": "console"}
    assert run.command_kinds == []
    run.go(10)
    with pytest.raises(RefusedError):
        run.resume()


@pytest.mark.parametrize("control", [True, False])
def test_s7_a_stop_at_the_console_while_a_paused_belt_coasts_ends_the_pause(control: bool) -> None:
    run = SessionRun(rules(control=control), coast=0.05)
    run.treadmill.press_start()
    run.go(20)
    run.treadmill.press_pause()
    run.go(1)
    assert (run.state, run.treadmill.at_rest) == (State.PAUSED, False)
    run.clear_log()
    run.treadmill.press_stop()
    run.go(40)
    assert run.state is State.FINISHED
    assert run.data(EventKind.STOPPED) == {"reason": "console"}
    assert (run.command_kinds == []) is not control  # without control nothing is ever sent


def test_s7_a_machine_that_calls_our_pause_a_stop_stays_paused() -> None:
    run = SessionRun()
    run.begin()
    run.pause()
    run.event(MachineEventKind.STOPPED)
    run.go(8)
    run.event(MachineEventKind.RESET)
    assert run.state is State.PAUSED


def test_s7_a_machine_that_called_our_pause_a_pause_means_a_hand_by_its_stop() -> None:
    run = SessionRun(coast=5.0)
    run.begin()
    run.pause()
    run.event(MachineEventKind.PAUSED)
    run.go(3)
    run.event(MachineEventKind.STOPPED)
    assert run.state is State.FINISHED
