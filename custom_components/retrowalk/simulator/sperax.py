"""A virtual pad of Sperax with a module WLT6200 (docs/protocols.md)."""

import math
from collections.abc import Iterable
from typing import Any, ClassVar, override

from .framed import FramedPeripheral
from .treadmill import Phase, VirtualTreadmill


def _sum(data: bytes) -> int:
    remainder = 0xFFFF
    for bit in (byte >> place & 1 for byte in data for place in range(8)):
        odd = (remainder ^ bit) & 1
        remainder >>= 1
        if odd:
            remainder ^= 0xA327
    return remainder


def framed(content: bytes) -> bytes:
    """Return a frame with its sum, where no byte but its first and last looks like an edge."""
    low, high = _sum(bytes((0xF5, len(content) + 5)) + content).to_bytes(2, "little")
    wire = bytearray()
    for byte in (*content, low, high):
        wire += bytes((byte,)) if byte < 0xF0 else bytes((0xF0, byte - 0xF0))
    return bytes((0xF5, len(wire) + 3, *wire, 0xFA))


class SperaxPeripheral(FramedPeripheral):
    """It answers its polls after a hello, and a speed starts it."""

    service: ClassVar[int | str] = 0xFFF0
    reports: ClassVar[int | str] = 0xFFF1
    takes: ClassVar[int | str] = 0xFFF2

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        super().__init__(treadmill, **more)
        self._greeted = False
        self._controlled = not self.name.startswith("SPERAX_RM")
        self._vibrates = False

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame, and return its answer."""
        match self._content(data):
            case (0, 0x01):
                self._greeted = True
                yield framed(bytes.fromhex("0001000600a827110100057803 4b000a010400"))
            case (0, 0x00):
                self._controlled = True
                yield framed(b"\x00\x0e\x00")
            case (0, 0x19) if self._greeted:
                yield self._status()
            case (0, 0x15, state, speed, incline):
                self._obey(state, speed / 10, incline)
                yield framed(bytes((0, 0xD0, 0x15, state, 0)))

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (
            b"",
            b"\x12\x13\x14",  # as it says after connecting
            bytes.fromhex("f5080" + "00e021447fa"),  # a wrong sum
            framed(b"\x00\x19"),  # a right sum, and nothing in it
            bytes.fromhex("f51800190000100000001000010001000f1e0000009dd5fa"),
        )

    @staticmethod
    def _content(data: bytes) -> tuple[int, ...]:
        """Return what is in a frame; nothing if it is not the frame of that."""
        plain, escaped = bytearray(), False
        for byte in data[2:-1]:
            if byte == 0xF0 and not escaped:
                escaped = True
                continue
            plain.append(byte + 0xF0 * escaped)
            escaped = False
        return tuple(plain[:-2]) if framed(bytes(plain[:-2])) == data else ()

    def _status(self) -> bytes:
        treadmill, counted = self.treadmill, not self.faults.no_counters
        counters = (treadmill.elapsed, treadmill.distance / 10, treadmill.energy, treadmill.steps or 0)
        return framed(
            bytes(
                (
                    *(0, 0x19, 0, 0, self._state(), 0, 0),
                    *b"".join((int(value) * counted).to_bytes(2) for value in counters),
                    min(round(treadmill.reported_speed * 10), 0xFF),
                    *(round(treadmill.incline), 0, 0),
                )
            )
        )

    def _state(self) -> int:
        treadmill = self.treadmill
        if treadmill.phase is Phase.COUNTDOWN:
            return 0x10 + min(max(math.ceil(treadmill.countdown), 1), 3)
        if treadmill.phase is Phase.RUNNING:
            return 0x10
        if not treadmill.at_rest:
            return 0x0F
        return 0x01 if treadmill.phase is Phase.PAUSED else 0x00

    def _obey(self, state: int, speed: float, incline: int) -> None:
        faults, treadmill = self.faults, self.treadmill
        if state in faults.declines_op:
            return
        match state:
            case 0:
                self._stop()
            case 2:
                self._pause()
            case 1 if treadmill.phase in {Phase.IDLE, Phase.PAUSED}:
                if self._controlled:
                    treadmill.start()
            case 1:
                if not faults.ignore_speed:
                    treadmill.set_speed(speed)
                treadmill.set_incline(float(incline))
