"""Where a card leads whom it refuses something: to the repair, to the settings, or to an entity of the treadmill."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_CHECK, DOMAIN
from custom_components.retrowalk.dashboard.remedy import REMEDIES, Remedy
from custom_components.retrowalk.errors import ErrorKey
from custom_components.retrowalk.training.rules import Refusal
from tests.support.card import Card
from tests.support.house import PASSED, House, make_entry

ROOT = Path(__file__).resolve().parents[3]
TEXTS = json.loads((ROOT / "custom_components" / DOMAIN / "translations" / "en.json").read_text())
ELSEWHERE = re.compile(r"check run|repair issue|\boptions\b|\bsettings\b", re.IGNORECASE)
"""What the text of a refusal says whose remedy is on another page."""
NOT_ON_THE_CARD = {"checking", "reminder_in_quiet_time"}
"""The first is over by itself, the second is changed where it is refused."""


def wanted(error: dict[str, object] | None) -> object:
    """Return the remedy that a refusal has, if any."""
    assert error is not None
    placeholders = error["translation_placeholders"]
    assert isinstance(placeholders, dict)
    return placeholders.get("remedy")


type Open = Callable[..., Awaitable[Card]]


@pytest.fixture
def open_card(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Open:
    """Return a function that opens a card of a treadmill, with changes of its entry's data."""

    async def opened(**data: Any) -> Card:
        await house.set_up(make_entry(**data))
        card = Card(hass, await hass_ws_client(hass))
        await card.subscribe()
        return card

    return opened


def test_each_refusal_that_sends_people_elsewhere_has_a_way_there() -> None:
    keys = {*Refusal, *ErrorKey}
    sending = {key for key in keys if ELSEWHERE.search(TEXTS["exceptions"][key]["message"])}
    assert sending - NOT_ON_THE_CARD <= REMEDIES.keys()
    assert REMEDIES.keys() <= keys
    for page in (Remedy.REPAIRS, Remedy.OPTIONS):
        assert TEXTS["selector"]["card"]["options"][f"open_{page}"]


async def test_an_entity_that_is_a_remedy_is_there(house: House) -> None:
    await house.set_up()
    registry = er.async_get(house.hass)
    keys = {entity.translation_key for entity in registry.entities.values() if entity.platform == DOMAIN}
    assert {remedy.value for remedy in Remedy} - {Remedy.REPAIRS, Remedy.OPTIONS} <= keys


async def test_a_check_run_that_is_due_is_told_before_start_and_with_the_way_to_its_repair(
    house: House, open_card: Open
) -> None:
    card = await open_card(**{CONF_CHECK: None})
    assert card.next["refusal"]["translation_key"] == "not_checked"
    assert wanted(card.next["refusal"]) == "repairs"
    assert card.next["steps"], "what the session would be is drawn all the same"
    answer = await card.press("start")
    assert answer["error"]["translation_key"] == "not_checked"
    assert wanted(answer["error"]) == "repairs"
    assert [issue for domain, issue in ir.async_get(house.hass).issues if domain == DOMAIN and "check" in issue]


async def test_only_administrators_are_led_to_pages_that_only_they_may_open(
    open_card: Open, hass_admin_user: MockUser
) -> None:
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": True})
    card = await open_card(**{CONF_CHECK: None})
    assert card.next["refusal"]["translation_key"] == "not_checked"
    assert wanted(card.next["refusal"]) is None
    assert wanted((await card.press("start"))["error"]) is None


async def test_a_lock_is_opened_at_its_switch(house: House, open_card: Open) -> None:
    card = await open_card()
    await house.call("switch", "turn_on", "control_lock")
    answer = await card.press("start")
    assert answer["error"]["translation_key"] == "locked"
    assert wanted(answer["error"]) == "control_lock"


async def test_a_treadmill_that_is_checked_says_nothing(open_card: Open) -> None:
    card = await open_card()
    assert card.next["refusal"] is None


async def test_a_belt_that_starts_too_fast_is_told_before_start(open_card: Open) -> None:
    card = await open_card(**{CONF_CHECK: {**PASSED, "findings": {"start_speed": 4.0}}})
    assert card.next["refusal"]["translation_key"] == "starts_too_fast"
    assert card.next["refusal"]["translation_placeholders"]["least"] == "4"
    assert wanted(card.next["refusal"]) == "options"
