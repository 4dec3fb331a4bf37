"""Times of a walker: when reminders are sent."""

from collections.abc import Hashable
from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_REMINDER_TIME
from .data import RetrowalkConfigEntry
from .entity import WalkerEntity, async_add_walkers
from .reminders.settings import check_time

PARALLEL_UPDATES = 0

REMINDER_TIME = TimeEntityDescription(key=CONF_REMINDER_TIME, entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the reminder times of the walkers."""
    coordinator = entry.runtime_data.coordinator
    async_add_walkers(entry, async_add_entities, lambda walker: [ReminderTime(coordinator, walker, REMINDER_TIME)])


class ReminderTime(WalkerEntity, TimeEntity):
    """The time of a walker's reminder, in the time zone of Home Assistant."""

    @override
    def _update_attrs(self) -> Hashable:
        self._attr_native_value = self.walker.reminder_time
        return self._attr_native_value

    @override
    async def async_set_value(self, value: time) -> None:
        await self.async_check_own()
        check_time(self.hass, value, self.walker.quiet_from)
        self.roster.write(self.walker.id, **{self.entity_description.key: value.isoformat()})
