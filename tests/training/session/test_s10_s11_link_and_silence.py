"""A lost link or a silence interrupts a session, and nothing rises afterwards (safety rules S10 and S11)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at

Told = SessionEventKind
State = SessionState


def test_s10_link_loss_is_said_at_once_and_nothing_rises_by_itself_afterwards() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(12)
    walk.clear_log()
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED
    assert walk.event_kinds == [Told.INTERRUPTED]
    walk.go(20)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(60)
    assert walk.state is State.ACTIVE
    assert walk.event_kinds == [Told.INTERRUPTED, Told.LINK_BACK]
    assert walk.sent == []


@pytest.mark.parametrize("state", [State.STARTING, State.MANUAL])
def test_s10_link_loss_is_said_at_once_in_every_state_in_which_the_belt_may_move(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED


def test_s10_link_loss_while_a_paused_belt_coasts_is_said() -> None:
    walk = at(State.ACTIVE)
    walk.pause()
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED


@pytest.mark.parametrize("state", [State.IDLE, State.READY, State.PAUSED, State.FINISHED])
def test_s10_at_rest_a_lost_link_is_no_interruption(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(3)
    assert walk.state is state


def test_s10_a_belt_that_came_to_rest_meanwhile_has_finished() -> None:
    walk = at(State.ACTIVE)
    walk.link(up=False)
    walk.treadmill.press_stop()
    walk.go(10)
    walk.link(up=True)
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    assert walk.state is State.INTERRUPTED  # one report proves nothing
    walk.go(3)
    assert walk.state is State.FINISHED
    assert walk.event_kinds[-2:] == [Told.LINK_BACK, Told.FINISHED]


def test_s10_a_belt_that_starts_after_the_link_came_back_is_at_the_minimum() -> None:
    walk = SessionRun(countdown=10.0)
    walk.reports_countdown = False
    walk.count_down()
    walk.go(16)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(15)
    assert walk.state is State.WARM_UP
    assert walk.session.awaiting_resume
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert Told.BELT_WITHOUT_SESSION not in walk.event_kinds


def test_s10_an_interruption_ends_after_ten_minutes_and_then_nobody_knows_the_belt() -> None:
    walk = at(State.INTERRUPTED)
    walk.go(600)
    assert walk.state is State.INTERRUPTED
    walk.go(1)
    assert walk.state is State.FINISHED
    assert not walk.session.belt_may_move
    walk.start()
    assert walk.state is State.READY


def test_s10_what_the_console_does_after_silence_counts() -> None:
    walk = at(State.ACTIVE)
    walk.muted = True
    walk.go(6)
    assert walk.state is State.INTERRUPTED
    walk.event(MachineEventKind.CONTROL_LOST)
    assert walk.state is State.INTERRUPTED
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.STOPPING


@pytest.mark.parametrize("state", [State.ACTIVE, State.MANUAL])
def test_s11_silence_of_a_moving_belt_counts_as_link_lost(state: State) -> None:
    walk = at(state)
    walk.muted = True
    walk.go(5)
    assert walk.state is state
    walk.go(0.5)
    assert walk.state is State.INTERRUPTED
    walk.muted = False
    walk.report(belt=BeltState.UNKNOWN, speed=None)
    assert walk.state is State.INTERRUPTED
    walk.go(1)
    assert walk.state is state


def test_s11_reports_with_old_times_are_silence() -> None:
    walk = at(State.ACTIVE)
    walk.muted = True
    old = walk.now
    for _ in range(6):
        walk.go(1)
        walk.report(received=old)
    assert walk.state is State.INTERRUPTED


def test_s11_a_driver_that_begins_anew_confuses_nothing() -> None:
    walk = at(State.INTERRUPTED)
    walk.link(up=True)
    walk.report(received=0.0, belt=BeltState.UNKNOWN, speed=None)
    walk.go(3)
    assert walk.state is State.WARM_UP
