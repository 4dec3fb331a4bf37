"""The withdrawal of a session that has not begun: changed settings apply to it at once (S1, S2)."""

from math import inf

from ...machine.model import ValueRange
from ..events import (
    EndReason,
)
from ..limits import Limits
from ..rules import Refusal, Rules


def withdrawal_reason(rules: Rules, promised: Limits | None, now: Limits) -> EndReason | Refusal | None:
    """Return why the present rules forbid a session that was made ready with the limits `promised`, or None."""
    if not rules.control:
        return Refusal.MONITOR_ONLY
    if rules.blocked_by is not None:
        return rules.blocked_by
    if rules.control_lock:
        return Refusal.LOCKED
    return EndReason.LIMITS_LOWERED if promised is not None and _are_lower(now, promised) else None


def _are_lower(now: Limits, promised: Limits) -> bool:
    return (
        _top(now.speed) < _top(promised.speed)
        or _top(now.incline) < _top(promised.incline)
        or now.longest < promised.longest
    )


def _top(allowed: ValueRange | None) -> float:
    return -inf if allowed is None else allowed.maximum
