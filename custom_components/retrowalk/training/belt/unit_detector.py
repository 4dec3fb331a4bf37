"""Kilometers or miles? Compares the distance by the belt's speed with the distance that the machine counts (S9).

1 km/h is 33 m in two minutes, 1 mph is 54 m. The counter is compared from one of its changes to another, so that
neither its step, which may be ten meters, nor its first value makes a difference.
"""

from enum import StrEnum
from typing import Self

from ...machine.model import KM_PER_MILE, Telemetry

_ENOUGH = 6.0
"""Meters, by the speed, between two changes of the counter that tell one unit from the other beyond doubt."""
_STRIDES = 6.0
"""How many times as long they are as the way between two reports, in which a change may have been at any moment."""
_LIKELY = 0.2
"""Part by which the two distances may differ and still be the same."""


class Scale(StrEnum):
    """How one number of a machine stands to another: the same, or as a mile to a kilometer."""

    SAME = "same"
    MORE = "more"
    LESS = "less"

    @property
    def factor(self) -> float:
        """How many times as much it is."""
        return {Scale.SAME: 1.0, Scale.MORE: KM_PER_MILE, Scale.LESS: 1 / KM_PER_MILE}[self]

    @classmethod
    def of(cls, ratio: float, tolerance: float) -> Self | None:
        """Return the scale of a ratio that is at most this part off; None for any other ratio."""
        return next((scale for scale in cls if abs(ratio / scale.factor - 1) <= tolerance), None)


class UnitDetector:
    """One belt's distance, by its speed and by its counter."""

    def __init__(self) -> None:
        self._before: Telemetry | None = None
        self._traveled = 0.0  # m, by the speed
        self._stride = 0.0  # the most of it between two reports
        self._count: int | None = None
        self._first: tuple[int, float] | None = None  # the counter when it first changed, and the meters by then
        self._last: tuple[int, float] | None = None

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry of a moving belt."""
        before, self._before = self._before, telemetry
        if before is not None and before.speed is not None:
            way = before.speed / 3.6 * max(telemetry.received - before.received, 0.0)
            self._traveled, self._stride = self._traveled + way, max(self._stride, way)
        count, distance = self._count, telemetry.distance
        if distance is None:
            return
        self._count = distance
        if count is None or distance == count:
            return
        if distance < count:
            self._first = None  # it began anew
        if self._first is None:
            self._first = (distance, self._traveled)
        self._last = (distance, self._traveled)

    @property
    def counts(self) -> bool:
        """Whether the counter has changed, so that a longer way may tell the unit."""
        return self._first is not None

    @property
    def enough(self) -> bool:
        """Whether the way was long enough to tell the unit, or that what was counted is nonsense."""
        if self._first is None or self._last is None:
            return False
        return self._last[1] - self._first[1] >= max(_ENOUGH, _STRIDES * self._stride)

    @property
    def scale(self) -> Scale | None:
        """How the distance stands to the speed; None where nothing, too little or nonsense was counted."""
        if self._first is None or self._last is None or not self.enough:
            return None
        return Scale.of((self._last[0] - self._first[0]) / (self._last[1] - self._first[1]), _LIKELY)
