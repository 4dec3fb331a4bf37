"""Binary sensors of a treadmill and its walkers."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity, WalkerEntity, async_add_walkers
from .treadmill.snapshot import Snapshot

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class RetrowalkBinarySensorDescription(BinarySensorEntityDescription):
    """Description of a binary sensor with its value function."""

    value_fn: Callable[[Snapshot], bool | None]
    live: bool = False


BINARY_SENSORS: tuple[RetrowalkBinarySensorDescription, ...] = (
    RetrowalkBinarySensorDescription(
        key="belt_moving",
        device_class=BinarySensorDeviceClass.MOVING,
        value_fn=lambda snapshot: snapshot.belt_moving,
        live=True,
    ),
    RetrowalkBinarySensorDescription(
        key="safety_key",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda snapshot: snapshot.safety_key_pulled,  # None while nobody knows
    ),
)

GOAL_REACHED = BinarySensorEntityDescription(key="goal_reached")


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of the treadmill and of its walkers."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(RetrowalkBinarySensor(coordinator, description) for description in BINARY_SENSORS)
    async_add_walkers(entry, async_add_entities, lambda walker: [GoalReached(coordinator, walker, GOAL_REACHED)])


class RetrowalkBinarySensor(RetrowalkEntity, BinarySensorEntity):
    """A binary sensor of a treadmill."""

    entity_description: RetrowalkBinarySensorDescription

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        self._attr_available = snapshot.telemetry is not None or not self.entity_description.live
        self._attr_is_on = self.entity_description.value_fn(snapshot)
        return self._attr_available, self._attr_is_on


class GoalReached(WalkerEntity, BinarySensorEntity):
    """Whether a walker has reached today's goal, which counts backward walking only."""

    @override
    def _update_attrs(self) -> Hashable:
        roster, walker = self.roster, self.walker
        today = roster.history.day(walker.id, roster.today, roster.tz)
        self._attr_is_on = walker.reaches_goal(today.minutes)
        return self._attr_is_on
