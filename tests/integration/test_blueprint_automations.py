"""Each blueprint is run: Home Assistant loads it, an automation is made of it, its event happens, its action seen."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.conversation import async_converse
from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.const import UnitOfSpeed
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import Input, load_yaml
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.retrowalk.blueprint_installer import FOLDER
from custom_components.retrowalk.machine.model import MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.states import AT_REST, SessionState
from tests.support.action_calls import Actions
from tests.support.blueprint_automations import CONSENT, Automations, next_day, pass_time, turns
from tests.support.house import House
from tests.support.one_phone import Phone, add_phone
from tests.support.speakers import Heard, Messages, Satellite, Speech, add_speakers


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """With no blueprints in it, as in a new house."""
    shutil.rmtree(Path(hass_tmp_config_dir) / "blueprints", ignore_errors=True)
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """No stand-in: what is remembered is on the disk."""
    return {}


@pytest.fixture
async def phone(
    hass: HomeAssistant, house: House, aioclient_mock: AiohttpClientMocker, monkeypatch: pytest.MonkeyPatch
) -> Phone:
    return await add_phone(hass, aioclient_mock, house.user_id, monkeypatch)


@pytest.fixture
async def heard(hass: HomeAssistant, house: House) -> Heard:
    """Everybody who can be written to, through notify.anna."""
    heard = Heard(house.clock)
    await add_speakers(hass, notify=Messages(heard))
    return heard


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    freezer.move_to(datetime(2026, 11, 8, 12, tzinfo=dt_util.UTC))  # a Sunday
    return freezer


async def test_daily_reminder_by_a_clock_snoozes_and_makes_ready(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await automations.set_up()
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "daily_reminder",
        next_session=automations.entity("next_session"),
        session_state=house.entity_id("session_state"),
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
    assert house.state("session_state") == "ready"  # and no more than that (S2)
    assert house.coordinator.session.walker == "anna"


async def test_daily_reminder_by_a_cue_once_a_day_and_only_when_it_makes_sense(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("person.anna", "not_home")
    hass.states.async_set("switch.coffee_machine", "on")
    await automations.make(
        "daily_reminder",
        next_session=automations.entity("next_session"),
        session_state=house.entity_id("session_state"),
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
    await pass_time(hass, noon, minutes=31)  # nobody answers
    assert phone.messages[3:] == ["clear_notification"]
    await next_day(hass, noon)
    await house.walked("anna", minutes=6)
    await coffee()
    assert len(phone.sent) == 4  # today's walk is done


async def remind(automations: Automations, phone: Phone) -> None:
    """Anna is reminded when a cue happens, and it does."""
    await automations.make(
        "daily_reminder",
        next_session=automations.entity("next_session"),
        session_state=automations.house.entity_id("session_state"),
        phone=phone.device_id,
        cue=[{"trigger": "event", "event_type": "cue"}],
        until="23:59:59",
    )
    automations.hass.bus.async_fire("cue")
    await turns()
    assert len(phone.sent) == 1


async def test_daily_reminder_is_taken_back_when_somebody_walks_and_not_when_somebody_has_walked(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await automations.set_up()
    await house.walk()
    await house.time(5)
    await house.press("stop")
    await house.time(15)
    assert house.state("session_state") == "finished"
    await remind(automations, phone)
    await house.time(60)
    await turns()
    assert house.state("session_state") == "idle"
    assert len(phone.sent) == 1
    await house.press("start")
    await turns()
    assert phone.messages[1:] == ["clear_notification"]


async def tap_start_while_locked(house: House, phone: Phone) -> None:
    """It is refused, and that is told; once it is possible, it works."""
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
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    await automations.set_up()
    await remind(automations, phone)
    await tap_start_while_locked(automations.house, phone)


async def test_daily_reminder_can_be_snoozed_after_start_did_not_work(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await automations.set_up()
    await remind(automations, phone)
    first = phone.messages[0]
    await house.call("switch", "turn_on", "control_lock")
    phone.tap("Start")
    await turns()
    phone.tap("Later")
    await turns()
    assert phone.messages[2:] == ["clear_notification"]
    await pass_time(hass, noon, minutes=15, seconds=1)
    assert phone.messages[3:] == [first.replace("A small walk counts.", "Still a good moment?")]


async def test_start_session_makes_ready(automations: Automations, hass: HomeAssistant) -> None:
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


async def test_spoken_coach_speaks_through_a_satellite(automations: Automations, hass: HomeAssistant) -> None:
    house = automations.house
    heard = Heard(house.clock)
    await add_speakers(hass, tts=Speech())
    await add_speakers(hass, integration="satellites", assist_satellite=Satellite(heard))
    await automations.set_up()
    await automations.make(
        "spoken_coach",
        session=house.entity_id("session"),
        speaker="assist_satellite.hall",
        countdown="{{ event.seconds | round }} and off we go",
        halfway="",
    )
    await house.press("start")
    await turns()
    await house.press("start")
    await turns()
    assert heard.texts[0].startswith("Clip the key")
    assert heard.texts[1:] == ["15 and off we go"]
    await house.time(23)
    await turns()
    assert heard.texts[2:] == ["Here we go. Small steps."]
    await house.wish("target_speed", 1.0)
    await house.time(15)
    await turns()
    assert "Faster in a moment: from 0.5 to 1.0." in heard.texts
    await house.press("stop")
    await house.time(10)
    await turns()
    assert heard.texts[-1].startswith("Stopped.")
    said = len(heard.texts)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await turns()
    assert len(heard.texts) == said  # what is restored did not happen now


async def test_spoken_coach_speaks_through_a_media_player(automations: Automations, hass: HomeAssistant) -> None:
    house = automations.house
    await automations.set_up()
    said = async_mock_service(hass, "tts", "speak")
    await automations.make(
        "spoken_coach", session=house.entity_id("session"), speaker="media_player.hall", tts="tts.speech"
    )
    await house.press("start")
    await turns()
    [call] = said
    assert call.data["entity_id"] == ["tts.speech"]
    assert call.data["media_player_entity_id"] == "media_player.hall"
    assert call.data["message"].startswith("Clip the key")


async def coach(automations: Automations, **options: Any) -> Heard:
    """The coach with its own words, and who hears them."""
    heard = Heard(automations.house.clock)
    await add_speakers(automations.hass, tts=Speech())
    await add_speakers(automations.hass, integration="satellites", assist_satellite=Satellite(heard))
    await automations.set_up({**CONSENT, **options})
    await automations.make(
        "spoken_coach", session=automations.house.entity_id("session"), speaker="assist_satellite.hall"
    )
    return heard


async def test_spoken_coach_says_nothing_when_nobody_came(automations: Automations) -> None:
    house = automations.house
    heard = await coach(automations)
    await house.press("start")
    await turns()
    assert len(heard.texts) == 1
    await house.time(605, dt=5)
    await turns()
    assert house.full_state("session").attributes["reason"] == "lapsed"
    assert len(heard.texts) == 1


async def lose_the_link_for_good(house: House) -> None:
    house.faults.off = True
    await house.time(0.5)
    assert house.state("session_state") == "interrupted"
    await house.time(605, dt=5)
    await turns()
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("finished", "interrupted")


async def test_s10_spoken_coach_does_not_say_done_of_a_belt_that_may_still_run(automations: Automations) -> None:
    house = automations.house
    heard = await coach(automations)
    await house.walk()
    await lose_the_link_for_good(house)
    assert heard.texts[-1].startswith("The connection is lost and the belt keeps running.")


async def test_spoken_coach_tells_of_a_start_that_failed(automations: Automations, hass: HomeAssistant) -> None:
    house = automations.house
    hass.states.async_set("binary_sensor.door", "off")
    heard = await coach(automations, guards=["binary_sensor.door"])
    await house.press("start")
    await house.press("start")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert heard.texts[-1] == "The start has failed. Stay beside the belt."


@pytest.mark.parametrize("stops", [False, True])
async def test_spoken_coach_warns_of_what_is_too_near(
    automations: Automations, hass: HomeAssistant, stops: bool
) -> None:
    house = automations.house
    hass.states.async_set("binary_sensor.door", "off")
    heard = await coach(automations, guards=["binary_sensor.door"], guard_stops=stops)
    await house.walk()
    await turns()
    before = len(heard.texts)
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    warning = "Careful: somebody or something is too near."
    stopping = [f"{warning} The belt slows down and stops.", "Slowing down now."]
    assert heard.texts[before:] == (stopping if stops else [warning])


async def test_spoken_coach_warns_that_nobody_is_on_the_belt(automations: Automations) -> None:
    house = automations.house
    heard = await coach(automations)
    await house.walk()
    house.coordinator.on_occupancy(True)
    await house.time(5)
    house.coordinator.on_occupancy(False)
    await house.time(15)
    await turns()
    assert "Nobody seems to be on the belt. It is about to stop." in heard.texts


@pytest.mark.parametrize("direction", ["backward", "forward"])
async def test_quiet_room_pauses_what_plays_and_lets_it_go_on(
    automations: Automations, hass: HomeAssistant, direction: str
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
        session=house.entity_id("session"),
        session_state=house.entity_id("session_state"),
        direction=house.entity_id("direction"),
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
    hass.states.async_set("media_player.film", "off")  # somebody has had enough of it
    await house.press("stop")
    assert states() == [quiet, "off", "off"]
    await house.time(15)
    await turns()
    assert house.treadmill.at_rest
    assert states() == ["playing", "off", "off"]


class Music(MediaPlayerEntity):
    """Something that plays; not everything can pause, or go on."""

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


async def make_quiet(automations: Automations) -> list[Music]:
    """A quiet room with a player that cannot pause, one that cannot go on, and one that can do both."""
    pause, play = MediaPlayerEntityFeature.PAUSE, MediaPlayerEntityFeature.PLAY
    music = [Music("Horn", play), Music("Film", pause), Music("Radio", pause | play)]
    for player in music:
        await add_speakers(automations.hass, integration=f"music_{player.name}".lower(), media_player=player)
    house = automations.house
    await automations.set_up()
    await automations.make(
        "quiet_room",
        session=house.entity_id("session"),
        session_state=house.entity_id("session_state"),
        direction=house.entity_id("direction"),
        players=[player.entity_id for player in music],
    )
    return music


async def test_quiet_room_pauses_what_can_be_paused(automations: Automations) -> None:
    house = automations.house
    music = await make_quiet(automations)
    await house.walk()
    await turns()
    assert [player.state for player in music] == ["playing", "paused", "paused"]
    await house.press("stop")
    await house.time(15)
    await turns()
    assert [player.state for player in music] == ["playing", "paused", "playing"]


async def test_s10_quiet_room_stays_quiet_while_the_belt_may_still_run(automations: Automations) -> None:
    music = await make_quiet(automations)
    await automations.house.walk()
    await lose_the_link_for_good(automations.house)
    assert [player.state for player in music] == ["playing", "paused", "paused"]


class Voice:
    """Somebody who speaks to Assist."""

    def __init__(self, automations: Automations) -> None:
        self.house = automations.house
        self.hass = automations.hass

    async def say(self, text: str, language: str = "en") -> str:
        result = await async_converse(
            self.hass,
            text,
            None,
            Context(user_id=self.house.user_id),
            language=language,
            agent_id="conversation.home_assistant",
        )
        await turns()
        return str(result.response.speech["plain"]["speech"])


@pytest.fixture
async def voice(automations: Automations, hass: HomeAssistant) -> Voice:
    assert await async_setup_component(hass, "conversation", {})
    await automations.set_up()
    house = automations.house
    await house.walked("anna")
    house.coordinator.next_session.choose_walker("anna")
    await automations.make(
        "voice_control",
        treadmill=Actions(house).device(),
        **{key: house.entity_id(key) for key in ("session_ends", "speed", "target_speed")},
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
    assert voice.house.state("session_state") == "ready"  # saying it twice is no confirmation
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
    await house.wish("target_speed", 2.0)
    await house.time(60)
    before = house.treadmill.speed
    assert 0.8 < before < 2.0  # on its way up
    assert await voice.say(how_long, language) == answers[0]  # no time of day passes in this house
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
    await house.wish("target_speed", 1.6)
    await house.time(120)
    for key in keys:  # the speed in any house in the US, the target where somebody wants it so
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
    voice.house.treadmill.press_start()  # somebody has it at the console
    await voice.house.time(10)
    assert await voice.say("get ready") == "The treadmill did not get ready."


async def test_s3_a_voice_is_told_that_a_stop_did_not_get_through(voice: Voice) -> None:
    house = voice.house
    await house.walk()
    driver = house.coordinator.link.driver
    driver._connection._client._backend.services = (
        None  # as BlueZ leaves it, just before it tells that the link is lost
    )
    assert await voice.say("stop") == "Stop did not get through. Pull the key or step off."


@pytest.mark.parametrize(
    ("how", "locked", "state"),
    [("stop", False, "stopping"), ("finish", False, "cool_down"), ("finish", True, "stopping")],
)
async def test_a_door_that_opens_stops_the_walk(
    automations: Automations, hass: HomeAssistant, how: str, locked: bool, state: str
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "unavailable")
    hass.states.async_set("person.child", "not_home")
    await automations.make(
        "stop_when_door_opens",
        treadmill=Actions(house).device(),
        session_state=house.entity_id("session_state"),
        sensors=["binary_sensor.door", "person.child"],
        how=how,
        also=[{"event": "told", "event_data": {"who": "{{ what }}"}}],
    )
    told: list[Any] = []
    hass.bus.async_listen("told", lambda event: told.append(event.data["who"]))
    await house.walk()
    await house.time(30)
    if locked:
        await house.call("switch", "turn_on", "control_lock")
    hass.states.async_set("binary_sensor.door", "on")  # only within reach again
    await turns()
    assert house.state("session_state") in {"warm_up", "active"}
    hass.states.async_set("person.child", "home", {"friendly_name": "Emma"})
    await turns()
    assert house.state("session_state") == state
    assert told == ["Emma"]
    await house.time(45)
    assert house.treadmill.at_rest
    hass.states.async_set("binary_sensor.door", "off")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert told == ["Emma"]  # nobody walks


async def test_a_door_that_opens_ends_a_countdown(automations: Automations, hass: HomeAssistant) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "off")
    await automations.make(
        "stop_when_door_opens",
        treadmill=Actions(house).device(),
        session_state=house.entity_id("session_state"),
        sensors=["binary_sensor.door"],
        how="finish",
    )
    await house.press("start")
    await house.press("start")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert house.state("session_state") == "idle"


def test_s17_a_door_stops_whatever_the_belt_may_be_doing() -> None:
    blueprint = load_yaml(str(FOLDER / "stop_when_door_opens.yaml"))
    [condition] = blueprint["conditions"]
    assert condition["entity_id"] == Input("session_state")
    # A belt about to move; not one that somebody has paused, perhaps to open the door.
    assert {*condition["state"]} == {*SessionState} - AT_REST - {SessionState.PAUSED} | {SessionState.COUNTDOWN}


async def bring_to(house: House, state: SessionState) -> None:
    match state:
        case SessionState.CHECKING:
            await house.coordinator.control.start_check(house.person())
            await house.time(4)
        case SessionState.STARTING:
            await house.press("start")
            await house.press("start")
            await house.time(15.5)
        case SessionState.MANUAL:
            house.treadmill.press_start()
            await house.time(10)
        case _:
            await house.walk()
    if state is SessionState.COOL_DOWN:
        await house.wish("target_speed", 1.0)
        await house.time(15)
        await house.press("finish")
    elif state is SessionState.STOPPING:
        await house.press("stop")
    elif state is SessionState.INTERRUPTED:
        house.faults.silent = True
        await house.time(6)
    assert house.state("session_state") == state


@pytest.mark.parametrize(
    "state",
    [
        SessionState.STARTING,
        SessionState.WARM_UP,
        SessionState.COOL_DOWN,
        SessionState.STOPPING,
        SessionState.MANUAL,
        SessionState.INTERRUPTED,
        SessionState.CHECKING,
    ],
)
async def test_s17_a_door_that_opens_stops_a_belt_that_may_move(
    automations: Automations, hass: HomeAssistant, state: SessionState
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "off")
    await automations.make(
        "stop_when_door_opens",
        treadmill=Actions(house).device(),
        session_state=house.entity_id("session_state"),
        sensors=["binary_sensor.door"],
    )
    await bring_to(house, state)
    house.commands()
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert b"\x08\x01" in house.commands()
    assert house.state("session_state") == "stopping"
    await house.time(15)
    assert house.treadmill.at_rest


async def test_weekly_report_tells_minutes_and_streak(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, heard: Heard
) -> None:
    await automations.set_up()
    await automations.house.walked("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "weekly_report",
        week=automations.entity("week"),
        streak=automations.entity("streak"),
        notify=["notify.anna"],
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    assert heard.texts == ["6 minutes this week, and a streak of 1 day."]
    assert heard.details[0]["title"] == "Your week backward"
    await next_day(hass, noon)
    assert len(heard.texts) == 1
    await pass_time(hass, noon, days=6)
    assert heard.texts[1:] == ["No walk this week. Three minutes are a good start."]
    await hass.config_entries.async_unload(automations.house.entry.entry_id)
    assert hass.states.get(automations.entity("week")).state == "unavailable"
    await pass_time(hass, noon, days=7)
    assert len(heard.texts) == 2  # nobody knows


async def test_weekly_report_tells_who_has_never_walked(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, heard: Heard
) -> None:
    await automations.set_up()
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "weekly_report",
        week=automations.entity("week"),
        streak=automations.entity("streak"),
        notify=["notify.anna"],
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(hass, noon, minutes=10, seconds=1)
    assert heard.texts == ["No walk this week. Three minutes are a good start."]


async def test_comeback_invites_after_missed_days_to_three_minutes(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await automations.set_up()
    await house.walked("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "comeback",
        next_session=automations.entity("next_session"),
        last_session=automations.entity("last_session"),
        phone=phone.device_id,
        at=at.strftime("%H:%M:%S"),
    )
    asked = []
    await pass_time(hass, noon, minutes=10, seconds=1)
    for day in range(1, 12):
        before = len(phone.sent)
        await next_day(hass, noon)
        if len(phone.sent) > before:
            asked.append(day)
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
    assert asked == [2, 5, 9]


async def invite(automations: Automations, noon: FrozenDateTimeFactory, phone: Phone) -> None:
    """Anna has missed a day, and is invited."""
    house = automations.house
    await automations.set_up()
    await house.walked("anna", minutes=6)
    at = dt_util.now() + timedelta(minutes=10)
    await automations.make(
        "comeback",
        next_session=automations.entity("next_session"),
        last_session=automations.entity("last_session"),
        phone=phone.device_id,
        at=at.strftime("%H:%M:%S"),
    )
    await pass_time(house.hass, noon, minutes=10, seconds=1)
    for _ in range(2):
        await next_day(house.hass, noon)
    assert len(phone.sent) == 1


async def test_comeback_tells_when_start_did_not_work(
    automations: Automations, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    await invite(automations, noon, phone)
    await tap_start_while_locked(automations.house, phone)
    assert automations.house.coordinator.next_session.program == "comeback"


async def test_comeback_is_taken_back_by_a_walk_and_not_by_a_reload(
    automations: Automations, hass: HomeAssistant, noon: FrozenDateTimeFactory, phone: Phone
) -> None:
    house = automations.house
    await invite(automations, noon, phone)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await turns()
    last = hass.states.get(automations.entity("last_session"))
    assert last.state != "unavailable"
    assert len(phone.sent) == 1
    hass.states.async_set(last.entity_id, last.state, {**last.attributes, "friendly_name": "Renamed"})
    await turns()
    assert len(phone.sent) == 1
    await house.walked("anna", minutes=6)
    await turns()
    assert phone.messages[1:] == ["clear_notification"]


@pytest.fixture
async def all_right(automations: Automations, hass: HomeAssistant, phone: Phone, heard: Heard) -> Automations:
    assert await async_setup_component(hass, "conversation", {})
    await automations.set_up()
    house = automations.house
    await automations.make(
        "are_you_all_right",
        session=house.entity_id("session"),
        session_state=house.entity_id("session_state"),
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
    all_right: Automations, hass: HomeAssistant, phone: Phone, heard: Heard
) -> None:
    asked: list[Any] = []
    hass.bus.async_listen("asked", lambda event: asked.append(event.data["question"]))
    await pull_key(all_right.house)
    assert phone.messages == ["Are you all right?"]
    assert asked == ["Are you all right?"]
    assert heard.texts == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await turns()
    assert heard.texts == ["The safety key came out during a walk on the treadmill, and nobody answers."]
    assert phone.messages[-1] == "clear_notification"


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
    all_right: Automations, hass: HomeAssistant, phone: Phone, heard: Heard, text: str
) -> None:
    await pull_key(all_right.house)
    await Voice(all_right).say(text)
    assert phone.messages[-1] == "clear_notification"


@pytest.mark.parametrize("answer", ["phone", "button", "voice", "stimme", "ready"])
async def test_are_you_all_right_takes_any_answer(
    all_right: Automations, hass: HomeAssistant, phone: Phone, heard: Heard, answer: str
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
    assert heard.texts == []


async def test_are_you_all_right_asks_when_nobody_is_on_the_belt(
    all_right: Automations, hass: HomeAssistant, phone: Phone, heard: Heard
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
    assert heard.texts[0].startswith("Nobody is on the belt any more")


async def test_are_you_all_right_asks_when_the_key_is_told_of_after_the_belt_rests(
    all_right: Automations, phone: Phone
) -> None:
    house = all_right.house
    treadmill = house.treadmill
    await house.walk()
    await house.time(20)
    tell, treadmill._tell = treadmill._tell, lambda *_: None  # a message that is late, or lost in the air
    treadmill.pull_safety_key()
    treadmill._tell = tell
    await house.time(4)
    assert house.state("session_state") == "paused"
    treadmill._tell(MachineEventKind.SAFETY_KEY)
    await house.time(2)
    await turns()
    assert house.state("session_state") == "finished"
    assert phone.messages == ["Are you all right?"]


async def test_are_you_all_right_does_not_ask_after_a_walk(
    all_right: Automations, phone: Phone, freezer: FrozenDateTimeFactory
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
    all_right: Automations, hass: HomeAssistant, phone: Phone
) -> None:
    house = all_right.house
    house.treadmill.pull_safety_key()
    await house.time(2)
    await turns()
    assert house.full_state("session").attributes["event_type"] == SessionEventKind.SAFETY_KEY
    assert phone.sent == []
