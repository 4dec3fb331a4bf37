"""The blueprint that asks whether a walker is all right."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.retrowalk.machine.model import MachineEvent, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.blueprint_automations import BlueprintAutomations, Voice, turns
from tests.support.house import House
from tests.support.one_phone import PushedPhone
from tests.support.speakers import MessageLog

from .conftest import Asked


@pytest.fixture
async def all_right(
    automations: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone, message_log: MessageLog, asked: Asked
) -> BlueprintAutomations:
    assert await async_setup_component(hass, "conversation", {})
    await automations.set_up()
    await automations.make(
        "are_you_all_right",
        **asked("session", "session_state"),
        phone=phone.device_id,
        household=["notify.anna"],
        also_ask=[{"event": "asked", "event_data": {"question": "{{ question }}"}}],
        answers=[{"trigger": "event", "event_type": "button_beside"}],
    )
    return automations


async def pull_key(house: House) -> None:
    await house.walk()
    await house.time(20)
    house.treadmill.pull_safety_key()
    await house.time(2)
    await turns()


async def test_are_you_all_right_tells_the_household_when_nobody_answers(
    all_right: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone, message_log: MessageLog
) -> None:
    questions: list[Any] = []
    hass.bus.async_listen("asked", lambda event: questions.append(event.data["question"]))
    await pull_key(all_right.house)
    assert phone.messages == ["Are you all right?"]
    assert questions == ["Are you all right?"]
    assert message_log.texts == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await turns()
    assert message_log.texts == ["The safety key came out during a walk on the treadmill, and nobody answers."]
    assert phone.messages[-1] == "clear_notification"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "text",
    [
        "I'm fine",
        "I\u2019m okay",
        "i'm all right",
        "I am fine.",
        "I am okay",
        "All good!",
        "I'm  fine",
    ],
)
async def test_are_you_all_right_understands_what_people_say(
    all_right: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone, message_log: MessageLog, text: str
) -> None:
    await pull_key(all_right.house)
    await Voice(all_right).say(text)
    assert phone.messages[-1] == "clear_notification"


@pytest.mark.parametrize("answer", ["phone", "button", "voice", "stimme", "ready"])
async def test_are_you_all_right_takes_any_answer(
    all_right: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone, message_log: MessageLog, answer: str
) -> None:
    house = all_right.house
    await pull_key(house)
    match answer:
        case "phone":
            phone.tap("I am fine")
        case "button":
            hass.bus.async_fire("button_beside")
        case "voice":
            await Voice(all_right).say("I am fine")
        case "stimme":
            await Voice(all_right).say("mir geht es gut", "de")
        case "ready":
            house.treadmill.insert_safety_key()
            await house.time(10)
            await house.press("start")
    await turns()
    assert phone.messages[-1] == "clear_notification"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await turns()
    assert message_log.texts == []


async def test_are_you_all_right_asks_when_nobody_is_on_the_belt(
    all_right: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone, message_log: MessageLog
) -> None:
    house = all_right.house
    await house.walk()
    house.coordinator.on_occupancy(True)
    await house.time(5)
    house.coordinator.on_occupancy(False)
    await house.time(15)
    await turns()
    assert phone.messages == ["Are you all right?"]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await turns()
    assert message_log.texts[0].startswith("Nobody is on the belt any more")


async def test_are_you_all_right_asks_when_the_key_is_told_of_after_the_belt_rests(
    all_right: BlueprintAutomations, phone: PushedPhone
) -> None:
    house = all_right.house
    treadmill = house.treadmill
    await house.walk()
    await house.time(20)
    listener, treadmill.listener = treadmill.listener, None  # a message that is late or lost
    treadmill.pull_safety_key()
    treadmill.listener = listener
    await house.time(4)
    assert house.state("session_state") == "paused"
    assert listener is not None
    listener(MachineEvent(MachineEventKind.SAFETY_KEY))
    await house.time(2)
    await turns()
    assert house.state("session_state") == "finished"
    assert phone.messages == ["Are you all right?"]


async def test_are_you_all_right_does_not_ask_after_a_walk(
    all_right: BlueprintAutomations, phone: PushedPhone, freezer: FrozenDateTimeFactory
) -> None:
    house = all_right.house
    await house.walk()
    await house.time(20)
    await house.press("stop")
    await house.time(15)
    assert house.state("session_state") == "finished"
    freezer.tick(timedelta(seconds=15))
    house.treadmill.pull_safety_key()
    await house.time(2)
    await turns()
    assert house.full_state("session").attributes["event_type"] == SessionEventKind.SAFETY_KEY
    assert phone.sent == []


async def test_are_you_all_right_does_not_ask_when_the_key_is_put_away(
    all_right: BlueprintAutomations, hass: HomeAssistant, phone: PushedPhone
) -> None:
    house = all_right.house
    house.treadmill.pull_safety_key()
    await house.time(2)
    await turns()
    assert house.full_state("session").attributes["event_type"] == SessionEventKind.SAFETY_KEY
    assert phone.sent == []
