"""Calories: the published figures, the limits of the equations, and the integration over time."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.training.history.energy import (
    EnergyMeter,
    EnergyModel,
    acsm_power_per_kg,
    model_power_per_kg,
    power_per_kg,
)

TOLERANCE = 0.01  # kcal

speeds = st.floats(0, 20)
grades = st.floats(-60, 60)
factors = st.floats(1.0, 2.0)
models = st.sampled_from(EnergyModel)


def moving(received: float, speed: float | None, incline: float | None = 0.0) -> Telemetry:
    return Telemetry(received=received, belt=BeltState.MOVING, speed=speed, incline=incline)


def feed(meter: EnergyMeter, minutes: float, speed: float | None, incline: float | None = 0.0) -> EnergyMeter:
    """Simulate steady walking with a report every second."""
    for second in range(round(minutes * 60) + 1):
        meter.update(moving(1000.0 + second, speed, incline))
    return meter


def kcal(power: float, weight: float, minutes: float) -> float:
    return power * weight * minutes * 60 / 4184


# kg, km/h, %, min; forward W/kg, gross, net; backward W/kg, gross, net; ratio (from the sources that energy.py names)
LCDA = [
    (70, 2.0, 0, 5, 2.9696, 14.90, 9.07, 3.6579, 18.36, 12.53, 1.232),
    (70, 1.0, 0, 5, 2.5598, 12.85, 7.01, 3.0637, 15.38, 9.54, 1.197),
    (70, 3.0, 0, 10, 3.3495, 33.62, 21.96, 4.2087, 42.25, 30.58, 1.257),
    (70, 3.0, 2, 10, 3.7451, 37.59, 25.93, 4.6043, 46.22, 34.55, 1.229),
    (70, 5.0, 0, 10, 4.5674, 45.85, 34.18, 5.9747, 59.98, 48.31, 1.308),
    (70, 5.633, 0, 30, 5.2305, 157.52, 122.52, 6.9363, 208.88, 173.88, 1.326),
    (90, 2.5, 3, 20, 3.6738, 94.83, 64.83, 4.4453, 114.74, 84.74, 1.210),
    (70, 4.828, 10, 6, 8.6462, 52.08, 45.08, 9.9860, 60.15, 53.15, 1.155),
]


@pytest.mark.parametrize(("kg", "kmh", "percent", "minutes", "expected"), [(*row[:4], row[4:]) for row in LCDA])
def test_lcda_agrees_with_the_worked_figures(
    kg: float, kmh: float, percent: float, minutes: float, expected: tuple[float, ...]
) -> None:
    powers = []
    for backward, (power, gross, net) in ((False, expected[:3]), (True, expected[3:6])):
        powers.append(power_per_kg(kmh, percent, backward=backward))
        assert powers[-1] == pytest.approx(power, abs=1e-4)
        meter = feed(EnergyMeter(EnergyModel.LCDA, kg, backward), minutes, kmh, percent)
        assert meter.gross_kcal == pytest.approx(gross, abs=TOLERANCE)
        assert meter.net_kcal == pytest.approx(net, abs=TOLERANCE)
    assert powers[1] / powers[0] == pytest.approx(expected[6], abs=1e-3)


# kg, km/h, %, min; ml/kg/min, MET, gross kcal
ACSM = [
    (70, 2.0, 0, 5, 6.833, 1.952, 11.96),
    (70, 3.0, 0, 10, 8.500, 2.429, 29.75),
    (80, 4.0, 0, 10, 10.167, 2.905, 40.67),
    (70, 5.633, 0, 30, 12.888, 3.682, 135.33),
    (70, 5.633, 10, 30, 29.787, 8.511, 312.77),
    (70, 9.6, 2, 10, 38.38, 38.38 / 3.5, 134.33),  # running
]


@pytest.mark.parametrize(("kg", "kmh", "percent", "minutes", "oxygen", "met", "gross"), ACSM)
def test_acsm_agrees_with_the_worked_figures(
    kg: float, kmh: float, percent: float, minutes: float, oxygen: float, met: float, gross: float
) -> None:
    uptake = acsm_power_per_kg(kmh, percent) * 60 / 4184 * 200
    assert uptake == pytest.approx(oxygen, abs=1e-3)
    assert uptake / 3.5 == pytest.approx(met, abs=1e-3)
    for backward in (False, True):  # the console does not know the direction either
        meter = feed(EnergyMeter(EnergyModel.ACSM, kg, backward), minutes, kmh, percent)
        assert meter.gross_kcal == pytest.approx(gross, abs=TOLERANCE)


def test_acsm_agrees_with_the_published_example() -> None:
    uptake = acsm_power_per_kg(3.5 * 1.609344, 10) * 60 / 4184 * 200
    assert uptake == pytest.approx(29.76, abs=0.05)  # calculated there with 93.8 m/min


@pytest.mark.parametrize(("percent", "met", "tolerance"), [(0, 6.0, 0.04), (5, 8.0, 0.22)])
def test_backward_agrees_with_the_compendium(percent: float, met: float, tolerance: float) -> None:
    power = power_per_kg(5.633, percent, backward=True)
    assert power / (4184 / 3600) == pytest.approx(met, abs=tolerance)
    table = kcal(met * 4184 / 3600, 70, 30)  # 210 or 280 kcal gross, 175 or 245 net
    assert table == pytest.approx({6.0: 210.0, 8.0: 280.0}[met], abs=TOLERANCE)
    assert table - 35 == pytest.approx({6.0: 175.0, 8.0: 245.0}[met], abs=TOLERANCE)


@pytest.mark.parametrize(("percent", "ratio"), [(5, 1.21), (7.5, 1.18), (10, 1.155)])
def test_backward_uphill_agrees_with_the_measured_ratios(percent: float, ratio: float) -> None:
    there = power_per_kg(4.828, percent, backward=True) / power_per_kg(4.828, percent, backward=False)
    assert there == pytest.approx(ratio, abs=0.006)


@pytest.mark.parametrize(("kmh", "ratio"), [(1, 1.20), (2, 1.23), (3, 1.26), (4, 1.28), (5, 1.31), (5.63, 1.33)])
def test_backward_on_the_level_is_not_forty_percent_more(kmh: float, ratio: float) -> None:
    assert power_per_kg(kmh, 0, backward=True) / power_per_kg(kmh, 0, backward=False) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("percent", [0, 3, 10])
def test_the_article_mode_is_flatly_forty_percent_more(percent: float) -> None:
    forward = power_per_kg(2.5, percent, backward=False)
    assert model_power_per_kg(EnergyModel.ARTICLE, 2.5, percent, backward=False) == forward
    backward = model_power_per_kg(EnergyModel.ARTICLE, 2.5, percent, backward=True, backward_factor=2.0)
    assert backward == pytest.approx(1.4 * forward)


def test_the_backward_factor_is_the_owners() -> None:
    level = power_per_kg(3, 0, backward=False) - 1.44
    for factor in (1.0, 1.2, 2.0):
        assert model_power_per_kg(EnergyModel.LCDA, 3, 0, backward=True, backward_factor=factor) == pytest.approx(
            1.44 + factor * level
        )


def test_standing_costs_what_standing_costs() -> None:
    assert power_per_kg(0, 0, backward=True) == power_per_kg(0, 10, backward=False) == 1.44
    assert power_per_kg(-1, 0, backward=False) == 1.44


@pytest.mark.parametrize("percent", [-5, 0, 2, 15])
def test_between_walking_and_running_lies_a_straight_line(percent: float) -> None:
    """Interpolate between the end of LCDA at 7.06 km/h and ACSM's running from 8 km/h."""
    ends, begins = power_per_kg(7.06, percent, backward=False), power_per_kg(8.0, percent, backward=False)
    assert begins == pytest.approx(acsm_power_per_kg(8.0, percent))
    assert power_per_kg(7.53, percent, backward=False) == pytest.approx((ends + begins) / 2)
    assert power_per_kg(7.0601, percent, backward=False) == pytest.approx(ends, abs=1e-3)
    assert power_per_kg(7.9999, percent, backward=False) == pytest.approx(begins, abs=1e-3)
    assert power_per_kg(12.0, percent, backward=False) == pytest.approx(acsm_power_per_kg(12.0, percent))


def test_downhill_costs_less_by_lcda_and_as_much_as_level_by_acsm() -> None:
    assert power_per_kg(4, -5, backward=False) < power_per_kg(4, 0, backward=False)
    assert acsm_power_per_kg(4, -5) == acsm_power_per_kg(4, 0)


@given(models, speeds, grades, st.booleans(), factors)
def test_power_is_never_negative_and_finite(
    model: EnergyModel, speed: float, grade: float, backward: bool, factor: float
) -> None:
    assert 0 <= model_power_per_kg(model, speed, grade, backward=backward, backward_factor=factor) < 500


@given(speeds, speeds, st.floats(0, 15), st.booleans(), models)
def test_faster_is_never_cheaper(one: float, other: float, grade: float, backward: bool, model: EnergyModel) -> None:
    slow, fast = sorted((one, other))
    # Not on steep grades: ACSM's equation for running counts half of the climb that the one for walking counts.
    grade = grade if fast <= 7.06 else 0.0
    slow_power = model_power_per_kg(model, slow, grade, backward=backward)
    assert model_power_per_kg(model, fast, grade, backward=backward) >= slow_power - 1e-9


@given(st.floats(0.1, 7.06), st.floats(0, 15), st.floats(0, 15), models)
def test_steeper_is_never_cheaper(speed: float, one: float, other: float, model: EnergyModel) -> None:
    flat, steep = sorted((one, other))
    flat_power = model_power_per_kg(model, speed, flat, backward=True)
    assert model_power_per_kg(model, speed, steep, backward=True) >= flat_power - 1e-9


telemetries = st.lists(
    st.builds(
        Telemetry,
        received=st.floats(0, 1000),
        belt=st.sampled_from(BeltState),
        speed=st.none() | speeds,
        incline=st.none() | grades,
    ),
    max_size=30,
)


@given(models, st.floats(20, 300), st.booleans(), factors, telemetries)
def test_calories_only_grow_and_net_is_never_more_than_gross(
    model: EnergyModel, weight: float, backward: bool, factor: float, reports: list[Telemetry]
) -> None:
    meter = EnergyMeter(model, weight, backward, factor)
    for telemetry in reports:  # in any order: time that goes backward adds nothing
        gross, net = meter.gross_kcal, meter.net_kcal
        meter.update(telemetry)
        assert meter.gross_kcal >= gross
        assert meter.net_kcal >= net
        assert 0 <= meter.net_kcal <= meter.gross_kcal


@given(models, st.floats(0.1, 12), st.floats(0, 15), st.lists(st.floats(0.001, 5.0), min_size=1, max_size=20))
def test_how_often_the_machine_reports_changes_nothing(
    model: EnergyModel, speed: float, grade: float, steps: list[float]
) -> None:
    """Check that splitting each interval in three does not change the calories."""
    whole, split = EnergyMeter(model, 70, True), EnergyMeter(model, 70, True)
    now = 50.0
    whole.update(moving(now, speed, grade))
    split.update(moving(now, speed, grade))
    for step in steps:
        for part in (step / 3, step / 2):
            split.update(moving(now + part, speed, grade))
        now += step * 0.999  # within the gap, despite rounding
        whole.update(moving(now, speed, grade))
        split.update(moving(now, speed, grade))
    assert split.gross_kcal == pytest.approx(whole.gross_kcal)
    assert split.net_kcal == pytest.approx(whole.net_kcal)


def test_a_gap_is_not_walked() -> None:
    meter = EnergyMeter(EnergyModel.LCDA, 70, True)
    meter.update(moving(0, 2.0))
    meter.update(moving(5.0, 2.0))
    burned = meter.gross_kcal
    assert burned == pytest.approx(kcal(3.6579, 70, 5 / 60), abs=TOLERANCE)
    meter.update(moving(10.001, 2.0))
    assert meter.gross_kcal == burned
    meter.update(moving(11.001, 2.0))
    assert meter.gross_kcal == pytest.approx(burned * 6 / 5)


@pytest.mark.parametrize("belt", [BeltState.UNKNOWN, BeltState.AT_REST, BeltState.COUNTDOWN])
def test_a_belt_at_rest_burns_nothing(belt: BeltState) -> None:
    meter = EnergyMeter(EnergyModel.LCDA, 70, True)
    for second in range(10):
        meter.update(Telemetry(received=float(second), belt=belt, speed=2.0, incline=0.0))
    assert meter.gross_kcal == meter.net_kcal == 0


@pytest.mark.parametrize("speed", [None, 0.0])
def test_a_belt_of_unknown_speed_burns_nothing(speed: float | None) -> None:
    assert feed(EnergyMeter(EnergyModel.LCDA, 70, True), 1, speed).gross_kcal == 0


def test_a_machine_without_incline_is_level() -> None:
    meter = feed(EnergyMeter(EnergyModel.LCDA, 70, True), 5, 2.0, None)
    assert meter.gross_kcal == pytest.approx(18.36, abs=TOLERANCE)


def test_a_gap_can_be_filled_from_counters() -> None:
    meter = EnergyMeter(EnergyModel.LCDA, 70, True)
    meter.add(300, 2.0, 0.0)
    assert meter.gross_kcal == pytest.approx(18.36, abs=TOLERANCE)
    meter.add(-1, 2.0, 0.0)
    assert meter.gross_kcal == pytest.approx(18.36, abs=TOLERANCE)


@pytest.mark.parametrize("weight", [0, -70, nan, inf])
def test_a_weight_that_nobody_has_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        EnergyMeter(EnergyModel.LCDA, weight, True)


def test_doubted_inclines_cost_nothing() -> None:
    level, doubted = (EnergyMeter(EnergyModel.LCDA, 70.0, backward=True) for _ in range(2))
    for second in range(60):
        report = Telemetry(received=float(second), belt=BeltState.MOVING, speed=3.0, incline=15.0, incline_doubted=True)
        doubted.update(report)
        level.update(report._replace(incline=0.0, incline_doubted=False))
    assert doubted.gross_kcal == level.gross_kcal > 0
