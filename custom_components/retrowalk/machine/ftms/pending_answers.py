"""The procedures that wait for an indication, oldest first: each is answered by one that names its op code."""

import asyncio
import contextlib
from collections.abc import Iterator

from .codec import ControlResponse


class PendingAnswers:
    """What is awaited on the control point of one connection."""

    def __init__(self) -> None:
        self._pending: list[tuple[bytes, asyncio.Future[ControlResponse]]] = []  # procedure and answer, oldest first

    @contextlib.contextmanager
    def await_for(self, data: bytes) -> Iterator[asyncio.Future[ControlResponse]]:
        """Await the answer to these bytes; it is cancelled when the link is gone."""
        answer: asyncio.Future[ControlResponse] = asyncio.get_running_loop().create_future()
        pending = (data, answer)
        self._pending.append(pending)
        try:
            yield answer
        finally:
            self._pending.remove(pending)

    def answer(self, response: ControlResponse, data: bytes = b"") -> None:
        """Answer the oldest procedure that waits with this op code, and with these bytes."""
        for procedure, answer in self._pending:
            if procedure[0] == response.op_code and procedure.startswith(data) and not answer.done():
                answer.set_result(response)
                return

    def cancel(self) -> None:
        """End all waiting, because the link is gone."""
        for _, answer in self._pending:
            answer.cancel()
