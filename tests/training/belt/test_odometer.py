import pytest

from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.training.belt.odometer import Odometer


def moving(
    received: float, speed: float | None = 3.6, *, distance: int | None = None, steps: int | None = None
) -> Telemetry:
    return Telemetry(received=received, belt=BeltState.MOVING, speed=speed, distance=distance, steps=steps)


def resting(received: float, *, distance: int | None = None) -> Telemetry:
    return Telemetry(received=received, belt=BeltState.AT_REST, speed=0.0, distance=distance)


def fed(*reports: Telemetry) -> Odometer:
    odometer = Odometer()
    for report in reports:
        odometer.update(report)
    return odometer


def counted(*counts: int | None) -> float:
    return fed(*(moving(float(second), 0.0, distance=count) for second, count in enumerate(counts))).distance


def test_nothing_was_walked_before_anything_is_heard() -> None:
    odometer = Odometer()
    assert (odometer.moving_time, odometer.distance, odometer.steps) == (0.0, 0.0, None)


def test_distance_comes_from_speed_and_time_where_no_counter_is() -> None:
    odometer = fed(*(moving(float(second)) for second in range(11)), resting(11.0), resting(20.0))
    assert odometer.distance == pytest.approx(11.0)
    assert odometer.moving_time == 11.0


def test_a_moving_belt_without_a_speed_counts_time_only() -> None:
    odometer = fed(moving(0.0, None), moving(1.0, None))
    assert (odometer.moving_time, odometer.distance) == (1.0, 0.0)


def test_the_machines_counter_counts_from_where_it_was() -> None:
    assert counted(340, 340, 345, 350) == 10.0


def test_a_counter_that_stands_still_is_a_count_of_nothing() -> None:
    assert counted(340, 340) == 0.0


def test_a_counter_that_begins_anew_goes_on() -> None:
    assert counted(340, 350, 0, 5, 20) == 30.0


def test_one_frame_of_zeros_is_not_a_new_beginning() -> None:
    assert counted(340, 350, 0, 0, 351, 352) == 12.0


def test_frames_without_a_count_change_nothing() -> None:
    assert counted(None, 10, None, 12) == 2.0


def test_steps_are_counted_alike() -> None:
    assert fed(moving(0.0, steps=100), moving(1.0, steps=104)).steps == 4


def test_time_in_which_nothing_was_heard_is_not_walked() -> None:
    odometer = fed(moving(0.0), moving(1.0), moving(60.0), moving(61.0))
    assert odometer.moving_time == 2.0
    assert odometer.distance == pytest.approx(2.0)


def test_a_report_that_is_older_than_the_one_before_counts_nothing() -> None:
    assert fed(moving(10.0), moving(4.0), moving(5.0)).moving_time == 1.0


def clocked(received: float, clock: int | None, speed: float = 3.6) -> Telemetry:
    belt = BeltState.MOVING if speed else BeltState.AT_REST
    return Telemetry(received=received, belt=belt, speed=speed, elapsed_time=clock)


def test_a_zero_between_two_speeds_is_no_rest_where_the_machines_clock_ran_on() -> None:
    odometer = fed(*(clocked(float(second), second, 0.0 if second in {3, 7, 8} else 3.6) for second in range(11)))
    assert odometer.moving_time == pytest.approx(10.0)
    assert odometer.distance == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("clocks", "seconds"),
    [
        ((10, 11, 11, 11, 12), 2.0),  # it stood still in between
        ((10, None, None, None, None), 2.0),  # it has no clock
        ((None, None, None, 13, 14), 2.0),
        ((10, 11, 0, 0, 1), 2.0),  # it began anew
        ((10, 11, 90, 100, 101), 4.0),  # no more than passed
    ],
)
def test_a_rest_is_one_unless_the_clock_denies_it(clocks: tuple[int | None, ...], seconds: float) -> None:
    speeds = (3.6, 0.0, 0.0, 3.6, 3.6)
    reports = (clocked(float(at), clock, kmh) for at, (clock, kmh) in enumerate(zip(clocks, speeds, strict=True)))
    assert fed(*reports).moving_time == pytest.approx(seconds)


def test_a_long_rest_is_one_whatever_a_clock_says_that_never_stops() -> None:
    assert fed(clocked(0.0, 0), clocked(1.0, 1, 0.0), clocked(9.0, 9), clocked(10.0, 10)).moving_time == 2.0


def test_a_report_that_is_older_than_the_one_before_is_no_rest_to_be_filled() -> None:
    reports = (clocked(1000.0, 5), clocked(0.0, 0, 0.0), clocked(1001.0, 6), clocked(1002.0, 7))
    assert fed(*reports).moving_time == pytest.approx(1.0)


@pytest.mark.parametrize("received", [40.0, 0.0])
def test_a_report_without_counters_after_a_gap_leaves_the_gap_to_the_next_one(received: float) -> None:
    # After a reconnect the state comes first, and the belt with its counters a moment later.
    lost = Telemetry(received=10.0, belt=BeltState.MOVING, speed=3.6, distance=10, elapsed_time=10)
    state = Telemetry(received=received)
    counters = Telemetry(received=40.5, belt=BeltState.AT_REST, speed=0.0, distance=38, elapsed_time=38)
    odometer = fed(moving(0.0, distance=0), lost, state, counters)
    assert (odometer.moving_time, odometer.distance, odometer.estimated) == (38.0, 38.0, True)


def test_a_machine_that_counts_nothing_has_no_gap_to_fill() -> None:
    odometer = fed(moving(0.0), moving(4.0), resting(40.0), resting(41.0))
    assert (odometer.moving_time, odometer.estimated) == (4.0, False)


@pytest.mark.parametrize(
    ("rests", "speed"),
    [(3, 3.6), (1, 1.0)],
    ids=["it was said to rest more than once", "it begins slowly"],
)
def test_a_short_rest_is_none_of_the_walk_although_the_machines_clock_runs_on(rests: int, speed: float) -> None:
    odometer = Odometer()
    for second in range(11):
        odometer.update(Telemetry(received=second, belt=BeltState.MOVING, speed=3.6, elapsed_time=second))
    for second in range(11, 11 + rests):
        odometer.update(Telemetry(received=second, belt=BeltState.AT_REST, speed=0.0, elapsed_time=second))
    second = 11 + rests
    odometer.update(Telemetry(received=second, belt=BeltState.MOVING, speed=speed, elapsed_time=second))
    assert odometer.moving_time == 11
