"""Hands finished walks over to the record: as often as it takes, and over a restart if it must be."""

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
"""Seconds of movement that make a walk worth keeping."""
_RETRY = 60.0  # s


class SessionHandover:
    """The walks of one treadmill that have ended and are not in the record yet."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        people: WalkerRoster,
        write_journal: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`write_journal` writes down all that is not in the record yet, what waits here included."""
        self._hass = hass
        self._entry = entry
        self._roster = people
        self._write_journal = write_journal
        self._waiting: list[SessionRecord] = []
        self._lock = asyncio.Lock()
        self._cancel_retry: Callable[[], None] | None = None
        entry.async_on_unload(self._stop_retrying)

    @property
    def pending(self) -> bool:
        """Whether a walk is not in the record yet."""
        return bool(self._waiting)

    def as_list(self) -> list[Any]:
        """For the journal."""
        return [record.as_dict() for record in self._waiting]

    def read(self, rows: Any) -> bool:
        """Take over what a journal kept of walks; whether all of it can be understood."""
        understood = True
        for row in rows if isinstance(rows, list) else [rows]:
            try:
                self._waiting.append(SessionRecord.from_dict(row))
            except KeyError, TypeError, ValueError:
                _LOGGER.exception("A session that waits to be saved cannot be understood")
                understood = False
        return understood

    @callback
    def save(self, record: SessionRecord) -> None:
        """Keep a walk that has ended."""
        self._waiting.append(record)
        self._hass.async_create_task(self._async_save(record), f"Retrowalk keeps a walk of {self._entry.title}")

    async def async_save_all(self) -> None:
        """Try to keep all that waits."""
        for record in tuple(self._waiting):
            await self._async_save(record)

    async def _async_save(self, record: SessionRecord) -> None:
        """Hand a walk over; the journal has it until that is done.

        Whoever comes second waits for the first: an unload must not overtake a save, or the next load misses it.
        """
        async with self._lock:
            if record not in self._waiting:
                return
            if record.moving_time >= SHORTEST and self._roster.history.get(record.id) is None:
                await self._write_journal()
                try:
                    await self._roster.async_add(record)
                except HomeAssistantError:
                    self._report_not_saved()
                    return
            self._waiting.remove(record)
            if not self._waiting:
                delete_issue(self._hass, self._entry, Issue.NOT_SAVED)
            await self._write_journal()
        self._roster.notify()  # whoever waited for the walk to be kept may look now

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
