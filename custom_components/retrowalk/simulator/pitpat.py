"""A virtual pad of PitPat (docs/protocols.md)."""

from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import Any, ClassVar, override

from .framed import FramedPeripheral
from .treadmill import Phase, VirtualTreadmill

_STATES = {Phase.RUNNING: 0x08, Phase.PAUSED: 0x10, Phase.COUNTDOWN: 0x18}


def _summed(frame: bytes) -> bytes:
    return bytes((*frame, reduce(xor, frame[1:]), 0x43))


class PitPatPeripheral(FramedPeripheral):
    """It reports once a second, and whatever it rests in, a speed starts it."""

    service: ClassVar[int] = 0xFBA0
    reports: ClassVar[int] = 0xFBA2
    takes: ClassVar[int] = 0xFBA1
    answers_write: ClassVar[bool] = True

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        self.shows_miles = False
        self._starts_at: float | None = None
        self.treadmill = treadmill
        super().__init__(treadmill, **more)

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame, and report after a poll."""
        if len(data) < 5 or data[0] != 0x6A or data[1] != len(data) or _summed(data[:-2]) != data:
            return
        if data == bytes.fromhex("6a05fdf843"):
            yield self.status()
        elif len(data) == 23 and data[2:6] == bytes(4):
            self._obey(data[12] & ~0x08, int.from_bytes(data[6:8]) / 1000)

    @override
    def push(self) -> Iterable[bytes]:
        """Return its status; a belt that has begun goes to the speed of its start."""
        if self.treadmill.phase is Phase.RUNNING and self._starts_at is not None:
            self.treadmill.set_speed(self._starts_at)
            self._starts_at = None
        yield self.status()

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        good = self.status()
        return (
            b"",
            b"\x66\x35",
            good[:-2] + bytes((good[-2] ^ 1, 0x43)),  # a wrong sum
            _summed(b"\x66\x05\x00"),  # a right sum, and nothing in it
            _summed(b"\x66\x35\x00\xff\xff" + good[5:-2]),  # 65 km/h
            good[30:],
        )

    def status(self) -> bytes:
        """Return what it says of itself."""
        treadmill, profile = self.treadmill, self.treadmill.profile
        counted = not self.faults.no_counters
        highest = 0 if profile.incline is None else round(profile.incline.maximum)
        return _summed(
            b"".join(
                (
                    b"\x66\x35\x00",
                    min(round(treadmill.reported_speed * 1000), 0xFFFF).to_bytes(2),
                    round(treadmill.target_speed * 1000).to_bytes(2),
                    (int(treadmill.distance) * counted).to_bytes(4),
                    bytes((round(treadmill.incline), round(treadmill.target_incline), treadmill.heart_rate or 0)),
                    ((treadmill.steps or 0) * counted).to_bytes(4),
                    (int(treadmill.energy) * counted).to_bytes(2),
                    (round(treadmill.elapsed * 1000) * counted).to_bytes(4),
                    bytes((0, 37, _STATES.get(treadmill.phase, 0) | 0x03 | (0x80 if self.shows_miles else 0))),
                    (0 if self.faults.no_ranges else round(profile.speed.maximum * 1000)).to_bytes(2),
                    bytes((highest, 5, 2, *bytes(16), 0, 0, 0)),
                )
            )
        )

    def _obey(self, command: int, speed: float) -> None:
        faults, treadmill = self.faults, self.treadmill
        if command in faults.declines_op:
            return
        match command:
            case 0:
                self._stop()
            case 2:
                self._pause()
            case 4 if treadmill.phase in {Phase.IDLE, Phase.PAUSED}:
                treadmill.start()
                self._starts_at = speed
            case 4 if not faults.ignore_speed:
                treadmill.set_speed(speed)


class EnvelopedPeripheral(PitPatPeripheral):
    """A pad that sends and wants the same frames in an envelope."""

    service: ClassVar[int] = 0xFFFF
    reports: ClassVar[int] = 0xFF02
    takes: ClassVar[int] = 0xFF01

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        self._number = 0
        super().__init__(treadmill, **more)

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame in an envelope; it has no other."""
        if data[:2] == b"\x4d\x00" and len(data) > 4 and data[3] == len(data) - 4:
            yield from map(self._enveloped, super().take(data[4:]))

    @override
    def push(self) -> Iterable[bytes]:
        """Return its status in an envelope."""
        yield from map(self._enveloped, super().push())

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none, with and without an envelope."""
        bare = super().malformed()
        return (*bare, *map(self._enveloped, bare), self._enveloped(self.status())[:-1])

    def _enveloped(self, frame: bytes) -> bytes:
        self._number = (self._number + 1) & 0xFF
        return bytes((0x4D, 0, self._number, len(frame), *frame))


class DeerRunPeripheral(EnvelopedPeripheral):
    """A pad whose characteristics have the roles of the others' swapped."""

    service: ClassVar[int] = 0xFFF0
    reports: ClassVar[int] = 0xFFF2
    takes: ClassVar[int] = 0xFFF1
