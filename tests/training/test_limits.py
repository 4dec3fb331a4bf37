import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.limits import (
    Direction,
    Limits,
    Measured,
    OwnerLimits,
    Pace,
    limits_for,
    real_speeds,
)

SPEEDS = ValueRange(1.0, 12.0, 0.1)
INCLINES = ValueRange(0.0, 15.0, 0.5)


def limits(
    direction: Direction = Direction.BACKWARD,
    *,
    speed: ValueRange | None = SPEEDS,
    incline: ValueRange | None = INCLINES,
    **owner: float | bool,
) -> Limits:
    return limits_for(Capabilities(speed_range=speed, incline_range=incline), OwnerLimits(**owner), direction)


def test_s4_backward_is_three_kmh_and_three_percent_unless_the_owner_says_otherwise() -> None:
    its_limits = limits()
    assert its_limits.speed == ValueRange(1.0, 3.0, 0.1)
    assert its_limits.incline == ValueRange(0.0, 3.0, 0.5)
    assert its_limits.longest == 30 * 60


@pytest.mark.parametrize("requested", [5.0, 6.0, 7.5, 100.0, float("inf")])
def test_s4_no_option_lifts_backward_above_five_kmh(requested: float) -> None:
    its_limits = limits(backward_speed=requested, backward_incline=requested * 10)
    assert its_limits.speed is not None
    assert its_limits.speed.maximum == 5.0
    assert its_limits.incline is not None
    assert its_limits.incline.maximum == 10.0


def test_s4_forward_is_six_kmh_unless_the_owner_says_otherwise() -> None:
    its_limits = limits(Direction.FORWARD)
    assert its_limits.speed == ValueRange(1.0, 6.0, 0.1)
    assert its_limits.incline == INCLINES
    assert its_limits.longest == 120 * 60
    assert limits(Direction.FORWARD, forward_speed=30.0).speed == SPEEDS


def test_s1_without_key_or_rail_backward_is_slow_level_and_short() -> None:
    its_limits = limits(reduced=True, backward_speed=5.0, backward_incline=10.0)
    assert its_limits.speed == ValueRange(1.0, 2.0, 0.1)
    assert its_limits.incline == ValueRange(0.0, 0.0, 0.5)
    assert its_limits.longest == 10 * 60


def test_s1_a_lower_limit_of_the_owner_holds_in_reduced_mode_too() -> None:
    its_limits = limits(reduced=True, backward_speed=1.5)
    assert its_limits.speed is not None
    assert its_limits.speed.maximum == 1.5


def test_s1_reduced_mode_does_not_touch_forward() -> None:
    assert limits(Direction.FORWARD, reduced=True).speed == ValueRange(1.0, 6.0, 0.1)


def test_s4_a_machine_that_cannot_go_slowly_enough_has_no_backward_control() -> None:
    assert limits(speed=ValueRange(3.2, 16.0, 0.1)).speed is None
    assert limits(speed=ValueRange(3.2, 16.0, 0.1)).speed_up is None
    assert limits(Direction.FORWARD, speed=ValueRange(3.2, 16.0, 0.1)).speed is not None


def test_what_a_machine_cannot_do_is_not_controlled() -> None:
    its_limits = limits(speed=None, incline=None)
    assert (
        its_limits.speed,
        its_limits.incline,
        its_limits.speed_up,
        its_limits.incline_pace,
        its_limits.steepest,
    ) == (None,) * 5
    assert its_limits.speed_down == Pace(step=0.5, seconds=2.0)
    with pytest.raises(ValueError, match="speed cannot be controlled"):
        its_limits.allowed_speed(2.0)
    with pytest.raises(ValueError, match="incline cannot be controlled"):
        its_limits.allowed_incline(2.0)


@pytest.mark.parametrize(
    ("requested", "allowed"), [(2.34, 2.3), (0.0, 1.0), (-5.0, 1.0), (3.0, 3.0), (3.04, 3.0), (99.0, 3.0)]
)
def test_s4_requests_are_clamped_to_the_machines_grid(requested: float, allowed: float) -> None:
    assert limits().allowed_speed(requested) == allowed


@pytest.mark.parametrize(("requested", "allowed"), [(1.2, 1.0), (1.3, 1.5), (-2.0, 0.0), (9.0, 3.0)])
def test_s4_inclines_are_clamped_to_the_machines_grid(requested: float, allowed: float) -> None:
    assert limits().allowed_incline(requested) == allowed


def test_s4_the_ceiling_lies_on_the_machines_grid() -> None:
    assert limits(speed=ValueRange(0.8, 12.0, 0.16)).speed == ValueRange(0.8, 2.88, 0.16)
    assert limits(speed=ValueRange(1.0, 2.5, 0.1)).speed == ValueRange(1.0, 2.5, 0.1)


def test_s4_backward_is_never_downhill() -> None:
    assert limits(incline=ValueRange(-3.0, 15.0, 0.5)).incline == ValueRange(0.0, 3.0, 0.5)
    assert limits(incline=ValueRange(-3.0, 15.0, 0.5), reduced=True).incline == ValueRange(0.0, 0.0, 0.5)
    assert limits(incline=ValueRange(-3.0, 15.0, 0.7)).incline == ValueRange(0.5, 2.6, 0.7)
    assert limits(incline=ValueRange(-3.0, 15.0, 0.8), reduced=True).incline is None
    assert limits(Direction.FORWARD, incline=ValueRange(-3.0, 15.0, 0.5)).incline == ValueRange(-3.0, 15.0, 0.5)


def test_s18_a_deck_that_is_never_level_enough_is_known_to_be_too_steep() -> None:
    its_limits = limits(incline=ValueRange(2.0, 15.0, 0.5), reduced=True)
    assert its_limits.incline is None
    assert its_limits.steepest == 0.0


@pytest.mark.parametrize(
    ("step", "pace"),
    [
        (0.01, Pace(step=0.1, seconds=5.0)),
        (0.1, Pace(step=0.1, seconds=5.0)),
        (0.16, Pace(step=0.16, seconds=8.0)),
        (0.2, Pace(step=0.2, seconds=10.0)),
        (0.5, Pace(step=0.5, seconds=25.0)),
        (1.0, None),
    ],
)
def test_s5_backward_rises_are_small_and_far_apart(step: float, pace: Pace | None) -> None:
    speed_up = limits(speed=ValueRange(1.0, 12.0, step)).speed_up
    if pace is None or speed_up is None:
        assert speed_up is pace
        return
    assert (speed_up.step, speed_up.seconds) == pytest.approx((pace.step, pace.seconds))


@pytest.mark.parametrize(("step", "largest"), [(0.01, 0.5), (0.1, 0.5), (0.5, 0.5), (1.0, 1.0)])
def test_s5_falls_are_half_a_kmh_two_seconds_apart_where_the_machine_can(step: float, largest: float) -> None:
    assert limits(speed=ValueRange(1.0, 12.0, step)).speed_down == Pace(step=largest, seconds=2.0)


@pytest.mark.parametrize(
    ("step", "pace"),
    [
        (0.1, Pace(step=0.5, seconds=10.0)),
        (0.5, Pace(step=0.5, seconds=10.0)),
        (1.0, Pace(step=1.0, seconds=20.0)),
        (2.0, None),
    ],
)
def test_s5_the_deck_moves_slowly_under_a_backward_walker(step: float, pace: Pace | None) -> None:
    assert limits(incline=ValueRange(0.0, 14.0, step), backward_incline=10.0).incline_pace == pace


def test_s5_forward_paces() -> None:
    its_limits = limits(Direction.FORWARD, incline=ValueRange(0.0, 14.0, 2.0))
    assert its_limits.speed_up == Pace(step=0.5, seconds=2.0)
    assert its_limits.incline_pace == Pace(step=2.0, seconds=20.0)
    assert limits(Direction.FORWARD, speed=ValueRange(1.0, 12.0, 1.0)).speed_up == Pace(step=1.0, seconds=2.0)


@pytest.mark.parametrize(
    ("machine", "measured", "speeds"),
    [
        (ValueRange(0.0, 20.0, 0.1), Measured(), ValueRange(0.1, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.01), Measured(), ValueRange(0.1, 20.0, 0.01)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.6), ValueRange(0.6, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.62), ValueRange(0.6, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.64), ValueRange(0.7, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=1.0, lowest=0.8), ValueRange(0.8, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(start_speed=1.0), ValueRange(0.3, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(start_speed=1.0, lowest=0.8), ValueRange(0.8, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(lowest=0.1), ValueRange(0.3, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.6, step=0.2), ValueRange(0.6, 20.0, 0.2)),
        (ValueRange(0.0, 0.5, 0.1), Measured(start_speed=0.6), None),
        (None, Measured(start_speed=0.6), None),
    ],
)
def test_s9_the_speeds_of_a_belt_begin_where_it_was_seen_to_obey(
    machine: ValueRange | None, measured: Measured, speeds: ValueRange | None
) -> None:
    assert real_speeds(machine, measured) == speeds
    its_limits = limits_for(Capabilities(speed_range=machine), OwnerLimits(), Direction.BACKWARD, measured=measured)
    assert (its_limits.speed is None) == (speeds is None)
    if speeds is not None:
        assert its_limits.allowed_speed(0.0) == speeds.minimum > 0


numbers = st.integers(-100, 65535).map(lambda hundredths: hundredths / 100)


@given(
    st.tuples(numbers, numbers).map(sorted),
    st.integers(1, 65535).map(lambda hundredths: hundredths / 100),
    st.none() | st.floats(0.0, 30.0),
    st.none() | st.floats(0.0, 30.0),
    st.none() | st.floats(0.01, 5.0),
    st.sampled_from(Direction),
)
def test_s9_whatever_a_machine_claims_and_does_zero_is_never_a_speed_and_no_limit_is_passed(
    bounds: list[float],
    step: float,
    start_speed: float | None,
    lowest: float | None,
    real_step: float | None,
    direction: Direction,
) -> None:
    machine = ValueRange(*bounds, step)
    measured = Measured(start_speed=start_speed, lowest=lowest, step=real_step)
    its_limits = limits_for(Capabilities(speed_range=machine), OwnerLimits(), direction, measured=measured)
    if its_limits.speed is None:
        return
    for asked in (0.0, 0.3, 1.0, 3.0, 99.0):
        kmh = its_limits.allowed_speed(asked)
        assert round(kmh * 100) > 0
        assert max(machine.minimum, 0.0) <= kmh <= min(machine.maximum, its_limits.ceiling)


def test_s18_a_deck_whose_inclines_are_only_supposed_is_watched_and_never_moved() -> None:
    capabilities = Capabilities(speed_range=ValueRange(0.5, 12.0, 0.1), incline_range=ValueRange(0.0, 15.0, 0.5))
    for direction in Direction:
        limits = limits_for(capabilities, OwnerLimits(), direction, measured=Measured(deck_unsure=True))
        assert (limits.incline, limits.incline_pace) == (None, None)
        assert (limits.deck, limits.steepest) != (None, None)


def test_s5_of_a_table_of_inclines_only_what_the_limits_allow_is_left() -> None:
    assert limits(incline=ValueRange.of([-3.0, -1.0, 0.0, 1.4, 2.9, 4.0])).incline == ValueRange.of([0.0, 1.4, 2.9])
    assert limits(incline=ValueRange.of([-3.0, -1.0])).incline is None
