"""The targets of speed and incline: what a machine can be told, and what it was told or does by itself."""

from decimal import ROUND_FLOOR
from math import isfinite

from ..errors import ControlRefusedError
from ..model import Command, ValueRange

_ARRIVES_WITHIN = 30.0
"""Seconds in which a machine gets to its target; what it does after that is what it, or its console, wants."""


class KeptTarget:
    """The target of speed or incline, where both are one command: to be sent along with the other one."""

    def __init__(self, *, tolerance: float) -> None:
        """`tolerance` is how near a report is to a target that was reached."""
        self._tolerance = tolerance
        self._wanted: float | None = None
        self._wanted_at = 0.0
        self._reached = False
        self._seen: float | None = None

    @property
    def value(self) -> float | None:
        """What the machine aims at, as far as that is known."""
        return self._seen if self._wanted is None else self._wanted

    def want(self, value: float, now: float) -> None:
        """Take in what it is told now (s)."""
        self._wanted, self._wanted_at, self._reached = value, now, False

    def see(self, value: float, now: float) -> bool:
        """Take in what it reports, and return whether somebody else has changed a target that it had reached."""
        self._seen = value
        if self._wanted is None:
            return False
        if abs(value - self._wanted) <= self._tolerance:
            self._reached = True
            return False
        if not self._reached and now - self._wanted_at < _ARRIVES_WITHIN:
            return False
        changed, self._wanted = self._reached, None
        return changed


def offered(command: Command, values: ValueRange | None) -> float:
    """Return the target that the machine takes. Raises ControlRefusedError where it takes none, and ValueError."""
    if values is None:
        raise ControlRefusedError("this treadmill takes no such target")
    if command.value is None or not isfinite(command.value):
        raise ValueError(f"not a complete command: {command}")
    return values.snap(command.value, rounding=ROUND_FLOOR)
