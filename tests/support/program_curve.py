"""What a program asks for at one second, read off its stretches."""

from bisect import bisect_right
from typing import NamedTuple

from custom_components.retrowalk.training.programs.program import Program


class Asked(NamedTuple):
    """A speed (km/h) and an incline (%); None while the program has not named one."""

    speed: float | None
    incline: float | None


def asked_at(program: Program, seconds: float) -> Asked:
    """Return what a program asks for at a second; before it begins and after its end, what stands there."""
    stretches = program.timed_steps
    index = bisect_right(stretches, seconds, key=lambda stretch: stretch.ends)
    stretch = stretches[min(index, len(stretches) - 1)]
    part = min(max((seconds - stretch.begins) / (stretch.ends - stretch.begins), 0.0), 1.0)
    return Asked(
        stretch.speed.at(part) if stretch.speed else None,
        stretch.incline.at(part) if stretch.incline else None,
    )
