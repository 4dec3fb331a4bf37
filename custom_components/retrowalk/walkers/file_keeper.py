"""Keeps a workout file of each session in a folder, and tells once that it is there.

It works after a session is in the history and commands nothing. A file that cannot be written is tried again, even
after a restart. Sessions that are entered by hand get no file: other apps would take them for measured ones.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started

from ..const import DOMAIN
from ..errors import ErrorKey
from ..issues import Issue, create_issue, delete_issue
from ..storage.damage import as_text
from ..storage.disk import READ_ERRORS, DiskStore
from ..storage.file_access import add_file, update_file
from ..training.events import ExportedEvent, SessionEvent
from ..training.history.record import Outcome, SessionRecord
from .roster import WalkerRoster
from .session_file import SessionFormat, async_session_file

_LOGGER = logging.getLogger(__name__)

_RETRY = 600.0  # s
FAILURES: Final = {
    ErrorKey.FILE_NOT_ALLOWED: "files_not_allowed",
    ErrorKey.FOLDER_MISSING: "files_folder_missing",
    ErrorKey.FILE_EXISTS: "files_name_taken",
    ErrorKey.FILE_SOMETHING_ELSE: "files_name_taken",
}
"""The texts of the repair issue; any other error has the issue's own text: the file could not be written."""


class KeptFiles(NamedTuple):
    """Where a file of each session is kept, and in which format."""

    folder: str
    session_format: SessionFormat


class SessionFileKeeper:
    """Writes the files of one treadmill's sessions."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        roster: WalkerRoster,
        kept: KeptFiles | None,
        *,
        tell: Callable[[SessionEvent], object],
    ) -> None:
        """Initialize the keeper; with `kept` None it keeps no files. `tell` takes the events of files."""
        self._hass = hass
        self._entry = entry
        self._roster = roster
        self._kept = kept
        self._tell = tell
        # What a power cut or a restart leaves without a file gets it afterward.
        self._store = DiskStore(hass, f"{DOMAIN}.{entry.entry_id}.files")
        self._due: list[str] = []  # IDs of sessions
        self._writes = False
        self._lock = asyncio.Lock()
        self._cancel_retry: Callable[[], None] | None = None
        roster.async_add_record_listener(self._on_record)

    async def async_load(self) -> None:
        """Load which sessions have no file yet."""
        try:
            stored = await self._store.async_load()
            self._due = [as_text(session_id) for session_id in stored["sessions"]] if stored else []
        except READ_ERRORS:
            _LOGGER.exception("It is not known which sessions of %s have no file yet", self._entry.entry_id)
        if self._kept is None and self._due:
            self._due = []
            await self._async_save()

    @callback
    def async_start(self) -> None:
        """Write files once Home Assistant has started and automations hear of them."""

        async def begin(_: HomeAssistant) -> None:
            self._writes = True
            await self._async_write_due()

        if self._kept is None:
            delete_issue(self._hass, self._entry, Issue.FILES_NOT_KEPT)
            return
        self._entry.async_on_unload(async_at_started(self._hass, begin))
        self._entry.async_on_unload(self._stop_retrying)

    @callback
    def hold(self) -> None:
        """Write no more files; the sessions that have none get theirs after the next start."""
        self._writes = False

    async def async_close(self) -> None:
        """Wait until it is saved which sessions have no file yet."""
        async with self._lock:
            if self._due:
                await self._async_save()

    @callback
    def _on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        if self._kept is None or record.outcome is Outcome.LOGGED:
            return
        name = f"Retrowalk keeps the file of a session of {self._entry.title}"
        if before is None:
            self._due.append(record.id)
            self._hass.async_create_task(self._async_write_due(), name)
        else:
            self._hass.async_create_task(self._async_update(self._kept, before, record), name)

    async def _async_write_due(self, _: datetime | None = None) -> None:
        """Write the files that are due, and try again later if that fails."""
        async with self._lock:
            if self._due:
                await self._async_save()
            if not self._writes or self._kept is None:
                return
            self._stop_retrying()
            failure: HomeAssistantError | None = None
            for session_id in tuple(self._due):
                try:
                    await self._async_write(self._kept, session_id)
                except HomeAssistantError as err:
                    failure = failure or err
                except Exception:
                    # The files of other sessions must not wait for one that never can be written.
                    _LOGGER.exception("Unexpected error writing the file of session %s", session_id)
                    self._due.remove(session_id)
            self._report(self._kept, failure)

    async def _async_write(self, kept: KeptFiles, session_id: str) -> None:
        """Write the file of a session and tell of it; raise HomeAssistantError if it cannot be written."""
        record = self._roster.get(session_id)
        path = None if record is None else await self._async_add_file(kept, record)
        self._due.remove(session_id)
        await self._async_save()
        if record is not None and path is not None:
            walker = self._roster.label(record.walker)
            self._tell(ExportedEvent(path=path, format=kept.session_format, session_id=record.id, walker=walker))

    async def _async_add_file(self, kept: KeptFiles, record: SessionRecord) -> str:
        file = await async_session_file(self._hass, record, kept.session_format, self._roster)
        return await self._hass.async_add_executor_job(
            add_file, self._hass, kept.folder, file.name, file.file_format, file.content
        )

    async def _async_update(self, kept: KeptFiles, before: SessionRecord, record: SessionRecord) -> None:
        """Write the file again after a rating or a correction, unless somebody has changed or removed it."""
        async with self._lock:
            if record.id in self._due:
                return  # its file is yet to be written
            old, new = [
                await async_session_file(self._hass, each, kept.session_format, self._roster)
                for each in (before, record)
            ]
            if old == new:
                return
            try:
                await self._hass.async_add_executor_job(
                    update_file, self._hass, kept.folder, old.name, old.content, new.content
                )
            except HomeAssistantError as err:
                _LOGGER.warning("The file of a session keeps what it has: %s", err.translation_key)

    async def _async_save(self) -> None:
        await self._store.async_try_save({"sessions": [*self._due]})

    @callback
    def _report(self, kept: KeptFiles, failure: HomeAssistantError | None) -> None:
        if failure is None:
            delete_issue(self._hass, self._entry, Issue.FILES_NOT_KEPT)
            return
        text = next((text for key, text in FAILURES.items() if key == failure.translation_key), None)
        path = (failure.translation_placeholders or {}).get("path", kept.folder)
        create_issue(self._hass, self._entry, Issue.FILES_NOT_KEPT, key=text, path=path, count=f"{len(self._due)}")
        self._cancel_retry = async_call_later(self._hass, _RETRY, self._async_write_due)

    @callback
    def _stop_retrying(self) -> None:
        if self._cancel_retry is not None:
            self._cancel_retry()
            self._cancel_retry = None
