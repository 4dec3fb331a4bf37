"""Stop while the entry is being unloaded: the belt still moves for up to 15 s, and Stop is never refused (S3, S14)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component

from custom_components.retrowalk.const import CONF_CONNECTION, DOMAIN
from custom_components.retrowalk.walkers.roster import WalkerRoster
from tests.support.action_calls import Actions
from tests.support.house import House
from tests.support.virtual_time import VirtualTime

STOP = b"\x08\x01"


async def by_action(actions: Actions) -> None:
    await actions.hass.services.async_call(
        DOMAIN, "stop", {"device_id": actions.device()}, blocking=True, context=Context()
    )


async def by_walkers_device(actions: Actions) -> None:
    await actions.hass.services.async_call(
        DOMAIN, "stop", {"device_id": actions.device("bert")}, blocking=True, context=Context()
    )


async def by_button(actions: Actions) -> None:
    await actions.house.press("stop")


async def by_language_model(actions: Actions) -> None:
    asks = llm.LLMContext(platform="test", context=Context(), language="en", assistant=ASSISTANT, device_id=None)
    api = await llm.async_get_api(actions.hass, llm.LLM_API_ASSIST, asks)
    result = await api.async_call_tool(llm.ToolInput(tool_name=f"{DOMAIN}__stop", tool_args={}))
    assert "error" not in result.data


@pytest.mark.parametrize("stop", [by_action, by_walkers_device, by_button, by_language_model])
async def test_s3_s14_stop_is_not_refused_while_the_entry_is_unloaded(
    house: House, actions: Actions, monkeypatch: pytest.MonkeyPatch, stop: Callable[[Actions], Awaitable[None]]
) -> None:
    for component in ("llm", "conversation"):
        assert await async_setup_component(house.hass, component, {})
    await actions.set_up()
    async_expose_entity(house.hass, ASSISTANT, house.entity_id("session_state"), True)
    await house.walk()
    await house.set_number("target_speed", 0.9)
    await house.time(60)
    time = VirtualTime(house, monkeypatch)
    leaving = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await time.passes(0.3)
    assert house.entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS
    assert STOP not in house.commands()
    await stop(actions)
    assert house.commands()[0] == STOP
    await time.until(leaving.done, within=20)
    assert house.treadmill.at_rest
    with pytest.raises(ServiceValidationError):  # Home Assistant could no longer carry it through
        await by_action(actions)


async def test_s14_nothing_else_is_asked_of_a_treadmill_that_is_left(
    house: House, actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await actions.set_up()
    await house.walk()
    time = VirtualTime(house, monkeypatch)
    leaving = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await time.passes(0.3)
    for action in ("start_session", "pause_session", "finish_session", "resume_session"):
        with pytest.raises(ServiceValidationError):
            await house.hass.services.async_call(
                DOMAIN, action, {"device_id": actions.device()}, blocking=True, context=house.person()
            )
    await time.until(leaving.done, within=20)


@pytest.mark.parametrize("policy", ["always", "on_demand"])
async def test_s3_a_stop_while_the_entry_is_reloaded_goes_first_on_the_next_link(
    house: House, actions: Actions, policy: str
) -> None:
    await actions.set_up()
    options = {**house.entry.options, CONF_CONNECTION: policy}
    house.hass.config_entries.async_update_entry(house.entry, options=options)
    await house.time(2)
    await house.coordinator.async_leave()  # as an unload does first
    house.commands()
    with pytest.raises(HomeAssistantError, match="as soon as it"):
        await by_action(actions)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == STOP
    house.hass.config_entries.async_schedule_reload(house.entry.entry_id)
    await house.settle()
    await house.time(2)
    assert STOP not in house.commands(), "it was sent, and is not kept any more"


async def test_s3_a_stop_of_a_minute_ago_is_not_sent_after_a_reload(house: House, actions: Actions) -> None:
    await actions.set_up()
    await house.coordinator.async_leave()
    house.commands()
    with pytest.raises(HomeAssistantError):
        await by_action(actions)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.clock.seconds += 61
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    assert STOP not in house.commands()


async def test_s3_a_stop_while_the_entry_is_set_up_is_not_refused(
    house: House, actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await actions.set_up()
    slow_disk, load = asyncio.Event(), WalkerRoster.async_load

    async def load_slowly(roster: WalkerRoster) -> None:
        await slow_disk.wait()
        await load(roster)

    monkeypatch.setattr(WalkerRoster, "async_load", load_slowly)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.commands()
    setting_up = asyncio.create_task(house.hass.config_entries.async_setup(house.entry.entry_id))
    while not hasattr(house.entry, "runtime_data"):
        await asyncio.sleep(0)
    assert house.entry.state is ConfigEntryState.SETUP_IN_PROGRESS
    with pytest.raises(HomeAssistantError, match="as soon as it"):
        await by_action(actions)
    with pytest.raises(ServiceValidationError, match="not loaded"):
        await actions.call("pause_session")
    slow_disk.set()
    assert await setting_up
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == STOP
