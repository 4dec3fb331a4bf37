"""EFC: treadmills of CITYSPORTS and others that come with the app EQiSports (docs/protocols.md).

Such a machine reports by itself, several times a second. One whose console is set to miles is only monitored: nobody
has seen one.
"""

from functools import reduce
from operator import xor
from typing import ClassVar, Final, override

from ..errors import ControlRefusedError
from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..framed.wrapping import Unwrapped
from ..model import KM_PER_MILE, BeltState, Capabilities, Command, CommandKind, ValueRange

SERVICE: Final = "ffeeddcc-bbaa-9988-7766-554433221100"
_WRITES_TO: Final = "ffeeddcc-bbaa-9988-7766-554433221101"
_REPORTS_ON: Final = "ffeeddcc-bbaa-9988-7766-554433221102"

_TO_MACHINE, _FROM_MACHINE = 0xA1, 0x1A
_SET_SPEED, _CONTROL, _WHO = 0x01, 0x03, 0x05
_START, _PAUSE, _STOP = 0x01, 0x03, 0x05
_STATUS, _COUNTERS = 0x01, 0x02
_LENGTHS: Final = {_STATUS: 9, _COUNTERS: 12}
_IN_MILES = 0x80
_STATE = 0x1F

_ACTIVITIES: Final = {
    0: Activity.RESTS,
    1: Activity.COUNTS_DOWN,
    2: Activity.RUNS,
    3: Activity.PAUSES,  # slowing down to it
    4: Activity.PAUSES,
    5: Activity.RESTS,  # the summary of a session
    6: Activity.RESTS,  # standby
    23: Activity.KEY_OUT,
}
_CLOCK_WRAPS, _COUNTS_WRAP = 6000, 10_000
_FASTEST = 25.0
"""km/h; what is above is no speed of a treadmill."""


def _frame(kind: int, *payload: int) -> bytes:
    body = bytes((_TO_MACHINE, kind, len(payload), *payload))
    return bytes((*body, reduce(xor, body)))


class EfcDriver(FramedDriver):
    """A treadmill that speaks EFC."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.15
    polls_every: ClassVar[float | None] = 10.0
    poll = _frame(_WHO)

    @override
    def prepare(self) -> None:
        self._range: ValueRange | None = None
        self._inclines = False
        self._in_miles = False
        self._elapsed = Unwrapped(_CLOCK_WRAPS)
        self._steps = Unwrapped(_COUNTS_WRAP)
        self._energy = Unwrapped(_COUNTS_WRAP)

    @override
    async def introduce(self) -> Capabilities:
        controlled = self._range is not None and not self._in_miles
        return Capabilities(
            speed_range=self._range if controlled else None,
            can_start_and_stop=controlled,
            control_unproven=not controlled,
            reports_incline=self._inclines,
            reports_distance=True,
            reports_energy=True,
            reports_steps=True,
            reports_elapsed_time=True,
        )

    @override
    def stop_frame(self, command: Command) -> bytes:
        match command:
            case Command(CommandKind.SET_SPEED, float() as speed) if (
                self.activity.now is Activity.RUNS and not self._in_miles
            ):
                return self._speed(speed)
            case Command(CommandKind.PAUSE):
                return _frame(_CONTROL, _PAUSE)
            case _:  # nobody knows what a speed does to a belt at rest (S8)
                return _frame(_CONTROL, _STOP)

    @override
    async def carry_out(self, command: Command) -> None:
        match command:
            case Command(CommandKind.START):
                await self.send_start(_frame(_CONTROL, _START))
            case Command(CommandKind.START_AGAIN):
                await self.send(_frame(_CONTROL, _START))
            case Command(CommandKind.PAUSE):
                await self.send(_frame(_CONTROL, _PAUSE))
            case Command(CommandKind.SET_SPEED, float() as speed):
                await self.send_to_running(self._speed(speed))
            case _:
                raise ValueError(f"not a command for this machine: {command}")

    def _speed(self, speed: float) -> bytes:
        """Return a target. Raises ControlRefusedError if somebody has set the console to miles."""
        if self._in_miles:
            raise ControlRefusedError("its console is set to miles")
        return _frame(_SET_SPEED, 0x01, round(speed * 10))

    @override
    def receive(self, data: bytes) -> bool:
        heard = False
        while len(data) > 3:
            size = data[2] + 4
            if data[0] != _FROM_MACHINE or len(data) < size or reduce(xor, data[: size - 1]) != data[size - 1]:
                break
            heard |= self._receive_frame(data[1], data[3 : size - 1])
            data = data[size:]
        return heard

    def _receive_frame(self, kind: int, payload: bytes) -> bool:
        """Take in one frame, and return whether it says what the belt does."""
        if len(payload) != _LENGTHS.get(kind):
            return False
        if kind == _STATUS:
            return self._receive_status(payload)
        self._receive_counters(payload)
        return False

    def _receive_status(self, payload: bytes) -> bool:
        in_miles = bool(payload[6] & _IN_MILES)
        highest, lowest = payload[0] / 10, payload[1] / 10
        speed = round(payload[4] / 10 * (KM_PER_MILE if in_miles else 1.0), 2)
        if speed > _FASTEST:
            return False
        self._in_miles = in_miles
        self._range = ValueRange(lowest, highest, 0.1) if 0 < lowest < highest else None
        self._inclines = payload[2] > 0
        activity = _ACTIVITIES.get(payload[6] & _STATE)
        if speed > 0:
            belt = BeltState.MOVING  # whatever it says that it does
        elif activity is None:
            belt = BeltState.UNKNOWN
        else:
            belt = BeltState.COUNTDOWN if activity is Activity.COUNTS_DOWN else BeltState.AT_REST
        self.report(activity, belt=belt, speed=speed, incline=_signed(payload[5:6]) if self._inclines else None)
        return True

    def _receive_counters(self, payload: bytes) -> None:
        elapsed, meters, energy, steps = (int.from_bytes(payload[at : at + 2]) for at in range(0, 8, 2))
        self.report(
            elapsed_time=self._elapsed.take(elapsed),
            distance=round(meters * KM_PER_MILE) if self._in_miles else meters,
            energy=self._energy.take(energy) // 10,
            steps=self._steps.take(steps),
            heart_rate=payload[8] or None,
        )


def _signed(byte: bytes) -> float:
    return float(int.from_bytes(byte, signed=True))
