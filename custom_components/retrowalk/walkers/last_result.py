"""The result that a treadmill's card shows: the last session, until somebody is done with it or the next one begins."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage.journal import Journal
from ..training.history.meter import SessionMeter
from ..training.history.record import Outcome, SessionRecord
from .roster import WalkerRoster

_SHOWN: HassKey[dict[str, str | None]] = HassKey(f"{DOMAIN}_results")
"""IDs of the sessions by config entry: settings that waited for the end of a session reload the entry just then, before
the file is written."""
JOURNAL = "result"


class LastResult:
    """Remembers which session's result is shown, over a restart too."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, roster: WalkerRoster) -> None:
        self._hass = hass
        self._entry = entry
        self._shown = hass.data.setdefault(_SHOWN, {})
        self._roster = roster
        self._journal = Journal(hass, entry.entry_id, JOURNAL)
        roster.async_add_record_listener(self._on_record)

    async def async_load(self) -> None:
        """Load what was shown before a restart."""
        stored = await self._journal.async_load() or {}
        session_id = stored.get("session")
        self._shown.setdefault(self._entry.entry_id, session_id if isinstance(session_id, str) else None)

    @property
    def record(self) -> SessionRecord | None:
        """Return the session whose result is shown, as it is after corrections; None if there is none."""
        session_id = self._shown.get(self._entry.entry_id)
        return None if session_id is None else self._roster.history.get(session_id)

    @callback
    def follow(self, meter: SessionMeter | None) -> None:
        """Show no result any more once the next session is measured."""
        if meter is not None:
            self._show(None)

    @callback
    def clear(self) -> None:
        """Show no result any more."""
        if self._show(None):
            self._roster.notify()

    @callback
    def _on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        if before is None and record.outcome is not Outcome.LOGGED:
            self._show(record.id)

    def _show(self, session_id: str | None) -> bool:
        """Show a session's result, or none; return whether that is news."""
        if self._shown.get(self._entry.entry_id) == session_id:
            return False
        self._shown[self._entry.entry_id] = session_id
        self._hass.async_create_task(self._journal.async_save(self._state), f"Retrowalk result of {self._entry.title}")
        return True

    def _state(self) -> dict[str, str]:
        session_id = self._shown.get(self._entry.entry_id)
        return {} if session_id is None else {"session": session_id}


@callback
def async_forget_result(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget the result of a treadmill that is being removed."""
    hass.data.get(_SHOWN, {}).pop(entry.entry_id, None)
