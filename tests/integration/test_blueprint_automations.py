"""Each blueprint is run: Home Assistant loads it, an automation is made of it, its event happens, its action seen."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.conversation import async_converse
from homeassistant.const import UnitOfSpeed
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.retrowalk.machine.model import MachineEventKind
from custom_components.retrowalk.training.states import SessionEventKind

from .actions import Actions
from .house import House
from .made_of_blueprints import Automations, next_day, pass_time, turns
from .one_phone import Phone, add_phone
from .speakers import Heard, Messages, Satellite, Speech, add_speakers


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
    assert house.coordinator.choices.program == "first_steps"
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
    house.coordinator.people.choose("anna")
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
            assert house.coordinator.choices.program == "comeback"
            assert house.coordinator.session.walker == "anna"
            break
    assert asked == [2, 5, 9]


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
    house.coordinator.hear_occupancy(True)
    await house.time(5)
    house.coordinator.hear_occupancy(False)
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
