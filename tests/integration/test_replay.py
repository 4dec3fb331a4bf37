"""A diagnostics file of each personality, as its owner would attach it, replays to what its Retrowalk showed."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_CONNECTION, CONF_CONTROL, CONF_INFO
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, Telemetry
from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.treadmill.diagnosis import async_gather
from scripts.lib.recording import Recording, recording_of
from scripts.lib.replaying import protocol_of, replay
from tests.support.effort import rows
from tests.support.house import ADDRESS, Clock, House, make_entry
from tests.support.virtual_time import VirtualTime

NOT_SHOWN = frozenset({"received", "uncounted_since"})


@pytest.fixture(params=rows(PERSONALITIES, every=4))
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    """Return a house with a machine of each kind in Bluetooth range."""
    personality: Personality = request.param
    assert await async_setup_component(hass, "homeassistant", {})
    peripheral = personality.make_peripheral(ADDRESS)
    detach = async_attach(hass, peripheral, run=False)
    house = House(hass, peripheral, clock, hass_admin_user.id)
    nothing: dict[str, Any] = {CONF_CAPABILITIES: Capabilities().as_dict(), CONF_INFO: MachineInfo().as_dict()}
    await house.set_up(
        make_entry({CONF_CONTROL: "monitor", CONF_CONNECTION: "always"}, **nothing, **{CONF_CHECK: None}),
        connected=False,
    )
    time = VirtualTime(house, monkeypatch)
    await time.until(lambda: house.state("connection") == "connected")
    house.treadmill.press_start()
    await time.passes(10)
    yield house
    house.treadmill.press_stop()
    await time.until(lambda: house.treadmill.at_rest)
    await time.passes(3)
    await hass.config_entries.async_unload(house.entry.entry_id)
    detach()


def recorded(house: House) -> Recording:
    """Return the recording in the diagnostics file of this house, as JSON carries it."""
    write = async_gather(house.hass, house.entry, house.coordinator.data)
    return recording_of(json.loads(json.dumps({"home_assistant": {}, "data": write()})))


def shown(telemetry: Telemetry | None) -> dict[str, Any]:
    assert telemetry is not None
    return {name: value for name, value in telemetry._asdict().items() if name not in NOT_SHOWN}


async def test_it_replays_to_the_same_capabilities_and_telemetry_and_becomes_a_machine(house: House) -> None:
    recording = recorded(house)
    result = await house.hass.async_add_executor_job(replay, recording)
    assert result.problem is None
    assert result.capabilities.as_dict() == house.entry.data[CONF_CAPABILITIES]
    assert result.info.firmware == house.entry.data[CONF_INFO]["firmware"]
    driver = house.coordinator.link.driver
    assert driver is not None
    last = next(decoded.telemetry for decoded in reversed(result.decoded) if decoded.telemetry is not None)
    assert shown(last) == shown(driver.telemetry)

    # And it becomes a machine that says the same.
    personality = recording.personality()
    assert personality.protocol == protocol_of(recording)
    again = personality.make_peripheral(ADDRESS)
    offered = {item.uuid for service in again.services for item in service.characteristics}
    assert {row.uuid for row in recording.gatt} & offered
    for row in recording.gatt:
        if row.characteristic in {"2ACC", "2AD4", "2AD5"} and row.characteristic in recording.values:
            handle = next(
                item.handle for service in again.services for item in service.characteristics if item.uuid == row.uuid
            )
            again.connect(lambda: None)
            assert again.read(handle) == recording.values[row.characteristic]
            again.disconnect()
