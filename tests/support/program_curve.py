"""The target of a program at one second, read from its steps."""

from bisect import bisect_right
from typing import NamedTuple

from custom_components.retrowalk.training.programs.program import Program


class CurvePoint(NamedTuple):
    """Speed (km/h) and incline (%), None until the program sets them."""

    speed: float | None
    incline: float | None


def curve_at(program: Program, seconds: float) -> CurvePoint:
    """Return the target of a program at a second; before its start and after its end, its first and last target."""
    stretches = program.timed_steps
    index = bisect_right(stretches, seconds, key=lambda stretch: stretch.ends)
    stretch = stretches[min(index, len(stretches) - 1)]
    part = min(max((seconds - stretch.begins) / (stretch.ends - stretch.begins), 0.0), 1.0)
    return CurvePoint(
        stretch.speed.at(part) if stretch.speed else None,
        stretch.incline.at(part) if stretch.incline else None,
    )
