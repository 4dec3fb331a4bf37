"""The odd ways in which real decks take their targets and report their incline; how belt and deck move."""

import math

from ..machine.model import ValueRange
from .habits import Habits

_ROUNDING = 1e-9


def told_incline(habits: Habits, incline: float, target: float) -> float | None:
    """Return what is reported of a deck at an incline (%) on its way to a target; None where nothing is."""
    if habits.no_incline_reported:
        return None
    true = target if habits.reports_target_incline else incline
    return habits.incline_stuck_at or true * (habits.incline_told_times or 1.0)


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
