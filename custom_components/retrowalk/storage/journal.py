"""What is small, is written as a whole, and must not be lost: the session in progress, say."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import json_loads_object

from ..const import DOMAIN
from .disk import READ_ERRORS, DiskStore, set_aside

_LOGGER = logging.getLogger(__name__)

_UNSAVED: HassKey[dict[str, bytes]] = HassKey(f"{DOMAIN}_not_taken_by_disk")
"""What a full disk did not take when an entry was unloaded, by file: a reload must not lose it (S14)."""


class Journal:
    """The session in progress, written down every few seconds, so that a power cut loses no more than those.

    Or what else is small and written as a whole; `what` is then the name.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, what: str = "journal") -> None:
        self._hass = hass
        self._store = DiskStore(hass, f"{DOMAIN}.{entry_id}.{what}")
        self._lock = asyncio.Lock()  # a save that is under way would outlive the file's removal
        self.damaged = False
        """Whether the last load found what it cannot read; it is kept in a file beside it, `<name>.unreadable...`."""

    @property
    def file_name(self) -> str:
        """The file; what was put aside begins with the same."""
        return self._store.key

    async def async_save(self, state: dict[str, Any] | Callable[[], dict[str, Any]]) -> None:
        """Write it now; on disk is then the whole of this state or of the one before. An empty one is no file.

        What has to wait for another write is asked for when it is written. Failures are only logged: the walk goes on.
        """
        async with self._lock:
            now = state() if callable(state) else state
            if now:
                await self._store.async_try_save(now)
            else:
                await self._async_remove()

    async def async_save_at_unload(self, state: Callable[[], dict[str, Any]]) -> None:
        """Write the last of an entry that is unloaded; what the disk does not take is kept for the next load."""
        async with self._lock:
            if not (now := state()):
                return
            try:
                await self._store.async_save_verified(now)
            except HomeAssistantError:
                _LOGGER.warning("%s is not on disk; it is kept until Home Assistant ends", self._store.key)
                self._hass.data.setdefault(_UNSAVED, {})[self._store.key] = json_bytes(now)

    async def async_load(self) -> dict[str, Any] | None:
        """The state that was saved last; None if there is none, or none that can be read: then it is put aside."""
        self.damaged = False
        if (kept := self._hass.data.get(_UNSAVED, {}).pop(self._store.key, None)) is not None:
            return json_loads_object(kept)
        there = await self._hass.async_add_executor_job(Path(self._store.path).exists)
        try:
            state = await self._store.async_load()
            if state is None and not there:
                return None
            if isinstance(state, dict):
                return state
            _LOGGER.error("%s cannot be read", self._store.key)
        except READ_ERRORS:
            _LOGGER.exception("%s cannot be read", self._store.key)
        await self.async_set_aside()
        return None

    async def async_set_aside(self) -> None:
        """Keep the file as it is under another name: it has what cannot be understood."""
        self.damaged = True
        try:
            await self._hass.async_add_executor_job(set_aside, Path(self._store.path))
        except OSError:
            _LOGGER.exception("%s cannot be put aside", self._store.key)

    async def async_clear(self) -> None:
        """Forget all of it, what was put aside too, because it is not ours any more."""
        self._hass.data.get(_UNSAVED, {}).pop(self._store.key, None)
        async with self._lock:
            await self._async_remove()

    async def _async_remove(self) -> None:
        """Remove the file.

        While Home Assistant stops, the record of its session is still to be written, and the journal stays: whoever
        loads it must look whether the session is in the history already.
        """
        if self._hass.state is CoreState.stopping:
            return
        try:
            await self._store.async_remove()
        except OSError:
            _LOGGER.exception("%s cannot be removed", self._store.key)
