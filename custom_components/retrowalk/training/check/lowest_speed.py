"""Finds the lowest speed that a belt obeys: its machine's minimum, or what it starts with where that is no speed."""

from ...machine.model import ValueRange
from ..limits import at_least
from .step_search import NOISE

_STILL_SEEN = 1.5
"""km/h: a belt that takes miles shows it one step above such a speed, without running away."""


class LowestSpeed:
    """The lowest speed of one belt. All speeds are in km/h."""

    def __init__(self, speeds: ValueRange, *, try_minimum: bool) -> None:
        """`try_minimum`: whether the machine's minimum is a speed, as far as it is known."""
        self.found: float | None = None
        """The lowest speed, where it is not the machine's minimum."""
        self._speeds = speeds
        self._tries = try_minimum
        self._start_speed = 0.0

    @property
    def value(self) -> float:
        """The lowest speed, as far as it is known."""
        return self._speeds.minimum if self.found is None else self.found

    def begin(self, start_speed: float) -> float:
        """Take in the speed that the belt starts with; return the speed to ask for."""
        self._start_speed = start_speed
        if not self._tries:
            self._found_at(start_speed)
        return self.value

    @property
    def doubted(self) -> bool:
        """Whether the belt was sent below the speed that it starts with, so that it need not be able to go there."""
        return self._tries and self._speeds.minimum < self._start_speed - NOISE

    def stops_belt(self) -> None:
        """Take in that the belt came to rest at its minimum."""
        self._found_at(self._start_speed)

    def takes(self, speed: float, *, like_miles: bool) -> bool:
        """Return whether a belt that missed its minimum may just not be that slow; then what it does is the lowest.

        `like_miles`: it goes as many miles as it was asked for kilometers, which its next step tells for certain.
        """
        within = self._speeds.minimum < speed <= self._start_speed + NOISE
        if not self.doubted or not within or (like_miles and speed > _STILL_SEEN):
            return False
        self._found_at(speed)
        return True

    def _found_at(self, speed: float) -> None:
        self._tries = False
        self.found = at_least(self._speeds, speed)
