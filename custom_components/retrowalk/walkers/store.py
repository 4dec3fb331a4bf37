"""The finished sessions on disk: a file for each year."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any, override

import orjson
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes, json_fragment
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..errors import ErrorKey, failed
from ..storage.damage import DAMAGE_ERRORS
from ..storage.disk import READ_ERRORS, DiskStore, set_aside
from ..training.history.record import SessionRecord
from ..training.history.session_history import SessionHistory
from .track_store import TrackStore

_LOGGER = logging.getLogger(__name__)

_YEARS = range(1000, 10000)

type _Row = orjson.Fragment
"""A stored session (SessionRecord.as_dict), already encoded as JSON, so that saving a year does not encode it again."""


class _YearStore(DiskStore):
    """The sessions of one year."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        # Rows never change once they are created, so a thread may read them.
        super().__init__(hass, key, serialize_in_event_loop=False)

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Migrate version 1.0, which had only the gross calories."""
        if old_minor_version < 1:
            for row in _rows_of(old_data):
                with suppress(*DAMAGE_ERRORS):  # an unreadable row is reported later
                    _migrate(row)
        return old_data


def _rows_of(data: dict[str, Any]) -> list[Any]:
    """Return the rows of a year's file; raises one of DAMAGE_ERRORS without any."""
    rows = data["sessions"]
    if not isinstance(rows, list):
        raise TypeError(f"sessions must be a list, not {rows!r:.99}")
    return rows


def _migrate(row: dict[str, Any]) -> None:
    """Add the net calories to a session of version 1.0."""
    resting = (row.get("weight") or 0.0) * row["moving_time"] / 3600  # 1 kcal per kg and hour
    row.setdefault("calories_net", max(row["calories"] - resting, 0.0))


class SessionStore:
    """Finished sessions; a change writes the year that it concerns, and applies in memory once it is on disk."""

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
        # Distinguishes a lost year from one that never existed; the years themselves are found without it.
        self._index = DiskStore(hass, self._key)
        self._indexed: set[int] = set()
        self._stores: dict[int, _YearStore] = {}
        self._rows: dict[int, dict[str, _Row]] = {}  # by year and id
        self._unreadable_rows: dict[int, list[Any]] = {}  # written back unchanged
        self._other_data: dict[int, dict[str, Any]] = {}  # what a newer version stores besides sessions
        self._blocked_years: set[int] = set()  # unreadable and still in place: not to be overwritten
        self._history: SessionHistory | None = None
        self._lock = asyncio.Lock()
        self.tracks = TrackStore(hass, entry_id)
        self.unreadable_years: tuple[int, ...] = ()
        """Years of which sessions could not be read at the last load."""

    async def async_load(self) -> SessionHistory:
        """Load all years; the returned history follows every later change. Unreadable data is logged, not raised."""
        async with self._lock:
            self._rows, self._unreadable_rows, self._other_data, self._blocked_years = {}, {}, {}, set()
            self._stores = {}
            records: dict[str, SessionRecord] = {}
            unreadable = []
            for year in await self._async_years():
                rows = await self._async_read_year(year)
                found, unreadable_rows = await self._hass.async_add_executor_job(_parse_rows, rows or [])
                if rows is None or unreadable_rows:
                    unreadable.append(year)
                self._unreadable_rows[year] = unreadable_rows
                # A session in two years was being moved when the power failed; either copy is valid.
                new = {record.id: (record, row) for record, row in found if record.id not in records}
                self._rows[year] = {session_id: row for session_id, (_, row) in new.items()}
                records |= {session_id: record for session_id, (record, _) in new.items()}
            self.unreadable_years = tuple(unreadable)
            self._history = await self._hass.async_add_executor_job(
                _build_history, records.values(), dt_util.get_default_time_zone()
            )
            return self._history

    @property
    def history(self) -> SessionHistory:
        """Return the sessions; empty before they are loaded."""
        return SessionHistory() if self._history is None else self._history

    def file_name(self, year: int) -> str:
        """Return the name of a year's file; a file that was set aside begins with the same name."""
        return f"{self._key}.{year}"

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
        """Make all sessions of one walker those of another; a year on disk has all of them, or none."""
        await self._async_finish(self._async_reassign(before, after))

    async def async_delete_all(self) -> None:
        """Delete all sessions and tracks, including damaged files, even if they were never loaded."""
        async with self._lock:
            await self.tracks.async_delete_all()
            for year in await self._async_years():
                await self._store(year).async_remove()
            await self._index.async_remove()
            # All files of this entry, including those that were set aside.
            await self._hass.async_add_executor_job(self._remove_files)
            self._rows, self._unreadable_rows, self._blocked_years, self._history = {}, {}, set(), None

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
            theirs = [record for record in history if record.walker == before]
            for year in sorted({record.started.year for record in theirs}):
                changed = [replace(record, walker=after) for record in theirs if record.started.year == year]
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
        """Return the history; a change before it is loaded would write a year without its sessions."""
        if self._history is None:
            raise RuntimeError("sessions cannot change before they are loaded")
        return self._history

    async def _async_write(self, *added: SessionRecord, removed: str | None = None) -> None:
        """Write the years that a change concerns: first those that gain, so that no session is lost.

        What is added replaces a session of the same ID, and keeps what a newer version has stored of it.
        """
        gone = {record.id for record in added} | ({removed} if removed is not None else set())
        before = {key: row for rows in self._rows.values() for key, row in rows.items() if key in gone}
        years = [record.started.year for record in added]
        years += [year for year, rows in self._rows.items() if not gone.isdisjoint(rows)]
        changed: dict[int, dict[str, _Row]] = {
            year: {key: row for key, row in self._rows.get(year, {}).items() if key not in gone} for year in years
        }
        for record in added:
            newer = orjson.loads(orjson.dumps(before[record.id])) if record.id in before else {}
            changed[record.started.year][record.id] = json_fragment(json_bytes({**newer, **record.as_dict()}))
        for year, rows in changed.items():
            if year in self._blocked_years:
                raise failed(ErrorKey.NOT_SAVED)
            whole = {
                **self._other_data.get(year, {}),
                "sessions": [*rows.values(), *self._unreadable_rows.get(year, [])],
            }
            await self._store(year).async_save_verified(whole)
        self._rows |= changed
        if not self._rows.keys() <= self._indexed and await self._index.async_try_save({"years": sorted(self._rows)}):
            self._indexed = set(self._rows)

    def _store(self, year: int) -> _YearStore:
        if year not in self._stores:
            self._stores[year] = _YearStore(self._hass, self.file_name(year))
        return self._stores[year]

    async def _async_years(self) -> list[int]:
        """Return the years in the index and those with a file: either may be missing."""
        try:
            index = await self._index.async_load()
            self._indexed = {int(year) for year in index["years"] if int(year) in _YEARS} if index else set()
        except READ_ERRORS:
            _LOGGER.exception("The list of years is damaged; looking for their files")
            self._indexed = set()
        return sorted(self._indexed | await self._hass.async_add_executor_job(self._years_on_disk))

    def _years_on_disk(self) -> set[int]:
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

    async def _async_read_year(self, year: int) -> list[Any] | None:
        """Return the rows of a year, or None if its file is unreadable, which is then set aside."""
        store = self._store(year)
        try:
            data = await store.async_load()
            if data is None:
                # Home Assistant has set aside a file that is not JSON at all, or somebody has removed it.
                _LOGGER.error("The sessions of %s are lost: %s is damaged or missing", year, store.path)
                return None
            rows = _rows_of(data)
            self._other_data[year] = {name: part for name, part in data.items() if name != "sessions"}
        except READ_ERRORS:
            _LOGGER.exception("The sessions of %s are unreadable", year)
            try:
                await self._hass.async_add_executor_job(set_aside, Path(store.path))
            except OSError:
                _LOGGER.exception("%s cannot be set aside either; no session of %s will be saved", store.path, year)
                self._blocked_years.add(year)
            return None
        return rows


def _parse_rows(rows: Sequence[Any]) -> tuple[list[tuple[SessionRecord, _Row]], list[Any]]:
    """Return the sessions with their rows, and the unreadable rows."""
    found, unreadable = dict[str, tuple[SessionRecord, _Row]](), []
    for row in rows:
        try:
            record = SessionRecord.from_dict(row)
            if record.id in found:
                raise ValueError(f"duplicate session ID {record.id}")
            found[record.id] = record, json_fragment(json_bytes(row))
        except READ_ERRORS:
            unreadable.append(row)
    return [*found.values()], unreadable


def _build_history(records: Iterable[SessionRecord], tz: tzinfo) -> SessionHistory:
    history = SessionHistory(records)
    history.index(tz)
    return history
