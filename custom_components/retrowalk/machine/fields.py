"""Which values a machine reports: what it claims is no proof, so that what it sends is watched as well."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Self

from .model import BeltState, Capabilities, Telemetry

_REPORTS: Final = 60
_MOVED_FOR: Final = 60.0  # s
"""A value that did not come in so many reports of a moving belt, over so long a time, does not come at all."""
_APART: Final = 5.0
"""Seconds between two reports beyond which nobody knows what the belt did."""


class ReportedField(StrEnum):
    """A value that not every machine reports; named as in `Telemetry`, and stored."""

    INCLINE = "incline"
    DISTANCE = "distance"
    ENERGY = "energy"
    HEART_RATE = "heart_rate"
    STEPS = "steps"
    ELAPSED_TIME = "elapsed_time"


_values_of = attrgetter(*ReportedField)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFields:
    """What is known of the values that a machine reports."""

    seen: frozenset[ReportedField] = frozenset()
    """Those that came with something other than 0, which says nothing."""
    missing: frozenset[ReportedField] = frozenset()
    """Those that the machine claims, and that never came while its belt moved."""

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        return {"seen": sorted(self.seen), "missing": sorted(self.missing)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read what `as_dict` returned; anything else counts as not known."""
        kept = data if isinstance(data, Mapping) else {}
        return cls(seen=_fields(kept.get("seen")), missing=_fields(kept.get("missing")))

    def applied(self, stated: Capabilities) -> Capabilities:
        """Return what a machine can do and reports; a deck whose incline never comes is not moved."""
        reported = (claimed(stated) - self.missing) | self.seen
        reports: dict[str, Any] = {f"reports_{field}": field in reported for field in ReportedField}
        deck = None if ReportedField.INCLINE in self.missing else stated.incline_range
        return replace(stated, incline_range=deck, **reports)


def _fields(kept: Any) -> frozenset[ReportedField]:
    names = kept if isinstance(kept, list) else []
    return frozenset(field for field in ReportedField if field.value in names)


def claimed(stated: Capabilities) -> frozenset[ReportedField]:
    """Return the values that a machine claims to report; one whose incline can be set should report it."""
    fields = {field for field in ReportedField if getattr(stated, f"reports_{field}")}
    return frozenset(fields | ({ReportedField.INCLINE} if stated.incline_range is not None else set()))


class FieldWatch:
    """Watches what one machine reports, over all of its links."""

    def __init__(self, known: ReportedFields, stated: Capabilities) -> None:
        self.known = known
        """What is known by now."""
        self._claimed = claimed(stated)
        self._came: set[ReportedField] = set()  # at all, with 0 too
        self._newest: tuple[bool, list[bool | None]] | None = None  # all that is looked at
        self._reports = 0  # of a moving belt
        self._moved = 0.0  # s
        self._received = float("-inf")  # of the newest of them

    def update(self, telemetry: Telemetry) -> bool:
        """Take in a report; return whether something new is known."""
        self._count(telemetry)
        long = self._reports >= _REPORTS and self._moved >= _MOVED_FOR
        looked_at = long, [None if value is None else value != 0 for value in _values_of(telemetry)]
        if looked_at == self._newest:
            return False  # as nearly all are
        self._newest = looked_at
        values = {field: value for field, value in zip(ReportedField, looked_at[1], strict=True) if value is not None}
        self._came.update(values)
        seen = self.known.seen.union(field for field, value in values.items() if value)
        missing = self.known.missing
        if long:
            missing |= self._claimed
        before, self.known = self.known, ReportedFields(seen=seen, missing=missing - seen - self._came)
        return self.known != before

    def _count(self, telemetry: Telemetry) -> None:
        if telemetry.belt is not BeltState.MOVING or telemetry.received == self._received:
            return
        self._reports += 1
        if telemetry.received - self._received <= _APART:
            self._moved += telemetry.received - self._received
        self._received = telemetry.received
