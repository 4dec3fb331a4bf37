"""Sperax with a module WLT6200: P3 Max, RM-01 and their kin (docs/protocols.md).

Such a pad answers when it is asked. Its start is a target, so that a speed would start a belt at rest; and its belt
runs on when the link is lost.
"""

from typing import ClassVar, Final, override

from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..framed.stream import FrameStream
from ..model import BeltState, Capabilities, Command, CommandKind, ValueRange

SERVICE: Final = "0000fff0-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fff1-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fff2-0000-1000-8000-00805f9b34fb"

_BEGIN, _STUFFED, _END = 0xF5, 0xF0, 0xFA
_ASK_FOR_CONTROL, _HELLO, _RUN, _STATUS = 0x00, 0x01, 0x15, 0x19
_STOP, _GO, _PAUSE = 0, 1, 2
_POLYNOMIAL = 0xA327
_SHORTEST = 7
_STATUS_LENGTH = 19

_ACTIVITIES: Final = {
    0x00: Activity.RESTS,
    0x01: Activity.RESTS,
    0x02: Activity.RESTS,
    0x0F: Activity.SLOWS,
    0x10: Activity.RUNS,
    0x11: Activity.COUNTS_DOWN,
    0x12: Activity.COUNTS_DOWN,
    0x13: Activity.COUNTS_DOWN,
    0x50: Activity.RESTS,  # it vibrates
}
_LOWEST = 0.5
_SPEEDS: Final = ValueRange(_LOWEST, 4.0, 0.1)
"""What each of these pads can; none of them says it. The check run shows where a belt begins."""
_SPEEDS_BY_NAME: Final = (("SPERAX_P3", ValueRange(_LOWEST, 6.0, 0.1)),)
_WANTS_TO_BE_ASKED: Final = "SPERAX_RM"
"""Names of pads that start only after they were asked for control."""


def _checked(data: bytes) -> int:
    """Return the sum of a frame before it was stuffed."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


def _frame(*content: int) -> bytes:
    plain = bytes((0, *content))
    summed = plain + _checked(bytes((_BEGIN, len(plain) + 5)) + plain).to_bytes(2, "little")
    stuffed = b"".join(bytes((_STUFFED, byte & 0x0F)) if byte >= _STUFFED else bytes((byte,)) for byte in summed)
    return bytes((_BEGIN, len(stuffed) + 3)) + stuffed + bytes((_END,))


def _content(frame: bytes) -> bytes:
    """Return what is in a frame, with its first byte, which is 0; empty if it is not whole."""
    if len(frame) < _SHORTEST or frame[0] != _BEGIN or frame[-1] != _END or frame[1] != len(frame):
        return b""
    plain, stuffed = bytearray(), iter(frame[2:-1])
    for byte in stuffed:
        plain.append(byte if byte < _STUFFED else _STUFFED | next(stuffed, 0))
    content, told = bytes(plain[:-2]), int.from_bytes(plain[-2:], "little")
    return content if len(content) > 1 and _checked(bytes((_BEGIN, len(plain) + 3)) + content) == told else b""


class SperaxDriver(FramedDriver):
    """A pad of Sperax that speaks the protocol of its module."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.2
    polls_every: ClassVar[float | None] = 0.5
    poll = _frame(_STATUS)
    greeting: ClassVar[tuple[bytes, ...]] = (_frame(_HELLO),)

    @override
    def prepare(self) -> None:
        self._stream = FrameStream(_BEGIN, _END, lambda data: bool(_content(data)))
        self._incline = 0

    @override
    async def introduce(self) -> Capabilities:
        name = self.name.upper()
        return Capabilities(
            speed_range=next((speeds for prefix, speeds in _SPEEDS_BY_NAME if name.startswith(prefix)), _SPEEDS),
            can_start_and_stop=True,
            reports_distance=True,
            reports_energy=True,
            reports_steps=True,
            reports_elapsed_time=True,
        )

    @override
    def stop_frame(self, command: Command) -> bytes:
        match command:
            case Command(CommandKind.SET_SPEED, float() as speed) if self.activity.now is Activity.RUNS:
                return self._run(speed)
            case Command(CommandKind.PAUSE):
                return _frame(_RUN, _PAUSE, 0, 0)
            case _:  # a speed would start a belt that does not run (S8)
                return _frame(_RUN, _STOP, 0, 0)

    @override
    async def carry_out(self, command: Command) -> None:
        match command:
            case Command(CommandKind.START | CommandKind.START_AGAIN as kind):
                if self.name.upper().startswith(_WANTS_TO_BE_ASKED):
                    await self.send(_frame(_ASK_FOR_CONTROL))
                await (self.send_start if kind is CommandKind.START else self.send)(self._run(_LOWEST))
            case Command(CommandKind.PAUSE):
                await self.send(_frame(_RUN, _PAUSE, 0, 0))
            case Command(CommandKind.SET_SPEED, float() as speed):
                await self.send_to_running(self._run(speed))
            case _:
                raise ValueError(f"not a command for this machine: {command}")

    def _run(self, speed: float) -> bytes:
        """Return a target, with the incline that the pad has: nothing may tilt by chance."""
        return _frame(_RUN, _GO, round(speed * 10), self._incline)

    @override
    def receive(self, data: bytes) -> bool:
        contents = [_content(frame) for frame in self._stream.feed(data, self.now)]
        states = [content for content in contents if content[1] == _STATUS and len(content) >= _STATUS_LENGTH]
        for content in states:
            self._receive_status(content)
        return bool(states)

    def _receive_status(self, content: bytes) -> None:
        speed, self._incline = content[15] / 10, content[16]
        activity = _ACTIVITIES.get(content[4])
        if speed > 0:
            belt = BeltState.MOVING  # whatever it says that it does
        elif activity is None:
            belt = BeltState.UNKNOWN
        else:
            belt = BeltState.COUNTDOWN if activity is Activity.COUNTS_DOWN else BeltState.AT_REST
        elapsed, tens, energy, steps = (int.from_bytes(content[at : at + 2]) for at in range(7, 15, 2))
        self.report(
            activity, belt=belt, speed=speed, elapsed_time=elapsed, distance=tens * 10, energy=energy, steps=steps
        )
