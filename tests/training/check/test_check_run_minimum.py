"""A minimum that is no speed: a belt that stops there, or that cannot be as slow (safety rule S9)."""

from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.model import (
    CommandKind,
    MachineEvent,
    MachineEventKind,
    MachineUnits,
    ValueRange,
)
from custom_components.retrowalk.training.check.lowest_speed import LowestSpeed
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.check.speed_trial import Aim, SpeedTrial
from custom_components.retrowalk.training.check.unit_finding import UnitFinder
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from tests.support.check_runs import run_check, until
from tests.support.session_run import SessionRun, rules

LIMITS = replace(
    limits_for(rules().capabilities, OwnerLimits(), Direction.FORWARD),
    speed=ValueRange(minimum=1.0, maximum=6.0, step=0.1),
)


def trial() -> SpeedTrial:
    return SpeedTrial(LIMITS, MachineUnits(), stated=False, minimum=True)


def test_s9_a_minimum_that_stops_the_belt_is_said_and_the_belt_is_not_started_again() -> None:
    run = SessionRun()
    run.treadmill.starts_at, run.treadmill.least_speed, run.treadmill.below_least = 2.0, 1.5, "stops"
    assert run_check(run).failure is Failure.MINIMUM_STOPS
    assert run.command_kinds.count(CommandKind.START) == 1
    assert run.treadmill.at_rest


def test_s9_a_status_may_tell_that_the_minimum_stops_the_belt() -> None:
    run = SessionRun()
    run.treadmill.starts_at = 2.0
    check = run.start_check()
    until(run, check, CheckPhase.MINIMUM)
    run.handle_machine_event(MachineEvent(MachineEventKind.STOPPED))
    until(run, check, CheckPhase.OVER)
    assert check.failure is Failure.MINIMUM_STOPS
    assert run.treadmill.at_rest


def test_a_minimum_that_is_known_to_be_no_speed_is_not_asked_for() -> None:
    assert LowestSpeed(ValueRange(0.0, 6.0, 0.1), try_minimum=False).begin(1.0) == 1.0


def test_s9_a_machine_whose_minimum_is_zero_is_never_asked_to_be_slower_than_it_starts() -> None:
    run = SessionRun(rules(speed=ValueRange(0.0, 12.0, 0.1)))
    run.treadmill.starts_at = 1.0
    assert run_check(run).failure is None
    assert min(kmh for _, kmh in run.speeds) == 1.0


def test_a_belt_that_is_not_as_slow_as_its_minimum_is_asked_for_the_next_speed_of_its_grid() -> None:
    its = trial()
    assert its.begin(2.0) == Aim(CheckPhase.MINIMUM, 1.0)
    assert its.judge_minimum(1.45) == Aim(CheckPhase.MINIMUM, 1.5)


def test_a_belt_that_was_exactly_at_its_minimum_takes_no_miles_whatever_its_step_looks_like() -> None:
    its = trial()
    assert its.begin(1.0) == Aim(CheckPhase.MINIMUM, 1.0)
    assert its.judge_minimum(1.0) == Aim(CheckPhase.STEP, 1.1)
    assert its.judge_step(1.77) == Aim(CheckPhase.STEP, 1.8)  # 1.1 miles; its own step has to lead there


def test_no_units_are_sought_of_a_belt_without_speeds() -> None:
    with pytest.raises(ValueError, match="cannot be controlled"):
        UnitFinder(replace(LIMITS, speed=None), MachineUnits(), stated=False)
