"""Impossible inclines are doubted for good: after a restart too, and with a repair, until the owner decides (S18)."""

from typing import Any

import pytest
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import (
    CONF_CHECK,
    CONF_DECK,
    CONF_INCLINE,
    CONF_INCLINE_FACTOR,
    CONF_INFO,
    DOMAIN,
)
from custom_components.retrowalk.issues import Issue, issue_id
from custom_components.retrowalk.machine.incline import InclineScale
from custom_components.retrowalk.treadmill.check_result import deck_step_of
from custom_components.retrowalk.treadmill.known_deck import KnownDeck, meaning_of
from tests.support.check_dialog import Dialog
from tests.support.house import CONTROL, PASSED, House, make_entry

FIRMWARE = "1.0.0"
DOUBTED = {"doubted": True, "firmware": FIRMWARE}
HALF = InclineScale(factor=0.5)


def repair(house: House) -> ir.IssueEntry | None:
    return ir.async_get(house.hass).async_get_issue(DOMAIN, issue_id(house.entry, Issue.DECK_DOUBTED))


async def refused(house: House) -> str | None:
    await house.press("start")
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    return error.value.translation_key


async def doubted(house: House, entry: MockConfigEntry | None = None) -> None:
    """Let a machine report six and a half times its incline, of which it is steep once."""
    house.treadmill.incline = house.treadmill.target_incline = 10.0
    house.faults.incline_told_times = 6.5
    await house.set_up(entry or make_entry(CONTROL))
    await house.time(6)
    house.treadmill.incline = house.treadmill.target_incline = 0.3  # 1.95, which is possible
    await house.time(4)


async def decide(house: House, **answers: Any) -> None:
    options = house.hass.config_entries.options
    form = await options.async_init(house.entry.entry_id)
    form = await options.async_configure(form["flow_id"], {"next_step_id": "machine"})
    await options.async_configure(form["flow_id"], {"units": "found_out", "behavior": {}, **answers})
    await house.settle()
    house.forget()
    await house.time(6)


async def test_s18_a_doubt_outlasts_a_restart_and_is_told_in_the_repairs(house: House) -> None:
    await doubted(house)
    assert house.entry.data[CONF_DECK] == DOUBTED
    shown = repair(house)
    assert shown is not None
    assert shown.is_fixable
    assert shown.severity is ir.IssueSeverity.WARNING
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    ir.async_get(house.hass).issues.clear()
    await house.hass.config_entries.async_setup(house.entry.entry_id)
    house.forget()
    await house.time(6)
    assert repair(house) is not None
    assert await refused(house) == "deck_doubted"


@pytest.mark.parametrize(
    "answers",
    [{CONF_INCLINE: "as_told"}, {CONF_INCLINE: "ignored"}, {CONF_INCLINE: "converted", CONF_INCLINE_FACTOR: 0.1538}],
)
async def test_s18_the_owner_decides_and_the_repair_is_gone(house: House, answers: dict[str, Any]) -> None:
    await doubted(house)
    await decide(house, **answers)
    assert repair(house) is None
    assert not house.coordinator.connection.deck_doubted


async def test_s18_what_the_owner_said_is_doubted_in_its_turn(house: House) -> None:
    await doubted(house)
    await decide(house, **{CONF_INCLINE: "as_told"})
    house.treadmill.incline = house.treadmill.target_incline = 10.0
    await house.time(6)
    assert repair(house) is not None
    assert house.entry.data[CONF_DECK]["doubted"] is True


async def test_s18_a_check_run_that_is_passed_proves_nothing_of_a_deck_that_it_never_moves(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    await doubted(house)
    await house.time(60)  # its deck has come to rest
    dialog = Dialog(house, await hass_client())
    await dialog.pass_it()
    await dialog.close()
    await house.time(10)
    assert repair(house) is not None
    assert house.entry.data[CONF_DECK] == DOUBTED
    assert await refused(house) == "deck_doubted"
    await decide(house, **{CONF_INCLINE: "as_told"})
    assert repair(house) is None


async def test_a_doubt_of_other_firmware_is_none(house: House) -> None:
    kept = {**DOUBTED, "firmware": "0.9"}
    await house.set_up(make_entry(CONTROL, **{CONF_DECK: kept}))
    await house.time(3)
    assert not house.coordinator.connection.deck_doubted
    assert repair(house) is None


def test_what_was_found_out_holds_for_what_the_inclines_meant() -> None:
    half = meaning_of(HALF, stated=True)
    known = KnownDeck(step=1.0, doubted=True)
    data = {CONF_INFO: {"firmware": FIRMWARE}, CONF_CHECK: PASSED, CONF_DECK: known.as_dict(FIRMWARE, half)}
    assert deck_step_of(data, half) == 1.0
    assert KnownDeck.read(data[CONF_DECK], FIRMWARE, half) == known
    for other in (None, meaning_of(HALF, stated=False), meaning_of(InclineScale(), stated=True)):
        assert deck_step_of(data, other) is None
    assert meaning_of(InclineScale(), stated=False) is None
    assert KnownDeck().as_dict(FIRMWARE, half) is None
    assert KnownDeck(step=0.5).as_dict(None, None) == {"step": 0.5, "firmware": None}
