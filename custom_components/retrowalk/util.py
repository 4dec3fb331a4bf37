"""Small helpers that know nothing of treadmills."""

from collections.abc import Container
from math import isfinite


def first_free(name: str, taken: Container[str]) -> str:
    """The name, or with the first number that makes it one of its own; `taken` are names in small letters.

    Our dialogs see to it that names differ; Home Assistant's own rename does not.
    """
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def finite(value: float | None, default: float) -> float:
    """A number as it was saved, or the default: Home Assistant's forms take "nan", and keep it as nothing at all."""
    return value if value is not None and isfinite(value) else default
