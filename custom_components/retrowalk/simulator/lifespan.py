"""A virtual treadmill with a console of LifeSpan (docs/protocols.md)."""

from collections.abc import Iterable
from typing import ClassVar, override

from .framed import FramedPeripheral
from .treadmill import Phase


class LifeSpanPeripheral(FramedPeripheral):
    """It answers questions, and does not say which; what else it is told, it does not do."""

    service: ClassVar[int | str] = 0xFFF0
    reports: ClassVar[int | str] = 0xFFF1
    takes: ClassVar[int | str] = 0xFFF2

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Answer a question."""
        if len(data) not in {5, 6} or data[0] != 0xA1 or any(data[2:]):
            return
        values = self._values(data[1])
        yield bytes((0xA1, *((0xFF, 0, 0, 0, 0) if values is None else (0xAA, *values.ljust(4, b"\0")))))

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (b"", b"\xa1\xaa\x00", b"\x02\xaa\x11\x18\x00\x00", b"\xa1\xaa\x03\x00\x00\x00\x00")

    def _values(self, question: int) -> bytes | None:
        treadmill, counted = self.treadmill, not self.faults.no_counters
        elapsed = int(treadmill.elapsed) * counted
        match question:
            case 0x82:
                whole, hundredths = divmod(round(treadmill.reported_speed * 100), 100)
                return bytes((whole, hundredths))
            case 0x85:
                whole, hundredths = divmod(int(treadmill.distance / 10) * counted, 100)
                return bytes((whole, hundredths))
            case 0x87:
                return (int(treadmill.energy) * counted & 0xFFFF).to_bytes(2)
            case 0x88:
                return ((treadmill.steps or 0) * counted & 0xFFFF).to_bytes(2)
            case 0x89:
                return bytes((elapsed // 3600, elapsed // 60 % 60, elapsed % 60))
            case 0x91:
                return bytes((self._state(),))
            case _:
                return None

    def _state(self) -> int:
        treadmill = self.treadmill
        if treadmill.phase is Phase.RUNNING or not treadmill.at_rest:
            return 3
        if treadmill.phase is Phase.PAUSED:
            return 5
        return 4 if treadmill.elapsed else 1
