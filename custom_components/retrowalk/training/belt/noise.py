"""Measures the noise of a sensor: what a belt or a deck really does, and how much of a report is noise (S5, S7, S9).

There are two measures. `NoiseFilter` follows the sensors of a belt that is steered; `swing_of` judges the few reports
of a belt that is to stop, where a ramp downward must not count as noise.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median

LOOKS_BACK = 3.0
"""Seconds over which a noisy sensor is averaged."""
SETTLES_WITHIN = 5.0
"""Seconds after our own command in which a change is the effect of that command."""
_REMEMBERED = 30.0  # s of reports that the noise is judged by
_TOO_NEW = 4.0  # s: a change at the console must not be taken for noise
_GAP = 5.0  # s without a report, after which earlier reports prove nothing
_QUIET = 0.03
"""Noise up to which the newest report is taken as it is."""
_FALLS = 0.06
"""By how much a report is below the mean of the last seconds while the value falls."""
_MOST = 0.5
"""The most that counts as noise: a change at the console would be hidden in more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured speed (km/h) or incline (%), without its noise."""

    level: float
    noise: float = 0.0
    """By how much a single report may be off."""
    falls: bool = False
    """Whether it is on its way down."""


class NoiseFilter:
    """The reports of one sensor of a moving belt."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque()  # when, and what
        self._bends: deque[float] = deque(maxlen=15)  # by how much a report is off the line between its neighbors
        self._disturbed = float("-inf")
        self._sway = 0.0  # how far it goes up and down while nobody commands a change

    def update(self, value: float, received: float) -> None:
        """Take in a report."""
        reports = self._reports
        if reports and received - reports[-1][0] > _GAP:
            reports.clear()
        reports.append((received, value))
        while received - reports[0][0] > _REMEMBERED:
            reports.popleft()
        if len(reports) >= 3:
            (_, first), (_, middle), (_, last) = islice(reports, len(reports) - 3, None)
            self._bends.append(abs(middle - (first + last) / 2))
        self._measure_sway(received)

    def on_command(self, now: float, *, anew: bool = False) -> None:
        """Take in that we commanded a change, or (`anew`) that only from now on the belt follows our commands."""
        self._disturbed = now
        if anew:
            self._sway = 0.0

    def reset(self) -> None:
        """Forget the reports: they say nothing about what comes."""
        self._reports.clear()

    @property
    def noise(self) -> float:
        """By how much a single report may be off; 0 until that is known."""
        if len(self._bends) < 4:
            return self._sway
        newest = [value for _, value in islice(self._reports, max(len(self._reports) - 8, 0), None)]
        spread = (max(newest) - min(newest)) / 2 if len(newest) >= 4 else _MOST
        return min(max(min(2 * median(self._bends), spread), self._sway), _MOST)

    def mean(self, since: float = float("-inf")) -> float | None:
        """Return the mean of the last seconds, of reports after `since` only; None where there are none."""
        if not self._reports:
            return None
        newest = self._reports[-1][0]
        values = [value for when, value in self._reports if when > newest - LOOKS_BACK and when > since]
        return sum(values) / len(values) if values else None

    def reading(self) -> Reading | None:
        """Return what it does now; None without a report."""
        mean = self.mean()
        if mean is None:
            return None
        noise, newest = self.noise, self._reports[-1][1]
        # A mean that is further from the newest report than the noise is old: the value has changed since.
        level = newest if noise <= _QUIET else min(max(mean, newest - noise), newest + noise)
        return Reading(level, noise, falls=newest < mean - 1.5 * noise - _FALLS)

    def level_before(self, received: float) -> float | None:
        """Return the level before the last seconds, while nobody commanded a change; None if it is not known."""
        calm = self._calm(received)
        return sum(calm) / len(calm) if len(calm) >= 3 else None

    def _calm(self, received: float) -> list[float]:
        since = self._disturbed + SETTLES_WITHIN
        return [value for when, value in self._reports if since <= when < received - _TOO_NEW]

    def _measure_sway(self, received: float) -> None:
        calm = sorted(self._calm(received))
        if len(calm) >= 6:
            calm = calm[1:-1]  # a single odd report is no noise
            self._sway = (calm[-1] - calm[0]) / 2


def swing_of(speeds: Sequence[float]) -> float:
    """Return by how much a series goes up *and* down; a ramp, which goes one way only, does not swing."""
    rise = fall = 0.0
    least, most = (speeds[0], speeds[0]) if speeds else (0.0, 0.0)
    for kmh in speeds:
        least, most = min(least, kmh), max(most, kmh)
        rise, fall = max(rise, kmh - least), max(fall, most - kmh)
    return min(rise, fall)
