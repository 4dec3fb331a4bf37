"""A belt that is not heard since its countdown, and one that is deaf after its start: nothing false is said (S3)."""

from collections.abc import Callable

import pytest

from custom_components.retrowalk.machine.model import BeltState, CommandKind, MachineEventKind
from custom_components.retrowalk.training.events import EndReason, SessionEventKind, StopFailure
from custom_components.retrowalk.training.speech.phrases import Scene, phrases_for
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun


def started(**how: object) -> SessionRun:
    """Return a session whose start was just sent."""
    run = SessionRun()
    run.count_down()
    while run.state is not SessionState.STARTING:
        run.go(0.5)
    run.go(0.5)
    return run


def failures(run: SessionRun) -> list[StopFailure]:
    return [event.data["reason"] for _, event in run.emitted if event.kind is SessionEventKind.STOP_FAILED]


def press_stop(run: SessionRun) -> None:
    run.stop()


def reports_stopped(run: SessionRun) -> None:
    run.event(MachineEventKind.STOPPED)


def waits(run: SessionRun) -> None:
    """Let the belt not be heard for as long as a start may take."""
    run.go(15)


@pytest.mark.parametrize("begins", [press_stop, reports_stopped, waits])
@pytest.mark.parametrize("obeys", [True, False])
def test_s03_a_belt_that_is_not_heard_since_its_countdown_is_never_called_stopped(
    begins: Callable[[SessionRun], None], obeys: bool
) -> None:
    run = started()
    run.muted, run.ignores_stop = True, not obeys
    run.go(2)
    begins(run)
    run.clear_log()
    run.go(9)
    assert failures(run) == [StopFailure.NOT_DELIVERED]  # the walker hears it at once, and pulls the key
    run.go(60)
    assert set(run.command_kinds) == {CommandKind.STOP}
    assert run.state is SessionState.IDLE
    [ended] = [event for _, event in run.emitted if event.kind is SessionEventKind.STOPPED]
    assert ended.data["reason"] == EndReason.BELT_NOT_HEARD
    assert phrases_for(ended, Scene()) == ()


def test_s03_a_status_alone_does_not_call_a_belt_stopped_that_is_not_heard_since_its_countdown() -> None:
    """A machine whose values fail may go on to tell its training status, which says "idle" of a belt that coasts."""
    run = started()
    run.muted = True
    heard = run.now
    run.go(12)
    run.stop()
    run.clear_log()
    run.report(received=heard, belt=BeltState.AT_REST, speed=0.0)
    run.go(1)
    assert SessionEventKind.STOPPED not in run.event_kinds
    run.go(5)
    assert failures(run) == [StopFailure.NOT_DELIVERED]
    run.muted = False
    run.go(6)
    assert run.data(SessionEventKind.STOPPED)["reason"] == EndReason.STOPPED


def test_s03_after_a_stop_that_was_given_up_what_a_status_said_before_proves_no_rest() -> None:
    run = started()
    run.muted = True
    heard = run.now
    run.go(12)
    run.stop()
    run.report(received=heard, belt=BeltState.AT_REST, speed=0.0)
    run.go(65)
    assert run.data(SessionEventKind.STOPPED)["reason"] == EndReason.BELT_NOT_HEARD
    run.clear_log()
    run.stop()
    run.go(3)
    assert run.state is SessionState.STOPPING
    assert run.command_kinds.count(CommandKind.STOP) >= 3


def test_s03_a_belt_that_is_heard_to_rest_again_is_stopped() -> None:
    run = started()
    run.muted = True
    run.go(2)
    run.stop()
    run.go(20)
    run.muted = False
    run.go(6)
    assert run.data(SessionEventKind.STOPPED)["reason"] == EndReason.STOPPED


def test_s03_a_belt_that_is_not_heard_and_declines_stop_gets_pause() -> None:
    run = started()
    run.faults.stop_only_at_rest = True
    run.go(1)
    run.muted = True
    run.go(6)
    assert run.treadmill.speed > 0
    run.control_point.rest_reported = False
    run.clear_log()
    run.stop()
    run.go(3)
    assert CommandKind.PAUSE in run.command_kinds


def test_s03_a_machine_that_takes_its_start_and_then_ignores_everything_is_told_and_every_step_is_tried() -> None:
    run = started()
    run.ignores_stop = True
    run.go(10)
    assert run.treadmill.speed > 0
    run.clear_log()
    run.stop()
    run.go(30)
    assert failures(run) == [StopFailure.NOT_OBEYED]
    assert run.command_kinds[:3] == [CommandKind.STOP] * 3
    assert CommandKind.PAUSE in run.command_kinds
    assert run.state is SessionState.STOPPING
    assert SessionEventKind.STOPPED not in run.event_kinds
    run.treadmill.pull_safety_key()
    run.go(10)
    assert run.data(SessionEventKind.STOPPED)["reason"] in {EndReason.STOPPED, EndReason.SAFETY_KEY}
