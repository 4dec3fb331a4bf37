"""Tests for reading a machine once, through bleak's own client and without an adapter."""

import asyncio
from functools import partial
from typing import Any, override

import pytest
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from custom_components.retrowalk.machine.bluetooth import probe
from custom_components.retrowalk.machine.bluetooth.catalogue import driver_for
from custom_components.retrowalk.machine.bluetooth.probe import read_machine
from custom_components.retrowalk.machine.driver import Connection, Driver, Listener
from custom_components.retrowalk.machine.errors import NotATreadmillError, UnansweredError, UnreachableError
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.simulator.client import VirtualClient
from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.driver_bench import at_once, turns, virtual_connection
from tests.support.free_slots import FreeSlots
from tests.support.loop_time import LoopTime


def open_driver(connection: Connection, listener: Listener) -> Driver:
    return driver_for(connection, listener, lambda: 0.0)


@pytest.fixture
def peripheral(monkeypatch: pytest.MonkeyPatch) -> Peripheral:
    made = virtual_connection().peripheral
    made.disconnect()
    monkeypatch.setattr(probe, "establish_connection", partial(_connect, made))
    return made


async def _connect(peripheral: Peripheral, _: type, device: BLEDevice, name: str, *, max_attempts: int) -> _Client:
    client = _Client(VirtualClient(device, peripheral=peripheral, slots=FreeSlots()))
    await client.backend.connect(pair=False)
    return client


class _Client:
    """A backend that accepts handles for characteristics, as Home Assistant's wrapper does."""

    def __init__(self, backend: BaseBleakClient) -> None:
        self.backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    async def read_gatt_char(self, handle: int) -> bytearray:
        return await self.backend.read_gatt_char(self._characteristic(handle))

    async def start_notify(self, handle: int, callback: Any) -> None:
        characteristic = self._characteristic(handle)
        await self.backend.start_notify(characteristic, partial(callback, characteristic))

    def _characteristic(self, handle: int) -> BleakGATTCharacteristic:
        services = self.backend.services
        assert services is not None
        characteristic = services.get_characteristic(handle)
        assert characteristic is not None
        return characteristic


class _SlowDriver(FtmsDriver):
    """A driver that subscribes, then waits before it continues reading."""

    go = asyncio.Event()

    @classmethod
    def made(cls, connection: Connection, listener: Listener) -> Driver:
        cls.go = asyncio.Event()
        driver = cls(connection, listener, lambda: 0.0)
        driver._opened = True
        return driver

    @override
    async def _read(self, characteristic: str) -> bytes:
        await self.go.wait()
        return await super()._read(characteristic)


def device(peripheral: Peripheral) -> BLEDevice:
    return BLEDevice(peripheral.address, peripheral.name, {})


async def test_a_machine_is_read_and_left_as_it_was(peripheral: Peripheral) -> None:
    reading = await read_machine(device(peripheral), "Virtual treadmill", open_driver=open_driver)
    assert reading.info.manufacturer == "Retrowalk"
    assert reading.capabilities.speed_range == ValueRange(0.5, 20.0, 0.1)
    assert peripheral.writes == []
    assert not peripheral.connected


async def test_a_device_that_is_no_treadmill_is_told_and_let_go(peripheral: Peripheral) -> None:
    peripheral.faults.not_a_treadmill = True
    with pytest.raises(NotATreadmillError):
        await read_machine(device(peripheral), "An indoor bike", open_driver=open_driver)
    assert not peripheral.connected


@pytest.mark.parametrize("error", [BleakError("no slot"), TimeoutError(), OSError("adapter gone"), EOFError()])
async def test_a_machine_that_cannot_be_connected_is_out_of_reach(
    peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def refused(*_: object, **__: object) -> BleakClient:
        raise error

    monkeypatch.setattr(probe, "establish_connection", refused)
    with pytest.raises(UnreachableError) as raised:
        await read_machine(device(peripheral), "Virtual treadmill", open_driver=open_driver)
    assert str(raised.value)


async def test_a_link_that_is_lost_on_the_way_is_told(peripheral: Peripheral) -> None:
    reading = asyncio.create_task(read_machine(device(peripheral), "Virtual treadmill", open_driver=_SlowDriver.made))
    await turns()
    peripheral.drop_link()
    _SlowDriver.go.set()
    with pytest.raises(UnreachableError):
        await reading


async def test_a_machine_that_goes_silent_is_not_waited_for_without_end(
    peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_READ_TIMEOUT", 0.01)
    with pytest.raises(UnreachableError):
        await read_machine(device(peripheral), "Virtual treadmill", open_driver=_SlowDriver.made)
    assert not peripheral.connected


async def test_what_the_machine_says_meanwhile_concerns_nobody(peripheral: Peripheral) -> None:
    reading = asyncio.create_task(read_machine(device(peripheral), "Virtual treadmill", open_driver=_SlowDriver.made))
    await turns()
    peripheral.treadmill.press_start()
    peripheral.step(10)
    _SlowDriver.go.set()
    await reading


async def test_a_machine_that_leaves_several_questions_unanswered_is_read_without_them(
    peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = LoopTime(peripheral, monkeypatch)
    peripheral.faults.update({"unanswered": ["2a29", "2ad3", "2ad5"]})
    reading = await time.done(
        at_once(read_machine(device(peripheral), "Virtual treadmill", open_driver=open_driver)), within=200
    )
    assert reading.capabilities.speed_range == ValueRange(0.5, 20.0, 0.1)


@pytest.mark.parametrize("unanswered", [["2acd"], ["2a29", "2acd"], ["2a29", "2ad3", "2acd"]])
async def test_a_machine_that_leaves_unanswered_what_has_to_be_known_is_told(
    peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    time = LoopTime(peripheral, monkeypatch)
    peripheral.faults.update({"unanswered": unanswered})
    with pytest.raises(UnansweredError):
        await time.done(
            at_once(read_machine(device(peripheral), "Virtual treadmill", open_driver=open_driver)), within=200
        )
    assert not peripheral.connected
