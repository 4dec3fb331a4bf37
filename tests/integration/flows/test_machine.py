"""What the owner says about how the treadmill is to be understood (safety rule S9)."""

import pytest
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.calibration import StatedUnits
from custom_components.retrowalk.machine.model import KM_PER_MILE
from tests.support.house import House, make_entry


async def state_units(house: House, units: StatedUnits) -> None:
    """Say in the options what the machine's numbers mean."""
    assert house.entry is not None
    flow = house.hass.config_entries.options
    result = await flow.async_init(house.entry.entry_id)
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "machine"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "machine")
    result = await flow.async_configure(result["flow_id"], {"units": units.value, "behavior": {}})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)


async def test_s9_other_units_hold_at_once_and_make_a_check_run_due(house: House) -> None:
    await house.set_up()
    await state_units(house, StatedUnits.MILES)
    assert house.entry is not None
    house.treadmill.press_start()
    await house.time(8)
    assert float(house.state("speed")) == pytest.approx(0.5 * KM_PER_MILE, abs=0.05)
    house.treadmill.press_stop()
    await house.time(20)
    house.commands()
    with pytest.raises(ServiceValidationError) as refused:
        await house.press("start")
    assert refused.value.translation_key == "units_changed"
    due = ir.async_get(house.hass).async_get_issue(DOMAIN, f"check_{house.entry.entry_id}")
    assert due is not None
    assert due.translation_key == "units_changed"
    assert house.commands() == []
    await house.press("stop")
    assert house.commands()[-1] == b"\x08\x01"


async def test_s9_what_was_checked_holds_again_when_the_owner_takes_the_words_back(house: House) -> None:
    await house.set_up()
    await state_units(house, StatedUnits.TAKES_MILES)
    await state_units(house, StatedUnits.KILOMETERS)
    await house.press("start")
    assert house.state("session_state") == "ready"
    await house.press("stop")


async def test_a_treadmill_that_is_only_watched_has_true_speeds_too(house: House) -> None:
    await house.set_up(make_entry({"control": "monitor"}))
    await state_units(house, StatedUnits.REPORTS_MILES)
    house.treadmill.press_start()
    await house.time(9)
    assert float(house.state("speed")) == pytest.approx(0.5 * KM_PER_MILE, abs=0.05)
    await house.come_to_rest()
