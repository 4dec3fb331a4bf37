"""Entities: their values, how often they write them, and their texts."""

import json
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import EVENT_STATE_CHANGED, EntityCategory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

import custom_components.retrowalk as package
from custom_components.retrowalk import binary_sensor, button, event, number, select, sensor, switch, time
from custom_components.retrowalk.blueprint_installer import ISSUE
from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_INFO, DOMAIN
from custom_components.retrowalk.errors import ErrorKey
from custom_components.retrowalk.flows.walker import RESERVED_NAMES
from custom_components.retrowalk.issues import Issue
from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.reminders.reminder import EVENTS
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from custom_components.retrowalk.training.coaching.presets import PRESETS
from custom_components.retrowalk.training.coaching.reminder_schedule import SnoozeRefusal
from custom_components.retrowalk.training.events import (
    CommandMismatch,
    EndReason,
    ManualReason,
    SessionEvent,
    SessionEventKind,
    StopFailure,
)
from custom_components.retrowalk.training.files.errors import FormatErrorKey
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import MESSAGES
from custom_components.retrowalk.training.rules import WITHDRAWALS, Refusal
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.treadmill.link_watch import LinkTrouble
from custom_components.retrowalk.treadmill.paths import PathTrouble
from custom_components.retrowalk.walkers.file_keeper import FAILURES
from custom_components.retrowalk.walkers.joining import WALKER_TWICE
from custom_components.retrowalk.walkers.sensors import FIGURES
from custom_components.retrowalk.walkers.walker import GUEST, WHOEVER
from tests.support.house import ADDRESS, CAPABILITIES, House, make_entry, walker_subentry

FOLDER = Path(package.__file__).parent
PLATFORMS = (binary_sensor, button, event, number, select, sensor, switch, time)
LANGUAGES = sorted(path.stem for path in (FOLDER / "translations").glob("*.json"))


def texts(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "translations" / f"{language}.json").read_text())
    return loaded


class Written:
    """Counts the states that entities write, as the recorder would see them."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.rows: list[tuple[str, str]] = []
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        self.rows.append((event.data["entity_id"], new.state if new else "gone"))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.__name__.rsplit(".", 1)[-1])
def test_s3_no_press_waits_for_the_press_before_it(platform: Any) -> None:
    assert platform.PARALLEL_UPDATES == 0


async def test_a_standing_treadmill_writes_nothing(house: House) -> None:
    await house.set_up()
    await house.time(5)
    written = Written(house.hass)
    await house.time(60, dt=1)
    assert written.rows == []


async def test_a_steady_walk_writes_only_what_changes(house: House) -> None:
    # On a busy machine the minutes of the session take seconds of real time, and the session's end would shift.
    house.clock.began = dt_util.utcnow()
    await house.set_up()
    await house.walk()
    written = Written(house.hass)
    await house.time(120)
    # 0.5 km/h for two minutes is 17 m and 6 kcal: ten-metre steps of distance, half minutes of duration, whole
    # kilocalories, the warm-up's end, and nothing else.
    names = [entity_id.split("_", 1)[-1] for entity_id, _ in written.rows]
    assert names.count("distance") <= 2
    assert names.count("session_duration") <= 4
    assert names.count("session") <= 1
    assert names.count("calories") <= 7
    assert set(names) <= {"distance", "session_duration", "session", "calories"}


async def test_live_values_are_unavailable_without_a_link_and_the_others_stay(house: House) -> None:
    await house.set_up()
    await house.press("disconnect")
    live = {"speed", "incline", "belt_moving", "target_speed", "target_incline"}
    always = {"session_state", "connection", "distance", "session_duration", "safety_key", "direction", "session"}
    always |= {"start", "stop", "pause", "resume", "connect", "disconnect"}
    assert {key for key in live | always if house.state(key) == "unavailable"} == live


async def test_distance_and_duration_are_exact_when_the_walk_has_ended(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.time(47)
    await house.press("stop")
    await house.time(6)
    assert house.state("session_state") == "finished"
    distance = house.treadmill.distance
    assert abs(float(house.state("distance")) - distance) <= 1
    assert abs(float(house.state("session_duration")) - house.treadmill.elapsed) <= 3
    await house.time(70, dt=1)
    assert house.state("session_state") == "idle"


async def test_heart_rate_is_written_every_ten_seconds_at_most(house: House) -> None:
    house.peripheral.treadmill.profile = Profile(heart_rate=True)
    await house.set_up(connected=False)
    await house.until(lambda: house.has("heart_rate"))
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    await house.walk()
    written = Written(house.hass)
    await house.time(60)
    rates = [row for row in written.rows if row[0] == house.entity_id("heart_rate")]
    assert 1 <= len(rates) <= 6


async def test_a_machine_without_incline_has_no_incline_entities(house: House) -> None:
    flat = VirtualTreadmill(Profile(incline=None))
    house.peripheral.treadmill.profile = flat.profile
    # Other firmware: capabilities that it does not report no longer exist.
    await house.set_up(make_entry(**{CONF_INFO: {"firmware": "0.9"}}), connected=False)
    await house.until(lambda: house.entry.data["capabilities"]["incline_range"] is None)
    await house.until(lambda: house.hass.states.get(house.entity_id("speed")) is not None)
    await house.settle()
    registry = er.async_get(house.hass)
    restored = [house.hass.states.get(entry.entity_id) for entry in registry.entities.values()]
    live = {state.entity_id for state in restored if state and not state.attributes.get("restored")}
    assert not {entity_id for entity_id in live if "incline" in entity_id}


async def test_a_machine_too_fast_for_walking_backward_can_be_steered_forward(house: House) -> None:
    fast = ValueRange(4.0, 12.0, 0.1)
    house.peripheral.treadmill = VirtualTreadmill(Profile(speed=fast))
    capabilities = replace(CAPABILITIES, speed_range=fast).as_dict()
    await house.set_up(make_entry(**{CONF_CAPABILITIES: capabilities}))
    assert house.state("target_speed") == "unavailable"
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "starts_too_fast"
    await house.call("select", "select_option", "direction", option="forward")
    assert house.full_state("target_speed").attributes["max"] == 6.0


async def test_asking_for_an_update_by_hand_changes_nothing_and_fails_nothing(house: House) -> None:
    await house.set_up()
    written = Written(house.hass)
    await house.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": house.entity_id("speed")}, blocking=True
    )
    await house.settle()
    assert written.rows == []
    assert house.coordinator.last_update_success


async def test_names_come_from_the_translations(house: House) -> None:
    await house.set_up()
    assert house.full_state("session_state").name == "Treadmill Session"
    assert house.full_state("target_speed").name == "Treadmill Target speed"
    assert house.full_state("stop").name == "Treadmill Stop"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_entity_state_and_option_has_its_text(house: House, language: str) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    entities = texts(language)["entity"]
    icons = json.loads((FOLDER / "icons.json").read_text())["entity"]
    registry = er.async_get(house.hass)
    for entry in er.async_entries_for_config_entry(registry, house.entry.entry_id):
        assert entities[entry.domain][entry.translation_key]["name"], entry.entity_id
        assert icons[entry.domain][entry.translation_key]["default"].startswith("mdi:")
    states = entities["sensor"]["session_state"]["state"]
    assert set(states) == {state.value for state in SessionState}
    events = entities["event"]["session"]["state_attributes"]["event_type"]["state"]
    assert set(events) == {kind.value for kind in SessionEventKind}
    assert set(entities["event"]["reminder"]["state_attributes"]["event_type"]["state"]) == set(EVENTS)
    assert set(entities["select"]["direction"]["state"]) == {"backward", "forward"}
    assert set(entities["select"]["walker"]["state"]) == {GUEST, WHOEVER}
    assert entities["select"]["walker"]["state"][GUEST].casefold() in RESERVED_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_its_text_and_no_text_is_without_its_error(language: str) -> None:
    used = {*Refusal, *ErrorKey, *FormatErrorKey, *SnoozeRefusal, *MESSAGES}
    assert set(texts(language)["exceptions"]) == used
    assert all(text["message"] for text in texts(language)["exceptions"].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_issues_have_their_texts(language: str) -> None:
    held = {"not_checked", "check_outdated", "units_changed", "check_failed", "takes_miles"}  # by the check run
    held |= {f"not_obeyed_{finding.value}" for finding in CommandMismatch}
    stops = {f"stop_{failure.value}" for failure in StopFailure}
    # These have a text for each finding.
    own = {*Issue} - {Issue.CHECK, Issue.LINK, Issue.NOT_OBEYED, Issue.STOP_FAILED}
    link = {*LinkTrouble, *PathTrouble}
    assert set(texts(language)["issues"]) == held | stops | link | own | {ISSUE, WALKER_TWICE} | {*FAILURES.values()}


def attributes_of_session_events() -> set[str]:
    """Return the names of everything that a session event may say."""
    pending, names = [SessionEvent], set[str]()
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        names |= {field.name for field in fields(kind)} - {"kind"}
    return names


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_attributes_of_events_have_names_and_their_values_have_texts(language: str) -> None:
    told = texts(language)["entity"]["event"]["session"]["state_attributes"]
    assert set(told) - {"event_type"} == attributes_of_session_events()
    assert all(attribute["name"] for name, attribute in told.items() if name != "event_type")
    values = {name: set(attribute["state"]) for name, attribute in told.items() if "state" in attribute}
    reasons = {*EndReason, *ManualReason, *StopFailure, *WITHDRAWALS}
    assert values == {
        "event_type": {*SessionEventKind},
        "reason": reasons,
        "direction": {*Direction},
        "what": {"speed", "incline"},
        "finding": {*CommandMismatch},
        "by": {"home_assistant", "console"},
        "sign": {"elapsed_time", "steps", "force", "occupancy"},
    }
    reminder = texts(language)["entity"]["event"]["reminder"]["state_attributes"]
    assert set(reminder) - {"event_type"} == {"minutes", "number", "until", "snoozes", "day", "in_a_row"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_of_the_last_session_have_names_and_their_values_have_texts(language: str) -> None:
    told = texts(language)["entity"]["sensor"]["last_session"]["state_attributes"]
    assert set(told) == FIGURES
    assert set(told["outcome"]["state"]) == {*Outcome}
    assert set(told["direction"]["state"]) == {*Direction}
    assert set(told["program"]["state"]) == {*PRESETS}


async def test_no_name_is_twice_on_one_device(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    entries = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    for language in LANGUAGES:
        entities = texts(language)["entity"]
        names = [(entry.device_id, entities[entry.domain][entry.translation_key]["name"]) for entry in entries]
        assert [name for name, number in Counter(names).items() if number > 1] == [], language


async def test_entities_that_a_walk_does_not_need_are_apart_and_not_exposed_to_voice(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    entries = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    apart = {(entry.domain, entry.translation_key): entry.entity_category for entry in entries if entry.entity_category}
    config, diagnostic = EntityCategory.CONFIG, EntityCategory.DIAGNOSTIC
    assert apart == {
        **dict.fromkeys([("button", "connect"), ("button", "disconnect"), ("switch", "control_lock")], config),
        **dict.fromkeys([("switch", key) for key in ("plan_paused", "reminder", "progression")], config),
        **dict.fromkeys([("number", "weight"), ("number", "daily_goal"), ("time", "reminder_time")], config),
        **dict.fromkeys([("sensor", key) for key in ("machine_energy", "training_status")], diagnostic),
        **dict.fromkeys([("sensor", key) for key in ("signal_strength", "connection")], diagnostic),
    }
    assert await async_setup_component(house.hass, "homeassistant", {})
    exposed = {each.entity_id for each in entries if async_should_expose(house.hass, "conversation", each.entity_id)}
    assert {entity_id for entity_id in exposed if entity_id.startswith("switch.")} == set()


async def test_what_few_need_is_off_at_first(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    entries = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    assert {entry.translation_key for entry in entries if entry.disabled} == {
        *("average_speed", "top_speed", "elevation_gain"),
        *("machine_energy", "training_status", "signal_strength"),
        *("forward_duration", "forward_distance", "forward_calories", "total_steps"),
    }


async def test_an_entity_keeps_its_id_when_its_name_changes(house: House) -> None:
    registry = er.async_get(house.hass)
    ids = {"total_duration": "anna_backward_in_total", "total_distance": "anna_total_distance"}
    for key, known in ids.items():
        unique_id = f"{ADDRESS.lower()}_anna_{key}"
        registry.async_get_or_create("sensor", DOMAIN, unique_id, object_id_base=known)
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    for key, known in ids.items():
        assert house.full_state(key).entity_id == f"sensor.{known}"
    assert house.full_state("total_duration").name == "Anna Total backward time"


async def test_nobody_knows_of_the_safety_key_before_the_belt_moves_and_after_the_link_is_lost(house: House) -> None:
    await house.set_up()
    assert house.state("safety_key") == "unknown"
    await house.walk()
    assert house.state("safety_key") == "off"
    await house.press("stop")
    await house.time(8)
    assert house.state("safety_key") == "off"
    await house.press("disconnect")
    await house.settle()
    assert house.state("safety_key") == "unknown"


async def test_steps_and_heart_rate_have_the_units_of_the_translations(house: House) -> None:
    house.peripheral.treadmill.profile = Profile(heart_rate=True, steps=True)
    house.hass.config.language = "de"  # the unit that is recorded is the same in every language
    house.peripheral.name = "KS-Treadmill"  # a model that counts steps
    await house.set_up(connected=False)
    await house.until(lambda: house.has("heart_rate") and house.has("steps"))
    await house.settle()
    assert house.full_state("heart_rate").attributes["unit_of_measurement"] == "bpm"
    assert house.full_state("steps").attributes["unit_of_measurement"] == "steps"
