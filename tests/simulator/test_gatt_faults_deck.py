"""Tests that each fault of the deck does what its name says."""

import struct

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.simulator.conftest import REQUEST_CONTROL, START, Central


def target(percent: float) -> bytes:
    return struct.pack("<Bh", 3, round(percent * 10))


async def running(central: Central, peripheral: Peripheral) -> None:
    await central.command(REQUEST_CONTROL)
    await central.command(START)
    peripheral.step(10)


def told(central: Central) -> float:
    """Return the incline (%) of the newest frame, which follows speed and distance."""
    return int.from_bytes(central.of(const.TREADMILL_DATA)[-1][7:9], "little", signed=True) / 10


async def test_ignore_incline(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.ignore_incline = True
    await running(central, peripheral)
    assert await central.command(target(2.0)) == b"\x80\x03\x01"
    peripheral.step(10)
    assert peripheral.treadmill.incline == 0.0


@pytest.mark.parametrize(("up", "stands"), [(False, 1.0), (True, 2.0)])
async def test_coarse_inclines_up(central: Central, peripheral: Peripheral, up: bool, stands: float) -> None:
    peripheral.faults.update({"coarse_inclines": 1.0, "coarse_inclines_up": up})
    await running(central, peripheral)
    await central.command(target(1.5))
    peripheral.step(10)
    assert peripheral.treadmill.incline == stands


async def test_declines_fine_inclines(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"coarse_inclines": 1.0, "declines_fine_inclines": True})
    await running(central, peripheral)
    assert await central.command(target(0.5)) == b"\x80\x03\x03"
    assert await central.command(target(1.0)) == b"\x80\x03\x01"


async def test_incline_told_times(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"incline_told_times": 6.5})
    await running(central, peripheral)
    await central.command(target(1.0))
    peripheral.step(10)
    assert peripheral.treadmill.incline == 1.0
    assert told(central) == 6.5


async def test_incline_taken_times(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"incline_told_times": 2.0, "incline_taken_times": 2.0})
    await running(central, peripheral)
    await central.command(target(4.0))
    peripheral.step(10)
    assert peripheral.treadmill.incline == 2.0
    assert told(central) == 4.0


async def test_incline_stuck_at(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.incline_stuck_at = 5.0
    await running(central, peripheral)
    assert peripheral.treadmill.incline == 0.0
    assert told(central) == 5.0


async def test_incline_late(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.incline_late = 20.0
    await running(central, peripheral)
    await central.command(target(1.0))
    peripheral.step(10)
    assert peripheral.treadmill.incline == 1.0
    assert told(central) == 0.0
    peripheral.step(14)
    assert told(central) == 1.0


async def test_incline_mirrored(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.incline_mirrored = True
    await running(central, peripheral)
    await central.command(target(1.0))
    peripheral.step(10)
    assert peripheral.treadmill.incline == 1.0
    assert told(central) == -1.0


async def test_incline_remembered(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.incline_remembered = 5.0
    await running(central, peripheral)
    assert told(central) == 5.0
    await central.command(target(1.0))
    peripheral.step(10)
    assert told(central) == peripheral.treadmill.incline == 1.0


async def test_no_incline_reported(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.no_incline_reported = True
    await running(central, peripheral)
    flags = int.from_bytes(central.of(const.TREADMILL_DATA)[-1][:2], "little")
    assert not flags & 1 << 3


async def test_reports_target_incline(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.reports_target_incline = True
    await running(central, peripheral)
    await central.command(target(10.0))
    peripheral.step(1)
    assert told(central) == 10.0
    assert peripheral.treadmill.incline == pytest.approx(0.5)


async def test_deck_drifts(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.deck_drifts = 1.0
    await running(central, peripheral)
    peripheral.step(60)
    assert told(central) == pytest.approx(1.0, abs=0.2)
