"""What waits for a machine that answers late is not sent any more once somebody else has the belt (S7, S8)."""

import pytest
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.machine.model import CommandKind
from tests.support.house import House
from tests.support.virtual_time import VirtualTime

SET_SPEED = 0x02


@pytest.fixture
async def walk(house: House, monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    """Return the time of a walk on a belt that answers each command six seconds late, and falls from 2 km/h."""
    await house.set_up_for_experienced()
    await house.walk()
    time = VirtualTime(house, monkeypatch)
    await house.set_number("target_speed", 2.0)
    await time.until(lambda: house.treadmill.speed >= 2.0, within=120)
    house.faults.indication_delay = 6.0
    await house.set_number("target_speed", 1.0)
    await time.passes(5)
    return time


def targets(house: House) -> list[bytes]:
    return [command for command in house.commands() if command[0] == SET_SPEED]


@pytest.mark.parametrize("moment", [0.0, 0.7, 1.4, 2.1, 2.8])
async def test_s7_no_target_that_waited_is_written_after_a_hand_at_the_console(
    house: House, hass: HomeAssistant, walk: VirtualTime, moment: float
) -> None:
    await walk.passes(moment)
    house.treadmill.press_speed(0.8)
    await walk.passes(0.3)
    assert house.state("session_state") == "manual"
    house.commands()
    await walk.passes(25)
    assert targets(house) == []
    assert house.treadmill.speed == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("moment", [0.0, 0.7, 1.4, 2.1, 2.8])
async def test_s8_no_target_that_waited_is_written_to_a_belt_that_its_console_has_paused(
    house: House, hass: HomeAssistant, walk: VirtualTime, moment: float
) -> None:
    await walk.passes(moment)
    house.treadmill.press_pause()
    await walk.passes(0.3)
    house.commands()
    await walk.passes(25)
    assert targets(house) == []
    assert house.treadmill.at_rest


@pytest.fixture
async def rise(house: House, monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    """Return the time of a walk in which the answer to a step up has just begun to be eight seconds late."""
    await house.set_up_for_experienced()
    await house.walk()
    time = VirtualTime(house, monkeypatch)
    await house.set_number("target_speed", 2.0)
    await time.until(lambda: house.treadmill.speed >= 1.5, within=120)
    house.faults.indication_delay = 8.0
    house.commands()
    await time.until(lambda: targets(house) != [], within=10)
    return time


def under_way(house: House) -> frozenset[CommandKind]:
    return house.coordinator.session._ctx.outbox.targets_under_way(house.clock.monotonic())


async def test_s10_a_target_that_is_not_sent_any_more_is_not_waited_for(house: House, rise: VirtualTime) -> None:
    await house.set_number("target_speed", 0.5)
    await rise.passes(4)  # the first step down waits for its turn behind the last one up
    assert under_way(house) == {CommandKind.SET_SPEED}
    house.treadmill.press_speed(1.0)
    await rise.passes(9)
    assert house.state("session_state") == "manual"
    assert under_way(house) == set()
