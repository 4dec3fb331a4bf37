"""The virtual treadmills of this Home Assistant: one for each address, kept while Home Assistant runs.

A real belt does not care whether Home Assistant reloads an entry, and neither does a virtual one.
"""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..simulator.address import virtual_address
from ..simulator.bluetooth import async_attach
from ..simulator.gatt import Peripheral
from ..simulator.treadmill import VirtualTreadmill

_PERIPHERALS: HassKey[dict[str, Peripheral]] = HassKey(f"{DOMAIN}_virtual")


@callback
def async_virtual_peripheral(hass: HomeAssistant, address: str) -> Peripheral:
    """The virtual treadmill with this address; made when it is asked for first."""
    peripherals = hass.data.setdefault(_PERIPHERALS, {})
    if address not in peripherals:
        treadmill = VirtualTreadmill()
        peripherals[address] = Peripheral(treadmill, address=address, name=treadmill.profile.name)
    return peripherals[address]


@callback
def async_plug_in(hass: HomeAssistant, address: str) -> Callable[[], None]:
    """Have a virtual treadmill heard by Home Assistant's Bluetooth, and walking; returns how to unplug it."""
    return async_attach(hass, async_virtual_peripheral(hass, address), run=True)


@callback
def async_forget(hass: HomeAssistant, address: str) -> None:
    """Throw a virtual treadmill away: its entry was removed."""
    hass.data.get(_PERIPHERALS, {}).pop(address, None)


def free_virtual_address(taken: set[str]) -> str:
    """The first address of a virtual treadmill that is not taken."""
    return next(address for index in range(0x10000) if (address := virtual_address(index)) not in taken)
