"""Notices a console that is switched to miles during a session: its speed no longer fits its distance (S9).

The counter is compared from one of its changes to another, over the last minute, and both halves of that minute have to
agree: a counter that jumps, begins late or anew, or is a tenth off does not prove another unit. How soon it shows
depends on the counter: two of its steps have to pass after the change.
"""

from collections import deque
from dataclasses import dataclass

from ...machine.model import KM_PER_MILE, BeltState, Telemetry

LOOKS_BACK = 60.0
"""Seconds that are compared; more only where the counter's steps take longer."""
_AT_LEAST = 10.0  # s
_ENOUGH = 5.0  # m by the speed
_GAP = 5.0  # s without a report, after which it begins anew
_LEAST, _MOST = 0.85 * KM_PER_MILE, 1.2 * KM_PER_MILE
"""How many times the distance by the speed is counted where the speed is reported in miles."""
_HALF = 1.2
"""The least of that in each half."""
_MARKS = 3  # changes of the counter that are kept in any case


@dataclass(frozen=True, slots=True)
class _Mark:
    """One change of the counter."""

    when: float
    count: int
    traveled: float  # m by the speed

    def ratio(self, later: _Mark) -> float:
        """Return how many times the distance by the speed was counted until a later mark."""
        traveled = later.traveled - self.traveled
        return (later.count - self.count) / traveled if traveled > 0 else 0.0


class UnitMonitor:
    """The speed of one session against its distance."""

    def __init__(self) -> None:
        self.miles = False
        """Whether the speed is reported in miles: the belt goes that much faster than it reports."""
        self._before: Telemetry | None = None
        self._traveled = 0.0
        self._marks: deque[_Mark] = deque()

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry."""
        before, self._before = self._before, telemetry
        if telemetry.belt is not BeltState.MOVING or not telemetry.speed or telemetry.distance is None:
            self._before = None
        if before is None or before.distance is None or self._before is None:
            self._marks.clear()
            return
        elapsed, counted = telemetry.received - before.received, (telemetry.distance or 0) - before.distance
        if elapsed > _GAP or counted < 0:
            self._marks.clear()
        self._traveled += (before.speed or 0.0) / 3.6 * elapsed
        if counted > 0:
            self._mark(_Mark(telemetry.received, before.distance + counted, self._traveled))

    def _mark(self, newest: _Mark) -> None:
        marks = self._marks
        marks.append(newest)
        while len(marks) > _MARKS and newest.when - marks[0].when > LOOKS_BACK:
            marks.popleft()
        self.miles = self.miles or any(self._tells(mark, newest) for mark in marks)

    def _tells(self, first: _Mark, last: _Mark) -> bool:
        """Return whether the distance between two marks was that of a speed in miles, from beginning to end."""
        traveled = last.traveled - first.traveled
        if last.when - first.when < _AT_LEAST or traveled < _ENOUGH or not _LEAST <= first.ratio(last) <= _MOST:
            return False
        half = first.traveled + traveled / 2
        between = [mark for mark in self._marks if first.when < mark.when < last.when]
        if not between:
            return False
        middle = min(between, key=lambda mark: abs(mark.traveled - half))
        return min(first.ratio(middle), middle.ratio(last)) >= _HALF
