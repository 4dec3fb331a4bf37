"""What each field of a session stored as JSON may hold, so that a damaged one is found before it breaks a sum."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeGuard

_TEXTS = frozenset({"id", "direction", "started", "ended", "outcome"})
_TEXTS_OR_NONE = frozenset({"walker", "program", "stopped_by", "note", "steered_walker", "knee"})
_NUMBERS = frozenset({"moving_time", "distance", "calories", "calories_net", "max_speed", "max_incline"})
_NUMBERS_OR_NONE = frozenset(
    {
        *("planned", "planned_speed", "planned_incline", "weight", "steered_backward", "elevation_gain"),
        *("machine_energy", "steps", "discomfort_before", "discomfort_after", "effort"),
    }
)
_AMOUNTS = _NUMBERS | _NUMBERS_OR_NONE
_BOOLEAN = frozenset({bool})
_NUMERIC = frozenset({int, float})
_HOLDS: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(_TEXTS, frozenset({str})),
    **dict.fromkeys(_TEXTS_OR_NONE, frozenset({str, type(None)})),
    **dict.fromkeys(_NUMBERS, _NUMERIC),
    **dict.fromkeys(_NUMBERS_OR_NONE, _NUMERIC | {type(None)}),
}
"""The types of what JSON may hold, by field; all others are switches."""
_SLACK = 10.0
"""Seconds by which clocks and counters may differ."""
_MOST = 1e9
"""No session has more of anything; larger numbers would only break sums."""


def check_types(kept: Mapping[str, Any]) -> None:
    """Raise KeyError, TypeError or ValueError where a session's field holds what it cannot."""
    # Ten thousand sessions have a quarter of a million fields, but only a few kinds of rows: none of those that are
    # known to be right is looked at field by field.
    amounts_of = _amounts_of(tuple(kept), tuple(map(type, kept.values())))
    if amounts_of is not None and sum(map(abs, amounts_of(kept))) <= _MOST:
        return
    for name, value in kept.items():
        if type(value) not in _HOLDS.get(name, _BOOLEAN):
            raise TypeError(f"a session's {name} cannot be {value!r:.99}")
        if name in _AMOUNTS and value is not None and not -_MOST <= value <= _MOST:
            check_number(name, value)


@lru_cache(maxsize=256)
def _amounts_of(names: tuple[str, ...], kinds: tuple[type, ...]) -> Callable[[Any], tuple[float, ...]] | None:
    """Return what gets the numbers of a session with fields of these types; None where one of them cannot be."""
    fields = dict(zip(names, kinds, strict=True))
    numbers = [name for name, kind in fields.items() if kind in _NUMERIC]
    right = all(kind in _HOLDS.get(name, _BOOLEAN) for name, kind in fields.items())
    return itemgetter(*numbers) if right and len(numbers) > 1 else None


def check_number(name: str, value: Any) -> None:
    """Raise TypeError or ValueError for a number that no session can have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a session's {name} cannot be {value!r:.99}")
    if not abs(value) <= _MOST:
        raise ValueError(f"a session's {name} cannot be {value}")


def grown(before: Any, now: float | None, anew: float | None = None) -> float:
    """Return by how much a counter grew; 0 for one that fell, because it began anew.

    `anew`: it was about to begin at 0, so many seconds ago. One that fell did; otherwise the belt has moved for about
    that long, and the count that is nearer to it is the likely one.
    """
    if now is None:
        return 0.0
    known = before if is_number(before) else None
    if anew is not None:
        if known is None or now < known:
            return float(now)
        if now <= anew + _SLACK and abs(now - anew) < abs(now - known - anew):
            return float(now)
    return float(now - known) if known is not None and now > known else 0.0


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value from a file is a number that a machine may have counted."""
    try:
        check_number("counter", value)
    except TypeError, ValueError:
        return False
    return True
