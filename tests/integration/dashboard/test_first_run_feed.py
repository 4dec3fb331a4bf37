"""What is left to do after the set-up, as the card lists it."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_CHECK, CONF_FIRST_RUN, DOMAIN
from custom_components.retrowalk.dashboard.first_run import first_run_of
from custom_components.retrowalk.messaging.texts import Texts
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry


async def rows(house: House, user: MockUser, language: str = "en") -> list[dict[str, Any]]:
    """Return the rows, or none."""
    todo = first_run_of(house.coordinator, await Texts.async_load(house.hass, language), user)
    return todo["rows"] if todo else []


def entry(**data: Any) -> Any:
    return make_entry({**CONTROL, CONF_ANNOUNCE: "card"}, walkers=[walker_subentry()], **{CONF_FIRST_RUN: True, **data})


async def test_the_card_lists_what_is_left_and_forgets_it_when_it_is_done(
    house: House, hass_admin_user: MockUser
) -> None:
    await house.set_up(entry(**{CONF_CHECK: None}))
    found = await rows(house, hass_admin_user)
    assert [row["key"] for row in found] == ["check", "first_reminder", "voice"]
    assert found[0]["path"] == "/config/repairs"
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await house.set_up(make_entry())
    assert await rows(house, hass_admin_user) == []  # a treadmill of 0.7.0


async def test_the_first_walk_is_chosen_from_the_list_and_goes_from_it_once_walked(
    house: House, hass_admin_user: MockUser
) -> None:
    await house.set_up(entry())
    [walk, _, _] = await rows(house, hass_admin_user, "de")
    assert (walk["program"], walk["text"]) == ("first_walk", "Ein erstes Training von zwei Minuten wählen")
    house.coordinator.next_session.choose_program(walk["program"])
    assert house.coordinator.next_session.program == "first_walk"
    await house.store_session("anna")
    assert [row["key"] for row in await rows(house, hass_admin_user)] == ["first_reminder", "voice"]
    house.coordinator.roster.write("anna", reminder=True)
    assert await rows(house, hass_admin_user) == []


async def test_who_is_no_administrator_is_told_nothing(house: House, lisa: MockUser) -> None:
    await house.set_up(entry())
    assert await rows(house, lisa) == []


async def test_the_list_is_hidden_for_good(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    await house.set_up(entry())
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ADDRESS), house.entry.entry_id)
    assert device is not None
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "retrowalk/first_run_over", "device_id": device.id})
    assert (await client.receive_json())["success"]
    assert await rows(house, hass_admin_user) == []
    await client.send_json_auto_id({"type": "retrowalk/first_run_over", "device_id": "gone"})
    assert not (await client.receive_json())["success"]
    assert house.entry.data[CONF_FIRST_RUN] is False


async def test_only_an_administrator_hides_it(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    await house.set_up(entry())
    client = await hass_ws_client(hass, hass_read_only_access_token)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ADDRESS), house.entry.entry_id)
    assert device is not None
    await client.send_json_auto_id({"type": "retrowalk/first_run_over", "device_id": device.id})
    assert not (await client.receive_json())["success"]
    assert house.entry.data[CONF_FIRST_RUN] is True
