"""The curve of a walked session: the few points of its track that a picture needs, and the picture's line."""

from collections.abc import Sequence
from math import ceil
from typing import Final, NamedTuple

from .record import SessionRecord
from .track import MarkKind, Track

MOST_POINTS: Final = 240
"""More than a card on a wall tablet can show."""
_AT_REST = 0.0  # km/h
_WIDTH, _HEIGHT = 1000, 100
"""Of the picture; whoever shows it stretches it."""
_HEADROOM = 1.15
"""Of the picture above the highest speed."""


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


def path_of(points: Sequence[CurvePoint]) -> str:
    """Return the speeds as the data of an SVG path in a box of 1000 by 100; "" if fewer than two are known."""
    known = [(point.second, point.speed) for point in points if point.speed is not None]
    if len(known) < 2 or known[0][0] == known[-1][0]:
        return ""
    begin, length = known[0][0], known[-1][0] - known[0][0]
    scale = (max(speed for _, speed in known) or 1.0) * _HEADROOM
    return "M" + "L".join(
        f"{(second - begin) / length * _WIDTH:.0f},{(1 - speed / scale) * _HEIGHT:.1f}" for second, speed in known
    )


def mean_path(record: SessionRecord) -> str:
    """Return the mean speed of a session as such data, below its highest speed; "" if nothing was measured."""
    if not record.moving_time or not record.distance:
        return ""
    mean = record.distance / record.moving_time * 3.6
    return f"M0,{(1 - mean / (max(mean, record.max_speed) * _HEADROOM)) * _HEIGHT:.1f}H{_WIDTH}"
