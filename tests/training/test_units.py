"""Property tests of what a house in miles and pounds shows, and of what comes back from it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import KM_PER_MILE, ValueRange
from custom_components.retrowalk.training.units import Speed, Units

METRIC, MILES = Units(), Units(miles=True, pounds=True)
NOISE = 1e-9

STEPS = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.16, 0.2, 0.25, 0.3, 0.5, 1.0])
DECIMALS = st.integers(min_value=1, max_value=30_000).map(lambda thousandths: thousandths / 1000)
TYPED = st.integers(min_value=0, max_value=2500).map(lambda hundredths: hundredths / 100)


@st.composite
def machines(draw: st.DrawFn) -> ValueRange:
    """Return speeds of some machine; a limit need not be one of its steps."""
    step = draw(STEPS)
    minimum = round(draw(st.integers(min_value=1, max_value=200)) * 0.05, 2)
    steps = draw(st.integers(min_value=1, max_value=150))
    beyond = draw(st.sampled_from([0.0, 0.0, 0.3, 0.9]))
    return ValueRange(minimum, round(minimum + (steps + beyond) * step, 3), step)


def grid_of(allowed: ValueRange) -> list[float]:
    """Return every speed that a machine makes."""
    count = int((allowed.maximum - allowed.minimum) / allowed.step + NOISE)
    return [round(allowed.minimum + number * allowed.step, 6) for number in range(count + 1)]


@given(machines())
def test_showing_and_saving_a_speed_of_a_machine_changes_nothing(allowed: ValueRange) -> None:
    for kmh in grid_of(allowed):
        assert MILES.kmh_on(allowed, MILES.shown_on(allowed, kmh)) == pytest.approx(kmh, abs=NOISE)


@given(machines(), TYPED)
def test_what_comes_back_is_a_step_of_the_machine_inside_its_limits(allowed: ValueRange, typed: float) -> None:
    kmh = MILES.kmh_on(allowed, typed)
    assert allowed.minimum <= kmh <= allowed.maximum
    assert min(abs(kmh - step) for step in grid_of(allowed)) < NOISE


@given(machines())
def test_a_slider_never_ends_above_the_limit(allowed: ValueRange) -> None:
    shown = MILES.shown_range(allowed)
    assert shown.maximum * KM_PER_MILE <= allowed.maximum + NOISE
    assert 0 < shown.step * KM_PER_MILE <= allowed.step + NOISE
    for kmh in grid_of(allowed):
        assert MILES.shown_on(allowed, kmh) <= shown.maximum


@given(machines())
def test_one_press_of_plus_is_one_step_of_the_machine(allowed: ValueRange) -> None:
    grid, step = grid_of(allowed), MILES.shown_range(allowed).step
    for kmh, faster in pairwise(grid):
        up = MILES.shown_on(allowed, kmh) + step
        down = MILES.shown_on(allowed, faster) - step
        assert MILES.kmh_on(allowed, up) == pytest.approx(faster, abs=NOISE)
        assert MILES.kmh_on(allowed, down) == pytest.approx(kmh, abs=NOISE)


def test_the_speeds_of_a_usual_machine_have_two_decimals() -> None:
    usual = ValueRange(1.0, 6.0, 0.1)
    assert MILES.shown_range(usual) == ValueRange(0.62, 3.72, 0.06)
    assert [MILES.shown_on(usual, kmh) for kmh in (1.0, 1.5, 3.0, 6.0)] == [0.62, 0.93, 1.86, 3.72]


def test_a_speed_outside_the_limits_is_shown_as_it_is() -> None:
    assert MILES.shown_on(ValueRange(1.0, 3.0, 0.1), 4.0) == 2.49


def test_a_step_that_no_decimals_tell_apart_is_shown_as_finely_as_possible() -> None:
    assert MILES.shown_on(ValueRange(1.0, 3.0, 1e-9), 1.0) == 0.621371


@given(DECIMALS)
def test_a_field_that_was_not_changed_returns_exactly_the_same_speed(kmh: float) -> None:
    assert MILES.kmh(MILES.speed(kmh)) == kmh


@given(TYPED)
def test_a_speed_that_was_entered_is_shown_as_it_was_entered(typed: float) -> None:
    assert MILES.shown_speed(MILES.kmh(typed)) == typed
    assert MILES.speed(MILES.kmh(typed)) == typed


@pytest.mark.parametrize(("kmh", "shown"), [(1.7, 1.06), (2.0, 1.24), (3.22, 2.0), (1.75, 1.09), (1.76, 1.094)])
def test_a_speed_has_no_more_decimals_than_it_needs(kmh: float, shown: float) -> None:
    assert MILES.speed(kmh) == shown
    assert MILES.kmh(shown) == kmh


def test_a_speed_with_endless_decimals_comes_back_with_six() -> None:
    assert MILES.kmh(MILES.speed(5 / 3)) == pytest.approx(5 / 3, abs=1e-6)
    assert MILES.kmh(1.23456789) == pytest.approx(1.23456789 * KM_PER_MILE, abs=1e-6)


LIMITS = st.integers(min_value=5, max_value=250).map(lambda tenths: tenths / 10)


@given(LIMITS, LIMITS, LIMITS)
def test_a_limit_that_was_not_changed_stays(first: float, before: float, second: float) -> None:
    lowest, highest = sorted((first, second))
    allowed = ValueRange(lowest, highest, 0.1)
    shown, slider = MILES.shown_limit(allowed, before), MILES.limit_range(allowed)
    assert shown <= slider.maximum <= highest / KM_PER_MILE + NOISE
    assert MILES.limit_kmh(allowed, shown, before=before) == min(max(before, lowest), highest)


@given(LIMITS, TYPED)
def test_a_limit_is_never_above_what_was_entered(highest: float, typed: float) -> None:
    lowest = 0.5
    allowed = ValueRange(lowest, highest, 0.1)
    kmh = MILES.limit_kmh(allowed, typed, before=lowest)
    assert lowest <= kmh <= highest
    assert kmh <= max(typed * KM_PER_MILE, lowest) + NOISE
    if lowest < kmh < highest:
        assert MILES.shown_limit(allowed, kmh) == min(typed, MILES.speed_at_most(highest))


@given(DECIMALS)
def test_a_limit_is_never_told_as_more_than_it_is(kmh: float) -> None:
    assert MILES.speed_at_most(kmh) * KM_PER_MILE <= kmh + NOISE
    assert MILES.speed_at_most(kmh) <= MILES.shown_speed(kmh)


@given(st.integers(min_value=1, max_value=300).map(lambda tenths: tenths / 10))
def test_a_limit_that_is_entered_as_it_was_told_is_inside_it(kmh: float) -> None:
    assert MILES.kmh(MILES.speed_at_most(kmh)) <= kmh
    assert MILES.kmh(MILES.shown_speed(kmh)) == kmh


def test_a_whole_number_of_miles_is_not_rounded_away() -> None:
    assert MILES.speed_at_most(2 * KM_PER_MILE) == 2.0


WEIGHTS = ValueRange(20.0, 300.0, 0.1)


@given(st.integers(min_value=200, max_value=3000).map(lambda tenths: tenths / 10))
def test_a_weight_that_was_not_changed_stays(kg: float) -> None:
    assert MILES.kg(MILES.weight(kg), WEIGHTS) == kg
    shown = MILES.weight_range(WEIGHTS)
    assert shown.minimum <= MILES.weight(kg) <= shown.maximum


@given(st.integers(min_value=441, max_value=6614).map(lambda tenths: tenths / 10))
def test_a_weight_comes_back_inside_its_limits(pounds: float) -> None:
    kg = MILES.kg(pounds, WEIGHTS)
    assert 20 <= kg <= 300
    assert abs(MILES.weight(kg) - pounds) <= 0.1 + NOISE


@pytest.mark.parametrize(
    ("meters", "metric", "miles"),
    [
        (0, (0, "m"), (0, "ft")),
        (83.4, (83, "m"), (274, "ft")),
        (304, (304, "m"), (997, "ft")),
        (304.7, (305, "m"), (0.19, "mi")),
        (999.4, (999, "m"), (0.62, "mi")),
        (999.6, (1.0, "km"), (0.62, "mi")),
        (1609.344, (1.61, "km"), (1.0, "mi")),
    ],
)
def test_a_short_distance_is_told_in_the_smaller_unit(
    meters: float, metric: tuple[float, str], miles: tuple[float, str]
) -> None:
    assert METRIC.distance(meters) == metric
    assert MILES.distance(meters) == miles


@given(DECIMALS, machines())
def test_a_metric_house_converts_nothing(value: float, allowed: ValueRange) -> None:
    for same in (METRIC.shown_speed, METRIC.speed_at_most, METRIC.speed, METRIC.kmh):
        assert same(value) == value
    assert METRIC.weight(value) == METRIC.kg(value, allowed) == value
    assert METRIC.weight_range(allowed) == METRIC.shown_range(allowed) == allowed
    assert METRIC.shown_on(allowed, value) == METRIC.kmh_on(allowed, value) == value
    assert METRIC.limit_range(allowed) == allowed
    assert METRIC.limit_kmh(allowed, value, before=1) == value
    assert METRIC.shown_limit(allowed, value) == min(max(value, allowed.minimum), allowed.maximum)


def test_a_house_names_its_units() -> None:
    assert (METRIC.speed_unit, METRIC.weight_unit, METRIC.distance_unit) == ("km/h", "kg", "km")
    assert (MILES.speed_unit, MILES.weight_unit, MILES.distance_unit) == ("mph", "lb", "mi")
    assert replace(MILES, pounds=False).weight(70) == 70


def test_a_speed_without_a_grid_comes_back_as_it_was_entered() -> None:
    assert MILES.shown_on(None, 3.22) == 2.0
    assert MILES.kmh_on(None, 2.0) == 3.22


@pytest.mark.parametrize(("meters", "metric", "feet"), [(2, "2 m", "7 ft"), (1.5, "1.5 m", "5 ft")])
def test_free_space_is_never_told_as_less_than_it_is(meters: float, metric: str, feet: str) -> None:
    assert (METRIC.free_space(meters), MILES.free_space(meters)) == (metric, feet)


def test_the_speeds_of_a_text_are_written_with_their_unit() -> None:
    values = {"step": "2", "value": Speed(40.0), "maximum": Speed(25)}
    assert METRIC.written(values) == {"step": "2", "value": "40", "maximum": "25", "speed_unit": "km/h"}
    assert MILES.written(values) == {"step": "2", "value": "24.85", "maximum": "15.53", "speed_unit": "mph"}
    assert MILES.written({"step": "2"}) == {"step": "2"}


@pytest.mark.parametrize("low", [0.5, 0.6, 1.0])
@pytest.mark.parametrize("step", [0.1, 0.2, 0.5, 0.01])
def test_in_a_house_in_kilometers_a_machine_in_miles_has_speeds_of_two_decimals(low: float, step: float) -> None:
    allowed = ValueRange(*(round(mph * KM_PER_MILE, 8) for mph in (low, low + 20 * step, step)))
    slider = METRIC.shown_range(allowed)
    assert slider.maximum <= allowed.maximum
    assert slider.step <= allowed.step
    for steps in range(21):
        kmh = round(allowed.minimum + steps * allowed.step, 8)
        shown = METRIC.shown_on(allowed, kmh)
        assert METRIC.kmh_on(allowed, shown) == pytest.approx(kmh)
        if step > 0.01:
            assert shown == round(shown, 2)
    plain = ValueRange(0.5, 12.0, 0.1)
    assert METRIC.shown_range(plain) == plain
    assert METRIC.kmh_on(plain, 1.234) == 1.234
