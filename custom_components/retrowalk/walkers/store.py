"""The finished sessions on disk: a file for each year, and for each month of a busy one."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes, json_fragment
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..errors import ErrorKey, failed
from ..storage.disk import READ_ERRORS, DiskStore, set_aside
from ..training.history.record import SessionRecord
from ..training.history.session_history import SessionHistory
from .session_files import NUMBERS, Row, SessionFile, divided, name_of, number_for, parse_rows, rows_of
from .track_store import TrackStore

_LOGGER = logging.getLogger(__name__)


class SessionStore:
    """Finished sessions; a change writes the file that it concerns, and applies in memory once it is on disk."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        changed: Callable[[SessionRecord | None, SessionRecord | None], None] = lambda *_: None,
    ) -> None:
        """Initialize the store; `changed` is called with each session before and after a change."""
        self._hass = hass
        self._changed = changed
        self._prefix = f"{DOMAIN}.{entry_id}."
        self._key = f"{self._prefix}sessions"
        # Distinguishes a lost file from one that never existed; the files themselves are found without it.
        self._index = DiskStore(hass, self._key)
        self._indexed: set[int] = set()
        self._stores: dict[int, SessionFile] = {}
        self._rows: dict[int, dict[str, Row]] = {}  # by file and id
        self._unreadable_rows: dict[int, list[Any]] = {}  # written back unchanged
        self._other_data: dict[int, dict[str, Any]] = {}  # what a newer version stores besides sessions
        self._blocked: set[int] = set()  # unreadable and still in place: not to be overwritten
        self._stale: set[int] = set()  # perhaps with a copy of a session that has moved: written with the next change
        self._history: SessionHistory | None = None
        self._lock = asyncio.Lock()
        self.tracks = TrackStore(hass, entry_id)
        self.unreadable_years: tuple[int, ...] = ()
        """Files, by their numbers, of which sessions could not be read at the last load."""

    async def async_load(self) -> SessionHistory:
        """Load all files; the returned history follows every later change. Unreadable data is logged, not raised."""
        async with self._lock:
            self._rows, self._unreadable_rows, self._other_data = {}, {}, {}
            self._stores, self._blocked, self._stale = {}, set(), set()
            records: dict[str, SessionRecord] = {}
            unreadable = []
            for number in await self._async_numbers():
                rows = await self._async_read(number)
                found, unreadable_rows = await self._hass.async_add_executor_job(parse_rows, rows or [])
                if rows is None or unreadable_rows:
                    unreadable.append(number)
                self._unreadable_rows[number] = unreadable_rows
                kept = self._rows[number] = {}
                for record, row in found:
                    # A session in two files was being moved when the power failed; either copy is valid.
                    if record.id in records:
                        self._stale.add(number)
                    else:
                        records[record.id], kept[record.id] = record, row
            self.unreadable_years = tuple(unreadable)
            self._history = await self._hass.async_add_executor_job(
                SessionHistory, records.values(), dt_util.get_default_time_zone()
            )
            await self._async_divide(records)
            return self._history

    @property
    def history(self) -> SessionHistory:
        """Return the sessions; empty before they are loaded."""
        return SessionHistory() if self._history is None else self._history

    def file_name(self, number: int) -> str:
        """Return the name of a file; one that was set aside begins with the same name."""
        return f"{self._key}.{number}"

    async def async_add(self, record: SessionRecord) -> None:
        """Add a new session.

        Raises ValueError if its ID exists, and HomeAssistantError if it could not be saved; then nothing has changed.
        While Home Assistant stops, the session is written at the last moment and the result cannot be checked.
        """
        await self._async_finish(self._async_add(record))

    async def async_replace(self, record: SessionRecord) -> SessionRecord:
        """Replace a session and return the one before; raises KeyError if there is none, or as `async_add` does."""
        return await self._async_finish(self._async_replace(record))

    async def async_remove(self, session_id: str) -> SessionRecord:
        """Remove a session and its track, and return it; raises KeyError if there is none, or as `async_add` does."""
        return await self._async_finish(self._async_remove(session_id))

    async def async_reassign(self, before: str, after: str) -> None:
        """Make all sessions of one walker those of another; a file on disk has all of them, or none."""
        await self._async_finish(self._async_reassign(before, after))

    async def async_delete_all(self) -> None:
        """Delete all sessions and tracks, including damaged files, even if they were never loaded."""
        async with self._lock:
            await self.tracks.async_delete_all()
            for number in await self._async_numbers():
                await self._store(number).async_remove()
            await self._index.async_remove()
            # All files of this entry, including those that were set aside.
            await self._hass.async_add_executor_job(self._remove_files)
            self._rows, self._unreadable_rows, self._history = {}, {}, None
            self._blocked, self._stale = set(), set()

    async def _async_finish[T](self, change: Coroutine[Any, Any, T]) -> T:
        """Complete a change even if its caller is cancelled, so that disk and memory change together."""
        return await asyncio.shield(self._hass.async_create_task(change))

    async def _async_add(self, record: SessionRecord) -> None:
        async with self._lock:
            history = self._loaded_history()
            if history.get(record.id) is not None:
                raise ValueError(f"session {record.id} already exists")
            await self._async_write(record)
            history.add(record)
            self._changed(None, record)

    async def _async_replace(self, record: SessionRecord) -> SessionRecord:
        async with self._lock:
            history = self._loaded_history()
            if history.get(record.id) is None:
                raise KeyError(record.id)
            await self._async_write(record)
            before = history.replace(record)
            self._changed(before, record)
            return before

    async def _async_reassign(self, before: str, after: str) -> None:
        async with self._lock:
            history = self._loaded_history()
            for rows in [*self._rows.values()]:
                records = (history.get(session_id) for session_id in rows)
                theirs = [record for record in records if record is not None and record.walker == before]
                changed = [replace(record, walker=after) for record in theirs]
                if changed:
                    await self._async_write(*changed)
                for record in changed:
                    self._changed(history.replace(record), record)

    async def _async_remove(self, session_id: str) -> SessionRecord:
        async with self._lock:
            history = self._loaded_history()
            if history.get(session_id) is None:
                raise KeyError(session_id)
            await self.tracks.async_remove(session_id)
            await self._async_write(removed=session_id)
            removed = history.remove(session_id)
            self._changed(removed, None)
            return removed

    def _loaded_history(self) -> SessionHistory:
        """Return the history; a change before it is loaded would write a file without its sessions."""
        if self._history is None:
            raise RuntimeError("sessions cannot change before they are loaded")
        return self._history

    async def _async_write(self, *added: SessionRecord, removed: str | None = None) -> None:
        """Write the files that a change concerns: first those that gain, so that no session is lost.

        What is added replaces a session of the same ID, and keeps what a newer version has stored of it.
        """
        gone = {record.id for record in added} | ({removed} if removed is not None else set())
        before = {key: row for rows in self._rows.values() for key, row in rows.items() if key in gone}
        places = {record.id: number_for(record, self._rows) for record in added}
        numbers = [*places.values()]
        numbers += [number for number, rows in self._rows.items() if not gone.isdisjoint(rows)]
        changed: dict[int, dict[str, Row]] = {
            number: {key: row for key, row in self._rows.get(number, {}).items() if key not in gone}
            for number in numbers
        }
        for record in added:
            newer = orjson.loads(orjson.dumps(before[record.id])) if record.id in before else {}
            changed[places[record.id]][record.id] = json_fragment(json_bytes({**newer, **record.as_dict()}))
        await self._async_write_files(changed)

    async def _async_divide(self, records: Mapping[str, SessionRecord]) -> None:
        """Divide years that have too many sessions, as of an older version, and drop second copies of sessions."""
        changed = await self._hass.async_add_executor_job(divided, self._rows, records)
        if changed or self._stale:
            try:
                await self._async_write_files(changed)
            except HomeAssistantError:
                _LOGGER.warning("The sessions stay in the files where they are: %s cannot be written", self._key)

    async def _async_write_files(self, changed: Mapping[int, dict[str, Row]]) -> None:
        """Write files, in this order; memory follows once all are on disk."""
        if not self._blocked.isdisjoint(changed):
            raise failed(ErrorKey.NOT_SAVED)
        self._stale |= changed.keys()  # until all are written
        for number, rows in changed.items():
            await self._async_write_file(number, rows)
        self._rows |= changed
        self._stale -= changed.keys()
        for number in [*self._stale]:
            with suppress(HomeAssistantError):  # the change itself is on disk
                await self._async_write_file(number, self._rows.setdefault(number, {}))
                self._stale.remove(number)
        if not self._rows.keys() <= self._indexed and await self._index.async_try_save({"years": sorted(self._rows)}):
            self._indexed = set(self._rows)

    async def _async_write_file(self, number: int, rows: Mapping[str, Row]) -> None:
        unreadable = self._unreadable_rows.get(number, [])
        whole = {**self._other_data.get(number, {}), "sessions": [*rows.values(), *unreadable]}
        await self._store(number).async_save_verified(whole)

    def _store(self, number: int) -> SessionFile:
        if number not in self._stores:
            self._stores[number] = SessionFile(self._hass, self.file_name(number))
        return self._stores[number]

    async def _async_numbers(self) -> list[int]:
        """Return the files in the index and those on disk: either may be missing."""
        try:
            index = await self._index.async_load()
            self._indexed = {int(number) for number in index["years"] if int(number) in NUMBERS} if index else set()
        except READ_ERRORS:
            _LOGGER.exception("The list of years is damaged; looking for their files")
            self._indexed = set()
        return sorted(self._indexed | await self._hass.async_add_executor_job(self._numbers_on_disk))

    def _numbers_on_disk(self) -> set[int]:
        names = (path.name for path in self._files(self._key))
        matches = (re.fullmatch(rf"{re.escape(self._key)}\.(\d{{4}})", name) for name in names)
        return {int(match[1]) for match in matches if match}

    def _files(self, beginning: str) -> list[Path]:
        folder = Path(self._hass.config.path(STORAGE_DIR))
        return [path for path in folder.glob("*") if path.name.startswith(beginning)]

    def _remove_files(self) -> None:
        for path in self._files(self._prefix):
            with suppress(OSError):
                path.unlink()

    async def _async_read(self, number: int) -> list[Any] | None:
        """Return the rows of a file, or None if it is unreadable, which is then set aside."""
        store = self._store(number)
        try:
            data = await store.async_load()
            if data is None:
                # Home Assistant has set aside a file that is not JSON at all, or somebody has removed it.
                _LOGGER.error("The sessions of %s are lost: %s is damaged or missing", name_of(number), store.path)
                return None
            rows = rows_of(data)
            self._other_data[number] = {name: part for name, part in data.items() if name != "sessions"}
        except READ_ERRORS:
            _LOGGER.exception("The sessions of %s are unreadable", name_of(number))
            try:
                await self._hass.async_add_executor_job(set_aside, Path(store.path))
            except OSError:
                _LOGGER.exception("%s cannot be set aside either, and no session is saved there", store.path)
                self._blocked.add(number)
            return None
        return rows
