"""A wrong word of the owner, a counter that hardly counts and a console that shows nothing pass no limit (S4, S9)."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, CommandKind, MachineUnits, Telemetry, Unit, ValueRange
from custom_components.retrowalk.training.belt.unit_detector import Scale, UnitDetector
from custom_components.retrowalk.training.check.check_run import LONGEST_COUNT, CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import CheckResult, Failure, UnitProof
from custom_components.retrowalk.training.check.unit_finding import find_units, prove
from tests.support.check_runs import run_check
from tests.support.session_run import SessionRun, rules

KM, MI = Unit.KILOMETERS, Unit.MILES
KNOWN = [MachineUnits(), MachineUnits(takes=MI), MachineUnits(tells=MI), MachineUnits(takes=MI, tells=MI)]
THROUGHOUT = MachineUnits(takes=MI, tells=MI, counts=MI)
KNOWN.append(THROUGHOUT)
LIMIT = 6.0
COUNTERS: dict[str, Callable[[int], int | None]] = {
    "fine": lambda meters: meters,
    "coarse": lambda meters: meters // 10 * 10,
    "very coarse": lambda meters: meters // 16 * 16,
    "none": lambda meters: None,
    "frozen": lambda meters: 37,
    "freezes": lambda meters: min(meters, 3),
}


class Said(SessionRun):
    """A machine as it looks through what its owner says of it, whose reports are some seconds apart."""

    def __init__(
        self, true: MachineUnits, said: MachineUnits, *, counter: str, stated: bool = True, interval: float = 0.5
    ) -> None:
        low, high, step = (round(each * said.takes.factor, 8) for each in (0.6, 12.0, 0.1))
        self._counter = COUNTERS[counter]
        self._interval = interval
        self.fastest = 0.0
        super().__init__(rules(speed=ValueRange(low, high, step), units=said, units_stated=stated))
        self.treadmill.kmh_per_unit = true.takes.factor / said.takes.factor
        self.treadmill.reported_in = true.tells.factor / said.tells.factor
        self.meter_length = true.counts.factor / said.counts.factor

    def telemetry(self, **changes: Any) -> Telemetry:
        reported = super().telemetry(**changes)
        return Telemetry(
            received=reported.received,
            belt=reported.belt,
            speed=reported.speed,
            elapsed_time=reported.elapsed_time,
            distance=self._counter(reported.distance or 0),
        )

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            self.muted = (self.now + dt) % self._interval > 1e-6
            super().go(dt, dt)
            self.fastest = max(self.fastest, self.treadmill.speed)

    def checks(self) -> tuple[CheckRun, float]:
        """Return a completed check run, and the true speed (km/h) while it was held."""
        check, held = self.start_check(), 0.0
        for _ in range(1000):
            if check.phase is CheckPhase.OVER:
                return check, held
            self.go(0.5)
            held = self.treadmill.speed if check.phase is CheckPhase.HOLD else held
        raise AssertionError(f"no end of {check.phase}")


@settings(max_examples=40, deadline=None)
@given(
    true=st.sampled_from(KNOWN),
    said=st.sampled_from(KNOWN),
    stated=st.booleans(),
    counter=st.sampled_from(sorted(COUNTERS)),
    interval=st.sampled_from([0.5, 1.0, 3.0]),
    console=st.sampled_from([None, KM, MI]),
)
def test_s4_no_word_counter_or_console_makes_a_belt_faster_than_it_is_told(
    true: MachineUnits, said: MachineUnits, stated: bool, counter: str, interval: float, console: Unit | None
) -> None:
    run = Said(true, said, counter=counter, stated=stated, interval=interval)
    check, held = run.checks()
    assert run.fastest <= LIMIT
    assert run.command_kinds[-1] is CommandKind.STOP
    if check.failure is not None:
        return
    shown = None if console is None else round(held / console.factor, 1)
    found = find_units(check.result, shown, console or KM, present=said, stated=stated)
    if isinstance(found, Failure):
        assert stated or console is None or check.result.counted is not None or true is not said
        return
    proof = prove(check.result, shown, found, said)
    if console is None and true == THROUGHOUT and stated and proof is UnitProof.LIKELY:
        return  # nothing on earth shows it, and its owner says otherwise: docs/safety.md says so
    assert found.takes.factor >= true.takes.factor or CheckResult(unit_proof=proof).unit_unsure(stated=stated)
    if true is said and console is not None and check.result.counted is not None:
        assert found == true


@pytest.mark.parametrize(
    ("true", "said", "counter", "console"),
    [
        each
        for each in product(KNOWN, KNOWN, ("none", "frozen", "freezes"), (None, KM, MI))
        if each[0].takes is MI and each[1].takes is KM
    ],
)
def test_s9_kilometers_that_are_stated_of_a_machine_in_miles_are_not_believed_when_its_distance_tells_nothing(
    true: MachineUnits, said: MachineUnits, counter: str, console: Unit | None
) -> None:
    check, held = Said(true, said, counter=counter).checks()
    if check.failure is None:
        shown = None if console is None else round(held / console.factor, 1)
        found = find_units(check.result, shown, console or KM, present=said, stated=True)
        if not isinstance(found, Failure):
            proof = prove(check.result, shown, found, said)
            assert CheckResult(unit_proof=proof).unit_unsure(stated=True)  # limited as if in miles


def test_s9_a_word_that_makes_the_belt_slower_at_worst_needs_no_proof() -> None:
    said = MachineUnits(takes=MI, tells=MI)
    check, _ = Said(said, said, counter="none").checks()
    assert check.failure is None
    assert find_units(check.result, None, KM, present=said, stated=True) == said


@pytest.mark.parametrize("counter", ["coarse", "very coarse"])
@pytest.mark.parametrize("true", [MachineUnits(), MachineUnits(takes=MI, tells=MI), THROUGHOUT])
def test_s9_a_coarse_counter_is_waited_for_until_it_tells(counter: str, true: MachineUnits) -> None:
    check, _ = Said(true, true, counter=counter).checks()
    assert (check.failure, check.result.counted) == (None, Scale.SAME)


def test_s9_miles_are_told_from_miles_throughout_by_a_coarse_counter() -> None:
    said = MachineUnits(takes=MI, tells=MI)
    check, _ = Said(THROUGHOUT, said, counter="coarse").checks()
    assert check.failure is None
    assert check.result.counted is Scale.LESS
    assert find_units(check.result, None, KM, present=said, stated=True) is Failure.MILES


def test_s9_a_counter_that_changes_once_is_not_waited_for_without_end() -> None:
    run = Said(MachineUnits(), MachineUnits(), counter="freezes")
    began = run.now
    check, _ = run.checks()
    assert (check.failure, check.result.counted) == (None, None)
    assert LONGEST_COUNT < run.now - began < LONGEST_COUNT + 120


@pytest.mark.parametrize("interval", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize("begins", [0.0, 0.3, 0.7])
def test_s9_no_way_between_two_reports_makes_one_unit_look_like_another(
    interval: float, scale: Scale, begins: float
) -> None:
    detector, seen = UnitDetector(), set()
    for turn in range(round(60 / interval)):
        at = turn * interval
        meters = int(begins + at * 3.0 / 3.6 * scale.factor)
        detector.update(Telemetry(received=at, belt=BeltState.MOVING, speed=3.0, distance=meters))
        seen.add(detector.scale)
    assert seen <= {None, scale}
    assert detector.scale is scale


def test_s9_a_belt_at_rest_in_its_pause_seems_to_travel_nothing() -> None:
    """Its counter would seem to count too little, as that of a machine in kilometers."""
    said = MachineUnits()
    run = Said(MachineUnits(takes=MI, tells=MI), said, counter="fine")
    run.treadmill.resume_delay = 14.0
    for _ in range(3):
        check = run.start_check()
        until_over(run, check)
        assert check.result.counted is Scale.MORE
        run.go(10)


def until_over(run: SessionRun, check: CheckRun) -> None:
    for _ in range(1000):
        if check.phase is CheckPhase.OVER:
            return
        run.go(0.5)
    raise AssertionError(check.phase)


# A belt that is deaf after its start


@pytest.mark.parametrize("deaf", [2.0, 8.0, 11.0, 14.0, 18.0, 24.0, 30.0])
@pytest.mark.parametrize("starts_at", [None, 2.0])
def test_s9_a_belt_that_is_deaf_after_its_start_is_not_taken_for_one_with_coarse_steps(
    deaf: float, starts_at: float | None
) -> None:
    run = SessionRun()
    run.treadmill.deaf_after_start = deaf
    if starts_at is not None:
        run.treadmill.starts_at = starts_at
    check = run_check(run)
    assert check.failure is None
    assert check.result.step == 0.1
    assert check.result.lowest in {None, starts_at}  # its minimum may have been asked for too early


@pytest.mark.parametrize("coarse", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("deaf", [0.0, 12.0])
def test_s9_a_belt_with_coarse_steps_is_still_known_by_them(coarse: float, deaf: float) -> None:
    run = SessionRun()
    run.treadmill.coarse_steps, run.treadmill.deaf_after_start = coarse, deaf
    check = run_check(run)
    assert (check.failure, check.result.step) == (None, coarse)
    assert check.result.held_speed == pytest.approx(1.0 + coarse, abs=coarse)
    assert check.result.held_speed > 1.0
