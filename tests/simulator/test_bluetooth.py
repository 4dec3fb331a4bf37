"""Tests for the virtual treadmill through Home Assistant's Bluetooth, where only the radio is simulated."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.bluetooth import async_attach, scanner_source
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill

pytestmark = pytest.mark.usefixtures("enable_bluetooth")


@pytest.fixture(autouse=True)
def _no_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevent the integration's own config flow from starting: the plug-in works below it."""

    async def no_matchers(hass: HomeAssistant) -> list[Any]:
        return []

    monkeypatch.setattr("homeassistant.components.bluetooth.async_get_bluetooth", no_matchers)


@pytest.fixture
async def attached(hass: HomeAssistant, enable_bluetooth: None, peripheral: Peripheral) -> AsyncIterator[Peripheral]:
    detach = async_attach(hass, peripheral, run=False)
    yield peripheral
    detach()


async def connect(
    hass: HomeAssistant, peripheral: Peripheral, on_disconnect: Callable[[BleakClient], None] | None = None
) -> BleakClient:
    device = bluetooth.async_ble_device_from_address(hass, peripheral.address)
    assert device is not None
    return await establish_connection(
        BleakClientWithServiceCache, device, peripheral.name, on_disconnect, max_attempts=1
    )


async def turns(condition: Callable[[], bool]) -> None:
    """Run the event loop until the condition holds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("did not happen")


async def test_an_attached_treadmill_is_heard_at_once(hass: HomeAssistant, attached: Peripheral) -> None:
    info = bluetooth.async_last_service_info(hass, attached.address)
    assert info is not None
    assert info.name == "Virtual treadmill"
    assert info.service_uuids == [const.SERVICE]
    assert info.service_data == {const.SERVICE: b"\x01\x01\x00"}
    assert info.connectable
    assert info.source == scanner_source(attached.address)


async def test_a_treadmill_that_is_off_is_not_heard_until_it_is_switched_on(
    hass: HomeAssistant, peripheral: Peripheral
) -> None:
    peripheral.faults.off = True
    detach = async_attach(hass, peripheral, run=False)
    assert bluetooth.async_ble_device_from_address(hass, peripheral.address) is None
    peripheral.faults.off = False
    peripheral.step(0.1)
    assert bluetooth.async_ble_device_from_address(hass, peripheral.address) is not None
    detach()


async def test_a_client_reads_subscribes_and_commands(hass: HomeAssistant, attached: Peripheral) -> None:
    client = await connect(hass, attached)
    assert client.is_connected
    assert await client.read_gatt_char(const.FEATURE) == bytearray.fromhex("0c12000003000000")
    assert await client.read_gatt_char(const.MANUFACTURER_NAME) == b"Retrowalk"

    indications: list[bytes] = []
    records: list[bytes] = []
    await client.start_notify(const.CONTROL_POINT, lambda _, data: indications.append(bytes(data)))
    await client.start_notify(const.TREADMILL_DATA, lambda _, data: records.append(bytes(data)))
    await client.write_gatt_char(const.CONTROL_POINT, b"\x00", response=True)
    await turns(lambda: bool(indications))
    assert indications == [b"\x80\x00\x01"]

    attached.step(1)
    assert len(records) == 1
    await client.stop_notify(const.TREADMILL_DATA)
    attached.step(1)
    assert len(records) == 1
    await client.disconnect()
    assert not attached.connected


async def test_a_dropped_link_is_seen(hass: HomeAssistant, attached: Peripheral) -> None:
    lost: list[BleakClient] = []
    client = await connect(hass, attached, lost.append)
    attached.drop_link()
    assert not client.is_connected
    assert lost == [client]
    with pytest.raises(BleakError):
        await client.write_gatt_char(const.CONTROL_POINT, b"\x00", response=True)
    assert (await connect(hass, attached)).is_connected


async def test_disconnecting_calls_the_disconnect_callback_once(hass: HomeAssistant, attached: Peripheral) -> None:
    lost: list[BleakClient] = []
    client = await connect(hass, attached, lost.append)
    await client.disconnect()
    await client.disconnect()
    assert lost == [client]


async def test_att_errors_arrive_with_their_code(hass: HomeAssistant, attached: Peripheral) -> None:
    client = await connect(hass, attached)
    with pytest.raises(BleakGATTProtocolError) as raised:
        await client.write_gatt_char(const.CONTROL_POINT, b"\x00", response=True)
    assert raised.value.code == 0xFD
    await client.disconnect()


async def test_a_write_that_is_never_answered_can_be_cancelled(hass: HomeAssistant, attached: Peripheral) -> None:
    attached.faults.update({"no_write_response_op": [0x00]})
    client = await connect(hass, attached)
    await client.start_notify(const.CONTROL_POINT, lambda *_: None)
    write = hass.async_create_task(client.write_gatt_char(const.CONTROL_POINT, b"\x00", response=True))
    await asyncio.sleep(0)
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    assert client.is_connected
    await client.disconnect()


async def test_a_write_in_progress_fails_when_the_link_drops(hass: HomeAssistant, attached: Peripheral) -> None:
    attached.faults.update({"no_write_response_op": [0x00]})
    client = await connect(hass, attached)
    await client.start_notify(const.CONTROL_POINT, lambda *_: None)
    write = hass.async_create_task(client.write_gatt_char(const.CONTROL_POINT, b"\x00", response=True))
    await turns(lambda: bool(attached.writes))
    attached.drop_link()
    with pytest.raises(BleakError):
        await write


async def test_a_slow_connection_stands_after_its_delay(hass: HomeAssistant, attached: Peripheral) -> None:
    attached.faults.connect_delay = 5.0
    connecting = hass.async_create_task(connect(hass, attached))
    await asyncio.sleep(0)
    attached.step(4.9)
    await asyncio.sleep(0)
    assert not attached.connected
    attached.step(0.1)
    client = await connecting
    assert client.is_connected
    await client.disconnect()


@pytest.mark.parametrize("fault", ["off", "held_by_other_central"])
async def test_a_refused_connection_is_a_bleak_error(hass: HomeAssistant, attached: Peripheral, fault: str) -> None:
    attached.faults.update({fault: True})
    with pytest.raises(BleakError):
        await connect(hass, attached)


async def test_slots_are_reserved_before_a_connection_stands(hass: HomeAssistant, attached: Peripheral) -> None:
    # Without bleak-retry-connector, which would wait for seconds when the slots are full.
    scanner = bluetooth.async_scanner_by_source(hass, scanner_source(attached.address))
    device = bluetooth.async_ble_device_from_address(hass, attached.address)
    assert scanner is not None
    assert scanner.connector is not None
    assert device is not None
    attached.faults.connect_delay = 1.0
    clients = [scanner.connector.client(device) for _ in range(5)]
    connecting = [hass.async_create_task(client.connect(False)) for client in clients]
    await asyncio.sleep(0)
    assert (allocations := scanner.get_allocations()) is not None
    assert (allocations.slots, allocations.free) == (3, 0)
    assert not scanner.connector.can_connect()

    attached.step(1.0)
    results = await asyncio.gather(*connecting, return_exceptions=True)
    assert sum(isinstance(result, BleakError) for result in results) == 4
    assert (allocations := scanner.get_allocations()) is not None
    assert allocations.allocated == [attached.address]
    await next(client for client in clients if client.is_connected).disconnect()
    assert (allocations := scanner.get_allocations()) is not None
    assert allocations.free == 3


async def test_detaching_ends_the_link_and_lets_it_be_attached_again(
    hass: HomeAssistant, peripheral: Peripheral
) -> None:
    lost: list[BleakClient] = []
    detach = async_attach(hass, peripheral, run=False)
    client = await connect(hass, peripheral, lost.append)
    detach()
    detach()
    assert lost == [client]
    assert not peripheral.connected
    assert bluetooth.async_scanner_by_source(hass, scanner_source(peripheral.address)) is None

    detach = async_attach(hass, peripheral, run=False)
    client = await connect(hass, peripheral)
    assert client.is_connected
    await client.disconnect()
    detach()


async def test_detaching_fails_a_connection_attempt(hass: HomeAssistant, peripheral: Peripheral) -> None:
    peripheral.faults.connect_delay = 60.0
    detach = async_attach(hass, peripheral, run=False)
    connecting = hass.async_create_task(connect(hass, peripheral))
    await asyncio.sleep(0)
    detach()
    with pytest.raises(BleakError):
        await connecting


async def test_two_treadmills_do_not_hear_each_other(hass: HomeAssistant, attached: Peripheral) -> None:
    second = Peripheral(VirtualTreadmill(), address=virtual_address(2), name="Second")
    detach = async_attach(hass, second, run=False)
    client = await connect(hass, second)
    assert second.connected
    assert not attached.connected
    await client.disconnect()
    detach()


async def test_time_passes_by_itself_only_when_asked_to(
    hass: HomeAssistant, attached: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Peripheral(VirtualTreadmill(), address=virtual_address(2), name="Running")
    now = hass.loop.time()
    timers: dict[float, Callable[[], None]] = {}

    class Handle:
        def cancel(self) -> None: ...

    def call_later(delay: float, action: Callable[[], None]) -> Handle:
        timers[delay] = action
        return Handle()

    with monkeypatch.context() as patch:
        patch.setattr(hass.loop, "call_later", call_later)
        patch.setattr(hass.loop, "time", lambda: now)
        detach = async_attach(hass, running, run=True)
        for _ in range(10):
            now += 0.1
            timers[0.1]()
        assert running.time == pytest.approx(1.0, abs=1e-3)
        now += 3600
        timers[0.1]()
        assert running.time == pytest.approx(2.0, abs=1e-3)
        detach()
    assert attached.time == 0.0
