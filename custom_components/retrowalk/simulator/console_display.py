"""The display of a virtual treadmill, as a person reads it."""

from typing import Final

READABLE: Final = 12.0
"""Seconds for which a display shows a speed until a person has read it."""


class ConsoleDisplay:
    """What the console showed for long enough to be read."""

    def __init__(self) -> None:
        self.read: float | None = None
        """The last speed that was shown so long (the console's units)."""
        self._target = self._for = 0.0

    def show(self, target: float, speed: float, dt: float) -> None:
        """Show the belt's speed for `dt` seconds; a target of 0 is a belt that is not run."""
        self._for = round(self._for + dt, 6) if target and target == self._target else 0.0
        self._target = target
        if self._for >= READABLE:
            self.read = round(speed, 1)
