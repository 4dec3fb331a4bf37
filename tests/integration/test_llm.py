"""Tools of language models in Home Assistant's Assist API: read, slow down, pause, stop (S16)."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.llm import async_get_tools
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import llm
from homeassistant.helpers.device_registry import format_mac
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.const import CONF_CAPABILITIES, DOMAIN
from custom_components.retrowalk.machine.ftms.const import OpCode
from tests.support.house import ADDRESS, CAPABILITIES, CONTROL, House, make_entry, walker_subentry
from tests.support.house_of_miles import use_miles

READ, STOP, PAUSE, SLOWER = (f"{DOMAIN}__{name}" for name in ("get_status", "stop", "pause", "slow_down"))


class Model:
    """A language model, as a conversation agent runs it for the person who speaks to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.user_id: str | None = house.user_id

    async def api(self, assistant: str = ASSISTANT) -> llm.APIInstance:
        context = llm.LLMContext(
            platform="test_model",
            context=Context(user_id=self.user_id),
            language="en",
            assistant=assistant,
            device_id=None,
        )
        return await llm.async_get_api(self.house.hass, llm.LLM_API_ASSIST, context)

    async def tools(self) -> set[str]:
        return {tool.name for tool in (await self.api()).tools if tool.name.startswith(DOMAIN)}

    async def call(self, tool: str, **args: Any) -> Any:
        result = await (await self.api()).async_call_tool(llm.ToolInput(tool_name=tool, tool_args=args))
        await self.house.settle()
        return result.data

    async def status(self) -> Any:
        return await self.call(READ)

    def expose(self, *keys: str, exposed: bool = True) -> None:
        for key in keys:
            async_expose_entity(self.house.hass, ASSISTANT, self.house.entity_id(key), exposed)


@pytest.fixture
async def model(hass: HomeAssistant, house: House) -> Model:
    assert await async_setup_component(hass, "llm", {})
    assert await async_setup_component(hass, "conversation", {})
    return Model(house)


@pytest.fixture
async def walking(house: House, model: Model) -> House:
    """Return a house where Anna, who is no beginner, walks at a steady 1.5 km/h."""
    await house.set_up_for_experienced()
    model.expose("session_state")
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(150)
    assert house.treadmill.speed == pytest.approx(1.5)
    house.commands()
    return house


# Available tools


async def test_nothing_is_offered_of_what_is_not_exposed(house: House, model: Model) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    assert await model.tools() == set()
    assert "treadmill" not in (await model.api()).api_prompt
    model.expose("today")
    assert await model.tools() == {READ}
    assert await model.status() == {
        "treadmills": [],
        "walkers": [
            {
                "walker": "Anna",
                "is_speaking": False,
                "minutes_backward_today": 0.0,
                "daily_goal_minutes": 5.0,
                "goal_reached": False,
            }
        ],
    }


async def test_s16_a_model_may_read_stop_pause_and_slow_down_and_nothing_else(house: House, model: Model) -> None:
    await house.set_up()
    model.expose("session_state")
    assert await model.tools() == {READ, STOP, PAUSE, SLOWER}
    api = await model.api()
    assert f"call {STOP} at once" in api.api_prompt
    ours = [tool for tool in api.tools if tool.name.startswith(DOMAIN)]
    assert all(tool.integration == DOMAIN and tool.title and tool.description for tool in ours)
    assert [tool.name for tool in ours if tool.annotations.read_only] == [READ]
    assert not any(tool.annotations.destructive or tool.annotations.open_world for tool in ours)
    # Another assistant has its own exposure list, and other APIs get no tools.
    assert not [tool for tool in (await model.api("cloud.alexa")).tools if tool.name.startswith(DOMAIN)]
    others = (await async_get_tools(house.hass, api.llm_context, "another")).tools
    assert not [tool for tool in others if tool.name.startswith(DOMAIN)]


async def test_s1_a_treadmill_that_is_only_watched_is_read_and_stopped(house: House, model: Model) -> None:
    await house.set_up(make_entry({}))
    model.expose("session_state")
    assert await model.tools() == {READ, STOP}


async def test_an_unloaded_treadmill_offers_nothing(house: House, model: Model) -> None:
    await house.set_up()
    model.expose("session_state")
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert await model.tools() == set()


# Reading


async def test_an_agent_reads_today_the_streak_the_next_session_and_the_treadmill(
    house: House, model: Model, hass_admin_user: MockUser
) -> None:
    house.hass.states.async_set("person.anna", "home", {"user_id": hass_admin_user.id})
    await house.set_up(make_entry(walkers=[walker_subentry(person="person.anna"), walker_subentry("Bert")]))
    model.expose("session_state")
    registry = er.async_get(house.hass)
    for key in ("today", "streak", "next_session"):
        entity_id = registry.async_get_entity_id("sensor", DOMAIN, f"{format_mac(ADDRESS)}_anna_{key}")
        assert entity_id is not None
        async_expose_entity(house.hass, ASSISTANT, entity_id, True)
    await house.store_session("anna", minutes=6)
    result = await model.status()
    [treadmill] = result["treadmills"]
    assert treadmill == treadmill | {"treadmill": "Treadmill", "state": "idle", "belt_moving": False, "speed_km_h": 0}
    [anna] = result["walkers"]  # nothing of Bert's is exposed
    tomorrow = dt_util.now().date() + timedelta(days=1)
    assert anna["is_speaking"]
    assert (anna["minutes_backward_today"], anna["goal_reached"], anna["streak_days"]) == (6.0, True, 1)
    assert anna["next_session"]["starts_at"].startswith(tomorrow.isoformat())
    assert anna["next_session"]["minutes"] == 5.0
    house.coordinator.roster.write("anna", plan_paused=[[dt_util.now().date().isoformat(), None]])
    await house.settle()
    [anna] = (await model.status())["walkers"]
    assert (anna["next_session"], anna["plan_paused"]) == (None, True)


async def test_an_agent_knows_how_long_a_session_still_takes(walking: House, model: Model) -> None:
    [treadmill] = (await model.status())["treadmills"]
    assert treadmill["state"] == "active"
    assert treadmill["direction"] == "backward"
    assert treadmill["speed_km_h"] == 1.5
    assert treadmill["ends_at"] == dt_util.as_local(walking.coordinator.data.ends).isoformat(timespec="seconds")


# Stop, pause, slow down


async def test_s16_stop_stops(walking: House, model: Model) -> None:
    result = await model.call(STOP)
    assert result["treadmills"][0]["state"] == "stopping"
    assert OpCode.STOP_OR_PAUSE in {command[0] for command in walking.commands()}
    await walking.time(15)
    assert walking.treadmill.at_rest


async def test_s3_stop_ends_a_countdown_too(house: House, model: Model) -> None:
    await house.set_up()
    model.expose("session_state")
    await house.press("start")
    await house.press("start")
    assert house.state("session_state") == "countdown"
    await model.call(STOP)
    assert house.state("session_state") == "idle"
    await house.time(30)
    assert house.treadmill.at_rest


async def test_s3_a_stop_that_does_not_arrive_is_told_with_what_to_do(walking: House, model: Model) -> None:
    driver = walking.coordinator.link.driver
    driver._driver._connection._client._backend.services = (
        None  # as BlueZ leaves it, just before it reports the lost link
    )
    with pytest.raises(HomeAssistantError, match=r"Pull the key|step off"):
        await model.call(STOP)


async def test_s16_pause_brings_to_rest_and_no_tool_goes_on(walking: House, model: Model) -> None:
    result = await model.call(PAUSE)
    assert result["treadmills"][0]["state"] == "paused"
    await walking.time(20)
    assert walking.treadmill.at_rest
    with pytest.raises(HomeAssistantError):
        await model.call(f"{DOMAIN}__resume")
    assert walking.state("session_state") == "paused"


async def test_s16_slower_is_slower_and_holds(walking: House, model: Model) -> None:
    result = await model.call(SLOWER)
    assert result["treadmills"][0]["state"] == "active"
    await walking.time(10)
    assert walking.treadmill.speed == pytest.approx(1.2)
    await model.call(SLOWER, by=3)
    await walking.time(20)
    assert walking.treadmill.speed == pytest.approx(0.5)  # the least


async def test_in_a_house_in_miles_a_model_hears_and_says_miles(walking: House, model: Model) -> None:
    use_miles(walking.hass)
    [tool] = [tool for tool in (await model.api()).tools if tool.name == SLOWER]
    assert "How much slower, in mph" in {str(key.description) for key in tool.parameters.schema}
    before = (await model.status())["treadmills"][0]
    assert before["speed_mph"] == 0.93
    assert before["distance_ft"] == pytest.approx(walking.coordinator.data.distance / 0.3048, abs=1)
    assert not {key for key in before if key.endswith(("_km_h", "_m"))}
    await model.call(SLOWER)
    await walking.time(10)
    assert walking.treadmill.speed == pytest.approx(1.2)  # 0.2 mph slower


async def test_s16_slower_is_slower_on_a_belt_that_is_speeding_up(house: House, model: Model) -> None:
    await house.set_up_for_experienced()
    model.expose("session_state")
    await house.walk()
    await house.set_number("target_speed", 2.5)
    await house.time(60)
    before = house.treadmill.speed
    assert 0.8 < before < 2.2
    await model.call(SLOWER)
    fastest = before
    for _ in range(60):
        await house.time(1)
        fastest = max(fastest, house.treadmill.speed)
    assert fastest == pytest.approx(before, abs=0.11)  # the step that was under way
    assert house.treadmill.speed < before


@pytest.mark.parametrize("by", [-0.3, 0, "nan", "fast"])
async def test_s16_slower_is_never_faster(walking: House, model: Model, by: Any) -> None:
    with pytest.raises(vol.Invalid):
        await model.call(SLOWER, by=by)
    await walking.time(10)
    assert walking.treadmill.speed == pytest.approx(1.5)


async def test_s16_slower_by_too_much_is_as_slow_as_can_be(walking: House, model: Model) -> None:
    await model.call(SLOWER, by=5)
    await walking.time(20)
    assert walking.treadmill.speed == pytest.approx(0.5)


@pytest.mark.parametrize("args", [{"treadmill": "tredmill"}, {"treadmill": ["Treadmill"]}, {"why": "I fall"}])
async def test_s3_a_stop_is_never_refused_for_how_it_is_written(
    walking: House, model: Model, args: dict[str, Any]
) -> None:
    await model.call(STOP, **args)
    assert walking.state("session_state") == "stopping"
    with pytest.raises(vol.Invalid):
        await model.call(PAUSE, **args)


async def test_what_cannot_be_is_refused_in_words(house: House, model: Model) -> None:
    await house.set_up()
    model.expose("session_state")
    for tool in (PAUSE, SLOWER):
        with pytest.raises(HomeAssistantError) as error:
            await model.call(tool)
        assert error.value.translation_domain == DOMAIN
        assert str(error.value) != error.value.translation_key
    await model.call(STOP)  # but never this


async def test_who_may_not_use_the_treadmill_may_not_through_a_model(
    walking: House, model: Model, lisa: MockUser
) -> None:
    lisa.mock_policy({})
    model.user_id = lisa.id
    for tool in (PAUSE, SLOWER):
        with pytest.raises(Unauthorized):
            await model.call(tool)
    await model.call(STOP)  # which everybody may (S3)
    assert walking.state("session_state") == "stopping"


async def test_who_may_not_read_something_is_not_told_of_it_by_a_model(
    house: House, model: Model, lisa: MockUser
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry(), walker_subentry("Bert")]))
    model.expose("session_state")
    registry, today = er.async_get(house.hass), {}
    for walker in ("anna", "bert"):
        entity_id = registry.async_get_entity_id("sensor", DOMAIN, f"{format_mac(ADDRESS)}_{walker}_today")
        assert entity_id is not None
        async_expose_entity(house.hass, ASSISTANT, entity_id, True)
        today[walker] = entity_id

    async def told() -> tuple[list[str], list[str]]:
        status = await model.status()
        return [each["treadmill"] for each in status["treadmills"]], [each["walker"] for each in status["walkers"]]

    assert await told() == (["Treadmill"], ["Anna", "Bert"])
    model.user_id = lisa.id
    assert await told() == (["Treadmill"], ["Anna", "Bert"])
    lisa.mock_policy({"entities": {"entity_ids": {today["anna"]: {"read": True}}}})
    assert await told() == ([], ["Anna"])
    model.user_id = "nobody"
    assert await told() == ([], [])
    model.user_id = None
    assert await told() == (["Treadmill"], ["Anna", "Bert"])


async def test_s3_a_request_without_a_user_may_stop_too(walking: House, model: Model) -> None:
    api = await model.api()
    api.llm_context.context = None
    assert not (await api.async_call_tool(llm.ToolInput(tool_name=READ, tool_args={}))).error
    assert not (await api.async_call_tool(llm.ToolInput(tool_name=STOP, tool_args={}))).error
    await walking.settle()
    assert walking.state("session_state") == "stopping"


async def test_a_treadmill_that_was_taken_away_meanwhile_is_not_touched(walking: House, model: Model) -> None:
    api = await model.api()
    model.expose("session_state", exposed=False)
    result = await api.async_call_tool(llm.ToolInput(tool_name=PAUSE, tool_args={"treadmill": "Treadmill"}))
    assert result.error
    assert walking.state("session_state") == "active"


async def test_the_treadmill_that_moves_is_meant_unless_another_is_named(walking: House, model: Model) -> None:
    address = ADDRESS[:-1] + "2"
    other = make_entry(CONTROL, address=address, **{CONF_CAPABILITIES: CAPABILITIES.as_dict()})
    other.add_to_hass(walking.hass)
    assert await walking.hass.config_entries.async_setup(other.entry_id)
    entity_id = other.runtime_data.coordinator.entity_id("sensor", "session_state")
    async_expose_entity(walking.hass, ASSISTANT, entity_id, True)
    result = await model.status()
    assert [one["treadmill"] for one in result["treadmills"]] == ["Treadmill", "Treadmill (2)"]
    with pytest.raises(HomeAssistantError):
        await model.call(SLOWER, treadmill="Treadmill (2)")
    result = await model.call(SLOWER)
    assert [one["treadmill"] for one in result["treadmills"]] == ["Treadmill"]
    await walking.time(10)
    assert walking.treadmill.speed == pytest.approx(1.2)
    await walking.hass.config_entries.async_unload(other.entry_id)


@pytest.mark.parametrize("named", [{}, {"treadmill": "The other"}])
async def test_s3_one_treadmill_that_cannot_be_stopped_keeps_the_stop_from_no_other(
    walking: House, model: Model, lisa: MockUser, named: dict[str, str]
) -> None:
    other = make_entry(CONTROL, address=ADDRESS[:-1] + "2", **{CONF_CAPABILITIES: CAPABILITIES.as_dict()})
    other.add_to_hass(walking.hass)
    assert await walking.hass.config_entries.async_setup(other.entry_id)
    theirs = other.runtime_data.coordinator.entity_id("sensor", "session_state")
    assert theirs is not None
    # The one that is out of range comes first.
    walking.hass.config_entries.async_update_entry(other, title="A treadmill")
    async_expose_entity(walking.hass, ASSISTANT, theirs, True)
    model.user_id = lisa.id
    lisa.mock_policy({})
    with suppress(HomeAssistantError):  # raised as undelivered if that is known by now
        await model.call(STOP, **named)
    await walking.settle()
    assert walking.state("session_state") == "stopping"
    await walking.until(lambda: other.state is ConfigEntryState.LOADED)  # its new name may still be loading
    await walking.hass.config_entries.async_unload(other.entry_id)
