"""PitPat, also Superun and DeerRun: pads with the service fba0 (docs/protocols.md).

Such a pad reports once a second. Its start is a target speed, so that a speed would start a belt at rest. Speeds are in
m/h on the wire, whatever unit its console shows.
"""

from functools import reduce
from operator import xor
from typing import ClassVar, Final, override

from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..framed.stream import FrameStream
from ..framed.target import KeptTarget
from ..model import BeltState, Capabilities, Command, CommandKind, MachineEventKind, ValueRange

SERVICE: Final = "0000fba0-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fba1-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fba2-0000-1000-8000-00805f9b34fb"

_TO_PAD, END = 0x6A, 0x43
_FROM_PAD: Final = (0x66, 0x68)
_SHORTEST = 33
_STOP, _PAUSE, _RUN = 0, 2, 4
_SHOWS_MILES = 0x08
"""Added to a command for a pad whose console shows miles; its speed stays in m/h."""
_AT_ONCE, _RAMPED = 1, 5
"""How it gets to the speed, in the known frames: of start, pause and stop, and of a target."""
_WEIGHT = 80
"""kg, for the pad's own calories, as in the known frames."""
_USER: Final = bytes.fromhex("0000000dba9d76ef")
"""The user in the known frames; a pad takes any."""

_ACTIVITIES: Final = {
    0x00: Activity.RESTS,
    0x08: Activity.RUNS,
    0x10: Activity.PAUSES,
    0x18: Activity.COUNTS_DOWN,
}
_MILES_SHOWN = 0x80
_OLD_FIRMWARE = 19
"""Up to which the time is in seconds; it is in milliseconds since then."""

_LOWEST, _STEP = 1.0, 0.1
_SPEEDS: Final = ValueRange(_LOWEST, 6.0, _STEP)
"""For a pad that does not tell its highest speed. The lowest is the one of the known starts."""
_FASTEST = 25.0
"""km/h; what is above is no speed of a treadmill."""


def _frame(command: int, *, speed: float = 0.0, way: int = _AT_ONCE, incline: int = 0) -> bytes:
    body = bytes((0x17, *bytes(4), *round(speed * 1000).to_bytes(2), way, incline, _WEIGHT, 0, command, *_USER))
    return bytes((_TO_PAD, *body, reduce(xor, body), END))


def is_whole(data: bytes) -> bool:
    """Return whether these bytes are a report."""
    if len(data) < _SHORTEST or data[0] not in _FROM_PAD or data[1] != len(data) or data[-1] != END:
        return False
    return reduce(xor, data[1:-2]) == data[-2]


class PitPatDriver(FramedDriver):
    """A pad of PitPat and its kin."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.2
    polls_every: ClassVar[float | None] = 1.0
    poll = bytes.fromhex("6a05fdf843")

    @override
    def prepare(self) -> None:
        self._stream = FrameStream(_FROM_PAD[0], END, is_whole)
        self._maximum = 0.0
        self._inclines = False
        self._incline = 0
        self._shows_miles = False
        self._target = KeptTarget(tolerance=0.05)

    @override
    async def introduce(self) -> Capabilities:
        told = self._maximum
        return Capabilities(
            speed_range=ValueRange(_LOWEST, told, _STEP) if _LOWEST < told <= _FASTEST else _SPEEDS,
            can_start_and_stop=True,
            reports_incline=self._inclines,
            reports_distance=True,
            reports_energy=True,
            reports_steps=True,
            reports_elapsed_time=True,
        )

    @override
    def stop_frame(self, command: Command) -> bytes:
        match command:
            case Command(CommandKind.SET_SPEED, float() as speed) if self.activity.now is Activity.RUNS:
                return self._run(speed, _RAMPED)
            case Command(CommandKind.PAUSE):
                return _frame(self._as_shown(_PAUSE))
            case _:  # a speed would start a belt that does not run (S8)
                return _frame(self._as_shown(_STOP))

    @override
    async def carry_out(self, command: Command) -> None:
        match command:
            case Command(CommandKind.START):
                await self.send_start(self._start())
            case Command(CommandKind.START_AGAIN):
                await self.send(self._start())
            case Command(CommandKind.PAUSE):
                await self.send(_frame(self._as_shown(_PAUSE)))
            case Command(CommandKind.SET_SPEED, float() as speed):
                self._target.want(speed, self.now)
                await self.send_to_running(self._run(speed, _RAMPED))
            case _:
                raise ValueError(f"not a command for this machine: {command}")

    def _start(self) -> bytes:
        self._target.want(_LOWEST, self.now)
        return self._run(_LOWEST, _AT_ONCE)

    def _run(self, speed: float, way: int) -> bytes:
        """Return a target, with the incline that the pad has: nothing may tilt by chance."""
        return _frame(self._as_shown(_RUN), speed=speed, way=way, incline=self._incline)

    def _as_shown(self, command: int) -> int:
        return command | _SHOWS_MILES if self._shows_miles else command

    @override
    def receive(self, data: bytes) -> bool:
        frames = [frame for frame in self.frames_in(data) if _number(frame, 3, 2) <= _FASTEST * 1000]
        for frame in frames:
            self._receive_status(frame)
        return bool(frames)

    def frames_in(self, data: bytes) -> list[bytes]:
        """Return the frames that are whole with a notification."""
        return self._stream.feed(data, self.now)

    def _receive_status(self, frame: bytes) -> None:
        speed, target, flags = _number(frame, 3, 2) / 1000, _number(frame, 5, 2) / 1000, frame[26]
        self._maximum = _number(frame, 27, 2) / 1000
        self._incline, self._inclines = frame[12] & 0x3F, frame[29] > 0
        self._shows_miles = bool(flags & _MILES_SHOWN)
        activity = _ACTIVITIES[flags & 0x18]
        if speed > 0:
            belt = BeltState.MOVING  # whatever it says that it does
        else:
            belt = BeltState.COUNTDOWN if activity is Activity.COUNTS_DOWN else BeltState.AT_REST
        self.report(
            activity,
            belt=belt,
            speed=speed,
            incline=float(int.from_bytes(frame[11:12], signed=True)) if self._inclines else None,
            heart_rate=frame[13] or None,
            distance=_number(frame, 7, 4),
            steps=_number(frame, 14, 4),
            energy=_number(frame, 18, 2),
            elapsed_time=_number(frame, 20, 4) // (1000 if frame[25] > _OLD_FIRMWARE else 1),
        )
        if activity is Activity.RUNS and self._target.see(target, self.now):
            self.happened(MachineEventKind.SPEED_CHANGED, target)


def _number(frame: bytes, begin: int, size: int) -> int:
    return int.from_bytes(frame[begin : begin + size])
