"""Retrowalk: Bluetooth treadmills and backward walking for Home Assistant."""

from homeassistant.components.bluetooth import async_rediscover_address
from homeassistant.const import CONF_ADDRESS, Platform
from homeassistant.core import HomeAssistant

from .const import CONF_VIRTUAL
from .coordinator import RetrowalkConfigEntry, RetrowalkCoordinator, async_delete_stop_issue
from .virtual import async_forget, async_plug_in

PLATFORMS: list[Platform] = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
]


async def async_setup_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> bool:
    """Set up a treadmill; it may be switched off, as it is most of the day."""
    if entry.data.get(CONF_VIRTUAL):
        entry.async_on_unload(async_plug_in(hass, entry.data[CONF_ADDRESS]))
    coordinator = RetrowalkCoordinator(hass, entry)
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    coordinator.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> bool:
    """Bring a belt that we steer to rest, free the treadmill, then unload (S14)."""
    await entry.runtime_data.async_leave()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """Forget a virtual treadmill together with its entry; let a real one be discovered again."""
    async_delete_stop_issue(hass, entry)
    address = entry.data[CONF_ADDRESS]
    if entry.data.get(CONF_VIRTUAL):
        async_forget(hass, address)
    else:
        async_rediscover_address(hass, address)
