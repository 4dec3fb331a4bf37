"""An open bleak client with the interface that drivers need; its errors are translated here."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import override

from bleak import BleakClient
from bleak.exc import BleakError

from ..driver import Connection
from ..errors import RejectedError, UnreachableError
from .link_log import LinkLog, Way

CLOSE_TIMEOUT = 4.0
"""Seconds; with the 15 s for a belt to come to rest they fit into the 20 s that Home Assistant gives (S14)."""
_HURRIED = 0.5
"""Seconds for an old link to end while a stop waits for the next one; the stack goes on by itself."""


class BleakConnection(Connection):
    """An open bleak client, with its errors translated."""

    def __init__(self, client: BleakClient, name: str, drop: Callable[[str], None], log: LinkLog) -> None:
        """`drop` gives up the link, with a reason for the log; `log` takes in every frame."""
        self.name = name
        self._log = log
        self._client = client
        self._drop = drop

    @override
    def has(self, characteristic: str) -> bool:
        with self._translated(characteristic):
            return self._client.services.get_characteristic(characteristic) is not None

    @override
    async def read(self, characteristic: str) -> bytes:
        with self._translated(characteristic):
            data = bytes(await self._client.read_gatt_char(characteristic))
        self._log.frame(Way.READ, characteristic, data)
        return data

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self._log.frame(Way.WRITE, characteristic, data)
        with self._translated(characteristic):
            await self._client.write_gatt_char(characteristic, data, response=True)

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None]) -> None:
        def received(_: object, data: bytearray) -> None:
            frame = bytes(data)
            self._log.frame(Way.REPORT, characteristic, frame)
            receive(frame)

        with self._translated(characteristic):
            await self._client.start_notify(characteristic, received)

    @override
    def drop(self, reason: str) -> None:
        self._drop(reason)

    @contextlib.contextmanager
    def _translated(self, characteristic: str) -> Iterator[None]:
        try:
            yield
        except Exception as err:
            self._log.failed(characteristic, str(err) or type(err).__name__)
            # Backends raise more than BleakError when a link dies under them: EOFError, AttributeError, KeyError.
            # A stop that ends in one of them has to be kept like any other that was not delivered.
            if self._client.is_connected and isinstance(err, BleakError):
                raise RejectedError(str(err)) from err
            raise UnreachableError(str(err) or type(err).__name__) from err


async def disconnect(client: BleakClient) -> None:
    """Free the treadmill and the adapter's slot; a link that is already gone is fine."""
    with contextlib.suppress(BleakError, EOFError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await client.disconnect()


async def free(client: BleakClient, *, hurried: Callable[[], bool]) -> None:
    """Free the treadmill as `disconnect` does; while `hurried` is true, only wait for the request to be sent."""
    freeing = asyncio.create_task(disconnect(client), name="Taking down a link")
    try:
        while not freeing.done():
            await asyncio.wait({freeing}, timeout=_HURRIED)
            if hurried():
                break
    finally:
        freeing.cancel()
        await asyncio.wait({freeing}, timeout=_HURRIED)
