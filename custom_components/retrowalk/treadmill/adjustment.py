"""Relative changes of a session's targets: either all of a change applies, or none of it."""

from collections.abc import Callable
from math import inf
from operator import itemgetter

from ..errors import ErrorKey, out_of_range
from ..machine.model import ValueRange
from ..training.limits import Limits
from ..training.rules import Caller
from ..training.session.controller import SessionController
from ..training.steering.session_plan import Target


def adjust(
    session: SessionController,
    speed_delta: float | None,
    incline_delta: float | None,
    caller: Caller,
    *,
    ends_rise: bool = False,
) -> None:
    """Change the targets by a number of km/h and %; with `ends_rise` less is never more than what the belt does now.

    Raises RefusedError, and ServiceValidationError if a target would be above its limit.
    """
    now, at_most = session.setpoint or Target(0.0, None), session.commanded if ends_rise else None
    changes: list[tuple[float, Callable[[], float]]] = []
    if speed_delta is not None:
        target, allowed = session.target_speed, session.limits.speed
        rank, kmh = _adjusted(ErrorKey.SPEED_OUT_OF_RANGE, target, now.speed, speed_delta, allowed)
        kmh = min(kmh, at_most.speed) if at_most and speed_delta < 0 else kmh
        changes.append((rank, lambda: session.set_speed(kmh, caller=caller)))
    if incline_delta is not None:
        target, allowed = session.target_incline, session.limits.incline
        rank, percent = _adjusted(ErrorKey.INCLINE_OUT_OF_RANGE, target, now.incline or 0.0, incline_delta, allowed)
        percent = min(percent, at_most.incline or 0.0) if at_most and incline_delta < 0 else percent
        changes.append((rank, lambda: session.set_incline(percent, caller=caller)))
    # Apply the changes that are most likely to be refused first, so that a refusal leaves nothing half changed: a value
    # that is not steered, then a rise.
    for _, change in sorted(changes, key=itemgetter(0), reverse=True):
        change()


def check_ramp(limits: Limits, speed: float | None, incline: float | None) -> None:
    """Raise ServiceValidationError if a ramp would end outside the limits (km/h, %)."""
    for key, target, allowed in (
        (ErrorKey.SPEED_OUT_OF_RANGE, speed, limits.speed),
        (ErrorKey.INCLINE_OUT_OF_RANGE, incline, limits.incline),
    ):
        if target is not None and allowed is not None and not allowed.minimum <= target <= allowed.maximum:
            raise out_of_range(key, allowed.minimum, allowed.maximum)


def _adjusted(
    key: ErrorKey, asked: float | None, now: float, delta: float, allowed: ValueRange | None
) -> tuple[float, float]:
    """Return a rank that is higher the more likely the change is refused, and the new target."""
    if asked is None or allowed is None:
        return inf, 0.0  # the session refuses it and gives the reason
    # During a ramp up, "less" means less than the present setpoint, not less than the ramp's target.
    start = asked if delta >= 0 else min(asked, now)
    target = max(round(start + delta, 2), allowed.minimum)
    if not target <= allowed.maximum:
        raise out_of_range(key, allowed.minimum, allowed.maximum)
    return delta, target
