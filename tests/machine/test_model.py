"""Tests for the model: snapping to a machine's grid is exact, and stored values are restored unchanged."""

import json
import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, ValueRange

SPEEDS = ValueRange(0.5, 6.0, 0.1)


@st.composite
def ranges(draw: st.DrawFn) -> ValueRange:
    """Return a range that a machine may report: hundredths, any step, a maximum that may be off the grid."""
    low = draw(st.integers(-3000, 3000))
    high = draw(st.integers(low, 3000))
    step = draw(st.integers(1, 1000))
    return ValueRange(low / 100, high / 100, step / 100)


values = st.floats(-100, 100) | st.integers(-10000, 10000).map(lambda hundredths: hundredths / 100)


def grid(values: ValueRange) -> list[Decimal]:
    low, high, step = (Decimal(str(number)) for number in (values.minimum, values.maximum, values.step))
    return [low + step * count for count in range(int((high - low) / step) + 1)]


@given(ranges(), values)
def test_a_snapped_value_is_the_nearest_that_the_machine_accepts(accepted: ValueRange, value: float) -> None:
    points = grid(accepted)
    snapped = Decimal(str(accepted.snap(value)))
    assert snapped in points
    wanted = Decimal(str(round(value, 6)))
    assert abs(snapped - wanted) == min(abs(point - wanted) for point in points)


@given(ranges(), values)
def test_a_value_can_be_snapped_down_and_up(accepted: ValueRange, value: float) -> None:
    points = grid(accepted)
    wanted = Decimal(str(round(value, 6)))
    below = [point for point in points if point <= wanted]
    above = [point for point in points if point >= wanted]
    assert Decimal(str(accepted.snap(value, rounding=ROUND_FLOOR))) == (below[-1] if below else points[0])
    assert Decimal(str(accepted.snap(value, rounding=ROUND_CEILING))) == (above[0] if above else points[-1])


@given(ranges(), values, st.sampled_from([ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_UP]))
def test_what_is_on_the_grid_stays(accepted: ValueRange, value: float, rounding: str) -> None:
    snapped = accepted.snap(value)
    assert accepted.snap(snapped, rounding=rounding) == snapped


def test_every_tenth_stays_the_float_that_a_person_would_write() -> None:
    wide = ValueRange(0.5, 20.0, 0.1)
    for tenths in range(5, 201):
        assert wide.snap(tenths / 10) == tenths / 10
        assert wide.snap(sum([0.1] * tenths)) == tenths / 10  # with the floating-point noise of a sum


@pytest.mark.parametrize(
    ("value", "rounding", "snapped"),
    [
        (2.34, ROUND_HALF_UP, 2.3),
        (2.35, ROUND_HALF_UP, 2.4),
        (2.39, ROUND_FLOOR, 2.3),
        (2.31, ROUND_CEILING, 2.4),
        (2.3000000000000003, ROUND_CEILING, 2.3),
        (2.2999999999999998, ROUND_FLOOR, 2.3),
        (0, ROUND_FLOOR, 0.5),
        (99, ROUND_CEILING, 6.0),
        (1e300, ROUND_CEILING, 6.0),
    ],
)
def test_snapping_by_example(value: float, rounding: str, snapped: float) -> None:
    assert SPEEDS.snap(value, rounding=rounding) == snapped


def test_a_maximum_beside_the_grid_is_not_exceeded() -> None:
    assert ValueRange(1.0, 5.9, 0.5).snap(5.9) == 5.5
    assert ValueRange(1.0, 1.3, 0.5).snap(9) == 1.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_snapped(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        SPEEDS.snap(value)


@pytest.mark.parametrize(
    "capabilities",
    [
        Capabilities(),
        Capabilities(speed_range=SPEEDS, can_start_and_stop=True, reports_steps=True),
        Capabilities(speed_range=SPEEDS, incline_range=ValueRange(-3.0, 15.0, 0.5), reports_incline=True),
    ],
)
def test_capabilities_come_back_from_json(capabilities: Capabilities) -> None:
    assert Capabilities.from_dict(json.loads(json.dumps(capabilities.as_dict()))) == capabilities


@pytest.mark.parametrize("info", [MachineInfo(), MachineInfo(manufacturer="Maker", model="Läufer", firmware="1.2")])
def test_information_comes_back_from_json(info: MachineInfo) -> None:
    assert MachineInfo.from_dict(json.loads(json.dumps(info.as_dict()))) == info


def test_what_another_version_kept_loads() -> None:
    assert MachineInfo.from_dict({"model": "Walker", "colour": "red"}) == MachineInfo(model="Walker")
    kept = {"can_start_and_stop": True, "can_fly": True, "speed_range": {"minimum": 0.5, "maximum": 6.0, "step": 0.1}}
    assert Capabilities.from_dict(kept) == Capabilities(can_start_and_stop=True, speed_range=SPEEDS)
    assert Capabilities.from_dict({}) == Capabilities()


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("Horizon", "7.0AT", "Horizon 7.0AT"),
        ("KingSmith", "kingsmith WalkingPad", "kingsmith WalkingPad"),
        (None, "SW56", "SW56"),
        (" FitShow ", None, "FitShow"),
        (None, None, None),
        ("", " ", None),
    ],
)
def test_a_machine_has_its_manufacturer_and_model_as_a_name(
    manufacturer: str | None, model: str | None, name: str | None
) -> None:
    assert MachineInfo(manufacturer=manufacturer, model=model).name == name


@pytest.mark.parametrize(
    ("wanted", "rounding", "given"),
    [
        (1.4, ROUND_HALF_UP, 1.0),
        (1.5, ROUND_HALF_UP, 2.0),
        (1.5, ROUND_FLOOR, 1.0),
        (1.2, ROUND_CEILING, 2.0),
        (9.0, ROUND_CEILING, 4.0),
        (-9.0, ROUND_FLOOR, 1.0),
    ],
)
def test_of_a_machine_that_knows_some_values_only_these_are_sent(wanted: float, rounding: str, given: float) -> None:
    assert ValueRange.of((1.0, 2.0, 4.0)).snap(wanted, rounding=rounding) == given


@pytest.mark.parametrize(
    ("kept", "loaded"),
    [
        ({"minimum": 1, "maximum": 4, "step": 2, "values": [1, 2, 4]}, ValueRange.of((1.0, 2.0, 4.0))),
        ({"minimum": 1, "maximum": 4, "step": 2, "values": [1, "2", 4, 9]}, ValueRange.of((1.0, 4.0))),
        ({"minimum": 1, "maximum": 4, "step": 2, "values": ["?"]}, None),
        ({"minimum": 1, "maximum": 4, "step": 2, "values": []}, ValueRange(1, 4, 2)),
        ({"minimum": 4, "maximum": 1, "step": 2}, None),
        ({"minimum": 1, "maximum": 4, "step": 0}, None),
        ({"minimum": 1, "maximum": math.inf, "step": 1}, None),
        ({"minimum": "1", "maximum": 4, "step": 1}, None),
        ("1-4", None),
    ],
)
def test_a_damaged_range_is_none_and_never_a_wider_one(kept: object, loaded: ValueRange | None) -> None:
    assert Capabilities.from_dict({"speed_range": kept}).speed_range == loaded
