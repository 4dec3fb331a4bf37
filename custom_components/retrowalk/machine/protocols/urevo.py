"""Urevo's own protocol (docs/protocols.md): monitored only, and only where such a pad has no Fitness Machine Service.

Speed and distance are in the unit of its console, which it does not tell.
"""

from typing import ClassVar, Final, override

from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..framed.stream import FrameStream
from ..model import BeltState, Capabilities, Command

SERVICE: Final = "0000fff0-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fff1-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fff2-0000-1000-8000-00805f9b34fb"

_BEGIN, _STATUS, _END = 0x02, 0x51, 0x03
_SUMS_FROM: Final = (0, 1)
"""The first byte that is part of the sum: on a URTM041, and on a URTM030."""
_MASK = 0x5A
_SHORTEST, _WITH_VALUES = 6, 19

_ACTIVITIES: Final = {
    0: Activity.RESTS,
    1: Activity.RESTS,
    2: Activity.COUNTS_DOWN,
    3: Activity.RUNS,
    4: Activity.SLOWS,
    6: Activity.RESTS,  # its display is off
    10: Activity.PAUSES,
}
_WOKEN_EVERY = 10.0


class UrevoDriver(FramedDriver):
    """A pad of Urevo."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.1
    polls_every: ClassVar[float | None] = _WOKEN_EVERY
    poll = bytes((_BEGIN, _STATUS, 0x0B, _END))
    can_be_stopped: ClassVar[bool] = False

    @override
    def prepare(self) -> None:
        self._stream = FrameStream(_BEGIN, _END, self._is_whole)
        self._sum_from: int | None = None

    def _is_whole(self, data: bytes) -> bool:
        """Return whether these bytes are a status; a pad sums as it did in its first one."""
        if len(data) < _SHORTEST or data[0] != _BEGIN or data[1] != _STATUS or data[-1] != _END:
            return False
        begins = _SUMS_FROM if self._sum_from is None else (self._sum_from,)
        begin = next((begin for begin in begins if sum(data[begin:-2]) & 0xFF ^ _MASK == data[-2]), None)
        if begin is not None:
            self._sum_from = begin
        return begin is not None

    @override
    async def introduce(self) -> Capabilities:
        return Capabilities(control_unproven=True, reports_distance=True, reports_steps=True, reports_elapsed_time=True)

    @override
    def stop_frame(self, command: Command) -> bytes:
        raise ValueError(f"not a command for this machine: {command}")

    @override
    async def carry_out(self, command: Command) -> None:
        raise ValueError(f"not a command for this machine: {command}")

    @override
    def receive(self, data: bytes) -> bool:
        frames = self._stream.feed(data, self.now)
        for frame in frames:
            self._receive_status(frame)
        return bool(frames)

    def _receive_status(self, frame: bytes) -> None:
        activity = _ACTIVITIES.get(frame[2])
        if len(frame) < _WITH_VALUES:
            if activity is Activity.COUNTS_DOWN:
                self.report(activity, belt=BeltState.COUNTDOWN, speed=0.0)
            elif activity is Activity.RESTS:
                self.report(activity, belt=BeltState.AT_REST, speed=0.0)
            return  # what moves, or is not known, and comes without its speed is no news of the belt
        speed = frame[3] / 10
        if speed > 0:
            belt = BeltState.MOVING  # whatever it says that it does
        elif activity is None:
            belt = BeltState.UNKNOWN
        else:
            belt = BeltState.COUNTDOWN if activity is Activity.COUNTS_DOWN else BeltState.AT_REST
        elapsed, hundredths, steps = (int.from_bytes(frame[at : at + 2], "little") for at in (5, 7, 11))
        self.report(activity, belt=belt, speed=speed, elapsed_time=elapsed, distance=hundredths * 10, steps=steps)
