"""Faults that owners reported of their machines, seen from a central."""

from itertools import pairwise

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.treadmill_data import decode_treadmill_data
from custom_components.retrowalk.simulator.console_user import WALKS_FOR
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.simulator.conftest import PAUSE, STOP, Central, connected_central, make_peripheral


async def test_lacks(peripheral: Peripheral) -> None:
    peripheral.faults.update({"lacks": ["2ACC", "2a29"]})
    there = {item.uuid for service in peripheral.services for item in service.characteristics}
    assert const.FEATURE not in there
    assert const.MANUFACTURER_NAME not in there
    assert {const.TREADMILL_DATA, const.MODEL_NUMBER} <= there


def test_nameless(peripheral: Peripheral) -> None:
    assert peripheral.name.encode() in peripheral.advertisement()
    peripheral.faults.nameless = True
    assert peripheral.name.encode() not in peripheral.advertisement()
    framed = PERSONALITIES["fitshow"].make_peripheral("F2:52:57:00:00:02")
    assert framed.name.encode() in framed.advertisement()
    framed.faults.nameless = True
    assert framed.name.encode() not in framed.advertisement()


async def test_pause_ends_session(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.pause_ends_session = True
    await central.start_belt()
    assert await central.command(PAUSE) == b"\x80\x08\x01"
    assert peripheral.treadmill.phase is Phase.IDLE


async def test_zeros_at_stop(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.zeros_at_stop = True
    await central.start_belt()
    peripheral.step(30)
    assert peripheral.treadmill.elapsed > 30
    await central.command(STOP)
    peripheral.step(1)
    last = decode_treadmill_data(central.of(const.TREADMILL_DATA)[-1])
    assert (last.distance, last.energy, last.elapsed_time) == (0, 0, 0)


async def test_elapsed_wraps_at(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.elapsed_wraps_at = 10.0
    await central.start_belt()
    peripheral.step(30)
    times = [decode_treadmill_data(frame).elapsed_time for frame in central.of(const.TREADMILL_DATA)]
    assert max(time or 0 for time in times) == 9
    assert times[-1] == int(peripheral.treadmill.elapsed) % 10


async def test_zeros_every(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.zeros_every = 10.0
    await central.start_belt()
    before = len(central.of(const.TREADMILL_DATA))
    peripheral.step(40)
    speeds = [decode_treadmill_data(frame).speed for frame in central.of(const.TREADMILL_DATA)[before:]]
    assert speeds.count(0.0) == 4
    assert set(speeds) == {0.0, 0.5}
    assert not any(one == two == 0.0 for one, two in pairwise(speeds))


async def test_no_pulse() -> None:
    peripheral = make_peripheral(Profile(heart_rate=True))
    central = connected_central(peripheral)
    peripheral.faults.no_pulse = True
    peripheral.step(1)
    assert decode_treadmill_data(central.of(const.TREADMILL_DATA)[-1]).heart_rate == 255


async def test_used_at_console(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.used_at_console = 20.0
    treadmill = peripheral.treadmill
    peripheral.step(19)
    assert treadmill.phase is Phase.IDLE
    peripheral.step(2)
    assert treadmill.phase is Phase.COUNTDOWN
    peripheral.step(30)
    assert treadmill.target_speed == 1.5
    peripheral.step(WALKS_FOR - 20)
    assert treadmill.at_rest
    assert central.of(const.MACHINE_STATUS) == [b"\x04", b"\x05\x96\x00", b"\x02\x01"]
    peripheral.step(25)
    assert treadmill.phase is not Phase.IDLE  # and again


async def test_used_at_console_by_somebody_who_is_stopped(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.used_at_console = 20.0
    peripheral.step(40)
    assert await central.command(b"\x00") == b"\x80\x00\x01"
    assert await central.command(STOP) == b"\x80\x08\x01"
    peripheral.step(15)
    assert peripheral.treadmill.at_rest
    peripheral.step(30)
    assert not peripheral.treadmill.at_rest
