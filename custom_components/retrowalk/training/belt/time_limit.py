"""Finds out that a machine ends walks by itself after half an hour: two of them in a row, after the same time."""

from collections.abc import Sequence
from typing import Final

_EARLIEST: Final = 29 * 60.0 - 15.0
_LATEST: Final = 31 * 60.0 + 15.0
"""Seconds from the start of a belt between which its end may be the machine's own."""
_ALIKE: Final = 15.0
"""Seconds between the lengths of two walks that were ended alike; somebody at the console is less exact."""
_START_TAKES: Final = 20.0
"""Seconds by which the machine may have begun to count before its belt was seen to move."""
_MINUTE: Final = 60.0


def with_end(ends: Sequence[float], seconds: float) -> tuple[float, ...]:
    """Return the last ends (s) that may be the machine's own, after a belt was ended at the machine."""
    if not _EARLIEST <= seconds <= _LATEST:
        return tuple(ends)
    return (*ends[-1:], seconds)


def without_ends(ends: Sequence[float], seconds: float) -> tuple[float, ...]:
    """Return the ends (s) that are left after a belt ran for so long: one that runs on was not ended by a clock."""
    return tuple(end for end in ends if seconds <= end + _ALIKE)


def limit_by(ends: Sequence[float]) -> float | None:
    """Return after how long (s) the machine ends a walk, in whole minutes; None where two did not end alike."""
    if len(ends) < 2 or abs(ends[-1] - ends[-2]) > _ALIKE:
        return None
    return (min(ends[-2:]) + _START_TAKES) // _MINUTE * _MINUTE
