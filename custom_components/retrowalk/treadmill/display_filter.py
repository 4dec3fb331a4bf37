"""What a machine measures, without the trembling of its last digit: nobody reads that, and the recorder pays for it."""

from dataclasses import replace

from ..machine.model import Telemetry

_LITTLE = 0.25
"""Less than this (km/h, %) is no change that anybody would make twice in a few seconds."""
_SPEED_RESTS = 20.0
_INCLINE_RESTS = 30.0


class JitterFilter:
    """One value in tenths. What turns back by little, soon after it changed, is taken for trembling until later.

    A ramp goes one way, so all of it is shown at once, and so are larger changes.
    """

    def __init__(self, rests: float, *, zero_tells: bool) -> None:
        """`rests` is for how many seconds after a change a little one back is not shown.

        `zero_tells`: to 0 and from it every change is shown at once, as a belt that rests is another than one that
        hardly moves.
        """
        self._rests = rests
        self._zero_tells = zero_tells
        self._shown: float | None = None
        self._rose = False
        self._changed = float("-inf")

    def update(self, value: float | None, now: float) -> float | None:
        """What to show of a value at a moment (s); None where it is not known."""
        shown = self._shown
        value = None if value is None else round(value, 1)
        if value == shown:
            return shown
        if value is not None and shown is not None:
            rises = value > shown
            back = rises != self._rose and abs(value - shown) < _LITTLE
            tells = self._zero_tells and 0.0 in {value, shown}
            if back and not tells and now - self._changed < self._rests:
                return shown
            self._rose, self._changed = rises, now
        self._shown = value
        return value


class DisplayFilter:
    """The speed and the incline of a treadmill as people see them; what steers and what is kept are the exact ones."""

    def __init__(self) -> None:
        self._speed = JitterFilter(_SPEED_RESTS, zero_tells=True)
        self._incline = JitterFilter(_INCLINE_RESTS, zero_tells=False)

    def update(self, telemetry: Telemetry | None, now: float) -> Telemetry | None:
        """What to show of telemetry at a moment (s); when it was received is no news to anybody."""
        if telemetry is None:
            self._speed.update(None, now)
            self._incline.update(None, now)
            return None
        speed, incline = self._speed.update(telemetry.speed, now), self._incline.update(telemetry.incline, now)
        return replace(telemetry, received=0.0, speed=speed, incline=incline)
