"""Fixtures of a treadmill in range of a test's Home Assistant."""

from collections.abc import AsyncIterator

import pytest
from homeassistant import core
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.ulid import ulid_at_time
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.action_calls import Actions
from tests.support.blueprint_automations import BlueprintAutomations
from tests.support.house import ADDRESS, Clock, House


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a folder of the test's own: tracks of sessions are real files, even where the storage is a mock."""
    return hass_tmp_config_dir


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    # Contexts of calls use the same clock.
    monkeypatch.setattr(core, "ulid_now", lambda: ulid_at_time(clock.wall()))
    return clock


@pytest.fixture
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
) -> AsyncIterator[House]:
    """Return a house with a treadmill in Bluetooth range; `set_up` creates its entry.

    A parameter is the name that the treadmill advertises.
    """
    assert await async_setup_component(hass, "homeassistant", {})  # as in every real instance
    peripheral = Peripheral(VirtualTreadmill(), address=ADDRESS, name=getattr(request, "param", "Treadmill"))
    detach = async_attach(hass, peripheral, run=False)
    house = House(hass, peripheral, clock, hass_admin_user.id)
    house.detach = detach
    yield house
    entry = house.entry
    if entry is not None and entry.state is ConfigEntryState.LOADED:
        await house.come_to_rest()
        # A belt at rest may start a delayed reload, which reads the sessions from disk.
        busy = {ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.UNLOAD_IN_PROGRESS}
        await house.until(lambda: entry.state not in busy)
        await hass.config_entries.async_unload(entry.entry_id)
    house.detach()


@pytest.fixture
def actions(house: House) -> Actions:
    """Return the actions of the house's treadmill."""
    return Actions(house)


@pytest.fixture
async def lisa(hass: HomeAssistant, house: House) -> MockUser:
    """Return a user who is not an administrator."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    return MockUser(groups=[group]).add_to_hass(hass)


@pytest.fixture
async def automations(house: House) -> AsyncIterator[BlueprintAutomations]:
    yield BlueprintAutomations(house)
    if house.hass.services.has_service("automation", "turn_off"):
        await house.hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
