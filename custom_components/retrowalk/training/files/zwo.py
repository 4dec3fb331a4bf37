"""Reads Zwift's run workouts: blocks of a time or a distance, each at a share of a pace that the walker names.

Programs disagree about capitals and about 2 % of incline (0.02 or 2), so both are read. Zwift's five race paces
(`pace`) are not told apart: there is one speed for 100 %.
"""

from collections.abc import Callable, Iterator
from math import isfinite

from ..limits import Direction
from ..programs.program import Program
from ..programs.steps import DEEPEST_DESCENT, FASTEST, STEEPEST, Group, Ramp, Step, at_most
from .common import FARTHEST, LONGEST, constant, cut, is_text, label, repeats, seconds_for
from .markup import Element, FormatError, FormatErrorKey, shown

ROOT = "workout_file"
_HIGHEST_POWER = 10.0
_HIGHEST_FRACTION = 0.4
"""An incline up to here is a fraction and not a percentage (as QZ reads it)."""


def zwo_program(file: Element, full_speed_kmh: float, name: str | None, direction: Direction) -> Program:
    """Return the program in the outermost element. Raises FormatError, or ProgramError for an impossible one.

    `full_speed_kmh` is the speed of 100 %; `name` takes the place of the one in the file.
    """
    if not (isfinite(full_speed_kmh) and 0 < full_speed_kmh <= FASTEST):
        raise FormatError(FormatErrorKey.FULL_SPEED, maximum=f"{FASTEST:g}")
    sport = file.text_of("sporttype")
    if sport and "run" not in sport.lower():
        raise FormatError(FormatErrorKey.NOT_A_RUN, sport=shown(sport))
    name = name or label(file.text_of("name"))
    if not name:
        raise FormatError(FormatErrorKey.NO_NAME)
    workout = file.find("workout")
    blocks = workout.children if workout else []
    reader = _Reader(full_speed_kmh, in_meters=file.text_of("durationtype").lower() == "distance")
    steps = at_most(step for block in blocks if not is_text(block) for step in reader.read(block))
    return Program(name=name, direction=direction, steps=steps)


class _Reader:
    """Reads one block after the other."""

    def __init__(self, full_speed: float, *, in_meters: bool) -> None:
        self._full_speed = full_speed
        self._in_meters = in_meters
        self._blocks: dict[str, Callable[[Element], Iterator[Step | Group]]] = {
            "warmup": self._ramp,
            "ramp": self._ramp,
            "cooldown": self._cool_down,
            "steadystate": self._steady,
            "intervalst": self._intervals,
            "freeride": self._free,
        }

    def read(self, block: Element) -> Iterator[Step | Group]:
        """Return the steps of a block."""
        if (read := self._blocks.get(block.name)) is None:
            raise block.unknown()
        return read(block)

    def _ramp(self, block: Element) -> Iterator[Step]:
        ramp = Ramp(self._speed(block, "powerlow"), self._speed(block, "powerhigh"))
        yield from cut((self._step(block, "duration", ramp),), block)

    def _cool_down(self, block: Element) -> Iterator[Step]:
        """Read a cool-down, which never goes up: writers disagree which of its two ends comes first."""
        ends = self._speed(block, "powerlow"), self._speed(block, "powerhigh")
        yield from cut((self._step(block, "duration", Ramp(max(ends), min(ends))),), block)

    def _steady(self, block: Element) -> Iterator[Step]:
        speed = self._speed(block, "power", "powerlow", "powerhigh")
        yield from cut((self._step(block, "duration", constant(speed)),), block)

    def _free(self, block: Element) -> Iterator[Step]:
        yield from cut((self._step(block, "duration", None),), block)

    def _intervals(self, block: Element) -> Iterator[Step | Group]:
        times = repeats(block, "repeat")
        hard = self._speed(block, "onpower", "poweronlow", "poweronhigh")
        easy = self._speed(block, "offpower", "powerofflow", "poweroffhigh")
        steps = self._step(block, "onduration", constant(hard)), self._step(block, "offduration", constant(easy))
        # Texts count from the first repeat on, so that with them the repeats differ.
        if any(map(is_text, block.children)):
            yield from cut(steps * times, block)
        else:
            yield Group(repeat=times, steps=steps)

    def _step(self, block: Element, length: str, speed: Ramp | None) -> Step:
        amount = block.number(length, highest=FARTHEST if self._in_meters else LONGEST)
        if not amount:
            raise block.wrong(length)
        seconds = seconds_for(block, amount, speed) if self._in_meters else amount
        return Step(seconds=seconds, speed=speed, incline=constant(_incline(block)))

    def _speed(self, block: Element, name: str, *range_: str) -> float:
        """Return the km/h for a share of the full speed, or for the middle of a range of shares."""
        power = block.number(name, highest=_HIGHEST_POWER)
        if power is None:
            ends = [end for each in range_ if (end := block.number(each, highest=_HIGHEST_POWER)) is not None]
            power = sum(ends) / len(ends) if ends else None
        kmh = round((power or 0.0) * self._full_speed, 3)
        if not 0 < kmh <= FASTEST:
            raise block.wrong(name)
        return kmh


def _incline(block: Element) -> float | None:
    incline = block.number("incline", lowest=DEEPEST_DESCENT, highest=STEEPEST)
    if incline is None or abs(incline) > _HIGHEST_FRACTION:
        return incline
    if incline * 100 < DEEPEST_DESCENT:
        raise block.wrong("incline")
    return round(incline * 100, 3)
