"""A store that verifies what it has written.

Home Assistant's `Store` writes atomically, but only logs when it cannot write. This one reads the file back.
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
"""The errors that reading a damaged file may raise: `Store` does not check the type of what it reads."""


class DiskStore(Store[dict[str, Any]]):
    """A store that knows whether its data is on disk."""

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
        """Return the data unchanged: minor versions only add keys, and those of a newer one are kept."""
        return old_data

    async def async_save_verified(self, data: dict[str, Any]) -> None:
        """Save the data and read it back; raise HomeAssistantError if the file holds something else."""
        # While Home Assistant is stopping, it delays the write to the very end; there is nothing to read back yet.
        delayed = self.hass.state is CoreState.stopping
        if not await self.async_try_save(data) or not (delayed or await self._async_is_on_disk(data)):
            raise failed(ErrorKey.NOT_SAVED)

    async def async_try_save(self, data: dict[str, Any]) -> bool:
        """Save the data; return False if the attempt raised. Home Assistant only logs other failures."""
        try:
            await self.async_save(data)
        except Exception:  # whatever a disk may say, the session goes on
            _LOGGER.exception("Could not write %s", self.key)
            return False
        return True

    async def _async_is_on_disk(self, data: dict[str, Any]) -> bool:
        # Comparing bytes does not hold the interpreter lock, and with it the event loop, as parsing them would.
        if await self.hass.async_add_executor_job(self._is_on_disk, data):
            return True
        # The bytes differ from what we expect `Store` to write; only `Store` can tell whether they mean the same.
        try:
            return await self.async_load() == json_loads(json_bytes(data))
        except READ_ERRORS:
            _LOGGER.exception("Could not read %s back after writing it", self.key)
            return False

    def _is_on_disk(self, data: dict[str, Any]) -> bool:
        content = {"version": self.version, "minor_version": self.minor_version, "key": self.key, "data": data}
        with suppress(OSError):
            return Path(self.path).read_bytes() == prepare_save_json(content)[1]
        return False


def set_aside(path: Path) -> None:
    """Rename a file that cannot be read, as Home Assistant does with a file that is not JSON."""
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.unreadable.{dt_util.utcnow().isoformat()}"))
