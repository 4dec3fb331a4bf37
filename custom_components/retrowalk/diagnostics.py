"""Diagnostics of a treadmill, which its owner can attach to a report."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry, DeviceEntryType

from .data import RetrowalkConfigEntry
from .treadmill.diagnosis import async_diagnose


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> dict[str, Any]:
    """Return what may be known of a treadmill, connected or not."""
    loaded = entry.state is ConfigEntryState.LOADED
    return await async_diagnose(hass, entry, entry.runtime_data.coordinator.data if loaded else None)


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the same for a device; of a walker's nothing else may be known."""
    kind = "walker" if device.entry_type is DeviceEntryType.SERVICE else "treadmill"
    return {"device": kind, **await async_get_config_entry_diagnostics(hass, entry)}
