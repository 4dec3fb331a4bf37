"""The curve of a program for the dashboard's editor: what is inside an SVG of 1000 by 100."""

from collections.abc import Callable, Sequence
from typing import Final

from ..training.programs.preview import CurvePoint, CutKind, Preview
from ..training.programs.program import Program

_WIDTH: Final = 1000
_HEIGHT: Final = 100
_HEADROOM: Final = 1.12
"""Times the highest speed, at the upper end."""
_LEVEL: Final = 2.5
"""Times the steepest incline, so that its line stays below that of the speed."""
_LEAST_TOP: Final = 3.0
"""% at the upper end at least: a small hill looks small."""
_INCLINE_CUTS: Final = frozenset({CutKind.NO_INCLINE, CutKind.TOO_STEEP, CutKind.TOO_LOW, CutKind.INCLINE_NOT_REACHED})


def curve(program: Program, shown: Preview) -> str:
    """Return a rectangle for each flat step, areas of the speeds, and lines of the inclines where there are any.

    What is asked for lies below what will be walked, so that only what is cut is seen of it.
    """
    ends = max(shown.curve[-1].seconds, shown.asked[-1].seconds)
    # A program may name no speed.
    fastest = max(point.speed for point in (*shown.curve, *shown.asked)) * _HEADROOM or 1.0
    steepest = max(point.incline for point in (*shown.curve, *shown.asked))
    top = max(steepest * _LEVEL, _LEAST_TOP)
    uncut = not any(cut.kind in _INCLINE_CUTS for cut in shown.cuts)

    def across(seconds: float) -> str:
        return f"{seconds / ends * _WIDTH:.1f}"

    def line(points: Sequence[CurvePoint], value: Callable[[CurvePoint], float], full: float) -> str:
        return "L".join(
            f"{across(point.seconds)} {_HEIGHT - max(value(point), 0.0) / full * _HEIGHT:.1f}" for point in points
        )

    def area(points: Sequence[CurvePoint]) -> str:
        speeds = line(points, lambda point: point.speed, fastest)
        return f"M0 {_HEIGHT}L{speeds}L{across(points[-1].seconds)} {_HEIGHT}Z"

    def deck(points: Sequence[CurvePoint]) -> str:
        return f"M{line(points, lambda point: point.incline, top)}"

    paths = {"asked": area(shown.asked), "walked": area(shown.curve)}
    if not uncut:
        paths["steep"] = deck(shown.asked)
    if steepest > 0:
        paths["incline"] = deck(shown.curve)
    steps = (
        f'<rect x="{across(step.begins)}" width="{across(step.ends - step.begins)}" height="{_HEIGHT}"/>'
        for step in program.timed_steps
    )
    return "".join((*steps, *(f'<path class="{name}" d="{path}"/>' for name, path in paths.items())))
