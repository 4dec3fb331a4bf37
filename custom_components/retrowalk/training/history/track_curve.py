"""The curve of a walked session: the few points of its track that a picture needs."""

from collections.abc import Sequence
from math import ceil
from typing import Final, NamedTuple

from .track import MarkKind, Track

MOST_POINTS: Final = 240
"""More than a card on a wall tablet can show."""
_AT_REST = 0.0  # km/h


class CurvePoint(NamedTuple):
    """A point of the curve; None where it is not known."""

    second: int  # since the session started
    speed: float | None  # km/h
    incline: float | None  # %


def curve_of(track: Track | None, most: int = MOST_POINTS) -> Sequence[CurvePoint]:
    """Return about so many points of a track, oldest first, and in any case the highest speed and every rest.

    The belt rests from a pause on until it is measured again.
    """
    if track is None or not track.seconds:
        return ()
    interval = ceil((track.seconds[-1] - track.seconds[0] + 1) / most)
    known = [speed for speed in track.speed if speed is not None]
    highest = track.speed.index(max(known)) if known else 0
    pauses = [mark.second for mark in track.marks if mark.kind is MarkKind.PAUSED]
    points: list[CurvePoint] = []
    last = len(track) - 1
    for number, (second, speed, incline) in enumerate(zip(track.seconds, track.speed, track.incline, strict=True)):
        before = track.seconds[max(number - 1, 0)]
        rests = next((pause for pause in pauses if before <= pause < second), None)
        if rests is not None:
            ends = sorted({rests, second - 1} - {points[-1].second})
            points += [CurvePoint(end, _AT_REST, incline) for end in ends if end > before]
        due = not points or second - points[-1].second >= interval
        if due or rests is not None or number in {highest, last}:
            points.append(CurvePoint(second, speed, incline))
    return points
