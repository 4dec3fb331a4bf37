"""What was walked of the session under way, as the dashboard draws it while somebody walks."""

from typing import Final, NamedTuple

MOST_POINTS: Final = 1500
"""More than a screen is wide, for two hours at a speed that flickers."""


class WalkedPoint(NamedTuple):
    """What was measured at a second of moving."""

    second: float
    speed: float  # km/h
    incline: float | None  # %


class WalkedCurve:
    """The speed and incline of a session over the time that the belt moved, in as few points as a picture needs."""

    def __init__(self) -> None:
        """Initialize the curve, which is empty."""
        self.points: list[WalkedPoint] = []

    def add(self, second: float, speed: float | None, incline: float | None) -> None:
        """Add what was measured at a second; between two ends of an even stretch no point is needed."""
        if speed is None:
            return
        points, point = self.points, WalkedPoint(round(second, 1), round(speed, 1), incline)
        if len(points) > 1 and points[-2][1:] == points[-1][1:] == point[1:]:
            points[-1] = point
        else:
            points.append(point)
        if len(points) > MOST_POINTS:
            del points[1:-1:2]
