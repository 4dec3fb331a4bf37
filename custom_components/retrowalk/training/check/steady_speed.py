"""Tells when a belt has settled at a speed, so that the speed may be taken for the effect of a command."""

EFFECT_WITHIN = 5.0
"""Seconds after a command in which its effect shows."""
STEADY_FOR = 4.0
"""Seconds for which a speed must not change to count as settled."""
SETTLES_WITHIN = 20.0
"""Seconds after a command from which on any speed counts as settled."""
_NOISE = 0.05  # km/h


class SteadySpeed:
    """How long a moving belt has reported the same speed."""

    def __init__(self) -> None:
        self._speed: tuple[float, float] | None = None  # km/h, and when it was reported first
        self._received = float("-inf")

    def update(self, speed: float, received: float) -> None:
        """Take in a report of a moving belt."""
        if self._speed is None or abs(speed - self._speed[0]) > _NOISE:
            self._speed = (speed, received)
        self._received = received

    def reset(self) -> None:
        """Begin anew, because the belt rests or was sent to another speed."""
        self._speed = None

    @property
    def is_steady(self) -> bool:
        """Whether the speed has not changed for long enough."""
        return self._speed is not None and self._received - self._speed[1] >= STEADY_FOR

    def has_settled(self, since_command: float) -> bool:
        """Return whether the speed is the effect of a command that was sent so many seconds ago."""
        return since_command >= SETTLES_WITHIN or (self.is_steady and since_command >= EFFECT_WITHIN)
