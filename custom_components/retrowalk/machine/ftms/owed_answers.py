"""The answers that a machine still owes: a strict one takes no procedure before it has given them (ATT error 0xFE)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

from ..errors import MachineError, RejectedError
from .const import OpCode
from .patience import Patience


class OwedAnswers:
    """What was written on one link and not answered yet, by op code.

    It may be wrong: answers get lost, name another op code, or come twice. So it only tells how long to wait.
    """

    def __init__(self, patience: Patience) -> None:
        """Owe nothing."""
        self._patience = patience
        self._written: list[tuple[int, float]] = []  # op codes, and when they were written (s), oldest first
        self._next = asyncio.Event()
        self.miscounts = False
        """Whether an answer came that nothing owed: some machines answer twice."""

    def owes(self, op_code: int) -> bool:
        """Return whether the answer to such a procedure is owed, and may still come."""
        return any(code == op_code for code, _ in self._awaited())

    @contextlib.contextmanager
    def on_write(self, op_code: int) -> Iterator[None]:
        """Owe the answer to what is written in this context, unless that fails.

        It may come before the write is acknowledged, and what is given up may arrive all the same.
        """
        owed = op_code, asyncio.get_running_loop().time()
        self._awaited().append(owed)
        try:
            yield
        except MachineError:
            with contextlib.suppress(ValueError):
                self._written.remove(owed)
            raise
        if owed in self._written:
            self._written[self._written.index(owed)] = op_code, asyncio.get_running_loop().time()

    def receive(self, op_code: int) -> None:
        """Take in an answer, and let what waits for one go on."""
        answered = next((owed for owed in self._written if owed[0] == op_code), None)
        if answered is None:
            self.miscounts = True
        else:
            self._written.remove(answered)
        self._next.set()
        self._next = asyncio.Event()

    async def repeat[T](self, attempt: Callable[[], Awaitable[T]], *, within: float, doubted: bool = False) -> T:
        """Return what `attempt` does; after each answer that was owed repeat it where it is rejected, for `within` s.

        `doubted`: wait a moment for an answer even where none seems to be owed, as where the machine answers twice.
        Raises what `attempt` raises, RejectedError once no answer comes.
        """
        loop = asyncio.get_running_loop()
        until, rejected = loop.time() + within, False
        while True:
            answer = self._next
            try:
                return await attempt()
            except RejectedError:
                if not rejected and doubted and not self.owes(OpCode.STOP_OR_PAUSE):
                    until = loop.time() + within  # of the answer to a target only; the write may have taken long
                rejected = True
                left = until - loop.time()
                if not self._awaited():
                    left = min(left, self._patience.owed_answer if doubted or self.miscounts else 0.0)
                if not await _happens(answer, left):
                    raise

    def _awaited(self) -> list[tuple[int, float]]:
        """Forget the answers that are lost, and return what is left."""
        since = asyncio.get_running_loop().time() - self._patience.answer
        self._written = [owed for owed in self._written if owed[1] > since]
        return self._written


async def _happens(event: asyncio.Event, within: float) -> bool:
    """Wait so many seconds at most, and return whether it happened."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(within, 0.0)):
            await event.wait()
    return event.is_set()
