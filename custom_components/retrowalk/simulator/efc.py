"""A virtual treadmill of CITYSPORTS that speaks EFC (docs/protocols.md)."""

from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import Any, ClassVar, Final, override

from .framed import FramedPeripheral
from .treadmill import Phase, VirtualTreadmill

_SERVICE: Final = "ffeeddcc-bbaa-9988-7766-5544332211"
_STATES: Final = {Phase.COUNTDOWN: 1, Phase.RUNNING: 2, Phase.PAUSED: 4}


def summed(*frame: int) -> bytes:
    """Return a frame with its XOR."""
    return bytes((*frame, reduce(xor, frame)))


class EfcPeripheral(FramedPeripheral):
    """It reports its state and its counters by itself."""

    service: ClassVar[int | str] = f"{_SERVICE}00"
    takes: ClassVar[int | str] = f"{_SERVICE}01"
    reports: ClassVar[int | str] = f"{_SERVICE}02"
    answers_write: ClassVar[bool] = True
    shortest_pace: ClassVar[float] = 0.1

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        self.in_miles = False
        super().__init__(treadmill, **more)

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame; who it is is all that it answers."""
        if len(data) < 4 or data[0] != 0xA1 or data[2] != len(data) - 4 or summed(*data[:-1]) != data:
            return
        match data[1], tuple(data[3:-1]):
            case 5, ():
                yield summed(0x1A, 0x05, 0x0C, 0, 0x22, 0, 0x17, 0, 1, *bytes.fromhex("665544332211"))
            case 3, (1,):
                self._start()
            case 3, (3,):
                self._pause()
            case 3, (5,):
                self._stop()
            case 1, (1, tenths) if not self.faults.ignore_speed:
                self.treadmill.set_speed(tenths / 10)

    @override
    def push(self) -> Iterable[bytes]:
        """Return what it reports by itself."""
        treadmill, counted = self.treadmill, not self.faults.no_counters
        speeds, inclines = treadmill.profile.speed, treadmill.profile.incline
        yield summed(
            *(0x1A, 0x01, 9, round(speeds.maximum * 10), round(speeds.minimum * 10)),
            *(0 if inclines is None else round(inclines.maximum), 0),
            *(min(round(treadmill.reported_speed * 10), 0xFF), round(treadmill.incline) & 0xFF),
            *(self._state() | (0x80 if self.in_miles else 0), 0, 0),
        )
        counters = (
            int(treadmill.elapsed) % 6000,
            int(treadmill.distance) & 0xFFFF,
            int(treadmill.energy * 10) % 10_000,
            (treadmill.steps or 0) % 10_000,
        )
        numbers = b"".join((value * counted).to_bytes(2) for value in counters)
        yield summed(0x1A, 0x02, 12, *numbers, treadmill.heart_rate or 0, 0, 0, 0)

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (
            b"",
            b"\x1a\x01",
            bytes.fromhex("1a0109780a0000140002000077"),  # a wrong sum
            summed(0x1A, 0x01, 3, 0, 0, 0),  # a right sum, and too little in it
            bytes.fromhex("a10500a4"),
        )

    def _state(self) -> int:
        treadmill = self.treadmill
        if not treadmill.safety_key_in:
            return 23
        if treadmill.phase is Phase.PAUSED and not treadmill.at_rest:
            return 3
        return _STATES.get(treadmill.phase, 6 if treadmill.at_rest else 5)
