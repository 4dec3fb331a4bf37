"""The form in which the track of a finished session is stored: differences of whole numbers in JSON, compressed."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from .track import Mark, MarkKind, Track

SPEED_STEP, INCLINE_STEP, DISTANCE_STEP = 100, 10, 10
"""Parts of 1 km/h, 1 % and 1 m that are kept; machines report no finer ones, apart from the distance."""
LARGEST = 4_000_000
"""Bytes of a track once it is no longer compressed, many times what the longest session has."""
_FORMAT = 1
_MOST = 10**9
"""No session has more of anything."""
_LABEL = 200
"""Characters of a label that are kept."""


def encode(track: Track) -> bytes:
    """Return a track as it is stored; a second of a session takes 5 to 12 bytes."""
    stored = {
        "format": _FORMAT,
        "interval": track.interval,
        "seconds": _differences(track.seconds),
        "speed": _differences(_whole(track.speed, SPEED_STEP)),
        "incline": _differences(_whole(track.incline, INCLINE_STEP)),
        "distance": _differences(_whole(track.distance, DISTANCE_STEP)),
        "heart_rate": _differences(track.heart_rate),
        "steps": _differences(track.steps),
        "marks": [[mark.second, mark.kind.value, mark.step, (mark.label or "")[:_LABEL]] for mark in track.marks],
    }
    return zlib.compress(json.dumps(stored, separators=(",", ":")).encode(), level=9)


def decode(content: bytes) -> Track:
    """Return a stored track. Raises ValueError for what is none, or only a part of one."""
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(content, LARGEST)
        if not unpacker.eof:
            raise ValueError("a track is too long, or torn")
        return _track(json.loads(text))
    except (zlib.error, KeyError, TypeError, RecursionError) as err:
        raise ValueError(f"not a track: {err}") from err


def _track(stored: Any) -> Track:
    if stored["format"] != _FORMAT:
        raise ValueError(f"a track of an unknown format: {stored['format']!r:.99}")
    seconds = [second for second in _column(stored, "seconds") if second is not None]
    distance = [meters / DISTANCE_STEP for meters in _column(stored, "distance") if meters is not None]
    return Track(
        seconds=tuple(seconds),
        speed=_parts(_column(stored, "speed"), SPEED_STEP),
        incline=_parts(_column(stored, "incline"), INCLINE_STEP),
        distance=tuple(distance),
        heart_rate=tuple(_column(stored, "heart_rate")),
        steps=tuple(_column(stored, "steps")),
        marks=tuple(_mark(*row) for row in stored["marks"]),
        interval=_number(stored["interval"]),
    )


def _mark(second: Any, kind: Any, step: Any, label: Any) -> Mark:
    if not isinstance(label, str):
        raise TypeError(f"not a label: {label!r:.99}")
    number = None if step is None else _number(step)
    return Mark(second=_number(second), kind=MarkKind(kind), step=number, label=label or None)


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
            before = _number(before + _number(difference))
        found.append(None if difference is None else before)
    return found


def _number(value: Any) -> int:
    """Return a whole number from a file. Raises TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"not a whole number: {value!r:.99}")
    if abs(value) > _MOST:
        raise ValueError("a number that no session has")
    return value
