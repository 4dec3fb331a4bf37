"""What the next session will be, before anybody starts it."""

import pytest

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.history.energy import EnergyMeter, Estimate
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.outlook import Outlook, outlook
from custom_components.retrowalk.training.programs.preview import CutKind
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Ramp, Step
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest

MACHINE = Capabilities(speed_range=ValueRange(0.5, 16.0, 0.1), incline_range=ValueRange(0.0, 12.0, 0.5))
LIMITS = limits_for(MACHINE, OwnerLimits(), Direction.BACKWARD)


def meter() -> EnergyMeter:
    return Estimate().meter(70.0, backward=True)


def limits(capabilities: Capabilities) -> Limits:
    return limits_for(capabilities, OwnerLimits(), Direction.BACKWARD)


def test_a_session_of_one_speed_is_drawn_with_its_phases() -> None:
    found = outlook(SessionRequest(length=300, speed=1.5), LIMITS, meter())
    assert [*dict.fromkeys(step.phase for step in found.steps)] == [
        SessionState.WARM_UP,
        SessionState.ACTIVE,
        SessionState.COOL_DOWN,
    ]
    assert max(step.speed.top for step in found.steps) == 1.5
    assert found.steps[-1].begins + found.steps[-1].seconds == 300
    assert 60 < found.meters < 125
    assert 10 < found.kcal < 30
    assert found.cuts == ()


def test_a_session_without_a_speed_stays_at_the_minimum() -> None:
    found = outlook(SessionRequest(length=120), LIMITS, meter())
    assert {step.speed for step in found.steps} == {Ramp(0.5, 0.5)}
    assert found.meters == pytest.approx(120 * 0.5 / 3.6)


def test_what_the_limits_cut_off_one_speed_names_no_step() -> None:
    found = outlook(SessionRequest(length=600, speed=4.0, incline=9.0), LIMITS, meter())
    assert {cut.kind for cut in found.cuts} >= {CutKind.TOO_FAST, CutKind.TOO_STEEP}
    assert {cut.steps for cut in found.cuts} == {()}
    assert max(step.speed.top for step in found.steps) <= 3.0


def test_a_program_is_drawn_as_it_is_and_its_cuts_name_steps() -> None:
    steps = (Step(seconds=240, speed=Ramp(1.0, 1.0)), Step(seconds=240, speed=Ramp(4.0, 4.0)))
    program = Program(name="Fast", direction=Direction.BACKWARD, steps=steps)
    found = outlook(SessionRequest(length=480, program=program), LIMITS, meter())
    [cut] = [cut for cut in found.cuts if cut.kind is CutKind.TOO_FAST]
    assert cut.steps == (2,)


def test_uphill_costs_more() -> None:
    level = outlook(SessionRequest(length=600, speed=1.5), LIMITS, meter())
    hilly = outlook(SessionRequest(length=600, speed=1.5, incline=3.0), LIMITS, meter())
    assert hilly.kcal > level.kcal


def test_a_machine_without_an_incline_is_drawn_level() -> None:
    flat = limits(Capabilities(speed_range=ValueRange(0.5, 6.0, 0.1)))
    found = outlook(SessionRequest(length=120, speed=1.0, incline=None), flat, meter())
    assert {step.incline for step in found.steps} == {None}
    assert found.kcal > 0


def test_a_machine_that_cannot_be_steered_has_no_outlook() -> None:
    assert outlook(SessionRequest(), limits(Capabilities()), meter()) == Outlook()
