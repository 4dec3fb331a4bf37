"""Small helpers that know nothing of treadmills."""

import logging
import time
from collections.abc import Callable, Container
from datetime import datetime
from math import isfinite

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

_LOGGER = logging.getLogger(__name__)


class Clock:
    """What time it is, in the three ways that are asked for."""

    def monotonic(self) -> float:
        """Return seconds that only go forward: the time of link, driver and session."""
        return time.monotonic()

    def utcnow(self) -> datetime:
        """Return the time of day."""
        return dt_util.utcnow()

    def wall(self) -> float:
        """Return seconds since 1970, as the contexts of calls have them."""
        return time.time()


CLOCK: HassKey[Clock] = HassKey("retrowalk_clock")
"""Another clock than that of the system, for tests."""


def clock_of(hass: HomeAssistant) -> Clock:
    """Return the clock of a Home Assistant."""
    return hass.data.get(CLOCK) or Clock()


class Listeners[*Ts]:
    """Callbacks that are told of the same thing. One that raises is logged, and silences nobody."""

    def __init__(self, describe: Callable[[*Ts], str] | None = None) -> None:
        """`describe` names what was told, for the log."""
        self._describe = describe
        self._listeners: dict[Callable[[*Ts], object], None] = {}

    @callback
    def add(self, listener: Callable[[*Ts], object]) -> Callable[[], None]:
        """Add a listener; return how to remove it."""
        self._listeners[listener] = None
        return lambda: self._remove(listener)

    def __len__(self) -> int:
        return len(self._listeners)

    @callback
    def notify(self, *news: *Ts) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(*news)
            except Exception:
                what = "a change" if self._describe is None else self._describe(*news)
                _LOGGER.exception("Unexpected error telling of %s", what)

    def _remove(self, listener: Callable[[*Ts], object]) -> None:
        self._listeners.pop(listener, None)


def first_free(name: str, taken: Container[str]) -> str:
    """Return the name, or with the first number that makes it unique; `taken` are names in small letters.

    Our dialogs see to it that names differ; Home Assistant's own rename does not.
    """
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def finite(value: float | None, default: float) -> float:
    """Return a number as it was saved, or the default: Home Assistant's forms take "nan", and keep it as nothing."""
    return value if value is not None and isfinite(value) else default
