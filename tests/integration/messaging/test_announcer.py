"""The announcer: spoken messages for a walker who cannot see the console (S2, S3, S6, S10, S13, S14)."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk import coordinator
from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_ANNOUNCER, CONF_TTS, DOMAIN
from custom_components.retrowalk.messaging import announcer
from custom_components.retrowalk.messaging.announcer import Announcer
from custom_components.retrowalk.messaging.speaker import Speaker
from custom_components.retrowalk.messaging.texts import Texts
from custom_components.retrowalk.training.events import CommandMismatch, SessionEvent, SessionEventKind, StopFailure
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.speech import phrases as wording
from custom_components.retrowalk.training.speech.phrases import Line, Phrase, Scene, phrases_for
from custom_components.retrowalk.training.speech.spoken import Spoken
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.units import Speed
from custom_components.retrowalk.treadmill.options import Options
from tests.support.house import CONTROL, Clock, House, make_entry, walker_subentry
from tests.support.session_events import SAMPLES, session_event
from tests.support.speakers import MessageLog, Messages, Player, Satellite, Speech, add_companion_service, add_speakers
from tests.support.waiting import let_others_run, until

SATELLITE = {**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "assist_satellite.hall"}
PLAYER = {**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "media_player.hall", CONF_TTS: "tts.speech"}
MESSAGES = {**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "notify.anna"}
SILENCE = {**CONTROL, CONF_ANNOUNCE: "none", CONF_ANNOUNCER: "assist_satellite.hall"}

CHECKLIST = (
    "Backward walk. For Anna. Clip the safety key to the back of your waist. Place your feet beside the belt. "
    "Face away from the console. Hold the rail. Turn the music off. Make sure that nobody is near. "
    "Then press Start."
)
CHECKLIST_IN_GERMAN = (
    "Rückwärtsgehen. Klemme den Sicherheitsschlüssel hinten am Bund fest. Stell die Füße neben das Band. "
    "Dreh der Konsole den Rücken zu. Halte dich am Griff fest. Schalte die Musik aus. "
    "Achte darauf, dass niemand in der Nähe ist. Dann drücke Start."
)
LINK_LOST = "The connection is lost. The belt keeps running. Use the key to stop."
STOP_FAILED = "Stop did not reach the treadmill. Pull the key or step off."
NOT_OBEYED = "The belt does not obey Stop. Pull the key or step off."
STOP = b"\x08\x01"


@pytest.fixture
async def message_log(clock: Clock) -> AsyncIterator[MessageLog]:
    message_log = MessageLog(clock)
    yield message_log
    message_log.go_on()


@pytest.fixture
async def satellite(hass: HomeAssistant, tmp_path: Path, message_log: MessageLog) -> MessageLog:
    hass.config.config_dir = str(tmp_path)
    await add_speakers(hass, tts=Speech())
    await add_speakers(hass, integration="satellites", assist_satellite=Satellite(message_log))
    return message_log


@pytest.fixture
async def player(hass: HomeAssistant, tmp_path: Path, message_log: MessageLog) -> MessageLog:
    hass.config.config_dir = str(tmp_path)
    await add_speakers(hass, tts=Speech(), media_player=Player(message_log))
    return message_log


@pytest.fixture
async def messages(hass: HomeAssistant, message_log: MessageLog) -> MessageLog:
    await add_speakers(hass, notify=Messages(message_log))
    return message_log


def issue(house: House) -> ir.IssueEntry | None:
    assert house.entry is not None
    return ir.async_get(house.hass).async_get_issue(DOMAIN, f"announcer_failed_{house.entry.entry_id}")


def notifications(hass: HomeAssistant) -> dict[str, str]:
    shown = persistent_notification._async_get_or_create_notifications(hass)
    return {each["title"] or "": each["message"] for each in shown.values()}


# A whole session


async def run_short_session(house: House, message_log: MessageLog) -> None:
    """Prepare a session, wait, confirm, speed up a little, and stop."""
    message_log.since_now()
    await house.press("start")
    await house.time(20)
    await house.press("start")
    await house.time(23)
    await house.set_number("target_speed", 0.8)
    await house.time(25)
    await house.press("stop")
    await house.time(8)


async def test_s2_s6_a_whole_walk_is_said_at_the_right_times(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE, walkers=[walker_subentry()]))
    await house.call("select", "select_option", "walker", option="Anna")
    await run_short_session(house, satellite)
    assert satellite.entries == [
        (0.0, CHECKLIST),
        (20.0, "Starting in 15 seconds. Key clipped. Facing away. Hand on the rail."),
        (29.0, "5"),
        (pytest.approx(39.0, abs=1.0), "The belt is moving."),
        (pytest.approx(44.0, abs=1.0), "Speeding up from 0.5 to 0.8 kilometers per hour. Within 10 seconds."),
        (pytest.approx(59.0, abs=1.0), "0.8 kilometers per hour reached."),
        (pytest.approx(72.0, abs=1.0), "Stopped."),
    ]
    # No chime: it takes a second, which is too long in a countdown.
    assert all(details["chime"] is None for details in satellite.details)


async def test_a_whole_walk_is_said_in_german(house: House, player: MessageLog) -> None:
    house.hass.config.language = "de"
    await house.set_up(make_entry(PLAYER))
    await run_short_session(house, player)
    assert player.entries == [
        (0.0, CHECKLIST_IN_GERMAN),
        (20.0, "Start in 15 Sekunden. Schlüssel fest. Rücken zur Konsole. Hand am Griff."),
        (29.0, "5"),
        (pytest.approx(39.0, abs=1.0), "Das Band läuft."),
        (
            pytest.approx(44.0, abs=1.0),
            "Gleich schneller: von 0,5 auf 0,8 Kilometer pro Stunde. Innerhalb von 10 Sekunden.",
        ),
        (pytest.approx(59.0, abs=1.0), "0,8 Kilometer pro Stunde erreicht."),
        (pytest.approx(72.0, abs=1.0), "Angehalten."),
    ]
    for details in player.details:
        assert (details["engine"], details["language"], details["announce"]) == ("tts.speech", "de-DE", True)


async def test_a_speaker_that_still_sounds_is_not_talked_over_but_cut_off_by_the_countdown(
    house: House, player: MessageLog
) -> None:
    await house.set_up(make_entry(PLAYER))
    player.since_now()
    await house.press("start")
    await house.time(2)
    await house.press("start")
    await house.time(4)
    assert [(at, text.split(".")[0]) for at, text in player.entries] == [
        (0.0, "Backward walk"),
        (2.0, "Starting in 15 seconds"),
    ]
    # A phrase waits until the speaker has finished the previous one.
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.LINK_BACK))
    await house.time(1)
    assert len(player.entries) == 2
    await house.time(2)
    assert player.entries[2] == (pytest.approx(8.5, abs=0.5), "The connection is back.")


async def test_a_stop_ends_the_countdown_that_is_said(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.press("start")
    await house.press("start")
    await house.time(3)
    satellite.since_now()
    await house.press("stop")
    await house.time(20)
    assert satellite.entries == [(0.0, "Stopped.")]


async def test_a_walk_at_the_console_ends_with_its_minutes(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    satellite.since_now()
    house.treadmill.press_start()
    await house.time(125, dt=1)
    house.treadmill.press_stop()
    await house.time(10)
    assert satellite.texts == ["Stopped. 2 minutes."]


async def test_a_walk_that_a_restart_cut_in_two_ends_with_the_minutes_of_both(
    house: House, satellite: MessageLog
) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.time(3)
    house.treadmill.press_start()
    await house.time(123)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(60)
    satellite.since_now()
    house.treadmill.press_stop()
    await house.time(8)
    assert satellite.texts == ["Stopped. 3 minutes."]


async def test_the_announcer_follows_the_language_of_home_assistant(house: House, player: MessageLog) -> None:
    await house.set_up(make_entry(PLAYER))
    for language, text, spoken in (
        ("de", "Das Band läuft.", "de-DE"),
        ("fr", "La bande est en mouvement.", "fr-FR"),
        ("sv", "The belt is moving.", "en-US"),  # not translated: English texts with an English voice
    ):
        await house.hass.config.async_update(language=language)
        await house.hass.async_block_till_done()
        player.since_now()
        await house.time(10)
        house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
        await house.time(1)
        assert (player.texts, player.details[0]["language"]) == ([text], spoken)


async def test_an_engine_without_the_language_gets_none(
    hass: HomeAssistant, house: House, tmp_path: Path, message_log: MessageLog
) -> None:
    hass.config.config_dir = str(tmp_path)
    french = Speech()
    french._attr_supported_languages = ["fr-FR"]
    await add_speakers(hass, tts=french, media_player=Player(message_log))
    await house.set_up(make_entry(PLAYER))
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.time(1)
    assert (message_log.texts, message_log.details[0]["language"]) == (["The belt is moving."], None)


# Notifications


async def test_a_notification_says_everything_but_the_numbers(house: House, messages: MessageLog) -> None:
    await house.set_up(make_entry(MESSAGES))
    await run_short_session(house, messages)
    assert [text.split(".")[0] for text in messages.texts] == [
        "Backward walk",
        "Starting in 15 seconds",
        "The belt is moving",
        "Speeding up from 0",
        "0",
        "Stopped",
    ]
    assert messages.details[0] == {"title": "Treadmill"}


async def test_a_phone_is_notified_through_its_app(hass: HomeAssistant, house: House, message_log: MessageLog) -> None:
    by_entity = MessageLog(house.clock)
    data = {"device_name": "Anna's phone"}
    await add_speakers(hass, integration="mobile_app", data=data, notify=Messages(by_entity))
    await house.set_up(make_entry(MESSAGES))
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.time(1)
    assert by_entity.texts == ["The belt is moving."]  # a companion app without a notify action

    add_companion_service(hass, message_log, "mobile_app_anna_s_phone")
    for kind, level in ((SessionEventKind.STARTED, "time-sensitive"), (SessionEventKind.INTERRUPTED, "critical")):
        message_log.since_now()
        house.coordinator.announcer.on_session_event(SessionEvent(kind))
        await house.time(1)
        [details] = message_log.details
        assert details["title"] == "Treadmill"
        assert (details["data"]["ttl"], details["data"]["priority"]) == (0, "high")
        assert details["data"]["push"] == {"interruption-level": level}
    assert len(by_entity.entries) == 1


# Alarms


async def test_s10_s3_a_lost_link_and_a_stop_that_cannot_get_through_are_said_at_once(
    house: House, satellite: MessageLog
) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.walk()
    satellite.since_now()
    house.faults.off = True
    await house.time(0.5)
    assert satellite.entries == [(pytest.approx(0.5, abs=0.5), LINK_LOST)]
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    await house.settle()
    assert satellite.texts == [LINK_LOST, STOP_FAILED]
    assert notifications(house.hass) == {"Treadmill": STOP_FAILED}

    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(8)
    assert satellite.texts[2:] == ["Stopped."]
    assert notifications(house.hass) == {}


async def test_s10_an_alarm_overtakes_what_is_being_said(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.walk()
    satellite.since_now()
    satellite.hangs = True
    announce = house.coordinator.announcer.on_session_event
    announce(SessionEvent(SessionEventKind.RESUMED))
    await house.settle()
    announce(SessionEvent(SessionEventKind.PAUSED))
    announce(SessionEvent(SessionEventKind.INTERRUPTED))
    # The alarm comes again before it was said the first time.
    announce(SessionEvent(SessionEventKind.INTERRUPTED))
    await house.settle()
    assert satellite.entries == [(0.0, "The walk goes on."), (0.0, LINK_LOST)]


async def test_the_safety_key_is_said(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.walk()
    satellite.since_now()
    house.treadmill.pull_safety_key()
    await house.time(8)
    assert satellite.texts[-1] == "Stopped. The safety key is out."
    assert "The safety key is out. The belt stops." in satellite.texts


# Speakers that hang or fail


@pytest.mark.parametrize("ends", [True, False])
async def test_s3_a_speaker_that_hangs_delays_neither_the_walk_nor_an_alarm(
    house: House, player: MessageLog, monkeypatch: pytest.MonkeyPatch, *, ends: bool
) -> None:
    monkeypatch.setattr(announcer, "_CANCEL_TIMEOUT", 0.01)
    player.hangs, player.ends_when_cancelled = True, ends
    await house.set_up(make_entry(PLAYER))
    await house.walk()
    player.since_now()
    house.commands()
    await house.press("stop")
    assert house.commands() == [STOP]
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.INTERRUPTED))
    await house.until(lambda: bool(player.entries))
    assert player.entries == [(0.0, LINK_LOST)]
    await house.time(6)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"
    await house.until(lambda: player.texts == [LINK_LOST, "Stopped."])


async def test_s3_an_error_disturbs_nothing_and_is_logged_once(
    house: House, satellite: MessageLog, caplog: pytest.LogCaptureFixture
) -> None:
    satellite.error = RuntimeError("out of order")
    await house.set_up(make_entry(SATELLITE))
    caplog.clear()
    caplog.set_level(logging.INFO)
    await house.press("start")
    await house.time(1)
    await house.press("start")
    await house.time(1)
    assert issue(house) is None
    await house.time(21)
    assert house.state("session_state") == "warm_up"
    assert len(satellite.entries) >= 3
    logged = [record for record in caplog.records if record.name == announcer.__name__]
    assert [record.getMessage() for record in logged] == [
        "Treadmill cannot speak through assist_satellite.hall: out of order"
    ]
    repair = issue(house)
    assert repair is not None
    assert repair.translation_key == "announcer_failed"
    assert repair.translation_placeholders == {"name": "Treadmill", "entity": "assist_satellite.hall"}

    satellite.error = None
    await house.press("stop")
    await house.time(8)
    assert issue(house) is None
    assert "Treadmill speaks through assist_satellite.hall again" in caplog.text


async def test_s3_whatever_hears_what_was_said_the_next_phrase_is_said(
    house: House, satellite: MessageLog, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up(make_entry(SATELLITE))

    def breaks(_: Phrase, said: bool) -> None:
        raise RuntimeError(f"out of order, {said}")

    house.coordinator.announcer.listener = breaks
    for kind in (SessionEventKind.STARTED, SessionEventKind.PAUSED):
        house.coordinator.announcer.on_session_event(SessionEvent(kind))
        await house.time(10)
    assert len(satellite.entries) == 2
    assert "out of order, True" in caplog.text


async def test_an_alarm_that_fails_is_tried_again(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    satellite.since_now()
    satellite.error = HomeAssistantError()
    house.coordinator.announcer.on_session_event(session_event("stop_failed"))
    await house.settle()
    await house.time(3)
    satellite.error = None
    await house.time(10)
    assert satellite.entries == [(0.0, STOP_FAILED), (2.0, STOP_FAILED), (4.0, STOP_FAILED)]


async def test_a_speaker_that_never_answers_counts_as_failed(
    house: House, satellite: MessageLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(announcer, "speaking_time", lambda text: 0.0)
    monkeypatch.setattr(announcer, "SPEAKER_TIMEOUT", 0.01)
    await house.set_up(make_entry(SATELLITE))
    satellite.hangs = True
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.until(lambda: "it does not answer" in caplog.text)
    # The call was canceled, so that the speaker is free for the next phrase.
    satellite.hangs = False
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.PAUSED))
    await house.until(lambda: len(satellite.entries) == 2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({CONF_ANNOUNCER: "media_player.attic"}, "media_player.attic is not available"),
        ({CONF_TTS: "tts.attic"}, "tts.attic is not available"),
        ({CONF_TTS: None}, "no text-to-speech was chosen to speak through media_player.hall"),
    ],
)
async def test_a_missing_speaker_is_reported(
    house: House, player: MessageLog, caplog: pytest.LogCaptureFixture, options: dict[str, Any], reason: str
) -> None:
    await house.set_up(make_entry({**PLAYER, **options}))
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.time(1)
    assert player.entries == []
    assert reason in caplog.text


async def test_an_unavailable_speaker_is_reported(
    house: House, player: MessageLog, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up(make_entry(PLAYER))
    [speakers] = house.hass.config_entries.async_entries("speakers")
    assert await house.hass.config_entries.async_unload(speakers.entry_id)
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.time(1)
    assert "media_player.hall is not available" in caplog.text


async def test_an_engine_without_an_entity_has_no_known_languages(house: House, player: MessageLog) -> None:
    """Check an engine that is not an entity; another integration sets its state."""
    house.hass.states.async_set("tts.other", "unknown")
    speaker = Speaker(house.hass, "media_player.hall", "tts.other", "Treadmill")
    assert speaker._supported_languages("tts.other") == []


# Silence


async def test_s3_where_nothing_is_to_be_said_a_failed_stop_is_still_shown(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SILENCE))
    await house.walk()
    house.faults.stop_ignored = True
    await house.press("stop")
    await house.time(8)
    assert notifications(house.hass) == {"Treadmill": NOT_OBEYED}
    house.faults.stop_ignored = False
    await house.time(6)
    assert house.state("session_state") == "finished"
    assert notifications(house.hass) == {}
    assert satellite.entries == []
    assert issue(house) is None


# Lifecycle


@pytest.mark.parametrize("whole_house", [True, False])
async def test_s14_a_shutdown_is_announced_while_the_belt_slows_down(
    house: House, satellite: MessageLog, *, whole_house: bool
) -> None:
    await house.set_up(make_entry(SATELLITE))
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(40)
    satellite.since_now()
    assert house.entry is not None
    stop = house.hass.async_stop(force=True)
    unload = house.hass.config_entries.async_unload(house.entry.entry_id)
    going = asyncio.create_task(stop if whole_house else unload)
    (unload if whole_house else stop).close()
    while not going.done():
        house.peripheral.step(0.25)
        house.clock.seconds += 0.25
        await house.settle()
        await let_others_run(0.05)
    assert satellite.entries[0] == (
        pytest.approx(0.0, abs=0.5),
        "Home Assistant is stopping. The belt slows down and stops.",
    )


async def test_unloading_ends_the_announcer_and_deletes_its_issue(house: House, satellite: MessageLog) -> None:
    await house.set_up(make_entry(SATELLITE))
    satellite.error = RuntimeError()
    for _ in range(3):
        house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
        await house.time(1)
    assert issue(house) is not None
    satellite.error, satellite.hangs = None, True
    house.coordinator.announcer.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.settle()
    assert house.entry is not None
    ended = house.coordinator.announcer
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert issue(house) is None
    satellite.since_now()
    ended.on_session_event(SessionEvent(SessionEventKind.STARTED))
    await house.settle()
    assert satellite.entries == []


async def test_removing_a_treadmill_dismisses_its_alarm(house: House) -> None:
    await house.set_up()
    house.coordinator.announcer.on_session_event(session_event("stop_failed"))
    assert notifications(house.hass) == {"Treadmill": STOP_FAILED}
    assert house.entry is not None
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert notifications(house.hass) == {}


async def test_a_phrase_that_waits_for_its_time_needs_nobody_to_wake_it(
    hass: HomeAssistant, message_log: MessageLog
) -> None:
    await add_speakers(hass, notify=Messages(message_log))
    entry = make_entry()
    entry.add_to_hass(hass)
    options = Options.read(MESSAGES)
    waiting = Announcer(hass, entry, options.announcer, options.tts, scene=Scene, clock=monotonic)
    await waiting.async_load()
    waiting._queue.add([wording.Phrase(lines=(Line("say_halfway"),), slot="time", delay=0.05)], monotonic())
    waiting.wake()
    await until(lambda: message_log.entries)
    assert message_log.texts == ["Halfway."]
    await entry._async_process_on_unload(hass)


# Texts

FOLDER = Path(coordinator.__file__).parent
LANGUAGES = sorted(path.stem for path in (FOLDER / "translations").glob("*.json"))
RISES = (SessionEventKind.SPEED_UP_SOON, SessionEventKind.STEP_CHANGED, SessionEventKind.RISE_REFUSED)
EVENTS: list[tuple[str, dict[str, Any]]] = [
    *((kind.value, {"seconds": 60.0, "direction": "backward"}) for kind in SessionEventKind if kind not in RISES),
    *(
        (kind, {"what": what, "start": 0.5, "target": 1.0, "seconds": 20.0, "present": 0.5})
        for kind in RISES
        for what in ("speed", "incline")
    ),
    *((kind, {"what": "incline", "start": -2.0, "target": 0.0, "seconds": 20.0}) for kind in RISES[:2]),
    ("speed_up_soon", {"what": "incline", "start": -2.0, "target": 1.0, "seconds": 20.0}),
    *((kind, {}) for kind in ("halfway", "last_minute", "nobody_on_belt", "not_obeyed", "interrupted")),
    *(("manual", {"reason": reason}) for reason in ("no_coach", "stops_itself", "time_is_up")),
    ("not_obeyed", {"finding": CommandMismatch.IGNORED, "what": "incline"}),
    ("cooling_down", {"reason": "shutdown"}),
    ("stopped", {"reason": "safety_key"}),
    ("deck_lowering", {"seconds": 5.0}),
    ("guard", {"stops": True}),
    *(
        ("start_failed", {"reason": reason})
        for reason in ("settings_changed", "locked", "not_announced", "belt_not_heard")
    ),
    ("stop_failed", {"reason": StopFailure.NOT_OBEYED}),
]
SCENES = [
    Scene(direction=direction, state=state, walker="Anna", moving_time=moving_time, safety_key=key)
    for direction in Direction
    for state in (SessionState.STOPPING, SessionState.MANUAL)
    for moving_time in (0.0, 60.0, 300.0)
    for key in (True, False)
] + [Scene(first_walk=True)]


def fitting(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the details that events of a kind have."""
    return {name: value for name, value in data.items() if hasattr(SAMPLES[SessionEventKind(kind)], name)}


def all_lines() -> list[tuple[Line, ...]]:
    return [
        phrase.lines
        for kind, data in EVENTS
        for scene in SCENES
        for phrase in phrases_for(session_event(kind, **fitting(kind, data)), scene)
    ] + [(Line("say_test"),)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_said_has_a_text_in_every_language(language: str) -> None:
    by_key = json.loads((FOLDER / "translations" / f"{language}.json").read_text())["common"]
    texts = Texts({f"component.{DOMAIN}.common.{key}": text for key, text in by_key.items()})
    assert texts.language == language
    listed = {key for key in by_key if key.startswith("say_")}
    assert {*Spoken} == listed
    keys = {line.key for lines in all_lines() for line in lines}
    assert keys == listed - {"say_language", "say_decimal_mark", "say_kilometers_per_hour", "say_miles_per_hour"}
    for lines in all_lines():
        # The text uses each of the given values, and no others.
        text = texts.render(lines)
        assert "{" not in text
        for line in lines:
            unit = {"spoken_speed_unit"} if any(isinstance(value, Speed) for value in line.values.values()) else set()
            assert set(re.findall(r"{(\w+)}", by_key[line.key])) == set(line.values) | unit, line.key


def test_a_countdown_is_short_enough_for_the_number_that_follows() -> None:
    for language in LANGUAGES:
        by_key = json.loads((FOLDER / "translations" / f"{language}.json").read_text())["common"]
        texts = Texts({f"component.{DOMAIN}.common.{key}": text for key, text in by_key.items()})
        for direction, seconds in ((Direction.BACKWARD, 15.0), (Direction.BACKWARD, 10.0), (Direction.FORWARD, 15.0)):
            event = session_event("countdown", seconds=seconds)
            introduction, number, *_ = phrases_for(event, Scene(direction=direction))
            assert wording.speaking_time(texts.render(introduction.lines)) <= number.delay + number.lasts


def test_numbers_are_written_as_the_language_does() -> None:
    texts = Texts(
        {f"component.{DOMAIN}.common.{key}": text for key, text in {"n": "{n}", "say_decimal_mark": ","}.items()}
    )
    assert [texts.render((Line("n", {"n": n}),)) for n in (5.0, 2.5, 0.1 + 0.2)] == ["5", "2,5", "0,3"]
