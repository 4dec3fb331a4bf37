"""Sensors of a treadmill and its walkers."""

from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    UnitOfEnergy,
    UnitOfLength,
    UnitOfSpeed,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity, WalkerEntity, async_add_walkers, async_offer
from .machine.bluetooth.link_state import LinkState
from .machine.ftms.const import TrainingStatusCode
from .machine.model import Capabilities, Telemetry
from .training.states import SessionState
from .treadmill.snapshot import Snapshot
from .util import house_units
from .walkers.sensors import FIGURES, WALKER_SENSORS, WalkerSensorDescription

PARALLEL_UPDATES = 0

# Seconds between two written values, which keeps noise out of the recorder.
_HEART_RATE_SECONDS = 60.0
_SIGNAL_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class RetrowalkSensorDescription(SensorEntityDescription):
    """Description of a sensor with its value function."""

    value_fn: Callable[[Snapshot], float | str | datetime | None]
    live: bool = False  # a value of the machine, unknown without a link
    offered_fn: Callable[[Capabilities], bool] = lambda _: True
    attributes_fn: Callable[[Snapshot], dict[str, Any]] | None = None
    every: float = 0.0  # s between writes, for values that change all the time


def _telemetry(value_fn: Callable[[Telemetry], float | None]) -> Callable[[Snapshot], float | None]:
    return lambda snapshot: value_fn(snapshot.telemetry) if snapshot.telemetry else None


def _inclines(capabilities: Capabilities) -> bool:
    return capabilities.reports_incline or capabilities.incline_range is not None


SENSORS: tuple[RetrowalkSensorDescription, ...] = (
    RetrowalkSensorDescription(
        key="speed",
        device_class=SensorDeviceClass.SPEED,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=_telemetry(lambda telemetry: telemetry.speed),
        live=True,
    ),
    RetrowalkSensorDescription(
        key="incline",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=_telemetry(lambda telemetry: telemetry.incline),
        live=True,
        offered_fn=_inclines,
    ),
    RetrowalkSensorDescription(
        key="distance",
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.METERS,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        value_fn=lambda snapshot: snapshot.shown.distance,
    ),
    RetrowalkSensorDescription(
        key="session_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        value_fn=lambda snapshot: snapshot.shown.moving_time,
    ),
    RetrowalkSensorDescription(
        key="session_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in SessionState],
        value_fn=lambda snapshot: snapshot.state.value,
        attributes_fn=lambda snapshot: (
            {"countdown_ends": snapshot.countdown_ends.isoformat()} if snapshot.countdown_ends else {}
        ),
    ),
    RetrowalkSensorDescription(
        key="connection",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in LinkState],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda snapshot: snapshot.link.value,
    ),
    RetrowalkSensorDescription(
        key="session_ends",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda snapshot: snapshot.ends,
    ),
    RetrowalkSensorDescription(
        key="program_step",
        value_fn=lambda snapshot: snapshot.step.number if snapshot.step else None,
        attributes_fn=lambda snapshot: asdict(snapshot.step) if snapshot.step else {},
    ),
    RetrowalkSensorDescription(
        key="session_calories",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_CALORIE,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        value_fn=lambda snapshot: snapshot.shown.calories,
    ),
    RetrowalkSensorDescription(
        key="machine_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_CALORIE,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.shown.machine_energy,
        offered_fn=lambda capabilities: capabilities.reports_energy,
    ),
    RetrowalkSensorDescription(
        key="training_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.name.lower() for status in TrainingStatusCode],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.telemetry.training_status if snapshot.telemetry else None,
        live=True,
    ),
    RetrowalkSensorDescription(
        key="signal_strength",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.signal,
        every=_SIGNAL_SECONDS,
    ),
    RetrowalkSensorDescription(
        key="heart_rate",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_telemetry(lambda telemetry: telemetry.heart_rate),
        live=True,
        offered_fn=lambda capabilities: capabilities.reports_heart_rate,
        every=_HEART_RATE_SECONDS,
    ),
    RetrowalkSensorDescription(
        key="steps",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda snapshot: snapshot.shown.steps,
        offered_fn=lambda capabilities: capabilities.reports_steps,
    ),
    # Without statistics: a mean of means, or of maxima, says nothing.
    RetrowalkSensorDescription(
        key="average_speed",
        device_class=SensorDeviceClass.SPEED,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.shown.average_speed,
    ),
    RetrowalkSensorDescription(
        key="top_speed",
        device_class=SensorDeviceClass.SPEED,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.shown.top_speed,
    ),
    RetrowalkSensorDescription(
        key="elevation_gain",
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.METERS,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.shown.elevation_gain,
        offered_fn=_inclines,
    ),
)


NEXT_SESSION = SensorEntityDescription(key="next_session", device_class=SensorDeviceClass.TIMESTAMP)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of the values that the machine reports, and of the walkers."""
    coordinator = entry.runtime_data.coordinator
    async_offer(
        entry,
        async_add_entities,
        "sensor",
        {each.key: (each.offered_fn, partial(RetrowalkSensor, coordinator, each)) for each in SENSORS},
    )
    async_add_walkers(
        entry,
        async_add_entities,
        lambda walker: [
            *(WalkerSensor(coordinator, walker, description) for description in WALKER_SENSORS),
            NextSessionSensor(coordinator, walker, NEXT_SESSION),
        ],
    )


class RetrowalkSensor(RetrowalkEntity, SensorEntity):
    """A sensor of a treadmill."""

    entity_description: RetrowalkSensorDescription
    _unrecorded_attributes = frozenset({"countdown_ends", "program", "number", "steps", "label"})
    _changed_at = float("-inf")
    _value: float | str | datetime | None = None

    @property
    @override
    def suggested_display_precision(self) -> int | None:
        """Return the decimals of the description; mph need one more to tell a machine's steps apart."""
        miles = house_units(self.coordinator.hass).miles
        is_speed = self.entity_description.device_class is SensorDeviceClass.SPEED
        return 2 if is_speed and miles else self.entity_description.suggested_display_precision

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        description = self.entity_description
        available = snapshot.telemetry is not None or not description.live
        value = description.value_fn(snapshot)
        if description.every and value != self._value:
            now = self.coordinator.clock.monotonic()
            # A change to or from unknown is written at once, noise in between is not.
            if value is not None and self._value is not None and now - self._changed_at < description.every:
                value = self._value
            else:
                self._changed_at = now
        self._value = value
        self._attr_available = available
        self._attr_native_value = value
        if description.attributes_fn is None:
            return available, value
        self._attr_extra_state_attributes = attributes = description.attributes_fn(snapshot)
        return available, value, *attributes.items()


class WalkerSensor(WalkerEntity, SensorEntity):
    """A sensor of a walker."""

    entity_description: WalkerSensorDescription
    _unrecorded_attributes = FIGURES

    @property
    @override
    def suggested_unit_of_measurement(self) -> str | None:
        """Return the unit for long distances of the house, where Home Assistant would show feet."""
        unit = self.entity_description.suggested_unit_of_measurement
        return UnitOfLength.MILES if unit == UnitOfLength.KILOMETERS and house_units(self.hass).miles else unit

    @override
    def _update_attrs(self) -> Hashable:
        description = self.entity_description
        value = description.value_fn(self.roster, self.walker)
        since = description.since_fn(self.roster) if description.since_fn else None
        self._attr_native_value, self._attr_last_reset = value, since
        if description.attributes_fn is None:
            return value, since
        attributes = description.attributes_fn(self.roster, self.walker, house_units(self.hass))
        self._attr_extra_state_attributes = attributes
        return value, since, *attributes.items()


class NextSessionSensor(WalkerEntity, SensorEntity):
    """The next planned session; its proposal is for cards, and stays out of the recorder."""

    _unrecorded_attributes = frozenset({"minutes", "speed", "incline", "program", "reason", "comfortable"})

    @override
    def _update_attrs(self) -> Hashable:
        planned = self.planner.next(self.walker)
        self._attr_native_value = planned.start if planned else None
        attributes = asdict(planned.proposal) if planned else {}
        attributes.pop("unrated", None)  # the card leads to it
        self._attr_extra_state_attributes = attributes
        return planned
