"""How long a write may take until the link counts as of no use (S3)."""

import asyncio
from collections.abc import Awaitable

WRITE_WITHIN = 10.0
"""Seconds for a write at most."""
_SLOW_FOR = 60.0
"""Seconds for which a new link is taken to be as slow as the one that a stop was given up on; a dead one is later."""
_STOPS_APART = 1.0
"""Seconds after which a session repeats a stop."""


class WritePatience:
    """How long to wait for the writes on one link: a stop's is given up early, unless all of them are slow.

    A new link is mostly quicker than one that does not acknowledge a stop. But where each write is as slow, a stop that
    is given up again and again never arrives.
    """

    def __init__(self) -> None:
        self._took = 0.0  # the newest one, in seconds
        self._slow_until = float("-inf")  # s; a quick one says nothing of the next before

    @property
    def is_slow(self) -> bool:
        """Whether the newest write took longer than the time between two stops."""
        return self._took > _STOPS_APART

    @property
    def expects_slow(self) -> bool:
        """Whether a link was just given up because it was slow, or seemed dead, so that this one is not at once."""
        return asyncio.get_running_loop().time() < self._slow_until

    def expect_slow(self) -> None:
        """Expect that writes are slow, because a stop was given up before this link."""
        self._took = WRITE_WITHIN
        self._slow_until = asyncio.get_running_loop().time() + _SLOW_FOR

    def for_stop(self, least: float) -> float:
        """Return how long (s) to wait for a stop's write, at least `least`."""
        return WRITE_WITHIN if self.expects_slow else min(max(least, 2 * self._took), WRITE_WITHIN)

    def for_frame(self, least: float) -> float:
        """Return how long (s) to wait for the next frame of a machine that may have to be asked for it."""
        return least + min(2 * self._took, WRITE_WITHIN)

    async def write(self, writing: Awaitable[None]) -> None:
        """Wait until something is written, and remember how long that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await writing
        self._took = loop.time() - began
