"""The calories of a session by its mean speed alone: entered by hand, or with a corrected walker or direction."""

from dataclasses import dataclass, replace

from ..limits import Direction
from .energy import DEFAULT_WEIGHT, Estimate
from .record import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Calories:
    """Kilocalories of a session."""

    gross: float
    net: float  # above resting


def reckon(estimate: Estimate, direction: Direction, weight: float, seconds: float, meters: float) -> Calories:
    """Return the calories of a time (s) and a distance (m) on the level, `weight` in kg; 0 without a distance."""
    meter = estimate.meter(weight, backward=direction is Direction.BACKWARD)
    if seconds > 0:
        meter.add(seconds, meters / seconds * 3.6, 0.0)
    return Calories(gross=meter.gross_kcal, net=meter.net_kcal)


def with_direction(estimate: Estimate, record: SessionRecord, direction: Direction) -> SessionRecord:
    """Return the session as walked in the other direction."""
    return _reckoned(estimate, record, direction, record.weight or DEFAULT_WEIGHT)


def with_walker(estimate: Estimate, record: SessionRecord, walker: str | None, weight: float) -> SessionRecord:
    """Return the session as walked by somebody else, of this weight (kg)."""
    return replace(_reckoned(estimate, record, record.direction, weight), walker=walker, weight=weight)


def _reckoned(estimate: Estimate, record: SessionRecord, direction: Direction, weight: float) -> SessionRecord:
    """Scale the measured calories by what both would have been at the mean speed."""
    seconds, meters = record.moving_time, record.distance
    before = reckon(estimate, record.direction, record.weight or DEFAULT_WEIGHT, seconds, meters)
    after = reckon(estimate, direction, weight, seconds, meters)
    if before.net <= 0:
        return replace(record, direction=direction)
    return replace(
        record,
        direction=direction,
        calories=record.calories * after.gross / before.gross,
        calories_net=record.calories_net * after.net / before.net,
    )
