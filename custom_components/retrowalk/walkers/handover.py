"""Hands finished sessions over to the history, with retries that continue after a restart."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later

from ..issues import Issue, create_issue, delete_issue
from ..training.history.record import SessionRecord
from .roster import WalkerRoster

_LOGGER = logging.getLogger(__name__)

SHORTEST = 10.0
"""Seconds of movement from which on a session is saved."""
_RETRY = 60.0  # s


class SessionHandover:
    """The sessions of one treadmill that have ended and are not in the history yet."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        roster: WalkerRoster,
        write_journal: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Initialize the handover; `write_journal` saves all that is not in the history yet, also what waits here."""
        self._hass = hass
        self._entry = entry
        self._roster = roster
        self._write_journal = write_journal
        self._waiting: list[SessionRecord] = []
        self._lock = asyncio.Lock()
        self._cancel_retry: Callable[[], None] | None = None
        entry.async_on_unload(self._stop_retrying)

    @property
    def pending(self) -> bool:
        """Return whether a session is not in the history yet."""
        return bool(self._waiting)

    def as_list(self) -> list[Any]:
        """Return the waiting sessions for the journal."""
        return [record.as_dict() for record in self._waiting]

    def read(self, rows: Any) -> bool:
        """Take over the sessions in a journal, and return whether all of them are readable."""
        readable = True
        for row in rows if isinstance(rows, list) else [rows]:
            try:
                self._waiting.append(SessionRecord.from_dict(row))
            except KeyError, TypeError, ValueError:
                _LOGGER.exception("A session that waits to be saved is unreadable")
                readable = False
        return readable

    @callback
    def save(self, record: SessionRecord) -> None:
        """Save a session that has ended."""
        self._waiting.append(record)
        self._hass.async_create_task(self._async_save(record), f"Retrowalk saves a session of {self._entry.title}")

    async def async_save_all(self) -> None:
        """Try to save all sessions that wait."""
        for record in tuple(self._waiting):
            await self._async_save(record)

    async def _async_save(self, record: SessionRecord) -> None:
        """Hand a session over to the history; it stays in the journal until that is done.

        The lock keeps an unload from overtaking a save, which the next load would miss.
        """
        async with self._lock:
            if record not in self._waiting:
                return
            tracks = self._roster.store.tracks
            if record.moving_time < SHORTEST:
                await tracks.async_discard(record.id)
            elif self._roster.history.get(record.id) is None:
                await self._write_journal()
                await tracks.async_close(record)  # first: whoever hears of the record finds its track
                try:
                    await self._roster.async_add(record)
                except HomeAssistantError:
                    self._report_not_saved()
                    return
            self._waiting.remove(record)
            if not self._waiting:
                delete_issue(self._hass, self._entry, Issue.NOT_SAVED)
            await self._write_journal()
        self._roster.notify()  # listeners may have waited for the session to be saved

    @callback
    def _report_not_saved(self) -> None:
        create_issue(self._hass, self._entry, Issue.NOT_SAVED)
        if self._cancel_retry is None:
            self._cancel_retry = async_call_later(self._hass, _RETRY, self._async_retry)

    async def _async_retry(self, _: datetime) -> None:
        self._cancel_retry = None
        await self.async_save_all()

    @callback
    def _stop_retrying(self) -> None:
        if self._cancel_retry is not None:
            self._cancel_retry()
            self._cancel_retry = None
