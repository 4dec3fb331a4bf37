"""Lets the radio notice a lost link sooner while a belt moves, where the Bluetooth stack can (S11).

The stack's own 8 s suit a belt at rest, whose link may well last. Nothing waits for what is requested here.
"""

import asyncio
import logging
from typing import Any

from bleak import BleakClient

_LOGGER = logging.getLogger(__name__)

MOVING = 2.0
"""Seconds without a packet after which the radio gives up the link of a moving belt."""
AT_REST = 8.0
"""The same for a belt at rest, as Home Assistant's Bluetooth requests by itself."""
_INTERVAL = (7, 9)
"""In 1.25 ms, as Home Assistant's Bluetooth requests: only the timeout is changed."""
_ASKING_TAKES = 10.0


class Supervision:
    """The supervision timeout of one link."""

    def __init__(self, client: BleakClient) -> None:
        self._client = client
        self._asked = AT_REST
        self._task: asyncio.Task[None] | None = None

    def follow(self, *, moving: bool) -> None:
        """Request what suits the belt; called again and again, and returns at once."""
        wanted = MOVING if moving else AT_REST
        if wanted == self._asked or (self._task is not None and not self._task.done()):
            return
        self._asked = wanted
        self._task = asyncio.create_task(self._ask(wanted), name="Supervision timeout")

    def close(self) -> None:
        """Stop, because the link is gone."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, seconds: float) -> None:
        """Request it once: a machine, proxy or stack that cannot is no worse than before."""
        ask: Any = getattr(self._client, "set_connection_params", None)
        if ask is None:
            return
        try:
            async with asyncio.timeout(_ASKING_TAKES):
                await ask(*_INTERVAL, 0, round(seconds * 100))
        except Exception as err:  # noqa: BLE001 - backends raise anything, and nothing depends on this
            _LOGGER.debug("Supervision timeout not changed: %s", err)
