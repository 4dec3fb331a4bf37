"""Cuts a connection attempt short while a stop waits for the link and the treadmill is there (S3).

The Bluetooth stack tries several times, waits up to 4 s in between, and lets one try hang for 20 s. That is right while
a treadmill is away. Once it advertises, or has just had a link, a new attempt is worth more than the present one.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from bleak import BleakClient

APART = 0.7
"""Seconds between the beginnings of two attempts, however soon the first one failed."""
PATIENCE = 0.7
"""Seconds for a try to bring up the link, from when the treadmill advertises; doubled after each cut."""
_LONGEST_PATIENCE = 12.0
_TALKED_TO = 2.0
"""Least seconds for a try where the treadmill has just had a link but does not advertise yet."""
_READS_SERVICES = 4.0
"""Seconds more for a try whose link is up."""
_SILENCE = 3.0
"""Seconds without an advertisement after which the next one means that the treadmill has come back."""


class ConnectDeadline:
    """The attempts of one link, one after the other."""

    def __init__(self, *, wanted: Callable[[], bool], cut: Callable[[], None]) -> None:
        """`wanted` returns whether a stop waits; `cut` ends the attempt under way and lets the next begin."""
        self._wanted = wanted
        self._cut = cut
        self._client: BleakClient | None = None  # of the attempt under way
        self._trying = False  # connecting, not waiting for the next try
        self._begun = 0.0
        self._near_since: float | None = None  # it advertised, or had a link, since this moment of the attempt
        self._heard_at = float("-inf")
        self._patience = PATIENCE
        self._spared = self._was_cut = False
        self._timer: asyncio.TimerHandle | None = None

    def begins(self, *, talked_to: bool) -> None:
        """Begin an attempt; `talked_to`: it follows a link that we ended ourselves, so that the radio is fine."""
        now = asyncio.get_running_loop().time()
        self._begun = now
        near = talked_to or self._was_cut
        self._near_since = now + _TALKED_TO - PATIENCE if near else None
        self._spared = self._was_cut = False

    def track(self, client: BleakClient) -> None:
        """Watch when this client, the attempt's, tries to connect and when it waits."""
        self._client = client
        connect = client.connect

        async def watched(**kwargs: Any) -> None:
            self._tries(on=True)
            try:
                await connect(**kwargs)
            finally:
                self._tries(on=False)

        client.connect = watched  # type: ignore[method-assign]

    def ends(self) -> None:
        """Stop cutting: the attempt has failed, or has a link."""
        self._client = None
        self._trying = False
        self._disarm()

    def succeeded(self) -> None:
        """Forget earlier cuts, because a link came up."""
        self._patience = PATIENCE
        self.ends()

    def on_advertisement(self) -> None:
        """Take in that the treadmill advertised."""
        now = asyncio.get_running_loop().time()
        came_back = now - self._heard_at > _SILENCE
        if came_back:
            self._patience = PATIENCE
        self._heard_at = now
        if came_back or self._near_since is None or self._near_since > now:
            self._near_since = now
            self.evaluate()

    def evaluate(self) -> None:
        """Decide when to cut the attempt under way; also called when a stop has just begun to wait."""
        self._disarm()
        if self._client is None or self._near_since is None or not self._wanted():
            return
        due = self._near_since + self._patience if self._trying else self._begun + APART
        self._arm(due)

    def _tries(self, *, on: bool) -> None:
        self._trying = on
        self.evaluate()

    def _arm(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(max(due, loop.time()), self._expire)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if self._client is None or not self._wanted():
            return
        if self._client.is_connected and not self._spared:
            # The hardest part is done: the machine stops advertising, and will be read in a moment.
            self._spared = True
            self._arm(asyncio.get_running_loop().time() + _READS_SERVICES)
            return
        if self._trying:
            self._patience = min(2 * self._patience, _LONGEST_PATIENCE)
        self._was_cut = True
        self._cut()
