"""The targets of speed and incline: what a machine can be told, and what it was told or does by itself.

A machine may show something else than it was told: a console that counts inclines twice, a deck that goes no further.
What it was told is then still what leaves it where it is.
"""

from dataclasses import replace
from decimal import ROUND_FLOOR
from math import isfinite

from ..errors import ControlRefusedError, RejectedError
from ..model import Capabilities, Command, CommandKind, ValueRange

_BARELY_MOVES = 3.0
"""Seconds of one value after which a machine is there."""
_GOES_NO_FURTHER = 5.0
"""Seconds of one value, short of what it was told, after which it goes no further."""
_BEYOND = 10.0
"""Seconds of one value beyond what it was told, after which it shows that for it."""
_DOUBLED = (1.5, 2.5)
"""Times what it was told, as consoles show it that count an incline twice."""
_NEVER_MOVES = 30.0
"""Seconds after which a machine that has not begun to move does not obey."""
_TURNS_WITHIN = 5.0
"""Seconds in which it may still do what it did before."""


class KeptTarget:
    """The target of speed or incline, where both are one command: to be sent along with the other one."""

    def __init__(self, *, tolerance: float) -> None:
        """`tolerance` is how near a report is to a target that was reached."""
        self._tolerance = tolerance
        self._seen: float | None = None
        self._still_since = 0.0
        self._scale = 1.0  # what it shows for 1, where that is more
        self._wanted: float | None = None
        self._wanted_at = 0.0
        self._begun_at = 0.0  # value that it showed when it was told
        self._furthest = 0.0  # on its way
        self._shows: float | None = None  # for what it was told, once it is there

    @property
    def value(self) -> float | None:
        """What the machine aims at, as far as that is known."""
        if self._wanted is not None or self._seen is None:
            return self._wanted
        return self._seen / self._scale

    @property
    def lowest(self) -> float | None:
        """What leaves it where it is, or nearer to 0: a rise under way ends with it."""
        values = [value for value in (self._wanted, self._seen) if value is not None]
        return min(values, key=abs, default=None)

    def want(self, value: float, now: float) -> None:
        """Take in what it is told now (s); what it is told once more changes nothing."""
        if value == self._wanted:
            return
        self._wanted, self._wanted_at, self._shows = value, now, None
        self._begun_at = self._furthest = value if self._seen is None else self._seen

    def forget(self) -> None:
        """Take in that the belt halts: with that, most machines give up what they were told."""
        self._wanted = self._shows = None

    def see(self, value: float, now: float) -> bool:
        """Take in what it reports, and return whether somebody else has changed a target that it had reached."""
        before, self._seen = self._seen, value
        if before is None or abs(value - before) > self._tolerance:
            self._still_since = now
        if self._wanted is None:
            return False
        if self._shows is not None:
            left = abs(value - self._shows) > self._tolerance
            if left:
                self.forget()
            return left
        self._follow_on_its_way(self._wanted, value, now)
        return False

    def _follow_on_its_way(self, wanted: float, value: float, now: float) -> None:
        """Take in what it reports until it is there, or until somebody else has told it something."""
        rises = wanted > self._begun_at or (wanted == self._begun_at and wanted >= 0)
        self._furthest = max(self._furthest, value) if rises else min(self._furthest, value)
        since, still = now - self._wanted_at, now - self._still_since
        if since < _TURNS_WITHIN:
            return
        if abs(value - self._furthest) > 3 * self._tolerance:
            self.forget()  # it has turned back
        elif abs(value - wanted) <= self._tolerance:
            if still >= _BARELY_MOVES:
                self._shows = value
        elif abs(value - self._begun_at) <= self._tolerance:
            if since >= _NEVER_MOVES:
                self.forget()
        elif wanted and _DOUBLED[0] <= value / wanted <= _DOUBLED[1]:
            if still >= _BEYOND:
                self._shows, self._scale = value, value / wanted
        elif still >= _GOES_NO_FURTHER:
            self.forget()


def offered(command: Command, values: ValueRange | None) -> float:
    """Return the target that the machine takes. Raises ControlRefusedError where it takes none, and ValueError."""
    if values is None:
        raise ControlRefusedError("this treadmill takes no such target")
    if command.value is None or not isfinite(command.value):
        raise ValueError(f"not a complete command: {command}")
    return values.snap(command.value, rounding=ROUND_FLOOR)


def within(command: Command, can: Capabilities, *, runs: bool) -> Command:
    """Return the command with a target that the machine offers, never a faster one than was meant.

    `runs`: whether its belt does. Raises ControlRefusedError, RejectedError and ValueError.
    """
    if command.kind is CommandKind.SET_SPEED:
        command = replace(command, value=offered(command, can.speed_range))
        if not command.urgent and not runs:
            raise RejectedError("the belt does not run")  # some start by a speed (S8)
        return command
    if command.kind is CommandKind.SET_INCLINE:
        return replace(command, value=offered(command, can.incline_range))
    if not can.can_start_and_stop:
        raise ControlRefusedError("this treadmill can only be monitored")
    return command
