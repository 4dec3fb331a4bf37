import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import KM_PER_MILE, Capabilities, CommandKind, ValueRange
from custom_components.retrowalk.training.limits import (
    Direction,
    Limits,
    Measured,
    OwnerLimits,
    Pace,
    Walks,
    limits_for,
    real_speeds,
    who_may_walk,
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
    assert limits(speed=ValueRange(0.8, 3.0, 0.5)).speed == ValueRange(0.8, 3.0, 0.5)  # nothing to cut off


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


@pytest.mark.parametrize(
    ("step", "largest", "seconds"),
    [(0.01, 0.5, 2.0), (0.1, 0.5, 2.0), (0.5, 0.5, 2.0), (0.8, 0.8, 3.2), (1.0, 1.0, 4.0)],
)
def test_s5_falls_are_half_a_kmh_each_two_seconds_and_larger_steps_take_as_long(
    step: float, largest: float, seconds: float
) -> None:
    assert limits(speed=ValueRange(1.0, 12.0, step)).speed_down == Pace(step=largest, seconds=seconds)


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
    assert limits(Direction.FORWARD, speed=ValueRange(1.0, 12.0, 1.0)).speed_up == Pace(step=1.0, seconds=4.0)


@pytest.mark.parametrize(
    ("machine", "measured", "speeds"),
    [
        (ValueRange(0.0, 20.0, 0.1), Measured(), ValueRange(0.1, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.01), Measured(), ValueRange(0.1, 20.0, 0.01)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.6), ValueRange(0.6, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.623), ValueRange(0.6, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.64), ValueRange(0.7, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=1.0, lowest=0.8), ValueRange(0.8, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(start_speed=1.0), ValueRange(0.3, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(start_speed=1.0, lowest=0.8), ValueRange(0.8, 20.0, 0.1)),
        (ValueRange(0.3, 20.0, 0.1), Measured(lowest=0.1), ValueRange(0.3, 20.0, 0.1)),
        (ValueRange(0.0, 20.0, 0.1), Measured(start_speed=0.6, step=0.2), ValueRange(0.6, 20.0, 0.2)),
        (ValueRange(0.0, 0.6, 0.1), Measured(start_speed=0.6), ValueRange(0.6, 0.6, 0.1)),
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


def measured_limits(
    direction: Direction = Direction.BACKWARD, *, speed: ValueRange | None = SPEEDS, **measured: float | bool
) -> Limits:
    capabilities = Capabilities(speed_range=speed, incline_range=INCLINES)
    return limits_for(capabilities, OwnerLimits(), direction, measured=Measured(**measured))


@pytest.mark.parametrize(
    ("direction", "time_limit", "longest"),
    [
        (Direction.BACKWARD, 3600.0, 1800.0),
        (Direction.BACKWARD, 1859.9, 1740.0),
        (Direction.BACKWARD, 1500.0, 1440.0),
        (Direction.BACKWARD, 90.0, 60.0),
        (Direction.FORWARD, 3600.0, 3540.0),
        (Direction.FORWARD, 36000.0, 7200.0),
    ],
)
def test_s15_a_session_ends_a_minute_before_its_machine_would_end_it(
    direction: Direction, time_limit: float, longest: float
) -> None:
    assert measured_limits(direction, time_limit=time_limit).longest == longest


@pytest.mark.parametrize(
    ("start_speed", "too_fast"), [(None, None), (1.0, None), (3.0, None), (3.05, None), (3.1, 3.1), (5.0, 5.0)]
)
def test_s4_a_belt_that_starts_faster_than_allowed_is_not_started(
    start_speed: float | None, too_fast: float | None
) -> None:
    its_limits = measured_limits(start_speed=start_speed)
    assert its_limits.too_fast == too_fast
    assert (its_limits.speed is None) == (too_fast is not None)


@pytest.mark.parametrize(
    ("minimum", "start_speed", "too_fast"), [(3.0, None, None), (3.2, None, 3.2), (3.2, 4.0, 4.0), (3.2, 1.0, 3.2)]
)
def test_s4_a_belt_is_as_fast_as_its_minimum_at_least(
    minimum: float, start_speed: float | None, too_fast: float | None
) -> None:
    assert measured_limits(speed=ValueRange(minimum, 12.0, 0.1), start_speed=start_speed).too_fast == too_fast
    assert measured_limits(speed=None).too_fast is None


def test_s4_where_nobody_may_walk_a_first_session_is_not_the_reason() -> None:
    for minimum, ceiling, walks in ((2.0, 2.0, Walks.FIRST), (2.5, 2.0, Walks.FIRST), (3.2, 3.0, Walks.BACKWARD)):
        machine = Capabilities(speed_range=ValueRange(minimum, 12.0, 0.1))
        its_limits = limits_for(machine, OwnerLimits(), Direction.BACKWARD, novice=True)
        assert (its_limits.ceiling, its_limits.walks) == (ceiling, walks)


def test_a_target_waits_after_a_start_for_five_seconds_at_most() -> None:
    assert measured_limits(late_speed=3.0).late_speed == 3.0
    assert measured_limits(late_speed=8.0).late_speed == 5.0


@pytest.mark.parametrize(
    ("owner", "minimum", "walks"),
    [
        (OwnerLimits(), 1.0, (Walks.BACKWARD, Walks.FIRST, Walks.FORWARD)),
        (OwnerLimits(), 3.2, (Walks.BACKWARD, Walks.FORWARD)),
        (OwnerLimits(reduced=True), 1.0, (Walks.REDUCED, Walks.FORWARD)),
        (OwnerLimits(reduced=True), 3.2, (Walks.REDUCED, Walks.FORWARD)),
    ],
)
def test_s4_everybody_who_has_limits_of_their_own_is_named(
    owner: OwnerLimits, minimum: float, walks: tuple[Walks, ...]
) -> None:
    machine = Capabilities(speed_range=ValueRange(minimum, 12.0, 0.1))
    everybody = who_may_walk(machine, owner, Measured())
    assert tuple(one.walks for one in everybody) == walks
    # The reason why nobody may is the owner's limit, not the limit of a first session.
    assert everybody[0].ceiling == (2.0 if owner.reduced else 3.0)


def test_s4_a_machine_that_may_count_miles_is_limited_as_if_it_did() -> None:
    its_limits = measured_limits(unit_unsure=True)
    assert its_limits.speed is not None
    assert its_limits.speed.minimum == 1.0
    assert its_limits.speed.maximum * KM_PER_MILE <= 3.0 < (its_limits.speed.maximum + 0.1) * KM_PER_MILE
    assert its_limits.ceiling == pytest.approx(3.0 / KM_PER_MILE)
    assert its_limits.speed_up == Pace(step=0.1, seconds=pytest.approx(0.1 * KM_PER_MILE / 0.02))
    assert its_limits.speed_down == Pace(step=pytest.approx(0.5 / KM_PER_MILE), seconds=2.0)
    assert its_limits.too_fast is None


@pytest.mark.parametrize(("start_speed", "too_fast"), [(1.0, None), (1.8, None), (2.0, 2.0)])
def test_s4_where_miles_are_possible_a_start_speed_may_be_one_in_miles(
    start_speed: float, too_fast: float | None
) -> None:
    assert measured_limits(unit_unsure=True, start_speed=start_speed).too_fast == too_fast


def test_s9_what_was_measured_counts_where_miles_are_possible() -> None:
    its_limits = measured_limits(speed=ValueRange(0.0, 12.0, 0.1), unit_unsure=True, lowest=0.8, step=0.2)
    assert its_limits.speed is not None
    assert (its_limits.speed.minimum, its_limits.speed.step) == (0.8, 0.2)
    assert measured_limits(speed=None, unit_unsure=True).speed is None
    assert measured_limits(speed=None, unit_unsure=True).speed_up is None


@pytest.mark.parametrize(
    ("deck", "step", "incline"),
    [
        (ValueRange(0.0, 15.0, 0.5), 0.2, ValueRange(0.0, 3.0, 0.5)),
        (ValueRange(0.0, 15.0, 0.5), 0.5, ValueRange(0.0, 3.0, 0.5)),
        (ValueRange(0.0, 15.0, 0.5), 1.0, ValueRange(0.0, 3.0, 1.0)),
        (ValueRange(0.5, 15.0, 0.5), 2.0, ValueRange(2.0, 2.0, 2.0)),
        (ValueRange(0.5, 2.5, 0.5), 1.0, ValueRange(1.0, 2.0, 1.0)),
        (ValueRange(2.0, 2.5, 0.5), 1.0, ValueRange(2.0, 2.0, 1.0)),
        (ValueRange(1.0, 2.5, 0.5), 1.5, ValueRange(1.5, 1.5, 1.5)),
        (ValueRange(0.2, 2.2, 0.5), 0.5, ValueRange(0.2, 2.2, 0.5)),
        (ValueRange(1.2, 1.8, 0.1), 1.0, None),
        (ValueRange.of([0.0, 1.4, 2.9]), 1.5, ValueRange.of([0.0, 1.4, 2.9])),
        (None, 1.0, None),
    ],
)
def test_s9_a_deck_is_set_in_the_steps_that_it_really_makes(
    deck: ValueRange | None, step: float, incline: ValueRange | None
) -> None:
    capabilities = Capabilities(speed_range=SPEEDS, incline_range=deck)
    its_limits = limits_for(capabilities, OwnerLimits(), Direction.BACKWARD, measured=Measured(incline_step=step))
    assert its_limits.incline == incline
    assert (its_limits.incline_pace is None) == (incline is None or incline.step > 1.0)


def test_s5_a_deck_that_proves_coarse_moves_in_its_own_steps_from_then_on() -> None:
    its_limits = limits().with_deck_step(1.0)
    assert its_limits.incline == ValueRange(0.0, 3.0, 1.0)
    assert its_limits.deck == ValueRange(0.0, 15.0, 1.0)
    assert its_limits.incline_pace == Pace(step=1.0, seconds=20.0)
    assert limits().with_deck_step(2.0).incline_pace is None
    assert limits(Direction.FORWARD).with_deck_step(2.0).incline_pace == Pace(step=2.0, seconds=20.0)
    assert limits(incline=None).with_deck_step(1.0).incline_pace is None


@pytest.mark.parametrize(("asked", "coarse"), [(0.9, 0.0), (1.0, 1.0), (1.9, 1.0), (2.0, 2.0)])
def test_s4_of_coarse_steps_of_a_deck_the_one_below_is_taken(asked: float, coarse: float) -> None:
    assert limits().with_deck_step(1.0).allowed_incline(asked) == coarse


def test_what_is_allowed_depends_on_what_is_asked_for() -> None:
    its_limits = limits(backward_speed=2.0, backward_incline=4.0)
    assert its_limits.allowed(CommandKind.SET_SPEED, 9.0) == 2.0
    assert its_limits.allowed(CommandKind.SET_INCLINE, 9.0) == 4.0


def test_s5_a_belt_whose_steps_are_too_large_to_rise_stays_at_its_minimum() -> None:
    assert limits(speed=ValueRange(1.0, 12.0, 1.0)).top_speed == 1.0
    assert limits().top_speed == 3.0
    assert limits(speed=None).top_speed is None


def test_of_a_table_of_speeds_only_what_the_limits_allow_is_left() -> None:
    assert limits(incline=ValueRange.of([0.0, 3.0, 3.5])).incline == ValueRange.of([0.0, 3.0])
    assert limits(incline=ValueRange.of([0.0, 1.5, 3.0])).incline == ValueRange.of([0.0, 1.5, 3.0])
