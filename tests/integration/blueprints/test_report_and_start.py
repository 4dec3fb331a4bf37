"""The blueprints that report a week and start a session."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from tests.support.action_calls import Actions
from tests.support.blueprint_automations import BlueprintAutomations, next_day, pass_time, turns
from tests.support.speakers import MessageLog

from .conftest import Asked


async def test_start_session_makes_ready(automations: BlueprintAutomations, hass: HomeAssistant) -> None:
    house = automations.house
    await automations.set_up()
    await automations.make(
        "start_session",
        treadmill=Actions(house).device("anna"),
        when=[{"trigger": "event", "event_type": "came_in"}],
        program="first_steps",
        only_if=[{"condition": "state", "entity_id": "input_boolean.guests", "state": "off"}],
    )
    hass.states.async_set("input_boolean.guests", "on")
    hass.bus.async_fire("came_in")
    await turns()
    assert house.state("session_state") == "idle"
    hass.states.async_set("input_boolean.guests", "off")
    hass.bus.async_fire("came_in")
    await turns()
    assert house.state("session_state") == "ready"
    assert house.coordinator.next_session.program == "first_steps"
    await house.time(125)
    assert house.state("session_state") == "idle"
    assert house.treadmill.at_rest


async def test_weekly_report_tells_minutes_and_streak(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    message_log: MessageLog,
    asked_walker: Asked,
) -> None:
    await automations.set_up()
    await automations.house.store_session("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "weekly_report",
        **asked_walker("week", "streak"),
        notify=["notify.anna"],
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    assert message_log.texts == ["6 minutes this week, and a streak of 1 day."]
    assert message_log.details[0]["title"] == "Your week backward"
    await next_day(hass, noon)
    assert len(message_log.texts) == 1
    await pass_time(hass, noon, days=6)
    assert message_log.texts[1:] == ["No walk this week. Three minutes are a good start."]
    await hass.config_entries.async_unload(automations.house.entry.entry_id)
    assert hass.states.get(automations.entity("week")).state == "unavailable"
    await pass_time(hass, noon, days=7)
    assert len(message_log.texts) == 2  # unknown to everybody


async def test_weekly_report_tells_who_has_never_walked(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    message_log: MessageLog,
    asked_walker: Asked,
) -> None:
    await automations.set_up()
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "weekly_report",
        **asked_walker("week", "streak"),
        notify=["notify.anna"],
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    assert message_log.texts == ["No walk this week. Three minutes are a good start."]


async def test_weekly_report_is_of_the_week_and_not_of_the_day(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    message_log: MessageLog,
    asked_walker: Asked,
) -> None:
    await automations.set_up()
    for _ in range(3):  # Sunday of the week before, Monday, Tuesday
        await automations.house.store_session("anna", minutes=6)
        await next_day(hass, noon)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "weekly_report",
        **asked_walker("week", "streak"),
        notify=["notify.anna"],
        day="wed",
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    assert message_log.texts == ["12 minutes this week, and a streak of 3 days."]
