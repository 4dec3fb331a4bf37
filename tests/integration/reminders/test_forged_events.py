"""Events that a phone of somebody else fires: whoever has the app may fire any event, with any data."""

import logging
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant

from custom_components.retrowalk.reminders.message import KNEE_BEFORE, SKIP, SNOOZE, START
from custom_components.retrowalk.training.coaching.reminder_memory import ReminderMemory
from tests.support.action_calls import Actions
from tests.support.house import ADDRESS
from tests.support.phones import Phone, Phones
from tests.support.reminded_home import Home

TAPPED, SWIPED = "mobile_app_notification_action", "mobile_app_notification_cleared"
PRESSED = {"entity_id": "event.button", "old_state": None, "new_state": None}
ANYTHING: tuple[tuple[str, dict[str, Any]], ...] = (
    (TAPPED, {}),
    (TAPPED, {"action": None}),
    (TAPPED, {"action": ["RETROWALK_START"]}),
    (TAPPED, {"action": "RETROWALK_CONFIRM"}),
    (TAPPED, {"action": "RETROWALK_KNEE_"}),
    (SWIPED, {}),
    (SWIPED, {"tag": None}),
    ("state_changed", PRESSED),
    ("call_service", {"domain": "retrowalk", "service": "confirm_session", "service_data": {}}),
    ("automation_triggered", {}),
    ("alexa_smart_home", {}),
    ("core_config_updated", {}),
    ("retrowalk_session", {"type": "confirmed"}),
)
"""Events of Home Assistant and of others, fired by hand."""


def memory(home: Home) -> ReminderMemory:
    reminders = home.house.entry.runtime_data.reminders
    return reminders.reminder_of(home.house.coordinator.roster.walkers["anna"]).memory


def guessed(home: Home, kind: str) -> str:
    """Return the ID of a button of the message that is out, which somebody might work out."""
    return f"RETROWALK_{kind}_anna_{memory(home).day}_{memory(home).sent}"


@pytest.mark.parametrize("kind", [START, SNOOZE, SKIP, *KNEE_BEFORE])
async def test_a_guessed_button_of_somebody_elses_message_does_nothing(
    home: Home, anna: Phone, phones: Phones, lisa: Any, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    assert len(anna.shown) == 1
    before = memory(home)
    hers = await phones.add("Lisas phone", lisa.id)
    caplog.clear()
    await hers.repeat(guessed(home, kind))
    assert memory(home) == before
    assert home.house.state("session_state") == "idle"
    assert home.house.coordinator.knee.value("anna") is None
    told = [record.getMessage() for record in caplog.records if record.name.startswith("custom_components")]
    assert told == ["Ignored an answer to a reminder from somebody else's phone"]


async def test_buttons_of_other_messages_in_the_house_are_nothing_to_a_reminder(
    home: Home, anna: Phone, phones: Phones, lisa: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    hers = await phones.add("Lisas phone", lisa.id)
    caplog.clear()
    await hers.repeat("OPEN_THE_GARAGE")
    assert not [record for record in caplog.records if record.name.startswith("custom_components")]


async def test_a_swipe_on_somebody_elses_phone_is_not_heard(home: Home, anna: Phone, phones: Phones, lisa: Any) -> None:
    await home.set_up()
    await home.at(18)
    [tag] = anna.shown
    hers = await phones.add("Lisas phone", lisa.id)
    before = memory(home)
    await hers.send("fire_event", event_type=SWIPED, event_data={"tag": tag})
    assert memory(home) == before
    await anna.swipe()
    assert memory(home) != before


async def test_s2_whatever_a_phone_fires_moves_no_belt(home: Home, anna: Phone, phones: Phones, lisa: Any) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    house = home.house
    for phone in (await phones.add("Lisas phone", lisa.id), anna):
        house.commands()
        for event, data in ANYTHING:
            await phone.send("fire_event", event_type=event, event_data=data)
        for kind in (START, *KNEE_BEFORE, "CONFIRM", "RESUME", "STOP"):
            await phone.repeat(guessed(home, kind))
            await phone.repeat(f"RETROWALK_{kind}_{house.entry.entry_id}")
        await house.time(60)
        assert b"\x07" not in house.commands(), "start or resume (S2)"
        assert house.treadmill.at_rest
        assert house.state("session_state") in {"idle", "ready"}


async def test_the_log_names_nobody_and_no_address(
    home: Home, anna: Phone, phones: Phones, lisa: Any, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await home.set_up(connected=True)
    await home.at(18)
    hers = await phones.add("Lisas phone", lisa.id)
    await hers.repeat(guessed(home, SKIP))
    await home.house.walk()
    await home.house.time(60)
    await home.house.press("stop")
    await home.house.time(15)
    await Actions(home.house).call("skip_today", of="anna", by=Context())
    hass.services.async_remove("notify", anna.service)
    await home.at(18, day=1)
    await home.at(18, 15, day=1)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("custom_components")]
    assert any("connected" in line for line in told)
    named = ("anna", "lisa", ADDRESS.lower(), ADDRESS.lower()[-8:])
    assert [line for line in told if any(name in line.lower() for name in named)] == []
