"""Reminders across restarts, daylight saving time and changes of the time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState

from tests.support.phones import Phone
from tests.support.reminded_home import Home


async def test_a_message_from_before_a_restart_is_withdrawn_from_phones_set_up_later(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.at(18)
    assert len(anna.shown) == 1
    await home.stop()
    hass, app = home.hass, home.hass.services._services["notify"].pop(anna.service)
    hass.set_state(CoreState.starting)
    await home.start()  # before the companion app is set up
    hass.services._services["notify"][anna.service] = app
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    await home.store_session("anna")
    assert list(anna.shown) == []


async def test_a_restart_keeps_the_memory(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.at(18)
    assert len(anna.texts) == 1
    await home.restart()
    await home.at(18, 5)
    assert anna.texts == []
    await anna.tap("Snooze 15 min")
    await home.restart()
    await home.at(18, 19)
    assert anna.texts == []
    await home.at(18, 20)
    assert anna.buttons == ["Start", "Snooze 30 min", "Skip today"]
    await home.restart()
    await anna.tap("Skip today")
    await home.restart()
    await home.at(20)
    assert anna.texts == ["5 minutes backward: that is all for today. Planned: 1.5 km/h."]
    assert home.new_events() == [
        ("02 18:00", "due"),
        ("02 18:05", "snoozed"),
        ("02 18:20", "due"),
        ("02 18:20", "skipped"),
    ]


@pytest.mark.parametrize(("day", "hour", "sent"), [(0, 20, True), (0, 21, False), (1, 9, False)])
async def test_what_was_missed_while_home_assistant_was_down_is_sent_once_if_still_sensible(
    home: Home, anna: Phone, day: int, hour: int, sent: bool
) -> None:
    await home.set_up()
    await home.restart(until=(day, hour))
    assert len(anna.texts) == sent
    await home.restart()
    await home.at(hour, 30, day=day)
    assert anna.texts == []
    await home.at(18, day=1)
    assert len(anna.texts) == 1


async def test_reminders_wait_until_home_assistant_knows_who_is_at_home(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.stop()
    await home.at(18, 30)
    home.hass.set_state(CoreState.starting)
    await home.start()
    assert anna.texts == []
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.hass.async_block_till_done()
    assert len(anna.texts) == 1


async def test_reminders_follow_daylight_saving_time(home: Home, anna: Phone) -> None:
    await home.hass.config.async_set_time_zone("Europe/Berlin")
    await home.set_up()
    received = []
    moment = datetime(2027, 3, 27, 12, tzinfo=UTC)  # the clocks go forward on the 28th
    while moment < datetime(2027, 3, 30, tzinfo=UTC):
        await home.move_to(moment)
        moment += timedelta(minutes=30)
    received += [f"{push['at'].astimezone(UTC):%d %H:%M}" for push in anna.inbox]
    anna.inbox.clear()
    moment = datetime(2027, 10, 30, 12, tzinfo=UTC)  # and back on the 31st
    while moment < datetime(2027, 11, 2, tzinfo=UTC):
        await home.move_to(moment)
        moment += timedelta(minutes=30)
    received += [f"{push['at'].astimezone(UTC):%d %H:%M}" for push in anna.inbox]
    assert received == ["27 17:00", "28 16:00", "29 16:00", "30 16:00", "31 17:00", "01 17:00"]


async def test_reminders_follow_a_new_time_zone(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.hass.config.async_update(time_zone="America/Denver")
    await home.hass.async_block_till_done()
    moment = datetime(2026, 11, 3, 1, tzinfo=UTC)  # 18:00 in the new time zone, 17:00 in Los Angeles
    await home.move_to(moment - timedelta(minutes=1))
    assert anna.texts == []
    await home.move_to(moment)
    assert len(anna.texts) == 1
    await home.move_to(moment + timedelta(hours=1))
    assert anna.texts == []
