"""A stop that waits for the link reaches the machine within a second after the treadmill is in range (S3)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from bleak.exc import BleakError
from habluetooth import get_manager
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.simulator.bluetooth import scanner_source
from custom_components.retrowalk.simulator.client import VirtualClient
from tests.support.house import ADDRESS, House
from tests.support.radio import Failing, Gate
from tests.support.virtual_time import VirtualTime

STOP = b"\x08\x01"
AT_MOST = 1.05
"""Seconds; time passes in tenths."""


def slots_taken() -> int:
    allocated = get_manager().async_current_allocations(scanner_source(ADDRESS))
    return sum(one.slots - one.free for one in allocated or [])


def connects(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the times at which attempts to connect began."""
    begun: list[float] = []
    connect = VirtualClient.connect

    async def noted(client: VirtualClient, *args: Any, **kwargs: Any) -> None:
        begun.append(asyncio.get_running_loop().time())
        await connect(client, *args, **kwargs)

    monkeypatch.setattr(VirtualClient, "connect", noted)
    return begun


async def lose(house: House) -> None:
    house.faults.off = True
    house.peripheral.step(0.1)
    await house.settle()


async def stop_in_vain(house: House) -> None:
    with pytest.raises(HomeAssistantError) as error:
        await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"


async def walking(house: House, monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    await house.set_up()
    await house.walk()
    house.commands()
    return VirtualTime(house, monkeypatch)


def stopped(house: House) -> Callable[[], bool]:
    return lambda: STOP in house.commands()


async def comes_to_rest(house: House, time: VirtualTime) -> None:
    await time.until(lambda: house.treadmill.at_rest, within=10)
    await time.until(lambda: not house.coordinator.session.belt_may_move, within=10)
    assert slots_taken() == 1
    assert house.state("connection") == "connected"


@pytest.mark.parametrize("away", [2.0, 5.0, 12.0, 19.0, 30.0])
async def test_s3_a_stop_does_not_wait_for_a_try_that_hangs(
    house: House, monkeypatch: pytest.MonkeyPatch, away: float
) -> None:
    time = await walking(house, monkeypatch)
    house.faults.connect_delay = 3600.0
    await lose(house)
    await time.passes(0.5)
    await stop_in_vain(house)
    await time.passes(away)
    house.faults.update({"off": False, "connect_delay": 0.0})
    assert await time.until(stopped(house)) <= AT_MOST  # once it took as long as the attempt had left, up to 20 s
    await comes_to_rest(house, time)


@pytest.mark.parametrize("away", [1.5, 3.0, 6.0])
async def test_s3_a_stop_does_not_wait_between_two_tries(
    house: House, monkeypatch: pytest.MonkeyPatch, away: float
) -> None:
    time = await walking(house, monkeypatch)
    connecting = Failing(monkeypatch, "connect", BleakError("No backend with an available connection slot"))
    await lose(house)
    await stop_in_vain(house)
    await time.passes(away)
    house.faults.off = connecting.on = False
    assert await time.until(stopped(house)) <= AT_MOST  # once it took up to 4 s
    await comes_to_rest(house, time)


async def test_s3_a_stop_does_not_wait_until_the_old_link_is_taken_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wait forever, like a dead proxy or a busy adapter."""
    time = await walking(house, monkeypatch)
    disconnect, waiting = VirtualClient.disconnect, asyncio.Event()

    async def never_answered(client: VirtualClient) -> None:
        await disconnect(client)
        await waiting.wait()

    monkeypatch.setattr(VirtualClient, "disconnect", never_answered)
    with monkeypatch.context() as broken:
        writing = Failing(broken, "write_gatt_char", BleakError("Error ESP_GATT_ERROR while writing"))
        with pytest.raises(HomeAssistantError):
            await asyncio.gather(house.press("stop"), time.passes(3))
        assert writing.calls
    assert await time.until(stopped(house)) <= AT_MOST  # once it took 4.1 s
    await comes_to_rest(house, time)
    waiting.set()


async def test_s3_a_stop_cuts_short_a_try_that_began_long_before_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = await walking(house, monkeypatch)
    house.faults.connect_delay = 3600.0
    house.peripheral.drop_link()  # and still advertises
    await time.passes(8)
    house.faults.connect_delay = 0.0
    await stop_in_vain(house)
    assert await time.until(stopped(house)) <= AT_MOST
    await comes_to_rest(house, time)


async def test_s3_a_stop_is_sent_while_the_machine_is_still_being_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = await walking(house, monkeypatch)
    reading = Gate(monkeypatch, "read_gatt_char")
    house.peripheral.drop_link()
    await time.until(lambda: reading.reached > 0, within=5)
    await house.press("stop")  # and raises no error
    assert house.commands()[0] == STOP
    reading.open()
    await comes_to_rest(house, time)


@pytest.mark.parametrize("takes", [0.5, 1.0, 1.5, 3.0])
async def test_a_treadmill_that_takes_long_to_connect_is_connected_though_a_stop_waits(
    house: House, monkeypatch: pytest.MonkeyPatch, takes: float
) -> None:
    """Check while the treadmill still advertises, as to another proxy: short attempts only would never succeed."""
    time = await walking(house, monkeypatch)
    await lose(house)
    await stop_in_vain(house)
    await time.passes(3)
    house.faults.update({"off": False, "connect_delay": takes})
    assert await time.until(stopped(house)) <= 3 * takes + 2
    await comes_to_rest(house, time)


async def test_a_treadmill_that_is_heard_and_cannot_be_connected_is_not_stormed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = await walking(house, monkeypatch)
    house.faults.held_by_other_central = True
    begun = connects(monkeypatch)
    house.peripheral.drop_link()
    await time.passes(30)
    without_a_stop = len(begun)
    await stop_in_vain(house)
    begun.clear()
    await time.passes(30)
    assert len(begun) <= 1.2 * without_a_stop  # as often as the Bluetooth stack tries by itself
    assert slots_taken() <= 1  # the attempt under way
    house.faults.held_by_other_central = False
    assert await time.until(stopped(house)) <= AT_MOST
    await comes_to_rest(house, time)


async def test_no_try_that_is_cut_short_leaves_anything_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    time = await walking(house, monkeypatch)
    house.faults.connect_delay = 3600.0
    begun = connects(monkeypatch)
    house.peripheral.drop_link()
    await time.passes(0.5)
    await stop_in_vain(house)
    for _ in range(200):
        await time.passes(0.25, dt=0.05)
        assert slots_taken() <= 1
    assert len(begun) <= 10  # in 50 s: each lasts twice as long as the one before
    house.faults.connect_delay = 0.0
    house.peripheral.faults.off = True
    await time.passes(15)
    house.treadmill.press_stop()
    house.faults.off = False
    await time.until(lambda: house.state("connection") == "connected", within=30)
    assert slots_taken() == 1
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert sum(name.startswith("Link to") for name in names) == 1
