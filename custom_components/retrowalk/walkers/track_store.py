"""The tracks of sessions on disk: a file for each session, and a second one for what is added while it is under way.

A track is worth less than its session: whatever goes wrong here is logged once, and the session goes on.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN
from ..errors import ErrorKey, failed
from ..storage.disk import set_aside
from ..storage.durable import append_to_file, replace_file
from ..training.history.record import SessionRecord
from ..training.history.track import Track
from ..training.history.track_file import HEAD, decode, encode, interval_of
from ..training.history.track_rows import Row, joined, read_rows, write_rows

_LOGGER = logging.getLogger(__name__)

THINNED_AFTER: Final = timedelta(days=365)
THINNED_TO: Final = 5
"""Seconds from sample to sample in the track of an older session."""
FOLDED_AT: Final = 8192
"""Bytes of rows that become a part of the track, so that both stay small: about five minutes of a session."""
_ABANDONED_AFTER: Final = timedelta(days=30)
"""After which rows of a session that was never saved are removed."""
_MOST_WAITING: Final = 7200
"""Rows that are kept in memory while the disk takes none."""
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
"""The IDs of our sessions; nothing else becomes the name of a file."""


class TrackStore:
    """The tracks of the sessions of one treadmill."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._folder = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.tracks"))
        self._waiting: dict[str, list[Row]] = {}  # by session, not on disk yet
        self._lock = asyncio.Lock()
        self._failing = False

    # A session under way

    @callback
    def add(self, session_id: str, rows: Iterable[Row]) -> None:
        """Add rows to the track of a session under way; `async_save` writes them."""
        waiting = self._waiting.setdefault(session_id, [])
        waiting += rows
        del waiting[_MOST_WAITING:]

    async def async_save(self, session_id: str) -> None:
        """Write the rows that were added; those that the disk does not take wait for the next time."""
        async with self._lock:
            rows = tuple(self._waiting.get(session_id, ()))
            if rows and await self._async_try(self._append, session_id, rows):
                del self._waiting[session_id][: len(rows)]
                await self._async_try(self._fold, session_id)

    async def async_close(self, record: SessionRecord) -> None:
        """Complete the track of a session that has ended, or that a restart cut off; again changes nothing."""
        if not _is_id(record.id):
            return
        async with self._lock:
            rows = tuple(self._waiting.get(record.id, ()))
            if await self._async_try(self._close, record, rows):
                self._waiting.pop(record.id, None)

    # Finished sessions

    async def async_get(self, session_id: str) -> Track | None:
        """Return the track of a session, or None if there is none that can be read."""
        if not _is_id(session_id):
            return None
        async with self._lock:
            rows = tuple(self._waiting.get(session_id, ()))
            try:
                track = await self._hass.async_add_executor_job(self._read, session_id, rows)
            except OSError, ValueError:
                _LOGGER.exception("The track of session %.99s cannot be read", session_id)
                return None
        return track if len(track) else None

    async def async_remove(self, session_id: str) -> None:
        """Remove the track of a session; raise HomeAssistantError if a part of it is still there."""
        if not _is_id(session_id):
            return
        async with self._lock:
            self._waiting.pop(session_id, None)
            try:
                await self._hass.async_add_executor_job(self._remove, session_id)
            except OSError as err:
                raise failed(ErrorKey.NOT_SAVED) from err

    async def async_discard(self, session_id: str) -> None:
        """Remove the track of a session that was too short to be saved."""
        async with self._lock:
            self._waiting.pop(session_id, None)
            await self._async_try(self._remove, session_id)

    async def async_delete_all(self) -> None:
        """Delete all tracks of this treadmill, even if no session was loaded."""
        async with self._lock:
            self._waiting.clear()
            await self._hass.async_add_executor_job(partial(rmtree, self._folder, ignore_errors=True))

    async def async_tidy(self, record_of: Callable[[str], SessionRecord | None], now: datetime) -> None:
        """Thin the tracks of old sessions, and complete or remove what a crash or a full disk has left."""
        tracks, rows = await self._hass.async_add_executor_job(self._session_ids)
        for session_id in rows:
            if (record := record_of(session_id)) is not None:
                await self.async_close(record)
            elif await self._hass.async_add_executor_job(self._is_abandoned, session_id, now):
                await self.async_discard(session_id)
        records = [record for session_id in tracks if (record := record_of(session_id)) is not None]
        old = [record.id for record in records if record.started < now - THINNED_AFTER]
        for session_id in await self._hass.async_add_executor_job(self._not_thinned, old):
            async with self._lock:
                await self._async_try(self._thin, session_id)

    async def _async_try(self, job: Callable[..., None], *args: Any) -> bool:
        """Run a job in the executor and return whether it succeeded; a failure is logged once until one succeeds."""
        try:
            await self._hass.async_add_executor_job(job, *args)
        except Exception:
            if not self._failing:
                _LOGGER.exception("The track of a session could not be written; the session itself is not affected")
            self._failing = True
            return False
        self._failing = False
        return True

    # In the executor

    def _track_path(self, session_id: str) -> Path:
        if not _is_id(session_id):
            raise ValueError(f"not the ID of a session: {session_id!r:.99}")
        return self._folder / f"{session_id}.track"

    def _rows_path(self, session_id: str) -> Path:
        return self._track_path(session_id).with_suffix(".rows")

    def _append(self, session_id: str, rows: Sequence[Row]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        append_to_file(self._rows_path(session_id), write_rows(rows))

    def _fold(self, session_id: str) -> None:
        if self._rows_path(session_id).stat().st_size > FOLDED_AT:
            self._replace(session_id, self._read_or_set_aside(session_id, ()))

    def _close(self, record: SessionRecord, rows: Sequence[Row]) -> None:
        track = self._read_or_set_aside(record.id, rows)
        if len(track):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._replace(record.id, track.ended(record.distance, record.steps, record.moving_time))

    def _read_or_set_aside(self, session_id: str, rows: Sequence[Row]) -> Track:
        """Return what `_read` does, without a track on disk that is damaged."""
        try:
            return self._read(session_id, rows)
        except ValueError:
            _LOGGER.exception("The track of session %s is damaged", session_id)
            set_aside(self._track_path(session_id))
            return self._read(session_id, rows)

    def _read(self, session_id: str, rows: Sequence[Row]) -> Track:
        """Return the track with the rows on disk and those that wait."""
        stored = _content(self._track_path(session_id))
        added = _content(self._rows_path(session_id)) or b""
        return joined(Track() if stored is None else decode(stored), [*read_rows(added), *rows])

    def _replace(self, session_id: str, track: Track) -> None:
        """Write a track that contains all rows, and remove the rows."""
        path, content = self._track_path(session_id), encode(track)
        if _content(path) != content:
            replace_file(path, content)
        self._rows_path(session_id).unlink(missing_ok=True)

    def _remove(self, session_id: str) -> None:
        for path in self._folder.glob(f"{self._track_path(session_id).stem}.*"):
            path.unlink(missing_ok=True)

    def _thin(self, session_id: str) -> None:
        path = self._track_path(session_id)
        replace_file(path, encode(decode(path.read_bytes()).thinned(THINNED_TO)))

    def _session_ids(self) -> tuple[list[str], list[str]]:
        """Return the sessions that have a track, and those with rows."""
        paths = [path for path in self._folder.glob("*") if _is_id(path.stem)]
        return (
            [path.stem for path in paths if path.suffix == ".track"],
            [path.stem for path in paths if path.suffix == ".rows"],
        )

    def _is_abandoned(self, session_id: str, now: datetime) -> bool:
        try:
            changed = self._rows_path(session_id).stat().st_mtime
        except FileNotFoundError:
            return False
        return now.timestamp() - changed > _ABANDONED_AFTER.total_seconds()

    def _not_thinned(self, session_ids: Iterable[str]) -> list[str]:
        found = []
        for session_id in session_ids:
            try:
                with self._track_path(session_id).open("rb") as file:
                    if interval_of(file.read(HEAD)) < THINNED_TO:
                        found.append(session_id)
            except OSError, ValueError:
                continue  # removed meanwhile, or damaged: whoever asks for it is told
        return found


def _is_id(session_id: str) -> bool:
    return _ULID.fullmatch(session_id) is not None


def _content(path: Path) -> bytes | None:
    """Return the content of a file, or None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
