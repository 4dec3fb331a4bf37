"""Switches of a walker."""

from collections.abc import Hashable
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_PLAN_PAUSED, CONF_PROGRESSION
from .coordinator import RetrowalkConfigEntry
from .walker_entity import WalkerEntity, async_add_walkers

PARALLEL_UPDATES = 0

PLAN_PAUSED = SwitchEntityDescription(key=CONF_PLAN_PAUSED)
PROGRESSION = SwitchEntityDescription(key=CONF_PROGRESSION, entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of the walkers."""
    coordinator = entry.runtime_data
    async_add_walkers(
        entry,
        async_add_entities,
        lambda walker: [PlanPaused(coordinator, walker, PLAN_PAUSED), Progression(coordinator, walker, PROGRESSION)],
    )


class PlanPaused(WalkerEntity, SwitchEntity):
    """Travel, pain, illness: while it is on no day is missed."""

    @override
    def _show(self) -> Hashable:
        self._attr_is_on = self.walker.plan_paused
        return self._attr_is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._pause(pause=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._pause(pause=False)

    def _pause(self, *, pause: bool) -> None:
        changes = self.walker.pause_changes(pause=pause, today=self.people.today)
        self.people.write(self.walker.id, **changes)


class Progression(WalkerEntity, SwitchEntity):
    """Whether the plan adapts to what was walked; while it is off the plan stays as it is."""

    @override
    def _show(self) -> Hashable:
        self._attr_is_on = self.walker.progression
        return self._attr_is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.people.write(self.walker.id, **{CONF_PROGRESSION: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.people.write(self.walker.id, **{CONF_PROGRESSION: False})
