"""Writes frames one after the other, with the time between them that a machine needs; a stop waits for nothing (S3)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..driver import Connection
from ..errors import RejectedError, UnreachableError
from ..write_patience import WritePatience


class PacedWriter:
    """The frames to one characteristic of one connection."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]], *, pace: float, within: float) -> None:
        """`pace` is the least time between two frames, `within` the longest time for one to be written (s)."""
        self.patience = WritePatience()
        self._write = write
        self._pace = pace
        self._within = within
        self._turn = asyncio.Lock()
        self._written = float("-inf")
        self._in_time: bytes | None = None  # the newest frame, if it did not come too soon
        self._stops = 0  # being sent
        self._newest_stop = 0
        self._stops_sent = asyncio.Event()
        self._stops_sent.set()

    @property
    def due_in(self) -> float:
        """Seconds until the machine can take the next frame; 0 if it can now."""
        return max(self._written + self._pace - asyncio.get_running_loop().time(), 0.0)

    async def send(self, frame: Callable[[], bytes | None]) -> None:
        """Write a frame that is made when its turn has come; None: it is not wanted then.

        Raises UnreachableError, RejectedError, and what `frame` raises.
        """
        async with self._turn:
            await self._until_free()
            if (made := frame()) is not None:
                await self._write_within(made, self._within)

    async def send_stop(self, frame: bytes, *, within: float) -> None:
        """Write a stop now, whatever is under way or waits. Raises UnreachableError or RejectedError.

        It is written within so many seconds, or within more on a link that is known as slow.

        Where the machine may have missed it, because it came too soon after the frame before, it is written once more,
        unless another stop came meanwhile, or the frame before was the same. Until then nothing else is written.
        """
        # Repeated stops would otherwise leave no room to ask what they did.
        hasty = self.due_in > 0 and self._in_time != frame
        self._newest_stop += 1
        number = self._newest_stop
        self._stops += 1
        self._stops_sent.clear()
        within = self.patience.for_stop(within)
        try:
            await self._write_within(frame, within)
            if hasty:
                await asyncio.sleep(self.due_in)
            if hasty and number == self._newest_stop:
                await self._write_within(frame, within)
        finally:
            self._stops -= 1
            # Where each write takes longer than the time between two stops, all of them are never sent.
            if not self._stops or self.patience.is_slow:
                self._stops_sent.set()

    async def _until_free(self) -> None:
        while True:
            await self._stops_sent.wait()
            if not (wait := self.due_in):
                return
            await asyncio.sleep(wait)

    async def _write_within(self, frame: bytes, seconds: float) -> None:
        self._in_time = None if self.due_in else frame
        self._written = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(seconds):
                await self.patience.write(self._write(frame))
        except TimeoutError as err:
            raise UnreachableError("the write was not acknowledged") from err


async def send_first(frame: bytes, writer: PacedWriter, connection: Connection, *, within: float) -> None:
    """Write a stop before anything else. A machine that is paired for it may miss it, and the link is kept for that.

    Raises UnreachableError.
    """
    writer.patience.expect_slow()
    try:
        await writer.send_stop(frame, within=within)
    except RejectedError as err:
        raise UnreachableError(str(err)) from err
    except UnreachableError:
        if not connection.pairs:
            raise


async def while_linked(writing: Coroutine[Any, Any, None], closed: asyncio.Event) -> None:
    """Wait for a write until the link is gone. Raises UnreachableError then."""
    work = asyncio.ensure_future(writing)
    ending = asyncio.create_task(closed.wait())
    try:
        await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise UnreachableError("the link was lost")
        await work
    finally:
        work.cancel()
        ending.cancel()
