"""A connection to a virtual treadmill without a radio, and helpers for its tests."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, override

from custom_components.retrowalk.machine.driver import Connection, Listener
from custom_components.retrowalk.machine.errors import RejectedError, UnansweredError, UnreachableError
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.patience import Patience
from custom_components.retrowalk.machine.model import MachineEvent, Telemetry
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.attributes import AttError, Characteristic
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.link import LinkLost
from custom_components.retrowalk.simulator.maker import MakerPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill

REQUEST_CONTROL = b"\x00"
START = b"\x07"
STOP = b"\x08\x01"
PAUSE = b"\x08\x02"
ANSWERS_WITHIN = 4.0
"""Seconds for an answer to a read or a subscription."""

# For tests in which nothing may time out; generous, so that no test fails on a slow computer.
PATIENT = Patience(answer=20, give_up=30, stop=20, first_answer=20, owed_answer=20)


def speed(kmh: float) -> bytes:
    """Return the bytes that set a speed, according to the standard and not to our codec."""
    return b"\x02" + round(kmh * 100).to_bytes(2, "little")


class VirtualConnection(Connection):
    """A connection to a peripheral. Bytes arrive before the first await, as with bleak; everything else is delayed."""

    def __init__(self, peripheral: Peripheral, name: str = "Virtual treadmill") -> None:
        self.name = name
        self.peripheral = peripheral
        self.drops: list[str] = []
        self.lost: Callable[[], None] = lambda: None
        # Failures that a test may add, by characteristic.
        self.missing: set[str] = set()
        self.values: dict[str, bytes | Exception] = {}
        self.undeliverable: set[str] = set()
        self.requests: list[tuple[str, str]] = []
        self.write_errors: dict[int, Exception] = {}
        self.rejects = False  # every write
        self.response: asyncio.Future[None] | None = None
        self.unanswered: set[str] = set()  # on the links before
        self.more: list[Characteristic] = []  # of another protocol, offered too
        self.swapped = False
        self._commands_read = 0
        peripheral.connect(self._link_lost)

    @override
    def has(self, characteristic: str) -> bool:
        return characteristic not in self.missing and self._handle(characteristic) is not None

    @override
    def properties(self, characteristic: str) -> frozenset[str]:
        if not self.has(characteristic):
            return frozenset()
        return frozenset(kind for item in self.table if item.uuid == characteristic for kind in item.properties)

    @override
    async def read(self, characteristic: str) -> bytes:
        self.requests.append(("read", characteristic))
        await asyncio.sleep(0)
        value = self.values.get(characteristic)
        if isinstance(value, Exception):
            raise value
        with _translated():
            await self._may_use(characteristic)
            await self._answered(characteristic, spare=True)
            return self.peripheral.read(self._known(characteristic)) if value is None else value

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self.requests.append(("write", characteristic))
        if self.rejects:
            raise RejectedError("it does not take this")
        if (error := self.write_errors.get(data[0])) is not None:
            self.peripheral.writes.append((self.peripheral.time, characteristic, data))
            raise error
        with _translated():
            await self._may_use(characteristic)
            acknowledged = (
                "write" in self.properties(characteristic) and not self.peripheral.faults.refuses_write_requests
            )
            await self.peripheral.write(self._known(characteristic), data, response=acknowledged)
        if self.response is not None:
            await asyncio.shield(self.response)  # given up by one, it is awaited by others

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        self.requests.append(("subscribe", characteristic))
        if characteristic in self.undeliverable:
            raise RejectedError("insufficient authentication")
        with _translated():
            await self._may_use(characteristic)
            await self._answered(characteristic, spare=spare)
            self.peripheral.subscribe(self._known(characteristic), receive)
        await asyncio.sleep(0)

    @override
    def drop(self, reason: str) -> None:
        self.drops.append(reason)

    def commands(self) -> list[bytes]:
        """Return the commands at the control point since the last call."""
        new = [data for _, uuid, data in self.peripheral.writes[self._commands_read :] if uuid == const.CONTROL_POINT]
        self._commands_read = len(self.peripheral.writes)
        return new

    def indicate(self, data: str) -> None:
        """Let the machine indicate these bytes."""
        self.peripheral.notify(const.CONTROL_POINT, bytes.fromhex(data))

    def _link_lost(self) -> None:
        self.lost()

    async def _answered(self, characteristic: str, *, spare: bool) -> None:
        """Wait for an answer as the product's link does: so long, and on a later one not for what can be spared."""
        if spare and characteristic in self.unanswered:
            raise RejectedError("it was never answered before")
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await self.peripheral.answers(self._known(characteristic))
        except TimeoutError as error:
            self.unanswered |= {characteristic} if spare else set()
            raise UnansweredError("it was never answered") from error

    async def _may_use(self, characteristic: str) -> None:
        """Pair where the machine wants that, as the product's own link does."""
        if characteristic[4:8] in self.peripheral.faults.wants_pairing and not self.peripheral.access.paired:
            if self.pairing is None:
                self.pairing = asyncio.ensure_future(self._pair())
            await asyncio.shield(self.pairing)

    async def _pair(self) -> None:
        await self.peripheral.pair()

    def _handle(self, uuid: str) -> int | None:
        found = [item for item in self.table if item.uuid == uuid]
        return next((item.handle for item in sorted(found, key=lambda item: not item.properties)), None)

    @property
    def table(self) -> list[Characteristic]:
        own = [item for service in self.peripheral.services for item in service.characteristics]
        if self.swapped:
            turned = {"notify": "write-without-response", "write-without-response": "notify"}
            own = [replace(item, properties=tuple(turned.get(kind, kind) for kind in item.properties)) for item in own]
        return own + self.more

    def _known(self, uuid: str) -> int:
        handle = self._handle(uuid)
        assert handle is not None
        return handle


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except AttError as error:
        raise RejectedError(str(error)) from error
    except LinkLost as error:
        raise UnreachableError(str(error)) from error


class RecordingListener(Listener):
    """Recorder of the machine's reports."""

    def __init__(self) -> None:
        self.telemetry: list[Telemetry] = []
        self.events: list[MachineEvent] = []

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self.telemetry.append(telemetry)

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.events.append(event)


def virtual_connection(profile: Profile | None = None, name: str = "Virtual treadmill") -> VirtualConnection:
    return VirtualConnection(MakerPeripheral(VirtualTreadmill(profile), address=virtual_address(1), name=name), name)


async def turns(count: int = 20) -> None:
    """Run everything that can happen without time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


def at_once[T](work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run up to the first await, before anything else runs."""
    return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
