"""Whatever a machine's units are and whatever tells them: no session goes above its limit (safety rules S4, S5, S9)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import KM_PER_MILE, MachineUnits, Unit, ValueRange
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import CheckResult, UnitProof
from custom_components.retrowalk.training.check.unit_finding import find_units, prove
from custom_components.retrowalk.training.limits import Direction, Limits, Measured, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import STEERING, SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

KM, MI = Unit.KILOMETERS, Unit.MILES
KINDS = {
    "kilometers": MachineUnits(),
    "takes miles": MachineUnits(takes=MI),
    "tells miles": MachineUnits(tells=MI),
    "miles": MachineUnits(takes=MI, tells=MI),
    "miles throughout": MachineUnits(takes=MI, tells=MI, counts=MI),
}
LIMIT = 3.0
_TOO_FAST = {Refusal.STARTS_TOO_FAST, Refusal.STARTS_TOO_FAST_FIRST, Refusal.STARTS_TOO_FAST_FORWARD}


class Machine(SessionRun):
    """A machine of some kind whose numbers go through what it was found to be."""

    def __init__(self, kind: MachineUnits, speeds: ValueRange, *, counts: bool, **how: object) -> None:
        self.kind, self.fastest = kind, 0.0
        super().__init__(rules(speed=speeds, incline=None, **how))
        if not counts:
            self.reports["distance"] = None
        self.meter_length = kind.counts.factor
        self.understood(MachineUnits())

    def understood(self, units: MachineUnits) -> None:
        """Convert as the driver does: our session below sends and sees what it understands."""
        self.treadmill.kmh_per_unit = self.kind.takes.factor / units.takes.factor
        self.treadmill.reported_in = self.kind.tells.factor / units.tells.factor
        self.meter_length = self.kind.counts.factor / units.counts.factor

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            super().go(dt, dt)
            self.fastest = max(self.fastest, self.treadmill.speed)


def checked(run: Machine, *, console: bool) -> CheckResult | None:
    """Run the check run and take over what it found; None where it failed."""
    check, shown = run.start_check(), None
    unit = KM if run.kind == MachineUnits() else MI
    for _ in range(1200):
        run.go(0.5)
        if check.phase is CheckPhase.HOLD and console:
            shown = round(run.treadmill.speed / unit.factor, 1)
        if check.phase is CheckPhase.OVER:
            break
    assert run.fastest <= run.session.rules.owner.forward_speed
    if check.failure is not None:
        return None
    found = find_units(check.result, shown, unit)
    assert isinstance(found, MachineUnits)
    proof = prove(check.result, shown, found, MachineUnits())
    result = replace(check.result.understood(MachineUnits(), found), unit_proof=proof)
    before = run.session.rules
    stated = before.capabilities.speed_range
    assert stated is not None
    factor = found.takes.factor
    true = ValueRange(*(round(each * factor, 8) for each in (stated.minimum, stated.maximum, stated.step)))
    measured = Measured(
        start_speed=result.start_speed,
        lowest=result.lowest,
        step=result.step,
        unit_unsure=result.unit_unsure(stated=False),
    )
    run.understood(found)
    capabilities = replace(before.capabilities, speed_range=true)
    run.session.apply_rules(replace(before, units=found, capabilities=capabilities, measured=measured))
    run.go(10)
    return result


def walked(run: Machine, direction: Direction, *, first: bool) -> float:
    """Walk as fast as it goes, and return how fast the belt was; 0 where nobody may."""
    limits = run.session.rules.limits(direction, novice=first)
    request = SessionRequest(length=300.0, direction=direction, first=first, speed=limits.top_speed)
    run.fastest = 0.0
    if limits.speed is None:
        with pytest.raises(RefusedError) as refused:
            run.session.start(run.now, caller=Caller.PERSON, request=request)
        assert refused.value.reason in _TOO_FAST
        return 0.0
    run.session.start(run.now, caller=Caller.PERSON, request=request)
    run.go(1)
    run.start()
    for _ in range(345):
        if run.state in STEERING - {SessionState.COOL_DOWN}:
            run.session.set_speed(20.0, caller=Caller.PERSON)
        run.go(1)
    assert run.treadmill.at_rest or run.state is SessionState.MANUAL  # a coarse belt that tells miles looks like S7
    return run.fastest


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    counts=st.booleans(),
    console=st.booleans(),
    speeds=st.sampled_from([(1.0, 0.1), (0.5, 0.5), (1.2, 0.2), (0.8, 0.01), (1.6, 0.1), (0, 0.1)]),
    direction=st.sampled_from(Direction),
    first=st.booleans(),
)
def test_s4_no_session_goes_above_its_limit_whatever_tells_the_unit(
    kind: str, counts: bool, console: bool, speeds: tuple[float, float], direction: Direction, first: bool
) -> None:
    low, step = speeds
    run = Machine(KINDS[kind], ValueRange(low, low + 12, step), counts=counts)
    if checked(run, console=console) is None:
        return
    fastest = walked(run, direction, first=first)
    ceiling = {Direction.FORWARD: 6.0, Direction.BACKWARD: 2.0 if first else LIMIT}[direction]
    assert fastest <= ceiling + 1e-6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("counts", [True, False])
def test_s9_who_reads_the_console_loses_nothing(kind: str, counts: bool) -> None:
    run = Machine(KINDS[kind], ValueRange(1.0, 12.0, 0.1), counts=counts)
    result = checked(run, console=True)
    assert result is not None
    assert result.unit_proof is UnitProof.SURE
    fastest = walked(run, Direction.BACKWARD, first=False)
    assert LIMIT - 0.2 <= fastest <= LIMIT


@pytest.mark.parametrize("kind", ["kilometers", "miles throughout"])
def test_s9_a_machine_without_console_and_distance_walks_within_both_readings(kind: str) -> None:
    run = Machine(KINDS[kind], ValueRange(1.0, 12.0, 0.1), counts=False)
    result = checked(run, console=False)
    assert result is not None
    assert result.unit_proof is UnitProof.NONE
    fastest = walked(run, Direction.BACKWARD, first=False)
    assert run.session.rules.limits(Direction.BACKWARD).top_speed == 1.8
    assert fastest == pytest.approx(1.8 * KINDS[kind].takes.factor, abs=0.01)


@pytest.mark.parametrize("low", [0.5, 1.0])
@pytest.mark.parametrize("counts", [True, False])
def test_s9_two_coarse_steps_that_are_told_in_miles_prove_the_unit(low: float, counts: bool) -> None:
    run = Machine(KINDS["tells miles"], ValueRange(low, 12.0, 0.5), counts=counts)
    result = checked(run, console=False)
    assert result is not None
    assert (result.unit_proof, result.step) == (UnitProof.SURE, 0.5)
    assert run.session.rules.units == KINDS["tells miles"]
    assert not run.session.rules.measured.unit_unsure
    assert walked(run, Direction.BACKWARD, first=False) == LIMIT


# The limits of such a machine


RANGES = st.builds(
    lambda low, steps, step: ValueRange(round(low * step, 3), round((low + steps) * step, 3), step),
    st.integers(0, 30),
    st.integers(1, 200),
    st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0]),
)


def both(speeds: ValueRange, direction: Direction, *, novice: bool, owner: OwnerLimits) -> tuple[Limits, Limits]:
    """Return the limits as a machine in kilometers is told them, and those of one that was shown to be one."""
    its = rules(speed=speeds, owner=owner)
    unsure = replace(its, measured=Measured(unit_unsure=True))
    return unsure.limits(direction, novice=novice), its.limits(direction, novice=novice)


@given(
    speeds=RANGES,
    direction=st.sampled_from(Direction),
    novice=st.booleans(),
    reduced=st.booleans(),
    ceiling=st.sampled_from([1.0, 2.5, 3.0, 5.0]),
    asked=st.floats(0, 30),
)
def test_s4_s5_its_limits_hold_in_either_unit(
    speeds: ValueRange, direction: Direction, novice: bool, reduced: bool, ceiling: float, asked: float
) -> None:
    owner = OwnerLimits(backward_speed=ceiling, reduced=reduced)
    told, known = both(speeds, direction, novice=novice, owner=owner)
    assert told.longest == known.longest
    if told.too_fast is None:  # otherwise its ceiling may be that of everybody instead of a novice's
        assert told.ceiling * KM_PER_MILE == pytest.approx(known.ceiling)
    if told.speed is None:
        assert known.speed is None or told.too_fast is not None or speeds.minimum <= 0
        return
    assert known.speed is not None
    allowed = told.allowed_speed(asked)
    assert allowed * KM_PER_MILE <= known.ceiling + 1e-6
    assert abs((allowed - speeds.minimum) / speeds.step - round((allowed - speeds.minimum) / speeds.step)) < 1e-6
    if told.speed_up is not None and direction is Direction.BACKWARD:
        step, pace = told.speed_up.step * KM_PER_MILE, told.speed_up.seconds
        assert step <= 0.5
        assert pace >= (25.0 if step > 0.2 + 1e-9 else step / 0.02 - 1e-6)
    assert told.speed_down.step * KM_PER_MILE <= max(0.5, speeds.step * KM_PER_MILE) + 1e-6


def test_s5_no_rise_of_a_session_is_larger_or_earlier_than_in_miles() -> None:
    run = Machine(KINDS["miles throughout"], ValueRange(1.0, 12.0, 0.1), counts=True)
    assert checked(run, console=False) is not None
    run.clear_log()
    walked(run, Direction.BACKWARD, first=False)
    sent = [(when, kmh * KM_PER_MILE) for when, kmh in run.speeds]
    rises = [(later[0] - sooner[0], later[1] - sooner[1]) for sooner, later in pairwise(sent) if later[1] > sooner[1]]
    assert rises
    for seconds, rise in rises:
        assert rise <= 0.2
        assert seconds >= rise / 0.02 - 0.6
