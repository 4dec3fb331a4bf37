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


def until(walk: SessionRun, check: CheckRun, phase: CheckPhase) -> None:
    for _ in range(600):
        if check.phase is phase:
            return
        walk.go(0.5)
    raise AssertionError(f"never came to {phase}, but to {check.phase}: {check.failure}")


def run(walk: SessionRun, **how: Any) -> CheckRun:
    """A check run from its beginning to its end."""
    walk.clear_log()
    check = walk.start_check(**how)
    until(walk, check, CheckPhase.OVER)
    return check


def refused(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as told:
        ask()
    return told.value.reason


def at(phase: CheckPhase) -> tuple[SessionRun, CheckRun]:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, phase)
    walk.clear_log()
    return walk, check


def assert_stopped(walk: SessionRun, check: CheckRun, failure: Failure) -> None:
    assert walk.command_kinds[:1] == [CommandKind.STOP]
    until(walk, check, CheckPhase.OVER)
    assert check.failure is failure
    walk.go(60)
    assert set(walk.command_kinds) == {CommandKind.STOP}
    assert walk.state in {SessionState.IDLE, SessionState.FINISHED}
    assert walk.treadmill.at_rest
