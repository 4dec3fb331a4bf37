"""Measured values without the jitter of their last digit, which nobody reads and the recorder would store."""

from dataclasses import replace

from ..machine.model import Telemetry

_LITTLE = 0.25
"""A smaller change back and forth within seconds (km/h, %) is jitter; nobody would make it on purpose."""
_SPEED_HOLD = 20.0
_INCLINE_HOLD = 30.0


class JitterFilter:
    """Filters one value, in tenths: a small change back, soon after the last change, is not shown until later.

    Ramps go one way, so all of their values are shown at once, and so are larger changes.
    """

    def __init__(self, hold: float, *, zero_matters: bool) -> None:
        """Initialize the filter.

        `hold` is the number of seconds after a change for which a small change back is not shown. With `zero_matters`
        every change to or from 0 is shown at once, because a belt at rest differs from one that hardly moves.
        """
        self._hold = hold
        self._zero_matters = zero_matters
        self._shown: float | None = None
        self._rose = False
        self._changed = float("-inf")

    def update(self, value: float | None, now: float) -> float | None:
        """Return the value to show at this time (s), or None if it is unknown."""
        shown = self._shown
        value = None if value is None else round(value, 1)
        if value == shown:
            return shown
        if value is not None and shown is not None:
            rises = value > shown
            back = rises != self._rose and abs(value - shown) < _LITTLE
            to_or_from_zero = self._zero_matters and 0.0 in {value, shown}
            if back and not to_or_from_zero and now - self._changed < self._hold:
                return shown
            self._rose, self._changed = rises, now
        self._shown = value
        return value


class DisplayFilter:
    """Filters the displayed speed and incline; steering and records use the exact values."""

    def __init__(self) -> None:
        self._speed = JitterFilter(_SPEED_HOLD, zero_matters=True)
        self._incline = JitterFilter(_INCLINE_HOLD, zero_matters=False)

    def update(self, telemetry: Telemetry | None, now: float) -> Telemetry | None:
        """Return the telemetry to show at this time (s), without the time of receipt, which changes every second."""
        if telemetry is None:
            self._speed.update(None, now)
            self._incline.update(None, now)
            return None
        speed, incline = self._speed.update(telemetry.speed, now), self._incline.update(telemetry.incline, now)
        return replace(telemetry, received=0.0, speed=speed, incline=incline)
