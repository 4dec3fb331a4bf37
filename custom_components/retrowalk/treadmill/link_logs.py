"""The log of each treadmill's link, which outlives reloads of its entry."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..machine.bluetooth.link_log import LinkLog

_LOGS: HassKey[dict[str, LinkLog]] = HassKey(f"{DOMAIN}_link_logs")


@callback
def async_link_log(hass: HomeAssistant, address: str, clock: Callable[[], float]) -> LinkLog:
    """Return the log of a treadmill's link, which begins empty."""
    log = hass.data.setdefault(_LOGS, {}).setdefault(address, LinkLog(clock))
    log.clock = clock
    return log


@callback
def async_find_link_log(hass: HomeAssistant, address: str) -> LinkLog | None:
    """Return the log of a treadmill's link, or None if it was never loaded."""
    return hass.data.get(_LOGS, {}).get(address)


@callback
def async_forget_link_log(hass: HomeAssistant, address: str) -> None:
    """Forget the log of a treadmill that is removed."""
    hass.data.get(_LOGS, {}).pop(address, None)
