"""One finished session: what is stored of it, and what it counts as."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from operator import itemgetter
from typing import Any, Self

from ..limits import Direction
from .record_fields import check_types

_COMPLETED_SHARE = 0.8
"""Of the planned time; what was measured counts, and never a tap on a reminder."""
_COMPLETED_WITHOUT_PLAN = 60.0
"""Seconds after which a session without a plan counts as completed."""
_NO_BEGINNER_AFTER = 180.0
"""Seconds steered backward in one session after which its walker is no beginner any more (S4)."""
_YEARS = range(1900, 9000)
"""Years in which calendars of any zone can still be calculated."""


class Outcome(StrEnum):
    """How a session ended."""

    COMPLETED = "completed"  # to its planned end, cool-down included
    STOPPED = "stopped"  # by somebody, before its end
    CONSOLE = "console"  # at the machine's own console
    INTERRUPTED = "interrupted"  # the link or Home Assistant was lost; holds what was measured
    LOGGED = "logged"  # walked elsewhere and entered by hand


class Knee(StrEnum):
    """How the knee is after a session, compared with before it."""

    BETTER = "better"
    SAME = "same"
    BIT_WORSE = "bit_worse"
    WORSE = "worse"

    @property
    def is_worse(self) -> bool:
        """Whether the plan should ease."""
        return self in {Knee.BIT_WORSE, Knee.WORSE}


_STEERED = frozenset({Outcome.COMPLETED, Outcome.STOPPED})
"""Outcomes that only a steered session has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One finished session. Raises ValueError for times without a zone and for impossible amounts."""

    id: str  # ULID
    walker: str | None  # subentry id; None: a guest
    direction: Direction
    started: datetime  # UTC
    ended: datetime  # UTC
    moving_time: float  # s
    distance: float  # m
    calories: float  # kcal, gross, our estimate
    calories_net: float  # kcal above resting
    machine_energy: int | None = None  # kcal as the machine counts them
    steps: int | None = None
    max_speed: float = 0.0  # km/h
    max_incline: float = 0.0  # %, and the most that calories were counted with
    elevation_gain: float | None = None  # m; None where no incline was reported
    planned: float | None = None  # s
    planned_speed: float | None = None  # km/h of the main part; None: nobody chose one
    planned_incline: float | None = None  # %
    program: str | None = None
    outcome: Outcome = Outcome.COMPLETED
    stopped_by: str | None = None  # the session's reason for its end, if that was not the planned one
    incline_doubted: bool = False  # an impossible one was reported, so that calories were counted as on the level
    estimated: bool = False  # a gap was filled from the machine's counters
    discomfort_before: int | None = None  # 0-10
    discomfort_after: int | None = None
    knee: Knee | None = None
    effort: int | None = None  # 0-10, how hard it was
    note: str | None = None
    weight: float | None = None  # kg that the calories are for
    # What was steered, and for whom; corrections do not change these two (S4).
    steered_backward: float | None = None  # s; None only until it is derived from an older record
    steered_walker: str | None = None

    def __post_init__(self) -> None:
        if self.started.tzinfo is None or self.ended.tzinfo is None:
            raise ValueError("a session needs times with a zone")
        for amount in (self.moving_time, self.distance, self.calories, self.calories_net):
            if not (isfinite(amount) and amount >= 0):
                raise ValueError(f"a session's time, distance and calories cannot be {amount}")
        if self.started.year not in _YEARS or self.ended.year not in _YEARS:
            raise ValueError(f"no session can last from {self.started} to {self.ended}")
        if self.steered_backward is None:
            # In records of 0.5.0 and before, the outcome shows whether they were steered at all.
            steered = self.direction is Direction.BACKWARD and self.outcome in _STEERED
            object.__setattr__(self, "steered_backward", self.moving_time if steered else 0.0)
            object.__setattr__(self, "steered_walker", self.walker if steered else None)
        if self.started.tzinfo is not UTC:
            object.__setattr__(self, "started", self.started.astimezone(UTC))
        if self.ended.tzinfo is not UTC:
            object.__setattr__(self, "ended", self.ended.astimezone(UTC))
        if self.ended < self.started:
            # A clock that is set back during a session must not lose it: it ends at its beginning at the earliest.
            object.__setattr__(self, "ended", self.started)

    @property
    def completed(self) -> bool:
        """Whether enough of it was walked to count as done."""
        if self.planned is None:
            return self.moving_time >= _COMPLETED_WITHOUT_PLAN
        return self.moving_time >= _COMPLETED_SHARE * self.planned

    @property
    def ends_beginning(self) -> bool:
        """Whether its walker is no beginner any more (S4): they were steered backward for long enough.

        A session that was corrected to be backward or theirs proves nothing, nor does one of somebody else.
        """
        theirs = self.walker is not None and self.walker == self.steered_walker
        steered = self.direction is Direction.BACKWARD and (self.steered_backward or 0.0) >= _NO_BEGINNER_AFTER
        return theirs and steered and self.completed

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        kept = {name: getattr(self, name) for name in _FIELDS}
        kept["direction"] = self.direction.value
        kept["outcome"] = self.outcome.value
        kept["knee"] = None if self.knee is None else self.knee.value
        kept["started"] = self.started.isoformat()
        kept["ended"] = self.ended.isoformat()
        return kept

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; unknown keys are left out, so that newer data load.

        Raises KeyError, TypeError or ValueError for what is no session.
        """
        try:
            known = dict(zip(_FIELDS, _all_of(data), strict=True))
        except KeyError:  # of an older version
            known = {name: data[name] for name in _FIELDS if name in data}
        check_types(known)
        known["direction"] = Direction(data["direction"])
        known["started"] = datetime.fromisoformat(data["started"])
        known["ended"] = datetime.fromisoformat(data["ended"])
        if "outcome" in known:
            known["outcome"] = Outcome(data["outcome"])
        if known.get("knee") is not None:
            known["knee"] = Knee(data["knee"])
        return cls(**known)


_FIELDS = tuple(field.name for field in fields(SessionRecord))
_all_of = itemgetter(*_FIELDS)
