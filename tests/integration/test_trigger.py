"""Triggers: each fires once, only for its own event and our own entities, and is offered where it fits."""

import json
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol
import yaml
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.trigger import async_validate_trigger_config

from custom_components import retrowalk
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.trigger import TRIGGERS
from tests.support.automations import AutomationTargets, Talk, described, offered
from tests.support.blueprint_automations import pass_time
from tests.support.house import House

SESSION = {
    "session_ready": "ready",
    "countdown_started": "countdown",
    "session_started": "started",
    "start_failed": "start_failed",
    "about_to_speed_up": "speed_up_soon",
    "session_halfway": "halfway",
    "session_paused": "paused",
    "session_resumed": "resumed",
    "session_finished": "finished",
    "session_stopped": "stopped",
    "session_interrupted": "interrupted",
    "stop_failed": "stop_failed",
    "safety_key_pulled": "safety_key",
    "session_exported": "exported",
}
BY_SESSION = {*SESSION, "session_event", "treadmill_connected", "treadmill_disconnected"}
OF_TREADMILL = {*BY_SESSION, "speed_crossed_threshold"}
OF_WALKER = {"goal_reached", "reminder_due"}


@pytest.fixture
async def gym(house: House) -> AutomationTargets:
    automations = AutomationTargets(house)
    await automations.set_up()
    return automations


def session_event(gym: AutomationTargets) -> str:
    return gym.house.entity_id("session")


# Sessions


@pytest.mark.parametrize(("trigger", "kind"), SESSION.items())
async def test_a_session_trigger_fires_for_its_event_and_no_other(
    gym: AutomationTargets, trigger: str, kind: str
) -> None:
    await gym.automate(trigger, {"device_id": gym.device()})
    await gym.emit(kind)
    assert gym.ran_for() == [session_event(gym)]
    await gym.emit(*(other for other in SessionEventKind if other != kind))
    assert gym.ran_for() == []
    await gym.emit(kind)
    assert gym.ran_for() == [session_event(gym)]


TARGETS = {
    "the treadmill": lambda gym: {"device_id": [gym.device()]},
    "its event entity": lambda gym: {"entity_id": [session_event(gym)]},
    "its session sensor": lambda gym: {"entity_id": [gym.house.entity_id("session_state")]},
    "its connection sensor": lambda gym: {"entity_id": [gym.house.entity_id("connection")]},
    "an area with others": lambda gym: {"area_id": [gym.area]},
    "all at once": lambda gym: {
        "device_id": [gym.device(), gym.foreign_device],
        "area_id": [gym.area],
        "entity_id": [session_event(gym), gym.house.entity_id("session_state"), gym.session.entity_id],
    },
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
async def test_a_session_trigger_fires_once_whatever_the_target(gym: AutomationTargets, target: Any) -> None:
    await gym.automate("session_halfway", target(gym))
    gym.session.emit("halfway")
    await gym.settle()
    assert gym.ran_for() == []
    await gym.emit("halfway")
    assert gym.ran_for() == [session_event(gym)]


async def test_a_session_trigger_never_fires_for_a_walker_or_another_makers_event(gym: AutomationTargets) -> None:
    foreign = [gym.session.entity_id, gym.state_of_session.entity_id, "event.of_nobody"]
    walker = [gym.device("anna"), gym.foreign_device]
    await gym.automate("session_started", {"entity_id": foreign, "device_id": walker})
    gym.session.emit("started")
    gym.state_of_session.show("starting")
    gym.hass.states.async_set("event.of_nobody", "unknown")
    await gym.settle()
    gym.hass.states.async_set("event.of_nobody", "2026-11-23T12:00:00.000+00:00", {"event_type": "started"})
    await gym.remind("anna")
    await gym.emit("started")
    assert gym.ran_for() == []


async def test_another_makers_entity_of_the_same_device_is_not_ours(gym: AutomationTargets) -> None:
    entry = er.async_get(gym.hass).async_get_or_create(
        "event", "other", "session", device_id=gym.device(), translation_key="session"
    )
    gym.hass.states.async_set(entry.entity_id, "unknown")
    both = [entry.entity_id, gym.house.entity_id("session_state")]
    await gym.automate("session_started", {"device_id": gym.device(), "entity_id": both})
    gym.hass.states.async_set(entry.entity_id, "2026-11-23T12:00:00.000+00:00", {"event_type": "started"})
    await gym.settle()
    assert gym.ran_for() == []
    await gym.emit("started")
    assert gym.ran_for() == [session_event(gym)]


async def test_an_entity_that_the_editor_does_not_offer_means_nothing_else(gym: AutomationTargets) -> None:
    """Check that neither the treadmill's speed nor other integrations' entities with our names select its session."""
    foreign = er.async_get(gym.hass).async_get_or_create(
        "sensor", "other", "connection", device_id=gym.device(), translation_key="connection"
    )
    await gym.automate("session_started", {"entity_id": [foreign.entity_id, gym.house.entity_id("speed")]})
    await gym.emit("started")
    assert gym.ran_for() == []


async def test_a_walk_starts_once(gym: AutomationTargets, house: House) -> None:
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await gym.automate("session_started", {"device_id": gym.device()})
    await house.walk()
    await house.time(30)
    await house.press("stop")
    await house.time(6)
    assert house.state("session_state") == "finished"
    assert gym.ran_for() == [session_event(gym)]


async def test_a_session_is_ready_counts_down_pauses_resumes_and_stops(gym: AutomationTargets, house: House) -> None:
    told = ("session_ready", "countdown_started", "session_started", "session_paused", "session_resumed")
    await gym.automate_each([*told, "session_stopped", "start_failed"], {"device_id": gym.device()})
    await house.walk()
    await house.time(20)
    await house.press("pause")
    await house.time(10)
    for _ in range(2):  # going on takes two presses, too
        await house.press("resume")
    await house.time(30)
    await house.press("stop")
    await house.time(10)
    begun = ["session_ready", "countdown_started"]
    assert gym.ran == [*begun, "session_started", "session_paused", *begun, "session_resumed", "session_stopped"]


async def test_a_start_that_the_machine_refuses_has_failed(gym: AutomationTargets, house: House) -> None:
    await gym.automate_each(["countdown_started", "start_failed", "session_started"], {"device_id": gym.device()})
    house.faults.refuse_control = True
    for _ in range(2):
        await house.press("start")
    await house.time(17)
    assert gym.ran == ["countdown_started", "start_failed"]


async def test_a_stop_that_the_belt_does_not_obey_has_failed(gym: AutomationTargets, house: House) -> None:
    await gym.automate("stop_failed", {"device_id": gym.device()})
    await house.walk()
    house.faults.stop_ignored = True
    await house.press("stop")
    await house.time(4)
    assert gym.ran_for() == []
    await house.time(3)
    assert gym.ran_for() == [session_event(gym)]


async def test_a_safety_key_that_comes_out_in_a_walk_ends_it(gym: AutomationTargets, house: House) -> None:
    await gym.automate_each(["safety_key_pulled", "session_stopped"], {"device_id": gym.device()})
    await house.walk()
    house.treadmill.pull_safety_key()
    await house.time(10)
    assert gym.ran == ["safety_key_pulled", "session_stopped"]


async def test_a_rise_is_told_before_the_belt_is_faster(gym: AutomationTargets, house: House) -> None:
    await gym.automate("about_to_speed_up", {"device_id": gym.device()})
    await house.walk()
    assert gym.ran_for() == []
    await house.set_number("target_speed", 1.0)
    await house.time(1)
    assert house.state("speed") == "0.5"
    assert gym.ran_for() == [session_event(gym)]
    await house.time(30)
    assert gym.ran_for() == []


@pytest.mark.parametrize("trigger", ["safety_key_pulled", "session_stopped"])
async def test_two_events_in_one_millisecond_are_both_heard(
    gym: AutomationTargets, freezer: FrozenDateTimeFactory, trigger: str
) -> None:
    await gym.automate(trigger, {"device_id": gym.device()})
    freezer.move_to("2026-11-23T12:00:00+00:00")
    await gym.emit("safety_key", "stopped")
    assert gym.ran_for() == [session_event(gym)]


async def test_an_event_entity_that_only_changes_its_name_tells_nothing_new(gym: AutomationTargets) -> None:
    await gym.emit("paused")
    await gym.automate("session_paused", {"device_id": gym.device()})
    er.async_get(gym.hass).async_update_entity(session_event(gym), name="Mein Laufband")
    await gym.settle()
    assert gym.house.full_state("session").name.endswith("Mein Laufband")
    assert gym.ran_for() == []


async def test_a_chosen_event_triggers_and_no_other(gym: AutomationTargets) -> None:
    await gym.automate("session_event", {"device_id": gym.device()}, "options: {event_type: [last_minute, guard]}")
    await gym.emit(*(kind for kind in SessionEventKind if kind not in {"last_minute", "guard"}))
    assert gym.ran_for() == []
    await gym.emit("guard", "last_minute")
    assert gym.ran_for() == [session_event(gym)] * 2


async def test_every_event_can_be_chosen_and_is_called_as_the_event_entity_calls_it(
    gym: AutomationTargets, hass_ws_client: Talk
) -> None:
    shown = (await described(await hass_ws_client(gym.hass), "trigger"))["session_event"]
    selector = shown["fields"]["event_type"]["selector"]["select"]
    assert sorted(selector["options"]) == sorted(SessionEventKind)
    for language in ("en", "de"):
        path = Path(retrowalk.__file__).parent / "translations" / f"{language}.json"
        texts = json.loads(await gym.hass.async_add_executor_job(path.read_text))
        entity = texts["entity"]["event"]["session"]["state_attributes"]["event_type"]["state"]
        assert texts["selector"][selector["translation_key"]]["options"] == entity


@pytest.mark.parametrize("chosen", [[], ["due"], [""]], ids=["none", "a reminder's", "empty"])
async def test_an_event_that_no_session_has_is_refused(gym: AutomationTargets, chosen: list[str]) -> None:
    config = {"trigger": "retrowalk.session_event", "target": {"device_id": gym.device()}}
    with pytest.raises(vol.Invalid, match="event_type"):
        await async_validate_trigger_config(
            gym.hass, cv.TRIGGER_SCHEMA([{**config, "options": {"event_type": chosen}}])
        )


async def test_what_happened_before_a_restart_is_no_news_and_what_comes_after_it_is(
    gym: AutomationTargets, house: House
) -> None:
    await gym.automate("session_stopped", {"device_id": gym.device()})
    await gym.emit("stopped")
    assert gym.ran_for() == [session_event(gym)]
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    assert gym.ran_for() == []
    await gym.emit("stopped")
    assert gym.ran_for() == [session_event(gym)]


async def test_an_entity_with_another_name_is_still_the_one(gym: AutomationTargets) -> None:
    await gym.automate("session_halfway", {"device_id": gym.device()})
    er.async_get(gym.hass).async_update_entity(session_event(gym), new_entity_id="event.mein_laufband")
    await gym.hass.async_block_till_done()
    await gym.emit("halfway")
    assert gym.ran_for() == ["event.mein_laufband"]


# Speed


async def walk_at(gym: AutomationTargets, speed: float) -> None:
    gym.house.treadmill.press_speed(speed)
    await gym.house.time(30)
    assert float(gym.house.state("speed")) == speed


@pytest.mark.parametrize(
    ("number", "unit"), [(2.0, "km/h"), (1.25, "mph"), (0.56, "m/s")], ids=["km/h", "mph", "m per s"]
)
async def test_the_speed_crosses_a_threshold_in_any_unit(gym: AutomationTargets, number: float, unit: str) -> None:
    threshold = {"type": "above", "value": {"number": number, "unit_of_measurement": unit}}
    target = {"device_id": gym.device(), "area_id": gym.area, "entity_id": gym.speed.entity_id}
    await gym.automate("speed_crossed_threshold", target, f"options: {{threshold: {threshold}}}")
    gym.speed.show(0.0)
    gym.house.treadmill.press_start()
    await gym.house.time(10)
    await walk_at(gym, 1.9)
    gym.speed.show(3.0)
    await gym.settle()
    assert gym.ran_for() == []
    await walk_at(gym, 2.2)
    await walk_at(gym, 2.6)
    assert gym.ran_for() == [gym.house.entity_id("speed")]
    await walk_at(gym, 1.5)
    assert gym.ran_for() == []


async def test_the_speed_is_compared_with_an_entity_too(gym: AutomationTargets) -> None:
    gym.hass.states.async_set("input_number.slow", "1.0", {"unit_of_measurement": "mph"})
    threshold = {"type": "below", "value": {"entity": "input_number.slow"}}
    await gym.automate("speed_crossed_threshold", {"device_id": gym.device()}, f"options: {{threshold: {threshold}}}")
    gym.house.treadmill.press_start()
    await gym.house.time(10)
    await walk_at(gym, 2.0)
    assert gym.ran_for() == []
    await walk_at(gym, 1.5)
    assert gym.ran_for() == [gym.house.entity_id("speed")]


async def test_a_link_that_comes_and_goes_crosses_nothing(gym: AutomationTargets) -> None:
    threshold = {"type": "below", "value": {"number": 1, "unit_of_measurement": "km/h"}}
    await gym.automate("speed_crossed_threshold", {"device_id": gym.device()}, f"options: {{threshold: {threshold}}}")
    await gym.house.press("disconnect")
    assert gym.house.state("speed") == "unavailable"
    await gym.house.press("connect")
    await gym.house.until(lambda: gym.house.state("connection") == "connected")
    await gym.house.time(2)
    assert gym.house.state("speed") == "0.0"
    assert gym.ran_for() == []


# Connection


async def test_a_connection_is_released_and_comes_back(gym: AutomationTargets, house: House) -> None:
    await gym.automate_each(["treadmill_connected", "treadmill_disconnected"], {"device_id": gym.device()})
    await house.press("disconnect")
    assert gym.ran == ["treadmill_disconnected"]
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await gym.settle()
    assert gym.ran == ["treadmill_disconnected", "treadmill_connected"]


async def test_a_connection_that_is_lost_while_walking_is_told_once(gym: AutomationTargets, house: House) -> None:
    target = {"entity_id": [house.entity_id("connection"), house.entity_id("session_state"), gym.connection.entity_id]}
    await gym.automate("treadmill_disconnected", target)
    gym.connection.show("connected")
    gym.connection.show("disconnected")
    await gym.settle()
    assert gym.ran_for() == []
    await house.walk()
    house.faults.off = True
    house.peripheral.drop_link()
    await house.time(30)
    assert gym.ran_for() == [house.entity_id("connection")]
    house.faults.off = False  # or Home Assistant waits for it before it stops (S14)
    await house.until(lambda: house.state("connection") == "connected")


async def test_a_connection_may_have_to_be_away_for_a_while(
    gym: AutomationTargets, house: House, freezer: FrozenDateTimeFactory
) -> None:
    target = {"device_id": gym.device()}
    await gym.automate("treadmill_disconnected", target, 'options: {for: "00:01:00"}')
    await house.press("disconnect")
    await pass_time(house.hass, freezer, seconds=50)
    assert gym.ran_for() == []
    await pass_time(house.hass, freezer, seconds=11)
    assert gym.ran_for() == [house.entity_id("connection")]


# Walkers


WALKER_TARGETS = {
    "the walker": lambda gym: {"device_id": [gym.device("anna")]},
    "an area with others": lambda gym: {"area_id": [gym.area]},
    "the walker's weight, and all at once": lambda gym: {
        "device_id": [gym.device("anna"), gym.foreign_device, gym.device()],
        "area_id": [gym.area],
        "entity_id": [gym.of_walker("anna", "weight"), gym.goal.entity_id, gym.reminder.entity_id],
    },
}


@pytest.mark.parametrize("target", WALKER_TARGETS.values(), ids=WALKER_TARGETS)
async def test_the_goal_fires_once_for_its_walker(gym: AutomationTargets, target: Any) -> None:
    await gym.automate("goal_reached", target(gym))
    gym.goal.turn(on=True)
    await gym.store_session("anna", 3)
    await gym.store_session("bert", 6)
    assert gym.ran_for() == []
    await gym.store_session("anna", 3)
    await gym.settle()
    assert gym.ran_for() == [gym.of_walker("anna", "goal_reached")]
    await gym.store_session("anna", 3)
    await gym.settle()
    assert gym.ran_for() == []


async def test_the_goal_by_its_own_entity_and_not_again_after_a_restart(gym: AutomationTargets, house: House) -> None:
    goal = gym.of_walker("anna", "goal_reached")
    await gym.automate("goal_reached", {"entity_id": goal})
    await gym.store_session("anna", 6)
    await gym.settle()
    assert gym.ran_for() == [goal]
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await gym.settle()
    assert house.hass.states.get(goal).state == "on"
    assert gym.ran_for() == []


async def test_the_goal_may_be_that_of_all(gym: AutomationTargets) -> None:
    target = {"device_id": [gym.device("anna"), gym.device("bert")]}
    await gym.automate("goal_reached", target, "options: {behavior: all}")
    await gym.store_session("bert", 6)
    await gym.settle()
    assert gym.ran_for() == []
    await gym.store_session("anna", 6)
    await gym.settle()
    assert gym.ran_for() == [gym.of_walker("anna", "goal_reached")]


async def test_a_deck_that_is_about_to_rise_is_no_belt_that_gets_faster(gym: AutomationTargets, house: House) -> None:
    await gym.store_session("anna", 6)
    house.coordinator.next_session.choose_walker("anna")
    await gym.automate("about_to_speed_up", {"device_id": gym.device()})
    await house.walk()
    await house.set_number("target_incline", 1.0)
    await house.time(6)
    assert house.full_state("session").attributes["what"] == "incline"
    assert gym.ran_for() == []
    await house.time(30)
    await house.set_number("target_speed", 0.7)
    await house.time(30)
    assert gym.ran_for() == [session_event(gym)]


async def test_a_session_that_was_given_up_unheard_has_not_finished(gym: AutomationTargets, house: House) -> None:
    """Check a session that ends while it is unknown whether the belt moves."""
    await gym.automate("session_finished", {"device_id": gym.device()})
    await house.walk()
    house.faults.off = True
    house.peripheral.drop_link()
    await house.time(610)
    assert house.full_state("session").attributes["event_type"] == "finished"
    assert gym.ran_for() == []


@pytest.mark.parametrize("target", WALKER_TARGETS.values(), ids=WALKER_TARGETS)
async def test_a_reminder_fires_when_it_is_due_for_its_walker(gym: AutomationTargets, target: Any) -> None:
    await gym.automate("reminder_due", target(gym))
    gym.reminder.emit("due")
    await gym.remind("bert")
    for other in ("snoozed", "skipped", "missed"):
        await gym.remind("anna", other)
    assert gym.ran_for() == []
    for reminds in ("due", "comeback"):
        await gym.remind("anna", reminds)
        assert gym.ran_for() == [gym.of_walker("anna", "reminder")]


async def test_a_reminder_by_its_own_entity_the_first_that_ever_was(gym: AutomationTargets) -> None:
    reminder = gym.of_walker("anna", "reminder")
    assert gym.hass.states.get(reminder).state == "unknown"
    await gym.automate("reminder_due", {"entity_id": reminder})
    await gym.remind("anna")
    assert gym.ran_for() == [reminder]


# The automation editor


async def test_the_editor_offers_each_trigger_where_it_fits(gym: AutomationTargets, hass_ws_client: Talk) -> None:
    client = await hass_ws_client(gym.hass)

    async def for_target(**target: str) -> set[str]:
        return await offered(client, "triggers", target)

    assert set(TRIGGERS) == OF_TREADMILL | OF_WALKER
    assert await for_target(device_id=gym.device()) == OF_TREADMILL
    assert await for_target(device_id=gym.device("anna")) == OF_WALKER
    assert await for_target(device_id=gym.foreign_device) == set()
    assert await for_target(area_id=gym.area) == set(TRIGGERS)
    assert await for_target(entity_id=gym.house.entity_id("session_state")) == BY_SESSION
    assert await for_target(entity_id=gym.house.entity_id("speed")) == {"speed_crossed_threshold"}
    assert await for_target(entity_id=gym.of_walker("anna", "weight")) == OF_WALKER
    for foreign in (gym.session, gym.state_of_session, gym.speed, gym.goal):
        assert await for_target(entity_id=foreign.entity_id) == set()


async def test_what_the_editor_writes_is_accepted(gym: AutomationTargets, hass_ws_client: Talk) -> None:
    """Check that every field accepts its example and the default that the editor starts with."""
    shown = await described(await hass_ws_client(gym.hass), "trigger")
    assert set(shown) == set(TRIGGERS)
    for name, about in shown.items():
        fields = about["fields"]
        assert all({"selector", "example"} <= field.keys() for field in fields.values())
        examples = {key: yaml.safe_load(field["example"]) for key, field in fields.items()}
        begun = examples | {key: field["default"] for key, field in fields.items() if "default" in field}
        for options in (examples, begun):
            config: dict[str, Any] = {"trigger": f"{DOMAIN}.{name}", "target": {"device_id": gym.device()}}
            if options:
                config["options"] = options
            [accepted] = await async_validate_trigger_config(gym.hass, cv.TRIGGER_SCHEMA([config]))
            assert accepted["platform"] == f"{DOMAIN}.{name}"


async def test_a_trigger_without_a_target_or_with_a_field_of_another_is_refused(
    gym: AutomationTargets, hass: HomeAssistant
) -> None:
    target = {"device_id": gym.device()}
    for wrong in ({}, {"target": target, "options": {"behavior": "each"}}):
        with pytest.raises(Exception, match=r"required key not provided|not a valid option|extra keys"):
            await async_validate_trigger_config(
                hass, cv.TRIGGER_SCHEMA([{"trigger": "retrowalk.session_started", **wrong}])
            )
