"""A machine that does not do what it is told fails the check run (safety rule S9)."""

import pytest

from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.states import SessionState
from tests.support.check_runs import run, until
from tests.support.session_run import SessionRun, rules


def test_s9_a_machine_that_goes_too_fast_for_every_target_fails() -> None:
    walk = SessionRun()
    walk.treadmill.overshoot = 0.3
    assert run(walk).failure is Failure.IGNORES  # it begins with 1.3 km/h, and stays there
    walk = SessionRun()
    walk.treadmill.starts_at, walk.treadmill.overshoot = 2.0, 0.3
    assert run(walk).failure is Failure.MISSES


def test_s9_a_machine_that_ignores_the_minimum_fails() -> None:
    walk = SessionRun()
    walk.treadmill.starts_at = 2.0
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0]


def test_s9_a_machine_that_ignores_every_step_fails() -> None:
    walk = SessionRun()
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_s9_the_steps_stay_inside_the_owners_limit() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(forward_speed=1.2)))
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.1, 1.2]


def test_s9_a_belt_that_does_not_come_where_its_own_steps_lead_fails() -> None:
    walk = SessionRun()
    really = walk.treadmill.set_speed
    walk.treadmill.set_speed = lambda kmh: really({1.0: 1.0, 1.1: 1.4, 1.4: 1.8}[kmh])  # type: ignore[method-assign]
    assert run(walk).failure is Failure.MISSES


def test_s9_a_belt_that_runs_away_is_stopped_before_it_settles() -> None:
    walk = SessionRun(acceleration=2.0)
    really = walk.treadmill.set_speed
    walk.treadmill.set_speed = lambda kmh: really(9.0)  # type: ignore[method-assign]
    check = walk.start_check()
    until(walk, check, CheckPhase.STOPPING)
    assert check.failure is Failure.MISSES
    assert walk.treadmill.speed < 4.0


@pytest.mark.parametrize(
    ("kind", "phase", "failure"),
    [
        (CommandKind.START, CheckPhase.STARTING, Failure.START_REFUSED),
        (CommandKind.SET_SPEED, CheckPhase.MINIMUM, Failure.SPEED_REFUSED),
        (CommandKind.STOP, CheckPhase.STOPPING, Failure.STOP_FAILED),
    ],
)
def test_s9_a_command_that_is_declined_ends_it(kind: CommandKind, phase: CheckPhase, failure: Failure) -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, phase)
    walk.fail_command(kind)
    assert walk.state is SessionState.STOPPING
    until(walk, check, CheckPhase.OVER)
    assert check.failure is failure


def test_s9_a_stop_that_the_belt_does_not_obey_is_told_and_fails() -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.SECOND_START)
    walk.obeys = False
    walk.go(30)
    assert SessionEventKind.STOP_FAILED in walk.event_kinds
    assert walk.command_kinds.count(CommandKind.STOP) > 5
    walk.obeys = True
    until(walk, check, CheckPhase.OVER)
    assert check.failure is Failure.STOP_FAILED


def test_s9_a_belt_that_never_moves_is_stopped() -> None:
    walk = SessionRun()
    walk.obeys = False
    check = run(walk)
    assert check.failure is Failure.DOES_NOT_MOVE
    assert walk.command_kinds[:2] == [CommandKind.START, CommandKind.STOP]
