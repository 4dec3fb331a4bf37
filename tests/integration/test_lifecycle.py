"""Loading, unloading, reloading and Home Assistant's own stop, with the belt at rest and moving (S14)."""

import asyncio

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr

from custom_components.retrowalk.const import CONF_BACKWARD_SPEED, CONF_CAPABILITIES, CONF_INFO

from .house import ADDRESS, CONTROL, House, make_entry


async def keep_time(house: House, *, until: asyncio.Task[object]) -> None:
    """Let time pass while Home Assistant is busy with something that needs it."""
    while not until.done():
        house.peripheral.step(0.5)
        house.clock.seconds += 0.5
        await asyncio.sleep(0.02)


async def test_unloading_while_connected_frees_the_treadmill(house: House) -> None:
    await house.set_up()
    assert house.peripheral.connected
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert not house.peripheral.connected
    assert house.commands() == []
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    assert house.state("speed") == "0.0"


async def test_s14_unloading_while_we_steer_slows_down_then_stops(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.wish("target_speed", 1.0)
    await house.time(40)
    assert house.state("speed") == "1.0"
    house.commands()
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await keep_time(house, until=unloading)
    assert await unloading
    commands = house.commands()
    assert commands[:2] == [b"\x02\x32\x00", b"\x08\x01"]
    assert set(commands[2:]) <= {b"\x08\x01"}
    assert house.treadmill.at_rest
    assert not house.peripheral.connected


async def test_s14_home_assistant_stopping_while_we_steer_stops_the_belt(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.commands()
    stopping = asyncio.create_task(house.hass.async_stop(force=True))
    await keep_time(house, until=stopping)
    await stopping
    assert b"\x08\x01" in house.commands()
    assert house.treadmill.at_rest
    assert not house.peripheral.connected


async def test_s14_a_belt_that_the_console_has_taken_is_not_touched(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.treadmill.press_speed(2.5)
    await house.time(2)
    assert house.state("session_state") == "manual"
    house.commands()
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await keep_time(house, until=unloading)
    assert house.commands() == []
    assert not house.treadmill.at_rest


async def test_s14_options_saved_while_the_belt_moves_apply_after_the_session(house: House) -> None:
    await house.set_up()
    await house.walk()
    coordinator = house.coordinator
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, CONF_BACKWARD_SPEED: 2.0})
    await house.time(10)
    assert house.coordinator is coordinator
    assert house.full_state("target_speed").attributes["max"] == 3.0
    await house.press("stop")
    await house.time(6)
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not coordinator)
    assert house.coordinator.session.limits.speed.maximum == 2.0


async def test_options_saved_at_rest_apply_at_once(house: House) -> None:
    await house.set_up()
    coordinator = house.coordinator
    house.hass.config_entries.async_update_entry(house.entry, options={})
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not coordinator)
    await house.settle()
    assert house.full_state("start").state == "unavailable" or not house.coordinator.session.rules.control


async def test_what_the_machine_says_of_itself_is_kept_for_when_it_is_off(house: House) -> None:
    entry = make_entry(**{CONF_CAPABILITIES: {}, CONF_INFO: {}})
    await house.set_up(entry, connected=False)
    await house.until(lambda: bool(entry.data[CONF_INFO]))
    await house.until(lambda: entry.state is ConfigEntryState.LOADED and house.has("target_speed"))
    assert entry.data[CONF_CAPABILITIES]["speed_range"] == {"minimum": 0.5, "maximum": 20.0, "step": 0.1}
    assert entry.data[CONF_INFO]["firmware"] == "1.0.0"


async def test_the_device_page_names_the_machine(house: House) -> None:
    await house.set_up()
    device = dr.async_get(house.hass).async_get_device_by_connection(
        (dr.CONNECTION_BLUETOOTH, ADDRESS), house.entry.entry_id
    )
    assert device is not None
    assert (device.name, device.manufacturer, device.model) == ("Treadmill", "Retrowalk", "Virtual treadmill")
    assert (device.serial_number, device.hw_version, device.sw_version) == ("V0001", "1.0", "1.0.0")


async def test_the_link_is_released_when_idle_and_not_taken_again_until_the_treadmill_was_away(house: House) -> None:
    await house.set_up()
    await house.time(115, dt=1)
    assert house.state("connection") == "connected"
    await house.time(10, dt=1)
    assert house.state("connection") == "released"
    assert not house.peripheral.connected
    house.peripheral.listen_for_advertising(None)
    await house.time(5)
    assert house.state("connection") == "released"
    # A press needs it: it is connected again.
    await house.press("start")
    await house.until(lambda: house.state("connection") == "connected")


async def test_connect_and_disconnect_by_hand(house: House) -> None:
    await house.set_up()
    await house.press("disconnect")
    await house.until(lambda: not house.peripheral.connected)
    assert house.state("connection") == "released"
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    await house.walk()
    with pytest.raises(ServiceValidationError) as told:
        await house.press("disconnect")
    assert told.value.translation_key == "belt_moves"
    assert house.peripheral.connected
