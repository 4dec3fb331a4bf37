"""Virtual time, which passes only when it is advanced, and then does what is due."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Final

_DECIMALS: Final = 6  # of sums of time: ten steps of 0.1 s must be one second, not almost one
_TOLERANCE: Final = 1e-6


class VirtualClock:
    """A clock that stands still between calls of `advance`."""

    def __init__(self) -> None:
        self.now = 0.0
        """Virtual seconds since the clock was made."""
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()  # of what falls due at the same time

    def advance(self, dt: float) -> bool:
        """Let `dt` seconds pass and do what is due; return whether a full second came round."""
        before, self.now = self.now, round(self.now + dt, _DECIMALS)
        while self._due and self._due[0][0] <= self.now + _TOLERANCE:
            heapq.heappop(self._due)[2]()
        return int(self.now) > int(before)

    def call_after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` when `seconds` have passed."""
        heapq.heappush(self._due, (self.now + seconds, next(self._order), action))

    def after(self, seconds: float) -> asyncio.Future[None]:
        """Return a future that is done when `seconds` have passed; at once for 0."""
        future = asyncio.get_running_loop().create_future()
        if seconds <= 0:
            future.set_result(None)
        else:
            self.call_after(seconds, lambda: None if future.done() else future.set_result(None))
        return future
