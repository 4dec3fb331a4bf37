"""The odd ways in which real decks take their targets and report their incline; how belt and deck move."""

import math
from collections import deque

from ..machine.model import ValueRange
from .habits import Habits

_ROUNDING = 1e-9
_TIMES_A_SECOND = 10  # that the deck is followed
_LATEST = 60  # s by which a report may be late


class DeckReports:
    """What is reported of one deck, which depends on where it has been."""

    def __init__(self) -> None:
        self._was: deque[float] = deque(maxlen=_LATEST * _TIMES_A_SECOND)
        self._moved = False

    def follow(self, incline: float) -> None:
        """Take in where the deck is (%), ten times a second."""
        self._moved = self._moved or (bool(self._was) and abs(incline - self._was[-1]) > _ROUNDING)
        self._was.append(incline)

    def told(self, habits: Habits, incline: float, target: float) -> float | None:
        """Return what is reported of the deck at an incline (%) on its way to a target; None where nothing is."""
        if habits.no_incline_reported:
            return None
        if habits.incline_remembered and not self._moved:
            return habits.incline_remembered
        true = target if habits.reports_target_incline else self._seen(habits.incline_late, incline)
        times = habits.incline_told_times or 1.0
        return habits.incline_stuck_at or true * (-times if habits.incline_mirrored else times)

    def _seen(self, late: float, incline: float) -> float:
        """Return the incline (%) of a while (s) ago."""
        if not late or not self._was:
            return incline
        return self._was[max(len(self._was) - 1 - round(late * _TIMES_A_SECOND), 0)]


def goal_of_deck(habits: Habits, percent: float) -> float | None:
    """Return the true incline (%) that a deck makes of a target; None where it declines that."""
    goal = percent / (habits.incline_taken_times or 1.0)
    if not habits.coarse_inclines:
        return goal
    steps = goal / habits.coarse_inclines
    if habits.declines_fine_inclines and abs(steps - round(steps)) > _ROUNDING:
        return None
    whole = math.ceil(steps - _ROUNDING) if habits.coarse_inclines_up else math.floor(steps + _ROUNDING)
    return whole * habits.coarse_inclines


def toward(value: float, goal: float, most: float) -> float:
    """`value` moved toward `goal` by no more than `most`; exactly `goal` when it gets there."""
    if abs(goal - value) <= most + _ROUNDING:
        return goal
    return value + math.copysign(most, goal - value)


def within(values: ValueRange, value: float) -> bool:
    """Return whether a value is in a range."""
    return values.minimum - _ROUNDING <= value <= values.maximum + _ROUNDING
