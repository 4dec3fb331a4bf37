"""The settings and requests of a walker: snoozed reminders, paused plans, and the dialog."""

from datetime import time
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockUser

from tests.support.house import Clock, walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import Home, notifications
from tests.support.speakers import MessageLog, Messages, add_speakers

ANNA = {"person": "person.anna", "reminder": True}


async def test_the_switch_and_the_time_are_the_walkers(home: Home, anna: Phone) -> None:
    await home.set_up(walker_subentry("Anna", person="person.anna"))
    assert home.state("switch", "reminder") == "off"
    assert home.state("time", "reminder_time") == "18:00:00"
    assert home.state("event", "reminder") == "unknown"
    await home.call("switch.turn_on", "switch", "reminder")
    await home.call("time.set_value", "time", "reminder_time", time="10:30:00")
    data = home.house.entry.subentries["anna"].data
    assert (data["reminder"], data["reminder_time"]) == (True, "10:30:00")
    assert (home.state("switch", "reminder"), home.state("time", "reminder_time")) == ("on", "10:30:00")
    with pytest.raises(ServiceValidationError) as raised:
        await home.call("time.set_value", "time", "reminder_time", time="21:00:00")
    assert raised.value.translation_key == "reminder_in_quiet_time"
    await home.at(10, 30)
    assert len(anna.texts) == 1
    await home.call("switch.turn_off", "switch", "reminder")
    assert anna.shown == {}


async def test_a_reminder_is_snoozed_and_skipped_by_actions(home: Home, anna: Phone) -> None:
    await home.set_up()
    assert await home.refused("snooze_reminder") == "nothing_to_snooze"
    await home.at(18)
    await home.act("snooze_reminder", minutes=40)
    assert anna.shown == {}
    state = home.hass.states.get(home.entity_id("event", "reminder"))
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["snoozes"]) == ("snoozed", 1)
    assert state.attributes["until"] == "2026-11-03T02:40:00+00:00"
    assert await home.refused("snooze_reminder", minutes=0) == "snooze_out_of_range"
    assert await home.refused("snooze_reminder", minutes=200) == "snooze_too_late"
    await home.at(18, 40)
    assert anna.buttons == ["Start", "Snooze 30 min", "Skip today"]
    await home.act("snooze_reminder")
    await home.act("snooze_reminder")
    assert await home.refused("snooze_reminder") == "no_more_snoozes"
    await home.act("skip_today")
    assert await home.refused("skip_today") == "nothing_to_skip"
    assert await home.refused("snooze_reminder") == "nothing_to_snooze"
    await home.at(20)
    assert len(anna.texts) == 2


async def test_a_plan_is_paused_until_a_day_or_until_it_is_resumed(home: Home, anna: Phone) -> None:
    await home.set_up()
    for until in ("2026-11-01", "2027-11-04"):
        assert await home.refused("pause_plan", until=until) == "until_out_of_range"
    await home.act("pause_plan", until="2026-11-03")
    assert home.state("switch", "plan_paused") == "on"
    await home.call("switch.turn_on", "switch", "plan_paused")  # already paused, so nothing changes
    await home.act("pause_plan", until="2026-11-04")
    assert home.house.entry.subentries["anna"].data["plan_paused"] == [["2026-11-02", "2026-11-04"]]
    for day in range(3):
        await home.at(18, day=day)
        assert home.state("switch", "plan_paused") == "on"
    await home.at(0, day=3)
    assert home.state("switch", "plan_paused") == "off"
    assert anna.texts == []
    await home.at(18, day=3)
    assert len(anna.texts) == 1
    await home.at(9, day=4)
    await home.act("pause_plan")
    await home.at(18, day=4)
    await home.at(12, day=6)
    await home.act("resume_plan")
    assert home.house.entry.subentries["anna"].data["plan_paused"][1:] == [["2026-11-06", "2026-11-07"]]
    await home.at(18, day=6)
    assert len(anna.texts) == 1
    assert [what for _, what in home.new_events() if what == "missed"] == ["missed"]


async def test_whose_plan_it_is(home: Home, anna: Phone, lisa: MockUser) -> None:
    await home.set_up(walker_subentry("Anna", **ANNA), walker_subentry("Bert", reminder=True))
    assert await home.refused("skip_today", of=None) == "walker_missing"
    assert await home.refused("skip_today", of=None, by=Context(user_id=home.house.user_id), walker="guest") == (
        "guest_has_no_plan"
    )
    assert await home.refused("skip_today", of=None, walker="Carl") == "walker_unknown"
    await home.act("skip_today", of=None, by=Context(user_id=home.house.user_id))
    await home.act("skip_today", of=None, walker="bert")
    assert [event[1:] for event in home.events] == [("anna", "skipped"), ("bert", "skipped")]
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.hass.async_block_till_done()
    await home.act("pause_plan", of=None)
    assert home.state("switch", "plan_paused") == "on"


async def test_the_dialog_offers_what_there_is_and_sends_a_test(home: Home, anna: Phone, clock: Clock) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Anna", person="person.anna", reminder_target="notify.gone"))
    form = await home.house.entry.start_subentry_reconfigure_flow(home.hass, "anna")
    options = form["data_schema"].schema["reminder_target"].config["options"]
    assert {option["value"]: option["label"] for option in options} == {
        "persistent_notification": "A notification in Home Assistant",
        "person.anna": "Anna: all phones",
        home.phones.device_of(anna): "Phone: Anna phone",
        "notify.anna": "Anna",
        "notify.gone": "No longer available: notify.gone",
    }
    answers = {
        "name": "Anna",
        "person": "person.anna",
        "weight": 70,
        "daily_goal": 5,
        "days": ["mon"],
        "reminder": True,
        "reminder_time": "07:30:00",
        "quiet_from": "21:30:00",
        "send_test": True,
    }

    async def answer(**changes: Any) -> Any:
        given = {key: value for key, value in {**answers, **changes}.items() if value is not None}
        result = await home.hass.config_entries.subentries.async_configure(form["flow_id"], given)
        await home.hass.async_block_till_done()
        return result

    result = await answer(reminder_target="notify.gone")
    assert result["errors"] == {"reminder_target": "test_not_sent"}
    result = await answer(reminder_target="notify.gone", quiet_from="07:30:00")
    assert result["errors"] == {"reminder_time": "reminder_in_quiet_time"}
    message_log.error = HomeAssistantError("out of paper")
    assert (await answer(reminder_target="notify.anna"))["errors"] == {"reminder_target": "test_not_sent"}
    message_log.error = None
    assert anna.texts == []
    assert (await answer())["reason"] == "reconfigure_successful"
    [test] = anna.shown.values()
    assert (test["title"], test["data"]["url"]) == (
        "Test: Anna, time to walk",
        "/lovelace?more-info-entity-id=button.treadmill_start",
    )
    assert anna.texts == ["This is how Anna is reminded to walk."]
    walker = home.house.coordinator.roster.walkers["anna"]
    assert (walker.reminder, walker.reminder_target) == (True, None)
    assert (walker.reminder_time, walker.quiet_from) == (time(7, 30), time(21, 30))


@pytest.mark.parametrize("to", ["persistent_notification", "notify.anna", "phone"])
async def test_a_test_of_a_treadmill_that_is_not_loaded_leads_nowhere(
    home: Home, anna: Phone, clock: Clock, to: str
) -> None:
    message_log = MessageLog(clock)
    await add_speakers(home.hass, notify=Messages(message_log))
    await home.set_up(walker_subentry("Bert"))
    assert await home.hass.config_entries.async_unload(home.house.entry.entry_id)
    flows = home.hass.config_entries.subentries
    form = await flows.async_init((home.house.entry.entry_id, "walker"), context={"source": "user"})
    answers = {
        "name": "Carl",
        "weight": 70,
        "daily_goal": 5,
        "days": ["mon"],
        "reminder": True,
        "reminder_time": "07:30:00",
        "quiet_from": "21:30:00",
        "reminder_target": home.phones.device_of(anna) if to == "phone" else to,
        "send_test": True,
    }
    result = await flows.async_configure(form["flow_id"], answers)
    await home.hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    sent = [shown["message"] for shown in notifications(home.hass)] + message_log.texts + anna.texts
    assert sent == ["This is how Carl is reminded to walk."]
    assert not any("url" in shown["data"] for shown in anna.shown.values())


async def test_a_target_removed_while_the_dialog_is_open_is_reported(
    home: Home, anna: Phone, hass_admin_user: MockUser
) -> None:
    await home.set_up(walker_subentry("Bert"))
    flows = home.hass.config_entries.subentries
    form = await flows.async_init((home.house.entry.entry_id, "walker"), context={"source": "user"})
    await home.phones.remove(anna)
    answers = {"name": "Carl", "weight": 70, "daily_goal": 5, "days": ["mon"], "reminder": True}
    times = {"reminder_time": "07:30:00", "quiet_from": "21:30:00"}
    form = await flows.async_configure(form["flow_id"], {**answers, **times, "reminder_target": "person.anna"})
    assert form["errors"] == {"reminder_target": "target_missing"}
    result = await flows.async_configure(form["flow_id"], {**answers, **times, "send_test": True})
    await home.hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [shown] = notifications(home.hass)
    assert shown["title"] == "Test: Carl, time to walk"
    assert shown["message"].splitlines() == [
        "This is how Carl is reminded to walk.",
        "",
        "[Open the dashboard](/lovelace?more-info-entity-id=button.treadmill_start)",
    ]


async def test_a_button_is_answered_by_the_walkers_phone_or_by_the_one_that_got_the_message(
    home: Home, anna: Phone, lisa: MockUser
) -> None:
    lisas = await home.phones.add("Lisa's phone", lisa.id)
    await home.set_up()
    await home.at(18)
    [message] = anna.shown.values()
    skip = message["data"]["actions"][-1]["action"]
    await lisas.repeat(skip)
    assert home.new_events() == [("02 18:00", "due")]  # taps on another person's phone are ignored
    assert anna.shown != {}
    await anna.tap("Skip today")
    assert home.new_events() == [("02 18:00", "skipped")]


async def test_a_phone_in_the_hall_that_a_walker_chose_may_answer(home: Home, anna: Phone, lisa: MockUser) -> None:
    tablet = await home.phones.add("Hall", lisa.id)
    target = home.phones.device_of(tablet)
    await home.set_up(walker_subentry("Anna", **ANNA, reminder_target=target))
    await home.at(18)
    home.new_events()
    await tablet.tap("Skip today")
    assert home.new_events() == [("02 18:00", "skipped")]
