"""What some makers want besides the standard: a frame before each command, one that unlocks, one that wakes up.

A command and what its maker wants before it are one unit: nothing of ours comes between them. What a maker wants never
costs a stop: where it fails or hangs, the command is sent all the same, after half a second at the most (S3), or after
the one attempt to unlock a machine that hears nothing before. Only the time between two writes that a machine needs to
hear the second one is never cut short.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from ..driver import Connection
from ..errors import MachineError
from .const import CONTROL_POINT
from .quirks import MakerWrite, Speech

PACE = 0.4
"""Least seconds between two writes to a machine that has to be unlocked: it loses the second of two that are closer."""
APART = 0.1
"""Seconds between two subscriptions to a machine that loses the second of two that are close."""
BEFORE = 0.5
"""Seconds for everything before a command: the unit under way, and what its maker wants."""
_TURN_WITHIN = 0.25
"""Seconds of these for a unit under way, so that some are left for what the maker wants."""
_LISTENS_WITHIN = BEFORE
"""Seconds to subscribe to what a locked machine answers, while a stop waits."""
_UNLOCKS_WITHIN = 0.7
"""Seconds for the answer to a frame that unlocks; then it is sent once more, unless a stop waits."""
_UNLOCKED = b"\x71\x80"


class Gate:
    """Everything that is written to one machine."""

    def __init__(self, connection: Connection, speech: Speech) -> None:
        self._connection = connection
        self._preamble = speech.preamble
        self._unlock = speech.unlock
        self._activation = speech.activation
        self._pace = 0.0 if speech.unlock is None else PACE
        self._apart = APART if speech.weak_subscriptions else 0.0
        self._turn = asyncio.Lock()
        self._written = self._subscribed = float("-inf")

    async def command(self, data: bytes) -> None:
        """Write a command to the control point, with what its maker wants before it."""
        if self._preamble is None and not self._pace:
            await self._connection.write(CONTROL_POINT, data)
            return
        until = asyncio.get_running_loop().time() + BEFORE
        async with self._unit():
            if self._preamble is not None:
                await self._write_for_maker(self._preamble, until)
            await self._write(CONTROL_POINT, data)

    async def unlock(self, *, stop_waits: bool) -> None:
        """Unlock a machine that is silent until then; one that does not answer may listen all the same."""
        unlock = self._unlock
        if unlock is None or unlock.replies is None:
            return
        answered = asyncio.Event()

        def receive(data: bytes) -> None:
            if data.startswith(_UNLOCKED):
                answered.set()

        listening = self.subscribe(unlock.replies, receive)
        with contextlib.suppress(MachineError):
            await (_within(listening, _LISTENS_WITHIN) if stop_waits else listening)
        for _ in range(1 if stop_waits else 2):
            with contextlib.suppress(TimeoutError):
                async with self._unit(), asyncio.timeout(_UNLOCKS_WITHIN):
                    await self._write_for_maker(unlock)
                    await answered.wait()
            if answered.is_set():
                return

    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        """Subscribe as `Connection.subscribe` does, apart from the subscription before."""
        loop = asyncio.get_running_loop()
        if (early := self._subscribed + self._apart - loop.time()) > 0:
            await asyncio.sleep(early)
        self._subscribed = loop.time()
        await self._connection.subscribe(characteristic, receive, spare=spare)

    async def activate(self) -> None:
        """Wake up the reports of a machine that otherwise sends zeros."""
        if self._activation is not None:
            await self._write_for_maker(self._activation)

    async def _write_for_maker(self, write: MakerWrite, until: float | None = None) -> None:
        now = asyncio.get_running_loop().time()
        with contextlib.suppress(MachineError):
            await _within(self._write(write.characteristic, write.data), BEFORE if until is None else until - now)

    async def _write(self, characteristic: str, data: bytes) -> None:
        loop, before = asyncio.get_running_loop(), self._written
        due = self._written = max(loop.time(), before + self._pace)  # each has its own moment, also out of turn
        try:
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
        except asyncio.CancelledError:
            if self._written == due:
                self._written = before  # nothing was written, so that the next one need not wait for it
            raise
        self._written = max(self._written, loop.time())
        await self._connection.write(characteristic, data)

    @contextlib.asynccontextmanager
    async def _unit(self) -> AsyncIterator[None]:
        """Keep other units out, except where one hangs."""
        taken = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TURN_WITHIN):
                await self._turn.acquire()
                taken = True
        try:
            yield
        finally:
            if taken:
                self._turn.release()


async def _within(work: Coroutine[Any, Any, None], seconds: float) -> None:
    """Wait for work at most so long, also where it does not let itself be ended."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(_forget)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
    await asyncio.sleep(0)  # so that it ends before what comes next, if it lets itself be ended
    if task.done() and not task.cancelled():
        task.result()


def _forget(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # nobody may wait for it any more
