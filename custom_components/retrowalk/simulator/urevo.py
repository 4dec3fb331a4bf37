"""A virtual pad of Urevo with its own protocol only (docs/protocols.md)."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final, override

from .framed import FramedPeripheral
from .treadmill import Phase, VirtualTreadmill

_WAKE: Final = bytes.fromhex("02510b03")
_STATES: Final = {Phase.COUNTDOWN: 2, Phase.RUNNING: 3, Phase.PAUSED: 10}


class UrevoPeripheral(FramedPeripheral):
    """It is silent until it was woken; what else it is told, it does not do."""

    service: ClassVar[int | str] = 0xFFF0
    reports: ClassVar[int | str] = 0xFFF1
    takes: ClassVar[int | str] = 0xFFF2

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        super().__init__(treadmill, **more)
        self._sums_from = 1 if self.name.startswith("URTM030") else 0
        self._awake = False

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Wake up."""
        if data == _WAKE:
            self._awake = True
            yield self.status()

    @override
    def push(self) -> Iterable[bytes]:
        """Return its status."""
        if self._awake:
            yield self.status()

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (
            b"",
            b"\x02\x51\x03",
            bytes.fromhex("0251030e007c0003002c007e0000000000d803"),  # a wrong sum
            _WAKE,
            b"\x02" * 20,
        )

    def status(self) -> bytes:
        """Return what it says of itself: short in standby."""
        treadmill, counted = self.treadmill, not self.faults.no_counters
        if treadmill.phase is Phase.IDLE and treadmill.at_rest and not treadmill.elapsed:
            return self._framed(b"\x02\x51\x00\x00")
        state = _STATES.get(treadmill.phase, 1 if treadmill.at_rest else 4)
        if treadmill.phase is Phase.PAUSED and not treadmill.at_rest:
            state = 4
        values = (
            int(treadmill.elapsed),
            int(treadmill.distance / 10),
            int(treadmill.distance),
            treadmill.steps or 0,
        )
        numbers = b"".join((value * counted & 0xFFFF).to_bytes(2, "little") for value in values)
        speed = min(round(treadmill.reported_speed * 10), 0xFF)
        return self._framed(bytes((0x02, 0x51, state, speed, 0, *numbers, 0, 0, 0, 0)))

    def _framed(self, frame: bytes) -> bytes:
        return bytes((*frame, sum(frame[self._sums_from :]) & 0xFF ^ 0x5A, 0x03))
