"""A session that waits while the dialog of the check run is open (S2, S9)."""

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.machine.calibration import Calibration
from tests.support.check_dialog import Dialog
from tests.support.house import House


@pytest.fixture
async def dialog(house: House, hass_client: ClientSessionGenerator) -> Dialog:
    assert await async_setup_component(house.hass, "config", {})
    await house.set_up()
    return Dialog(house, await hass_client())


async def test_s9_a_session_that_is_made_ready_while_the_form_is_open_has_to_be_ended_first(
    house: House, dialog: Dialog
) -> None:
    await dialog.to_start()
    await house.press("start")
    await dialog.submit()
    assert (dialog.step["type"], dialog.step["step_id"]) == ("form", "check_busy")
    assert house.state("session_state") == "ready"
    assert house.commands() == []


async def test_s9_a_session_that_is_over_meanwhile_is_not_stopped_once_more(house: House, dialog: Dialog) -> None:
    await house.press("start")
    await dialog.open()
    await dialog.submit(next_step_id="check")
    assert dialog.step["step_id"] == "check_busy"
    await house.press("stop")
    await house.time(3)
    house.commands()
    await dialog.submit()
    assert (dialog.step["type"], dialog.step["step_id"]) == ("form", "check"), "all is asked anew"
    assert house.commands() == []


async def test_s14_units_that_are_found_out_while_somebody_walks_hold_once_the_belt_rests(
    house: House, dialog: Dialog
) -> None:
    house.faults.miles = True
    await dialog.run()
    assert dialog.step["step_id"] == "check_console"
    house.treadmill.press_start()
    await house.time(8)
    assert house.state("session_state") == "manual"
    before = house.coordinator
    house.commands()
    await dialog.submit(console="mph", console_speed=0.6)
    await house.time(5)
    assert house.coordinator is before, "nothing is loaded anew under a walker"
    assert before.connection.calibration == Calibration()
    assert house.commands() == []
    house.treadmill.press_stop()
    await house.time(20)
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not before)
    assert house.coordinator.connection.calibration != Calibration()
