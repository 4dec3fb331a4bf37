"""The blueprint of the spoken coach."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.support.blueprint_automations import CONSENT, BlueprintAutomations, lose_the_link_for_good, turns
from tests.support.speakers import MessageLog, Satellite, Speech, add_speakers

from .conftest import Asked


async def test_spoken_coach_speaks_through_a_satellite(
    automations: BlueprintAutomations, hass: HomeAssistant, asked: Asked
) -> None:
    house = automations.house
    message_log = MessageLog(house.clock)
    await add_speakers(hass, tts=Speech())
    await add_speakers(hass, integration="satellites", assist_satellite=Satellite(message_log))
    await automations.set_up()
    await automations.make(
        "spoken_coach",
        **asked("session"),
        speaker="assist_satellite.hall",
        countdown="{{ event.seconds | round }} and off we go",
        halfway="",
    )
    await house.press("start")
    await turns()
    await house.press("start")
    await turns()
    assert message_log.texts[0].startswith("Clip the key")
    assert message_log.texts[1:] == ["15 and off we go"]
    await house.time(23)
    await turns()
    assert message_log.texts[2:] == ["Here we go. Small steps."]
    await house.set_number("target_speed", 1.0)
    await house.time(15)
    await turns()
    assert "Faster in a moment: from 0.5 to 1.0." in message_log.texts
    await house.press("stop")
    await house.time(10)
    await turns()
    assert message_log.texts[-1].startswith("Stopped.")
    spoken = len(message_log.texts)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await turns()
    assert len(message_log.texts) == spoken  # a restored state is not a new event


async def test_spoken_coach_speaks_through_a_media_player(
    automations: BlueprintAutomations, hass: HomeAssistant, asked: Asked
) -> None:
    house = automations.house
    await automations.set_up()
    calls = async_mock_service(hass, "tts", "speak")
    await automations.make("spoken_coach", **asked("session"), speaker="media_player.hall", tts="tts.speech")
    await house.press("start")
    await turns()
    [call] = calls
    assert call.data["entity_id"] == ["tts.speech"]
    assert call.data["media_player_entity_id"] == "media_player.hall"
    assert call.data["message"].startswith("Clip the key")


async def coach(automations: BlueprintAutomations, asked: Asked, **options: Any) -> MessageLog:
    """Set up the coach with its own texts, and return what is spoken."""
    message_log = MessageLog(automations.house.clock)
    await add_speakers(automations.hass, tts=Speech())
    await add_speakers(automations.hass, integration="satellites", assist_satellite=Satellite(message_log))
    await automations.set_up({**CONSENT, **options})
    await automations.make("spoken_coach", **asked("session"), speaker="assist_satellite.hall")
    return message_log


async def test_spoken_coach_says_nothing_when_nobody_came(automations: BlueprintAutomations, asked: Asked) -> None:
    house = automations.house
    message_log = await coach(automations, asked)
    await house.press("start")
    await turns()
    assert len(message_log.texts) == 1
    await house.time(605, dt=5)
    await turns()
    assert house.full_state("session").attributes["reason"] == "lapsed"
    assert len(message_log.texts) == 1


async def test_s10_spoken_coach_does_not_say_done_of_a_belt_that_may_still_run(
    automations: BlueprintAutomations, asked: Asked
) -> None:
    house = automations.house
    message_log = await coach(automations, asked)
    await house.walk()
    await lose_the_link_for_good(house)
    assert message_log.texts[-1].startswith("The connection is lost and the belt keeps running.")


async def test_spoken_coach_tells_of_a_start_that_failed(
    automations: BlueprintAutomations, hass: HomeAssistant, asked: Asked
) -> None:
    house = automations.house
    hass.states.async_set("binary_sensor.door", "off")
    message_log = await coach(automations, asked, guards=["binary_sensor.door"])
    await house.press("start")
    await house.press("start")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert message_log.texts[-1] == "The start has failed. Stay beside the belt."


@pytest.mark.parametrize("stops", [False, True])
async def test_spoken_coach_warns_of_what_is_too_near(
    automations: BlueprintAutomations, hass: HomeAssistant, stops: bool, asked: Asked
) -> None:
    house = automations.house
    hass.states.async_set("binary_sensor.door", "off")
    message_log = await coach(automations, asked, guards=["binary_sensor.door"], guard_stops=stops)
    await house.walk()
    await turns()
    before = len(message_log.texts)
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    warning = "Careful: somebody or something is too near."
    stopping = [f"{warning} The belt slows down and stops.", "Slowing down now."]
    assert message_log.texts[before:] == (stopping if stops else [warning])


async def test_spoken_coach_warns_that_nobody_is_on_the_belt(automations: BlueprintAutomations, asked: Asked) -> None:
    house = automations.house
    message_log = await coach(automations, asked)
    await house.walk()
    house.coordinator.on_occupancy(True)
    await house.time(5)
    house.coordinator.on_occupancy(False)
    await house.time(15)
    await turns()
    assert "Nobody seems to be on the belt. It is about to stop." in message_log.texts
