"""What a belt or a deck does behind a sensor that trembles: its level, and how much is noise (S5, S7, S9)."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median

LOOKS_BACK = 3.0
"""Seconds over which a trembling sensor is averaged."""
SETTLES_WITHIN = 5.0
"""Seconds after a command of ours in which what it does is that command's effect."""
_REMEMBERED = 30.0  # s of reports that the noise is judged by
_TOO_NEW = 4.0  # s: what a hand does now must not be taken for noise
_GAP = 5.0  # s without a report, after which what was before says nothing
_QUIET = 0.03
"""Noise that is none: such a sensor's newest report is what the belt does."""
_FALLS = 0.06
"""By how much it is below the mean of the last seconds while it is on its way down."""
_MOST = 0.5
"""No more than this counts as noise: a hand would be hidden in it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is measured of one of the two that move, without its noise."""

    level: float
    noise: float = 0.0
    """By how much a single report may be off."""
    falls: bool = False
    """Whether it is on its way down."""


class NoiseFilter:
    """The reports of one sensor of a moving belt."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque()  # when, and what
        self._bends: deque[float] = deque(maxlen=15)  # by how much a report leaves the line between its neighbors
        self._disturbed = float("-inf")
        self._sways = 0.0  # how far it goes up and down while nobody tells it anything

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
        self._look_at_calm(received)

    def on_command(self, now: float, *, anew: bool = False) -> None:
        """We told it to change; or it is ours only from now on (`anew`), and what it did before was another's will."""
        self._disturbed = now
        if anew:
            self._sways = 0.0

    def reset(self) -> None:
        """What was reported until now says nothing of what comes."""
        self._reports.clear()

    @property
    def noise(self) -> float:
        """By how much a single report may be off; 0 until that is known."""
        if len(self._bends) < 4:
            return self._sways
        newest = [value for _, value in islice(self._reports, max(len(self._reports) - 8, 0), None)]
        spread = (max(newest) - min(newest)) / 2 if len(newest) >= 4 else _MOST
        return min(max(min(2 * median(self._bends), spread), self._sways), _MOST)

    def mean(self, since: float = float("-inf")) -> float | None:
        """The mean of the last seconds, of reports after `since` only; None where there are none."""
        if not self._reports:
            return None
        newest = self._reports[-1][0]
        values = [value for when, value in self._reports if when > newest - LOOKS_BACK and when > since]
        return sum(values) / len(values) if values else None

    def reading(self) -> Reading | None:
        """What it does now; None where nothing was reported."""
        mean = self.mean()
        if mean is None:
            return None
        noise, newest = self.noise, self._reports[-1][1]
        return Reading(newest if noise <= _QUIET else mean, noise, falls=newest < mean - 1.5 * noise - _FALLS)

    def level_before(self, received: float) -> float | None:
        """Where it was before the last seconds, while nobody told it anything; None where that is not known."""
        calm = self._calm(received)
        return sum(calm) / len(calm) if len(calm) >= 3 else None

    def _calm(self, received: float) -> list[float]:
        since = self._disturbed + SETTLES_WITHIN
        return [value for when, value in self._reports if since <= when < received - _TOO_NEW]

    def _look_at_calm(self, received: float) -> None:
        calm = sorted(self._calm(received))
        if len(calm) >= 6:
            calm = calm[1:-1]  # a single odd report is no noise
            self._sways = (calm[-1] - calm[0]) / 2


def swing_of(speeds: Sequence[float]) -> float:
    """Return by how much a series goes up *and* down; a ramp, which goes one way only, does not swing."""
    rise = fall = 0.0
    least, most = (speeds[0], speeds[0]) if speeds else (0.0, 0.0)
    for kmh in speeds:
        least, most = min(least, kmh), max(most, kmh)
        rise, fall = max(rise, kmh - least), max(fall, most - kmh)
    return min(rise, fall)
