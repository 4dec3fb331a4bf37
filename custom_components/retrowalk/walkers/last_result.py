"""The result that a treadmill's card shows: the last session, until somebody is done with it or the next one begins."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..training.history.meter import SessionMeter
from ..training.history.record import Outcome, SessionRecord
from .roster import WalkerRoster

_SHOWN: HassKey[dict[str, str]] = HassKey(f"{DOMAIN}_results")
"""IDs of the sessions by config entry: settings that waited for the end of a session reload the entry just then."""


class LastResult:
    """Remembers which session's result is shown."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, roster: WalkerRoster) -> None:
        self._shown = hass.data.setdefault(_SHOWN, {})
        self._entry_id = entry.entry_id
        self._roster = roster
        roster.async_add_record_listener(self._on_record)

    @property
    def record(self) -> SessionRecord | None:
        """Return the session whose result is shown, as it is after corrections; None if there is none."""
        session_id = self._shown.get(self._entry_id)
        return None if session_id is None else self._roster.history.get(session_id)

    @callback
    def follow(self, meter: SessionMeter | None) -> None:
        """Show no result any more once the next session is measured."""
        if meter is not None:
            self._shown.pop(self._entry_id, None)

    @callback
    def clear(self) -> None:
        """Show no result any more."""
        if self._shown.pop(self._entry_id, None) is not None:
            self._roster.notify()

    @callback
    def _on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        if before is None and record.outcome is not Outcome.LOGGED:
            self._shown[self._entry_id] = record.id
