"""Helpers that are independent of treadmills."""

import logging
import re
import time
from collections.abc import Callable, Container
from datetime import datetime
from datetime import time as time_type
from typing import Final

from homeassistant.const import UnitOfLength, UnitOfMass
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .training.report.words import clean
from .training.units import Units

_LOGGER = logging.getLogger(__name__)


class Clock:
    """The present time in the three forms that the integration uses."""

    def monotonic(self) -> float:
        """Return monotonic seconds: the time of link, driver and session."""
        return time.monotonic()

    def utcnow(self) -> datetime:
        """Return the current time in UTC."""
        return dt_util.utcnow()

    def wall(self) -> float:
        """Return the seconds since 1970, as in the IDs of contexts."""
        return time.time()


CLOCK: HassKey[Clock] = HassKey("retrowalk_clock")
"""A clock that tests set in place of the system's."""


def clock_of(hass: HomeAssistant) -> Clock:
    """Return the clock of a Home Assistant instance."""
    return hass.data.get(CLOCK) or Clock()


def house_units(hass: HomeAssistant) -> Units:
    """Return what a Home Assistant instance measures in; `training/units.py` tells how to convert with it."""
    units = hass.config.units
    return Units(miles=units.length_unit == UnitOfLength.MILES, pounds=units.mass_unit == UnitOfMass.POUNDS)


@callback
def figure(hass: HomeAssistant, value: float) -> str:
    """Return a number as the language of the house writes it; with a point where its texts are not loaded."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return f"{value:g}".replace(".", texts.get(f"component.{DOMAIN}.common.say_decimal_mark", "."))


def time_of_day(hass: HomeAssistant, at: time_type) -> str:
    """Return a time as the language of the house writes it: English with AM and PM, as Home Assistant's pages do."""
    if hass.config.language != "en":
        return f"{at:%H:%M}"
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


class Listeners[*Ts]:
    """Callbacks for one kind of change; an error in one of them is logged, and the others are still called."""

    def __init__(self, describe: Callable[[*Ts], str] | None = None) -> None:
        """Initialize the listeners; `describe` names a change for the log."""
        self._describe = describe
        self._listeners: dict[Callable[[*Ts], object], None] = {}

    @callback
    def add(self, listener: Callable[[*Ts], object]) -> Callable[[], None]:
        """Add a listener, and return a callback to remove it."""
        self._listeners[listener] = None
        return lambda: self._remove(listener)

    def __len__(self) -> int:
        return len(self._listeners)

    @callback
    def notify(self, *args: *Ts) -> None:
        """Call every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(*args)
            except Exception:
                what = "a change" if self._describe is None else self._describe(*args)
                _LOGGER.exception("Unexpected error in a listener of %s", what)

    def _remove(self, listener: Callable[[*Ts], object]) -> None:
        self._listeners.pop(listener, None)


_MARKUP: Final = re.compile(r"^[+-]|#(?=[#\s]|$)|[<>\[\]*`|~@]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=www)\.", re.IGNORECASE)
_FULL_WIDTH: Final = 0xFEE0


def plain(text: str) -> str:
    """Return a name as one line that Markdown, HTML and a phone show as it is; what means something there is wide.

    A treadmill's name comes from the air, and so from anybody: it must become no link, no image and no element.
    """
    return _MARKUP.sub(lambda found: chr(ord(found[0]) + _FULL_WIDTH), clean(text))


def readable(text: str) -> str:
    """Return a name from the air as one line that can be read; empty if nothing of it can."""
    return clean(text)


def first_free(name: str, taken: Container[str]) -> str:
    """Return the name, with a number if it is taken; `taken` contains casefolded names.

    Our dialogs keep names unique; Home Assistant's own rename does not.
    """
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free
