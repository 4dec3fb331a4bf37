"""A shorter supervision timeout detects a lost link sooner while a belt moves; nothing waits for it (S11, S3)."""

import asyncio

import pytest
from bleak.exc import BleakError

from custom_components.retrowalk.simulator.client import VirtualClient
from tests.support.house import House
from tests.support.radio import Failing, Gate

STOP = b"\x08\x01"


async def test_s11_the_supervision_timeout_is_two_seconds_while_the_belt_moves_and_the_usual_one_at_rest(
    house: House,
) -> None:
    await house.set_up()
    assert house.peripheral.supervision_timeout is None  # the default of the stack
    await house.walk()
    assert house.peripheral.supervision_timeout == 2.0
    house.peripheral.drop_link()
    await house.until(lambda: house.state("connection") != "connected")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    assert house.peripheral.supervision_timeout == 2.0  # on the new link too
    await house.press("stop")
    await house.time(8)
    assert house.treadmill.at_rest
    assert house.peripheral.supervision_timeout == 8.0


async def test_s3_a_stop_does_not_wait_for_a_supervision_timeout_that_is_never_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = Gate(monkeypatch, "set_connection_params")
    await house.set_up()
    await house.walk()
    assert asking.reached == 1
    house.commands()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    stopping = asyncio.create_task(house.press("stop"))
    turns = 0
    while STOP not in house.commands():
        turns += 1
        await asyncio.sleep(0)
    assert turns < 30
    assert loop.time() - begun < 1.0
    await stopping
    await house.time(8)
    assert house.treadmill.at_rest
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "Supervision timeout"]


@pytest.mark.parametrize("error", [BleakError("not supported"), AttributeError("no radio"), TimeoutError()])
async def test_s11_a_stack_that_cannot_is_asked_once_and_the_walk_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asking = Failing(monkeypatch, "set_connection_params", error)
    await house.set_up()
    await house.walk()
    await house.time(30)
    assert asking.calls == 1
    assert house.state("session_state") == "warm_up"
    assert house.state("connection") == "connected"


async def test_s11_a_stack_that_knows_nothing_of_it_is_none_the_worse(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(VirtualClient, "set_connection_params")
    await house.set_up()
    await house.walk()
    assert house.state("session_state") == "warm_up"
    assert house.peripheral.supervision_timeout is None
