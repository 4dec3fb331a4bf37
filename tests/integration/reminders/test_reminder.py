"""Reminders as the walkers see them: when they come, and when they do not."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.training.limits import Direction
from tests.support.house import walker_subentry
from tests.support.phones import Phone
from tests.support.phones import clock as shown_by_clock
from tests.support.reminded_home import Home

ANNA = {"person": "person.anna", "reminder": True}
MONDAY = datetime(2026, 11, 2)  # noqa: DTZ001 - in Home Assistant's time zone
EXPECTED_MESSAGES = [
    ("02 18:00", "5 minutes backward, and today is done. Planned: 1.5 km/h."),
    ("02 18:15", "5 minutes backward: that is all for today. Planned: 1.5 km/h."),
    ("02 18:45", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h."),
    ("04 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h. Your streak: 2 days."),
    ("05 18:00", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("06 18:00", "Just 3 minutes today, as slowly as you like."),
    ("08 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h."),
    ("12 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 18:15", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 18:45", "5 minutes backward, and today is done. Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 19:45", "5 minutes backward: that is all for today. Planned: 1.5 km/h. Your streak: 2 days."),
    ("13 18:00", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("14 18:00", "Just 3 minutes today, as slowly as you like."),
    ("15 18:00", "It has been a few days. 3 minutes, slowly, are enough today."),
]
"""The streak counts Friday and Sunday: on the Saturday between them Anna was away."""


async def test_a_fortnight_gives_exactly_the_expected_messages(home: Home, anna: Phone) -> None:
    await home.set_up()
    sent: list[tuple[str, str]] = []
    events: list[tuple[str, str]] = []

    async def pass_until(day: int, hour: int, minute: int = 0) -> None:
        """Let time pass, in quarters of an hour while reminders are possible."""
        end = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
        while home.local < end:
            step = timedelta(minutes=15) if home.local.hour in {17, 18, 19, 20, 23} else timedelta(hours=1)
            await home.move_to((home.local + step).replace(tzinfo=dt_util.get_default_time_zone()))
        sent.extend((shown_by_clock(push["at"]), push["message"]) for push in anna.inbox)
        anna.inbox.clear()
        events.extend(home.new_events())

    await pass_until(0, 18)  # Monday: two snoozes, then a session
    await anna.tap("Snooze 15 min")
    assert anna.shown == {}
    await pass_until(0, 18, 15)
    await anna.tap("Snooze 30 min")
    await pass_until(0, 18, 45)
    await home.store_session("anna")
    assert anna.shown == {}
    await pass_until(1, 12)  # Tuesday: walked before the reminder
    await home.store_session("anna")
    await pass_until(2, 23, 45)  # Wednesday: forgotten
    assert list(anna.shown) != []
    await pass_until(3, 18)  # Thursday: skipped
    await anna.tap("Skip today")
    await pass_until(4, 18)  # Friday: a comeback, three minutes are enough
    await home.store_session("anna", minutes=3, planned=180.0)
    assert anna.shown == {}
    await pass_until(5, 12)  # Saturday: not at home
    await anna.go("elsewhere")
    await pass_until(6, 10)
    await anna.go("home")
    await pass_until(6, 18)  # Sunday: reminded, walked
    await home.store_session("anna")
    await pass_until(7, 9)  # Monday to Wednesday: ill
    await home.act("pause_plan", until="2026-11-11")
    await pass_until(10, 18)  # Thursday: three snoozes, and no session
    for buttons, hour, minute in (
        (["Start", "Snooze 15 min", "Skip today"], 18, 15),
        (["Start", "Snooze 30 min", "Skip today"], 18, 45),
        (["Start", "Snooze 60 min", "Skip today"], 19, 45),
    ):
        assert anna.buttons == buttons
        await anna.tap(buttons[1])
        await pass_until(10, hour, minute)
    assert anna.buttons == ["Start", "Skip today"]
    await pass_until(13, 18)  # Friday and Saturday: forgotten; Sunday: walked
    await home.store_session("anna", minutes=3, planned=180.0)
    await pass_until(14, 12)

    assert sent == EXPECTED_MESSAGES
    assert events == [
        ("02 18:00", "due"),
        ("02 18:00", "snoozed"),
        ("02 18:15", "due"),
        ("02 18:15", "snoozed"),
        ("02 18:45", "due"),
        ("04 18:00", "due"),
        ("05 00:00", "missed"),
        ("05 18:00", "due"),
        ("05 18:00", "skipped"),
        ("06 18:00", "comeback"),
        ("08 18:00", "due"),
        ("12 18:00", "due"),
        ("12 18:00", "snoozed"),
        ("12 18:15", "due"),
        ("12 18:15", "snoozed"),
        ("12 18:45", "due"),
        ("12 18:45", "snoozed"),
        ("12 19:45", "due"),
        ("13 00:00", "missed"),
        ("13 18:00", "due"),
        ("14 00:00", "missed"),
        ("14 18:00", "comeback"),
        ("15 00:00", "missed"),
        ("15 18:00", "comeback"),
    ]
    assert home.house.entry.subentries["anna"].data["plan_paused"] == [
        ["2026-11-07", "2026-11-07"],
        ["2026-11-09", "2026-11-11"],
    ]
    assert home.issues() == set()


@pytest.mark.parametrize("why", ["off", "walked", "goal", "unplanned", "paused", "away", "in_use", "skipped", "quiet"])
async def test_no_reminder_comes(home: Home, anna: Phone, why: str) -> None:
    settings: dict[str, dict[str, Any]] = {
        "off": {"reminder": False},
        "unplanned": {"days": [1, 2]},
        "paused": {"plan_paused": [["2026-11-01", None]]},
        "quiet": {"quiet_from": "18:00:00"},
    }
    await home.set_up(walker_subentry("Anna", **{**ANNA, **settings.get(why, {})}), connected=why == "in_use")
    match why:
        case "walked":
            await home.store_session("anna", minutes=3, planned=180.0)
        case "goal":
            await home.store_session("anna", minutes=4.8, planned=900.0)
        case "away":
            await anna.go("elsewhere")
        case "in_use":
            await home.house.press("start")
            assert home.house.state("session_state") == "ready"
        case "skipped":
            await home.act("skip_today")
    await home.at(18)
    await home.at(18, 1)
    assert anna.texts == []
    assert [what for _, what in home.new_events()] == (["skipped"] if why == "skipped" else [])


async def test_a_walk_forward_or_a_short_one_is_no_reason_to_be_quiet(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.store_session("anna", minutes=20, direction=Direction.FORWARD)
    await home.store_session("anna", minutes=2, planned=600.0)
    await home.at(18)
    assert len(anna.texts) == 1


async def test_who_comes_home_is_reminded_then(home: Home, anna: Phone) -> None:
    await home.set_up()
    await anna.go("elsewhere")
    await home.at(18)
    await home.at(19, 20)
    assert anna.texts == []
    await anna.go("home")
    assert len(anna.texts) == 1
    await anna.go("elsewhere")
    await anna.go("home")
    assert anna.texts == []
    await home.at(12, day=1)
    await anna.go("elsewhere")
    await home.at(18, day=1)
    await home.at(21, day=1)
    await anna.go("home")
    await home.at(23, day=1)
    assert anna.texts == []


async def test_nobody_is_reminded_while_the_belt_is_in_use_but_after_that(home: Home, anna: Phone) -> None:
    await home.set_up(walker_subentry("Anna", **ANNA), walker_subentry("Bert"), connected=True)
    await home.at(17, 59)
    await home.house.call("select", "select_option", "walker", option="Bert")
    await home.house.press("start")
    await home.at(18)
    assert anna.texts == []
    await home.house.press("stop")
    await home.hass.async_block_till_done()
    assert len(anna.texts) == 1


async def test_a_walker_whose_session_spans_the_reminders_time_is_not_reminded(
    home: Home, anna: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.set_up(connected=True)
    await home.at(17, 57)
    house = home.house
    await house.call("select", "select_option", "walker", option="Anna")
    await house.walk()
    await house.time(280)
    await home.at(18, 2)
    may_write = asyncio.Event()
    write = Store._async_handle_write_data

    async def slow_disk(self: Store[Any], *args: Any) -> None:
        if "sessions" in self.key:
            await may_write.wait()
        await write(self, *args)

    monkeypatch.setattr(Store, "_async_handle_write_data", slow_disk)
    while house.state("session_state") != "finished":
        await house.time(2)
    await house.time(10)
    assert house.coordinator.roster.history.last("anna") is None  # it is still being written
    assert (anna.texts, home.new_events()) == ([], [])
    may_write.set()
    await house.until(lambda: not house.coordinator.recorder.has_unsaved)
    await home.hass.async_block_till_done()
    assert float(home.state("sensor", "today")) > 4.7
    asked = "5 minutes walked. Better or the same is enough for the plan to continue."
    assert (anna.texts, home.new_events()) == ([asked], [])
    await home.at(20)
    assert (anna.texts, home.new_events()) == ([], [])


async def test_a_button_of_a_day_that_is_done_does_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    start = shown["data"]["actions"][0]["action"]
    await home.store_session("anna")
    assert list(anna.shown) == []
    await anna.repeat(start)  # on another phone, which still shows the message
    assert home.house.state("session_state") == "idle"
