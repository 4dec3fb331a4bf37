"""Measures how often a machine reports its moving belt, and so from when on silence is a lost link (S11)."""

SOONEST = 2.5
"""Seconds of silence of a moving belt that never count as a lost link."""
LATEST = 5.0
"""Seconds of silence of a moving belt that always do."""
_INTERVALS = 2.0
_LEARNED_AFTER = 10.0
"""Seconds of reports after which their interval is known: one burst does not show when the next comes."""
_REMEMBERED = 60.0
_ROUNDING = 1e-6
"""Seconds by which the difference of two moments may be wrong: one lost report is a silence of just two intervals."""


class ReportInterval:
    """The reports of a moving belt over one link.

    The interval is the longest of the last minute or two: machines jitter, some send a burst every few seconds, and a
    weak proxy loses reports. Once silence was mistaken for a loss, the link gets the most patience there is, so that
    nobody hears again and again that it is lost and back.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._last: float | None = None
        self._longest = self._longest_before = 0.0  # in this minute, and in the one before it
        self._turned = 0.0  # when this minute began
        self._learned = False
        self._mistaken = False

    @property
    def patience(self) -> float:
        """Seconds without a report after which the belt counts as lost: twice the interval, within bounds."""
        if not self._learned or self._mistaken:
            return LATEST
        return min(max(_INTERVALS * max(self._longest, self._longest_before), SOONEST), LATEST)

    def on_moving(self, at: float) -> None:
        """Take in a report of a moving belt (s)."""
        last, self._last = self._last, at
        if last is None or self._since is None:
            self._since = at
            return
        gap = at - last
        self._mistaken = self._mistaken or gap > self.patience - _ROUNDING
        if at - self._turned > _REMEMBERED:
            self._longest_before, self._longest, self._turned = self._longest, 0.0, at
        self._longest = max(self._longest, gap)
        self._learned = self._learned or at - self._since >= _LEARNED_AFTER

    def on_rest(self) -> None:
        """Take in a report of a belt at rest: many machines then report more seldom, or once."""
        self._since = self._last = None
