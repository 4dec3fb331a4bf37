"""What a machine's inclines mean in true percent, and when they cannot be believed (S9, S18).

Some machines report a multiple of their incline, levels of their own, or a number that never changes.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from .model import Telemetry, ValueRange

_FAR_ABOVE = 1.0
"""% beyond its own range from which on a report cannot be true; less is a sensor that is a little off."""
_STEEPEST = 40.0
"""% that no deck exceeds, for machines that state no range."""
_BELIEVED = 3
"""Reports beyond the range after which the machine's inclines are doubted for good; one may be an odd frame."""
_SAME = 0.25
"""% within which a machine's number and what our table makes of it are one incline: the deck is level, or nearly."""
_DECIMALS = 4
_TINY = 1e-6


class InclineMeaning(StrEnum):
    """What the owner says of the inclines that a machine reports and takes."""

    FOUND_OUT = "found_out"  # nothing: what our table knows of such machines, or true percent
    AS_TOLD = "as_told"
    CONVERTED = "converted"  # by a factor and an offset
    TABLE = "table"  # of its levels
    IGNORED = "ignored"  # neither read nor set


@dataclass(frozen=True, kw_only=True)
class InclineScale:
    """How a machine's inclines become true ones."""

    factor: float = 1.0
    offset: float = 0.0
    """True percent are the machine's number times the factor, plus the offset."""
    table: tuple[tuple[float, float], ...] = ()
    """Its numbers and the true percent of each, both rising; they take the place of factor and offset."""
    targets_true: bool = False
    """Whether only its reports are in that measure, and its targets are true percent."""
    ignored: bool = False
    supposed: bool = False
    """Whether only our table of machines says so, and nobody who has this one: it is shown, and moves no deck."""

    @classmethod
    def known(cls, value: float | Sequence[Sequence[float]] | None) -> Self:
        """Return the scale that our table of machines has; true percent for None. Raises what says that it is none."""
        if value is None:
            return cls()
        if isinstance(value, int | float):
            return cls(factor=float(value), supposed=True)
        return cls(table=tuple((float(told), float(true)) for told, true in value), supposed=True)

    def as_list(self) -> list[Any]:
        """Return what tells it from another one, as JSON has it."""
        return [self.factor, self.offset, [list(row) for row in self.table], self.targets_true, self.ignored]

    def __post_init__(self) -> None:
        """Raise ValueError for a scale that is none."""
        if not (math.isfinite(self.factor) and self.factor > 0 and math.isfinite(self.offset)):
            raise ValueError(f"no scale of inclines: {self.factor}, {self.offset}")
        if self.table:
            check_table(self.table)

    @property
    def _plain(self) -> bool:
        return not self.table and self.factor == 1.0 and self.offset == 0.0

    def true(self, told: float) -> float:
        """Return the true incline (%) of a number that the machine reports."""
        if self.table:
            return _interpolated(self.table, told)
        return told if self._plain else round(told * self.factor + self.offset, _DECIMALS)

    def true_target(self, value: float) -> float:
        """Return the true incline (%) of a target in the machine's numbers."""
        return value if self.targets_true else self.true(value)

    def range(self, stated: ValueRange | None) -> ValueRange | None:
        """Return the true inclines (%) that the machine takes, from the range that it states.

        A table that does not fit the range leaves none; one that is only supposed leaves the range as it is stated, so
        that a deck is not taken for none.
        """
        if stated is None or self.ignored:
            return None
        if self.targets_true or self._plain:
            return stated
        if self.table:
            levels = [true for _, true in self._levels(stated)]
            return ValueRange.of(levels) if len(levels) > 1 else stated if self.supposed else None
        low, high = (round(self.true(number), _DECIMALS) for number in (stated.minimum, stated.maximum))
        return ValueRange(low, high, round(stated.step * self.factor, 8))

    def _levels(self, stated: ValueRange | None) -> tuple[tuple[float, float], ...]:
        """Return the rows that the machine takes as they are: it rounds any other number, perhaps up."""
        if stated is None:
            return self.table
        return tuple((told, true) for told, true in self.table if abs(stated.snap(told) - told) <= _TINY)

    def sent(self, percent: float, stated: ValueRange | None) -> float:
        """Return the target in the machine's numbers for a true incline (%), never above it (S4)."""
        if self.targets_true or self._plain:
            return percent
        if self.table:
            levels = self._levels(stated) or self.table
            return max((told for told, true in levels if true <= percent + _TINY), default=levels[0][0])
        wanted = (percent - self.offset) / self.factor
        if stated is None:
            return wanted
        steps = math.floor((wanted - stated.minimum) / stated.step + _TINY)
        most = math.floor((stated.maximum - stated.minimum) / stated.step + _TINY)
        return round(stated.minimum + min(max(steps, 0), most) * stated.step, _DECIMALS)


def check_table(table: tuple[tuple[float, float], ...]) -> None:
    """Raise ValueError unless a table has two rows at least, and both of its columns rise."""
    numbers = [number for row in table for number in row]
    if len(table) < 2 or not all(math.isfinite(number) for number in numbers):
        raise ValueError("a table of inclines needs two rows")
    for (told, true), (next_told, next_true) in pairwise(table):
        if next_told <= told or next_true <= true:
            raise ValueError("both columns of a table of inclines have to rise")


def read_table(text: str) -> tuple[tuple[float, float], ...]:
    """Read a table as people write it: a row for each level, "3 = 1.5". Raises ValueError for what is none."""
    rows = []
    for line in text.replace(";", "\n").splitlines():
        if not line.strip():
            continue
        told, separator, true = line.replace(",", ".").replace("%", "").partition("=")
        if not separator:
            raise ValueError(f"no row of a table: {line:.40}")
        rows.append((float(told), float(true)))
    table = tuple(sorted(rows))
    check_table(table)
    return table


def write_table(table: Iterable[tuple[float, float]]) -> str:
    """Return a table as `read_table` reads it."""
    return "\n".join(f"{told:g} = {true:g}" for told, true in table)


class InclineDoubt:
    """What is believed of the inclines of one machine."""

    def __init__(self, *, lasting: bool = False) -> None:
        """`lasting`: its inclines were doubted before."""
        self._beyond = _BELIEVED if lasting else 0  # reports
        self._newest = float("-inf")

    @property
    def lasting(self) -> bool:
        """Whether they are doubted for good, until somebody says what they mean."""
        return self._beyond >= _BELIEVED

    def judge(self, telemetry: Telemetry, deck: ValueRange | None, scale: InclineScale) -> Telemetry:
        """Return telemetry whose true incline is within what the deck can do, and doubted where it was not."""
        told = telemetry.incline
        if told is None:
            return telemetry
        if scale.ignored:
            return telemetry.with_incline(None)
        low, high = (-_STEEPEST, _STEEPEST) if deck is None else (deck.minimum, deck.maximum)
        if deck is not None and scale.targets_true is False and scale.table:
            low, high = scale.table[0][1], scale.table[-1][1]
        true = scale.true(told)
        beyond = not low - _FAR_ABOVE <= true <= high + _FAR_ABOVE
        if beyond and telemetry.received > self._newest:
            self._beyond, self._newest = self._beyond + 1, telemetry.received
        elif not beyond and not self.lasting:
            self._beyond = 0
        doubted = beyond or self.lasting or (scale.supposed and abs(true - told) > _SAME)
        return telemetry.with_incline(min(max(true, low), high), doubted=doubted)


def _interpolated(table: tuple[tuple[float, float], ...], told: float) -> float:
    """Return the true incline (%) between two rows, or beyond the last ones along their line."""
    index = next((number for number, (level, _) in enumerate(table[1:-1], start=1) if told <= level), len(table) - 1)
    (low, before), (high, after) = table[index - 1], table[index]
    return round(before + (after - before) * (told - low) / (high - low), _DECIMALS)
