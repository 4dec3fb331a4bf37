"""Check runs on the virtual treadmill."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun


def until(run: SessionRun, check: CheckRun, phase: CheckPhase) -> None:
    for _ in range(600):
        if check.phase is phase:
            return
        run.go(0.5)
    raise AssertionError(f"never came to {phase}, but to {check.phase}: {check.failure}")


def run_check(run: SessionRun, **how: Any) -> CheckRun:
    """Return a completed check run."""
    run.clear_log()
    check = run.start_check(**how)
    until(run, check, CheckPhase.OVER)
    return check


def refused(request: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as raised:
        request()
    return raised.value.reason


def at(phase: CheckPhase) -> tuple[SessionRun, CheckRun]:
    run = SessionRun()
    check = run.start_check()
    until(run, check, phase)
    run.clear_log()
    return run, check


def assert_stopped(run: SessionRun, check: CheckRun, failure: Failure) -> None:
    assert run.command_kinds[:1] == [CommandKind.STOP]
    until(run, check, CheckPhase.OVER)
    assert check.failure is failure
    run.go(60)
    assert set(run.command_kinds) == {CommandKind.STOP}
    assert run.state in {SessionState.IDLE, SessionState.FINISHED}
    assert run.treadmill.at_rest
