"""An open bleak client with the interface that drivers need; its errors are translated here."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import override

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError

from ..driver import Connection
from ..errors import RejectedError, UnreachableError
from .att import WANTS_OTHER_WRITE, att_code
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
        self._answered: dict[int, bool] = {}  # by handle: the kind of write that was found out

    @override
    def has(self, characteristic: str) -> bool:
        return bool(self._offered(characteristic))

    @override
    async def read(self, characteristic: str) -> bytes:
        target = self._target(characteristic, "read")
        with self._translated(characteristic):
            data = bytes(await self._client.read_gatt_char(target.handle))
        self._log.frame(Way.READ, characteristic, data)
        return data

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self._log.frame(Way.WRITE, characteristic, data)
        target = self._target(characteristic, "write", "write-without-response")
        # With a response where the machine lets us choose: only that tells whether it has received a stop (S3).
        declared = "write" in target.properties or "write-without-response" not in target.properties
        response = self._answered.get(target.handle, declared)
        try:
            await self._write(target, data, response=response)
        except RejectedError as err:
            if err.__cause__ is None or att_code(err.__cause__) not in WANTS_OTHER_WRITE:
                raise
            # It was not carried out, so that this repeats nothing.
            await self._write(target, data, response=not response)
            self._answered[target.handle] = not response

    async def _write(self, target: BleakGATTCharacteristic, data: bytes, *, response: bool) -> None:
        with self._translated(target.uuid):
            await self._client.write_gatt_char(target.handle, data, response=response)

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None]) -> None:
        def received(_: object, data: bytearray) -> None:
            frame = bytes(data)
            self._log.frame(Way.REPORT, characteristic, frame)
            receive(frame)

        target = self._target(characteristic, "notify", "indicate")
        with self._translated(characteristic):
            await self._client.start_notify(target.handle, received)

    @override
    def drop(self, reason: str) -> None:
        self._drop(reason)

    def _target(self, characteristic: str, *wanted: str) -> BleakGATTCharacteristic:
        """Return the one to use. Raises RejectedError where the machine has none."""
        offered = self._offered(characteristic, *wanted)
        if not offered:
            raise RejectedError(f"the treadmill has no {characteristic}")
        return offered[0]

    def _offered(self, characteristic: str, *wanted: str) -> list[BleakGATTCharacteristic]:
        """Return all with this UUID, of which machines have some twice; those that declare what is wanted first."""
        with self._translated(characteristic):
            every = [item for service in self._client.services for item in service.characteristics]
        return sorted(
            (item for item in every if item.uuid == characteristic),
            key=lambda item: not any(kind in item.properties for kind in wanted),
        )

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
