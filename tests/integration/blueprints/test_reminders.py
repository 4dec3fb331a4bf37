"""The blueprints that remind: daily reminder and comeback."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from tests.support.blueprint_automations import BlueprintAutomations, next_day, pass_time, turns
from tests.support.house import House
from tests.support.one_phone import PushedPhone

from .conftest import Asked


async def test_daily_reminder_by_a_clock_snoozes_and_makes_ready(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await automations.set_up()
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "daily_reminder",
        **asked_walker("next_session", "session_state"),
        phone=phone.device_id,
        cue=[{"trigger": "time", "at": at.strftime("%H:%M:%S")}],
        until="23:59:59",
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    [message] = phone.sent
    assert message["title"] == "Time to walk backward"
    assert message["message"] == "5 minutes at 1.5 km/h. A small walk counts."
    for snoozed, minutes in enumerate((15, 30, 60), start=1):
        assert list(phone.buttons) == ["Start", "Not today", "Later"]
        phone.tap("Later")
        await turns()
        assert phone.messages[-1] == "clear_notification"
        await pass_time(hass, noon, minutes=minutes - 1)
        assert len(phone.sent) == 2 * snoozed
        await pass_time(hass, noon, minutes=1, seconds=1)
        assert len(phone.sent) == 2 * snoozed + 1
    assert phone.messages[-1].endswith("Last call.")
    assert list(phone.buttons) == ["Start", "Not today"]
    phone.tap("Start")
    await turns()
    assert house.state("session_state") == "ready"  # and nothing more (S2)
    assert house.coordinator.session.walker == "anna"


async def test_daily_reminder_tells_the_speed_in_the_units_of_the_house(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    hass.config.units = US_CUSTOMARY_SYSTEM
    await automations.set_up()
    await remind(automations, phone, asked_walker)
    assert phone.messages == ["5 minutes at 0.93 mph. A small walk counts."]


async def test_daily_reminder_by_a_cue_once_a_day_and_only_when_it_makes_sense(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("person.anna", "not_home")
    hass.states.async_set("switch.coffee_machine", "on")
    await automations.make(
        "daily_reminder",
        **asked_walker("next_session", "session_state"),
        phone=phone.device_id,
        person="person.anna",
        cue=[{"trigger": "state", "entity_id": "switch.coffee_machine", "to": "off"}],
        until="23:59:59",
    )

    async def coffee() -> None:
        for state in ("on", "off"):
            hass.states.async_set("switch.coffee_machine", state)
            await turns()

    await coffee()
    assert phone.sent == []  # away
    hass.states.async_set("person.anna", "home")
    await coffee()
    assert len(phone.sent) == 1
    phone.tap("Not today")
    await turns()
    await coffee()
    assert phone.messages[1:] == ["clear_notification"]  # once a day
    await next_day(hass, noon)
    await coffee()
    assert len(phone.sent) == 3
    await pass_time(hass, noon, minutes=31)  # without an answer
    assert phone.messages[3:] == ["clear_notification"]
    await next_day(hass, noon)
    await house.store_session("anna", minutes=6)
    await coffee()
    assert len(phone.sent) == 4  # today's session is done


async def remind(automations: BlueprintAutomations, phone: PushedPhone, asked_walker: Asked) -> None:
    """Set up a reminder for Anna on a cue, and trigger the cue."""
    await automations.make(
        "daily_reminder",
        **asked_walker("next_session", "session_state"),
        phone=phone.device_id,
        cue=[{"trigger": "event", "event_type": "cue"}],
        until="23:59:59",
    )
    automations.hass.bus.async_fire("cue")
    await turns()
    assert len(phone.sent) == 1


async def test_daily_reminder_is_taken_back_when_somebody_walks_and_not_when_somebody_has_walked(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await automations.set_up()
    await house.walk()
    await house.time(5)
    await house.press("stop")
    await house.time(15)
    assert house.state("session_state") == "finished"
    await remind(automations, phone, asked_walker)
    await house.time(60)
    await turns()
    assert house.state("session_state") == "idle"
    assert len(phone.sent) == 1
    await house.press("start")
    await turns()
    assert phone.messages[1:] == ["clear_notification"]


async def tap_start_while_locked(house: House, phone: PushedPhone) -> None:
    """Check that the tap is refused with a message, and works as soon as it is possible."""
    before = len(phone.sent)
    buttons = phone.buttons
    await house.call("switch", "turn_on", "control_lock")
    for _ in range(2):
        phone.tap("Start")
        await turns()
        assert house.state("session_state") == "idle"
    assert phone.messages[before:] == ["The treadmill did not get ready. Switch it on and try again."] * 2
    assert phone.sent[-1]["data"]["tag"] == phone.sent[before - 1]["data"]["tag"]
    assert phone.buttons == buttons
    await house.call("switch", "turn_off", "control_lock", by=house.person())
    phone.tap("Start")
    await turns()
    assert house.state("session_state") == "ready"
    assert phone.messages[before + 2 :] == ["clear_notification"]


async def test_daily_reminder_tells_when_start_did_not_work(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    await automations.set_up()
    await remind(automations, phone, asked_walker)
    await tap_start_while_locked(automations.house, phone)


async def test_daily_reminder_can_be_snoozed_after_start_did_not_work(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await automations.set_up()
    await remind(automations, phone, asked_walker)
    first = phone.messages[0]
    await house.call("switch", "turn_on", "control_lock")
    phone.tap("Start")
    await turns()
    phone.tap("Later")
    await turns()
    assert phone.messages[2:] == ["clear_notification"]
    await pass_time(hass, noon, minutes=15, seconds=1)
    assert phone.messages[3:] == [first.replace("A small walk counts.", "Still a good moment?")]


async def test_comeback_invites_after_missed_days_to_three_minutes(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await automations.set_up()
    await house.store_session("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "comeback",
        **asked_walker("next_session", "last_session"),
        phone=phone.device_id,
        at=at.strftime("%H:%M:%S"),
    )
    asked_days = []
    await pass_time(hass, noon, minutes=10, seconds=1)
    for day in range(1, 12):
        before = len(phone.sent)
        await next_day(hass, noon)
        if len(phone.sent) > before:
            asked_days.append(day)
            if day < 9:
                phone.tap("Not today")
                await turns()
                continue
            assert phone.messages[-1].startswith("9 days without a walk")
            phone.tap("Start")
            await turns()
            assert house.state("session_state") == "ready"
            assert house.coordinator.next_session.program == "comeback"
            assert house.coordinator.session.walker == "anna"
            break
    assert asked_days == [2, 5, 9]


async def invite(
    automations: BlueprintAutomations, noon: FrozenDateTimeFactory, phone: PushedPhone, asked_walker: Asked
) -> None:
    """Let Anna miss a day, and check that she is invited."""
    house = automations.house
    await automations.set_up()
    await house.store_session("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "comeback",
        **asked_walker("next_session", "last_session"),
        phone=phone.device_id,
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(house.hass, noon, minutes=10, seconds=1)
    for _ in range(2):
        await next_day(house.hass, noon)
    assert len(phone.sent) == 1


async def test_comeback_tells_when_start_did_not_work(
    automations: BlueprintAutomations, noon: FrozenDateTimeFactory, phone: PushedPhone, asked_walker: Asked
) -> None:
    await invite(automations, noon, phone, asked_walker)
    await tap_start_while_locked(automations.house, phone)
    assert automations.house.coordinator.next_session.program == "comeback"


async def test_comeback_is_taken_back_by_a_walk_and_not_by_a_reload(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    noon: FrozenDateTimeFactory,
    phone: PushedPhone,
    asked_walker: Asked,
) -> None:
    house = automations.house
    await invite(automations, noon, phone, asked_walker)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await turns()
    last = hass.states.get(automations.entity("last_session"))
    assert last.state != "unavailable"
    assert len(phone.sent) == 1
    hass.states.async_set(last.entity_id, last.state, {**last.attributes, "friendly_name": "Renamed"})
    await turns()
    assert len(phone.sent) == 1
    await house.store_session("anna", minutes=6)
    await turns()
    assert phone.messages[1:] == ["clear_notification"]
