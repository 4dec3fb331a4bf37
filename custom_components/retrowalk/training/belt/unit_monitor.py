"""Notices a console that is switched to another unit during a session: its speed no longer fits its distance (S9).

The counter is compared from one of its changes to another, over the last minute, and both halves of that minute have to
agree: a counter that jumps, begins late or anew, or is a tenth off does not prove another unit. How soon it shows
depends on the counter: two of its steps have to pass after the change.
"""

from collections import deque
from dataclasses import dataclass

from ...machine.model import BeltState, Telemetry
from .unit_detector import Scale

LOOKS_BACK = 60.0
"""Seconds that are compared; more only where the counter's steps, or five meters, take longer."""
_AT_LEAST = 10.0  # s
_ENOUGH = 5.0  # m by the speed
_GAP = 5.0  # s without a report, after which it begins anew
_LEAST, _MOST = 0.85, 1.2
"""Parts of the expected distance between which what is counted proves another unit."""
_HALF = 1.2
"""By how many times at least each half is off."""
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

    def __init__(self, *, in_miles: bool = False) -> None:
        """`in_miles`: the machine told miles until now, so that it may tell kilometers and be slower than it seems."""
        self.scale = Scale.SAME
        """How the true speed stands to the one that is reported."""
        self._scales = (Scale.MORE, Scale.LESS) if in_miles else (Scale.MORE,)
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
            if newest.traveled - marks[1].traveled < _ENOUGH:
                break  # of a belt that creeps
            marks.popleft()
        for scale in self._scales:
            if self.scale is Scale.SAME and any(self._tells(mark, newest, scale) for mark in marks):
                self.scale = scale

    def _tells(self, first: _Mark, last: _Mark, scale: Scale) -> bool:
        """Return whether the distance between two marks was that of another unit, from beginning to end."""
        traveled = last.traveled - first.traveled
        if last.when - first.when < _AT_LEAST or traveled < _ENOUGH:
            return False
        if not _LEAST <= first.ratio(last) / scale.factor <= _MOST:
            return False
        half = first.traveled + traveled / 2
        between = [mark for mark in self._marks if first.when < mark.when < last.when]
        if not between:
            return False
        middle = min(between, key=lambda mark: abs(mark.traveled - half))
        halves = first.ratio(middle), middle.ratio(last)
        return min(halves) >= _HALF if scale is Scale.MORE else max(halves) <= 1 / _HALF
