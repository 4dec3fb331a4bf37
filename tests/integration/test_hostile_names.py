"""A name is anybody's text, above all one that a radio tells: wherever Markdown is read it stays a name."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from homeassistant.components import bluetooth
from homeassistant.components import persistent_notification as pn
from homeassistant.config_entries import SOURCE_BLUETOOTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.errors import ErrorKey, wrong
from custom_components.retrowalk.issues import Issue, create_issue
from custom_components.retrowalk.reminders.message import ReminderTemplate
from custom_components.retrowalk.treadmill.issues import async_show_damage
from custom_components.retrowalk.walkers.joining import async_show_twins
from tests.support.house import House, make_entry, walker_subentry
from tests.support.session_events import session_event

NAME = '[x](https://e.example) <img src="//e.example/a.png"> **b** `c` www.e.example a@e.example\n\n# <b>d'
MEANS_SOMETHING = re.compile(r"[<>\[\]*`@]|://|www\.|\n")


def notifications(hass: HomeAssistant) -> list[str]:
    return [
        text
        for each in pn._async_get_or_create_notifications(hass).values()
        for text in (each["title"], each["message"])
    ]


def hostile(house: House, *walkers: str) -> MockConfigEntry:
    entry = make_entry(walkers=[walker_subentry(walker) for walker in walkers], title=NAME)
    entry.add_to_hass(house.hass)
    return entry


def is_a_name(texts: Iterable[str]) -> bool:
    texts = [*texts]
    assert [text for text in texts if MEANS_SOMETHING.search(text)] == []
    return any("e.example" in text for text in texts)


def placeholders(hass: HomeAssistant) -> dict[str, str]:
    issues = [issue for (domain, _), issue in ir.async_get(hass).issues.items() if domain == DOMAIN]
    return {key: text for issue in issues for key, text in (issue.translation_placeholders or {}).items()}


@pytest.mark.parametrize("issue", Issue)
async def test_no_repair_has_a_link_of_a_treadmills_or_a_walkers_name(house: House, issue: Issue) -> None:
    entry = hostile(house)
    create_issue(house.hass, entry, issue, walker_id="anna", target=NAME, heard=NAME)
    assert is_a_name(placeholders(house.hass).values())


async def test_no_repair_about_damage_or_twins_has_a_link_of_a_name(house: House) -> None:
    hass, entry = house.hass, hostile(house, NAME)
    async_show_damage(hass, entry, {NAME: [NAME], "options": ["control"]})
    found = placeholders(hass)
    first, second = found.pop("what").splitlines()
    assert re.fullmatch(r"- ([^`]*): `([^`]*)`", first)
    assert is_a_name(re.split("`", first.removeprefix("- ")))
    assert second == "- options: `control`"
    assert is_a_name(found.values())
    ir.async_delete_issue(hass, DOMAIN, f"damaged_{entry.entry_id}")
    other = make_entry(walkers=[walker_subentry(NAME) | {"subentry_id": "other"}], address="11:22:33:44:55:66")
    other.add_to_hass(hass)
    async_show_twins(hass)
    assert is_a_name(placeholders(hass).values())


async def test_no_notification_of_home_assistant_has_a_link_of_a_name(house: House) -> None:
    hass = house.hass
    await house.set_up(make_entry(walkers=[walker_subentry()], title=NAME))
    await house.store_session("anna")
    house.coordinator.announcer.on_session_event(session_event("stop_failed"))
    await hass.async_block_till_done()
    assert is_a_name(notifications(hass))
    pn.async_dismiss_all(hass)
    await hass.config_entries.async_remove(house.entry.entry_id)
    await hass.async_block_till_done()
    title, message = notifications(hass)
    assert is_a_name([title])
    assert "](http" not in message
    assert "<" not in message


async def test_no_message_to_a_phone_has_a_link_of_a_name(house: House) -> None:
    await house.set_up()
    template = ReminderTemplate(hass=house.hass, tag="x", walker=NAME)
    for message in (
        await template.async_render(),
        await template.async_render_error(wrong(ErrorKey.TWO_WALKERS, walker=NAME, named=NAME)),
    ):
        assert is_a_name([message.title])
        assert is_a_name([message.text]) or not message.text


async def test_no_dialog_has_a_link_of_the_name_that_a_radio_tells(hass: HomeAssistant, house: House) -> None:
    info = bluetooth.BluetoothServiceInfoBleak(
        name=NAME,
        address="F2:52:57:00:00:99",
        rssi=-60,
        manufacturer_data={},
        service_data={},
        service_uuids=["00001826-0000-1000-8000-00805f9b34fb"],
        source="local",
        device=None,
        advertisement=None,
        connectable=True,
        time=0,
        tx_power=None,
    )
    result: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_BLUETOOTH}, data=info)
    flow: Any = hass.config_entries.flow._progress[result["flow_id"]]
    assert is_a_name(flow.context["title_placeholders"].values())
    assert is_a_name(result["description_placeholders"].values())
    assert flow._name == " ".join(NAME.split()), "what is odd about a machine is found by it"


async def test_no_dialog_of_options_has_a_link_of_a_name(house: House) -> None:
    await house.set_up(make_entry(title=NAME))
    await house.press("start")
    flows: Any = house.hass.config_entries.options
    result = await flows.async_init(house.entry.entry_id)
    result = await flows.async_configure(result["flow_id"], {"next_step_id": "check"})
    assert result["step_id"] == "check_busy"
    assert is_a_name([result["description_placeholders"]["name"]])
    flows.async_abort(result["flow_id"])
    await house.press("stop")
