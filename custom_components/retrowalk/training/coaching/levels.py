"""The levels that a walker can be on, on this machine inside these limits, and the steps between them."""

from decimal import ROUND_FLOOR
from math import ceil, floor
from typing import NamedTuple

from ...machine.model import ValueRange
from ..limits import Limits

WEEK = 7
"""Days."""
_EARNED_A_WEEK = 0.1  # of the speed
_INCLINE_A_WEEK = 0.5  # %
_TINY = 1e-9  # the error of floats


class Level(NamedTuple):
    """The main part of a session: km/h and %, 0 where they cannot be steered."""

    speed: float
    incline: float


class Levels:
    """All levels, in whole steps of the machine. Speed and incline never rise together."""

    def __init__(self, limits: Limits) -> None:
        nothing = ValueRange(0.0, 0.0, 1.0)
        self._speeds = limits.speed or nothing
        self._inclines = limits.incline or nothing
        # Where steps are too large for a backward walker, everything stays at the least (S5).
        self._top = Level(
            *(
                values.snap(values.maximum if pace else values.minimum, rounding=ROUND_FLOOR)
                for values, pace in ((self._speeds, limits.speed_up), (self._inclines, limits.incline_pace))
            )
        )

    def level(self, speed: float, incline: float) -> Level:
        """Return what machine and limits leave of a speed and an incline, rounded down."""
        return Level(
            self._speeds.snap(min(speed, self._top.speed), rounding=ROUND_FLOOR),
            self._inclines.snap(min(incline, self._top.incline), rounding=ROUND_FLOOR),
        )

    def measured(self, speed: float, incline: float) -> Level:
        """Return the level of a session in which this was measured, rounded to the nearest."""
        return Level(self._speeds.snap(speed), self._inclines.snap(incline))

    def above(self, level: Level) -> tuple[Level, int] | None:
        """Return the level above and the days that earn it; the incline rises if the speed cannot. None at the top."""
        if level.speed < self._top.speed:
            step = self._speeds.step
            weeks = step / (_EARNED_A_WEEK * max(level.speed, step))
            higher = self.level(level.speed + self._speed_step(level.speed) + _TINY, level.incline)
        elif level.incline < self._top.incline:
            weeks = self._incline_step / _INCLINE_A_WEEK
            higher = self.level(level.speed, level.incline + self._incline_step + _TINY)
        else:
            return None
        return higher, ceil(WEEK * max(weeks, 1.0) - _TINY)

    def below(self, level: Level, least: float = 0.0) -> Level:
        """Return the level that is lower by what a week earns, last gain first; not below a speed (km/h)."""
        if level.incline > self._inclines.minimum:
            return self.level(level.speed, level.incline - self._incline_step + _TINY)
        slower = level.speed - self._speed_step(level.speed) + _TINY
        return self.level(max(slower, min(level.speed, least)), level.incline)

    def _speed_step(self, speed: float) -> float:
        """Return a tenth of a speed in whole machine steps, at least one."""
        step = self._speeds.step
        return max(floor(_EARNED_A_WEEK * speed / step + _TINY), 1) * step

    @property
    def _incline_step(self) -> float:
        """Half a percent in whole machine steps, at least one."""
        step = self._inclines.step
        return max(floor(_INCLINE_A_WEEK / step + _TINY), 1) * step
