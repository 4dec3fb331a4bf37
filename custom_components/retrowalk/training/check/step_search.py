"""Finds the smallest step that a belt really makes, and says what a belt does that is not where it was sent."""

from collections.abc import Callable

from ...machine.model import ValueRange
from ..limits import speed_grain
from .result import Failure

HIGHEST_STEP = 0.5
"""km/h above the lowest speed, up to which a belt is asked for its first step."""
LARGEST_STEP = 1.0
"""km/h that belts rise by at most in a step of their own, where their machine says that it is smaller."""
NOISE = 0.05
"""km/h by which a settled speed may differ from the one that was asked for."""


class StepSearch:
    """Asks for one more step until the belt rises. All speeds are in km/h."""

    def __init__(self, speeds: ValueRange, allowed: Callable[[float], float]) -> None:
        """Initialize the search; `allowed` returns the speed nearest to another one that may be sent."""
        self.grain = speed_grain(speeds)
        """The smallest step that the machine says it makes."""
        self.least = 0.0
        """What the belt did at its lowest speed."""
        self.step: float | None = None
        """The smallest step that the belt made, in whole grains."""
        self.confirming = False
        """Whether the belt was sent to where its own steps lead."""
        self.retrying = False
        """Whether the belt was sent back to the smallest step, that it did not make when it was first asked for it."""
        self._allowed = allowed
        self._lowest = speeds.minimum
        self._asked = 0  # grains

    def begin(self, least: float, lowest: float) -> None:
        """Begin at the belt's lowest speed, where it reports `least`."""
        self.least, self._lowest = least, lowest

    def next_target(self) -> float | None:
        """Return the next speed to ask for; None where the belt should have risen by now."""
        self._asked += 1
        target = self._lowest + self._asked * self.grain
        allowed = self._allowed(target)
        too_high = self._asked > 1 and target > self._lowest + HIGHEST_STEP + NOISE
        return None if too_high or allowed < target - NOISE else allowed

    def measure(self, speed: float) -> bool:
        """Measure the step to a speed; return whether the belt rose at all."""
        rise = speed - self.least
        if rise < NOISE:
            return False
        grains = 1
        while grains * self.grain < rise - NOISE:
            grains += 1
        self.step = round(grains * self.grain, 7)
        return True

    @property
    def may_be_late(self) -> bool:
        """Whether the belt only rose after several steps, as one with coarse steps or one that was still deaf does."""
        return not self.retrying and self._asked > 1 and (self.step or 0.0) > self.grain + NOISE / 10

    def retry(self) -> float:
        """Return the smallest step above the lowest speed, to see whether the belt makes it by now."""
        self.retrying = True
        return self._allowed(self._lowest + self.grain)

    def confirm(self) -> float:
        """Return the speed one measured step above the lowest speed, to see whether the belt goes there.

        One that rose further than belts step is not sent that far: it misses what it is sent to.
        """
        self.confirming = True
        return self._allowed(self._lowest + min(self.step or 0.0, max(self.grain, LARGEST_STEP)))


def explain_miss(speed: float, target: float, start_speed: float, grain: float) -> Failure | None:
    """Return what a belt does that was sent to a target; None where it is there. All speeds are in km/h."""
    if abs(speed - target) <= grain + NOISE:
        return None
    return Failure.IGNORES if abs(speed - start_speed) <= NOISE else Failure.MISSES
