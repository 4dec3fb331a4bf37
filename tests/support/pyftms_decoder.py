"""Treadmill Data as pyftms decodes it, which ours is compared to."""

from typing import Any

from pyftms.models import TreadmillData as PyftmsData
from pyftms.serializer import get_serializer

# The names in pyftms, which has the same fields, except the two markers of a record.
PYFTMS_NAME = {
    "speed": "speed_instant",
    "average_speed": "speed_average",
    "distance": "distance_total",
    "inclination": "inclination",
    "ramp_angle": "ramp_angle",
    "elevation_gain": "elevation_gain_positive",
    "elevation_loss": "elevation_gain_negative",
    "energy": "energy_total",
    "energy_per_hour": "energy_per_hour",
    "energy_per_minute": "energy_per_minute",
    "heart_rate": "heart_rate",
    "metabolic_equivalent": "metabolic_equivalent",
    "elapsed_time": "time_elapsed",
    "remaining_time": "time_remaining",
    "force_on_belt": "force_on_belt",
    "power": "power_output",
    "steps": "step_count",
}
_PYFTMS = get_serializer(PyftmsData)


def decode_with_pyftms(message: bytes) -> dict[str, Any]:
    """Decode as pyftms does for each notification."""
    return _PYFTMS.deserialize(message)._asdict()
