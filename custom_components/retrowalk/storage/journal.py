"""A small file that is written as a whole and must not be lost, such as the session in progress."""

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
"""By file, what a full disk did not accept when an entry was unloaded: a reload must not lose it (S14)."""


class Journal:
    """A file that keeps what a power cut must not lose, such as the session in progress."""

    def __init__(self, hass: HomeAssistant, entry_id: str, name: str = "journal") -> None:
        self._hass = hass
        self._store = DiskStore(hass, f"{DOMAIN}.{entry_id}.{name}")
        self._lock = asyncio.Lock()  # a save in progress would recreate a file that is being removed
        self.damaged = False
        """Whether the last load could not read the file; its content is kept next to it in `<name>.unreadable...`."""

    @property
    def file_name(self) -> str:
        """Name of the file."""
        return self._store.key

    async def async_save(self, state: dict[str, Any] | Callable[[], dict[str, Any]]) -> None:
        """Save a state: the file then holds all of it, or all of the previous one. An empty state removes the file.

        A callable is called once the previous save has finished. Failures are only logged: the session goes on.
        """
        async with self._lock:
            data = state() if callable(state) else state
            if data:
                await self._store.async_try_save(data)
            else:
                await self._async_remove()

    async def async_save_at_unload(self, state: Callable[[], dict[str, Any]]) -> None:
        """Save the last state of an entry that is unloaded; if the disk refuses it, keep it for the next load."""
        async with self._lock:
            if not (data := state()):
                return
            try:
                await self._store.async_save_verified(data)
            except HomeAssistantError:
                _LOGGER.warning(
                    "%s could not be saved; its content is kept until Home Assistant stops", self._store.key
                )
                self._hass.data.setdefault(_UNSAVED, {})[self._store.key] = json_bytes(data)

    async def async_load(self) -> dict[str, Any] | None:
        """Return the last saved state, or None if there is none. A file that cannot be read is set aside."""
        self.damaged = False
        if (unsaved := self._hass.data.get(_UNSAVED, {}).pop(self._store.key, None)) is not None:
            return json_loads_object(unsaved)
        exists = await self._hass.async_add_executor_job(Path(self._store.path).exists)
        try:
            state = await self._store.async_load()
            if state is None and not exists:
                return None
            if isinstance(state, dict):
                return state
            _LOGGER.error("Could not read %s", self._store.key)
        except READ_ERRORS:
            _LOGGER.exception("Could not read %s", self._store.key)
        await self.async_set_aside()
        return None

    async def async_set_aside(self) -> None:
        """Keep the unreadable file under another name."""
        self.damaged = True
        try:
            await self._hass.async_add_executor_job(set_aside, Path(self._store.path))
        except OSError:
            _LOGGER.exception("Could not set %s aside", self._store.key)

    async def async_clear(self) -> None:
        """Remove the file, and drop what a full disk did not accept: the entry is being removed."""
        self._hass.data.get(_UNSAVED, {}).pop(self._store.key, None)
        async with self._lock:
            await self._async_remove()

    async def _async_remove(self) -> None:
        """Remove the file.

        While Home Assistant is stopping, the record of the session is not written yet, so the journal stays. Whoever
        loads it has to check whether the history already contains the session.
        """
        if self._hass.state is CoreState.stopping:
            return
        try:
            await self._store.async_remove()
        except OSError:
            _LOGGER.exception("Could not remove %s", self._store.key)
