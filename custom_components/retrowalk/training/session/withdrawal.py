"""What was made ready, and the rules that change before it has begun: what the owner saves holds at once (S1, S2)."""

from math import inf

from ...machine.model import ValueRange
from ..events import (
    EndReason,
)
from ..limits import Limits
from ..rules import Refusal, Rules


def withdrawal_reason(rules: Rules, promised: Limits | None, now: Limits) -> EndReason | Refusal | None:
    """Why what was made ready with the limits `promised` may not begin any more, by the rules that hold now."""
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
