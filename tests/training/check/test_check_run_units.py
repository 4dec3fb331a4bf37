"""The check run determines whether a machine takes and reports miles (safety rule S9)."""

import pytest

from custom_components.retrowalk.machine.model import KM_PER_MILE, BeltState, CommandKind, Telemetry, Unit
from custom_components.retrowalk.training.belt.unit_detector import UnitDetector
from custom_components.retrowalk.training.check.result import CheckResult, Failure, read_console
from tests.support.check_runs import run_check
from tests.support.session_run import SessionRun


def test_s9_a_machine_that_takes_and_reports_miles_counts_too_far() -> None:
    run = SessionRun()
    run.treadmill.kmh_per_unit = KM_PER_MILE
    check = run_check(run)
    assert (check.failure, check.result.unit) == (Failure.MILES, Unit.MILES)
    assert CommandKind.START_AGAIN not in run.command_kinds


def test_s9_a_machine_that_takes_miles_and_reports_kilometres_is_off() -> None:
    run = SessionRun()
    run.treadmill.kmh_per_unit, run.true_speed = KM_PER_MILE, True
    assert run_check(run).failure is Failure.MILES
    assert [kmh for _, kmh in run.speeds] == [1.0]


def test_s9_a_machine_that_takes_kilometres_and_reports_miles_is_off() -> None:
    run = SessionRun()
    reports = run.telemetry
    run.telemetry = lambda **changes: reports(speed=round(run.treadmill.speed / KM_PER_MILE, 2), **changes)  # type: ignore[method-assign]
    assert run_check(run).failure is Failure.MILES


def test_s9_miles_throughout_are_given_away_by_the_console_alone() -> None:
    run = SessionRun()
    run.treadmill.kmh_per_unit = run.meter_length = KM_PER_MILE
    check = run_check(run)
    assert (check.failure, check.result.unit) == (None, Unit.KILOMETERS)
    shown = round(run.speeds[-1][1], 1)
    assert read_console(check.result, shown, Unit.MILES) is Failure.MILES
    assert read_console(check.result, round(shown * KM_PER_MILE, 1), Unit.KILOMETERS) is Failure.MILES


@pytest.mark.parametrize("held", [0.6, 0.9, 1.1, 1.3, 2.0])
def test_s9_a_console_in_either_unit_agrees_with_the_speed_that_it_shows(held: float) -> None:
    findings = CheckResult(held_speed=held, unit=Unit.KILOMETERS)
    assert read_console(findings, held, Unit.KILOMETERS) is None
    assert read_console(findings, round(held / KM_PER_MILE, 1), Unit.MILES) is None
    assert read_console(findings, held, Unit.MILES) is Failure.MILES
    assert read_console(findings, held + 3, Unit.KILOMETERS) is Failure.CONSOLE_DIFFERS
    assert read_console(findings, 0.0, Unit.KILOMETERS) is Failure.CONSOLE_DIFFERS


def test_s9_without_distance_and_console_nobody_knows_the_unit() -> None:
    assert read_console(CheckResult(held_speed=1.1), None, Unit.KILOMETERS) is Failure.UNIT_UNKNOWN
    assert read_console(CheckResult(held_speed=1.1), 1.1, Unit.KILOMETERS) is None
    assert read_console(CheckResult(held_speed=1.1, unit=Unit.KILOMETERS), None, Unit.KILOMETERS) is None


@pytest.mark.parametrize("distance", [None, 0])
def test_s9_a_machine_that_counts_no_distance_is_held_for_a_while_and_then_stopped(distance: int | None) -> None:
    run = SessionRun()
    run.reports = {"distance": distance}
    check = run_check(run)
    assert (check.failure, check.result.unit) == (None, None)
    when = [moment for moment, _ in run.sent]
    assert when[3] - when[2] > 90


@pytest.mark.parametrize("grain", [1, 10])
@pytest.mark.parametrize("factor", [1.0, KM_PER_MILE])
def test_s9_the_unit_shows_whatever_the_grain_of_the_counter(grain: int, factor: float) -> None:
    metres = UnitDetector()
    for second in range(120):
        distance = int(second * 1.1 / 3.6 * factor / grain) * grain + 300
        metres.update(Telemetry(received=float(second), belt=BeltState.MOVING, speed=1.1, distance=distance))
    assert metres.unit is (Unit.KILOMETERS if factor == 1.0 else Unit.MILES)


def test_s9_a_counter_that_begins_anew_or_counts_nonsense_tells_nothing_wrong() -> None:
    metres = UnitDetector()
    metres.update(Telemetry(received=0.0, speed=None, distance=5))
    for second in range(1, 30):
        distance = 5 + second if second < 5 else second - 5
        metres.update(Telemetry(received=float(second), speed=3.6, distance=distance))
    assert metres.unit is Unit.KILOMETERS
    metres = UnitDetector()
    for second in range(30):
        metres.update(Telemetry(received=float(second), speed=3.6, distance=second * 3))
    assert metres.unit is None
