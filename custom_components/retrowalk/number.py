"""Numbers of a treadmill and its walkers."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from math import isfinite
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_DAILY_GOAL, CONF_WEIGHT
from .coordinator import RetrowalkCoordinator
from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity, WalkerEntity, async_add_walkers
from .errors import ErrorKey, wrong
from .machine.model import Capabilities, ValueRange
from .training.steering.session_plan import SHORTEST
from .treadmill.options import ControlPolicy
from .treadmill.snapshot import Snapshot
from .util import house_units
from .walkers.walker import GOAL_MAX, GOAL_MIN, WEIGHTS, Walker

PARALLEL_UPDATES = 0

_RAMP_SECONDS = 15.0
"""Seconds between two values on one ramp of a program, each of which the recorder stores; larger steps come at once."""


@dataclass(frozen=True, kw_only=True)
class RetrowalkNumberDescription(NumberEntityDescription):
    """Description of a number with the functions for its value, its range and its changes."""

    value_fn: Callable[[Snapshot], float | None]
    range_fn: Callable[[Snapshot], ValueRange | None]
    offered_fn: Callable[[Capabilities], bool]
    set_fn: Callable[[RetrowalkCoordinator, float, Context | None, str], Awaitable[None]]


async def _choose_length(coordinator: RetrowalkCoordinator, minutes: float, *_: object) -> None:
    coordinator.next_session.choose_length(minutes)


def _lengths(snapshot: Snapshot) -> ValueRange:
    return ValueRange(SHORTEST / 60, snapshot.limits.longest / 60, 1.0)


NUMBERS: tuple[RetrowalkNumberDescription, ...] = (
    RetrowalkNumberDescription(
        key="session_length",
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        mode=NumberMode.BOX,
        value_fn=lambda snapshot: snapshot.length,
        range_fn=_lengths,
        offered_fn=lambda capabilities: True,
        set_fn=_choose_length,
    ),
    RetrowalkNumberDescription(
        key="target_speed",
        device_class=NumberDeviceClass.SPEED,
        mode=NumberMode.SLIDER,
        value_fn=lambda snapshot: snapshot.target_speed,
        range_fn=lambda snapshot: snapshot.limits.speed,
        offered_fn=lambda capabilities: capabilities.speed_range is not None,
        set_fn=lambda coordinator, *values: coordinator.control.set_speed(*values),
    ),
    RetrowalkNumberDescription(
        key="target_incline",
        native_unit_of_measurement=PERCENTAGE,
        mode=NumberMode.SLIDER,
        value_fn=lambda snapshot: snapshot.target_incline,
        range_fn=lambda snapshot: snapshot.limits.incline,
        offered_fn=lambda capabilities: capabilities.incline_range is not None,
        set_fn=lambda coordinator, *values: coordinator.control.set_incline(*values),
    ),
)


@dataclass(frozen=True, kw_only=True)
class WalkerNumberDescription(NumberEntityDescription):
    """Description of a walker's number, whose key is also the key in the subentry's data."""

    value_fn: Callable[[Walker], float]


WALKER_NUMBERS: tuple[WalkerNumberDescription, ...] = (
    WalkerNumberDescription(
        key=CONF_WEIGHT,
        device_class=NumberDeviceClass.WEIGHT,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda walker: walker.weight,
    ),
    WalkerNumberDescription(
        key=CONF_DAILY_GOAL,
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_min_value=GOAL_MIN,
        native_max_value=GOAL_MAX,
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda walker: walker.daily_goal,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the numbers of the treadmill that it supports, and of the walkers."""
    coordinator = entry.runtime_data.coordinator
    if coordinator.options.control is ControlPolicy.CONTROL:
        async_add_entities(
            RetrowalkNumber(coordinator, description)
            for description in NUMBERS
            # The present range does not matter: forward may allow an incline that backward does not.
            if description.offered_fn(coordinator.fields.capabilities)
        )
    async_add_walkers(
        entry,
        async_add_entities,
        lambda walker: [WalkerNumber(coordinator, walker, description) for description in WALKER_NUMBERS],
    )


class RetrowalkNumber(RetrowalkEntity, NumberEntity):
    """A number of a treadmill; a target shows the requested value within the limits, not the present setpoint.

    A speed has the unit of the house and the steps of the machine.
    """

    entity_description: RetrowalkNumberDescription
    _allowed: ValueRange | None = None
    _unit: str | None = None
    _changed_at = float("-inf")
    _asked = False  # for a value, which is shown at once
    _shown: float | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._handle_config_update))

    @callback
    def _handle_config_update(self, _: Event) -> None:
        self.follow()  # the units may have changed

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        value = self.entity_description.value_fn(snapshot)
        allowed = self.entity_description.range_fn(snapshot)
        if self.entity_description.device_class is NumberDeviceClass.SPEED:
            units = house_units(self.coordinator.hass)
            value = None if value is None else units.shown_on(allowed, value)
            allowed = None if allowed is None else units.shown_range(allowed)
            self._attr_native_unit_of_measurement = units.speed_unit
        if value is None and self._allowed is not None and self.native_unit_of_measurement == self._unit:
            allowed = self._allowed  # nobody asks for it now, and a change would go to the registry and the database
        if allowed is not None:
            self._attr_native_min_value = allowed.minimum
            self._attr_native_max_value = allowed.maximum
            self._attr_native_step = allowed.step
        self._allowed, self._unit = allowed, self.native_unit_of_measurement
        if snapshot.step is not None and value is not None and allowed is not None:
            value = self._thinned(value, allowed.step)
        self._shown = self._attr_native_value = value
        self._attr_available = value is not None
        return value, allowed, self.native_unit_of_measurement

    def _thinned(self, value: float, step: float) -> float:
        """Return what is shown of a program's target, which a ramp moves by one step at a time."""
        now = self.coordinator.clock.monotonic()
        soon = now - self._changed_at < _RAMP_SECONDS and not self._asked
        if value == self._shown or (soon and self._shown is not None and abs(value - self._shown) < 1.5 * step):
            return self._shown
        self._changed_at, self._asked = now, False
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        _check_number(value)
        if self.entity_description.device_class is NumberDeviceClass.SPEED:
            allowed = self.entity_description.range_fn(self.coordinator.data)
            value = house_units(self.hass).kmh_on(allowed, value)
        self._asked = True
        await self.entity_description.set_fn(self.coordinator, value, self._context, self.entity_id)


class WalkerNumber(WalkerEntity, NumberEntity):
    """A number in a walker's subentry; a weight is in the unit of the house."""

    entity_description: WalkerNumberDescription

    def __init__(self, coordinator: RetrowalkCoordinator, walker: Walker, description: WalkerNumberDescription) -> None:
        super().__init__(coordinator, walker, description)
        self._house = coordinator.hass
        self._update_attrs()  # the registry takes over unit and range before the entity is added

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._handle_config_update))

    @callback
    def _handle_config_update(self, _: Event) -> None:
        self._handle_change()  # the units may have changed

    @override
    def _update_attrs(self) -> Hashable:
        value = self.entity_description.value_fn(self.walker)
        if self.entity_description.device_class is NumberDeviceClass.WEIGHT:
            units = house_units(self._house)
            value, allowed = units.weight(value), units.weight_range(WEIGHTS)
            self._attr_native_min_value = allowed.minimum
            self._attr_native_max_value = allowed.maximum
            self._attr_native_step = allowed.step
            self._attr_native_unit_of_measurement = units.weight_unit
        self._attr_native_value = value
        return value, self.native_unit_of_measurement

    @override
    async def async_set_native_value(self, value: float) -> None:
        await self.async_check_own()
        _check_number(value)
        if self.entity_description.device_class is NumberDeviceClass.WEIGHT:
            value = house_units(self.hass).kg(value, WEIGHTS)
        self.roster.write(self.walker.id, **{self.entity_description.key: value})


def _check_number(value: float) -> None:
    """Refuse NaN, which passes Home Assistant's range check because every comparison with it is false."""
    if not isfinite(value):
        raise wrong(ErrorKey.NOT_A_NUMBER)
