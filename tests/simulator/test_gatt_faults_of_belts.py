"""Tests that each fault of what a machine claims of its belt and its values does what its name says."""

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.const import MachineFeature
from custom_components.retrowalk.simulator.faults import BelowLeast
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from tests.simulator.conftest import Central

SPEED_2 = b"\x02\xc8\x00"


async def test_least_speed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.least_speed = 0.8
    await central.start_belt()
    peripheral.step(20)
    assert peripheral.treadmill.speed == 0.8
    assert await central.command(b"\x02\x32\x00") == b"\x80\x02\x01"  # 0.5 km/h
    peripheral.step(20)
    assert peripheral.treadmill.speed == 0.8


@pytest.mark.parametrize(
    ("below", "answer", "speed", "told"),
    [
        ("clamps", b"\x80\x02\x01", 0.8, False),
        ("ignores", b"\x80\x02\x01", 2.0, False),
        ("declines", b"\x80\x02\x03", 2.0, False),
        ("stops", b"\x80\x02\x01", 0.0, True),
    ],
)
async def test_below_least(
    central: Central, peripheral: Peripheral, below: BelowLeast, answer: bytes, speed: float, told: bool
) -> None:
    faults = peripheral.faults
    faults.least_speed, faults.below_least, faults.reports_own_stops = 0.8, below, True
    central.subscribe(const.MACHINE_STATUS)
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(20)
    assert await central.command(b"\x02\x32\x00") == answer
    peripheral.step(20)
    assert peripheral.treadmill.speed == speed
    assert (central.of(const.MACHINE_STATUS)[-1:] == [b"\x02\x01"]) == told


def test_all_values(central: Central, peripheral: Peripheral) -> None:
    assert central.read(const.FEATURE)[:4].hex() == "0c120000"
    peripheral.faults.all_values = True
    claimed = MachineFeature(int.from_bytes(central.read(const.FEATURE)[:4], "little"))
    assert MachineFeature.HEART_RATE | MachineFeature.STEP_COUNT in claimed


async def test_no_inclination(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    assert central.of(const.TREADMILL_DATA)[-1][0] & 0x08
    peripheral.faults.no_inclination = True
    peripheral.step(1)
    assert not central.of(const.TREADMILL_DATA)[-1][0] & 0x08


async def test_short_tail(central: Central, peripheral: Peripheral) -> None:
    peripheral.treadmill.profile = Profile(steps=True)
    await central.start_belt()
    peripheral.step(10)
    whole = central.of(const.TREADMILL_DATA)[-1]
    assert whole[1] & 0x20
    peripheral.faults.short_tail = True
    peripheral.step(1)
    assert len(central.of(const.TREADMILL_DATA)[-1]) == len(whole) - 1


async def test_noisy_tail(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.noisy_tail = True
    peripheral.step(5)
    tails = [int.from_bytes(frame[-3:-1], "little") for frame in central.of(const.TREADMILL_DATA)]
    assert len(set(tails)) == len(tails) > 3
