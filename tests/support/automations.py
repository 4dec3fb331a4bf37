"""Targets for automations: a treadmill, two walkers, and similar entities of other integrations."""

from collections.abc import Awaitable, Callable
from typing import Any, override

import yaml
from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.event import EventEntity
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import UnitOfSpeed
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_platform
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockEntityPlatform, async_capture_events
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.states import SessionState
from tests.support.action_calls import Actions
from tests.support.house import House
from tests.support.session_events import session_event

FIRED = "fired"

type Talk = Callable[[HomeAssistant], Awaitable[MockHAClientWebSocket]]


class Foreign(Entity):
    """An entity of another integration, with our names and states."""

    _attr_has_entity_name = True

    def __init__(self, key: str) -> None:
        self._attr_translation_key = self._attr_unique_id = key
        self._attr_name = key
        self._attr_device_info = DeviceInfo(identifiers={("other", "treadmill")}, name="Other treadmill")


class ForeignEvent(Foreign, EventEntity):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._attr_event_types = [*SessionEventKind, "due"]

    def emit(self, event_type: str) -> None:
        self._trigger_event(event_type)
        self.async_write_ha_state()


class ForeignBinarySensor(Foreign, BinarySensorEntity):
    _attr_is_on: bool | None = False

    def turn(self, *, on: bool) -> None:
        self._attr_is_on = on
        self.async_write_ha_state()


class ForeignSensor(Foreign, SensorEntity):
    def show(self, value: str | float) -> None:
        self._attr_native_value = value
        self.async_write_ha_state()


class ForeignEnum(ForeignSensor):
    _attr_device_class = SensorDeviceClass.ENUM

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._attr_options = [*SessionState, "connected", "disconnected"]


class ForeignSpeed(ForeignSensor):
    _attr_device_class = SensorDeviceClass.SPEED
    _attr_native_unit_of_measurement = UnitOfSpeed.KILOMETERS_PER_HOUR


class AutomationTargets(Actions):
    """Targets of every kind for automations, their states and events, and the automations that ran."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.fired: list[Event] = []
        self.session = ForeignEvent("session")
        self.reminder = ForeignEvent("reminder")
        self.goal = ForeignBinarySensor("goal_reached")
        self.state_of_session = ForeignEnum("session_state")
        self.connection = ForeignEnum("connection")
        self.speed = ForeignSpeed("speed")
        self.area = ""

    @override
    async def set_up(self, **options: Any) -> None:
        await super().set_up(**options)
        self.fired = async_capture_events(self.hass, FIRED)
        other = MockConfigEntry(domain="other")
        other.add_to_hass(self.hass)
        foreign: dict[str, list[Entity]] = {
            "event": [self.session, self.reminder],
            "binary_sensor": [self.goal],
            "sensor": [self.state_of_session, self.connection, self.speed],
        }
        for domain, entities in foreign.items():
            platform = MockEntityPlatform(self.hass, domain=domain, platform_name="other")
            platform.config_entry = other
            await platform.async_add_entities(entities)
        self.area = ar.async_get(self.hass).async_create("Gym").id
        devices = dr.async_get(self.hass)
        for device in (self.device(), self.device("anna"), self.foreign_device):
            devices.async_update_device(device, area_id=self.area)
        await self.settle()

    @property
    def foreign_device(self) -> str:
        entry = er.async_get(self.hass).async_get(self.session.entity_id)
        assert entry is not None
        assert entry.device_id is not None
        return entry.device_id

    def of_walker(self, walker: str, key: str) -> str:
        """Return a walker's entity ID; if several entities have this key, that of the event."""
        entries = er.async_entries_for_device(er.async_get(self.hass), self.device(walker), True)
        called = [entry for entry in entries if entry.translation_key == key]
        return min(called, key=lambda entry: entry.domain != "event").entity_id

    async def remind(self, walker: str, event_type: str = "due") -> None:
        [events] = [one for one in entity_platform.async_get_platforms(self.hass, DOMAIN) if one.domain == "event"]
        entity = events.entities[self.of_walker(walker, "reminder")]
        assert isinstance(entity, EventEntity)
        entity._trigger_event(event_type)
        entity.async_write_ha_state()
        await self.settle()

    async def emit(self, *kinds: str) -> None:
        """Emit an event of the treadmill at once."""
        for kind in kinds:
            self.house.coordinator.events.notify(session_event(kind))
        await self.settle()

    async def automate(self, trigger: str, target: dict[str, Any], more: str = "") -> None:
        """Set up an automation as a user writes it, which reports when it runs."""
        written = f"""
            triggers:
              - trigger: retrowalk.{trigger}
                target: {target}
                {more}
            actions:
              - event: {FIRED}
                event_data:
                  entity_id: "{{{{ trigger.entity_id }}}}"
        """
        assert await async_setup_component(self.hass, "automation", {"automation": [yaml.safe_load(written)]})
        await self.settle()
        [state] = self.hass.states.async_all("automation")
        assert state.state == "on"

    async def automate_each(self, triggers: list[str], target: dict[str, Any]) -> None:
        """Set up one automation with these triggers, which reports which of them ran it."""
        written = {
            "mode": "queued",
            "triggers": [{"trigger": f"{DOMAIN}.{name}", "target": target, "id": name} for name in triggers],
            "actions": [{"event": FIRED, "event_data": {"id": "{{ trigger.id }}"}}],
        }
        assert await async_setup_component(self.hass, "automation", {"automation": [written]})
        await self.settle()

    @property
    def ran(self) -> list[str]:
        """Return the triggers of `automate_each` that fired."""
        return [event.data["id"] for event in self.fired]

    async def settle(self) -> None:
        await self.house.settle()

    def ran_for(self) -> list[str]:
        """Return the entities for which the automation ran since the last call."""
        entity_ids = [event.data["entity_id"] for event in self.fired]
        self.fired.clear()
        return entity_ids


async def offered(client: MockHAClientWebSocket, what: str, target: dict[str, Any]) -> set[str]:
    """Return what the automation editor offers for a target from our integration."""
    await client.send_json_auto_id({"type": f"get_{what}_for_target", "target": target})
    answer = await client.receive_json()
    assert answer["success"], answer
    return {name.removeprefix("retrowalk.") for name in answer["result"] if name.startswith("retrowalk.")}


async def described(client: MockHAClientWebSocket, what: str) -> dict[str, Any]:
    """Return the automation editor's descriptions of our triggers or conditions."""
    await client.send_json_auto_id({"type": f"{what}_platforms/subscribe"})
    assert (await client.receive_json())["success"]
    event = (await client.receive_json())["event"]
    return {name.removeprefix("retrowalk."): value for name, value in event.items() if name.startswith("retrowalk.")}
