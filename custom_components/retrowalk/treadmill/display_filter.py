"""Measured values without the jitter of their last digit, which nobody reads and the recorder would store."""

from ..machine.model import Telemetry

_LITTLE = 0.25
"""A smaller change back and forth within seconds (km/h, %) is jitter; nobody would make it on purpose."""
_NEAR = 0.075
"""By how much (km/h, %) the average has to differ from what is shown, which is half a digit and a bit."""
_ENOUGH = 5
"""Values that make an average."""
_SPEED_HOLD = 20.0
_INCLINE_HOLD = 30.0
_FEED_HOLD = 3.0
_SPEED_SETTLES = 2.0
_INCLINE_SETTLES = 5.0
"""Seconds that a new value has to last before it is stored: most belts pass through a few on their way to another."""


class JitterFilter:
    """Filters one value, in tenths: while it trembles, its average is shown, and not more often than half the hold.

    Ramps go one way, so all of their values are shown at once, and so are larger changes.
    """

    def __init__(self, hold: float, *, zero_matters: bool, settles: float = 0.0) -> None:
        """Initialize the filter.

        `hold` is for how many seconds a value that rose and fell trembles. With `zero_matters` every change to or from
        0 is shown at once, because a belt at rest differs from one that hardly moves. `settles`: for how many seconds
        it has to differ from what is shown before that changes.
        """
        self._hold = hold
        self._settles = settles
        self._zero_matters = zero_matters
        self._differs: float | None = None  # since when it does
        self._shown: float | None = None
        self._last: float | None = None
        self._rose = self._fell = self._begun = float("-inf")
        self._sum = 0.0  # of the values since then
        self._count = 0

    def update(self, value: float | None, now: float) -> float | None:
        """Return the value to show at this time (s), or None if it is unknown."""
        value = None if value is None else round(value, 1)
        last, self._last = self._last, value
        if value is None or self._shown is None:
            self._rose = self._fell = float("-inf")
            return self._show(value, now)
        if last is not None and value > last:
            self._rose = now
        elif last is not None and value < last:
            self._fell = now
        self._sum, self._count = self._sum + value, self._count + 1
        if value == self._shown:
            self._differs = None
        elif self._differs is None:
            self._differs = now
        settled = self._differs is None or now - self._differs >= self._settles
        to_or_from_zero = self._zero_matters and (value == 0.0) != (self._shown == 0.0)
        trembles = now - min(self._rose, self._fell) < self._hold
        if to_or_from_zero or (settled and (not trembles or abs(value - self._shown) >= _LITTLE)):
            return self._show(value, now)
        if now - self._begun < self._hold / 2 or self._count < _ENOUGH:
            return self._shown
        average = self._sum / self._count
        self._begun, self._sum, self._count = now, 0.0, 0
        return self._show(round(average, 1), now) if abs(average - self._shown) > _NEAR else self._shown

    def _show(self, value: float | None, now: float) -> float | None:
        if value != self._shown:
            self._shown, self._begun, self._sum, self._count = value, now, 0.0, 0
            self._differs = None
        return value


class DisplayFilter:
    """Filters the displayed speed and incline; steering and records use the exact values."""

    def __init__(self) -> None:
        self._speed = JitterFilter(_SPEED_HOLD, zero_matters=True, settles=_SPEED_SETTLES)
        self._incline = JitterFilter(_INCLINE_HOLD, zero_matters=False, settles=_INCLINE_SETTLES)

    def update(self, telemetry: Telemetry | None, now: float) -> Telemetry | None:
        """Return the telemetry to show at this time (s), without the time of receipt, which changes every second."""
        if telemetry is None:
            self._speed.update(None, now)
            self._incline.update(None, now)
            return None
        speed, incline = self._speed.update(telemetry.speed, now), self._incline.update(telemetry.incline, now)
        return telemetry._replace(received=0.0, speed=speed, incline=incline)


class FeedFilter(DisplayFilter):
    """Filters what nobody stores: it calms a display, and follows within seconds."""

    def __init__(self) -> None:
        self._speed = JitterFilter(_FEED_HOLD, zero_matters=True)
        self._incline = JitterFilter(_FEED_HOLD, zero_matters=False)
