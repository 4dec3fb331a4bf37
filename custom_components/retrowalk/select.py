"""Selects of a treadmill: choices for the next session."""

from collections.abc import Hashable
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .snapshot import Snapshot
from .training.limits import Direction

PARALLEL_UPDATES = 0

DIRECTION = SelectEntityDescription(key="direction", options=[direction.value for direction in Direction])


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects."""
    async_add_entities([DirectionSelect(entry.runtime_data, DIRECTION)])


class DirectionSelect(RetrowalkEntity, SelectEntity):
    """Which way the walker will face; no treadmill can tell."""

    @override
    def _show(self, snapshot: Snapshot) -> Hashable:
        self._attr_current_option = snapshot.direction.value
        return self._attr_current_option

    @override
    async def async_select_option(self, option: str) -> None:
        await self.coordinator.async_choose_direction(Direction(option))
