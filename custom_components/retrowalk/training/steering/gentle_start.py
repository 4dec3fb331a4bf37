"""The first seconds of a belt that begins to move: at the minimum, whatever its machine does (S12).

Some machines resume at their last speed, some begin every session with it, at once or after a while, and some ignore
the first target. Nothing of that is a change at the console, and none of it may reach the walker.
"""

from ...machine.model import MachineEvent, MachineEventKind, ValueRange
from ..belt.belt import Belt
from ..limits import speed_grain

AT_THE_MINIMUM = 10.0
"""Seconds at the minimum after a pause, from when the belt is there; nothing rises in them."""
BEGINS_WITHIN = 5.0
"""Seconds at the minimum after which the start of a session is over."""
ARRIVES_WITHIN = 5.0
"""Seconds in which a slow belt reaches its minimum: some gain 0.25 km/h a second."""
SLOWS_WITHIN = 10.0
"""Seconds in which a belt that is too fast has to slow down, or it is stopped."""
_DOWN_WITHIN = 30.0  # s, for one that slows all the time
_AGAIN = 1.0  # s between targets while it does not slow down
_SLOWING = 3.5  # s for which a belt that got slower counts as slowing: slow machines report every 3 s
_NOISE = 0.1  # km/h
_LEFT = 2.0  # s above the minimum after which the belt has left it; less is noise


class GentleStart:
    """One start, from the first movement until the belt has been at the minimum for a while."""

    def __init__(self, speeds: ValueRange, now: float, *, calm: bool, late: float = 0.0) -> None:
        """`speeds` are the session's (km/h); `calm`: nothing rises before the start is over, as after a pause.

        `late`: seconds in which nothing is sent to a belt that is not too fast, as the machine would not bear it.
        """
        tolerance = min(speed_grain(speeds), 0.2) + 0.05
        self.calm = calm
        self.failed = False
        """Whether the belt does not come down to the minimum."""
        self.runs_away = False
        """Whether it has to be stopped for that: it is above the ceiling, or it resumes after a pause."""
        self.least = speeds.minimum
        self._low, self._top = self.least - tolerance, self.least + tolerance
        self._ceiling = speeds.maximum + tolerance
        self._since = now
        self._bears_from = now + late
        self._sent = float("-inf")
        self._there_since: float | None = None
        self._above_since: float | None = None
        self._lowest = 0.0  # since it got faster for the last time
        self._slower_at = float("-inf")
        self._fastest = 0.0

    @property
    def at_minimum(self) -> bool:
        """Whether the belt has reached the minimum."""
        return self._there_since is not None

    def over(self, now: float) -> bool:
        """Return whether it has been there for long enough."""
        lasts = AT_THE_MINIMUM if self.calm else BEGINS_WITHIN
        return self._there_since is not None and now - self._there_since >= lasts

    def explains(self, event: MachineEvent) -> bool:
        """Return whether a reported target may be the one that the machine started with by itself."""
        if event.kind is not MachineEventKind.SPEED_CHANGED or event.value is None:
            return False
        return not self.at_minimum or abs(event.value - self._fastest) <= _NOISE

    def update(self, belt: Belt, now: float) -> bool:
        """Take in what the belt does, and return whether to command the minimum now."""
        speed = belt.speed
        self._fastest = max(self._fastest, speed)
        if self._lowest + 2 * _NOISE < speed:
            self._lowest = speed
        elif speed <= self._lowest - _NOISE:
            self._lowest, self._slower_at = speed, now
        above = speed > self._top
        self._follow(speed, now, above=above)
        slows = now - self._slower_at < _SLOWING
        # A belt that never reached it may have ignored the command; one that did is being slowed down by a hand (S7).
        late = self._fastest < self._low and self._sent < self._since + ARRIVES_WITHIN <= now
        too_fast = speed > self._ceiling
        self.failed = self.failed or too_fast or self._fails(now, slows=slows)
        self.runs_away = self.failed and (too_fast or self.calm)
        again = above and not slows and now - self._sent >= _AGAIN
        if speed <= 0 or not (self._sent < self._since or again or late):
            return False
        if now < self._bears_from and not above:
            return False  # it is where it has to be, or below
        self._sent = now
        return True

    def _follow(self, speed: float, now: float, *, above: bool) -> None:
        """Note whether the belt has reached the minimum, or has left it again."""
        if not above:
            self._above_since = None
            if self._there_since is None and (speed >= self._low or now - self._since >= ARRIVES_WITHIN):
                self._there_since = now
            return
        if self._above_since is None:
            self._above_since = now
        if now - self._above_since >= _LEFT:
            self._there_since = None

    def _fails(self, now: float, *, slows: bool) -> bool:
        above = 0.0 if self._above_since is None else now - self._above_since
        return above >= _DOWN_WITHIN or (above >= SLOWS_WITHIN and not slows)
