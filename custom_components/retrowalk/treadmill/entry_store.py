"""Stores data in a treadmill's entry, and requests the reload that other changes need (S14)."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_ADVERTISED, CONF_CAPABILITIES, CONF_FIELDS, CONF_INFO, CONF_QUIRKS
from ..machine.driver import Driver
from ..machine.model import Capabilities, MachineInfo
from .quirks import stored_quirks


class EntryStore:
    """One config entry, and the part of it that is already applied."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._loaded = self._now()
        self._reload_wanted = False
        self._reloads = False  # scheduled: whatever is saved from then on is loaded with it

    @property
    def wants_reload(self) -> bool:
        """Return whether a saved change waits for a reload."""
        return self._reload_wanted

    @callback
    def save(self, changes: Mapping[str, Any]) -> None:
        """Save data that is already applied, so that the entry is not reloaded for it."""
        data, options, title = self._loaded
        self._loaded = ({**data, **changes}, options, title)
        self._hass.config_entries.async_update_entry(self._entry, data={**self._entry.data, **changes})

    def updated_data(self, driver: Driver) -> dict[str, Any] | None:
        """Return the entry data updated with what the machine reports, or None if nothing changed.

        A value that could not be read this time keeps its last state: a read that fails now and then must not remove
        entities and add them again, with a reload each time. Only a change of firmware resets the capabilities,
        and what was seen of them.
        """
        known: Mapping[str, Any] = self._entry.data
        info, capabilities = driver.info.as_dict(), driver.stated.as_dict()
        known_info = MachineInfo.from_dict(known.get(CONF_INFO, {})).as_dict()
        if info["firmware"] in {None, known_info.get("firmware")}:
            capabilities = _filled(capabilities, Capabilities.from_dict(known.get(CONF_CAPABILITIES, {})).as_dict())
        else:
            known = {key: value for key, value in known.items() if key != CONF_FIELDS}
        updated = {**known, CONF_INFO: _filled(info, known_info)}
        # What an older version stored in fewer words is no change.
        if CONF_CAPABILITIES not in known or Capabilities.from_dict(known[CONF_CAPABILITIES]).as_dict() != capabilities:
            updated[CONF_CAPABILITIES] = capabilities
        kept = known.get(CONF_QUIRKS, {}) if info["model"] is None else {}  # some are known by the model
        if (quirks := {**kept, **stored_quirks(driver.quirks)}) or CONF_QUIRKS in known:
            updated[CONF_QUIRKS] = quirks
        return None if updated == self._entry.data else updated

    @callback
    def on_entry_changed(self) -> None:
        """Request a reload if settings changed; changes of walkers need none."""
        self._reload_wanted = self._reload_wanted or (not self._reloads and self._now() != self._loaded)

    @callback
    def reload_if_wanted(self) -> None:
        """Reload the entry if that was requested; call it only while nobody walks."""
        if self._reload_wanted:
            self._reload_wanted, self._reloads = False, True
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    def _now(self) -> tuple[dict[str, Any], dict[str, Any], str]:
        data = {key: value for key, value in self._entry.data.items() if key != CONF_ADVERTISED}  # for the next link
        return data, dict(self._entry.options), self._entry.title


def _filled(changes: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values, with known ones for those that are missing."""
    return {key: value or known.get(key, value) for key, value in changes.items()}
