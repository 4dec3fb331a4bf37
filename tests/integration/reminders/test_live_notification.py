"""The live notification: what phones show of a session, how often they are told, and its Stop."""

from typing import Any

import pytest
from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.const import CONF_LIVE_TARGETS
from custom_components.retrowalk.storage.journal import Journal
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.phones import Phone, Phones
from tests.support.reminded_home import Home, notifications, set_up_other

ANNAS = {"person": "person.anna"}


async def set_up(home: Home, *targets: str, connected: bool = True) -> House:
    """Set up a treadmill whose sessions are shown live on these targets."""
    await home.at(9)
    walkers = [walker_subentry("Anna", **ANNAS), walker_subentry("Bert")]
    entry = make_entry({**CONTROL, CONF_LIVE_TARGETS: [*targets]}, walkers)
    await home.house.set_up(entry, connected=connected)
    await home.hass.async_block_till_done()
    return home.house


async def walk(home: Home, walker: str = "anna", seconds: float = 0) -> None:
    home.house.coordinator.next_session.choose_walker(walker)
    await home.house.walk()
    await home.house.time(seconds)
    await home.hass.async_block_till_done()


async def stop(home: Home) -> None:
    await home.house.press("stop")
    await home.house.time(15)
    await home.hass.async_block_till_done()


def live(phone: Phone) -> dict[str, Any] | None:
    """Return the live notification that a phone shows."""
    shown = [push for tag, push in phone.shown.items() if tag.startswith("retrowalk_live_")]
    assert len(shown) <= 1
    return shown[0] if shown else None


def stop_of(phone: Phone) -> str:
    shown = live(phone)
    assert shown is not None
    [button] = shown["data"]["actions"]
    assert button["title"] == "Stop"
    action: str = button["action"]
    return action


async def test_the_walkers_phone_shows_the_session_until_the_belt_rests(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker")
    await walk(home, seconds=1)
    shown = live(anna)
    assert shown is not None
    assert shown["title"] == "Anna: Backward walk"
    assert shown["message"] == "0.5 km/h. With 4:00 left: speeds up to 1.5 km/h. Until 9:05 AM."
    data = shown["data"]
    assert (data["live_update"], data["chronometer"], data["alert_once"]) == (True, True, True)
    ends = house.coordinator.data.ends
    assert ends is not None
    assert data["when"] == int(ends.timestamp())
    assert (data["progress"], data["progress_max"]) == (0, 300)
    assert data["clickAction"].startswith("/")
    assert [button["title"] for button in data["actions"]] == ["Stop"], "never Start or Resume"
    await house.time(120)
    await home.hass.async_block_till_done()
    shown = live(anna)
    assert shown is not None
    assert shown["message"].startswith("1.5 km/h. With 1:00 left: slows to"), (
        "what changes next, by the time that is left"
    )
    assert shown["data"]["progress"] >= 90
    await stop(home)
    assert live(anna) is None


async def test_s3_a_tap_on_stop_stops_and_nobody_is_asked_who_tapped(
    home: Home, anna: Phone, phones: Phones, lisa: Any
) -> None:
    house = await set_up(home, "walker")
    await walk(home)
    action = stop_of(anna)
    house.commands()
    hers = await phones.add("Lisas phone", lisa.id)
    await hers.repeat(action)
    assert house.commands()[0] == b"\x08\x01"
    await house.time(15)
    await home.hass.async_block_till_done()
    assert house.treadmill.at_rest
    assert live(anna) is None


async def test_s3_the_stop_of_an_old_message_stops_and_never_starts(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker")
    await walk(home)
    action = stop_of(anna)
    await stop(home)
    house.commands()
    await anna.repeat(action)
    await house.time(3)
    assert (house.treadmill.at_rest, house.state("session_state")) == (True, "finished")
    await home.restart()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    await walk(home)
    house.commands()
    await anna.repeat(action)
    assert house.commands()[0] == b"\x08\x01", "of another session, after a restart"


async def test_s3_a_stop_that_does_not_get_through_is_said_with_another_stop(
    home: Home, anna: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    house = await set_up(home, "walker")
    await walk(home, seconds=20)
    house.faults.update({"stop_ignored": True})
    await anna.repeat(stop_of(anna))
    await house.time(20)
    await home.hass.async_block_till_done()
    shown = live(anna)
    assert shown is not None
    assert "Stop" in shown["message"]
    assert stop_of(anna)


async def test_phones_are_told_of_changes_only(home: Home, anna: Phone) -> None:
    await set_up(home, "walker")
    await walk(home, seconds=240)
    times = [push["at"] for push in anna.inbox]
    assert 4 <= len(times) <= 20
    assert len({push["message"] + str(push["data"].get("progress")) for push in anna.inbox}) == len(times)


async def test_a_pause_takes_it_away_and_the_session_that_goes_on_brings_it_back(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker")
    await walk(home, seconds=30)
    await house.press("pause")
    await house.time(15)
    await home.hass.async_block_till_done()
    assert house.state("session_state") == "paused"
    assert live(anna) is None
    await house.press("resume")
    await house.press("resume")
    await house.time(30)
    await home.hass.async_block_till_done()
    assert live(anna) is not None


async def test_whoever_walks_sees_it_and_phones_that_were_chosen(
    home: Home, anna: Phone, phones: Phones, lisa: Any
) -> None:
    hers = await phones.add("Lisas phone", lisa.id)
    await set_up(home, "walker", phones.device_of(hers), "person.anna")
    await walk(home, "bert")
    assert live(hers) is not None
    assert live(anna) is not None, "chosen, whoever walks"
    await stop(home)
    assert (live(hers), live(anna)) == (None, None)


async def test_nobody_is_told_of_a_guest_or_without_a_choice(home: Home, anna: Phone) -> None:
    await set_up(home, "walker")
    await walk(home, "guest", seconds=30)
    assert anna.shown == {}
    await stop(home)
    await home.hass.config_entries.async_unload(home.house.entry.entry_id)


async def test_nothing_is_chosen_at_first(home: Home, anna: Phone) -> None:
    await set_up(home)
    await walk(home, seconds=30)
    assert anna.shown == {}


async def test_home_assistant_shows_a_plain_notification_with_a_link(home: Home) -> None:
    await set_up(home, "persistent_notification")
    await walk(home, seconds=20)
    [shown] = notifications(home.hass)
    assert shown["title"] == "Anna: Backward walk"
    assert "Until 9:" in shown["message"]
    assert "[Open the dashboard](" in shown["message"]
    await home.house.time(60)
    await home.hass.async_block_till_done()
    assert len(notifications(home.hass)) == 1
    await stop(home)
    assert notifications(home.hass) == []


async def test_a_notification_entity_is_told_once(home: Home, hass: HomeAssistant) -> None:
    calls: list[dict[str, Any]] = []
    assert await async_setup_component(hass, NOTIFY, {})
    hass.services.async_register(NOTIFY, "send_message", lambda call: calls.append(dict(call.data)))
    hass.states.async_set("notify.family", "unknown")
    await set_up(home, "notify.family")
    await walk(home, seconds=60)
    await stop(home)
    [told] = calls
    assert told["entity_id"] == ["notify.family"] or told["entity_id"] == "notify.family"
    assert "Until 9:" in told["message"]
    await walk(home)
    assert len(calls) == 2


async def test_a_notification_entity_that_fails_disturbs_no_session(
    home: Home, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(call: ServiceCall) -> None:
        raise HomeAssistantError("out of paper")

    assert await async_setup_component(hass, NOTIFY, {})
    hass.services.async_register(NOTIFY, "send_message", fails)
    hass.states.async_set("notify.family", "unknown")
    house = await set_up(home, "notify.family")
    await walk(home)
    assert house.state("session_state") in {"warm_up", "active"}
    assert caplog.text.count("Could not show a session live") == 1
    await stop(home)


async def test_a_phone_that_is_not_there_disturbs_no_session_and_no_other_phone(
    home: Home, anna: Phone, phones: Phones, lisa: Any, caplog: pytest.LogCaptureFixture
) -> None:
    at_home = await phones.add("Lisas phone", lisa.id, only_at_home=True)
    house = await set_up(home, phones.device_of(at_home), "walker")
    await walk(home, seconds=60)
    assert live(anna) is not None
    assert house.state("session_state") in {"warm_up", "active"}
    assert caplog.text.count("Could not show a session live") == 1
    await phones.remove(anna)
    await house.time(30)
    await stop(home)
    assert house.treadmill.at_rest


async def test_an_unload_takes_it_away_after_its_belt_has_come_to_rest(home: Home, anna: Phone) -> None:
    await set_up(home, "walker")
    await walk(home)
    home.house.treadmill.press_stop()
    await home.house.time(10)
    await home.stop()
    assert live(anna) is None


async def test_a_session_at_the_console_counts_up(home: Home, anna: Phone) -> None:
    house = await set_up(home, "person.anna")
    house.treadmill.press_start()
    await house.time(20)
    await home.hass.async_block_till_done()
    shown = live(anna)
    assert shown is not None
    assert house.state("session_state") == "manual"
    assert shown["message"].endswith(" km/h.")
    assert "progress" not in shown["data"]
    assert shown["data"]["when"] <= home.house.clock.utcnow().timestamp()


async def test_the_end_of_home_assistant_takes_it_away(home: Home, phones: Phones, hass_admin_user: MockUser) -> None:
    phone = await phones.add("Annas phone", hass_admin_user.id)
    house = await set_up(home, phones.device_of(phone))
    house.treadmill.press_start()
    await house.time(20)
    await home.hass.async_block_till_done()
    assert live(phone) is not None
    await home.hass.async_stop(force=True)
    assert live(phone) is None, "nobody will tell how it goes on"


async def test_what_a_killed_home_assistant_left_on_a_phone_goes_once_it_is_back(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker", connected=False)
    await home.stop()
    journal = Journal(home.hass, house.entry.entry_id, "live")
    await journal.async_save({"phones": [anna.service, "mobile_app_of_last_year"]})
    anna.shown[f"retrowalk_live_{house.entry.entry_id}"] = {"message": "1.5 km/h.", "data": {}}
    await home.start()
    assert live(anna) is None
    assert await journal.async_load() is None


async def test_s3_after_a_reload_the_same_stop_stops_once(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker")
    await walk(home)
    action = stop_of(anna)
    await stop(home)
    assert await home.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(6)
    await walk(home)
    assert stop_of(anna) == action
    house.commands()
    await anna.repeat(action)
    assert house.commands() == [b"\x08\x01"]
    await house.time(15)
    await home.hass.async_block_till_done()
    assert live(anna) is None


async def test_s3_each_of_two_treadmills_has_a_stop_of_its_own(home: Home, anna: Phone) -> None:
    house = await set_up(home, "walker")
    other = await set_up_other(home, virtual=False)
    await walk(home)
    action = stop_of(anna)
    house.commands()
    await anna.repeat(action.replace(house.entry.entry_id, other.entry_id))
    assert house.commands() == []
    await home.hass.config_entries.async_unload(other.entry_id)
    await home.hass.async_block_till_done()
    assert stop_of(anna) == action, "what another treadmill does takes nothing away"
    await anna.repeat(action)
    assert house.commands() == [b"\x08\x01"]
    await house.time(15)
