"""A virtual pad of KingSmith that speaks WiLink (docs/protocols.md)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, ClassVar, Final, override

from ..machine.model import MachineEvent, MachineEventKind
from .framed import FramedPeripheral
from .treadmill import Phase, VirtualTreadmill

_KEYS: Final = {
    MachineEventKind.STARTED: 1,
    MachineEventKind.STOPPED: 2,
    MachineEventKind.PAUSED: 2,
    MachineEventKind.SPEED_CHANGED: 3,
}


class _Mode(IntEnum):
    AUTOMATIC = 0
    MANUAL = 1
    STANDBY = 2


class _State(IntEnum):
    STOPPED = 0
    RUNNING = 1
    STANDBY = 5
    STARTING = 9


class WiLinkPeripheral(FramedPeripheral):
    """It moves in its manual mode only; a speed of 0 keeps the session, standby ends it."""

    service: ClassVar[int] = 0xFE00
    reports: ClassVar[int] = 0xFE01
    takes: ClassVar[int] = 0xFE02
    shortest_pace: ClassVar[float] = 0.69

    def __init__(self, treadmill: VirtualTreadmill, **more: Any) -> None:
        super().__init__(treadmill, **more)
        self.mode = _Mode.STANDBY
        self._target = 0  # tenths, as the app chose it
        self._key = 0

    @override
    def take(self, data: bytes) -> Iterable[bytes]:
        """Obey a frame, and return the status that was asked for."""
        if len(data) != 6 or data[:2] != b"\xf7\xa2" or data[-1] != 0xFD or sum(data[1:4]) & 0xFF != data[4]:
            return
        match data[2], data[3]:
            case 0, _:
                yield self.status()
            case 1, 0:
                self._stop()
            case 1, tenths:
                self._set_speed(tenths)
            case 2, (0 | 1 | 2) as mode:
                self._switch(_Mode(mode))
            case 4, 1 if self.mode is _Mode.MANUAL:
                self._start()

    @override
    def malformed(self) -> tuple[bytes, ...]:
        """Return frames that are none."""
        return (
            b"",
            b"\xf8\xa2\x01",  # the beginning
            bytes.fromhex("f8a2013c0100022a00004f0003d1b4000000e4fd"),  # a wrong sum
            b"\xf8\xa2\x01\x01\xa4\xfd",  # a right sum, and nothing in it
            b"\xfd\xf8\xfd",
        )

    def status(self) -> bytes:
        """Return what it says of itself."""
        treadmill = self.treadmill
        counted = not self.faults.no_counters
        body = bytes(
            (
                0xA2,
                self._state(),
                min(round(treadmill.reported_speed * 10), 0xFF),
                self.mode,
                *int(treadmill.elapsed * counted).to_bytes(3),
                *(int(treadmill.distance * counted) // 10).to_bytes(3),
                *int((treadmill.steps or 0) * counted).to_bytes(3),
                min(self._target * 3, 0xFF),
                0,
                self._key,
                0,
            )
        )
        return bytes((0xF8, *body, sum(body) & 0xFF, 0xFD))

    def _state(self) -> _State:
        treadmill = self.treadmill
        if treadmill.phase is Phase.COUNTDOWN:
            return _State.STARTING
        if treadmill.phase is Phase.RUNNING or not treadmill.at_rest:
            return _State.RUNNING
        return _State.STANDBY if self.mode is _Mode.STANDBY else _State.STOPPED

    @override
    def _halt(self) -> None:
        self.treadmill.pause()

    def _set_speed(self, tenths: int) -> None:
        if self.mode is _Mode.MANUAL and not self.faults.ignore_speed:
            self._target = tenths
            self.treadmill.set_speed(tenths / 10)

    def _switch(self, mode: _Mode) -> None:
        if mode is _Mode.STANDBY and self.faults.stop_ignored:
            return
        if mode is not _Mode.MANUAL:
            self.treadmill.stop()
        self.mode = mode

    @override
    def _console_used(self, event: MachineEvent) -> None:
        """Its remote starts the belt in the manual mode, and each status tells the newest key."""
        self._key = _KEYS.get(event.kind, self._key)
        if event.kind is MachineEventKind.STARTED:
            self.mode = _Mode.MANUAL
