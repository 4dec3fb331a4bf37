"""The track of a session under way: rows that are appended to a file, and how they become a part of the track.

A row is a line of JSON. It begins with its line break, so that a row that a power cut tore takes no other with it.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from .track import Mark, MarkKind, Sample, Track
from .track_file import DISTANCE_STEP, INCLINE_STEP, SPEED_STEP, read_mark, read_number, write_mark

MOST_SAMPLES = 14_400
"""Samples of a track: four hours with one a second. A longer session has one in two seconds, in four, and so on."""
MOST_MARKS = 2000
"""Marks of a track: a program has at most 1000 steps, and nobody pauses as often."""
_REPEATED = 10
"""Marks of one second that are found again."""
_PARTS = (1, SPEED_STEP, INCLINE_STEP, DISTANCE_STEP, 1, 1)

type Row = Sample | Mark


def write_rows(rows: Iterable[Row]) -> bytes:
    """Return the lines of some rows."""
    return b"".join(b"\n" + json.dumps(_written(row), separators=(",", ":")).encode() for row in rows)


def read_rows(content: bytes) -> list[Row]:
    """Return the rows of a file, without those that are torn or damaged."""
    found: list[Row] = []
    for line in content.split(b"\n"):
        try:
            found.append(_read(json.loads(line)))
        except TypeError, ValueError, RecursionError:
            continue
    return found


def joined(track: Track, rows: Iterable[Row]) -> Track:
    """Return a track with the rows that continue it; those that it has already, or that lie behind it, change nothing.

    Distance and steps of a session may fall, when it turns out that nobody walked: then nobody did before either.
    """
    samples, marks = [*track.samples], [*track.marks]
    known = max([0, *track.seconds[-1:], *(mark.second for mark in marks[-1:])])
    for row in rows:
        if isinstance(row, Mark):
            if row.second >= known and row not in track.marks[-_REPEATED:] and _follows(marks, row):
                marks.append(row)
        elif not samples or row.second > samples[-1].second:
            samples.append(row)
    distances, counts = _never_falling(samples)
    samples = [
        sample._replace(distance=meters, steps=count)
        for sample, meters, count in zip(samples, distances, counts, strict=True)
    ]
    whole, interval = Track.of(samples, marks), track.interval
    while len(thinned := whole.thinned(interval)) > MOST_SAMPLES:
        interval *= 2
    return thinned


def _follows(marks: Sequence[Mark], mark: Mark) -> bool:
    """Return whether a mark says something new: after a restart of Home Assistant it may be written again."""
    if len(marks) >= MOST_MARKS or (marks and mark.second < marks[-1].second):
        return False
    step = mark.kind is MarkKind.STEP
    before = next((each for each in reversed(marks) if (each.kind is MarkKind.STEP) is step), None)
    if step:
        return before is None or before.step != mark.step
    paused = before is not None and before.kind is MarkKind.PAUSED
    return paused is (mark.kind is MarkKind.RESUMED)


def _never_falling(samples: Sequence[Sample]) -> tuple[list[float], list[int | None]]:
    """Return the distances and the steps of the samples, none above a later one."""
    backward = [*reversed(samples)]
    distances = [*accumulate((sample.distance for sample in backward), min)]
    counts = [*accumulate((sample.steps for sample in backward), _least)]
    known = [None if sample.steps is None else count for sample, count in zip(backward, counts, strict=True)]
    return distances[::-1], known[::-1]


def _least(later: int | None, earlier: int | None) -> int | None:
    if later is None or earlier is None:
        return earlier if later is None else later
    return min(later, earlier)


def _written(row: Row) -> list[Any]:
    if isinstance(row, Mark):
        return write_mark(row)
    values = [None if value is None else round(value * parts) for value, parts in zip(row, _PARTS, strict=True)]
    while values[-1] is None:
        values.pop()
    return values


def _read(values: Any) -> Row:
    """Return a row. Raises TypeError or ValueError for what is none."""
    if isinstance(values, list) and len(values) > 1 and isinstance(values[1], str):
        return _not_before(read_mark(*values))
    if not isinstance(values, list) or not 4 <= len(values) <= len(_PARTS):
        raise TypeError(f"not a row of a track: {values!r:.99}")
    numbers = [None if value is None else read_number(value) for value in values]
    second, speed, incline, distance, heart_rate, steps = numbers + [None] * (len(_PARTS) - len(numbers))
    if second is None or distance is None or distance < 0:
        raise ValueError(f"not a sample of a track: {values!r:.99}")
    return _not_before(
        Sample(
            second,
            None if speed is None else speed / SPEED_STEP,
            None if incline is None else incline / INCLINE_STEP,
            distance / DISTANCE_STEP,
            heart_rate,
            steps,
        )
    )


def _not_before[R: Row](row: R) -> R:
    if row.second < 0:
        raise ValueError("a track cannot begin before its session")
    return row
