"""A virtual treadmill with a module of FitShow (docs/protocols.md)."""

import math
from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import ClassVar, Final, Literal, override

from .framed import FramedPeripheral
from .treadmill import Phase

_PAUSES: Final = (0x06, 0x0A)
_CLOCK_WRAPS: Final = 6039  # s


def framed(*payload: int) -> bytes:
    """Return a frame."""
    return bytes((0x02, *payload, reduce(xor, payload), 0x03))


class FitShowPeripheral(FramedPeripheral):
    """It takes speed and incline in one command, and says what it can do."""

    service: ClassVar[int] = 0xFFF0
    reports: ClassVar[int] = 0xFFF1
    takes: ClassVar[int] = 0xFFF2

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame, and return its answer."""
        if len(data) < 4 or data[0] != 0x02 or data[-1] != 0x03 or reduce(xor, data[1:-2]) != data[-2]:
            return
        payload = data[1:-2]
        match payload[0], payload[1:]:
            case 0x51, b"":
                yield framed(0x51, *self.status())
            case 0x50, b"\x05" if self.faults.any_run:
                yield framed(0x50, 0x05, *self._speeds(), *self._inclines(), 0, 3)
            case 0x50, _ if self.faults.any_run:
                pass
            case 0x50, b"\x02" if not self.faults.no_ranges:
                yield framed(0x50, 0x02, *self._speeds(), 0)
            case 0x50, b"\x03" if not self.faults.no_ranges:
                yield framed(0x50, 0x03, *self._inclines(), 0)
            case 0x53, command if command:
                self._obey(command[0], command[1:])
                yield framed(*payload[:2])

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (
            b"",
            b"\x02\x51",
            bytes.fromhex("0251032800040001000000010000007f03"),  # a wrong sum
            bytes.fromhex("02510302 50 03".replace(" ", "")),  # running, and nothing more
            b"\x02\x02\x03\x03",
        )

    def status(self) -> bytes:
        """Return its state, and what belongs to it."""
        treadmill = self.treadmill
        if not treadmill.safety_key_in:
            return b"\x06"
        if treadmill.phase is Phase.COUNTDOWN:
            return bytes((2, math.ceil(treadmill.countdown)))
        if treadmill.phase is Phase.RUNNING:
            return bytes((3, *self._fields()))
        if not treadmill.at_rest:
            return bytes((4, *self._fields()))
        return bytes((10, *self._fields())) if treadmill.phase is Phase.PAUSED else b"\x00"

    def _speeds(self) -> tuple[int, int]:
        speeds = self.treadmill.profile.speed
        return round(speeds.maximum * 10), round(speeds.minimum * 10)

    def _inclines(self) -> tuple[int, int]:
        inclines = self.treadmill.profile.incline
        return (0, 0) if inclines is None else (round(inclines.maximum), round(inclines.minimum) & 0xFF)

    def _fields(self) -> bytes:
        treadmill = self.treadmill
        counted = not self.faults.no_counters
        elapsed = int(treadmill.elapsed) % _CLOCK_WRAPS
        counters = (
            elapsed // 60 << 8 | elapsed % 60 if self.faults.any_run else elapsed,
            int(treadmill.distance),
            int(treadmill.energy * 10),
            treadmill.steps or 0,
        )
        order: Literal["little", "big"] = "big" if self.faults.any_run else "little"
        return bytes(
            (
                min(round(treadmill.reported_speed * 10), 0xFF),
                round(treadmill.incline) & 0xFF,
                *b"".join((value * counted & 0xFFFF).to_bytes(2, order) for value in counters),
                treadmill.heart_rate or 0,
                0,
            )
        )

    def _obey(self, command: int, values: bytes) -> None:
        faults, treadmill = self.faults, self.treadmill
        if command in faults.declines_op:
            return
        match command:
            case 0x01 if len(values) in {0, 8}:
                self._start()
            case 0x02 if len(values) == 2:
                if not faults.ignore_speed:
                    treadmill.set_speed(values[0] / 10)
                treadmill.set_incline(float(int.from_bytes(values[1:], signed=True)))
            case 0x03:
                self._stop()
            case _ if command in _PAUSES:
                self._pause()
