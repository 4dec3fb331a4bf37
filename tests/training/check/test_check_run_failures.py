"""A machine that does not do what it is commanded fails the check run (safety rule S9)."""

import pytest

from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.states import SessionState
from tests.support.check_runs import run_check, until
from tests.support.session_run import SessionRun, rules


def test_s9_a_machine_that_goes_too_fast_for_every_target_fails() -> None:
    run = SessionRun()
    run.treadmill.overshoot = 0.3
    assert run_check(run).failure is Failure.MISSES  # it starts at 1.3 km/h, and its first step takes it to 1.7
    run = SessionRun()
    run.treadmill.starts_at, run.treadmill.overshoot = 2.0, 0.3
    assert run_check(run).failure is Failure.MISSES


def test_s9_a_machine_that_ignores_the_minimum_and_every_step_above_its_start_speed_fails() -> None:
    run = SessionRun()
    run.treadmill.starts_at = 2.0
    run.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run_check(run).failure is Failure.IGNORES
    assert [kmh for _, kmh in run.speeds] == [1.0, 2.1, 2.2, 2.3, 2.4, 2.5]


def test_s9_a_machine_that_ignores_every_step_fails() -> None:
    run = SessionRun()
    run.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run_check(run).failure is Failure.IGNORES
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_s9_the_steps_stay_inside_the_owners_limit() -> None:
    run = SessionRun(rules(owner=OwnerLimits(forward_speed=2.0)))  # that is 1.2 miles per hour
    run.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run_check(run).failure is Failure.IGNORES
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.1, 1.2]


def test_s9_a_belt_that_does_not_come_where_its_own_steps_lead_fails() -> None:
    run = SessionRun()
    really = run.treadmill.set_speed
    run.treadmill.set_speed = lambda kmh: really({1.0: 1.0, 1.1: 1.4, 1.4: 1.8}[kmh])  # type: ignore[method-assign]
    assert run_check(run).failure is Failure.MISSES


def test_s9_a_belt_that_runs_away_is_stopped_before_it_settles() -> None:
    run = SessionRun(acceleration=2.0)
    really = run.treadmill.set_speed
    run.treadmill.set_speed = lambda kmh: really(9.0)  # type: ignore[method-assign]
    check = run.start_check()
    until(run, check, CheckPhase.STOPPING)
    assert check.failure is Failure.MISSES
    assert run.treadmill.speed < 4.0


@pytest.mark.parametrize(
    ("kind", "phase", "failure"),
    [
        (CommandKind.START, CheckPhase.STARTING, Failure.START_REFUSED),
        (CommandKind.SET_SPEED, CheckPhase.MINIMUM, Failure.SPEED_REFUSED),
        (CommandKind.STOP, CheckPhase.STOPPING, Failure.STOP_FAILED),
    ],
)
def test_s9_a_command_that_is_declined_ends_it(kind: CommandKind, phase: CheckPhase, failure: Failure) -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, phase)
    run.fail_command(kind)
    assert run.state is SessionState.STOPPING
    until(run, check, CheckPhase.OVER)
    assert check.failure is failure


def test_s9_a_stop_that_the_belt_does_not_obey_is_told_and_fails() -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.SECOND_START)
    run.obeys = False
    run.go(30)
    assert SessionEventKind.STOP_FAILED in run.event_kinds
    assert run.command_kinds.count(CommandKind.STOP) > 5
    run.obeys = True
    until(run, check, CheckPhase.OVER)
    assert check.failure is Failure.STOP_FAILED


def test_s9_a_belt_that_never_moves_is_stopped() -> None:
    run = SessionRun()
    run.obeys = False
    check = run_check(run)
    assert check.failure is Failure.DOES_NOT_MOVE
    assert run.command_kinds[:3] == [CommandKind.START, CommandKind.START, CommandKind.STOP]
