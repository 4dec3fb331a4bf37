"""Virtual treadmills are set up."""

from typing import Any

import pytest
from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from custom_components.retrowalk.const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_CAPABILITIES,
    CONF_CONTROL,
    CONF_PERSONALITY,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_VIRTUAL,
)
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.bluetooth import scanner_source
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.treadmill.virtual import async_forget, async_virtual_peripheral
from tests.support.house import make_entry
from tests.support.set_up_dialog import finish, go, in_progress, start, start_virtual
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}
SILENCE = {CONF_ANNOUNCE: "none", CONF_ANNOUNCER: None, CONF_TTS: None}


async def test_a_virtual_treadmill_is_set_up_and_works(hass: HomeAssistant) -> None:
    result = await start_virtual(hass)
    assert result["step_id"] == "safety"
    assert result["data_schema"]({}) == CONTROL
    # It is removed again: the entry adds it permanently.
    assert bluetooth.async_scanner_by_source(hass, scanner_source(virtual_address(0))) is None
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Virtual treadmill"
    assert result["data"][CONF_ADDRESS] == virtual_address(0)
    assert result["data"][CONF_VIRTUAL] is True
    assert result["options"] == {**CONTROL, **SILENCE}
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    assert in_progress(hass) == []
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_second_treadmill_offers_who_walks_on_the_first(hass: HomeAssistant) -> None:
    first = (await finish(hass, await start_virtual(hass), CONTROL))["result"]
    result = await go(hass, await start_virtual(hass), CONTROL)
    result = await go(hass, result, {CONF_ANNOUNCE: "none"})
    assert result["step_id"] == "share"
    [who] = result["data_schema"].schema.values()
    [anna, new] = who.config["options"]
    assert (anna["label"], new["label"]) == ("Anna (Virtual treadmill)", "somebody_new")
    result = await go(hass, result, {"who": anna["value"]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    second = result["result"]
    walkers = [entry.runtime_data.coordinator.roster.walkers.keys() for entry in (first, second)]
    assert walkers == [{anna["value"]}, {anna["value"]}]
    for entry in (first, second):
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("set_up")
async def test_a_second_virtual_treadmill_is_another_one(hass: HomeAssistant) -> None:
    first = await start_virtual(hass)
    second = await start_virtual(hass)
    first = await finish(hass, first, CONTROL)
    second = await finish(hass, second, CONTROL)
    assert (first["title"], first["data"][CONF_ADDRESS]) == ("Virtual treadmill", virtual_address(0))
    assert (second["title"], second["data"][CONF_ADDRESS]) == ("Virtual treadmill 2", virtual_address(1))
    assert second["data"][CONF_NAME] == "Virtual treadmill 2"


async def test_a_virtual_treadmill_has_a_name_in_the_house_language(hass: HomeAssistant) -> None:
    hass.config.language = "de"
    result = await start_virtual(hass)
    assert result["description_placeholders"]["name"] == "Virtuelles Laufband"


async def test_a_virtual_treadmill_that_fails_is_tried_again(hass: HomeAssistant) -> None:
    faults = async_virtual_peripheral(hass, virtual_address(0)).faults
    faults.off = True
    result = await start_virtual(hass)
    assert (result["step_id"], result["errors"]) == ("virtual", {"base": "not_heard"})
    result = await go(hass, result)
    assert (result["step_id"], result["errors"]) == ("virtual", {"base": "not_heard"})
    faults.off = False
    result = await go(hass, result)
    assert result["step_id"] == "safety"
    assert result["description_placeholders"]["name"] == "Virtual treadmill"


async def test_closing_the_dialog_unplugs_the_virtual_treadmill(hass: HomeAssistant) -> None:
    peripheral = async_virtual_peripheral(hass, virtual_address(0))
    peripheral.faults.connect_delay = 3600.0
    result = await start(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": "virtual"})
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    source = scanner_source(peripheral.address)
    await until(lambda: bluetooth.async_scanner_by_source(hass, source) is not None)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await until(lambda: bluetooth.async_scanner_by_source(hass, source) is None)


async def test_without_a_choice_it_is_polite(hass: HomeAssistant) -> None:
    result = await start(hass, "virtual")
    assert result["data_schema"]({}) == {CONF_PERSONALITY: "polite"}
    [field] = result["data_schema"].schema.values()
    offered = field.config["options"]
    assert sorted(offered) == sorted(PERSONALITIES)
    makers = [PERSONALITIES[key].maker.lower() for key in offered[1:]]
    assert offered[0] == "polite"
    assert makers == sorted(makers, key=lambda maker: (not maker, maker))


async def test_what_is_not_listed_is_not_played(hass: HomeAssistant) -> None:
    with pytest.raises(InvalidData):
        await start_virtual(hass, "My treadmill")


@pytest.mark.parametrize("kind", ["lifespan", "urevo_native", "pitpat_envelope", "deerrun"])
async def test_a_machine_that_nobody_is_sure_how_to_move_says_so_and_is_set_up_to_be_watched(
    hass: HomeAssistant, kind: str
) -> None:
    result = await start_virtual(hass, kind)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "monitor_unproven")
    assert result["data_schema"]({}) == {}
    assert result["description_placeholders"]["name"] == "Virtual treadmill"
    result = await finish(hass, result, {})  # nothing of control or announcements is asked
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.options[CONF_CONTROL] == "monitor"
    assert entry.data[CONF_CAPABILITIES]["control_unproven"] is True
    assert entry.data[CONF_CAPABILITIES]["speed_range"] is None
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_it_plays_the_machine_that_was_chosen_and_does_so_after_a_restart(hass: HomeAssistant) -> None:
    result = await finish(hass, await start_virtual(hass, "frozen_counters"), CONTROL)
    entry = result["result"]
    assert entry.data[CONF_PERSONALITY] == "frozen_counters"
    assert entry.data[CONF_CAPABILITIES]["speed_range"]["maximum"] == 6.0
    peripheral = async_virtual_peripheral(hass, virtual_address(0))
    assert peripheral.faults.active() == {"counters_frozen_without_walker": True}
    await hass.config_entries.async_reload(entry.entry_id)
    assert async_virtual_peripheral(hass, virtual_address(0)) is peripheral
    await hass.config_entries.async_unload(entry.entry_id)
    async_forget(hass, virtual_address(0))  # Home Assistant ends, and begins again
    await hass.config_entries.async_setup(entry.entry_id)
    again = async_virtual_peripheral(hass, virtual_address(0))
    assert again is not peripheral
    assert again.faults.active() == {"counters_frozen_without_walker": True}
    await hass.config_entries.async_unload(entry.entry_id)


async def test_another_choice_after_a_failure_is_another_machine(hass: HomeAssistant) -> None:
    async_virtual_peripheral(hass, virtual_address(0)).faults.off = True
    result = await start_virtual(hass)
    assert (result["step_id"], result["errors"]) == ("virtual", {"base": "not_heard"})
    result = await go(hass, result, {CONF_PERSONALITY: "frozen_counters"})
    assert result["step_id"] == "safety"
    assert async_virtual_peripheral(hass, virtual_address(0)).treadmill.profile.speed.minimum == 1.0


@pytest.mark.parametrize("stored", [{}, {CONF_PERSONALITY: None}])
async def test_a_treadmill_of_an_older_version_is_polite(hass: HomeAssistant, stored: dict[str, Any]) -> None:
    entry = make_entry(**{CONF_VIRTUAL: True, CONF_ADDRESS: virtual_address(0), **stored})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    peripheral = async_virtual_peripheral(hass, virtual_address(0))
    assert (peripheral.name, peripheral.faults.active()) == ("Virtual treadmill", {})
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_personality_that_a_newer_version_had_is_a_polite_one_here(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    entry = make_entry(**{CONF_VIRTUAL: True, CONF_ADDRESS: virtual_address(0), CONF_PERSONALITY: "of_tomorrow"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert async_virtual_peripheral(hass, virtual_address(0)).faults.active() == {}
    assert "of_tomorrow" in caplog.text
    await hass.config_entries.async_unload(entry.entry_id)
