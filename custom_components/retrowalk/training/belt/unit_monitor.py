"""A console that is switched to miles while somebody walks: its speed no longer fits its distance (safety rule S9).

The counter is compared from one of its changes to another, over the last minute, and both halves of that have to say
the same: a counter that jumps, begins late or anew, or is a tenth wrong is no unit. How soon it is known depends on
the counter: two of its steps have to pass after the change.
"""

from collections import deque
from dataclasses import dataclass

from ...machine.model import KM_PER_MILE, BeltState, Telemetry

LOOKS_BACK = 60.0
"""Seconds that are compared; more only where the counter's steps take longer."""
_AT_LEAST = 10.0  # s
_ENOUGH = 5.0  # m by the speed
_GAP = 5.0  # s unheard, after which it begins anew
_LEAST, _MOST = 0.85 * KM_PER_MILE, 1.2 * KM_PER_MILE
"""How many times the distance by the speed is counted, where the speed is told in miles."""
_HALF = 1.2
"""And at least in each half of it."""
_MARKS = 3  # changes of the counter that are kept in any case


@dataclass(frozen=True, slots=True)
class _Mark:
    """One change of the counter."""

    when: float
    count: int
    travelled: float  # m by the speed

    def ratio(self, later: _Mark) -> float:
        """How many times what the speed says was counted until then."""
        travelled = later.travelled - self.travelled
        return (later.count - self.count) / travelled if travelled > 0 else 0.0


class UnitMonitor:
    """The speed of one walk against its distance."""

    def __init__(self) -> None:
        self.miles = False
        """Whether the speed is told in miles: the belt goes that much faster than it says."""
        self._before: Telemetry | None = None
        self._travelled = 0.0
        self._marks: deque[_Mark] = deque()

    def update(self, telemetry: Telemetry) -> None:
        """Take in what the machine reports."""
        before, self._before = self._before, telemetry
        if telemetry.belt is not BeltState.MOVING or not telemetry.speed or telemetry.distance is None:
            self._before = None
        if before is None or before.distance is None or self._before is None:
            self._marks.clear()
            return
        elapsed, counted = telemetry.received - before.received, (telemetry.distance or 0) - before.distance
        if elapsed > _GAP or counted < 0:
            self._marks.clear()
        self._travelled += (before.speed or 0.0) / 3.6 * elapsed
        if counted > 0:
            self._mark(_Mark(telemetry.received, before.distance + counted, self._travelled))

    def _mark(self, newest: _Mark) -> None:
        marks = self._marks
        marks.append(newest)
        while len(marks) > _MARKS and newest.when - marks[0].when > LOOKS_BACK:
            marks.popleft()
        self.miles = self.miles or any(self._tells(mark, newest) for mark in marks)

    def _tells(self, first: _Mark, last: _Mark) -> bool:
        """Whether between these two the distance was that of a speed in miles, from beginning to end."""
        travelled = last.travelled - first.travelled
        if last.when - first.when < _AT_LEAST or travelled < _ENOUGH or not _LEAST <= first.ratio(last) <= _MOST:
            return False
        half = first.travelled + travelled / 2
        between = [mark for mark in self._marks if first.when < mark.when < last.when]
        if not between:
            return False
        middle = min(between, key=lambda mark: abs(mark.travelled - half))
        return min(first.ratio(middle), middle.ratio(last)) >= _HALF
