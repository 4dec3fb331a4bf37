"""Automations made from our blueprints, and the time for them to run."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.conversation import async_converse
from homeassistant.core import Context, HomeAssistant, async_get_hass
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import format_mac
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.retrowalk.const import CONF_INSTALL_BLUEPRINTS, DOMAIN
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry
from tests.support.waiting import settle

CONSENT = {**CONTROL, CONF_INSTALL_BLUEPRINTS: True}


class BlueprintAutomations:
    """The automations of a home, made from blueprints as a user makes them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass

    async def set_up(self, options: dict[str, Any] = CONSENT, **data: Any) -> None:
        """Set up automations and a treadmill with the walker Anna."""
        assert await async_setup_component(self.hass, "automation", {})
        await self.hass.async_block_till_done()
        await self.house.set_up(make_entry(options, [walker_subentry("Anna", **data)]))
        await self.settle()

    async def settle(self) -> None:
        await self.hass.async_block_till_done()

    async def make(self, name: str, **inputs: Any) -> None:
        """Add an automation from a blueprint to the configuration."""
        automation = {
            "id": name,
            "alias": name,
            "use_blueprint": {"path": f"{DOMAIN}/{name}.yaml", "input": inputs},
        }
        config = Path(self.hass.config.path("configuration.yaml"))
        await self.hass.async_add_executor_job(config.write_text, json.dumps({"automation": [automation]}))
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await self.hass.async_block_till_done()
        state = self.hass.states.get(f"automation.{name}")
        assert state is not None
        assert state.state == "on"

    def entity(self, key: str, platform: str = "sensor") -> str:
        """Return the ID of one of Anna's entities."""
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{format_mac(ADDRESS)}_anna_{key}")
        assert entity_id is not None
        return entity_id


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float) -> None:
    freezer.tick(timedelta(**time))
    async_fire_time_changed(hass, dt_util.utcnow())
    await turns()


async def next_day(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let time pass until the same time tomorrow, including midnight."""
    await pass_time(hass, freezer, hours=20)
    await pass_time(hass, freezer, hours=4)


async def turns() -> None:
    """Let automations run; Home Assistant's own helper would also wait for waiting automations."""
    for _ in range(3):
        for _ in range(100):
            await asyncio.sleep(0)
        await settle(async_get_hass())  # what threads do, an automation waits for


async def lose_the_link_for_good(house: House) -> None:
    house.faults.off = True
    await house.time(0.5)
    assert house.state("session_state") == "interrupted"
    await house.time(605, dt=5)
    await turns()
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("finished", "interrupted")


class Voice:
    """A person who speaks to Assist."""

    def __init__(self, automations: BlueprintAutomations) -> None:
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
