"""Conversation agents that call actions themselves, on behalf of the person who speaks to them (S2, S16)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal

import pytest
from homeassistant.components.conversation import (
    AbstractConversationAgent,
    ConversationEntity,
    ConversationInput,
    ConversationResult,
    async_set_agent,
)
from homeassistant.components.conversation.chat_log import ChatLog
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.intent import IntentResponse
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from tests.support.action_calls import Actions
from tests.support.house import House
from tests.support.speakers import add_speakers

type Acts = Callable[[HomeAssistant, ConversationInput], Awaitable[None]]


async def _answer(hass: HomeAssistant, acts: Acts, user_input: ConversationInput) -> ConversationResult:
    with suppress(HomeAssistantError):
        await acts(hass, user_input)
    return ConversationResult(response=IntentResponse(language="en"))


class Agent(ConversationEntity):
    """A conversation agent that is an entity."""

    _attr_unique_id = "agent"
    _attr_name = "Agent"

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    @property
    def supported_languages(self) -> Literal["*"]:
        return "*"

    async def _async_handle_message(self, user_input: ConversationInput, chat_log: ChatLog) -> ConversationResult:
        return await _answer(self.hass, self._acts, user_input)


class OldAgent(AbstractConversationAgent):
    """A conversation agent without an entity, as in older integrations."""

    def __init__(self, hass: HomeAssistant, acts: Acts) -> None:
        self._hass, self._acts = hass, acts

    @property
    def supported_languages(self) -> Literal["*"]:
        return "*"

    async def async_process(self, user_input: ConversationInput) -> ConversationResult:
        return await _answer(self._hass, self._acts, user_input)


@pytest.fixture(params=["today", "old"])
async def say(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    house: House,
    actions: Actions,
    hass_ws_client: WebSocketGenerator,
) -> Callable[[str], Awaitable[None]]:
    for component in ("intent", "conversation"):
        assert await async_setup_component(hass, component, {})
    await actions.set_up()
    device = actions.device()

    async def acts(hass: HomeAssistant, user_input: ConversationInput) -> None:
        domain, action = user_input.text.split(".")
        data: dict[str, Any] = {"device_id": device}
        if domain == "button":
            data, action = {"entity_id": house.entity_id(action)}, "press"
        await hass.services.async_call(domain, action, data, blocking=True, context=user_input.context)

    agent_id = "conversation.agent"
    if request.param == "old":
        entry = MockConfigEntry(domain="old_agent")
        entry.add_to_hass(hass)
        async_set_agent(hass, entry, OldAgent(hass, acts))
        agent_id = entry.entry_id
    else:
        await add_speakers(hass, conversation=Agent(acts))
    client = await hass_ws_client(hass)

    async def say(text: str) -> None:
        """Send a sentence for a signed-in person, as the frontend does."""
        await client.send_json_auto_id({"type": "conversation/process", "text": text, "agent_id": agent_id})
        assert (await client.receive_json())["success"]
        await house.settle()

    return say


@pytest.mark.parametrize("what", ["button.start", f"{DOMAIN}.confirm_session", "button.resume"])
async def test_s2_s16_an_agent_that_presses_for_whoever_speaks_confirms_nothing(
    house: House, say: Callable[[str], Awaitable[None]], what: str
) -> None:
    await say("button.start")
    assert house.state("session_state") == "ready"
    await house.time(3)
    await say(what)
    assert house.state("session_state") == "ready"
    await house.press("start")
    assert house.state("session_state") == "countdown"  # the person does
    await say(f"{DOMAIN}.stop")
    assert house.state("session_state") == "idle"


async def test_s16_an_agent_that_presses_for_whoever_speaks_raises_nothing(
    house: House, say: Callable[[str], Awaitable[None]]
) -> None:
    await house.walk()
    house.treadmill.press_speed(0.8)
    await house.time(5)
    assert house.state("session_state") == "manual"
    await say("button.resume")
    assert house.state("session_state") == "manual"
    await house.press("resume")
    assert house.state("session_state") != "manual"
