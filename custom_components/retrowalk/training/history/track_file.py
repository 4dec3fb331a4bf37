"""The form in which a track is stored: a few bytes that tell its interval, and differences of whole numbers in JSON.

The JSON is compressed.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from .track import Mark, MarkKind, Track

SPEED_STEP, INCLINE_STEP, DISTANCE_STEP = 100, 10, 10
"""Parts of 1 km/h, 1 % and 1 m that are kept; machines report no finer ones, apart from the distance."""
LARGEST = 4_000_000
"""Bytes of a track that is no longer compressed, many times what the longest session has."""
HEAD = 5
"""Bytes at the beginning that tell the interval."""
_FORMAT = b"RWT\x01"
_LONGEST_INTERVAL = 255  # s
_MOST = 10**9
"""No session has more of anything."""
_LABEL = 200
"""Characters of a label that are kept."""


def encode(track: Track) -> bytes:
    """Return a track as it is stored; a second of a session takes 3 to 7 bytes."""
    stored = {
        "seconds": _differences(track.seconds),
        "speed": _differences(_whole(track.speed, SPEED_STEP)),
        "incline": _differences(_whole(track.incline, INCLINE_STEP)),
        "distance": _differences(_whole(track.distance, DISTANCE_STEP)),
        "heart_rate": _differences(track.heart_rate),
        "steps": _differences(track.steps),
        "marks": [write_mark(mark) for mark in track.marks],
    }
    text = json.dumps(stored, separators=(",", ":")).encode()
    return _FORMAT + bytes([min(track.interval, _LONGEST_INTERVAL)]) + zlib.compress(text, level=9)


def interval_of(head: bytes) -> int:
    """Return the interval of a stored track by its first `HEAD` bytes. Raises ValueError for what is none."""
    if len(head) < HEAD or not head.startswith(_FORMAT):
        raise ValueError("not a track, or of an unknown format")
    return head[HEAD - 1]


def decode(content: bytes) -> Track:
    """Return a stored track. Raises ValueError for what is none, or only a part of one."""
    interval = interval_of(content[:HEAD])
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(content[HEAD:], LARGEST)
        if not unpacker.eof:
            raise ValueError("a track is too long, or torn")
        return _track(json.loads(text), interval)
    except (zlib.error, KeyError, TypeError, RecursionError) as err:
        raise ValueError(f"not a track: {err}") from err


def _track(stored: Any, interval: int) -> Track:
    seconds = [second for second in _column(stored, "seconds") if second is not None]
    distance = [meters / DISTANCE_STEP for meters in _column(stored, "distance") if meters is not None]
    return Track(
        seconds=tuple(seconds),
        speed=_parts(_column(stored, "speed"), SPEED_STEP),
        incline=_parts(_column(stored, "incline"), INCLINE_STEP),
        distance=tuple(distance),
        heart_rate=tuple(_column(stored, "heart_rate")),
        steps=tuple(_column(stored, "steps")),
        marks=tuple(read_mark(*row) for row in stored["marks"]),
        interval=interval,
    )


def write_mark(mark: Mark) -> list[Any]:
    """Return a mark as it is stored."""
    return [mark.second, mark.kind.value, mark.step, (mark.label or "")[:_LABEL]]


def read_mark(second: Any, kind: Any, step: Any, label: Any) -> Mark:
    """Return a stored mark. Raises TypeError or ValueError for anything else."""
    if not isinstance(label, str):
        raise TypeError(f"not a label: {label!r:.99}")
    number = None if step is None else read_number(step)
    return Mark(second=read_number(second), kind=MarkKind(kind), step=number, label=label or None)


def _whole(column: Sequence[float | None], parts: int) -> list[int | None]:
    return [None if value is None else round(value * parts) for value in column]


def _parts(column: Sequence[int | None], parts: int) -> tuple[float | None, ...]:
    return tuple(None if value is None else value / parts for value in column)


def _differences(column: Sequence[int | None]) -> list[int | None]:
    """Return the difference of each value from the one before it that is known."""
    found: list[int | None] = []
    before = 0
    for value in column:
        found.append(None if value is None else value - before)
        before = before if value is None else value
    return found


def _column(stored: Mapping[str, Any], name: str) -> list[int | None]:
    """Return a column of `_differences`."""
    found: list[int | None] = []
    before = 0
    for difference in stored[name]:
        if difference is not None:
            before = read_number(before + read_number(difference))
        found.append(None if difference is None else before)
    return found


def read_number(value: Any) -> int:
    """Return a whole number from a file. Raises TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"not a whole number: {value!r:.99}")
    if abs(value) > _MOST:
        raise ValueError("a number that no session has")
    return value
