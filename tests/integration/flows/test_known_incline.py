"""Machines whose inclines our table knows to be off: shown, proposed, not moved before their owner chose (S18)."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.retrowalk.const import CONF_INCLINE, CONF_INCLINE_FACTOR, CONF_INCLINE_TABLE, CONF_QUIRKS
from custom_components.retrowalk.machine.incline import InclineScale
from custom_components.retrowalk.treadmill.check_result import calibration_of, rules_of
from custom_components.retrowalk.treadmill.diagnosis import async_gather
from custom_components.retrowalk.treadmill.options import Options
from tests.support.house import CONTROL, House, make_entry

NOBLEPRO: dict[str, Any] = {CONF_QUIRKS: {"incline": 0.5}}
TUNTURI: dict[str, Any] = {CONF_QUIRKS: {"incline": [[0, 0], [6, 1], [13, 2], [20, 3], [26, 4], [33, 5]]}}


async def form_of(hass: HomeAssistant, data: dict[str, Any], options: dict[str, Any] | None = None) -> Any:
    entry = make_entry(options or CONTROL, **data)
    entry.add_to_hass(hass)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    return await hass.config_entries.options.async_configure(form["flow_id"], {"next_step_id": "machine"})


NAMED = pytest.mark.parametrize("house", ["NOBLEPRO"], indirect=True)


def proposed(form: Any, name: str) -> Any:
    marker = next(key for key in form["data_schema"].schema if key == name)
    return marker.description["suggested_value"] if marker.description else marker.default()


async def test_a_known_factor_is_proposed_with_its_source(hass: HomeAssistant) -> None:
    form = await form_of(hass, NOBLEPRO)
    assert proposed(form, CONF_INCLINE) == "found_out"
    assert proposed(form, CONF_INCLINE_FACTOR) == 0.5
    told = form["description_placeholders"]["known_incline"]
    assert "0.5" in told
    assert "NoblePro: QZ" in told


async def test_a_known_table_is_proposed_with_its_source(hass: HomeAssistant) -> None:
    form = await form_of(hass, TUNTURI)
    assert proposed(form, CONF_INCLINE_TABLE).startswith("0 = 0\n6 = 1\n13 = 2")
    assert "QZ #2511" in form["description_placeholders"]["known_incline"]


async def test_what_the_owner_chose_goes_before_the_proposal(hass: HomeAssistant) -> None:
    form = await form_of(hass, NOBLEPRO, {**CONTROL, CONF_INCLINE: "converted", CONF_INCLINE_FACTOR: 0.4})
    assert (proposed(form, CONF_INCLINE), proposed(form, CONF_INCLINE_FACTOR)) == ("converted", 0.4)


async def test_an_ordinary_machine_is_told_nothing(hass: HomeAssistant) -> None:
    form = await form_of(hass, {})
    assert form["description_placeholders"]["known_incline"] == ""
    assert proposed(form, CONF_INCLINE_FACTOR) == 1.0


@pytest.mark.parametrize(
    ("options", "scale"),
    [
        ({}, InclineScale(factor=0.5, supposed=True)),
        ({CONF_INCLINE: "found_out"}, InclineScale(factor=0.5, supposed=True)),
        ({CONF_INCLINE: "as_told"}, InclineScale()),
        ({CONF_INCLINE: "ignored"}, InclineScale(ignored=True)),
        ({CONF_INCLINE: "converted", CONF_INCLINE_FACTOR: 0.5}, InclineScale(factor=0.5)),
        ({"quirks": {"incline": False}}, InclineScale()),
    ],
)
def test_the_owner_goes_before_the_table_and_that_before_the_standard(
    options: dict[str, Any], scale: InclineScale
) -> None:
    assert calibration_of(NOBLEPRO, Options.read(options)).incline == scale
    assert calibration_of({}, Options.read({})).incline == InclineScale()


@pytest.mark.parametrize(
    "kept", [0, -1, "half", True, [], [[1, 2]], [[0, 0], [1]], [[1, 1], [0, 2]], [["x", 0], [1, 1]]]
)
def test_a_damaged_scale_is_none(kept: Any) -> None:
    assert calibration_of({CONF_QUIRKS: {"incline": kept}}, Options()).incline == InclineScale()


@NAMED
async def test_s18_its_incline_is_shown_and_its_deck_waits_for_the_owner(house: House) -> None:
    house.treadmill.incline = house.treadmill.target_incline = 2.0
    house.faults.incline_told_times = 2.0
    await house.set_up(make_entry(CONTROL, **NOBLEPRO))
    await house.time(5)
    assert float(house.state("incline")) == 2.0
    rules = rules_of({**house.entry.data, **NOBLEPRO}, Options.read(house.entry.options))
    assert rules.measured.deck_unsure
    assert house.coordinator.session.limits.incline is None
    await house.press("start")
    with pytest.raises(ServiceValidationError) as refused:
        await house.press("start")
    assert refused.value.translation_key == "deck_doubted"


@NAMED
async def test_a_level_deck_is_walked_on_all_the_same(house: House) -> None:
    house.faults.incline_told_times = 2.0
    await house.set_up(make_entry(CONTROL, **NOBLEPRO))
    await house.time(5)
    await house.press("start")
    await house.time(3)
    await house.press("start")
    assert house.state("session_state") == "countdown"


@pytest.mark.parametrize(("chosen", "origin"), [({}, "table"), ({CONF_INCLINE: "as_told"}, "owner")])
async def test_diagnostics_tell_from_where_the_incline_is_known(
    hass: HomeAssistant, chosen: dict[str, Any], origin: str
) -> None:
    entry = make_entry({**CONTROL, **chosen}, **NOBLEPRO)
    entry.add_to_hass(hass)
    quirks = async_gather(hass, entry, None)()["machine"]["quirks"]
    assert [quirk["from"] for quirk in quirks if quirk["quirk"] == "incline"] == [origin]
