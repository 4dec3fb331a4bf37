"""What the owner says of a machine's inclines: asked for, checked, and true on the next walk (S9, S18)."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError

from custom_components.retrowalk.const import (
    CONF_CAPABILITIES,
    CONF_CHECK,
    CONF_INCLINE,
    CONF_INCLINE_FACTOR,
    CONF_INCLINE_TABLE,
)
from custom_components.retrowalk.machine.incline import InclineScale
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.treadmill.options import Options
from tests.support.house import CONTROL, House, make_entry

UNITS: dict[str, Any] = {"units": "found_out", "behavior": {}}


async def answer(hass: HomeAssistant, entry_id: str, answers: dict[str, Any]) -> Any:
    form = await hass.config_entries.options.async_init(entry_id)
    form = await hass.config_entries.options.async_configure(form["flow_id"], {"next_step_id": "machine"})
    return await hass.config_entries.options.async_configure(form["flow_id"], UNITS | answers)


@pytest.mark.parametrize(
    ("answers", "scale"),
    [
        ({CONF_INCLINE: "as_told"}, InclineScale()),
        ({CONF_INCLINE: "ignored"}, InclineScale(ignored=True)),
        ({CONF_INCLINE: "converted", CONF_INCLINE_FACTOR: 0.5}, InclineScale(factor=0.5)),
        (
            {CONF_INCLINE: "table", CONF_INCLINE_TABLE: "0 = 0\n1 = 0,8\n2 = 1.6"},
            InclineScale(table=((0.0, 0.0), (1.0, 0.8), (2.0, 1.6))),
        ),
    ],
)
async def test_what_the_owner_says_is_kept(hass: HomeAssistant, answers: dict[str, Any], scale: InclineScale) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    done = await answer(hass, entry.entry_id, answers)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert Options.read(done["data"]).incline == scale


@pytest.mark.parametrize("table", ["", "1 = 2", "1 = 2\n2 = 1", "steep"])
async def test_what_is_no_table_is_told(hass: HomeAssistant, table: str) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    told = await answer(hass, entry.entry_id, {CONF_INCLINE: "table", CONF_INCLINE_TABLE: table})
    assert told["errors"] == {CONF_INCLINE_TABLE: "incline_table"}


async def test_a_machine_without_incline_is_not_asked_for_it(hass: HomeAssistant) -> None:
    flat = Capabilities(speed_range=ValueRange(1.0, 6.0, 0.1), can_start_and_stop=True)
    entry = make_entry(**{CONF_CAPABILITIES: flat.as_dict()})
    entry.add_to_hass(hass)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(form["flow_id"], {"next_step_id": "machine"})
    assert list(form["data_schema"].schema) == ["units", "behavior"]


@pytest.mark.parametrize("kept", [{CONF_INCLINE: "other"}, {CONF_INCLINE: "table", CONF_INCLINE_TABLE: "?"}])
def test_s18_what_cannot_be_read_leaves_the_deck_alone(kept: dict[str, str]) -> None:
    options = Options.read({**CONTROL, **kept})
    assert options.incline == InclineScale(ignored=True)
    assert options.damaged


async def test_s18_impossible_inclines_are_refused_until_they_are_ignored(house: House) -> None:
    house.treadmill.incline = house.treadmill.target_incline = 10.0
    house.faults.incline_told_times = 6.5
    await house.set_up(make_entry(CONTROL))
    await house.time(5)
    assert float(house.state("incline")) == 15.0
    await house.press("start")
    with pytest.raises(ServiceValidationError) as refused:
        await house.press("start")
    assert refused.value.translation_key == "deck_doubted"


async def test_s4_s18_a_multiplied_incline_is_true_where_its_factor_is_known(house: House) -> None:
    house.treadmill.incline = house.treadmill.target_incline = 1.0
    house.faults.incline_told_times = house.faults.incline_taken_times = 6.5
    options = {**CONTROL, CONF_INCLINE: "converted", CONF_INCLINE_FACTOR: 1 / 6.5}
    await house.set_up(make_entry(options))
    await house.time(5)
    assert float(house.state("incline")) == pytest.approx(1.0, abs=0.05)


async def test_an_ignored_incline_is_no_reason_not_to_start(house: House) -> None:
    house.faults.incline_told_times = 65.0
    house.treadmill.incline = house.treadmill.target_incline = 1.0
    await house.set_up(make_entry({**CONTROL, CONF_INCLINE: "ignored"}))
    await house.time(5)
    assert not house.has("target_incline")
    await house.press("start")
    await house.time(3)
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_a_machine_that_was_never_checked_has_no_proof_of_its_units_to_show(hass: HomeAssistant) -> None:
    entry = make_entry(**{CONF_CHECK: None})
    entry.add_to_hass(hass)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(form["flow_id"], {"next_step_id": "machine"})
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "machine")
