"""The virtual treadmills: one for each address, alive as long as Home Assistant runs.

A reload of the entry does not affect a real belt, and so it does not affect a virtual one.
"""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..machine.model import Unit
from ..simulator.address import virtual_address
from ..simulator.bluetooth import async_attach
from ..simulator.gatt import Peripheral
from ..simulator.personalities import personality_of

_PERIPHERALS: HassKey[dict[str, tuple[object, Peripheral]]] = HassKey(f"{DOMAIN}_virtual")


@callback
def async_virtual_peripheral(hass: HomeAssistant, address: str, personality: object = None) -> Peripheral:
    """Return the virtual treadmill with this address; it is created on the first call, and for another personality.

    Without a personality it is the one that there is, or a polite one.
    """
    peripherals = hass.data.setdefault(_PERIPHERALS, {})
    if address not in peripherals or personality not in {None, peripherals[address][0]}:
        its = personality_of(personality)
        peripherals[address] = (personality or its.key, its.make_peripheral(address))
    return peripherals[address][1]


@callback
def async_plug_in(hass: HomeAssistant, address: str, personality: object = None) -> Callable[[], None]:
    """Attach a virtual treadmill to Home Assistant's Bluetooth and run it; returns a callback to detach it."""
    return async_attach(hass, async_virtual_peripheral(hass, address, personality), run=True)


@callback
def async_read_console(hass: HomeAssistant, address: str) -> tuple[float | None, Unit]:
    """Return the speed that a person would have read on the console of a virtual treadmill, and its unit."""
    treadmill = async_virtual_peripheral(hass, address).treadmill
    return treadmill.display.read, Unit.KILOMETERS if treadmill.kmh_per_unit == 1.0 else Unit.MILES


@callback
def async_forget(hass: HomeAssistant, address: str) -> None:
    """Delete a virtual treadmill whose entry was removed."""
    hass.data.get(_PERIPHERALS, {}).pop(address, None)


def free_virtual_address(taken: set[str]) -> str:
    """Return the first address of a virtual treadmill that is not taken."""
    return next(address for index in range(0x10000) if (address := virtual_address(index)) not in taken)
