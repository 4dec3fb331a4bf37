"""The track of a session: one sample a second of what was measured, and marks for its pauses and steps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import Any, NamedTuple


class MarkKind(StrEnum):
    """What a mark in a track means. Tracks store the values: never change them."""

    PAUSED = "paused"  # the belt has come to rest, and the session may go on
    RESUMED = "resumed"  # the belt moves again
    STEP = "step"  # a step of the program has begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at a second of a session."""

    second: int  # since the session started
    kind: MarkKind
    step: int | None = None  # which step of the program has begun, from 1
    label: str | None = None  # that the step has

    def as_dict(self) -> dict[str, Any]:
        """Return the mark as plain values, without those that are None."""
        more = {"step": self.step, "label": self.label}
        return {
            "second": self.second,
            "kind": self.kind.value,
            **{name: value for name, value in more.items() if value is not None},
        }


class Sample(NamedTuple):
    """What was measured at a second of a session; None where it is not known."""

    second: int  # since the session started
    speed: float | None  # km/h
    incline: float | None  # %
    distance: float  # m, as the session's record counts them
    heart_rate: int | None = None  # beats a minute
    steps: int | None = None  # as the session's record counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A column for each value, with an entry for each sampled second. Raises ValueError for what no session measured.

    There are no samples while the belt rests, apart from the first second of a rest, nor while it is not heard. The
    last sample has the distance and the steps of the session's record. `interval`: the seconds from sample to sample
    where there is no gap.
    """

    seconds: tuple[int, ...] = ()  # since the session started, by a clock that nobody sets
    speed: tuple[float | None, ...] = ()  # km/h
    incline: tuple[float | None, ...] = ()  # %
    distance: tuple[float, ...] = ()  # m
    heart_rate: tuple[int | None, ...] = ()  # beats a minute
    steps: tuple[int | None, ...] = ()
    marks: tuple[Mark, ...] = field(default=())
    interval: int = 1  # s

    def __post_init__(self) -> None:
        count = len(self.seconds)
        if any(len(column) != count for column in self._columns):
            raise ValueError("the columns of a track must be equally long")
        if self.seconds and self.seconds[0] < 0:
            raise ValueError("a track cannot begin before its session")
        if any(before >= after for before, after in pairwise(self.seconds)):
            raise ValueError("the seconds of a track must rise")
        if self.distance and self.distance[0] < 0:
            raise ValueError("a distance cannot be negative")
        if any(before > after for before, after in pairwise(self.distance)):
            raise ValueError("the distance of a track must not fall")
        if not all(value is None or isfinite(value) for column in self._columns for value in column):
            raise ValueError("the values of a track must be finite")
        if any(mark.second < 0 for mark in self.marks) or self.interval < 1:
            raise ValueError("a track cannot have negative times")
        if any(before.second > after.second for before, after in pairwise(self.marks)):
            raise ValueError("the marks of a track must be in order")

    @property
    def _columns(self) -> tuple[Sequence[Any], ...]:
        return self.speed, self.incline, self.distance, self.heart_rate, self.steps

    def __len__(self) -> int:
        return len(self.seconds)

    @classmethod
    def of(cls, samples: Iterable[Sample], marks: Iterable[Mark] = (), interval: int = 1) -> Track:
        """Return the track of these samples, oldest first."""
        columns = [*zip(*samples, strict=True)] or [()] * len(Sample._fields)
        seconds, speed, incline, distance, heart_rate, steps = columns
        return cls(
            seconds=seconds,
            speed=speed,
            incline=incline,
            distance=distance,
            heart_rate=heart_rate,
            steps=steps,
            marks=tuple(marks),
            interval=interval,
        )

    @property
    def samples(self) -> Iterator[Sample]:
        """The samples, oldest first."""
        return map(Sample, self.seconds, *self._columns, strict=True)

    def thinned(self, interval: int) -> Track:
        """Return the track with at most one sample in so many seconds, all of its marks, and its last sample."""
        if interval <= self.interval:
            return self
        kept: list[Sample] = []
        last = self.seconds[-1] if self.seconds else None
        for sample in self.samples:
            if not kept or sample.second // interval > kept[-1].second // interval or sample.second == last:
                kept.append(sample)
        return Track.of(kept, self.marks, interval)

    def ended(self, distance: float, steps: int | None, moving_time: float) -> Track:
        """Return the track with the distance (m) and the steps of its session's record at its end.

        What the record does not count was not walked: no sample has more. What the track missed, because the machine
        or a restart was silent about it, comes in a sample of its own, after `moving_time` (s) at the earliest.
        """
        if not self.seconds:
            return self
        distance = round(distance, 1)
        distances = tuple(min(round(meters, 1), distance) for meters in self.distance)
        counts = tuple(count if count is None or steps is None else min(count, steps) for count in self.steps)
        track = replace(self, distance=distances, steps=counts)
        if distance == distances[-1] and (steps is None or steps == counts[-1]):
            return track
        end = Sample(max(self.seconds[-1] + 1, round(moving_time)), None, None, distance, None, steps)
        return Track.of([*track.samples, end], self.marks, self.interval)

    def as_dict(self) -> dict[str, Any]:
        """Return the track as plain values: a list for each column that has a value."""
        columns = {
            "seconds": self.seconds,
            "speed": self.speed,
            "incline": self.incline,
            "distance": self.distance,
            "heart_rate": self.heart_rate,
            "steps": self.steps,
        }
        return {
            "interval": self.interval,
            **{name: [*column] for name, column in columns.items() if any(value is not None for value in column)},
            "marks": [mark.as_dict() for mark in self.marks],
        }
