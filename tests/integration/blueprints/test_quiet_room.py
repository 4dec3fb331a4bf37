"""The blueprint that makes the room quiet."""

import pytest
from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.core import HomeAssistant, ServiceCall

from tests.support.blueprint_automations import BlueprintAutomations, lose_the_link_for_good, turns
from tests.support.speakers import add_speakers

from .conftest import Asked


@pytest.mark.parametrize("direction", ["backward", "forward"])
async def test_quiet_room_pauses_what_plays_and_lets_it_go_on(
    automations: BlueprintAutomations, hass: HomeAssistant, direction: str, asked: Asked
) -> None:
    house = automations.house
    await automations.set_up()

    async def play(call: ServiceCall) -> None:
        for entity_id in call.data["entity_id"]:
            hass.states.async_set(entity_id, "paused" if call.service == "media_pause" else "playing")

    for service in ("media_pause", "media_play"):
        hass.services.async_register("media_player", service, play)
    players = {"media_player.radio": "playing", "media_player.film": "playing", "media_player.off": "off"}

    def states() -> list[str]:
        return [hass.states.get(player).state for player in players]

    for player, state in players.items():
        hass.states.async_set(player, state)
    await automations.make(
        "quiet_room",
        **asked("session", "session_state", "direction"),
        players=list(players),
    )
    await house.call("select", "select_option", "direction", option=direction)
    await house.press("start")
    await turns()
    assert states() == ["playing", "playing", "off"]
    await house.press("start")
    await turns()
    quiet = "paused" if direction == "backward" else "playing"
    assert states() == [quiet, quiet, "off"]
    await house.time(30)
    hass.states.async_set("media_player.film", "off")  # a person turned it off
    await house.press("stop")
    assert states() == [quiet, "off", "off"]
    await house.time(15)
    await turns()
    assert house.treadmill.at_rest
    assert states() == ["playing", "off", "off"]


class Music(MediaPlayerEntity):
    """A media player; not every one can pause or resume."""

    _attr_state = MediaPlayerState.PLAYING

    def __init__(self, name: str, features: MediaPlayerEntityFeature) -> None:
        self._attr_name = self._attr_unique_id = name
        self._attr_supported_features = features

    async def async_media_pause(self) -> None:
        self._attr_state = MediaPlayerState.PAUSED
        self.async_write_ha_state()

    async def async_media_play(self) -> None:
        self._attr_state = MediaPlayerState.PLAYING
        self.async_write_ha_state()


async def make_quiet(automations: BlueprintAutomations, asked: Asked) -> list[Music]:
    """Set up a quiet room with a player that cannot pause, one that cannot resume, and one that can do both."""
    pause, play = MediaPlayerEntityFeature.PAUSE, MediaPlayerEntityFeature.PLAY
    music = [Music("Horn", play), Music("Film", pause), Music("Radio", pause | play)]
    for player in music:
        await add_speakers(automations.hass, integration=f"music_{player.name}".lower(), media_player=player)
    await automations.set_up()
    await automations.make(
        "quiet_room",
        **asked("session", "session_state", "direction"),
        players=[player.entity_id for player in music],
    )
    return music


async def test_quiet_room_pauses_what_can_be_paused(automations: BlueprintAutomations, asked: Asked) -> None:
    house = automations.house
    music = await make_quiet(automations, asked)
    await house.walk()
    await turns()
    assert [player.state for player in music] == ["playing", "paused", "paused"]
    await house.press("stop")
    await house.time(15)
    await turns()
    assert [player.state for player in music] == ["playing", "paused", "playing"]


async def test_s10_quiet_room_stays_quiet_while_the_belt_may_still_run(
    automations: BlueprintAutomations, asked: Asked
) -> None:
    music = await make_quiet(automations, asked)
    await automations.house.walk()
    await lose_the_link_for_good(automations.house)
    assert [player.state for player in music] == ["playing", "paused", "paused"]
