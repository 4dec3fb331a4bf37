"""The sensors of a walker: what they show of the sessions and the walker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfLength, UnitOfTime
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import DistanceConverter

from ..training.history.record import Outcome, SessionRecord
from ..training.history.streak import monday_of
from ..training.limits import Direction
from ..training.units import Units
from .roster import WalkerRoster
from .walker import Walker

FIGURES: Final = frozenset(
    {
        *("direction", "program", "outcome", "minutes", "distance", "distance_unit", "average_speed", "top_speed"),
        *("speed_unit", "elevation_gain", "calories", "steps"),
    }
)
"""The attributes of the last session, which the recorder need not keep: each would be a row more."""


@dataclass(frozen=True, kw_only=True)
class WalkerSensorDescription(SensorEntityDescription):
    """Description of a walker's sensor with its value function and its last reset."""

    value_fn: Callable[[WalkerRoster, Walker], float | datetime | None]
    since_fn: Callable[[WalkerRoster], datetime] | None = None
    attributes_fn: Callable[[WalkerRoster, Walker, Units], dict[str, Any]] | None = None


def _monday(roster: WalkerRoster) -> datetime:
    return dt_util.start_of_local_day(monday_of(roster.today))


def _figures(record: SessionRecord, units: Units) -> dict[str, Any]:
    """Return what a session amounts to, in the units of the house; None for what is not known of it."""
    length = UnitOfLength.FEET if units.miles else UnitOfLength.METERS
    logged = record.outcome is Outcome.LOGGED  # of which only what was entered is known
    far = record.distance if record.distance or not logged else None
    average = far / record.moving_time * 3.6 if far is not None and record.moving_time > 0 else None

    def meters(value: float | None, digits: int) -> float | None:
        if value is None:
            return None
        return round(DistanceConverter.convert(value, UnitOfLength.METERS, length), digits)

    def speed(kmh: float | None) -> float | None:
        return None if kmh is None else round(units.shown_speed(kmh), 2)

    return {
        "direction": record.direction.value,
        "program": record.program,
        "outcome": record.outcome.value,
        "minutes": round(record.moving_time / 60, 1),
        "distance": meters(far, 0),
        "distance_unit": length.value,
        "average_speed": speed(average),
        "top_speed": speed(None if logged else record.max_speed),
        "speed_unit": units.speed_unit,
        "elevation_gain": meters(record.elevation_gain, 1),
        "calories": round(record.calories),
        "steps": record.steps,
    }


def _totals(prefix: str, direction: Direction) -> tuple[WalkerSensorDescription, ...]:
    """Return the sensors of all that was walked in one direction; those of walking forward are off at first."""
    enabled = direction is Direction.BACKWARD
    return (
        WalkerSensorDescription(
            key=f"{prefix}_duration",
            device_class=SensorDeviceClass.DURATION,
            native_unit_of_measurement=UnitOfTime.MINUTES,
            state_class=SensorStateClass.TOTAL,
            suggested_display_precision=0,
            entity_registry_enabled_default=enabled,
            value_fn=lambda roster, walker: round(roster.history.totals(walker.id, direction).minutes, 1),
        ),
        WalkerSensorDescription(
            key=f"{prefix}_distance",
            device_class=SensorDeviceClass.DISTANCE,
            native_unit_of_measurement=UnitOfLength.METERS,
            suggested_unit_of_measurement=UnitOfLength.KILOMETERS,
            state_class=SensorStateClass.TOTAL,
            suggested_display_precision=2,
            entity_registry_enabled_default=enabled,
            value_fn=lambda roster, walker: round(roster.history.totals(walker.id, direction).distance),
        ),
        WalkerSensorDescription(
            key=f"{prefix}_calories",
            device_class=SensorDeviceClass.ENERGY,
            native_unit_of_measurement=UnitOfEnergy.KILO_CALORIE,
            state_class=SensorStateClass.TOTAL,
            suggested_display_precision=0,
            entity_registry_enabled_default=enabled,
            value_fn=lambda roster, walker: round(roster.history.totals(walker.id, direction).calories, 1),
        ),
    )


WALKER_SENSORS: tuple[WalkerSensorDescription, ...] = (
    WalkerSensorDescription(
        key="today",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=1,
        value_fn=lambda roster, walker: round(roster.history.day(walker.id, roster.today, roster.tz).minutes, 1),
        since_fn=lambda roster: dt_util.start_of_local_day(roster.today),
    ),
    WalkerSensorDescription(
        key="week",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=0,
        value_fn=lambda roster, walker: round(roster.history.week(walker.id, roster.today, roster.tz), 1),
        since_fn=_monday,
    ),
    WalkerSensorDescription(
        key="streak",
        native_unit_of_measurement=UnitOfTime.DAYS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda roster, walker: roster.history.streak(walker.id, roster.today, roster.tz, walker.plan),
    ),
    *_totals("total", Direction.BACKWARD),
    *_totals("forward", Direction.FORWARD),
    WalkerSensorDescription(
        key="total_steps",
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value_fn=lambda roster, walker: sum(roster.history.totals(walker.id, way).steps for way in Direction),
    ),
    WalkerSensorDescription(
        key="last_session",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda roster, walker: last.ended if (last := roster.history.last(walker.id)) else None,
        attributes_fn=lambda roster, walker, units: (
            _figures(last, units) if (last := roster.history.last(walker.id)) else {}
        ),
    ),
    WalkerSensorDescription(
        key="knee_discomfort",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda roster, walker: roster.discomfort(walker),
    ),
)
