"""Writes programs for QZ (qdomyos-zwift): rows of a duration, a speed and an inclination.

QZ knows no names, no groups in groups and no inclined ramps. It takes any element with attributes for a row, so that
the outermost element has none here, and it divides ramps into tenths, so that no ramp is smaller than that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from math import ceil, inf, isinf

from ..programs.program import Program
from ..programs.steps import MOST_STEPS, Group, Ramp, Step
from .common import constant
from .markup import attribute_text

ROOT = "rows"
_SMALLEST_RAMP = 0.15
"""km/h; QZ makes steps of 0.1 of a ramp."""
_INCLINE_STEPS = (0.5, 1.0, 2.0, 4.0, 8.0, inf)
"""%, the stairs that stand for an inclined ramp: the first that keep the file short enough. The last are none."""


def write_qz(program: Program) -> str:
    """Return the text of a file that QZ runs, to be saved as UTF-8; `qz_reading` reads it as QZ would.

    QZ counts whole seconds, so a step may begin half a second off; an inclined ramp becomes stairs of 0.5 % at most, or
    coarser ones where the file had more steps than a program may have. A group stays one where QZ can repeat it, with
    nested groups unrolled. Name and direction are not in the file.
    """
    ways = (_lines_of(program, incline_step) for incline_step in _INCLINE_STEPS)
    lines = next(lines for lines, number in ways if number <= MOST_STEPS)
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{ROOT}>", *lines, f"</{ROOT}>", ""])


def _lines_of(program: Program, incline_step: float) -> tuple[list[str], int]:
    """Return the lines of a file whose stairs are `incline_step` (%), and how many steps it has."""
    lines, number, writer = list[str](), 0, _Writer(incline_step)
    for each in program.steps:
        if isinstance(each, Group) and (repeated := writer.repeated(program, each)):
            lines += repeated
            number += (len(repeated) - 2) * each.repeat
        else:
            rows = list(writer.rows(_unrolled(program, each)))
            lines += rows
            number += len(rows)
    return lines, number


def _unrolled(program: Program, each: Step | Group) -> tuple[Step, ...]:
    return replace(program, steps=(each,)).flat()


class _Writer:
    """Writes rows of whole seconds, at most half a second behind or ahead.

    A step that leaves its speed open goes on with the one before. In the file it names that speed itself where the one
    before ended otherwise: QZ never quite reaches the end of a ramp, and a step of less than a second is dropped.
    """

    def __init__(self, incline_step: float) -> None:
        """`incline_step` (%): the stairs of an inclined ramp; infinite where every step has to be one row."""
        self._incline_step = incline_step
        self._passed = 0.0
        self._written_seconds = 0
        self._speed: Ramp | None = None  # what the next step must name if it leaves it open
        self._incline: Ramp | None = None

    def rows(self, steps: Iterable[Step]) -> Iterator[str]:
        """Yield the rows of these steps, which follow on those before."""
        for step in steps:
            self._passed += step.seconds
            seconds = round(self._passed) - self._written_seconds
            self._written_seconds += seconds
            speed, incline = step.speed or self._speed, step.incline or self._incline
            self._speed, self._incline = _owed(speed, seconds), _owed(incline, seconds)
            label = step.label
            for first, last in _stairs(incline, seconds, self._incline_step):
                percent = incline.at((first + last) / 2 / seconds) if incline else None
                part = Ramp(speed.at(first / seconds), speed.at(last / seconds)) if speed else None
                for length, kmh in _ramps(part, last - first, whole=isinf(self._incline_step)):
                    yield _written(length, kmh, percent, label)
                    label = None

    def repeated(self, program: Program, group: Group) -> list[str]:
        """Return the rows of a group that QZ repeats; none where one repeat would differ from another."""
        once = _unrolled(program, replace(group, repeat=1))
        inside = _Writer(self._incline_step)
        rows = [f"  {row}" for row in inside.rows(once)]
        if (
            not all(step.seconds.is_integer() for step in once)
            or (once[0].speed is None and (self._speed or inside._speed))
            or (once[0].incline is None and (self._incline or inside._incline))
        ):
            return []
        self._speed, self._incline = inside._speed, inside._incline
        return [f'  <repeat times="{group.repeat}">', *rows, "  </repeat>"]


def _owed(ramp: Ramp | None, seconds: int) -> Ramp | None:
    """Return what the next step must name if it leaves it open: nothing where QZ is there already."""
    return None if ramp is None or (seconds and ramp.start == ramp.end) else constant(ramp.end)


def _stairs(incline: Ramp | None, seconds: int, incline_step: float) -> Iterator[tuple[int, int]]:
    """Yield the parts of a step, from which second to which, that each have one incline."""
    climb = abs(incline.end - incline.start) if incline else 0.0
    number = max(1, min(ceil(climb / incline_step), seconds))
    edges = [round(seconds * place / number) for place in range(number + 1)]
    return ((first, last) for first, last in pairwise(edges) if last > first)


def _ramps(speed: Ramp | None, seconds: int, *, whole: bool) -> Iterator[tuple[int, Ramp | None]]:
    """Yield a ramp as QZ can divide it: a small one is its first speed, then its last; `whole`: its middle."""
    if speed is None or speed.start == speed.end or (abs(speed.end - speed.start) > _SMALLEST_RAMP and seconds > 1):
        yield seconds, speed
        return
    if seconds == 1 or whole:
        yield seconds, constant(speed.at(0.5))
        return
    half = seconds // 2
    yield half, constant(speed.start)
    yield seconds - half, constant(speed.end)


def _written(seconds: int, speed: Ramp | None, incline: float | None, label: str | None) -> str:
    minutes, second = divmod(seconds, 60)
    row = f'  <row duration="{minutes // 60:02}:{minutes % 60:02}:{second:02}"'
    if speed is not None:
        if speed.start == speed.end:
            row += f' speed="{_number(speed.start)}"'
        else:
            row += f' speedfrom="{_number(speed.start)}" speedto="{_number(speed.end)}"'
        row += ' forcespeed="1"'
    if incline is not None:
        row += f' inclination="{_number(incline)}"'
    if label is None:
        return f"{row}/>"
    return f'{row}><textevent timeoffset="0" message="{attribute_text(label)}"/></row>'


def _number(value: float) -> str:
    return f"{round(value, 3):g}" if value else "0"
