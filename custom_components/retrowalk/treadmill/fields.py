"""The values that a treadmill was seen to report, kept in its entry; entities follow them at once."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_FIELDS
from ..machine.fields import FieldWatch, ReportedFields
from ..machine.model import Telemetry
from .check_result import capabilities_of, stated_by
from .entry_store import EntryStore
from .options import Options


class KnownFields:
    """What one treadmill reports, as far as it is known."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, options: Options, entry_store: EntryStore) -> None:
        self.capabilities = capabilities_of(entry.data, options)
        """What the treadmill can do and reports."""
        self._hass = hass
        self._entry = entry
        self._options = options
        self._entry_store = entry_store
        known = ReportedFields.from_dict(entry.data.get(CONF_FIELDS))
        self._watch = FieldWatch(known, stated_by(entry.data, options))
        self._listeners: list[Callable[[], None]] = []

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener when the treadmill is known to report other values; returns a callback to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def update(self, telemetry: Telemetry) -> None:
        """Handle a report."""
        if not self._watch.update(telemetry):
            return
        changes = {CONF_FIELDS: self._watch.known.as_dict()}
        before, data = self.capabilities, {**self._entry.data, **changes}
        self.capabilities = capabilities_of(data, self._options)
        if self.capabilities.incline_range != before.incline_range:
            # What is allowed changes, and with it more than a sensor: the entry is reloaded when nobody walks.
            self._hass.config_entries.async_update_entry(self._entry, data=data)
        else:
            self._entry_store.save(changes)
        for listener in tuple(self._listeners):
            listener()
