"""A treadmill is reconfigured."""

from unittest.mock import patch

import pytest
from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CONTROL, CONF_RAIL, CONF_SAFETY_KEY, DOMAIN
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.machine.model import Capabilities
from custom_components.retrowalk.simulator.bluetooth import scanner_source
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.treadmill.virtual import async_virtual_peripheral
from tests.support.house import CAPABILITIES, House, make_entry
from tests.support.set_up_dialog import finish, go, is_free, start_virtual, wait
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}


@pytest.mark.usefixtures("set_up")
async def test_reconfiguring_renames_and_reads_again(hass: HomeAssistant, attached: Peripheral) -> None:
    kept = Capabilities(can_start_and_stop=True)
    entry = make_entry(**{CONF_CAPABILITIES: kept.as_dict()})
    entry.add_to_hass(hass)
    before = (dict(entry.data), dict(entry.options), entry.title)
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert result["data_schema"]({}) == {CONF_NAME: "Treadmill"}

    attached.faults.off = True
    result = await go(hass, result, {CONF_NAME: "Garage"})
    assert (result["step_id"], result["errors"]) == ("reconfigure", {"base": "cannot_connect"})
    assert result["data_schema"]({}) == {CONF_NAME: "Garage"}
    assert (dict(entry.data), dict(entry.options), entry.title) == before

    attached.faults.off = False
    result = await go(hass, result, {CONF_NAME: " Garage "})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.title == "Garage"
    assert entry.data == {**before[0], CONF_NAME: "Garage", CONF_CAPABILITIES: CAPABILITIES.as_dict()}
    assert dict(entry.options) == before[1]
    assert is_free(hass, attached)


@pytest.mark.usefixtures("set_up")
async def test_an_empty_name_keeps_the_old_one(hass: HomeAssistant, attached: Peripheral) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: " "})
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Treadmill"


async def test_s10_reconfiguring_never_takes_the_link_from_a_walker(house: House) -> None:
    await house.set_up()
    await house.walk()
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: "Garage"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Garage"
    assert house.state("session_state") == "warm_up"
    assert house.coordinator.link.state is LinkState.CONNECTED
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfiguring_waits_for_a_link_that_is_being_made(house: House) -> None:
    house.faults.connect_delay = 1.0
    await house.set_up(connected=False)
    links = patch.object(house.peripheral, "connect", wraps=house.peripheral.connect)
    assert house.coordinator.link.state is LinkState.CONNECTING
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_NAME: "Garage"})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await house.settle()
    with links as made:
        house.faults.connect_delay = 0.0
        house.peripheral.step(1.0)
        result = await wait(hass, result)
    assert made.call_count == 1
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Garage"


async def test_reconfiguring_reads_a_released_treadmill_by_itself(house: House) -> None:
    await house.set_up()
    house.coordinator.control.disconnect()
    await house.until(lambda: house.coordinator.link.state is LinkState.RELEASED)
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: "Garage"})
    assert result["reason"] == "reconfigure_successful"


async def test_a_virtual_treadmill_that_is_plugged_in_is_not_plugged_in_twice(hass: HomeAssistant) -> None:
    result = await start_virtual(hass)
    result = await finish(hass, result, CONTROL)
    entry = result["result"]
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    entry.runtime_data.control.disconnect()
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.RELEASED)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    faults = async_virtual_peripheral(hass, entry.data[CONF_ADDRESS]).faults
    faults.held_by_other_central = True
    result = await go(hass, result, {CONF_NAME: "Pad"})
    assert result["errors"] == {"base": "cannot_connect"}
    assert bluetooth.async_scanner_by_source(hass, scanner_source(entry.data[CONF_ADDRESS])) is not None

    faults.clear()
    result = await go(hass, result, {CONF_NAME: "Pad"})
    assert result["reason"] == "reconfigure_successful"
    await until(lambda: entry.title == "Pad")
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
