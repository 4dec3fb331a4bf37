"""The delivery of reminders to phones and other targets, and its repair issues."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.messaging import notifications as notifications_module
from custom_components.retrowalk.reminders import delivery as delivery_module
from tests.support.house import Clock, walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import Home, notifications
from tests.support.speakers import MessageLog, Messages, add_speakers

ANNA = {"person": "person.anna", "reminder": True}


async def test_two_walkers_have_their_own_reminders(home: Home, anna: Phone, lisa: MockUser) -> None:
    bert_phone = await home.phones.add("Bert phone", lisa.id)
    bert = walker_subentry(
        "Bert",
        reminder=True,
        reminder_time="18:30:00",
        reminder_target=home.phones.device_of(bert_phone),
        daily_goal=10.0,
    )
    await home.set_up(walker_subentry("Anna", **ANNA), bert)
    await home.at(18)
    await home.at(18, 30)
    assert (len(anna.inbox), len(bert_phone.inbox)) == (1, 1)
    assert (anna.inbox[0]["title"], bert_phone.inbox[0]["title"]) == ("Anna, time to walk", "Bert, time to walk")
    await bert_phone.tap("Skip today")
    assert [event[1:] for event in home.events] == [("anna", "due"), ("bert", "due"), ("bert", "skipped")]
    await home.store_session("bert", 10)
    assert list(anna.shown) != []
    await home.store_session("anna")
    assert anna.shown == {}
    # Bert is removed with his reminder; Anna's goes on.
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.at(18, day=1)
    await home.at(18, 30, day=1)
    assert (len(anna.texts), len(bert_phone.texts)) == (2, 1)


async def test_a_persons_phones_are_looked_up_each_time(home: Home, anna: Phone, hass_admin_user: MockUser) -> None:
    await home.set_up(walker_subentry("Anna", **{**ANNA, "reminder_target": "person.anna"}))
    await home.at(18)
    new = await home.phones.add("New phone", hass_admin_user.id)
    await home.at(18, day=1)
    assert (len(anna.texts), len(new.texts)) == (2, 1)
    await new.tap("Skip today")
    assert anna.shown == {}
    await home.phones.remove(anna)
    await home.at(18, day=2)
    assert len(new.texts) == 1
    assert home.issues() == set()


async def test_without_a_phone_home_assistant_shows_the_reminder(home: Home) -> None:
    await home.hass.config.async_update(language="de")
    await home.set_up(walker_subentry("Anna", reminder=True))
    await home.at(18)
    [shown] = notifications(home.hass)
    assert shown["title"] == "Anna, Zeit für deine Rückwärtsrunde"
    text, link = shown["message"].split("\n\n")
    assert text == "5 Minuten rückwärts, und der Tag ist geschafft. Geplant: 1,5 km/h."
    assert link == "[Dashboard öffnen](/lovelace?more-info-entity-id=button.treadmill_start)"
    await home.store_session("anna")
    assert notifications(home.hass) == []


async def test_a_notify_entity_gets_a_plain_message(home: Home, clock: Clock) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target="notify.anna"))
    await home.at(18)
    text = "5 minutes backward, and today is done. Planned: 1.5 km/h."
    path = "/lovelace?more-info-entity-id=button.treadmill_start"
    assert message_log.texts == [f"{text}\nhttp://10.10.10.10:8123{path}"]
    assert message_log.details == [{"title": "Anna, time to walk"}]
    home.hass.config.api = None  # its own address is not known
    await home.at(18, day=1)
    assert len(message_log.texts[1].splitlines()) == 1
    await home.hass.config.async_update(external_url="https://home.example")
    await home.at(18, day=2)
    assert message_log.texts[2].splitlines()[1] == f"https://home.example{path}"


@pytest.mark.parametrize("target", ["notify.nowhere", "0123456789abcdef0123456789abcdef", "person.nobody", "light.x"])
async def test_a_missing_target_is_reported_and_the_event_is_fired(home: Home, target: str) -> None:
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target=target))
    await home.at(18)
    assert home.new_events() == [("02 18:00", "due")]
    assert home.issues() == {"reminder_lost"}
    home.house.coordinator.roster.write("anna", reminder_target="persistent_notification")
    await home.hass.async_block_till_done()
    assert home.issues() == set()
    await home.at(18, day=1)
    assert len(notifications(home.hass)) == 1


async def test_a_removed_app_is_reported_until_it_is_back(home: Home, anna: Phone, hass_admin_user: MockUser) -> None:
    await home.set_up(walker_subentry("Anna", **{**ANNA, "reminder_target": "person.anna"}))
    await home.at(18)
    assert len(anna.texts) == 1
    await home.phones.remove(anna)
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    [issue] = [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]
    assert issue.translation_placeholders == {"name": "Anna", "target": "Anna"}
    assert home.new_events()[-1] == ("03 18:00", "due")
    await home.restart()
    assert home.issues() == {"reminder_lost"}
    back = await home.phones.add("Other phone", hass_admin_user.id)
    await home.at(0, day=2)
    assert home.issues() == set()
    await home.at(18, day=2)
    assert len(back.texts) == 1


async def test_a_walker_without_a_target_who_loses_the_app_is_reminded_in_home_assistant(
    home: Home, anna: Phone, hass_admin_user: MockUser
) -> None:
    await home.set_up()
    await home.at(18)
    assert (len(anna.texts), home.issues()) == (1, set())
    await home.phones.remove(anna)
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    assert len(notifications(home.hass)) == 1
    await home.restart()
    await home.at(9, day=2)
    assert home.issues() == {"reminder_lost"}
    back = await home.phones.add("Other phone", hass_admin_user.id)
    await home.at(18, day=2)
    assert (len(back.texts), home.issues()) == (1, set())


async def test_a_message_that_did_not_arrive_is_tried_again(home: Home, clock: Clock) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target="notify.anna"))
    message_log.error = HomeAssistantError("out of paper")
    await home.at(18)
    await home.at(18, 16)
    assert (len(message_log.texts), home.issues()) == (2, {"reminder_lost"})  # tried twice
    await home.restart()
    assert home.issues() == {"reminder_lost"}, "a restart does not delete the issue"
    await home.at(18, day=1)
    message_log.error = None
    await home.at(18, 16, day=1)
    assert (len(message_log.texts), home.issues()) == (4, set())
    assert [what for _, what in home.new_events() if what == "due"] == ["due", "due"]
    await home.at(18, 32, day=1)
    assert len(message_log.texts) == 4
    message_log.error = HomeAssistantError("out of paper")
    await home.at(18, day=2)
    await home.act("skip_today")
    message_log.error = None
    await home.at(18, 16, day=2)
    assert len(message_log.texts) == 5


async def test_a_message_that_never_arrives_is_not_tried_for_ever(
    home: Home, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "_MAX_TRIES", 2)
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target="notify.anna"))
    message_log.error = HomeAssistantError("out of paper")
    for minute in (0, 16, 32, 48):
        await home.at(18, minute)
    assert len(message_log.texts) == 2


async def test_a_message_withdrawn_while_it_is_sent_is_withdrawn_when_it_arrives(
    home: Home, anna: Phone, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.set_up()
    arrives = asyncio.Event()
    send = delivery_module.async_send

    async def slowly(*arguments: Any) -> None:
        await send(*arguments)
        await arrives.wait()  # another phone takes longer

    monkeypatch.setattr(delivery_module, "async_send", slowly)
    home.freezer.move_to(datetime(2026, 11, 2, 18, tzinfo=dt_util.get_default_time_zone()))
    async_fire_time_changed(home.hass, dt_util.utcnow())
    await home.house.until(lambda: bool(anna.shown))
    await anna.phones.client.post(
        f"/api/webhook/{anna.webhook_id}",
        json={
            "type": "fire_event",
            "data": {
                "event_type": "mobile_app_notification_action",
                "event_data": {"action": anna.shown[next(iter(anna.shown))]["data"]["actions"][-1]["action"]},
            },
        },
    )
    await home.house.until(lambda: not anna.shown)
    withdrawn: list[str] = []

    async def withdraw(_: HomeAssistant, target: str, tag: str) -> None:
        withdrawn.append(target)

    monkeypatch.setattr(delivery_module, "async_withdraw", withdraw)
    arrives.set()
    await home.hass.async_block_till_done()
    assert withdrawn == ["person.anna"]


async def test_a_failing_target_is_reported_until_it_works(home: Home, clock: Clock) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target="notify.anna"))
    message_log.error = HomeAssistantError("out of paper")
    await home.at(18)
    assert home.issues() == {"reminder_lost"}
    await home.at(0, day=1)
    assert home.issues() == {"reminder_lost"}
    message_log.error = None
    await home.at(18, day=1)
    assert home.issues() == set()


async def test_one_phone_of_several_is_enough(home: Home, anna: Phone, hass_admin_user: MockUser) -> None:
    unconnected = await home.phones.add("Old phone", hass_admin_user.id, only_at_home=True)
    await home.set_up()
    await home.at(18)
    assert len(anna.texts) == 1
    assert home.issues() == set()
    home.house.coordinator.roster.write("anna", reminder_target=home.phones.device_of(unconnected))
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    await home.store_session("anna")  # a message on a phone out of reach stays
    assert anna.texts == []


async def test_a_target_that_breaks_or_hangs_holds_nothing_up(
    home: Home, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", reminder=True, reminder_target="notify.anna"))
    message_log.error = ValueError("a mistake")
    await home.at(18)
    assert home.issues() == {"reminder_lost"}
    message_log.error = None
    await home.at(18, day=1)
    assert home.issues() == set()
    monkeypatch.setattr(notifications_module, "_CALL_TIMEOUT", 0.0)
    message_log.hangs = True
    await home.at(18, day=2)
    message_log.go_on()
    assert home.issues() == {"reminder_lost"}


@pytest.mark.parametrize("answer", ["swipe", "tap", "walk", "off", "target", "act"])
async def test_three_unanswered_reminders_create_an_issue(home: Home, anna: Phone, answer: str) -> None:
    await home.set_up()
    for day in range(3):
        await home.at(9, day=day)
        assert home.issues() == set()
        await home.at(18, day=day)
    await home.at(9, day=3)
    assert home.issues() == {"reminder_unanswered"}
    await home.restart()
    await home.at(18, day=3)
    assert home.issues() == {"reminder_unanswered"}
    match answer:
        case "swipe":
            await anna.swipe()
        case "tap":
            await anna.tap("Snooze 15 min")
        case "walk":
            await home.store_session("anna")
        case "off":
            await home.call("switch.turn_off", "switch", "reminder")
        case "target":
            home.house.coordinator.roster.write("anna", reminder_target="person.anna")
        case "act":
            await home.act("skip_today")
    await home.hass.async_block_till_done()
    assert home.issues() == set()
    await home.at(9, day=4)
    assert home.issues() == set()


async def test_removing_a_walker_or_a_treadmill_deletes_its_issues(home: Home, hass_storage: dict[str, Any]) -> None:
    lost = {"reminder": True, "reminder_target": "notify.nowhere"}
    await home.set_up(walker_subentry("Anna", **lost), walker_subentry("Bert", **lost))
    await home.at(18)
    assert len([issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]) == 2
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.hass.async_block_till_done()
    assert len([issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]) == 1
    entry_id = home.house.entry.entry_id
    key = f"{DOMAIN}.{entry_id}.reminders"
    assert set(hass_storage[key]["data"]) == {"anna"}
    await home.hass.config_entries.async_remove(entry_id)
    home.house.entry = None
    assert key not in hass_storage
    assert home.issues() == set()


async def test_an_unreadable_memory_is_replaced_by_a_new_one(
    home: Home, anna: Phone, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up()
    await home.stop()
    hass_storage[f"{DOMAIN}.{home.house.entry.entry_id}.reminders"]["data"] = {"anna": {"since": 5}}
    await home.start()
    assert "Could not read the memory of a reminder" in caplog.text
    await home.at(18)
    assert len(anna.texts) == 1
