"""A connection between a browser and Home Assistant that can be interrupted, like Wi-Fi in a basement."""

import asyncio
import contextlib
from typing import Self

HOST = "127.0.0.1"


class Wire:
    """A TCP connection: an interruption is not noticed, and the data sent meanwhile arrives afterward.

    The emulated "offline" of browsers is different: WebSockets can still send.
    """

    def __init__(self, port: int) -> None:
        """Connect to `port` of this computer."""
        self.url = ""
        self._port = port
        self._whole = asyncio.Event()
        self._whole.set()
        self._server: asyncio.Server | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, HOST, 0)
        self.url = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    def interrupt(self) -> None:
        """Block both directions."""
        self._whole.clear()

    def mend(self) -> None:
        """Unblock both directions and deliver the delayed data."""
        self._whole.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._whole.wait()
                there_reader, there_writer = await asyncio.open_connection(HOST, self._port)
                await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))
        finally:
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(65536):
                    await self._whole.wait()
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.close()
