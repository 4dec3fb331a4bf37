"""Displayed values: jitter of the last digit is hidden, everything else is shown at once."""

import random
from itertools import pairwise

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.model import Telemetry
from custom_components.retrowalk.treadmill.display_filter import DisplayFilter, FeedFilter, JitterFilter
from tests.support.house import House


def shown(steady: JitterFilter, *values: float | None, every: float = 1.0) -> list[float | None]:
    return [steady.update(value, number * every) for number, value in enumerate(values)]


def test_a_ramp_is_shown_at_once_and_in_full() -> None:
    up = [0.5, 0.52, 0.61, 0.7, 0.8]
    assert shown(JitterFilter(20, zero_matters=True), *up, 0.3, 0.0) == [0.5, 0.5, 0.6, 0.7, 0.8, 0.3, 0.0]


def test_a_belt_that_passes_through_a_few_speeds_shows_the_first_and_where_it_gets_to() -> None:
    starts = [0.0, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5]
    steady = JitterFilter(20, zero_matters=True, settles=1.0)
    assert shown(steady, *starts, every=0.5) == [0.0, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5]
    assert [steady.update(*each) for each in ((0.2, 9.5), (0.0, 10.0), (0.0, 10.5))] == [0.5, 0.0, 0.0]


def test_a_deck_that_trembles_now_and_then_stays_level_and_one_that_rises_is_followed() -> None:
    steady = JitterFilter(30, zero_matters=False, settles=3.0)
    assert shown(steady, 0.0, 0.1, 0.1, 0.0, *[0.0] * 60, 0.1, 0.0) == [0.0] * 66
    assert [steady.update(0.5, 200.0 + second) for second in range(5)] == [0.0, 0.0, 0.0, 0.5, 0.5]


def test_what_trembles_stays_as_it_is() -> None:
    steady = JitterFilter(20, zero_matters=True)
    assert shown(steady, 1.5, 1.6, 1.5, 1.4, 1.6, 1.5) == [1.5, 1.6, 1.6, 1.6, 1.6, 1.6]


def test_a_little_way_back_is_shown_after_a_while() -> None:
    steady = JitterFilter(20, zero_matters=True)
    assert shown(steady, 1.5, 1.6, 1.5, every=10) == [1.5, 1.6, 1.6]
    assert steady.update(1.5, 30) == 1.5


def test_a_larger_change_and_rest_are_shown_at_once() -> None:
    assert shown(JitterFilter(20, zero_matters=True), 1.5, 1.6, 1.3) == [1.5, 1.6, 1.3]
    assert shown(JitterFilter(20, zero_matters=True), 0.1, 0.2, 0.0, 0.1) == [0.1, 0.2, 0.0, 0.1]


def test_a_deck_that_trembles_about_level_is_level() -> None:
    assert shown(JitterFilter(20, zero_matters=False), 0.0, 0.1, 0.0, 0.1, 0.0) == [0.0, 0.1, 0.1, 0.1, 0.1]


def test_what_is_not_known_is_said_at_once_and_forgets_what_was_before() -> None:
    assert shown(JitterFilter(20, zero_matters=True), None, 1.5, 1.6, None, 1.5) == [None, 1.5, 1.6, None, 1.5]
    readings = DisplayFilter()
    assert readings.update(None, 0.0) is None
    shown_values = readings.update(Telemetry(received=3.0, speed=1.62, incline=0.96, distance=7), 1.0)
    assert shown_values == Telemetry(speed=1.6, incline=1.0, distance=7)


def changes(values: list[float | None]) -> int:
    return sum(one != other for one, other in pairwise(values))


@pytest.mark.parametrize("seed", range(5))
def test_a_belt_that_trembles_all_the_time_comes_to_rest_at_its_average(seed: int) -> None:
    steady, noise = JitterFilter(20, zero_matters=True), random.Random(seed)
    values = [steady.update(1.5 + noise.uniform(-0.1, 0.1), second / 2) for second in range(600)]
    assert changes(values) <= 4
    assert all(value is not None and abs(value - 1.5) <= 0.1001 for value in values)
    assert {*values[100:]} == {1.5}


def test_a_ramp_that_trembles_is_followed_in_a_few_steps_and_its_end_is_shown() -> None:
    steady, noise = JitterFilter(20, zero_matters=True), random.Random(1)
    speeds = [min(max(1.0 + (second - 60) / 60, 1.0), 2.0) for second in range(180)]
    values = [steady.update(speed + noise.uniform(-0.1, 0.1), second) for second, speed in enumerate(speeds)]
    assert changes(values) <= 14
    off = [abs(value - speed) for value, speed in zip(values, speeds, strict=True) if value is not None]
    assert max(off) <= 0.35
    assert values[-1] == 2.0


def test_a_small_change_of_a_belt_that_trembles_is_shown_within_seconds() -> None:
    steady, noise = JitterFilter(20, zero_matters=True), random.Random(2)
    for second in range(100):
        steady.update(1.5 + noise.uniform(-0.1, 0.1), second)
    after = [steady.update(1.7 + noise.uniform(-0.1, 0.1), second) for second in range(100, 160)]
    assert {*after[40:]} == {1.7}


def test_the_feed_of_the_card_follows_within_seconds_and_does_not_flicker() -> None:
    feed, noise = FeedFilter(), random.Random(3)
    readings = [feed.update(Telemetry(speed=1.5 + noise.uniform(-0.1, 0.1)), number / 2) for number in range(120)]
    assert changes([reading and reading.speed for reading in readings]) <= 12
    after = [feed.update(Telemetry(speed=1.6), 60 + number / 2) for number in range(12)]
    assert after[-1] == Telemetry(speed=1.6)


async def test_a_change_that_was_taken_for_trembling_is_shown_on_a_belt_that_rests_too(house: House) -> None:
    await house.set_up()
    await house.time(2)
    house.treadmill.press_incline(2.0)
    await house.time(8)
    house.treadmill.press_incline(3.0)
    await house.time(10)
    assert house.state("incline") == "3.0"
    house.treadmill.incline = house.treadmill.target_incline = 2.8
    await house.time(5)
    assert house.state("incline") == "3.0"
    await house.time(30)
    assert house.state("incline") == "2.8"


async def test_mere_reports_are_shown_about_once_a_second_and_what_the_belt_does_at_once(house: House) -> None:
    await house.set_up()

    def report(kmh: float) -> None:
        house.clock.seconds += 0.25
        house.peripheral.notify(const.TREADMILL_DATA, b"\x00\x00" + round(kmh * 100).to_bytes(2, "little"))

    coordinator, shown_speeds = house.coordinator, []
    report(0.0)
    report(1.0)
    assert coordinator.data.belt_moving
    assert coordinator.data.under_way
    for number in range(12):
        report(1.1 + number / 10)
        assert coordinator.data.readings is not None
        shown_speeds.append(coordinator.data.readings.speed)
    assert shown_speeds == [1.0] * 3 + [1.4] * 4 + [1.8] * 4 + [2.2]
    assert coordinator.session.belt.speed == pytest.approx(2.2)
    report(0.0)
    assert coordinator.data.belt_moving is False
