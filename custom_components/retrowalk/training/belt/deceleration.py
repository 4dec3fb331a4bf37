"""Tells a belt that slows down from one whose speed only trembles, by the noise of its own speed (S3)."""

from collections import deque
from itertools import pairwise

from .noise import swing_of

_REMEMBERED, _REMEMBERED_FOR = 12, 8.0
"""Reports by which the noise is measured, and seconds of them where they come quickly."""
_KNOWN_FROM = 4
"""Reports after which a belt that has not trembled is taken to be steady."""
_LEAST = 0.21
"""km/h by which a steady belt has to be slower."""
_LEAST_UNKNOWN = 0.45
"""The same for a belt with too few reports: it may tremble by 0.2 up and down."""
_MOST, _MOST_PART = 0.6, 0.3
"""km/h, or part of the speed, above which a change is no noise but what the belt really does."""
_SLOWEST_COAST = 0.2
"""km/h per second by which a belt slows down at least, once it does."""
_CREEPS_FOR, _CREEPS_S = 4, 1.5
"""Reports, and seconds, in which each is lower than the one before: then a steady belt slows down."""
_NO_NOISE, _NO_NOISE_AT_ALL = 0.05, 0.02
_LONGER = 8  # reports from which the speed of a trembling belt is known
_GRAIN = 0.1
_FASTER = 0.3
"""km/h by which a belt gets faster when it really does."""
_LONGEST_INTERVAL = 3.5  # s between two reports
_RECENT = 2.5  # s
_TOO_OLD = 10.0  # s of silence after which earlier reports prove nothing


class DecelerationDetector:
    """The reported speed of one moving belt, and whether it falls since the belt was to stop."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque()  # km/h, and when
        self._known = 0  # reports from before it was to stop
        self._low: float | None = None  # what it has to get clearly slower than
        self._since = float("-inf")  # when it was to stop, or its last report before that
        self._asked = False  # whether it was ever to stop
        self._slower_at = float("-inf")
        self._marked: tuple[float, float] | None = None  # a steady speed (km/h), and when

    def update(self, speed: float, received: float) -> None:
        """Take in a report of the moving belt."""
        reports = self._reports
        if reports and received <= reports[-1][1]:
            return
        if reports and received - reports[-1][1] > _TOO_OLD:
            reports.clear()
        reports.append((speed, received))
        while len(reports) > _REMEMBERED and received - reports[0][1] > _REMEMBERED_FOR:
            reports.popleft()
        if self._low is None or not self._asked:
            self._low = speed
        elif speed < self._low - self._margin:
            self._low, self._slower_at = speed, received
            self._marked = None
        elif (level := self._level(self._since)) is not None and level > self._low + self._margin:
            self._low, self._slower_at = level, float("-inf")
        elif self._creeps:
            self._slower_at = received

    def watch(self, *, moves: bool) -> None:
        """Begin to measure whether it gets slower than it is now."""
        reports = self._reports
        if not moves:
            self.reset()
        self._asked = True
        self._known = len(reports)
        self._slower_at = float("-inf")
        self._marked = self._low = None
        if reports:
            speed, self._since = reports[-1]
            recent = [kmh for kmh, when in reports if self._since - when <= max(_RECENT, 1.5 * self._interval)]
            level, swing = sum(recent) / len(recent), self._swing
            if swing >= _NO_NOISE:
                # So few reports may all be on the high side.
                longer = [kmh for kmh, _ in list(reports)[-_LONGER:]]
                level = min(level, max(sum(longer) / len(longer), level - swing / 2))
            # The mean would be too high for a belt that was already slowing down.
            self._low = min(level, speed + swing / 2)

    def reset(self) -> None:
        """Forget its reports: it rests, and its noise may be another afterward."""
        self._reports.clear()

    def mark(self, heading: float) -> None:
        """Mark the speed at which a command was sent, if the belt is steady.

        Only for a steady belt it can be said afterward that the command made it faster. `heading` is the speed (km/h)
        that it was already on its way to.
        """
        if self._marked is not None or not self._reports:
            return
        speed, when = self._reports[-1]
        recent = [kmh for kmh, then in self._reports if when - then <= max(_RECENT, 1.5 * self._interval)]
        if len(recent) > 1 and speed - min(recent) <= max(self._swing, _GRAIN) + 0.01:
            self._marked = max(sum(recent) / len(recent), heading), when

    def unmark(self) -> None:
        """Drop the mark: another kind of command follows."""
        self._marked = None

    @property
    def got_faster(self) -> bool:
        """Whether it has got faster since the mark, without slowing down before."""
        if self._marked is None:
            return False
        marked, when = self._marked
        if self.is_steady:
            speed, received = self._reports[-1]
            return received > when and speed > marked + _LEAST
        level = self._level(when)
        return level is not None and level > marked + max(_FASTER, self._margin)

    def slows(self, now: float) -> bool:
        """Return whether it is clearly slower than before, and still slowing down as far as one can tell by now."""
        window = (self._margin + _GRAIN) / _SLOWEST_COAST + self._interval
        if self._reports and self._reports[-1][1] == self._slower_at:
            window = max(window, _LONGEST_INTERVAL)  # there was no report since
        return now - self._slower_at < window

    @property
    def seems_slower(self) -> bool:
        """Whether its newest report is lower by what may still be noise."""
        lower = _GRAIN - 0.01 if self.is_steady else self._margin / 2
        return bool(self._reports) and self._low is not None and self._reports[-1][0] < self._low - lower

    @property
    def is_steady(self) -> bool:
        """Whether its speed is known not to tremble."""
        return self._known >= _KNOWN_FROM and self._swing < _NO_NOISE

    @property
    def swings(self) -> bool:
        """Whether it goes up and down since it was to stop."""
        return swing_of([kmh for kmh, when in self._reports if when >= self._since]) >= _NO_NOISE

    @property
    def slowed(self) -> bool:
        """Whether it was slowing down at its last report."""
        return bool(self._reports) and self.slows(self._reports[-1][1])

    def _level(self, since: float) -> float | None:
        """Return the mean of the two newest reports from after a moment."""
        newest = [kmh for kmh, when in list(self._reports)[-2:] if when > since]
        return sum(newest) / 2 if len(newest) > 1 else None

    @property
    def _creeps(self) -> bool:
        """Whether a steady belt falls with each report, however little."""
        until = self._reports[-1][1]
        watched = [(kmh, when) for kmh, when in self._reports if when >= self._since]
        newest = watched[-max(_CREEPS_FOR, sum(until - when <= _CREEPS_S for _, when in watched)) :]
        falls = all(after < before for (before, _), (after, _) in pairwise(newest))
        return (
            len(newest) >= _CREEPS_FOR
            and until - newest[0][1] >= _CREEPS_S
            and falls
            and self._swing < _NO_NOISE_AT_ALL
        )

    @property
    def _interval(self) -> float:
        """The usual seconds between two reports."""
        gaps = sorted(after - before for (_, before), (_, after) in pairwise(self._reports))
        return gaps[len(gaps) // 2] if gaps else 1.0

    @property
    def _swing(self) -> float:
        """By how much (km/h) the speed goes up *and* down, before or since it was to stop."""
        before = [kmh for kmh, when in self._reports if when <= self._since]
        since = [kmh for kmh, when in self._reports if when >= self._since]
        return max(swing_of(before), swing_of(since))

    @property
    def _margin(self) -> float:
        """By how much (km/h) a report has to be lower to be no noise."""
        least = _LEAST if self._known >= _KNOWN_FROM else _LEAST_UNKNOWN
        most = max(_MOST, _MOST_PART * (self._low or 0.0))
        return min(max(least, 1.25 * self._swing + 0.05), most)
