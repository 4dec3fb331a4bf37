"""A file of ours on disk.

Home Assistant's `Store` writes atomically, but only logs when it cannot write; here what was written is read back.
"""

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, override

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes, prepare_save_json
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads

from ..errors import ErrorKey, failed
from .damage import DAMAGE_ERRORS

_LOGGER = logging.getLogger(__name__)

_VERSION, _MINOR_VERSION = 1, 1
READ_ERRORS = (HomeAssistantError, OSError, *DAMAGE_ERRORS)
"""What reading a damaged file may raise: `Store` looks into it without asking what it is."""


class DiskStore(Store[dict[str, Any]]):
    """A store that knows whether its data are on disk."""

    def __init__(self, hass: HomeAssistant, key: str, *, serialize_in_event_loop: bool = True) -> None:
        super().__init__(
            hass,
            _VERSION,
            key,
            private=True,  # weights and aches
            atomic_writes=True,
            minor_version=_MINOR_VERSION,
            serialize_in_event_loop=serialize_in_event_loop,
        )

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Minor versions only add; what a newer one added is kept as it is."""
        return old_data

    async def async_save_verified(self, data: dict[str, Any]) -> None:
        """Save, and read it back. Raises HomeAssistantError when what is on disk is something else."""
        # While Home Assistant stops, it puts the writing off to its last moment; there is nothing to read before.
        put_off = self.hass.state is CoreState.stopping
        if not await self.async_try_save(data) or not (put_off or await self._async_is_on_disk(data)):
            raise failed(ErrorKey.NOT_SAVED)

    async def async_try_save(self, data: dict[str, Any]) -> bool:
        """Save; False if even the attempt failed. Other failures are only logged."""
        try:
            await self.async_save(data)
        except OSError:
            _LOGGER.exception("%s cannot be written", self.key)
            return False
        return True

    async def _async_is_on_disk(self, data: dict[str, Any]) -> bool:
        # Bytes are compared without holding the interpreter, and with it the event loop, as parsing them would.
        if await self.hass.async_add_executor_job(self._is_on_disk, data):
            return True
        # Not what we think that `Store` writes; whether it means the same, only `Store` knows.
        try:
            return await self.async_load() == json_loads(json_bytes(data))
        except READ_ERRORS:
            _LOGGER.exception("%s cannot be read after writing", self.key)
            return False

    def _is_on_disk(self, data: dict[str, Any]) -> bool:
        whole = {"version": self.version, "minor_version": self.minor_version, "key": self.key, "data": data}
        with suppress(OSError):
            return Path(self.path).read_bytes() == prepare_save_json(whole)[1]
        return False


def set_aside(path: Path) -> None:
    """Keep a file that cannot be read under another name, as Home Assistant does with what is no JSON."""
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.unreadable.{dt_util.utcnow().isoformat()}"))
