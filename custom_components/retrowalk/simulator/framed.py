"""The virtual treadmill behind another GATT table and protocol than the Fitness Machine Service: frames of a maker.

The belt is the same. Faults of FTMS's control point mean nothing here; those of belt, link and reports do.
"""

import asyncio
import itertools
import struct
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, override
from uuid import UUID

from ..machine.ftms import const
from . import frames
from .attributes import DEVICE_INFORMATION, AttCode, AttError, Characteristic, Service
from .gatt import Peripheral
from .link import LinkLost
from .treadmill import Phase, VirtualTreadmill

_INSTANT: Final = 1e-6  # s
_BASE: Final = "-0000-1000-8000-00805f9b34fb"


def uuid(short: int | str) -> str:
    """Return the UUID that four digits stand for, or the one that is whole already."""
    return short if isinstance(short, str) else f"0000{short:04x}{_BASE}"


class FramedPeripheral(Peripheral):
    """A treadmill that takes frames on one characteristic and reports on another."""

    service: ClassVar[int | str]
    takes: ClassVar[int | str]
    """Characteristic that is written, by its four digits or whole."""
    reports: ClassVar[int | str]
    answers_write: ClassVar[bool] = False
    """Whether a write is acknowledged."""
    shortest_pace: ClassVar[float] = 0.0
    """Seconds since the frame before within which it misses one."""

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        self._table = self._services()
        super().__init__(treadmill, **more)
        self._noise = itertools.cycle(self.malformed())
        self._frame_at = float("-inf")

    @abstractmethod
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame, and return the frames that answer it."""

    @abstractmethod
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none, as a bad link or another firmware sends them."""

    def push(self) -> Iterable[bytes]:
        """Return what it reports by itself, about once a second."""
        return ()

    @property
    @override
    def services(self) -> tuple[Service, ...]:
        """The GATT table."""
        return self._table

    def _services(self) -> tuple[Service, ...]:
        writes = "write" if self.answers_write else "write-without-response"
        own = (
            Characteristic(0x42, uuid(self.reports), ("notify",), 0x43),
            Characteristic(0x45, uuid(self.takes), (writes,), None),
        )
        return (
            Service(0x40, uuid(self.service), own),
            Service(0x30, const.DEVICE_INFORMATION_SERVICE, DEVICE_INFORMATION),
        )

    @override
    def advertisement(self) -> bytes:
        """Return raw advertising data: flags, the service and the name."""
        structures = (
            b"\x01\x06",
            b"\x07" + UUID(self.service).bytes[::-1]
            if isinstance(self.service, str)
            else struct.pack("<BH", 0x03, self.service),
            *(() if self.faults.nameless else (b"\x09" + self.name.encode()[:20],)),
        )
        return b"".join(bytes((len(item),)) + item for item in structures)

    @override
    def connect(self, on_disconnect: Callable[[], None]) -> None:
        """Accept a central's connection. Raises ConnectRefused."""
        super().connect(on_disconnect)
        self._frame_at = float("-inf")

    @override
    def read(self, handle: int) -> bytes:
        """Read a characteristic. Raises AttError and LinkLost."""
        self._require_link()
        characteristic = self._characteristic(handle)
        self.access.check_read(characteristic)
        return self.access.identity(characteristic, frames.information(self.treadmill.profile)[characteristic.uuid])

    @override
    async def write(self, handle: int, data: bytes, *, response: bool = True) -> None:
        """Write, and return when the response comes. Raises AttError and LinkLost; without response, no AttError."""
        link = self._require_link()
        await link.arrival(self._clock, self.faults.write_delay)
        characteristic = self._characteristic(handle)
        self.writes.append((self.time, characteristic.uuid, bytes(data)))
        if response:
            await self.access.answers(link)
        try:
            self._check_framed(characteristic, response=response)
        except AttError:
            if response:
                raise
            return
        self._follow_faults()
        if link is not self._link:
            raise LinkLost("the treadmill ended the link")
        if self.time - self._frame_at < self.shortest_pace - _INSTANT:
            return
        self._frame_at = self.time
        for answer in self.take(bytes(data)):
            self._send_soon(answer)

    def _check_framed(self, characteristic: Characteristic, *, response: bool) -> None:
        """Raise AttError for a write that the machine does not take."""
        self.access.check(characteristic)
        taken = ("write" if response else "write-without-response") in characteristic.properties
        if self.faults.att_error is not None or not taken:
            raise AttError(self.faults.att_error or AttCode.WRITE_NOT_PERMITTED)

    # What the belt makes of commands, with the faults of belts

    def _start(self) -> None:
        treadmill, faults = self.treadmill, self.faults
        if faults.toggles_on_start and treadmill.phase in {Phase.COUNTDOWN, Phase.RUNNING}:
            self._halt()
        elif faults.restarts_on_start and treadmill.phase is Phase.RUNNING:
            treadmill.start_again()
        else:
            treadmill.start()

    def _stop(self) -> None:
        faults = self.faults
        if faults.stop_ignored or faults.stop_alone_ignored:
            return
        if not (faults.toggles_on_stop and self.treadmill.restart()):
            self._halt()

    def _pause(self) -> None:
        faults = self.faults
        if faults.stop_ignored or faults.pause_declined:
            return
        if not (faults.toggles_on_pause and self.treadmill.restart()):
            self.treadmill.pause()

    def _halt(self) -> None:
        """Do what a stop does to this machine."""
        self.treadmill.stop()

    def _send_soon(self, frame: bytes) -> None:
        if self.faults.silent:
            return
        link = self._require_link()
        loop, characteristic = asyncio.get_running_loop(), uuid(self.reports)
        if self.faults.malformed_data:
            loop.call_soon(self._deliver, link, characteristic, next(self._noise))
        loop.call_soon(self._deliver, link, characteristic, frame[: self.faults.truncate_at])

    @override
    def _notify_data(self) -> None:
        if self.connected:
            for frame in self.push():
                self._send_soon(frame)
