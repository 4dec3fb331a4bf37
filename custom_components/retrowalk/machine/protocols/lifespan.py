"""LifeSpan: consoles of the TR and SC series (docs/protocols.md). Monitored only.

Such a console answers one question at a time, and its answer does not say to which: no second one is asked before the
first was answered, or its answer cannot come any more.
"""

from typing import ClassVar, Final, override

from ..framed.activity import Activity
from ..framed.driver import FramedDriver
from ..model import BeltState, Capabilities, Command

SERVICE: Final = "0000fff0-0000-1000-8000-00805f9b34fb"
_REPORTS_ON: Final = "0000fff1-0000-1000-8000-00805f9b34fb"
_WRITES_TO: Final = "0000fff2-0000-1000-8000-00805f9b34fb"

_ASK, _ANSWERED = 0xA1, 0xAA
_SPEED, _ENERGY, _STEPS, _TIME, _STATE = 0x82, 0x87, 0x88, 0x89, 0x91
_QUESTIONS: Final = (
    *(_STATE, _SPEED, _STATE, _TIME),
    *(_STATE, _SPEED, _STATE, _STEPS),
    *(_STATE, _SPEED, _STATE, _ENERGY),
)
_ANSWERS_WITHIN = 3.0
"""Seconds after which an answer does not come any more; the slowest known took 1.4 s."""
_LENGTH = 6
_SHORTEST = 2
"""Bytes of a question: more say nothing."""

_ACTIVITIES: Final = {
    1: Activity.RESTS,  # standby
    3: Activity.RUNS,
    4: Activity.RESTS,  # the summary of a session
    5: Activity.PAUSES,
}
_FASTEST = 25.0
"""km/h, or mph; what is above is no speed of a treadmill."""


class LifeSpanDriver(FramedDriver):
    """A console of LifeSpan."""

    writes_to: ClassVar[str] = _WRITES_TO
    reports_on: ClassVar[str] = _REPORTS_ON
    pace: ClassVar[float] = 0.05
    polls_every: ClassVar[float | None] = 0.25
    can_be_stopped: ClassVar[bool] = False
    answers_in_turn = True

    @override
    def prepare(self) -> None:
        self._turns = 0
        self._state: int | None = None
        self._shown = 0.0

    @override
    async def introduce(self) -> Capabilities:
        return Capabilities(control_unproven=True, reports_energy=True, reports_steps=True, reports_elapsed_time=True)

    @override
    def stop_frame(self, command: Command) -> bytes:
        raise ValueError(f"not a command for this machine: {command}")

    @override
    async def carry_out(self, command: Command) -> None:
        raise ValueError(f"not a command for this machine: {command}")

    @override
    async def ask(self) -> None:
        self.question = bytes((_ASK, _QUESTIONS[self._turns % len(_QUESTIONS)], 0, 0, 0))
        self._turns += 1
        await self.send(self.question)
        until = self.now + _ANSWERS_WITHIN
        while self.question and (left := until - self.now) > 0:
            await self.next_frame(left)
        self.question = b""

    @override
    def receive(self, data: bytes) -> bool:
        question = self.question
        if len(question) < _SHORTEST or len(data) != _LENGTH or data[0] != _ASK:
            return False
        self.question = b""
        return data[1] == _ANSWERED and self._take_answer(question[1], data[2:])

    def _take_answer(self, asked: int, values: bytes) -> bool:
        """Take in an answer, and return whether it can be one to this question."""
        count = int.from_bytes(values[:2])
        match asked:
            case 0x91:
                return self._take_state(values)
            case 0x82:
                return self._take_speed(values)
            case 0x89 if max(values[1:3]) < 60 and not values[3]:
                self.report(elapsed_time=(values[0] * 60 + values[1]) * 60 + values[2])
            case 0x88:
                self.report(steps=count)
            case 0x87:
                self.report(energy=count)
            case _:
                return False
        return True

    def _take_state(self, values: bytes) -> bool:
        """Take in a state; one that is another is believed when it comes twice, as it may be the answer to another."""
        before, self._state = self._state, values[0]
        activity = _ACTIVITIES.get(values[0])
        if activity is None or any(values[1:]) or before not in {None, values[0]}:
            return activity is not None and not any(values[1:])
        runs = activity is Activity.RUNS
        self.report(activity, belt=BeltState.MOVING if runs else BeltState.AT_REST, speed=self._shown if runs else 0.0)
        return True

    def _take_speed(self, values: bytes) -> bool:
        speed = values[0] + values[1] / 100
        if values[1] > 99 or any(values[2:]) or speed > _FASTEST:
            return False
        self._shown = speed
        if self.runs:
            self.report(speed=speed)
        return True
