"""The blueprint for a voice assistant: it prepares a session, slows down, pauses and stops (S3, S16)."""

import pytest
from homeassistant.const import UnitOfSpeed
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from tests.support.action_calls import Actions
from tests.support.blueprint_automations import BlueprintAutomations, Voice

from .conftest import Asked


@pytest.fixture
async def voice(automations: BlueprintAutomations, hass: HomeAssistant, asked: Asked) -> Voice:
    assert await async_setup_component(hass, "conversation", {})
    await automations.set_up()
    house = automations.house
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await automations.make(
        "voice_control",
        **{"treadmill": Actions(house).device("anna"), **asked("session_ends", "speed", "target_speed")},
    )
    return Voice(automations)


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("get ready", "en", "Ready. Confirm at the treadmill when you stand safely."),
        ("mach das Laufband bereit", "de", "Bereit. Bestätige am Laufband, wenn du sicher stehst."),
    ],
)
async def test_s16_a_voice_makes_ready_and_no_more(voice: Voice, text: str, language: str, answer: str) -> None:
    assert await voice.say(text, language) == answer
    assert voice.house.state("session_state") == "ready"
    await voice.say(text, language)
    assert voice.house.state("session_state") == "ready"  # a repeated sentence is no confirmation
    await voice.house.time(125)
    assert voice.house.state("session_state") == "idle"


@pytest.mark.parametrize(
    ("language", "stop", "slower", "how_long", "pause", "answers"),
    [
        (
            "en",
            "stop the treadmill",
            "slower",
            "how long",
            "pause the treadmill",
            ("5 minutes left.", "Slower.", "Paused.", "The belt stops."),
        ),
        (
            "de",
            "stopp",
            "etwas langsamer",
            "wie lange noch",
            "Laufband Pause",
            ("Noch 5 Minuten.", "Langsamer.", "Pause.", "Das Band hält an."),
        ),
    ],
)
async def test_s16_a_voice_slows_down_pauses_and_stops(
    voice: Voice, language: str, stop: str, slower: str, how_long: str, pause: str, answers: tuple[str, ...]
) -> None:
    house = voice.house
    await house.walk()
    await house.set_number("target_speed", 2.0)
    await house.time(60)
    before = house.treadmill.speed
    assert 0.8 < before < 2.0  # still rising
    assert await voice.say(how_long, language) == answers[0]  # the time of day stands still in this house
    assert await voice.say(slower, language) == answers[1]
    await house.time(30)
    assert house.treadmill.speed == pytest.approx(before - 0.3, abs=0.11)
    assert await voice.say(pause, language) == answers[2]
    await house.time(15)
    assert house.treadmill.at_rest
    await house.press("resume")
    await house.press("resume")
    await house.time(30)
    assert not house.treadmill.at_rest
    assert await voice.say(stop, language) == answers[3]
    await house.time(15)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("keys", [["speed"], ["speed", "target_speed"]])
async def test_s16_slower_is_slower_in_miles_too(voice: Voice, keys: list[str]) -> None:
    house = voice.house
    registry = er.async_get(house.hass)
    await house.walk()
    await house.set_number("target_speed", 1.6)
    await house.time(120)
    for key in keys:  # the speed in any house in the US, the target where the user chose the unit
        entity_id = house.entity_id(key)
        options = {"unit_of_measurement": UnitOfSpeed.MILES_PER_HOUR}
        registry.async_update_entity_options(entity_id, entity_id.partition(".")[0], options)
    await house.time(1)
    assert house.full_state(keys[-1]).attributes["unit_of_measurement"] == "mph"
    assert house.treadmill.speed == pytest.approx(1.6)
    assert await voice.say("slower") == "Slower."
    await house.time(20)
    assert house.treadmill.speed == pytest.approx(1.3, abs=0.1)
    for _ in range(2):
        assert await voice.say("slower") == "Slower."
        await house.time(20)
    await voice.say("slower")
    await house.time(20)
    assert house.treadmill.speed == pytest.approx(0.5)
    assert await voice.say("slower") == "It cannot go slower now."


async def test_a_voice_is_told_what_cannot_be(voice: Voice) -> None:
    assert await voice.say("slower") == "It cannot go slower now."
    assert await voice.say("pause the treadmill") == "That is not possible now."
    assert await voice.say("how long") == "No session with an end is running."
    voice.house.treadmill.press_start()  # a person starts it at the console
    await voice.house.time(10)
    assert await voice.say("get ready") == "The treadmill did not get ready."


async def test_s3_a_voice_is_told_that_a_stop_did_not_get_through(voice: Voice) -> None:
    house = voice.house
    await house.walk()
    driver = house.coordinator.link.driver
    driver._driver._connection._client._backend.services = (
        None  # as BlueZ leaves it, just before it reports the lost link
    )
    assert await voice.say("stop") == "Stop did not get through. Pull the key or step off."
