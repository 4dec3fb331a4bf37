"""A host that slept, or was held up, hears the belt again before its clock runs (safety rules S2, S3, S10)."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import EndReason, SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at

EventKind = SessionEventKind
State = SessionState


def hold_up(run: SessionRun, seconds: float) -> None:
    """Let the host do nothing for some seconds, and hear the belt first of all."""
    run.clear_log()
    run.treadmill.step(seconds)
    run.now += seconds
    run.report()


@pytest.mark.parametrize("seconds", [6.0, 13.0])
def test_s2_a_countdown_that_nobody_could_hear_starts_nothing(seconds: float) -> None:
    run = at(State.COUNTDOWN)
    hold_up(run, seconds)
    run.go(20)
    assert run.sent == []
    assert run.event_kinds == [EventKind.START_FAILED]
    assert run.data(EventKind.START_FAILED)["reason"] == EndReason.NO_FRESH_DATA


def test_s2_a_start_at_the_console_hours_later_confirms_nothing() -> None:
    run = at(State.READY)
    run.treadmill.press_start()
    hold_up(run, 3600)
    run.go(10)
    assert run.treadmill.speed > 0
    assert run.state is State.MANUAL
    assert run.sent == []
    assert run.event_kinds == [EventKind.STOPPED, EventKind.BELT_WITHOUT_SESSION]


def test_s10_a_belt_that_nobody_heard_gets_no_faster_by_itself() -> None:
    run = at(State.ACTIVE)
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(12)
    hold_up(run, 20)
    run.go(60)
    assert run.sent == []
    assert run.event_kinds == [EventKind.INTERRUPTED, EventKind.LINK_BACK]


def test_a_moment_in_which_the_host_is_busy_is_no_interruption() -> None:
    run = at(State.ACTIVE)
    hold_up(run, 4)
    run.go(3)
    assert run.state is State.ACTIVE
    assert run.event_kinds == []


def test_s3_a_stop_goes_on_all_the_same() -> None:
    run = at(State.ACTIVE)
    run.obeys = False
    run.stop()
    hold_up(run, 70)
    run.go(3)
    assert run.state is State.STOPPING
    assert CommandKind.STOP in run.command_kinds
