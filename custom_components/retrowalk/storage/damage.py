"""What is kept may be damaged, or a newer version's: a field that cannot be read has its default, and is told."""

from collections.abc import Callable, Mapping
from datetime import time
from enum import StrEnum
from math import isfinite
from typing import Any

DAMAGE_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
"""What reading something damaged may raise."""


class Reader:
    """Reads the fields of what is kept; `damaged` names those that cannot be read."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._stored = kept
        self.damaged: list[str] = []

    def get[T](self, name: str, default: T, read: Callable[[Any], T]) -> T:
        """A field; its default where it is missing, nothing at all, or damaged."""
        value = self._stored.get(name)
        if value is None:
            return default
        try:
            return read(value)
        except DAMAGE_ERRORS:
            self.damaged.append(name)
            return default

    def number(self, name: str, default: float, lowest: float = 0.0, highest: float = 1000.0) -> float:
        """A number between two others; "nan", which Home Assistant's forms take, is the default."""
        return self.get(name, default, lambda value: _number(value, default, lowest, highest))

    def boolean(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        return self.get(name, default, _truth)

    def text(self, name: str) -> str | None:
        """A text, if there is one."""
        return self.get(name, None, as_text)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return self.get(name, (), lambda value: tuple(as_text(one) for one in _list(value)))

    def choice[E: StrEnum](self, name: str, default: E) -> E:
        """One of some; another one may be a newer version's."""
        return self.get(name, default, type(default))

    def time(self, name: str, default: time) -> time:
        """A time of day."""
        return self.get(name, default, lambda value: time.fromisoformat(as_text(value)).replace(tzinfo=None))

    def days(self, name: str, default: tuple[int, ...]) -> frozenset[int]:
        """Days of the week, 0 is Monday."""
        return self.get(name, frozenset(default), _days)


def as_text(value: Any) -> str:
    """A text. Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r:.99}")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"neither yes nor no: {value!r:.99}")
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
        raise ValueError(f"no days: {value!r:.99}")
    return days
