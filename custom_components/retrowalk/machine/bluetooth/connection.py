"""An open bleak client with the interface that drivers need; its errors are translated here."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Final, override

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError

from ..driver import Connection
from ..errors import PairingError, RejectedError, UnansweredError, UnreachableError
from .att import WANTS_OTHER_WRITE, WANTS_PAIRING, att_code
from .link_log import LinkLog, Way, short

CLOSE_TIMEOUT = 4.0
"""Seconds; with the 15 s for a belt to come to rest they fit into the 20 s that Home Assistant gives (S14)."""
_ANSWERS_WITHIN = 4.0
"""Seconds for the answer to a read or a subscription."""
_PAIRING_TAKES = 12.0
_DEVICE_INFORMATION: Final = "0000180a-0000-1000-8000-00805f9b34fb"
_HURRIED = 0.5
"""Seconds for an old link to end while a stop waits for the next one; the stack goes on by itself."""


class BleakConnection(Connection):
    """An open bleak client, with its errors translated."""

    def __init__(
        self,
        client: BleakClient,
        name: str,
        drop: Callable[[str], None],
        log: LinkLog,
        unanswered: set[str] | None = None,
    ) -> None:
        """`drop` gives up the link, with a reason for the log; `log` takes in every frame.

        `unanswered` outlives the link: what was never answered on one link, and can be spared, is not asked again.
        """
        self.name = name
        self._log = log
        self._client = client
        self._drop = drop
        self._unanswered = set() if unanswered is None else unanswered
        self._answered: dict[int, bool] = {}  # by handle: the kind of write that was found out

    @override
    def has(self, characteristic: str) -> bool:
        return bool(self._offered(characteristic))

    @override
    def properties(self, characteristic: str) -> frozenset[str]:
        return frozenset(kind for item in self._offered(characteristic) for kind in item.properties)

    @override
    async def read(self, characteristic: str) -> bytes:
        for target in self._targets(characteristic, "read"):
            read = partial(self._client.read_gatt_char, target.handle)
            try:
                data = bytes(await self._ask(target, read, spare=True))
            except PairingError:
                raise
            except RejectedError as err:
                refusal = err
                continue
            self._log.frame(Way.READ, characteristic, data)
            return data
        raise refusal

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self._log.frame(Way.WRITE, characteristic, data)
        target = self._targets(characteristic, "write", "write-without-response")[0]
        # With a response where the machine lets us choose: only that tells whether it has received a stop (S3).
        declared = "write" in target.properties or "write-without-response" not in target.properties
        response = self._answered.get(target.handle, declared)
        try:
            await self._write(target, data, response=response)
        except RejectedError as err:
            if _code(err) not in WANTS_OTHER_WRITE:
                raise
            # It was not carried out, so that this repeats nothing.
            await self._write(target, data, response=not response)
            self._answered[target.handle] = not response

    async def _write(self, target: BleakGATTCharacteristic, data: bytes, *, response: bool) -> None:
        await self._paired(target, partial(self._client.write_gatt_char, target.handle, data, response=response))

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        def received(_: object, data: bytearray) -> None:
            frame = bytes(data)
            self._log.frame(Way.REPORT, characteristic, frame)
            receive(frame)

        for target in self._targets(characteristic, "notify", "indicate"):
            try:
                await self._ask(target, partial(self._client.start_notify, target.handle, received), spare=spare)
            except PairingError:
                raise
            except RejectedError as err:
                refusal = err
                continue
            return
        raise refusal

    @override
    def drop(self, reason: str) -> None:
        self._drop(reason)

    async def _ask[T](self, target: BleakGATTCharacteristic, request: Callable[[], Awaitable[T]], *, spare: bool) -> T:
        """Send a request that the machine has to answer; one that can be spared is not repeated on a later link.

        A machine owes one answer at a time: while it owes this one, it would not even answer the write of a stop.
        """
        if spare and target.uuid in self._unanswered:
            raise RejectedError(f"{target.uuid} was never answered before")
        try:
            return await self._paired(target, lambda: asyncio.wait_for(request(), _ANSWERS_WITHIN))
        except UnreachableError as err:
            if not isinstance(err.__cause__, TimeoutError):
                raise
            if spare:
                self._unanswered |= self._kin(target)
            raise UnansweredError(f"the treadmill never answered a request for {short(target.uuid)}") from err

    def _kin(self, target: BleakGATTCharacteristic) -> set[str]:
        """Return what is not asked again with this one: of the texts that only name a machine, all."""
        if target.service_uuid != _DEVICE_INFORMATION:
            return {target.uuid}
        services = [service for service in self._client.services if service.uuid == _DEVICE_INFORMATION]
        return {item.uuid for service in services for item in service.characteristics}

    async def _paired[T](self, target: BleakGATTCharacteristic, request: Callable[[], Awaitable[T]]) -> T:
        """Send a request, and pair where the machine demands it."""
        try:
            with self._translated(target.uuid):
                return await request()
        except RejectedError as err:
            # What it is called is not worth the question that pairing may put on somebody's screen.
            if _code(err) not in WANTS_PAIRING or target.service_uuid == _DEVICE_INFORMATION:
                raise
        await self._pair()
        try:
            with self._translated(target.uuid):
                return await request()
        except RejectedError as err:
            if _code(err) not in WANTS_PAIRING:
                raise
            raise PairingError("it wants to be paired, and goes on doing so after it was paired") from err

    async def _pair(self) -> None:
        if self.pairing is None:
            # Shared, because several requests may need it, and not ended with the first that gives up waiting.
            self.pairing = asyncio.create_task(self._pair_once(), name=f"Pairing with {self.name}")
            self.pairing.add_done_callback(forget)
        await asyncio.wait({self.pairing})  # which, unlike a shield, logs no error that nobody waits for any more
        if self.pairing.cancelled():
            raise UnreachableError("the link was lost while it was paired")
        self.pairing.result()

    def close(self) -> None:
        """End a pairing under way, because its link is gone."""
        if self.pairing is not None:
            self.pairing.cancel()

    async def _pair_once(self) -> None:
        try:
            async with asyncio.timeout(_PAIRING_TAKES):
                await self._client.pair()
        except Exception as err:  # backends raise anything, also NotImplementedError
            self._log.failed("pairing", reason := str(err) or type(err).__name__)
            if not self._client.is_connected:
                raise UnreachableError(f"the link was lost while it was paired: {reason}") from err
            raise PairingError(f"it wants to be paired, which failed: {reason}") from err

    def _targets(self, characteristic: str, *wanted: str) -> list[BleakGATTCharacteristic]:
        """Return what to try, the best first. Raises RejectedError where the machine has none."""
        offered = self._offered(characteristic, *wanted)
        if not offered:
            raise RejectedError(f"the treadmill has no {characteristic}")
        return offered

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


def _code(error: RejectedError) -> int | None:
    return None if error.__cause__ is None else att_code(error.__cause__)


def forget(task: asyncio.Task[Any]) -> None:
    """Read the result of a task that nobody may wait for any more."""
    if not task.cancelled():
        task.exception()
