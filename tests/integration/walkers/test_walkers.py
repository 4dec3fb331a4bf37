"""Walkers: several persons share a treadmill, each with a weight, a plan and a streak; changes need no reload."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_NAME, EVENT_STATE_CHANGED, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import (
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_HEART_RATE_SENSOR,
    CONF_PERSON,
    CONF_PLAN_PAUSED,
    CONF_QUIET_FROM,
    CONF_RATINGS,
    CONF_REMINDER,
    CONF_REMINDER_TARGET,
    CONF_REMINDER_TIME,
    CONF_STEP_SENSOR,
    CONF_WEIGHT,
    DOMAIN,
)
from custom_components.retrowalk.coordinator import RetrowalkCoordinator
from custom_components.retrowalk.flows.reminder import CONF_SEND_TEST
from custom_components.retrowalk.flows.walker import walker_fields
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.units import METRIC
from custom_components.retrowalk.walkers.walker import GUEST, WHOEVER, walkers_of
from tests.support.house import ADDRESS, House, make_entry, walker_subentry

OFF_AT_FIRST = {"forward_duration", "forward_distance", "forward_calories", "total_steps"}
KEYS = {
    "sensor": {
        "today",
        "streak",
        "week",
        "total_duration",
        "total_distance",
        "total_calories",
        "last_session",
        "knee_discomfort",
        "next_session",
    },
    "binary_sensor": {"goal_reached"},
    "number": {"weight", "daily_goal"},
    "switch": {"plan_paused", "progression", "reminder"},
    "time": {"reminder_time"},
    "event": {"reminder"},
}
BERT = {CONF_NAME: "Bert", CONF_WEIGHT: 95.0, CONF_DAILY_GOAL: 10, CONF_DAYS: ["mon", "wed", "fri"]}
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday; 04:00 in the house


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Freeze the time at Wednesday."""
    freezer.move_to(NOON)
    return freezer


class Walkers:
    """The walkers of a house, used through the user interface."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass

    async def set_up(self, *walkers: dict[str, Any], connected: bool = False) -> None:
        await self.house.set_up(make_entry(walkers=walkers), connected=connected)

    def id_of(self, name: str) -> str:
        return next(walker.id for walker in walkers_of(self.house.entry).values() if walker.name == name)

    def entries(self, walker_id: str) -> list[er.RegistryEntry]:
        registry = er.async_get(self.hass)
        entries = er.async_entries_for_config_entry(registry, self.house.entry.entry_id)
        return [entry for entry in entries if entry.config_subentry_id == walker_id]

    def entities(self, walker_id: str) -> dict[str, er.RegistryEntry]:
        return {entry.translation_key: entry for entry in self.entries(walker_id)}

    def entity_id(self, walker_id: str, key: str) -> str:
        return self.entities(walker_id)[key].entity_id

    def full_state(self, walker_id: str, key: str) -> Any:
        state = self.hass.states.get(self.entity_id(walker_id, key))
        assert state is not None
        return state

    def state(self, walker_id: str, key: str) -> str:
        return self.full_state(walker_id, key).state

    def states(self, walker_id: str, *keys: str) -> list[str]:
        return [self.state(walker_id, key) for key in keys]

    def device(self, walker_id: str) -> dr.DeviceEntry | None:
        identifier = (DOMAIN, f"{ADDRESS}_{walker_id}")
        return dr.async_get(self.hass).async_get_device_by_identifier(identifier, self.house.entry.entry_id)

    async def open_new(self) -> Any:
        handler = (self.house.entry.entry_id, "walker")
        result = await self.hass.config_entries.subentries.async_init(handler, context={"source": "user"})
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
        return result

    async def open_existing(self, walker_id: str) -> Any:
        result = await self.house.entry.start_subentry_reconfigure_flow(self.hass, walker_id)
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
        return result

    async def answer(self, result: Any, answers: dict[str, Any]) -> Any:
        result = await self.hass.config_entries.subentries.async_configure(result["flow_id"], answers)
        await self.house.settle()
        return result

    async def add(self, answers: dict[str, Any]) -> str:
        result = await self.answer(await self.open_new(), answers)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        return self.id_of(answers[CONF_NAME])

    async def remove(self, walker_id: str) -> None:
        assert self.hass.config_entries.async_remove_subentry(self.house.entry, walker_id)
        await self.house.settle()

    async def call(self, service: str, walker_id: str, key: str, **data: Any) -> None:
        domain, _, name = service.partition(".")
        entity_id = self.entity_id(walker_id, key)
        await self.hass.services.async_call(domain, name, {"entity_id": entity_id, **data}, blocking=True)
        await self.house.settle()

    async def choose(self, option: str) -> None:
        await self.house.call("select", "select_option", "walker", option=option)

    def choices(self) -> list[str]:
        options: list[str] = self.house.full_state("walker").attributes["options"]
        return options

    async def store_session(self, walker_id: str | None, minutes: float, **record: Any) -> SessionRecord:
        return await self.house.store_session(walker_id, minutes, **record)


@pytest.fixture
def walkers(house: House) -> Walkers:
    return Walkers(house)


# Added, changed, removed


async def test_a_new_walker_has_a_device_and_entities_at_once(walkers: Walkers) -> None:
    await walkers.set_up()
    house, coordinator = walkers.house, walkers.house.coordinator
    bert = await walkers.add(BERT)
    assert house.coordinator is coordinator
    assert house.entry.state is ConfigEntryState.LOADED
    device = walkers.device(bert)
    assert device is not None
    assert (device.name, device.entry_type) == ("Bert", dr.DeviceEntryType.SERVICE)
    treadmill = dr.async_get(walkers.hass).async_get_device_by_identifier((DOMAIN, ADDRESS), house.entry.entry_id)
    assert treadmill is not None
    assert device.via_device_id == treadmill.id
    entries = walkers.entries(bert)
    shown = {(platform, key) for platform, keys in KEYS.items() for key in keys}
    assert {(entry.domain, entry.translation_key) for entry in entries if not entry.disabled} == shown
    assert {entry.translation_key for entry in entries if entry.disabled} == OFF_AT_FIRST
    assert all(entry.unique_id == f"{ADDRESS.lower()}_{bert}_{entry.translation_key}" for entry in entries)
    assert all(entry.device_id == device.id for entry in entries)
    assert walkers.states(bert, "today", "streak", "week", "goal_reached") == ["0.0", "0", "0.0", "off"]
    assert walkers.states(bert, "total_duration", "total_distance", "total_calories") == ["0.0", "0.0", "0.0"]
    assert walkers.states(bert, "last_session", "knee_discomfort") == [STATE_UNKNOWN, STATE_UNKNOWN]
    assert walkers.states(bert, "weight", "daily_goal", "plan_paused") == ["95.0", "10.0", "off"]
    assert walkers.full_state(bert, "today").name == "Bert Backward today"
    [walker] = walkers_of(house.entry).values()
    assert (walker.person, walker.days) == (None, {0, 2, 4})


async def test_s14_a_walker_is_added_while_the_belt_moves_and_nothing_reloads(walkers: Walkers) -> None:
    await walkers.set_up(connected=True)
    house, coordinator = walkers.house, walkers.house.coordinator
    await house.walk()
    house.commands()
    bert = await walkers.add(BERT)
    assert walkers.state(bert, "weight") == "95.0"
    await walkers.answer(await walkers.open_existing(bert), {**BERT, CONF_WEIGHT: 94.0})
    assert walkers.state(bert, "weight") == "94.0"
    await walkers.remove(bert)
    await house.time(2)
    assert house.coordinator is coordinator
    assert house.state("session_state") in {"warm_up", "active"}
    assert not house.treadmill.at_rest
    assert house.commands() == []


async def test_walkers_are_there_after_a_restart(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    await walkers.store_session("bert", 4)
    entry = walkers.house.entry
    assert await walkers.hass.config_entries.async_unload(entry.entry_id)
    assert await walkers.hass.config_entries.async_setup(entry.entry_id)
    await walkers.house.settle()
    assert walkers.state("anna", "today") == "0.0"
    assert walkers.state("bert", "today") == "4.0"


async def test_a_walker_who_comes_while_the_treadmill_is_being_set_up_is_not_missed(
    walkers: Walkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = RetrowalkCoordinator.async_start

    def late(self: RetrowalkCoordinator) -> None:
        self.hass.config_entries.async_add_subentry(self.config_entry, ConfigSubentry(**walker_subentry("Bert")))
        start(self)

    monkeypatch.setattr(RetrowalkCoordinator, "async_start", late)
    await walkers.set_up()
    assert walkers.state("bert", "weight") == "70.0"


async def test_a_changed_walker_is_refreshed_and_keeps_history_and_entities(
    walkers: Walkers, noon: FrozenDateTimeFactory
) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    await walkers.store_session("anna", 6)
    await walkers.call("switch.turn_on", "anna", "plan_paused")
    result = await walkers.open_existing("anna")
    suggested = {str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema}
    before = {CONF_WEIGHT: 70.0, CONF_DAILY_GOAL: 5.0, CONF_DAYS: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    times = {CONF_REMINDER_TIME: "18:00:00", CONF_QUIET_FROM: "21:00:00"}
    no_reminder = {CONF_REMINDER: False, CONF_REMINDER_TARGET: None, CONF_SEND_TEST: None, **times}
    before |= {CONF_RATINGS: "after"}
    no_sensors = {CONF_HEART_RATE_SENSOR: None, CONF_STEP_SENSOR: None}
    assert suggested == {CONF_NAME: "Anna", CONF_PERSON: None, **before, **no_sensors, **no_reminder}
    entity_ids = {entry.entity_id for entry in walkers.entities("anna").values()}

    result = await walkers.answer(result, {**before, CONF_NAME: "Hannah", CONF_DAILY_GOAL: 7, CONF_DAYS: ["sun"]})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    device = walkers.device("anna")
    assert device is not None
    assert device.name == "Hannah"
    assert {entry.entity_id for entry in walkers.entities("anna").values()} == entity_ids
    assert walkers.full_state("anna", "today").name == "Hannah Backward today"
    assert walkers.states("anna", "today", "goal_reached", "daily_goal") == ["6.0", "off", "7.0"]
    assert walkers.choices() == [WHOEVER, "Hannah", "Bert", GUEST]
    walker = walkers_of(walkers.house.entry)["anna"]
    assert (walker.days, walker.is_paused(date(2026, 11, 18))) == ({6}, True)

    # Saving it unchanged has no effect, and the walker's own name does not count as taken.
    result = await walkers.open_existing("anna")
    result = await walkers.answer(result, {**before, CONF_NAME: "Hannah", CONF_DAILY_GOAL: 7, CONF_DAYS: ["sun"]})
    assert result["reason"] == "reconfigure_successful"
    assert walkers_of(walkers.house.entry)["anna"] == walker


async def test_a_removed_walker_leaves_with_device_and_entities_and_the_sessions_stay(
    walkers: Walkers, noon: FrozenDateTimeFactory
) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    await walkers.store_session("anna", 5)
    await walkers.choose("Anna")
    entity_ids = [entry.entity_id for entry in walkers.entities("anna").values()]
    coordinator = walkers.house.coordinator
    await walkers.remove("anna")
    assert walkers.device("anna") is None
    assert walkers.entities("anna") == {}
    assert [entity_id for entity_id in entity_ids if walkers.hass.states.get(entity_id)] == []
    assert walkers.choices() == [WHOEVER, "Bert", GUEST]
    assert walkers.house.state("walker") == WHOEVER
    assert coordinator.next_session.chosen is None
    assert walkers.device("bert") is not None
    assert walkers.house.coordinator is coordinator
    assert len(coordinator.roster.history) == 1
    await walkers.store_session("anna", 5)  # the session ended after the walker's removal
    assert walkers.state("bert", "today") == "0.0"


async def test_removing_the_treadmill_keeps_only_the_sessions(
    walkers: Walkers, noon: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    await walkers.store_session("anna", 5)
    entry_id = walkers.house.entry.entry_id
    await walkers.hass.config_entries.async_remove(entry_id)
    walkers.house.entry = None
    sessions = f"{DOMAIN}.{entry_id}.sessions"
    assert {key for key in hass_storage if entry_id in key} == {sessions, f"{sessions}.2026"}
    assert [row["name"] for row in hass_storage[f"{DOMAIN}.house.kept"]["data"][entry_id]["walkers"]] == ["Anna"]


# The dialog


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({CONF_NAME: "  "}, {CONF_NAME: "name_length"}),
        ({CONF_NAME: "x" * 51}, {CONF_NAME: "name_length"}),
        ({CONF_NAME: " aNNa "}, {CONF_NAME: "name_taken"}),
        ({CONF_NAME: "Guest"}, {CONF_NAME: "name_reserved"}),
        ({CONF_NAME: "gast"}, {CONF_NAME: "name_reserved"}),
        ({CONF_NAME: "Unknown"}, {CONF_NAME: "name_reserved"}),
        ({CONF_PERSON: "person.nobody"}, {CONF_PERSON: "person_missing"}),
        ({CONF_PERSON: "person.anna"}, {CONF_PERSON: "person_taken"}),
        ({CONF_HEART_RATE_SENSOR: "sensor.gone"}, {CONF_HEART_RATE_SENSOR: "sensor_missing"}),
        ({CONF_STEP_SENSOR: "sensor.gone"}, {CONF_STEP_SENSOR: "sensor_missing"}),
        ({CONF_DAYS: []}, {CONF_DAYS: "no_days"}),
        ({CONF_NAME: "", CONF_DAYS: []}, {CONF_NAME: "name_length", CONF_DAYS: "no_days"}),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_can_be_mended(
    walkers: Walkers, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    walkers.hass.states.async_set("person.anna", "home")
    await walkers.set_up(walker_subentry("Anna", person="person.anna"), walker_subentry("Carl"))
    adding, changing = await walkers.open_new(), await walkers.open_existing("carl")
    for result in (adding, changing):
        form = await walkers.answer(result, {**BERT, **answers})
        assert form["type"] is FlowResultType.FORM
        assert form["errors"] == errors
    assert [walker.name for walker in walkers_of(walkers.house.entry).values()] == ["Anna", "Carl"]
    assert (await walkers.answer(adding, BERT))["type"] is FlowResultType.CREATE_ENTRY
    assert (await walkers.answer(changing, {**BERT, CONF_NAME: "Carlo"}))["reason"] == "reconfigure_successful"


async def test_sensors_of_a_walker_are_chosen_shown_and_left_out_again(walkers: Walkers) -> None:
    watch = er.async_get(walkers.hass).async_get_or_create("sensor", "watch", "1", suggested_object_id="watch_steps")
    walkers.hass.states.async_set("sensor.strap", "80")
    await walkers.set_up(walker_subentry("Anna"))
    sensors = {CONF_HEART_RATE_SENSOR: "sensor.strap", CONF_STEP_SENSOR: watch.entity_id}
    await walkers.answer(await walkers.open_new(), {**BERT, **sensors})
    bert = walkers_of(walkers.house.entry)[walkers.id_of("Bert")]
    assert (bert.heart_rate_sensor, bert.step_sensor) == ("sensor.strap", watch.entity_id)
    form = await walkers.open_existing(bert.id)
    fields = form["data_schema"].schema
    suggested = {str(key): key.description["suggested_value"] for key in fields if str(key) in sensors}
    assert suggested == sensors
    await walkers.answer(form, BERT)
    bert = walkers_of(walkers.house.entry)[bert.id]
    assert (bert.heart_rate_sensor, bert.step_sensor) == (None, None)


@pytest.mark.parametrize(
    "answers",
    [
        {CONF_WEIGHT: 19.9},
        {CONF_WEIGHT: 300.1},
        {CONF_DAILY_GOAL: 0},
        {CONF_DAILY_GOAL: 61},
        {CONF_DAYS: ["someday"]},
        {CONF_PERSON: "light.lamp"},
        {CONF_HEART_RATE_SENSOR: "light.lamp"},
    ],
)
async def test_answers_that_the_form_does_not_offer_are_refused(walkers: Walkers, answers: dict[str, Any]) -> None:
    await walkers.set_up()
    result = await walkers.open_new()
    with pytest.raises(InvalidData):
        await walkers.answer(result, {**BERT, **answers})
    assert walkers_of(walkers.house.entry) == {}


async def test_home_assistants_own_rename_may_make_names_equal_and_they_are_told_apart(
    walkers: Walkers, hass_ws_client: WebSocketGenerator
) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"), walker_subentry("Carl"))
    assert await async_setup_component(walkers.hass, "config", {})
    client = await hass_ws_client()
    for walker_id, name in (("bert", "Anna"), ("carl", "Guest")):
        message = {"entry_id": walkers.house.entry.entry_id, "subentry_id": walker_id, "title": name}
        await client.send_json_auto_id({"type": "config_entries/subentries/update", **message})
        assert (await client.receive_json())["success"]
        await walkers.house.settle()
    assert walkers.choices() == [WHOEVER, "Anna", "Anna (2)", "Guest (2)", GUEST]
    device = walkers.device("bert")
    assert device is not None
    assert device.name == "Anna"
    await walkers.choose("Anna (2)")
    assert walkers.house.coordinator.next_session.chosen == "bert"
    await walkers.choose("Guest (2)")
    assert walkers.house.coordinator.next_session.chosen == "carl"


async def test_walkers_are_offered_by_their_new_names_although_the_treadmill_has_nothing_new(walkers: Walkers) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    object.__setattr__(walkers.house.coordinator.data, "news", False)  # as after a report of one meter more
    entry = walkers.house.entry
    walkers.hass.config_entries.async_update_subentry(entry, entry.subentries["anna"], title="Hannah")
    await walkers.house.settle()
    assert walkers.choices() == [WHOEVER, "Hannah", GUEST]


async def test_a_device_that_somebody_deleted_is_no_reason_to_fail_a_rename(walkers: Walkers) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    device = walkers.device("anna")
    assert device is not None
    dr.async_get(walkers.hass).async_remove_device(device.id)
    await walkers.house.settle()
    entry = walkers.house.entry
    walkers.hass.config_entries.async_update_subentry(entry, entry.subentries["anna"], title="Hannah")
    await walkers.house.settle()
    assert walkers.choices() == [WHOEVER, "Hannah", GUEST]


async def test_the_dialog_suggests_who_is_logged_in_unless_that_person_walks_here_already(
    walkers: Walkers, hass_client: Any, hass_admin_user: MockUser
) -> None:
    await walkers.set_up()
    assert await async_setup_component(walkers.hass, "config", {})
    client = await hass_client()
    request = {"handler": [walkers.house.entry.entry_id, "walker"]}

    async def suggested() -> dict[str, Any]:
        result = await (await client.post("/api/config/config_entries/subentries/flow", json=request)).json()
        fields = result["data_schema"]
        return {field["name"]: field["description"]["suggested_value"] for field in fields if "description" in field}

    usual = {CONF_WEIGHT: 70.0}
    assert await suggested() == {CONF_NAME: hass_admin_user.name, **usual}
    attributes = {"user_id": hass_admin_user.id, "friendly_name": "Anna"}
    walkers.hass.states.async_set("person.anna", "home", attributes)
    assert await suggested() == {CONF_NAME: "Anna", CONF_PERSON: "person.anna", **usual}
    await walkers.add({**BERT, CONF_PERSON: "person.anna"})
    assert await suggested() == usual


# Sessions


async def test_two_people_on_one_belt_have_their_own_minutes_and_streaks(
    walkers: Walkers, noon: FrozenDateTimeFactory
) -> None:
    await walkers.set_up(walker_subentry("Anna", weight=60.0), walker_subentry("Bert", weight=95.0, daily_goal=10.0))
    for days in (2, 1, 0):
        await walkers.store_session("anna", 5, ended=NOON - timedelta(days=days), discomfort_after=days + 1)
    await walkers.store_session("bert", 2.5, planned=600.0)
    await walkers.store_session(None, 30)
    await walkers.store_session("bert", 20, direction=Direction.FORWARD, ended=NOON - timedelta(hours=1))
    assert walkers.states("anna", "today", "week", "streak", "goal_reached") == ["5.0", "15.0", "3", "on"]
    assert walkers.states("bert", "today", "week", "streak", "goal_reached") == ["2.5", "2.5", "0", "off"]
    assert walkers.states("anna", "total_duration", "total_distance", "total_calories") == ["15.0", "0.375", "60.0"]
    assert walkers.states("bert", "total_duration", "total_distance", "total_calories") == ["2.5", "0.062", "10.0"]
    assert walkers.states("anna", "weight", "knee_discomfort") == ["60.0", "1"]
    assert walkers.states("bert", "weight", "knee_discomfort") == ["95.0", STATE_UNKNOWN]
    assert walkers.states("anna", "last_session") == [NOON.isoformat()]
    # Only rated sessions count for the discomfort.
    await walkers.store_session("anna", 1)
    assert walkers.states("anna", "today", "knee_discomfort") == ["6.0", "1"]


async def test_a_goal_is_reached_within_15_seconds(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    await walkers.store_session("anna", 4.7)
    assert walkers.state("anna", "goal_reached") == "off"
    await walkers.store_session("anna", 0.06)
    assert walkers.state("anna", "goal_reached") == "on"


async def test_corrections_go_to_whom_they_belong(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    record = await walkers.store_session("anna", 5)
    roster = walkers.house.coordinator.roster
    corrected = SessionRecord.from_dict({**record.as_dict(), "walker": "bert", "discomfort_after": 4})
    await roster.async_replace(corrected)
    assert walkers.states("anna", "today", "total_duration", "last_session") == ["0.0", "0.0", STATE_UNKNOWN]
    assert walkers.states("bert", "today", "total_duration", "knee_discomfort") == ["5.0", "5.0", "4"]
    assert await roster.async_remove(record.id) == corrected
    assert walkers.states("bert", "today", "total_duration", "knee_discomfort") == ["0.0", "0.0", STATE_UNKNOWN]


async def test_statistics_can_be_made_of_what_adds_up(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    classes = {}
    for key in KEYS["sensor"]:
        attributes = walkers.full_state("anna", key).attributes
        names = ("device_class", "state_class", "unit_of_measurement", "last_reset")
        classes[key] = tuple(attributes.get(name) for name in names)
    assert classes == {
        "today": ("duration", "total", "min", "2026-11-18T00:00:00-08:00"),
        "week": ("duration", "total", "min", "2026-11-16T00:00:00-08:00"),
        "streak": (None, "measurement", "d", None),
        "total_duration": ("duration", "total", "min", None),
        "total_distance": ("distance", "total", "km", None),
        "total_calories": ("energy", "total", "kcal", None),
        "last_session": ("timestamp", None, None, None),
        "knee_discomfort": (None, "measurement", None, None),
        "next_session": ("timestamp", None, None, None),
    }


# Days


async def test_a_new_day_begins_at_midnight_in_the_house(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    await walkers.store_session("anna", 5)
    assert walkers.states("anna", "today", "goal_reached", "streak") == ["5.0", "on", "1"]
    midnight = datetime(2026, 11, 19, 8, tzinfo=UTC)

    async def at(time: datetime) -> None:
        noon.move_to(time)
        async_fire_time_changed(walkers.hass, time)
        await walkers.house.settle()

    await at(midnight - timedelta(seconds=2))
    assert walkers.states("anna", "today", "goal_reached") == ["5.0", "on"]
    await at(midnight)
    assert walkers.states("anna", "today", "goal_reached", "week", "streak") == ["0.0", "off", "5.0", "1"]
    assert walkers.full_state("anna", "today").attributes["last_reset"] == "2026-11-19T00:00:00-08:00"
    assert walkers.full_state("anna", "week").attributes["last_reset"] == "2026-11-16T00:00:00-08:00"
    # Thursday missed: the freeze day of the week. Friday missed too: the streak ends when Friday is over.
    await at(midnight + timedelta(days=1))
    assert walkers.state("anna", "streak") == "1"
    await at(midnight + timedelta(days=2))
    assert walkers.state("anna", "streak") == "0"
    await at(midnight + timedelta(days=4))
    assert walkers.state("anna", "week") == "0.0"
    assert walkers.full_state("anna", "week").attributes["last_reset"] == "2026-11-23T00:00:00-08:00"


async def test_a_house_that_moves_to_another_time_zone_has_other_days(
    walkers: Walkers, noon: FrozenDateTimeFactory
) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    await walkers.store_session("anna", 5, ended=NOON - timedelta(hours=10))
    assert walkers.state("anna", "today") == "0.0"
    await walkers.hass.config.async_update(time_zone="Europe/Berlin")
    await walkers.house.settle()
    assert walkers.state("anna", "today") == "5.0"
    assert walkers.full_state("anna", "today").attributes["last_reset"] == "2026-11-18T00:00:00+01:00"


# Settings of a walker


async def test_weight_and_goal_are_written_to_the_subentry(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    coordinator = walkers.house.coordinator
    await walkers.store_session("anna", 6)
    await walkers.call("number.set_value", "anna", "weight", value=61.5)
    await walkers.call("number.set_value", "anna", "daily_goal", value=8)
    assert walkers.states("anna", "weight", "daily_goal", "goal_reached") == ["61.5", "8.0", "off"]
    assert walkers.states("bert", "weight", "daily_goal") == ["70.0", "5.0"]
    data = walkers.house.entry.subentries["anna"].data
    assert (data[CONF_WEIGHT], data[CONF_DAILY_GOAL]) == (61.5, 8)
    assert coordinator.roster.walkers["anna"].weight == 61.5
    with pytest.raises(ServiceValidationError):
        await walkers.call("number.set_value", "anna", "weight", value=10)
    assert walkers.house.coordinator is coordinator


@pytest.mark.parametrize("key", ["weight", "daily_goal"])
async def test_what_is_not_a_number_is_written_to_no_subentry(walkers: Walkers, key: str) -> None:
    await walkers.set_up(walker_subentry("Anna"))
    before = walkers.house.entry.subentries["anna"].data
    with pytest.raises(ServiceValidationError) as error:
        await walkers.call("number.set_value", "anna", key, value="nan")
    assert error.value.translation_key == "not_a_number"
    assert walkers.house.entry.subentries["anna"].data == before


async def test_a_paused_plan_rests_until_it_is_taken_up_again(walkers: Walkers, noon: FrozenDateTimeFactory) -> None:
    await walkers.set_up(walker_subentry("Anna"))

    def kept() -> Any:
        return walkers.house.entry.subentries["anna"].data.get(CONF_PLAN_PAUSED, [])

    await walkers.store_session("anna", 5)
    await walkers.call("switch.turn_off", "anna", "plan_paused")
    assert kept() == []
    await walkers.call("switch.turn_on", "anna", "plan_paused")
    assert walkers.state("anna", "plan_paused") == "on"
    await walkers.call("switch.turn_off", "anna", "plan_paused")
    assert kept() == []  # a mistake leaves no trace
    noon.move_to(NOON + timedelta(days=1))
    await walkers.call("switch.turn_on", "anna", "plan_paused")
    await walkers.call("switch.turn_on", "anna", "plan_paused")
    assert kept() == [["2026-11-19", None]]
    noon.move_to(NOON + timedelta(days=30))
    await walkers.call("switch.turn_off", "anna", "plan_paused")
    assert kept() == [["2026-11-19", "2026-12-17"]]
    assert walkers.states("anna", "plan_paused", "streak") == ["off", "1"]
    await walkers.store_session("anna", 5)
    assert walkers.state("anna", "streak") == "2"


# The next walker


async def test_who_walks_next_is_chosen_by_name(walkers: Walkers) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    roster, selection = walkers.house.coordinator.roster, walkers.house.coordinator.next_session
    assert walkers.choices() == [WHOEVER, "Anna", "Bert", GUEST]
    assert (walkers.house.state("walker"), selection.chosen, selection.walker_for(None)) == (WHOEVER, None, None)
    await walkers.choose("Bert")
    assert (walkers.house.state("walker"), selection.chosen) == ("Bert", "bert")
    assert selection.walker_for(None) == roster.walkers["bert"]
    selection.choose_walker("bert")
    await walkers.call("number.set_value", "anna", "weight", value=61)  # does not affect the choice
    assert selection.chosen == "bert"
    selection.choose_walker(None)  # the session has ended
    assert walkers.house.state("walker") == WHOEVER
    await walkers.choose(GUEST)
    assert (walkers.house.state("walker"), selection.chosen, selection.walker_for(None)) == (GUEST, GUEST, None)
    await walkers.choose(WHOEVER)
    assert (walkers.house.state("walker"), selection.chosen) == (WHOEVER, None)


async def test_s4_nobody_chosen_means_who_confirms_and_a_chosen_guest_stays_a_guest(
    walkers: Walkers, hass_admin_user: MockUser
) -> None:
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": hass_admin_user.id}]}
    assert await async_setup_component(walkers.hass, "person", persons)
    await walkers.set_up(walker_subentry("Bert"), walker_subentry("Anna", person="person.anna"))
    roster, selection = walkers.house.coordinator.roster, walkers.house.coordinator.next_session
    assert selection.walker_for(hass_admin_user.id) == roster.walkers["anna"]
    assert selection.walker_for("somebody") is None
    await walkers.choose(GUEST)
    assert selection.walker_for(hass_admin_user.id) is None
    await walkers.choose("Bert")
    assert selection.walker_for(hass_admin_user.id) == roster.walkers["bert"]
    selection.choose_walker(None)
    await walkers.remove("anna")
    assert selection.walker_for(hass_admin_user.id) == roster.walkers["bert"], "nobody else walks here"
    assert selection.walker_for(None) == roster.walkers["bert"]


async def test_who_walked_last_walks_next_if_a_person_starts_who_is_no_walker(walkers: Walkers) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"))
    roster, selection = walkers.house.coordinator.roster, walkers.house.coordinator.next_session
    assert selection.walker_for("somebody") is None
    await walkers.house.store_session("bert")
    await walkers.house.store_session(None)  # a guest's
    assert selection.walker_for("somebody") == roster.walkers["bert"]
    assert selection.walker_for(None) is None, "an automation's session waits for who confirms it"


async def test_s4_the_walker_cannot_change_under_way(walkers: Walkers) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"), connected=True)
    await walkers.choose("Anna")
    await walkers.house.press("start")
    assert walkers.house.state("session_state") == "ready"
    with pytest.raises(ServiceValidationError) as error:
        await walkers.choose("Bert")
    assert error.value.translation_key == "walker_fixed"
    assert walkers.house.state("walker") == "Anna"
    await walkers.house.press("stop")
    await walkers.choose("Bert")
    assert walkers.house.state("walker") == "Bert"


# The recorder


async def test_walkers_write_nothing_while_somebody_walks_and_only_their_own_sessions_after(
    walkers: Walkers,
) -> None:
    await walkers.set_up(walker_subentry("Anna"), walker_subentry("Bert"), connected=True)
    house = walkers.house
    written: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        written.append(event.data["entity_id"])

    await house.walk()
    walkers.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    await house.time(30)
    ids = {who: {entry.entity_id for entry in walkers.entities(who).values()} for who in ("anna", "bert")}
    ids["select"] = {house.entity_id("walker")}
    assert [entity_id for entity_id in written if any(entity_id in mine for mine in ids.values())] == []
    await walkers.store_session("anna", 5)
    await house.settle()
    mine = [entity_id for entity_id in written if entity_id in ids["anna"]]
    assert len(mine) == len(set(mine)) == len(KEYS["sensor"])  # not the knee, but the goal
    assert [entity_id for entity_id in written if entity_id in ids["bert"] | ids["select"]] == []
    written.clear()
    house.coordinator.roster._new_day(dt_util.now())
    assert [entity_id for entity_id in written if entity_id in ids["anna"] | ids["bert"]] == []


async def test_a_treadmill_that_is_only_watched_has_walkers_too(walkers: Walkers) -> None:
    await walkers.house.set_up(make_entry(options={}, walkers=[walker_subentry("Anna")]), connected=False)
    assert walkers.states("anna", "weight", "daily_goal") == ["70.0", "5.0"]


def test_the_form_suggests_a_weight_that_somebody_may_have() -> None:
    [weight] = [field for field in walker_fields(METRIC, days=True) if field == CONF_WEIGHT]
    assert weight.description == {"suggested_value": 70.0}
