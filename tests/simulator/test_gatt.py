"""Tests for the virtual treadmill as a well-behaved FTMS server."""

import asyncio
import struct

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.simulator.address import is_virtual_address, virtual_address
from custom_components.retrowalk.simulator.attributes import AttError
from custom_components.retrowalk.simulator.client import VirtualClient
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.link import ConnectRefused, LinkLost
from custom_components.retrowalk.simulator.profile import Profile
from tests.simulator.conftest import PAUSE, REQUEST_CONTROL, START, STOP, Central, connected_central, make_peripheral
from tests.support.free_slots import FreeSlots


def speed(kmh: float) -> bytes:
    return struct.pack("<BH", 0x02, round(kmh * 100))


def incline(percent: float) -> bytes:
    return struct.pack("<Bh", 0x03, round(percent * 10))


def test_addresses_are_static_random_and_differ() -> None:
    addresses = {virtual_address(index) for index in (0, 1, 255, 256, 65535)}
    assert len(addresses) == 5
    assert all(int(address[:2], 16) >> 6 == 0b11 for address in addresses)
    assert all(is_virtual_address(address) and is_virtual_address(address.lower()) for address in addresses)
    assert not is_virtual_address("C2:52:57:00:00:01")
    with pytest.raises(ValueError, match="65536"):
        virtual_address(65536)


def test_it_advertises_service_kind_and_name(peripheral: Peripheral) -> None:
    assert peripheral.advertisement() == bytes.fromhex("020106 03032618 06162618010100 1209") + b"Virtual treadmill"


def test_it_advertises_unless_connected(peripheral: Peripheral) -> None:
    central = Central(peripheral)
    advertised = [peripheral.advertising]
    central.connect()
    advertised.append(peripheral.advertising)
    assert advertised == [True, False]
    announced: list[bool] = []
    peripheral.listen_for_advertising(lambda: announced.append(peripheral.advertising))
    peripheral.disconnect()
    assert announced == [True]
    assert central.links_lost == 0


def test_one_central_at_a_time(central: Central, peripheral: Peripheral) -> None:
    with pytest.raises(ConnectRefused):
        Central(peripheral).connect()


def test_the_table_has_every_characteristic(peripheral: Peripheral) -> None:
    table = {
        service.uuid: {item.uuid[4:8]: item.properties for item in service.characteristics}
        for service in peripheral.services
    }
    assert table == {
        const.SERVICE: {
            "2acc": ("read",),
            "2acd": ("notify",),
            "2ad3": ("read", "notify"),
            "2ad4": ("read",),
            "2ad5": ("read",),
            "2ad9": ("write", "indicate"),
            "2ada": ("notify",),
        },
        const.DEVICE_INFORMATION_SERVICE: dict.fromkeys(("2a29", "2a24", "2a25", "2a26", "2a27", "2a28"), ("read",)),
    }


def test_handles_are_unique_and_stay_whatever_is_missing(peripheral: Peripheral) -> None:
    def handles(of: Peripheral) -> dict[str, int]:
        return {item.uuid: item.handle for service in of.services for item in service.characteristics}

    full = handles(peripheral)
    items = [item for service in peripheral.services for item in service.characteristics]
    taken = [service.handle for service in peripheral.services] + [item.handle for item in items]
    taken += [item.handle - 1 for item in items]  # the declaration before each value
    taken += [item.cccd_handle for item in items if item.cccd_handle is not None]
    assert len(set(taken)) == len(taken)
    flat = handles(make_peripheral(Profile(incline=None)))
    assert const.INCLINATION_RANGE not in flat
    assert flat.items() < full.items()


def test_reads_give_features_ranges_and_identity() -> None:
    profile = Profile(
        speed=ValueRange(1.0, 6.0, 0.1), incline=ValueRange(-3.0, 15.0, 0.5), heart_rate=True, steps=True, serial="S1"
    )
    central = connected_central(make_peripheral(profile))
    assert central.read(const.FEATURE) == struct.pack("<II", 0b1_0110_0100_1100, 0b11)
    assert central.read(const.SPEED_RANGE) == bytes.fromhex("640058020a00")
    assert central.read(const.INCLINATION_RANGE) == bytes.fromhex("e2ff96000500")
    assert central.read(const.TRAINING_STATUS) == b"\x00\x01"
    assert central.read(const.SERIAL_NUMBER) == b"S1"
    assert central.read(const.FIRMWARE_REVISION) == b"1.0.0"


async def test_wrong_requests_get_att_errors(central: Central, peripheral: Peripheral) -> None:
    with pytest.raises(AttError) as raised:
        peripheral.read(0x99)
    assert raised.value.code == 0x01
    with pytest.raises(AttError) as raised:
        central.read(const.TREADMILL_DATA)
    assert raised.value.code == 0x02
    with pytest.raises(AttError) as raised:
        await peripheral.write(central.handle(const.FEATURE), b"\x00")
    assert raised.value.code == 0x03
    with pytest.raises(AttError) as raised:
        central.subscribe(const.FEATURE)
    assert raised.value.code == 0x06
    with pytest.raises(AttError) as raised:
        await central.write(b"")
    assert raised.value.code == 0x0D


async def test_without_a_link_every_request_fails(central: Central, peripheral: Peripheral) -> None:
    handle = central.handle(const.CONTROL_POINT)
    peripheral.disconnect()
    with pytest.raises(LinkLost):
        peripheral.read(handle)
    with pytest.raises(LinkLost):
        peripheral.subscribe(handle, lambda _: None)
    with pytest.raises(LinkLost):
        peripheral.unsubscribe(handle)
    with pytest.raises(LinkLost):
        await peripheral.write(handle, START)


async def test_control_writes_need_a_subscription(central: Central, peripheral: Peripheral) -> None:
    peripheral.unsubscribe(central.handle(const.CONTROL_POINT))
    with pytest.raises(AttError) as raised:
        await central.write(REQUEST_CONTROL)
    assert raised.value.code == 0xFD


async def test_the_indication_comes_after_the_write_response(central: Central) -> None:
    await central.write(REQUEST_CONTROL)
    assert not central.of(const.CONTROL_POINT)
    await asyncio.sleep(0)
    assert central.of(const.CONTROL_POINT) == [b"\x80\x00\x01"]


async def test_procedures_do_not_overlap_except_a_stop(central: Central) -> None:
    await central.start_belt()
    await central.write(speed(2.0))
    with pytest.raises(AttError) as raised:
        await central.write(speed(3.0))
    assert raised.value.code == 0xFE
    await central.write(STOP)
    await asyncio.sleep(0)
    assert central.of(const.CONTROL_POINT)[-2:] == [b"\x80\x02\x01", b"\x80\x08\x01"]


async def test_commands_need_control(central: Central, peripheral: Peripheral) -> None:
    assert await central.command(START) == b"\x80\x07\x05"
    await central.command(REQUEST_CONTROL)
    assert await central.command(START) == b"\x80\x07\x01"
    peripheral.disconnect()
    again = connected_central(peripheral)
    assert await again.command(STOP) == b"\x80\x08\x05"


async def test_reset_gives_control_back(central: Central) -> None:
    await central.start_belt()
    assert await central.command(b"\x01") == b"\x80\x01\x01"
    assert await central.command(START) == b"\x80\x07\x05"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"\x04\x10", b"\x80\x04\x02"),
        (b"\x13\x01", b"\x80\x13\x02"),
        (b"\x02\x10", b"\x80\x02\x03"),
        (b"\x03", b"\x80\x03\x03"),
        (b"\x08", b"\x80\x08\x03"),
        (b"\x08\x03", b"\x80\x08\x03"),
        (speed(20.1), b"\x80\x02\x03"),
        (incline(15.5), b"\x80\x03\x03"),
        (START, b"\x80\x07\x04"),
        (speed(2.0), b"\x80\x02\x01"),
        (incline(1.5), b"\x80\x03\x01"),
        (PAUSE, b"\x80\x08\x01"),
        (STOP, b"\x80\x08\x01"),
    ],
)
async def test_commands_on_a_running_belt(central: Central, data: bytes, answer: bytes) -> None:
    await central.start_belt()
    assert await central.command(data) == answer


async def test_an_incline_is_not_supported_by_a_flat_treadmill() -> None:
    central = connected_central(make_peripheral(Profile(incline=None)))
    await central.command(REQUEST_CONTROL)
    assert await central.command(incline(1.0)) == b"\x80\x03\x02"


async def test_every_write_is_kept_with_its_time(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    await central.command(STOP)
    assert peripheral.writes == [
        (0.0, const.CONTROL_POINT, REQUEST_CONTROL),
        (0.0, const.CONTROL_POINT, START),
        (10.0, const.CONTROL_POINT, STOP),
    ]


async def test_data_comes_once_a_second(central: Central, peripheral: Peripheral) -> None:
    for _ in range(100):
        peripheral.step(0.1)
    assert len(central.of(const.TREADMILL_DATA)) == 10
    peripheral.step(5)
    assert len(central.of(const.TREADMILL_DATA)) == 15


async def test_a_record_carries_every_value() -> None:
    peripheral = make_peripheral(Profile(heart_rate=True, steps=True))
    central = connected_central(peripheral)
    await central.start_belt()
    await central.command(speed(3.0))
    await central.command(incline(2.5))
    peripheral.step(110)
    treadmill = peripheral.treadmill
    expected = struct.pack("<HH", 0x258C, 300)
    expected += int(treadmill.distance).to_bytes(3, "little") + struct.pack("<hH", 25, 0x7FFF)
    expected += struct.pack("<HHB", int(treadmill.energy), 0xFFFF, 0xFF)
    expected += struct.pack("<BH", treadmill.heart_rate, 117)
    expected += int(treadmill.steps or 0).to_bytes(3, "little")
    assert central.of(const.TREADMILL_DATA)[-1] == expected


async def test_a_plain_record_has_no_empty_fields(peripheral: Peripheral) -> None:
    central = connected_central(make_peripheral(Profile(incline=None)))
    central.peripheral.step(1)
    assert central.of(const.TREADMILL_DATA) == [bytes.fromhex("8404 0000 000000 0000ffffff 0000")]


async def test_training_status_follows_the_console(central: Central, peripheral: Peripheral) -> None:
    peripheral.treadmill.press_start()
    peripheral.step(10)
    peripheral.treadmill.press_pause()
    peripheral.step(10)
    peripheral.treadmill.press_stop()
    peripheral.step(10)
    assert central.of(const.TRAINING_STATUS) == [
        b"\x01\x0e3",
        b"\x01\x0e2",
        b"\x01\x0e1",
        b"\x00\x0d",
        b"\x00\x0f",
        b"\x00\x01",
    ]


async def test_status_tells_what_the_console_did_and_not_what_the_client_did(
    central: Central, peripheral: Peripheral
) -> None:
    await central.start_belt()
    await central.command(speed(2.0))
    assert not central.of(const.MACHINE_STATUS)
    treadmill = peripheral.treadmill
    treadmill.press_speed(2.5)
    treadmill.press_incline(1.0)
    treadmill.press_pause()
    treadmill.step(10)
    treadmill.press_start()
    treadmill.press_stop()
    treadmill.pull_safety_key()
    assert central.of(const.MACHINE_STATUS) == [
        b"\x05\xfa\x00",
        b"\x06\x0a\x00",
        b"\x02\x02",
        b"\x04",
        b"\x02\x01",
        b"\x03",
    ]


async def test_the_belt_runs_on_when_the_link_is_lost(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.drop_link()
    assert central.links_lost == 1
    peripheral.step(60)
    assert peripheral.treadmill.speed == 0.5


async def test_nothing_reaches_a_central_that_is_gone(central: Central, peripheral: Peripheral) -> None:
    await central.write(REQUEST_CONTROL)
    peripheral.drop_link()
    again = Central(peripheral)
    again.connect()
    await asyncio.sleep(0)
    peripheral.step(2)
    assert not central.notifications
    assert not again.notifications


async def test_a_treadmill_keeps_walking_under_a_new_peripheral(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.disconnect()
    second = Peripheral(peripheral.treadmill, address=peripheral.address, name=peripheral.name, faults=Faults())
    again = connected_central(second)
    second.step(1)
    second.treadmill.press_stop()
    assert len(again.of(const.TREADMILL_DATA)) == 1
    assert again.of(const.MACHINE_STATUS) == [b"\x02\x01"]


async def test_the_client_is_what_bleak_wants_of_one(peripheral: Peripheral) -> None:
    client = VirtualClient(BLEDevice(peripheral.address, peripheral.name, {}), peripheral=peripheral, slots=FreeSlots())
    await client.connect(pair=False)
    assert (client.name, client.mtu_size >= 23, await client.clear_cache()) == (peripheral.name, True, True)
    await client.pair()
    assert peripheral.access.paired
    await client.unpair()
    assert not peripheral.access.paired
    descriptors = [item for each in client.services.characteristics.values() for item in each.descriptors]
    with pytest.raises(BleakError):
        await client.read_gatt_descriptor(descriptors[0])
    await client.disconnect()
    assert not peripheral.connected
