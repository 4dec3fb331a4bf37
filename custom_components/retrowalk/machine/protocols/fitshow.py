"""FitShow, also called FitHome: modules in treadmills of Sportstech and many others (docs/protocols.md).

Most of these modules speak the Fitness Machine Service, too, which is used where it is there. Speed and incline are one
command, so that each of them is sent with what the other has.
"""

from functools import reduce
from operator import xor
from typing import ClassVar, Final, override

from ..errors import RejectedError
from ..framed.activity import GOES, Activity
from ..framed.byte_order import ByteOrder
from ..framed.driver import FramedDriver
from ..framed.stream import FrameStream
from ..framed.target import KeptTarget
from ..ftms.quirks import known_quirks
from ..model import BeltState, Capabilities, Command, CommandKind, MachineEventKind, Quirk, ValueRange

SERVICE: Final = "0000fff0-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fff1-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fff2-0000-1000-8000-00805f9b34fb"

_START_BYTE, _END_BYTE = 0x02, 0x03
_INFO, _STATUS, _CONTROL = 0x50, 0x51, 0x53
_KINDS: Final = range(0x50, 0x60)
"""Of frames: within one, some bytes look like another by chance."""
_SPEEDS, _INCLINES, _BOTH = 0x02, 0x03, 0x05
_START, _TARGETS, _STOP, _PAUSE, _OTHER_PAUSE = 0x01, 0x02, 0x03, 0x06, 0x0A
_NO_SPORT = bytes(8)
"""Number of the sport, mode, blocks and value of a start without a workout."""
_SHORTEST = 4

_ACTIVITIES: Final = {
    0: Activity.RESTS,
    1: Activity.RESTS,  # the end of a session
    2: Activity.COUNTS_DOWN,
    3: Activity.RUNS,
    4: Activity.SLOWS,
    5: Activity.RESTS,  # an error
    6: Activity.KEY_OUT,
    7: Activity.RESTS,  # asleep, or measuring itself
    10: Activity.PAUSES,
}
_SAYS_WITHIN = 2.0
"""Seconds in which a machine says what it can do."""
_OBEYS_WITHIN = 2.5
"""Seconds in which a report shows whether a machine took a start or a pause."""
_UNKNOWN_SPEEDS: Final = ValueRange(1.0, 6.0, 0.1)
"""For a machine that does not tell its speeds. The check run shows where its belt begins."""


def _frame(*payload: int) -> bytes:
    return bytes((_START_BYTE, *payload, reduce(xor, payload), _END_BYTE))


def _is_whole(data: bytes) -> bool:
    if len(data) < _SHORTEST or data[0] != _START_BYTE or data[-1] != _END_BYTE or data[1] not in _KINDS:
        return False
    return reduce(xor, data[1:-2]) == data[-2]


def _both(speed: float, incline: float) -> bytes:
    """Return the one command for both targets."""
    return _frame(_CONTROL, _TARGETS, round(speed * 10) & 0xFF, round(incline) & 0xFF)


class FitShowDriver(FramedDriver):
    """A treadmill with a module of FitShow."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.1
    polls_every: ClassVar[float | None] = 1.0
    poll = _frame(_STATUS)

    @override
    def prepare(self) -> None:
        known = known_quirks(self.name, self._connection.has)
        self.quirks = {Quirk.INCLINE: known[Quirk.INCLINE]} if Quirk.INCLINE in known else {}
        self._stream = FrameStream(_START_BYTE, _END_BYTE, _is_whole)
        self._told: dict[int, bytes] = {}  # of what it can do, by the number of the question
        self._speed = KeptTarget(tolerance=0.05)
        self._incline = KeptTarget(tolerance=0.5)
        self._starts_short = False
        self._pauses_with = _PAUSE
        self._order = ByteOrder()
        self._is_any_run = False
        self._paused_urgently: int | None = None  # with which number

    @override
    async def introduce(self) -> Capabilities:
        speeds = _range(await self._ask(_SPEEDS), 10, 0.1, signed=False)
        inclines = _range(await self._ask(_INCLINES), 1, 1.0, signed=True)
        if not self._told.keys() & {_SPEEDS, _INCLINES}:  # AnyRun has one question for both
            both = await self._ask(_BOTH)
            speeds, inclines = _range(both, 10, 0.1, signed=False), _range(both[2:], 1, 1.0, signed=True)
        return Capabilities(
            speed_range=_UNKNOWN_SPEEDS if speeds is None or speeds.minimum <= 0 else speeds,
            incline_range=inclines,
            can_start_and_stop=True,
            reports_incline=inclines is not None,
            reports_distance=True,
            reports_energy=True,
            reports_elapsed_time=True,
        )

    async def _ask(self, question: int) -> bytes:
        """Return the machine's answer; empty where it has none."""
        await self.send(_frame(_INFO, question))
        until = self.now + _SAYS_WITHIN
        while question not in self._told and (left := until - self.now) > 0:
            await self.next_frame(left)
        return self._told.get(question, b"")

    @override
    def stop_frame(self, command: Command) -> bytes:
        match command:
            case Command(CommandKind.SET_SPEED, float() as speed):
                targets = self._known(speed, self._incline.lowest)
                self._speed.want(speed, self.now)
                self._incline.forget()
                return _both(*targets)
            case Command(CommandKind.PAUSE):
                self._forget_targets()
                if self.activity.now is Activity.RUNS:
                    self._use_other_pause(self._paused_urgently)
                self._paused_urgently = self._pauses_with
                return _frame(_CONTROL, self._pauses_with)
            case _:
                self._forget_targets()
                return _frame(_CONTROL, _STOP)

    @override
    async def carry_out(self, command: Command) -> None:
        match command:
            case Command(CommandKind.START):
                await self._start()
            case Command(CommandKind.START_AGAIN):
                await self.send(self._start_frame())
            case Command(CommandKind.PAUSE):
                self._forget_targets()
                await self._pause()
            case Command(CommandKind.SET_SPEED, float() as speed):
                await self.send(lambda: self._tell(speed, self._incline.value))
            case Command(CommandKind.SET_INCLINE, float() as incline):
                await self.send(lambda: self._tell(self._present_speed(), incline))
            case _:
                raise ValueError(f"not a command for this machine: {command}")

    def _tell(self, speed: float | None, incline: float | None) -> bytes:
        """Return the command for both, and remember them. Raises RejectedError."""
        known_speed, known_incline = self._known(speed, incline)
        self._speed.want(known_speed, self.now)
        self._incline.want(known_incline, self.now)
        return _both(known_speed, known_incline)

    def _present_speed(self) -> float | None:
        """Return the speed to send along; the lowest for a belt that only begins to move, as it goes no slower."""
        speed, speeds = self._speed.value, self.capabilities.speed_range
        return None if not speed or speeds is None else max(speed, speeds.minimum)

    def _forget_targets(self) -> None:
        self._speed.forget()
        self._incline.forget()

    def _known(self, speed: float | None, incline: float | None) -> tuple[float, float]:
        """Return both targets. Raises RejectedError where one is not known: it would be sent by chance."""
        if speed is None or (incline is None and self.capabilities.incline_range is not None):
            raise RejectedError("it is not known yet what the treadmill does")
        return speed, float(round(incline or 0))

    def _start_frame(self) -> bytes:
        return _frame(_CONTROL, _START, *(b"" if self._starts_short else _NO_SPORT))

    async def _start(self) -> None:
        """Start, and where nothing happens once more in the other form: machines know one of them, or both."""
        await self.send_start(self._start_frame())
        if await self.denies(lambda: self.goes, _OBEYS_WITHIN):
            self._starts_short = not self._starts_short
            await self.send_start(self._start_frame())

    async def _pause(self) -> None:
        """Pause, and where the belt runs on once more with the other number: machines have one of them."""
        tried = self._pauses_with
        await self.send(_frame(_CONTROL, tried))
        if await self.denies(lambda: self.activity.now not in GOES, _OBEYS_WITHIN):
            self._use_other_pause(tried)
            await self.send(_frame(_CONTROL, self._pauses_with))

    def _use_other_pause(self, tried: int | None) -> None:
        """Use another number than the one that was tried, unless another was learned meanwhile."""
        if tried == self._pauses_with:
            self._pauses_with = _OTHER_PAUSE if tried == _PAUSE else _PAUSE

    @override
    def receive(self, data: bytes) -> bool:
        frames = self._stream.feed(data, self.now)
        for frame in frames:
            payload = frame[1:-2]
            if payload[0] == _STATUS and len(payload) > 1:
                self._receive_status(payload[1], payload[2:])
            elif payload[0] == _INFO and len(payload) > 1:
                self._told[payload[1]] = payload[2:]
        return bool(frames)

    def _receive_status(self, state: int, fields: bytes) -> None:
        activity = _ACTIVITIES.get(state)
        if activity not in {None, Activity.RUNS}:
            self._forget_targets()  # before anybody hears of it and sends one
        if state not in {3, 4, 10} or len(fields) < 10:
            # A state that is not known, or that came without its speed, is no news of the belt.
            if activity is Activity.COUNTS_DOWN:
                self.report(activity, belt=BeltState.COUNTDOWN, speed=0.0)
            elif activity not in {None, Activity.RUNS, Activity.SLOWS}:
                self.report(activity, belt=BeltState.AT_REST, speed=0.0)
            return
        speed, incline = fields[0] / 10, float(int.from_bytes(fields[1:2], signed=True))
        self._speed.see(speed, self.now)
        tilted = self._incline.see(incline, self.now)
        self.report(
            activity,
            belt=BeltState.MOVING if speed > 0 else BeltState.AT_REST,
            speed=speed,
            incline=incline if self.capabilities.reports_incline else None,
            **self._counted(fields),
        )
        if tilted and activity is Activity.RUNS and self.capabilities.reports_incline:
            self.happened(MachineEventKind.INCLINE_CHANGED, incline)

    def _counted(self, fields: bytes) -> dict[str, int | None]:
        """Return counters and heart rate; most of these machines have neither steps nor a pulse, and report 0.

        AnyRun counts in minutes and seconds, and big-endian; in which units its distance and energy are is not certain.
        """
        order = self._order.take(*fields[2:4])
        pulse = fields[10] if len(fields) > 10 else 0
        worn = {"heart_rate": pulse if pulse < 0xFF else 0}
        counted: dict[str, int | None] = {}
        if order is not None:
            worn["steps"] = int.from_bytes(fields[8:10], order)
        if order == "little":
            counted = {
                "elapsed_time": int.from_bytes(fields[2:4], order),
                "distance": int.from_bytes(fields[4:6], order),
                "energy": int.from_bytes(fields[6:8], order) // 10,
            }
        elif order == "big":
            if not self._is_any_run:
                self._is_any_run, self._pauses_with = True, _OTHER_PAUSE
            counted = {"elapsed_time": fields[2] * 60 + fields[3], "distance": None, "energy": None}
        return counted | {name: value for name, value in worn.items() if value}


def _range(answer: bytes, parts: int, step: float, *, signed: bool) -> ValueRange | None:
    """Return a range from maximum and minimum, in parts of a unit; None for what is none."""
    if len(answer) < 2:
        return None
    high, low = (int.from_bytes(answer[index : index + 1], signed=signed) / parts for index in (0, 1))
    return ValueRange(low, high, step) if low < high else None
