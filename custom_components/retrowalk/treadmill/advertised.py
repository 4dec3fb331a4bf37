"""The name that a treadmill advertises, kept for the days on which it is not heard.

The name tells what is odd about a machine, and of some its protocol. After a restart a passive scanner hears
advertisements without one, and what its owner calls a treadmill says nothing.
"""

from bleak.backends.device import BLEDevice
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_ADVERTISED


@callback
def advertised_name(hass: HomeAssistant, entry: ConfigEntry, device: BLEDevice) -> str | None:
    """Return the name that a treadmill advertises, or else the last one that was heard of it; None without any."""
    known: str | None = entry.data.get(CONF_ADVERTISED)
    heard = device.name
    if not heard or _plain(heard) == _plain(device.address):  # some stacks fill in the address
        return known
    if known != heard:
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_ADVERTISED: heard})
    return heard


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).upper()
