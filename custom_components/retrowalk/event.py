"""Event entities: session events of a treadmill, and reminder events of a walker."""

from collections.abc import Hashable, Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_REMINDER
from .data import RetrowalkConfigEntry, RetrowalkData
from .entity import RetrowalkEntity, WalkerEntity, async_add_walkers
from .reminders.reminder import EVENTS
from .training.events import SessionEvent, SessionEventKind
from .treadmill.snapshot import Snapshot
from .walkers.walker import Walker

PARALLEL_UPDATES = 0

SESSION = EventEntityDescription(key="session", event_types=[kind.value for kind in SessionEventKind])
REMINDER = EventEntityDescription(key=CONF_REMINDER, event_types=[*EVENTS])


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entities of the treadmill and of the walkers."""
    data = entry.runtime_data
    async_add_entities([SessionEventEntity(data.coordinator, SESSION)])
    async_add_walkers(entry, async_add_entities, lambda walker: [ReminderEventEntity(data, walker, REMINDER)])


class SessionEventEntity(RetrowalkEntity, EventEntity):
    """Shows every session event; events come as a stream, so that none is lost between two snapshots.

    The recorder keeps which event it was, and why; with its numbers, each would be a row more.
    """

    _unrecorded_attributes = frozenset({"direction", "minutes", "present", "seconds", "start", "target"})

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.events.add(self._async_handle_event))

    @callback
    def _async_handle_event(self, event: SessionEvent) -> None:
        self._trigger_event(event.kind.value, event.data)
        self.async_write_ha_state()

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        return None


class ReminderEventEntity(WalkerEntity, EventEntity):
    """Shows what happens to a walker's reminders, even if they reach nobody."""

    def __init__(self, data: RetrowalkData, walker: Walker, description: EventEntityDescription) -> None:
        super().__init__(data.coordinator, walker, description)
        self._reminder = data.reminders.reminder_of(walker)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._reminder.async_add_listener(self._async_handle_event))

    @callback
    def _async_handle_event(self, kind: str, data: Mapping[str, Any]) -> None:
        self._trigger_event(kind, dict(data))
        self.async_write_ha_state()

    @override
    def _update_attrs(self) -> Hashable:
        return None
