"""A lost link or a silence interrupts a session, and nothing rises afterwards (safety rules S10 and S11)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at

EventKind = SessionEventKind
State = SessionState


def test_s10_link_loss_is_said_at_once_and_nothing_rises_by_itself_afterwards() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(12)
    run.clear_log()
    run.link(up=False)
    assert run.state is State.INTERRUPTED
    assert run.event_kinds == [EventKind.INTERRUPTED]
    run.go(20)
    run.link(up=False)
    run.link(up=True)
    run.go(60)
    assert run.state is State.ACTIVE
    assert run.event_kinds == [EventKind.INTERRUPTED, EventKind.LINK_BACK]
    assert run.sent == []


@pytest.mark.parametrize("state", [State.STARTING, State.MANUAL])
def test_s10_link_loss_is_said_at_once_in_every_state_in_which_the_belt_may_move(state: State) -> None:
    run = at(state)
    run.link(up=False)
    assert run.state is State.INTERRUPTED


def test_s10_link_loss_while_a_paused_belt_coasts_is_said() -> None:
    run = at(State.ACTIVE)
    run.pause()
    run.link(up=False)
    assert run.state is State.INTERRUPTED


@pytest.mark.parametrize("state", [State.IDLE, State.READY, State.PAUSED, State.FINISHED])
def test_s10_at_rest_a_lost_link_is_no_interruption(state: State) -> None:
    run = at(state)
    run.link(up=False)
    run.link(up=True)
    run.go(3)
    assert run.state is state


def test_s10_a_belt_that_came_to_rest_meanwhile_has_finished() -> None:
    run = at(State.ACTIVE)
    run.link(up=False)
    run.treadmill.press_stop()
    run.go(10)
    run.link(up=True)
    run.report(belt=BeltState.AT_REST, speed=0.0)
    assert run.state is State.INTERRUPTED  # one report proves nothing
    run.go(3)
    assert run.state is State.FINISHED
    assert run.event_kinds[-2:] == [EventKind.LINK_BACK, EventKind.FINISHED]


def test_s10_a_belt_that_starts_after_the_link_came_back_is_at_the_minimum() -> None:
    run = SessionRun(countdown=10.0)
    run.reports_countdown = False
    run.count_down()
    run.go(16)
    run.link(up=False)
    run.link(up=True)
    run.go(15)
    assert run.state is State.WARM_UP
    assert run.session.awaiting_resume
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert EventKind.BELT_WITHOUT_SESSION not in run.event_kinds


def test_s10_an_interruption_ends_after_ten_minutes_and_then_nobody_knows_the_belt() -> None:
    run = at(State.INTERRUPTED)
    run.go(600)
    assert run.state is State.INTERRUPTED
    run.go(1)
    assert run.state is State.FINISHED
    assert not run.session.belt_may_move
    run.start()
    assert run.state is State.READY


def test_s10_what_the_console_does_after_silence_counts() -> None:
    run = at(State.ACTIVE)
    run.muted = True
    run.go(6)
    assert run.state is State.INTERRUPTED
    run.event(MachineEventKind.CONTROL_LOST)
    assert run.state is State.INTERRUPTED
    run.event(MachineEventKind.STOPPED)
    assert run.state is State.STOPPING


@pytest.mark.parametrize("state", [State.ACTIVE, State.MANUAL])
def test_s11_silence_of_a_moving_belt_counts_as_link_lost(state: State) -> None:
    run = at(state)
    run.muted = True
    run.go(5)
    assert run.state is state
    run.go(0.5)
    assert run.state is State.INTERRUPTED
    run.muted = False
    run.report(belt=BeltState.UNKNOWN, speed=None)
    assert run.state is State.INTERRUPTED
    run.go(1)
    assert run.state is state


def test_s11_reports_with_old_times_are_silence() -> None:
    run = at(State.ACTIVE)
    run.muted = True
    old = run.now
    for _ in range(6):
        run.go(1)
        run.report(received=old)
    assert run.state is State.INTERRUPTED


def test_s11_a_driver_that_begins_anew_confuses_nothing() -> None:
    run = at(State.INTERRUPTED)
    run.link(up=True)
    run.report(received=0.0, belt=BeltState.UNKNOWN, speed=None)
    run.go(3)
    assert run.state is State.WARM_UP
