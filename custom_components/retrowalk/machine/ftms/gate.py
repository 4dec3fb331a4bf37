"""What some makers want besides the standard: a frame before each command, one that unlocks, one that wakes up.

A command and what its maker wants before it are one unit: nothing of ours comes between them. What a maker wants never
costs a stop: where it fails or hangs, the command is sent all the same.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from ..driver import Connection
from ..errors import MachineError
from .const import CONTROL_POINT
from .quirks import MakerWrite, Speech

PACE = 0.4
"""Least seconds between two writes to a machine that has to be unlocked: it loses the second of two that are closer."""
APART = 0.1
"""Seconds between two subscriptions to a machine that loses the second of two that are close."""
_PREAMBLE_WITHIN = 0.5
"""Seconds for what goes before a command; then the command is sent all the same."""
_TURN_WITHIN = 0.5
"""Seconds to wait for a unit under way: a stop never waits any longer."""
_UNLOCKS_WITHIN = 0.7
"""Seconds for the answer to a frame that unlocks; then it is sent once more."""
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
        async with self._unit():
            if self._preamble is not None:
                await self._write_for_maker(self._preamble)
            await self._write(CONTROL_POINT, data)

    async def unlock(self) -> None:
        """Unlock a machine that is silent until then; one that does not answer may listen all the same."""
        unlock = self._unlock
        if unlock is None or unlock.replies is None:
            return
        answered = asyncio.Event()

        def receive(data: bytes) -> None:
            if data.startswith(_UNLOCKED):
                answered.set()

        with contextlib.suppress(MachineError):
            await self.subscribe(unlock.replies, receive)
        for _ in range(2):
            async with self._unit():
                await self._write_for_maker(unlock)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_UNLOCKS_WITHIN):
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

    async def _write_for_maker(self, write: MakerWrite) -> None:
        with contextlib.suppress(MachineError, TimeoutError):
            async with asyncio.timeout(_PREAMBLE_WITHIN):
                await self._write(write.characteristic, write.data)

    async def _write(self, characteristic: str, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        if (early := self._written + self._pace - loop.time()) > 0:
            await asyncio.sleep(early)
        self._written = loop.time()
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
