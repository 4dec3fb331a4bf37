"""The event entity of a treadmill: what happens in a session, as it happens."""

from collections.abc import Hashable
from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .snapshot import Snapshot
from .training.states import SessionEvent, SessionEventKind

PARALLEL_UPDATES = 0

SESSION = EventEntityDescription(key="session", event_types=[kind.value for kind in SessionEventKind])


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity."""
    async_add_entities([SessionEventEntity(entry.runtime_data, SESSION)])


class SessionEventEntity(RetrowalkEntity, EventEntity):
    """Each session event in turn; they come as a stream, so that none is lost between two snapshots."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_event_listener(self._async_happened))

    @callback
    def _async_happened(self, event: SessionEvent) -> None:
        self._trigger_event(event.kind.value, dict(event.data))
        self.async_write_ha_state()

    @override
    def _show(self, snapshot: Snapshot) -> Hashable:
        return None
