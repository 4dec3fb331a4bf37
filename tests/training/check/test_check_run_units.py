"""The check run finds out in which units a machine takes and tells speeds (safety rules S4 and S9)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    BeltState,
    CommandKind,
    MachineEventKind,
    MachineUnits,
    Telemetry,
    Unit,
    ValueRange,
)
from custom_components.retrowalk.training.belt.unit_detector import Scale, UnitDetector
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import CheckResult, Failure, UnitProof
from custom_components.retrowalk.training.check.unit_finding import find_units, prove
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.rules import Refusal
from tests.support.check_runs import at, refused, run_check, until
from tests.support.session_run import SessionRun, rules

KM, MI = Unit.KILOMETERS, Unit.MILES


@dataclass(frozen=True)
class Kind:
    """A kind of machine: its units, and which unit its console shows."""

    units: MachineUnits
    console: Unit

    def run(self, **how: object) -> SessionRun:
        """Return a session on such a machine."""
        run = SessionRun(rules(**how))
        run.treadmill.kmh_per_unit = self.units.takes.factor
        run.treadmill.reported_in = self.units.tells.factor
        run.meter_length = self.units.counts.factor
        return run

    def shown(self, run: SessionRun) -> float:
        """Return what the console shows of a belt."""
        return round(run.treadmill.speed / self.console.factor, 1)


def units(takes: Unit = KM, tells: Unit = KM, counts: Unit = KM) -> MachineUnits:
    return MachineUnits(takes=takes, tells=tells, counts=counts)


KINDS = {
    "kilometers": Kind(units(), KM),
    "kilometers, console in miles": Kind(units(), MI),
    "takes miles": Kind(units(takes=MI), MI),
    "takes miles, console in kilometers": Kind(units(takes=MI), KM),
    "miles": Kind(units(takes=MI, tells=MI), MI),
    "miles, console in kilometers": Kind(units(takes=MI, tells=MI), KM),
    "miles throughout": Kind(units(takes=MI, tells=MI, counts=MI), MI),
    "miles throughout, console in kilometers": Kind(units(takes=MI, tells=MI, counts=MI), KM),
    "tells miles": Kind(units(tells=MI), MI),
    "tells miles, console in kilometers": Kind(units(tells=MI), KM),
    "tells miles, shorter meters": Kind(units(tells=MI, counts=MI), MI),
}
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def held(kind: Kind, **how: object) -> tuple[CheckRun, float]:
    """Return a completed check run on such a machine, and what its console showed."""
    run = kind.run(**how)
    check = run.start_check()
    until(run, check, CheckPhase.HOLD)
    run.go(20)
    shown = kind.shown(run)
    until(run, check, CheckPhase.OVER)
    return check, shown


@ALL
def test_s9_the_units_are_found_out_by_report_distance_and_console(kind: Kind) -> None:
    check, shown = held(kind)
    assert check.failure is None
    assert find_units(check.result, shown, kind.console) == kind.units
    found = check.result.understood(MachineUnits(), kind.units)
    factor = kind.units.takes.factor
    assert found.start_speed == pytest.approx(1.0 * factor, abs=0.02)
    assert found.held_speed == pytest.approx(1.1 * factor, abs=0.02)
    assert found.step == pytest.approx(0.1 * factor, abs=0.001)


@pytest.mark.sampled(3)
@ALL
@pytest.mark.parametrize("before", [kind.units for kind in KINDS.values()], ids=KINDS)
def test_s9_whatever_a_machine_was_taken_for_it_is_found_out_or_refused_never_taken_for_slower(
    kind: Kind, before: MachineUnits
) -> None:
    speeds, takes = ValueRange(0.8, 12.0, 0.1), before.takes.factor
    true = ValueRange(*(round(each * takes, 8) for each in (speeds.minimum, speeds.maximum, speeds.step)))
    run = kind.run(speed=true, units=before)
    # Below our session everything is as the machine has it: it is sent what was understood, and so is what it reports.
    run.treadmill.kmh_per_unit = kind.units.takes.factor / takes
    run.treadmill.reported_in = kind.units.tells.factor / before.tells.factor
    run.meter_length = kind.units.counts.factor / before.counts.factor
    check = run.start_check()
    until(run, check, CheckPhase.STOPPING)
    shown = kind.shown(run) if check.failure is None else None
    until(run, check, CheckPhase.OVER)
    if check.failure is not None:
        assert check.failure in {Failure.MISSES, Failure.IGNORES}
        return
    found = find_units(check.result, shown, kind.console, present=before)
    if isinstance(found, MachineUnits):
        assert found.takes is kind.units.takes
        assert found.tells is kind.units.tells


@pytest.mark.sampled(3)
@ALL
@pytest.mark.parametrize("speeds", [ValueRange(0.5, 12.0, 0.1), ValueRange(1.0, 20.0, 0.5), ValueRange(0.8, 6.0, 0.01)])
@pytest.mark.parametrize("limit", [2.5, 3.0, 6.0])
def test_s4_no_check_run_passes_the_limit_in_true_kmh_under_any_reading(
    kind: Kind, speeds: ValueRange, limit: float
) -> None:
    run = kind.run(speed=speeds, owner=OwnerLimits(forward_speed=limit))
    run.on_second_start = lambda: None
    check = run.start_check()
    fastest = 0.0
    while check.phase is not CheckPhase.OVER:
        run.go(0.5)
        fastest = max(fastest, run.treadmill.speed)
    assert fastest <= limit + 1e-9
    assert next(kmh for _, kmh in run.speeds) == speeds.minimum  # gentle: the first one is the least
    assert check.failure is None


def test_s4_without_room_for_a_step_in_miles_the_check_run_is_refused_with_its_reason() -> None:
    run = SessionRun(rules(owner=OwnerLimits(forward_speed=1.5)))
    assert refused(run.start_check) is Refusal.NO_ROOM_TO_CHECK
    assert run.sent == []
    run = SessionRun(rules(owner=OwnerLimits(forward_speed=1.5), units=units(takes=MI)))
    run.start_check()  # known to take miles: there it is no slower than that


@pytest.mark.parametrize("takes", [KM, MI])
def test_s9_without_a_console_the_distance_tells(takes: Unit) -> None:
    for tells, counts in product(Unit, repeat=2):
        check, _ = held(Kind(units(takes, tells, counts), KM))
        found = find_units(check.result, None, KM)
        plain = counts is KM and check.result.counted is not None
        if plain:
            assert found == units(takes, tells)
        elif (takes, tells, counts) == (MI, MI, MI):
            assert found == units()  # nothing tells it from a machine in kilometers
        elif found is not Failure.UNIT_UNKNOWN:
            assert isinstance(found, MachineUnits)
            assert found.takes is takes or prove(check.result, None, found, units()) is UnitProof.NONE
        if takes is MI and found == units():
            assert prove(check.result, None, found, units()) is not UnitProof.SURE


def test_s9_a_console_that_agrees_with_nothing_proves_that_nobody_understands_the_machine() -> None:
    check, shown = held(KINDS["takes miles"])
    assert find_units(check.result, shown + 3, MI) is Failure.CONSOLE_DIFFERS
    assert find_units(check.result, 0.0, KM) is Failure.CONSOLE_DIFFERS


@pytest.mark.parametrize("least", [0.6, 0.9, 1.1, 1.3, 2.0])
def test_s9_a_console_in_either_unit_agrees_with_the_speed_that_it_shows(least: float) -> None:
    findings = CheckResult(held_speed=least, counted=Scale.SAME)
    assert find_units(findings, least, KM) == units()
    assert find_units(findings, round(least / KM_PER_MILE, 1), MI) == units()
    assert find_units(findings, least, MI) == units(MI, MI, MI)
    assert find_units(findings, round(least * KM_PER_MILE, 1), KM) == units(MI, MI, MI)
    assert find_units(findings, least + 3, KM) is Failure.CONSOLE_DIFFERS


def test_s9_without_distance_and_console_nobody_knows_the_unit() -> None:
    nothing, same = CheckResult(held_speed=1.1), CheckResult(held_speed=1.1, counted=Scale.SAME)
    more = CheckResult(held_speed=1.1, reported=Scale.MORE)
    for findings, shown, found, proof in (
        (nothing, None, units(), UnitProof.NONE),
        (nothing, 1.1, units(), UnitProof.SURE),
        (same, None, units(), UnitProof.LIKELY),
        (same, 1.1, units(), UnitProof.SURE),
        (more, None, units(takes=MI), UnitProof.SURE),  # it tells more than it was sent, and nothing is longer
    ):
        assert find_units(findings, shown, KM) == found
        assert prove(findings, shown, found, units()) is proof


def test_s9_a_distance_that_fits_nothing_proves_nothing() -> None:
    nonsense = CheckResult(held_speed=1.1, counted=Scale.LESS)
    assert find_units(nonsense, None, KM) == units()
    assert prove(nonsense, None, units(), units()) is UnitProof.NONE


@pytest.mark.parametrize(
    ("proof", "stated", "unsure"),
    [
        (UnitProof.SURE, False, False),
        (UnitProof.LIKELY, False, True),
        (UnitProof.LIKELY, True, False),
        (UnitProof.NONE, False, True),
        (UnitProof.NONE, True, True),
    ],
)
def test_s9_a_word_for_kilometers_is_believed_where_the_distance_fits_them(
    proof: UnitProof, stated: bool, unsure: bool
) -> None:
    found = CheckResult(unit_proof=proof)
    assert found.unit_unsure(stated=stated) is unsure
    assert CheckResult.from_dict(found.as_dict()).unit_proof is proof


# What the owner says


@pytest.mark.parametrize("shown", [None, 1.1])
def test_s9_what_the_owner_says_holds_where_nothing_tells(shown: float | None) -> None:
    findings = CheckResult(held_speed=1.1)
    assert find_units(findings, shown, KM, present=units(tells=MI), stated=True) == units(tells=MI)


def test_s9_what_the_owner_says_is_refused_where_distance_or_console_say_otherwise() -> None:
    far = CheckResult(held_speed=1.1, counted=Scale.MORE)
    assert find_units(far, None, KM, present=units(), stated=True) is Failure.MILES
    same = CheckResult(held_speed=1.1, counted=Scale.SAME)
    assert find_units(same, 1.1, MI, present=units(), stated=True) is Failure.MILES
    assert find_units(same, 4.0, MI, present=units(), stated=True) is Failure.CONSOLE_DIFFERS
    assert find_units(same, None, KM, present=units(MI, MI, MI), stated=True) == units(MI, MI, MI)


@pytest.mark.parametrize("kind", [KINDS["takes miles"], KINDS["tells miles"]])
def test_s9_a_wrong_word_of_the_owner_is_seen_by_what_is_reported_and_the_belt_is_stopped(kind: Kind) -> None:
    run = kind.run(units_stated=True)
    check = run_check(run)
    assert check.failure is Failure.MILES
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert run.command_kinds[-1] is CommandKind.STOP


# What looks like miles and is none


def test_s9_a_belt_that_is_never_as_slow_as_it_says_takes_no_miles() -> None:
    run = SessionRun(rules(speed=ValueRange(0.5, 12.0, 0.1)))
    reports = run.telemetry

    def at_least(kmh: float) -> Callable[..., Telemetry]:
        def telemetry(**changes: object) -> Telemetry:
            true = run.treadmill.speed
            return reports(**{"speed": round(max(true, kmh) if true else 0.0, 2), **changes})

        return telemetry

    run.telemetry = at_least(0.8)  # type: ignore[method-assign]
    check = run_check(run)
    assert (check.failure, check.result.reported, check.result.lowest) == (None, Scale.SAME, 0.8)


def test_s9_a_unit_that_shows_only_at_a_higher_speed_is_seen_there() -> None:
    kind = KINDS["takes miles"]
    check, shown = held(kind, speed=ValueRange(0.2, 12.0, 0.1))
    assert check.failure is None
    assert find_units(check.result, shown, kind.console) == kind.units


def test_s9_a_second_change_of_the_unit_is_a_miss() -> None:
    run = KINDS["takes miles"].run()
    check = run.start_check()
    until(run, check, CheckPhase.STEP)
    run.treadmill.reported_in = 0.4
    until(run, check, CheckPhase.OVER)
    assert check.failure is not None


def test_s7_a_target_that_the_machine_repeats_in_its_own_unit_is_ours() -> None:
    for factor in (1.0, KM_PER_MILE, 1 / KM_PER_MILE):
        run, check = at(CheckPhase.STEP)
        run.event(MachineEventKind.SPEED_CHANGED, 1.1 * factor)
        assert check.failure is None
    run, check = at(CheckPhase.STEP)
    run.event(MachineEventKind.SPEED_CHANGED, 3.0)
    assert check.failure is Failure.CONSOLE


# The distance


@pytest.mark.parametrize("distance", [None, 0])
def test_s9_a_machine_that_counts_no_distance_is_held_for_a_while_and_then_stopped(distance: int | None) -> None:
    run = SessionRun()
    run.reports = {"distance": distance}
    check = run_check(run)
    assert (check.failure, check.result.counted) == (None, None)
    when = [moment for moment, _ in run.sent]
    assert when[3] - when[2] > 90


@pytest.mark.parametrize("grain", [1, 10])
@pytest.mark.parametrize("scale", Scale)
def test_s9_the_unit_shows_whatever_the_grain_of_the_counter(grain: int, scale: Scale) -> None:
    metres = UnitDetector()
    for second in range(120):
        distance = int(second * 1.1 / 3.6 * scale.factor / grain) * grain + 300
        metres.update(Telemetry(received=float(second), belt=BeltState.MOVING, speed=1.1, distance=distance))
    assert metres.scale is scale


def test_s9_a_counter_that_begins_anew_or_counts_nonsense_tells_nothing_wrong() -> None:
    metres = UnitDetector()
    metres.update(Telemetry(received=0.0, speed=None, distance=5))
    for second in range(1, 30):
        distance = 5 + second if second < 5 else second - 5
        metres.update(Telemetry(received=float(second), speed=3.6, distance=distance))
    assert metres.scale is Scale.SAME
    metres = UnitDetector()
    for second in range(30):
        metres.update(Telemetry(received=float(second), speed=3.6, distance=second * 3))
    assert metres.scale is None
    assert metres.enough  # nobody waits for a nonsense that goes on


# What is stored


@pytest.mark.parametrize(("stored", "scale"), [("km", Scale.SAME), ("mi", Scale.MORE), (None, None)])
def test_what_0_8_0_stored_of_the_distance_is_read(stored: str | None, scale: Scale | None) -> None:
    read = CheckResult.from_dict({"held_speed": 1.1, "unit": stored})
    assert (read.counted, read.reported, read.held_speed) == (scale, Scale.SAME, 1.1)


def test_s9_an_old_result_with_a_unit_that_nobody_knows_releases_nothing() -> None:
    with pytest.raises(ValueError, match="furlong"):
        CheckResult.from_dict({"held_speed": 1.1, "unit": "furlong"})


@given(st.sampled_from([None, *Scale]), st.sampled_from(Scale))
def test_what_was_found_is_stored_and_read(counted: Scale | None, reported: Scale) -> None:
    found = CheckResult(counted=counted, reported=reported, step=0.1609344)
    assert CheckResult.from_dict({**found.as_dict(), "newer": 1}) == found


@ALL
@pytest.mark.parametrize("step", [0.1, 0.24, 0.48])
def test_s9_a_belt_on_its_way_down_to_a_target_anew_does_not_run_away(kind: Kind, step: float) -> None:
    """Taken for one of another unit, it is sent from far above to its minimum again."""
    run = kind.run(speed=ValueRange(0.8, 0.8 + 20 * step, step))
    run.treadmill.profile = replace(run.treadmill.profile, acceleration=0.25)
    check = run.start_check()
    until(run, check, CheckPhase.OVER)
    assert check.failure is None
