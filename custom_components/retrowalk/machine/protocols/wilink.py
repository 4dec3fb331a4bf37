"""KingSmith's WiLink: the WalkingPad A1, C2, P1, R1 Pro and their kin (docs/protocols.md).

Such a pad answers when it is asked, and takes a frame every 0.7 s. It moves only in its manual mode. A speed of 0 stops
it and keeps its session, standby ends that.
"""

from typing import ClassVar, Final, override

from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..framed.stream import FrameStream
from ..model import BeltState, Capabilities, Command, CommandKind, MachineEventKind, ValueRange

SERVICE: Final = "0000fe00-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fe01-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fe02-0000-1000-8000-00805f9b34fb"

_TO_PAD, _FROM_PAD, _END = 0xF7, 0xF8, 0xFD
_CONTROL = 0xA2
_ASK, _SPEED, _MODE, _START = 0x00, 0x01, 0x02, 0x04
_MANUAL, _STANDBY = 1, 2
_STATUS_LENGTH = 20

_ACTIVITIES: Final = {
    0: Activity.RESTS,
    1: Activity.RUNS,
    5: Activity.RESTS,  # standby
    9: Activity.COUNTS_DOWN,
}
_MODE_TAKES = 3.0
"""Seconds in which a pad goes to its manual mode."""

_STARTS_WITHIN = 2.5
"""Seconds in which a pad that took a start says so."""

_SPEEDS: Final = ValueRange(0.5, 6.0, 0.1)
"""What the first of these pads can; none of them says it. The check run shows where a belt begins."""
_SPEEDS_BY_NAME: Final = (("R1 PRO", ValueRange(2.0, 10.0, 0.1)),)


def _frame(key: int, value: int) -> bytes:
    body = bytes((_CONTROL, key, value))
    return bytes((_TO_PAD, *body, sum(body) & 0xFF, _END))


def _is_whole(data: bytes) -> bool:
    """Return whether these bytes are a frame of a pad: a status has its own length, as each byte may be an end."""
    if len(data) < 5 or data[0] != _FROM_PAD or data[-1] != _END or sum(data[1:-2]) & 0xFF != data[-2]:
        return False
    return data[1] != _CONTROL or len(data) == _STATUS_LENGTH


class WiLinkDriver(FramedDriver):
    """A pad of KingSmith that speaks WiLink."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.75
    polls_every: ClassVar[float | None] = 0.75
    poll = _frame(_ASK, 0)

    @override
    def prepare(self) -> None:
        self._stream = FrameStream(_FROM_PAD, _END, _is_whole)
        self._mode: int | None = None
        self._key: int | None = None

    @override
    async def introduce(self) -> Capabilities:
        name = self.name.upper()
        return Capabilities(
            speed_range=next((speeds for prefix, speeds in _SPEEDS_BY_NAME if name.startswith(prefix)), _SPEEDS),
            can_start_and_stop=True,
            reports_distance=True,
            reports_steps=True,
            reports_elapsed_time=True,
        )

    @override
    def stop_frame(self, command: Command) -> bytes:
        match command:
            case Command(CommandKind.SET_SPEED, float() as speed):
                return _frame(_SPEED, round(speed * 10))
            case Command(CommandKind.PAUSE | CommandKind.END_SESSION):
                return _frame(_MODE, _STANDBY)
            case _:
                return _frame(_SPEED, 0)

    @override
    async def carry_out(self, command: Command) -> None:
        match command:
            case Command(CommandKind.START):
                await self._to_manual_mode()
                await self.send_start(_frame(_START, 1))
                if await self.denies(lambda: self.goes, _STARTS_WITHIN):
                    await self.send_start(_frame(_START, 1))  # it missed the first
            case Command(CommandKind.START_AGAIN):
                await self.send(_frame(_START, 1))
            case Command(CommandKind.PAUSE):
                await self.send(_frame(_SPEED, 0))
            case Command(CommandKind.SET_SPEED, float() as speed):
                await self.send(_frame(_SPEED, round(speed * 10)))
            case _:
                raise ValueError(f"not a command for this machine: {command}")

    async def _to_manual_mode(self) -> None:
        """Switch the mode, and wait a while until the pad is there: it starts in no other."""
        if self._mode == _MANUAL:
            return
        await self.send(_frame(_MODE, _MANUAL))
        until = self.now + _MODE_TAKES
        while self._mode != _MANUAL and (left := until - self.now) > 0:
            await self.next_frame(left)

    @override
    def receive(self, data: bytes) -> bool:
        frames = self._stream.feed(data, self.now)
        for frame in frames:
            if frame[1] == _CONTROL:
                self._receive_status(frame)
        return bool(frames)

    def _receive_status(self, frame: bytes) -> None:
        state, speed, self._mode = frame[2], frame[3] / 10, frame[4]
        activity = _ACTIVITIES.get(state)
        if speed > 0:
            belt = BeltState.MOVING  # whatever it says that it does
        elif activity is None:
            belt = BeltState.UNKNOWN
        else:
            belt = BeltState.COUNTDOWN if activity is Activity.COUNTS_DOWN else BeltState.AT_REST
        self.report(
            activity,
            belt=belt,
            speed=speed,
            elapsed_time=int.from_bytes(frame[5:8]),
            distance=int.from_bytes(frame[8:11]) * 10,
            steps=int.from_bytes(frame[11:14]),
        )
        self._follow_keys(frame[16], speed)

    def _follow_keys(self, key: int, speed: float) -> None:
        """Tell a key of the remote that was pressed while the belt moved; the newest one is repeated in each status."""
        before, self._key = self._key, key
        if before is not None and key not in {0, before} and speed > 0:
            self.happened(MachineEventKind.SPEED_CHANGED, speed)
