"""One central's link to a virtual treadmill: its subscriptions, and its writes that wait for an answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from .clock import VirtualClock

type Listener = Callable[[bytes], None]


class ConnectRefused(Exception):  # noqa: N818 - says what happened
    """The treadmill does not accept this connection."""


class LinkLost(Exception):  # noqa: N818 - says what happened
    """There is no link, or it ended before the request was answered."""


@dataclass(slots=True, eq=False)
class Link:
    """What belongs to one connection, and ends with it."""

    on_disconnect: Callable[[], None]
    listeners: dict[int, Listener] = field(default_factory=dict)
    unanswered: set[asyncio.Future[None]] = field(default_factory=set)
    outstanding: int = 0  # indications still to come
    stuck: bool = False  # an answer is owed that never comes
    arrived: float = 0.0  # when the last write arrives (s)

    def fail_unanswered(self) -> None:
        """Fail the writes that do not arrive any more, or will not be answered."""
        for future in self.unanswered:
            if not future.done():
                future.set_exception(LinkLost("the link ended before the treadmill answered"))

    async def never_answer(self) -> None:
        """Wait for an answer that does not come. Raises LinkLost when the link ends."""
        await self._wait(asyncio.get_running_loop().create_future())

    async def arrival(self, clock: VirtualClock, delay: float) -> None:
        """Wait until a write arrives, never before the one before it. Raises LinkLost when the link ends."""
        self.arrived = max(clock.now + delay, self.arrived)
        if self.arrived > clock.now:
            await self._wait(clock.after(self.arrived - clock.now))

    async def _wait(self, future: asyncio.Future[None]) -> None:
        self.unanswered.add(future)
        try:
            await future
        finally:
            self.unanswered.discard(future)
