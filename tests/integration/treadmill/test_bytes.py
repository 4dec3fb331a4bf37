"""The bytes that arrive at the treadmill through Home Assistant's Bluetooth."""

from custom_components.retrowalk.machine.model import Command, CommandKind
from tests.support.house import House


async def test_every_tenth_from_half_to_twenty_kmh_arrives_exactly(house: House) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(6)
    tenths = list(range(5, 201))
    house.commands()
    for tenth in tenths:
        await house.coordinator.link.execute(Command(CommandKind.SET_SPEED, tenth / 10))
    written = house.commands()
    assert written.pop(0) == b"\x00"  # control is requested once, and only now
    assert written == [b"\x02" + (tenth * 10).to_bytes(2, "little") for tenth in tenths]
    assert b"\x02\xe6\x00" in written  # 2.3 km/h, which truncation would turn into 2.29


async def test_every_half_percent_of_incline_arrives_exactly(house: House) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(6)
    house.commands()
    for half in range(31):
        await house.coordinator.link.execute(Command(CommandKind.SET_INCLINE, half / 2))
    assert house.commands()[1:] == [b"\x03" + (half * 5).to_bytes(2, "little") for half in range(31)]


async def test_connecting_and_watching_writes_nothing(house: House) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(20)
    assert house.state("belt_moving") == "on"
    assert house.commands() == []
