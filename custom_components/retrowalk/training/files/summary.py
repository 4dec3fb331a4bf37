"""The content of a finished session in a workout file.

A session stores totals and no samples, so its track is two points: the beginning at 0 m and the end at the whole
distance. The reader draws a straight line between them; nothing is made up, least of all a speed for each second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ..history.record import Outcome, SessionRecord

_KMH_PER_MS = 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A session in the units of workout files: s, m, m/s, kcal, %."""

    started: datetime  # UTC
    ended: datetime  # UTC; never before the belt can have moved as long as it did
    moving: float
    distance: float
    calories: float  # gross, as the services expect it
    average_speed: float | None  # of the moving belt
    top_speed: float | None
    top_incline: float | None
    treadmill: bool  # a session entered by hand may have been walked anywhere

    @property
    def elapsed(self) -> float:
        """Seconds from the beginning to the end, pauses included."""
        return (self.ended - self.started).total_seconds()

    @classmethod
    def of(cls, record: SessionRecord) -> Self:
        """Return the summary of a finished session."""
        return cls(
            started=record.started,
            # A clock that was set back during the session must not make it shorter than it was.
            ended=max(record.ended, record.started + timedelta(seconds=record.moving_time)),
            moving=record.moving_time,
            distance=record.distance,
            calories=record.calories,
            average_speed=record.distance / record.moving_time if record.moving_time > 0 else None,
            top_speed=record.max_speed / _KMH_PER_MS if record.max_speed > 0 else None,
            top_incline=record.max_incline if record.max_incline > 0 else None,
            treadmill=record.outcome is not Outcome.LOGGED,
        )
