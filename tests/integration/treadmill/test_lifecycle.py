"""Setup, unload, reload and the stop of Home Assistant, with the belt at rest and moving (S14)."""

import asyncio

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.retrowalk.const import (
    CONF_BACKWARD_SPEED,
    CONF_CAPABILITIES,
    CONF_IDLE_SECONDS,
    CONF_INFO,
    CONF_VIRTUAL,
    DOMAIN,
)
from custom_components.retrowalk.treadmill import runner
from custom_components.retrowalk.treadmill.virtual import async_virtual_peripheral
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry
from tests.support.session_events import session_event
from tests.support.waiting import let_others_run

STOP = b"\x08\x01"


async def keep_time(house: House, *, until: asyncio.Task[object]) -> None:
    """Let time pass until a task that needs it is done."""
    while not until.done():
        house.peripheral.step(0.5)
        house.clock.seconds += 0.5
        await let_others_run(0.02)


async def unload_within(house: House, seconds: float) -> bool:
    began = asyncio.get_running_loop().time()
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await keep_time(house, until=unloading)
    return unloading.result() and asyncio.get_running_loop().time() - began < seconds


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
    await house.set_number("target_speed", 1.0)
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


async def test_s14_no_error_of_bookkeeping_keeps_a_walk_from_being_steered_and_stopped(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no book has been kept like this before")

    await house.set_up(make_entry(walkers=[walker_subentry()]))
    house.coordinator.next_session.choose_walker("anna")
    for work in ("identify", "on_telemetry", "follow", "tick"):
        monkeypatch.setattr(house.coordinator.recorder, work, broken)
    await house.walk()
    assert "Unexpected error" in caplog.text
    await house.set_number("target_speed", 1.0)
    await house.time(40)
    assert house.state("speed") == "1.0"
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await keep_time(house, until=unloading)
    assert await unloading
    assert house.treadmill.at_rest
    assert not house.peripheral.connected


async def test_s14_a_disk_that_fails_does_not_keep_the_treadmill_from_being_freed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("no disk has said this before")

    await house.set_up()
    house.treadmill.press_start()
    await house.time(20)
    with monkeypatch.context() as disk:
        disk.setattr("homeassistant.helpers.storage.Store.async_save", broken)
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
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
    await house.set_up_for_experienced()
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
    # A press needs the link, so the treadmill is connected again.
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
    with pytest.raises(ServiceValidationError) as error:
        await house.press("disconnect")
    assert error.value.translation_key == "belt_moves"
    assert house.peripheral.connected


async def test_s14_unloading_while_home_assistant_stops_does_not_cut_the_stop_short(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.commands()
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    stopping = asyncio.create_task(house.hass.async_stop(force=True))
    await keep_time(house, until=stopping)
    await stopping
    assert await unloading
    assert STOP in house.commands()
    assert house.treadmill.at_rest
    assert not house.peripheral.connected


async def test_s14_a_countdown_ends_at_once_and_nothing_is_started(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.press("start")
    await house.time(10)
    assert await unload_within(house, 1.0)
    assert house.commands() == []
    assert house.treadmill.at_rest


async def test_s14_a_belt_that_does_not_obey_is_left_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "WIND_DOWN_WITHIN", 0.6)
    await house.set_up()
    await house.walk()
    house.faults.stop_ignored = True
    assert await unload_within(house, 2.0)
    assert STOP in house.commands()
    assert not house.peripheral.connected


async def test_s14_a_stop_that_cannot_reach_anything_is_not_waited_for(house: House) -> None:
    await house.set_up(make_entry(address="F2:52:57:00:00:99"), connected=False)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    assert house.state("session_state") == "stopping"
    assert await unload_within(house, 1.0)


async def test_s14_a_lost_link_is_waited_for_while_a_stop_has_to_be_sent(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.held_by_other_central = True
    house.peripheral.drop_link()
    await house.until(lambda: house.state("session_state") == "interrupted")
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    house.commands()
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await house.settle()
    house.faults.held_by_other_central = False
    await keep_time(house, until=unloading)
    assert house.commands()[0] == STOP
    assert house.treadmill.at_rest


async def test_while_it_leaves_only_stop_is_obeyed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "WIND_DOWN_WITHIN", 1.0)
    await house.set_up()
    await house.walk()
    house.faults.stop_ignored = True
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await house.settle()
    for key in ("start", "pause", "resume"):
        with pytest.raises(ServiceValidationError) as error:
            await house.press(key)
        assert error.value.translation_key == "not_connected"
    house.commands()
    await house.press("stop")
    assert STOP in house.commands()
    assert await unloading


async def test_an_entry_set_up_under_a_moving_belt_watches_and_sends_nothing(house: House) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(10)
    assert await unload_within(house, 1.0)
    await house.time(20)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(30)
    assert house.state("session_state") == "manual"
    # It is the same session as before, without coaching (S19).
    assert house.full_state("session").attributes["event_type"] == "manual"
    assert house.commands() == []
    assert not house.treadmill.at_rest


@pytest.mark.parametrize("fault", ["no_features", "no_ranges"])
async def test_what_a_machine_fails_to_tell_once_is_not_forgotten(house: House, fault: str) -> None:
    await house.set_up()
    coordinator, known = house.coordinator, dict(house.entry.data)
    house.faults.update({fault: True})
    await house.press("disconnect")
    await house.until(lambda: not house.peripheral.connected)
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(5)
    assert house.entry.data == known
    assert house.coordinator is coordinator


async def test_s1_options_saved_while_ready_end_it_and_apply_at_once(house: House) -> None:
    await house.set_up()
    await house.press("start", by=Context())
    coordinator = house.coordinator
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, CONF_BACKWARD_SPEED: 2.0})
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not coordinator)
    assert house.state("session_state") == "idle"
    assert house.coordinator.session.limits.speed.maximum == 2.0


async def test_s3_a_stop_that_toggles_is_not_forgotten_by_a_reload(house: House) -> None:
    await house.set_up()
    house.faults.toggles_on_stop = True
    house.treadmill.press_start()
    await house.time(10)
    house.treadmill.press_stop()
    await house.time(20)
    assert house.treadmill.at_rest
    await house.press("start")
    await house.press("start")
    assert house.state("session_state") == "countdown"
    coordinator = house.coordinator
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, CONF_IDLE_SECONDS: 600})
    await house.time(1)
    await house.press("stop")
    await house.time(2)
    assert not house.treadmill.at_rest, "the stop set it in motion"
    await house.time(15)
    assert house.treadmill.at_rest
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not coordinator)
    assert house.coordinator.options.idle_seconds == 600


async def test_what_is_saved_without_a_change_reloads_nothing(house: House) -> None:
    await house.set_up()
    coordinator = house.coordinator
    house.hass.config_entries.async_update_entry(house.entry, minor_version=2)
    await house.settle()
    assert house.coordinator is coordinator


async def test_a_failed_stop_is_no_issue_any_more_when_its_treadmill_is_removed(house: House) -> None:
    await house.set_up(make_entry(address="F2:52:57:00:00:99"), connected=False)
    house.coordinator.events.notify(session_event("stop_failed"))
    issues = ir.async_get(house.hass)
    assert [issue for domain, issue in issues.issues if domain == DOMAIN] == [f"stop_failed_{house.entry.entry_id}"]
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert not [issue for domain, issue in issues.issues if domain == DOMAIN]


async def test_a_removed_treadmill_is_discovered_again(house: House) -> None:
    await house.set_up()
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    await house.until(lambda: bool(house.hass.config_entries.flow.async_progress_by_handler(DOMAIN)))


async def test_a_virtual_treadmill_walks_on_over_a_reload_and_is_forgotten_with_its_entry(
    hass: HomeAssistant, enable_bluetooth: None
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    entry = make_entry(**{CONF_VIRTUAL: True})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    peripheral = async_virtual_peripheral(hass, ADDRESS)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert async_virtual_peripheral(hass, ADDRESS) is peripheral
    await hass.config_entries.async_remove(entry.entry_id)
    assert async_virtual_peripheral(hass, ADDRESS) is not peripheral
