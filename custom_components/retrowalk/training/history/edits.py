"""What a walk was worth by its mean speed alone: one entered by hand, or one whose walker or direction is corrected."""

from dataclasses import dataclass, replace

from ..limits import Direction
from .energy import DEFAULT_WEIGHT, Estimate
from .record import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Calories:
    """Kilocalories of a walk."""

    gross: float
    net: float  # above resting


def reckon(estimate: Estimate, direction: Direction, weight: float, seconds: float, metres: float) -> Calories:
    """The calories of so many seconds and metres on the level, `weight` in kg; none where no distance is known."""
    meter = estimate.meter(weight, backward=direction is Direction.BACKWARD)
    if seconds > 0:
        meter.add(seconds, metres / seconds * 3.6, 0.0)
    return Calories(gross=meter.gross_kcal, net=meter.net_kcal)


def with_direction(estimate: Estimate, record: SessionRecord, direction: Direction) -> SessionRecord:
    """The session as walked the other way."""
    return _reckoned(estimate, record, direction, record.weight or DEFAULT_WEIGHT)


def with_walker(estimate: Estimate, record: SessionRecord, walker: str | None, weight: float) -> SessionRecord:
    """The session as walked by somebody else, of this weight (kg)."""
    return replace(_reckoned(estimate, record, record.direction, weight), walker=walker, weight=weight)


def _reckoned(estimate: Estimate, record: SessionRecord, direction: Direction, weight: float) -> SessionRecord:
    """The measured calories in the proportion of what both would have been at the mean speed."""
    seconds, metres = record.moving_time, record.distance
    before = reckon(estimate, record.direction, record.weight or DEFAULT_WEIGHT, seconds, metres)
    after = reckon(estimate, direction, weight, seconds, metres)
    if before.net <= 0:
        return replace(record, direction=direction)
    return replace(
        record,
        direction=direction,
        calories=record.calories * after.gross / before.gross,
        calories_net=record.calories_net * after.net / before.net,
    )
