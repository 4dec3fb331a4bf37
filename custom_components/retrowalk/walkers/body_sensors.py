"""What a walker's own sensors show: heart rate and steps, by a watch, a chest strap or a phone."""

from datetime import timedelta
from math import isfinite
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .walker import Walker

_HEART_RATE_HOLDS: Final = timedelta(minutes=2)
"""After which a heart rate is no longer that of now: a watch tells one every minute, and shows the last for hours."""


@callback
def async_heart_rate(hass: HomeAssistant, walker: Walker) -> float | None:
    """Return the heart rate that the walker's sensor shows, or None without a fresh one."""
    return _async_number(hass, walker.heart_rate_sensor, _HEART_RATE_HOLDS)


@callback
def async_step_count(hass: HomeAssistant, walker: Walker) -> float | None:
    """Return what the walker's step counter shows, or None if it shows no number."""
    return _async_number(hass, walker.step_sensor)


@callback
def _async_number(hass: HomeAssistant, entity_id: str | None, holds: timedelta | None = None) -> float | None:
    state = None if entity_id is None else hass.states.get(entity_id)
    if state is None or (holds is not None and dt_util.utcnow() - state.last_reported > holds):
        return None
    try:
        number = float(state.state)
    except ValueError:
        return None
    return number if isfinite(number) else None
