"""Conditions: each passes only for its own state and our own entities, and is offered where it fits."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from freezegun import freeze_time
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import (
    ConditionChecker,
    async_from_config,
    async_validate_condition_config,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.condition import CONDITIONS
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.training.states import SessionState
from tests.support.automations import FIRED, AutomationTargets, Talk, described, offered
from tests.support.house import House

OF_TREADMILL = {"is_walking", "is_walking_backward", "session_is_ready", "treadmill_is_connected"}
OF_WALKER = {"goal_is_reached"}


@pytest.fixture
async def gym(house: House) -> AutomationTargets:
    automations = AutomationTargets(house)
    await automations.set_up()
    return automations


async def check(gym: AutomationTargets, name: str, target: dict[str, Any], **options: Any) -> ConditionChecker:
    config = {"condition": f"{DOMAIN}.{name}", "target": target, "options": options}
    return await async_from_config(
        gym.hass, await async_validate_condition_config(gym.hass, cv.CONDITION_SCHEMA(config))
    )


class Conditions:
    """The conditions that pass for a target now."""

    def __init__(self, checks: dict[str, ConditionChecker]) -> None:
        self.checks = checks

    @classmethod
    async def of(cls, gym: AutomationTargets, target: dict[str, Any]) -> Conditions:
        return cls({name: await check(gym, name, target) for name in CONDITIONS})

    @property
    def now(self) -> set[str]:
        return {name for name, check in self.checks.items() if check.async_check()}


TARGETS = {
    "the treadmill": lambda gym: {"device_id": [gym.device()]},
    "its session sensor": lambda gym: {"entity_id": [gym.house.entity_id("session_state")]},
    "its connection sensor": lambda gym: {"entity_id": [gym.house.entity_id("connection")]},
    "an area with others": lambda gym: {"area_id": [gym.area]},
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
async def test_a_session_is_ready_then_walked_then_over(gym: AutomationTargets, house: House, target: Any) -> None:
    conditions = await Conditions.of(gym, target(gym))
    assert conditions.now == {"treadmill_is_connected"}
    await house.press("start")
    assert conditions.now == {"treadmill_is_connected", "session_is_ready"}
    await house.press("start")
    assert house.state("session_state") == "countdown"
    assert conditions.now == {"treadmill_is_connected"}
    await house.time(15)
    assert house.state("session_state") == "starting"
    walking = {"treadmill_is_connected", "is_walking", "is_walking_backward"}
    assert conditions.now == walking
    await house.time(8)
    assert house.state("session_state") == "warm_up"
    assert conditions.now == walking
    await house.press("pause")
    await house.time(10)
    assert house.state("session_state") == "paused"
    assert conditions.now == {"treadmill_is_connected"}
    await house.press("stop")
    await house.time(6)
    assert house.state("session_state") == "finished"
    assert conditions.now == {"treadmill_is_connected"}


async def test_a_walk_forward_is_a_walk_but_not_backward(gym: AutomationTargets, house: House) -> None:
    conditions = await Conditions.of(gym, {"device_id": gym.device()})
    await house.call("select", "select_option", "direction", option="forward")
    await house.press("start")
    await house.press("start")
    await house.time(15)
    assert house.state("session_state") in {"starting", "warm_up"}
    assert conditions.now == {"treadmill_is_connected", "is_walking"}


async def test_a_walk_at_the_console_is_a_walk(gym: AutomationTargets, house: House) -> None:
    conditions = await Conditions.of(gym, {"device_id": gym.device()})
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "manual"
    assert conditions.now == {"treadmill_is_connected", "is_walking"}


@pytest.mark.parametrize("state", SessionState)
async def test_whoever_may_be_on_a_moving_belt_walks(gym: AutomationTargets, house: House, state: SessionState) -> None:
    """Check that a condition that protects a walker neither passes too early nor ends too soon."""
    checker = await check(gym, "is_walking", {"device_id": gym.device()})
    house.hass.states.async_set(house.entity_id("session_state"), state)
    still = {"idle", "ready", "countdown", "paused", "finished", "checking"}
    assert checker.async_check() == (state not in still)


async def test_the_treadmill_is_connected_or_is_not(gym: AutomationTargets, house: House) -> None:
    conditions = await Conditions.of(gym, {"device_id": gym.device()})
    await house.press("disconnect")
    await house.until(lambda: house.state("connection") != "connected")
    assert conditions.now == set()


async def test_the_goal_is_reached_by_its_walker(gym: AutomationTargets) -> None:
    anna, both = [gym.device("anna")], [gym.device("anna"), gym.device("bert")]
    hers = await Conditions.of(gym, {"device_id": anna})
    of_weight = await Conditions.of(gym, {"entity_id": [gym.of_walker("anna", "weight")]})
    of_itself = await Conditions.of(gym, {"entity_id": [gym.of_walker("anna", "goal_reached")]})
    of_all = await check(gym, "goal_is_reached", {"device_id": both}, behavior="all")
    of_any = await check(gym, "goal_is_reached", {"device_id": both})
    await gym.store_session("bert", 6)
    await gym.settle()
    assert hers.now == of_weight.now == of_itself.now == set()
    assert (of_any.async_check(), of_all.async_check()) == (True, False)
    await gym.store_session("anna", 6)
    await gym.settle()
    assert hers.now == of_weight.now == of_itself.now == OF_WALKER
    assert (of_any.async_check(), of_all.async_check()) == (True, True)


async def test_what_another_maker_shows_counts_for_nothing(gym: AutomationTargets, house: House) -> None:
    foreign = [gym.state_of_session.entity_id, gym.connection.entity_id, gym.goal.entity_id]
    conditions = await Conditions.of(gym, {"entity_id": foreign, "device_id": gym.foreign_device})
    in_area = await Conditions.of(gym, {"area_id": gym.area})
    gym.connection.show("connected")
    gym.goal.turn(on=True)
    await house.press("disconnect")
    await house.until(lambda: house.state("connection") != "connected")
    for state in ("ready", "active"):
        gym.state_of_session.show(state)
        assert conditions.now == in_area.now == set()


async def test_of_all_means_all_of_ours(gym: AutomationTargets, house: House) -> None:
    gym.connection.show("disconnected")
    assert (await check(gym, "treadmill_is_connected", {"area_id": gym.area}, behavior="all")).async_check()


async def test_a_condition_can_have_to_hold_for_some_time(gym: AutomationTargets, house: House) -> None:
    patient = await check(gym, "is_walking_backward", {"device_id": gym.device()}, **{"for": {"minutes": 1}})
    await house.walk()
    assert not patient.async_check()
    with freeze_time(dt_util.utcnow() + timedelta(seconds=61)):
        assert patient.async_check()


async def test_nobody_walks_backward_on_a_treadmill_that_is_not_set_up(gym: AutomationTargets, house: House) -> None:
    checker = await check(gym, "is_walking_backward", {"device_id": gym.device()})
    entity_id = house.entity_id("session_state")
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert not checker.async_check()
    house.hass.states.async_set(entity_id, "active")
    assert not checker.async_check()


async def test_an_automation_runs_only_while_its_condition_passes(gym: AutomationTargets, house: House) -> None:
    written = f"""
        triggers:
          - trigger: event
            event_type: someone_rings
        conditions:
          - condition: retrowalk.is_walking
            target:
              device_id: {gym.device()}
        actions:
          - event: {FIRED}
            event_data:
              entity_id: the bell is muted
    """
    assert await async_setup_component(gym.hass, AUTOMATION, {AUTOMATION: [yaml.safe_load(written)]})
    for walking_now in (False, True):
        if walking_now:
            await house.walk()
        gym.hass.bus.async_fire("someone_rings")
        await gym.settle()
        assert gym.ran_for() == ["the bell is muted"] * walking_now


# The automation editor


async def test_the_editor_offers_each_condition_where_it_fits(gym: AutomationTargets, hass_ws_client: Talk) -> None:
    client = await hass_ws_client(gym.hass)

    async def for_target(**target: str) -> set[str]:
        return await offered(client, "conditions", target)

    assert set(CONDITIONS) == OF_TREADMILL | OF_WALKER
    assert await for_target(device_id=gym.device()) == OF_TREADMILL
    assert await for_target(device_id=gym.device("anna")) == OF_WALKER
    assert await for_target(device_id=gym.foreign_device) == set()
    assert await for_target(area_id=gym.area) == set(CONDITIONS)
    assert await for_target(entity_id=gym.house.entity_id("session_state")) == OF_TREADMILL
    assert await for_target(entity_id=gym.of_walker("anna", "weight")) == OF_WALKER
    for foreign in (gym.session, gym.state_of_session, gym.connection, gym.goal):
        assert await for_target(entity_id=foreign.entity_id) == set()


async def test_what_the_editor_writes_is_accepted_and_can_be_tested(
    gym: AutomationTargets, hass_ws_client: Talk
) -> None:
    """Check that every field accepts its example and the default that the editor starts with."""
    client = await hass_ws_client(gym.hass)
    shown = await described(client, "condition")
    assert set(shown) == set(CONDITIONS)
    for name, about in shown.items():
        fields = about["fields"]
        assert all({"selector", "example", "default"} <= field.keys() for field in fields.values())
        for which in ("example", "default"):
            options = {key: field[which] for key, field in fields.items()}
            condition = {"condition": f"{DOMAIN}.{name}", "target": {"device_id": gym.device()}, "options": options}
            await client.send_json_auto_id({"type": "test_condition", "condition": condition})
            answer = await client.receive_json()
            assert answer["success"], answer
            expected = name == "treadmill_is_connected" and which == "default"
            assert answer["result"] == {"result": expected}
