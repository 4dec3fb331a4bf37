"""Benchmark of many treadmills at once, each with all entities and four notifications a second."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from tests.support.effort import FIGURES
from tests.support.gym import PER_SECOND, Gym, frames

COUNTS = (1, 10, 50, 100) if FIGURES else (1, 5)
SECONDS = 60 if FIGURES else 20
"""Of the largest number; fewer walk for longer: as many notifications, minutes, meters and collections of garbage."""
ROUNDS = 3 if FIGURES else 1
BEGINNING = 30
"""Seconds in which what a belt does is not known yet, and costs less."""


async def calls(gym: Gym, number: int, sent: Iterator[bytes]) -> float:
    """Return how many functions of Python a notification calls, those of a turn of the loop included."""
    counted = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        await gym.walk(SECONDS, sent)
    finally:
        sys.setprofile(None)
    return counted / (SECONDS * PER_SECOND * number)


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
async def test_many_treadmills_cost_as_much_as_each(gym: Gym, figure: Callable[[str, float], None]) -> None:
    """Test that a notification costs the same beside any number of treadmills; nothing is asserted of times."""
    sent = frames()
    costs: dict[int, float] = {}
    memory: dict[int, float] = {}
    for number in COUNTS:
        if number == COUNTS[-1]:
            tracemalloc.start()
            memory[len(gym.entries)] = tracemalloc.get_traced_memory()[0]
        while len(gym.entries) < number:
            await gym.add()
        if tracemalloc.is_tracing():
            gc.collect()
            memory[number] = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
        gc.collect()
        gc.freeze()  # as Home Assistant does once it has started
        await gym.walk(BEGINNING, sent)
        costs[number] = min([await gym.walk(SECONDS * COUNTS[-1] // number, sent) for _ in range(ROUNDS)])
        assert all(entry.runtime_data.coordinator.data.telemetry is not None for entry in gym.entries)
        figure(f"notification_of_{number}", costs[number] * 1e6)
        if number in {1, COUNTS[-1]}:
            figure(f"calls_of_{number}", await calls(gym, number, sent))
    few, many = memory
    figure("treadmill_memory", (memory[many] - memory[few]) / (many - few) / 1024)
    figure("scale_flat", max(costs.values()) / min(costs.values()))
    figure("hundred_share", costs[COUNTS[-1]] * PER_SECOND * 100 * 100)
