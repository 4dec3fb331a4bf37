"""Benchmark of a hostile machine: hundreds of endless notifications a second, in a real Home Assistant."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from time import process_time

import pytest

from custom_components.retrowalk.machine import flood_guard
from custom_components.retrowalk.machine.ftms import const
from tests.support.house import House

SECONDS, FLOOD, STATUSES = 20, 400, 100
PART_OF_A_CORE = 0.05
STOP = b"\x08\x01"


@pytest.fixture
def hostile(house: House) -> Iterator[House]:
    yield house
    house.faults.clear()


async def cost(house: House) -> float:
    """Return the part of a core that the notifications cost, with all that Home Assistant makes of them."""
    frames = [
        (const.TREADMILL_DATA, bytes.fromhex("8c05 6400 0a0000 0000ff7f 0100ffffff 0a00").ljust(512, b"\xa5")),
        (const.MACHINE_STATUS, b"\x05\x64\x00".ljust(512, b"\xa5")),
    ]
    spent = 0.0
    for _ in range(SECONDS):
        begun = process_time()
        for number in range(FLOOD + STATUSES):
            house.peripheral.notify(*frames[number % 5 == 0])
            if number % 50 == 0:
                house.clock.seconds += 50 / (FLOOD + STATUSES)
        await house.settle()  # what was joined is passed on
        spent += process_time() - begun
    return spent / SECONDS


@pytest.mark.benchmark
async def test_a_flood_costs_a_small_part_of_a_core_and_no_memory(
    hostile: House, figure: Callable[[str, float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood_guard, "_JOINED_FOR", 0.0)
    await hostile.set_up()
    hostile.treadmill.press_start()
    await hostile.time(10)
    shares = [await cost(hostile) for _ in range(3)]
    tracemalloc.start()
    await cost(hostile)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    await cost(hostile)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = (after - before) / 1024
    figure("flood_share", min(shares) * 100)
    assert min(shares) < PART_OF_A_CORE
    assert grown < 300
