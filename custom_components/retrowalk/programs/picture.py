"""A picture of a program for the description of a form.

The front end lets SVG through in a description, but only `svg` with its size and `path` with its data and its stroke:
no text, no width of a stroke and no fill, so that what a path encloses would be black. Everything is therefore drawn
with upright lines, one beside the other, in colors of the theme.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final

from ..training.programs.preview import CurvePoint, Preview

WIDTH: Final = 300
"""Pixels; what a phone shows beside the margins of a dialog."""
_SPEEDS: Final = 90
"""Pixels of the highest speed."""
_INCLINES: Final = 24
"""Pixels of the steepest incline."""
_GAP: Final = 8
_SPEED_COLOR: Final = "color-mix(in srgb, var(--primary-color) 70%, transparent)"
_INCLINE_COLOR: Final = "color-mix(in srgb, var(--secondary-text-color) 70%, transparent)"
_CUT_COLOR: Final = "color-mix(in srgb, var(--error-color) 45%, transparent)"
_AXIS_COLOR: Final = "var(--secondary-text-color)"

type _Value = Callable[[CurvePoint], float]


def picture(shown: Preview) -> str:
    """Return the SVG of a program: its speeds, and its inclines below them where it has any.

    What the program asks for and the session does not do is drawn in the color of an error.
    """
    speeds = _columns(shown, lambda point: point.speed)
    inclines = _columns(shown, lambda point: point.incline)
    fastest = max(map(max, speeds)) or 1.0  # a program may name no speed, and a belt may be steered by hand only
    drawn = _panel(_SPEEDS, speeds, _SPEEDS / fastest, _SPEED_COLOR)
    height = _SPEEDS
    steepest, deepest = (each(map(each, inclines)) for each in (max, min))
    if steepest or deepest:
        pixels = _INCLINES / max(steepest, -deepest)
        level = _SPEEDS + _GAP + round(max(steepest, 0.0) * pixels)
        drawn += _panel(level, inclines, pixels, _INCLINE_COLOR)
        height = level + round(max(-deepest, 0.0) * pixels)
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + 1}">{drawn}</svg>'


def has_red(drawn: str) -> bool:
    """Return whether a picture shows something in the color of an error."""
    return _CUT_COLOR in drawn


def has_inclines(drawn: str) -> bool:
    """Return whether a picture shows inclines."""
    return drawn.count(_AXIS_COLOR) > 1


def _panel(zero: int, columns: Sequence[tuple[float, float]], pixels: float, color: str) -> str:
    """Return the paths of one value; each column is what will be walked, and what was asked for."""
    done = [(0.0, walked) for walked, _ in columns]
    cut = [_beyond(walked, asked) for walked, asked in columns]
    axis = f'<path stroke="{_AXIS_COLOR}" d="M0 {zero}.5H{WIDTH}"/>'
    return _path(zero, done, pixels, color) + _path(zero, cut, pixels, _CUT_COLOR) + axis


def _beyond(walked: float, asked: float) -> tuple[float, float]:
    """Return what is asked for and not walked; a belt that is still slowing down is not short of anything."""
    return (walked, asked) if asked > walked or asked < min(walked, 0.0) else (walked, walked)


def _path(zero: int, columns: Sequence[tuple[float, float]], pixels: float, color: str) -> str:
    lines = [
        f"M{place}.5 {begins}V{ends}"
        for place, (first, last) in enumerate(columns)
        if (begins := _number(zero - first * pixels)) != (ends := _number(zero - last * pixels))
    ]
    return f'<path stroke="{color}" d="{"".join(lines)}"/>' if lines else ""


def _number(value: float) -> str:
    return f"{value:.1f}"


def _columns(shown: Preview, value: _Value) -> list[tuple[float, float]]:
    """Return what will be walked and what was asked for in the middle of each column."""
    ends = max(shown.curve[-1].seconds, shown.asked[-1].seconds)
    seconds = [(place + 0.5) / WIDTH * ends for place in range(WIDTH)]
    return [(_at(shown.curve, second, value), _at(shown.asked, second, value)) for second in seconds]


def _at(points: Sequence[CurvePoint], second: float, value: _Value) -> float:
    """Return a value at a second; beyond the end there is none."""
    after = bisect_right(points, second, key=lambda point: point.seconds)
    if after == len(points):
        return 0.0
    first, last = points[after - 1], points[after]
    part = (second - first.seconds) / (last.seconds - first.seconds)
    return value(first) + (value(last) - value(first)) * part
