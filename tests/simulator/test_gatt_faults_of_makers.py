"""Tests for the faults of machines whose makers want more than the standard; each test has the name of its fault."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.quirks import KINGSMITH_GATE, KINGSMITH_UNLOCK, UREVO_WRITE
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.attributes import AttError
from custom_components.retrowalk.simulator.fitshow import FitShowPeripheral
from custom_components.retrowalk.simulator.link import LinkLost
from custom_components.retrowalk.simulator.maker import ACTIVATION, PREAMBLE, MakerPeripheral
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill

from .conftest import REQUEST_CONTROL, START, STOP, Central, connected_central

SPEED_2 = b"\x02\xc8\x00"
Z1_UNLOCK = bytes.fromhex("710005012e5a314474")


@pytest.fixture
def peripheral() -> MakerPeripheral:
    return MakerPeripheral(VirtualTreadmill(), address=virtual_address(1), name="KS-HD-Z1D")


@pytest.fixture
def central(peripheral: MakerPeripheral) -> Central:
    return connected_central(peripheral)


@pytest.fixture
async def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what lets seconds pass on the loop's clock."""
    loop, ahead = asyncio.get_running_loop(), [0.0]
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + sum(ahead), raising=False)
    return ahead.append


async def test_wants_preamble(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.wants_preamble = True
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x05"
    await peripheral.write(central.handle(KINGSMITH_GATE), PREAMBLE)
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x01"
    assert await central.command(START) == b"\x80\x07\x05"  # it counts once
    await peripheral.write(central.handle(KINGSMITH_GATE), b"\x01")
    assert await central.command(START) == b"\x80\x07\x05"
    assert peripheral.treadmill.phase is Phase.IDLE


async def test_locked(central: Central, peripheral: MakerPeripheral, later: Callable[[float], None]) -> None:
    peripheral.faults.locked = True
    assert await central.command(REQUEST_CONTROL) is None
    peripheral.step(3)
    assert central.notifications == []
    later(0.41)
    await peripheral.write(central.handle(KINGSMITH_UNLOCK), Z1_UNLOCK, response=False)
    assert await central.command(REQUEST_CONTROL) is None  # too close
    later(0.41)
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x01"
    peripheral.step(1)
    assert central.of(const.TREADMILL_DATA)
    assert not peripheral.updating
    await peripheral.write(central.handle(KINGSMITH_UNLOCK), b"\xe8\x00", response=False)
    assert peripheral.updating


async def test_locked_forgets_with_the_link(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.locked = True
    await peripheral.write(central.handle(KINGSMITH_UNLOCK), Z1_UNLOCK, response=False)
    peripheral.disconnect()
    again = connected_central(peripheral)
    peripheral.step(3)
    assert again.notifications == []


async def test_zeros_until_activated(central: Central, peripheral: MakerPeripheral) -> None:
    await central.start_belt()
    peripheral.faults.zeros_until_activated = True
    peripheral.step(1)
    assert set(central.of(const.TREADMILL_DATA)[-1][2:]) == {0}
    await peripheral.write(central.handle(UREVO_WRITE), ACTIVATION)
    peripheral.step(1)
    assert central.of(const.TREADMILL_DATA)[-1][2:4] == b"\x32\x00"
    await central.write(b"\x01")
    peripheral.step(1)
    assert set(central.of(const.TREADMILL_DATA)[-1][2:]) == {0}


async def test_answers_by_status(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.answers_by_status = True
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x01"
    assert await central.command(START) is None
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x04"
    peripheral.step(10)
    assert await central.command(SPEED_2) is None
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x05\xc8\x00"
    assert await central.command(b"\x03\x0a\x00") is None
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x06\x0a\x00"
    assert await central.command(b"\x08\x02") is None
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x02\x02"
    assert await central.command(STOP) is None
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x02\x01"
    assert await central.command(b"\x09") == b"\x80\x09\x02"
    before = len(central.notifications)
    assert await central.command(b"\x01") is None  # a reset is told by nothing
    assert len(central.notifications) == before


async def test_loses_close_subscriptions(peripheral: MakerPeripheral, later: Callable[[float], None]) -> None:
    peripheral.faults.loses_close_subscriptions = True
    central = connected_central(peripheral)  # at once
    peripheral.step(1)
    assert central.of(const.TREADMILL_DATA)
    with pytest.raises(AttError):  # its own subscription was lost
        await central.write(REQUEST_CONTROL)
    later(0.04)
    central.subscribe(const.CONTROL_POINT)
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x01"


async def test_weak_status_subscription(peripheral: MakerPeripheral) -> None:
    peripheral.faults.weak_status_subscription = True
    central = Central(peripheral)
    central.connect()
    with pytest.raises(LinkLost):
        central.subscribe(const.TRAINING_STATUS)
    assert central.links_lost == 1
    central.connect()
    central.subscribe(const.CONTROL_POINT, const.TREADMILL_DATA, const.MACHINE_STATUS, const.TRAINING_STATUS)
    assert peripheral.connected


async def test_start_wants_parameter(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.start_wants_parameter = True
    await central.command(REQUEST_CONTROL)
    assert await central.command(START) == b"\x80\x07\x04"
    assert await central.command(b"\x07\x01") == b"\x80\x07\x01"
    assert peripheral.treadmill.phase is Phase.COUNTDOWN


async def test_second_start_needed(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.second_start_needed = True
    await central.command(REQUEST_CONTROL)
    assert await central.command(START) == b"\x80\x07\x01"
    peripheral.step(10)
    assert peripheral.treadmill.phase is Phase.IDLE
    assert await central.command(START) == b"\x80\x07\x01"
    assert peripheral.treadmill.phase is Phase.COUNTDOWN
    await central.command(STOP)
    await central.command(START)
    assert peripheral.treadmill.phase is Phase.IDLE  # a stop begins it anew


async def test_stops_after(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.stops_after = 60.0
    await central.start_belt()
    peripheral.step(52)
    assert peripheral.treadmill.phase is Phase.RUNNING
    peripheral.step(2)
    assert peripheral.treadmill.phase is Phase.IDLE
    assert central.of(const.MACHINE_STATUS)[-1] == b"\x02\x01"
    peripheral.step(10)
    peripheral.treadmill.press_start()
    peripheral.step(90)
    assert peripheral.treadmill.phase is Phase.RUNNING  # nobody stops what the console has started


async def test_drop_link_on_speed_in_spin_up(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.drop_link_on_speed_in_spin_up = 3.0
    await central.command(REQUEST_CONTROL)
    await central.command(START)
    peripheral.step(3.5)
    with pytest.raises(LinkLost):
        await central.write(SPEED_2)
    assert not peripheral.connected
    again = connected_central(peripheral)
    await again.command(REQUEST_CONTROL)
    peripheral.step(3)
    assert await again.command(SPEED_2) == b"\x80\x02\x01"


def test_console_dead_while_connected(central: Central, peripheral: MakerPeripheral) -> None:
    peripheral.faults.console_dead_while_connected = True
    peripheral.step(0.1)
    peripheral.treadmill.press_start()
    assert peripheral.treadmill.phase is Phase.IDLE
    peripheral.disconnect()
    peripheral.step(0.1)
    peripheral.treadmill.press_start()
    assert peripheral.treadmill.phase is Phase.COUNTDOWN


async def test_doubled_indications(central: Central, peripheral: MakerPeripheral) -> None:
    await central.command(REQUEST_CONTROL)
    peripheral.faults.doubled_indications = True
    await central.command(START)
    assert central.of(const.CONTROL_POINT)[-2:] == [b"\x80\x07\x01", b"\x80\x07\x01"]


def test_any_run() -> None:
    peripheral = FitShowPeripheral(VirtualTreadmill(), address=virtual_address(1), name="FS-1A2B3C")
    treadmill = peripheral.treadmill
    treadmill.press_start()
    treadmill.step(78.0)
    assert treadmill.phase is Phase.RUNNING
    elapsed = int(treadmill.elapsed)
    assert elapsed > 60
    assert int.from_bytes(peripheral.status()[3:5], "little") == elapsed
    peripheral.faults.any_run = True
    assert tuple(peripheral.status()[3:5]) == divmod(elapsed, 60)
    assert list(peripheral.take(bytes.fromhex("0250025203"))) == []
    assert list(peripheral.take(bytes.fromhex("0250055503"))) != []
