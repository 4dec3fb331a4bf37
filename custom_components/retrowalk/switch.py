"""Switches: the child lock of a treadmill, and settings of a walker."""

from collections.abc import Hashable
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_PLAN_PAUSED, CONF_PROGRESSION, CONF_REMINDER
from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity, WalkerEntity, async_add_walkers
from .treadmill.options import ControlPolicy
from .treadmill.snapshot import Snapshot

PARALLEL_UPDATES = 0

# Home Assistant exposes switches without an entity category to its voice assistant by default.
CONTROL_LOCK = SwitchEntityDescription(key="control_lock", entity_category=EntityCategory.CONFIG)
PLAN_PAUSED = SwitchEntityDescription(key=CONF_PLAN_PAUSED, entity_category=EntityCategory.CONFIG)
REMINDER = SwitchEntityDescription(key=CONF_REMINDER, entity_category=EntityCategory.CONFIG)
PROGRESSION = SwitchEntityDescription(key=CONF_PROGRESSION, entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the child lock of a treadmill that may be controlled, and the switches of the walkers."""
    coordinator = entry.runtime_data.coordinator
    if coordinator.options.control is ControlPolicy.CONTROL:
        async_add_entities([ControlLock(coordinator, CONTROL_LOCK)])
    async_add_walkers(
        entry,
        async_add_entities,
        lambda walker: [
            PlanPaused(coordinator, walker, PLAN_PAUSED),
            *(WalkerSwitch(coordinator, walker, description) for description in (PROGRESSION, REMINDER)),
        ],
    )


class ControlLock(RetrowalkEntity, SwitchEntity):
    """The child lock: while it is on, only Stop works; only a person can turn it off (S17)."""

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        self._attr_is_on = snapshot.locked
        return self._attr_is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.coordinator.control.lock(on=True, context=self._context, entity_id=self.entity_id)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.coordinator.control.lock(on=False, context=self._context, entity_id=self.entity_id)


class PlanPaused(WalkerEntity, SwitchEntity):
    """A pause of the plan, for example for travel, pain or illness; no day counts as missed."""

    @override
    def _update_attrs(self) -> Hashable:
        self._attr_is_on = self.walker.is_paused(self.roster.today)
        return self._attr_is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.async_check_own()
        self._pause(pause=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.async_check_own()
        self._pause(pause=False)

    def _pause(self, *, pause: bool) -> None:
        if pause and self.walker.is_paused(self.roster.today):
            return  # keep the last day of the present pause
        changes = self.walker.pause_changes(pause=pause, today=self.roster.today)
        self.roster.write(self.walker.id, **changes)


class WalkerSwitch(WalkerEntity, SwitchEntity):
    """A boolean of a walker's subentry: whether the plan adapts to the sessions, or reminders are sent."""

    @override
    def _update_attrs(self) -> Hashable:
        self._attr_is_on = bool(getattr(self.walker, self.entity_description.key))
        return self._attr_is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.async_check_own()
        self.roster.write(self.walker.id, **{self.entity_description.key: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.async_check_own()
        self.roster.write(self.walker.id, **{self.entity_description.key: False})
