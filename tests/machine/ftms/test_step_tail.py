"""Steps in an undeclared tail are found out by what it does; noise is never taken for them."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from random import Random
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.ftms.step_tail import StepTail, TailFrame
from custom_components.retrowalk.machine.model import Quirk
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import RecordingListener, virtual_connection

type Tail = Callable[[VirtualTreadmill, int], int]


def walk(
    tail: Tail, *, targets: tuple[float, ...] = (1.0,), seconds: int = 120, every: float = 1.0, shuffled: int = 0
) -> Iterator[TailFrame]:
    """Yield the frames of a walk with a speed (km/h) after the other, and of 30 s at rest behind it."""
    random = Random(shuffled)
    treadmill = VirtualTreadmill(Profile(steps=True))
    treadmill.start()
    for target in (*targets, 0.0):
        if target:
            treadmill.step(5.0)
            treadmill.set_speed(target)
        else:
            treadmill.stop()
        for number in range(round((seconds if target else 30) / every)):
            treadmill.step(every * (1.0 + (random.uniform(-0.2, 0.2) if shuffled else 0.0)))
            yield TailFrame(
                treadmill.time,
                tail(treadmill, number) & 0xFFFF,
                treadmill.speed > 0,
                int(treadmill.distance),
                int(treadmill.elapsed),
            )


def told(frames: Iterator[TailFrame], *, trusted: bool = False) -> list[int]:
    watch = StepTail(trusted=trusted)
    return [steps for frame in frames if (steps := watch.update(frame)) is not None]


def steps_of(treadmill: VirtualTreadmill, _: int) -> int:
    return treadmill.steps or 0


@pytest.mark.parametrize("every", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("targets", [(0.6,), (1.0,), (3.0,), (1.0, 2.0, 1.2), (5.5,)])
def test_a_tail_that_counts_up_with_the_walk_is_found_out(targets: tuple[float, ...], every: float) -> None:
    frames = list(walk(steps_of, targets=targets, every=every, shuffled=7))
    steps = told(iter(frames))
    assert steps
    assert steps[-1] == frames[-1].tail
    assert steps[0] < 10  # a counter of ours begins where the watch began, so that no step of this walk is lost
    assert all(before <= after for before, after in pairwise(steps))


def test_it_takes_most_of_a_minute_and_less_than_two() -> None:
    frames = list(walk(steps_of))
    watch = StepTail(trusted=False)
    found = next(number for number, frame in enumerate(frames) if watch.update(frame) is not None)
    assert 39 < found < 90


def test_what_is_known_is_believed_at_once() -> None:
    frames = list(walk(steps_of))
    assert told(iter(frames), trusted=True) == [frame.tail for frame in frames]


def test_a_counter_that_begins_anew_with_a_session_is_still_one() -> None:
    watch, since = StepTail(trusted=False), 0.0
    for _ in range(2):
        for frame in walk(steps_of):
            watch.update(replace(frame, received=frame.received + since))
        since += 1000.0
    assert watch.counts
    # In a walk its machine's other counters begin anew as well.
    first = TailFrame(5000.0, 400, True, 300, 250)
    assert [watch.update(frame) for frame in (first, TailFrame(5001.0, 1, True, 0, 0))] == [400, 1]


def test_what_turns_out_to_be_noise_is_no_longer_told() -> None:
    watch = StepTail(trusted=False)
    frames = list(walk(steps_of))
    for frame in frames[:110]:
        watch.update(frame)
    assert watch.counts
    last = frames[109]
    jumped = replace(last, received=last.received + 1.0, tail=last.tail + 300)
    assert watch.update(jumped) is None
    assert watch.update(replace(jumped, received=last.received + 2.0)) is None


NOISE: dict[str, Tail] = {
    "nothing": lambda treadmill, number: 0,
    "a constant": lambda treadmill, number: 4711,
    "a clock": lambda treadmill, number: int(treadmill.time),
    "a fast clock": lambda treadmill, number: int(treadmill.time * 2),
    "tenths of seconds": lambda treadmill, number: int(treadmill.time * 10),
    "its own elapsed time": lambda treadmill, number: int(treadmill.elapsed),
    "a clock of the moving belt": lambda treadmill, number: int(treadmill.elapsed * 2),
    "half a clock": lambda treadmill, number: int(treadmill.elapsed / 2),
    "the number of the frame": lambda treadmill, number: number,
    "the distance": lambda treadmill, number: int(treadmill.distance),
    "tenths of meters": lambda treadmill, number: int(treadmill.distance * 10),
    "the energy": lambda treadmill, number: int(treadmill.energy),
    "the speed": lambda treadmill, number: round(treadmill.speed * 100),
    "the heart rate": lambda treadmill, number: round(treadmill.pulse),
    "a sum of bytes": lambda treadmill, number: (number * 37 + round(treadmill.speed * 100)) & 0xFF,
    "what is left": lambda treadmill, number: 1800 - int(treadmill.elapsed),
    "a wave": lambda treadmill, number: round(50 + 40 * math.sin(treadmill.time / 20)),
    "two values in turns": lambda treadmill, number: number % 2 * 2,
    "steps on a belt at rest": lambda treadmill, number: int(treadmill.time * 0.7) if treadmill.at_rest else 0,
}


@pytest.mark.parametrize("targets", [(1.0,), (3.0,), (0.6, 1.4, 2.2)])
@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_never_taken_for_steps(noise: str, targets: tuple[float, ...]) -> None:
    assert told(walk(NOISE[noise], targets=targets, seconds=200, shuffled=3)) == []


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=40),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.integers(0, 1000),
)
def test_bytes_that_come_as_they_like_are_never_taken_for_steps(tails: list[int], kmh: float, seed: int) -> None:
    def at_random(_: VirtualTreadmill, number: int) -> int:
        return tails[number % len(tails)]

    found = told(walk(at_random, targets=(kmh,), shuffled=seed))
    assert found == []


class Bench:
    """A driver on a virtual treadmill whose belt moves."""

    def __init__(self, profile: Profile | None = None, chosen: Mapping[Quirk, bool] = MappingProxyType({})) -> None:
        connection = virtual_connection(profile)
        self.peripheral = connection.peripheral
        self.treadmill = self.peripheral.treadmill
        self.faults = self.peripheral.faults
        self.driver = FtmsDriver(connection, RecordingListener(), lambda: self.peripheral.time, chosen=chosen)

    async def steps_after(self, seconds: float) -> int | None:
        if self.treadmill.at_rest:
            await self.driver.open(stop_first=None)
            self.treadmill.start()
        self.peripheral.step(seconds)
        return self.driver.telemetry.steps


@pytest.mark.parametrize("short", [False, True])
async def test_the_driver_tells_steps_of_a_machine_of_any_name_once_they_are_found_out(short: bool) -> None:
    bench = Bench(Profile(steps=True))
    bench.faults.short_tail, bench.faults.no_features = short, True
    assert await bench.steps_after(30) is None
    assert await bench.steps_after(60) == bench.treadmill.steps


async def test_the_driver_tells_no_steps_of_a_noisy_tail() -> None:
    bench = Bench()
    bench.faults.noisy_tail = True
    assert await bench.steps_after(300) is None


@pytest.mark.parametrize("known", [False, True])
async def test_what_is_chosen_goes_before_what_is_found_out(known: bool) -> None:
    bench = Bench(Profile(steps=True), {Quirk.STEPS_IN_TAIL: known})
    assert (await bench.steps_after(30) is not None) == known
    assert (await bench.steps_after(60) is not None) == known


def test_a_tail_that_makes_steps_where_the_distance_says_that_nobody_walks_so_is_not_believed() -> None:
    def frames(meters: float) -> Iterator[TailFrame]:
        for second in range(200):
            # The clock does not go with it, so that only the length of a step tells.
            yield TailFrame(float(second), round(second * 1.7), True, round(second * meters), None)

    assert told(frames(0.9))
    assert not told(frames(0.02))
    assert not told(frames(9.0))


def test_a_machine_that_counts_no_distance_may_count_steps() -> None:
    frames = [TailFrame(float(second), round(second * 1.7), True, 7, None) for second in range(200)]
    assert told(iter(frames))


def test_a_clock_of_the_machine_that_stands_says_nothing_of_a_tail() -> None:
    frames = [TailFrame(float(second), round(second * 1.7), True, second, 0) for second in range(200)]
    assert told(iter(frames))
