"""Read stored data that may be damaged or newer: an unreadable field gets its default and is reported."""

from collections.abc import Callable, Mapping
from datetime import time
from enum import StrEnum
from math import isfinite
from typing import Any

DAMAGE_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
"""The errors that reading damaged data may raise."""


class Reader:
    """Read the fields of stored data; `damaged` names those that cannot be read."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._stored = stored
        self.damaged: list[str] = []

    def get[T](self, name: str, default: T, read: Callable[[Any], T]) -> T:
        """Return a field, or its default if it is missing, None or damaged."""
        value = self._stored.get(name)
        if value is None:
            return default
        try:
            return read(value)
        except DAMAGE_ERRORS:
            self.damaged.append(name)
            return default

    def number(self, name: str, default: float, lowest: float = 0.0, highest: float = 1000.0) -> float:
        """Return a number within the bounds; "nan", which Home Assistant's forms accept, gives the default."""
        return self.get(name, default, lambda value: _number(value, default, lowest, highest))

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return a boolean."""
        return self.get(name, default, _boolean)

    def text(self, name: str) -> str | None:
        """Return a string, or None if there is none."""
        return self.get(name, None, as_text)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return self.get(name, (), lambda value: tuple(as_text(item) for item in _list(value)))

    def choice[E: StrEnum](self, name: str, default: E) -> E:
        """Return a member of the default's enum; an unknown value may come from a newer version."""
        return self.get(name, default, type(default))

    def time(self, name: str, default: time) -> time:
        """Return a time of day."""
        return self.get(name, default, lambda value: time.fromisoformat(as_text(value)).replace(tzinfo=None))

    def days(self, name: str, default: tuple[int, ...]) -> frozenset[int]:
        """Return days of the week; 0 is Monday."""
        return self.get(name, frozenset(default), _days)


def as_text(value: Any) -> str:
    """Return the value if it is a string; raise TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"not a string: {value!r:.99}")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"not a boolean: {value!r:.99}")
    return value


def _number(value: Any, default: float, lowest: float, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"not a number: {value!r:.99}")
    if isinstance(value, float) and not isfinite(value):
        return default
    if not lowest <= value <= highest:
        raise ValueError(f"not between {lowest} and {highest}: {value!r:.99}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError(f"not a list: {value!r:.99}")
    return [*value]


def _days(value: Any) -> frozenset[int]:
    days = frozenset(_list(value))
    if not days or not days <= frozenset(range(7)):
        raise ValueError(f"not days of the week: {value!r:.99}")
    return days
