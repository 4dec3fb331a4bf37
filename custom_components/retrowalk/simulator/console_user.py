"""Somebody who uses a virtual treadmill at its console from time to time, so that a machine without control moves."""

from typing import Final

from .treadmill import Phase, VirtualTreadmill

WALKS_FOR: Final = 60.0  # s
_FASTER_AFTER: Final = 15.0  # s
_FASTER_BY: Final = 1.0  # in the console's units


class ConsoleUser:
    """A person who starts the belt when it has rested for a while, goes faster once, and stops it."""

    def __init__(self, treadmill: VirtualTreadmill) -> None:
        self._treadmill = treadmill
        self._rested = 0.0
        self._walked = 0.0
        self._walks = False
        self._faster = False

    def step(self, dt: float, rests_for: float) -> None:
        """Let `dt` seconds pass; `rests_for` is after how many seconds of rest the person begins."""
        treadmill = self._treadmill
        if not self._walks:
            self._rested = self._rested + dt if treadmill.at_rest and treadmill.phase is Phase.IDLE else 0.0
            if self._rested >= rests_for:
                treadmill.press_start()
                self._walks, self._faster, self._walked = True, False, 0.0
            return
        if treadmill.phase is Phase.IDLE or treadmill.phase is Phase.PAUSED:
            self._walks, self._rested = False, 0.0  # somebody else has stopped it
            return
        if treadmill.phase is Phase.RUNNING:
            self._walked += dt
        if self._walked >= WALKS_FOR:
            treadmill.press_stop()
        elif self._walked >= _FASTER_AFTER and not self._faster:
            self._faster = True
            treadmill.press_speed(treadmill.target_speed + _FASTER_BY)
