"""The parts of a program: ramps, steps and groups, and what may stand in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import isfinite

from ..units import Speed
from .errors import ProgramError

MOST_REPEATS = 100
MOST_STEPS = 1000
"""Steps of a program with its groups unrolled."""
DEEPEST = 5
"""Groups inside each other."""
LONGEST_TEXT = 100
FASTEST = 30.0
"""km/h; a higher number is a mistake in writing. What a session may reach is decided in limits.py."""
STEEPEST = 40.0
DEEPEST_DESCENT = -10.0


@dataclass(frozen=True)
class Ramp:
    """A speed (km/h) or an incline (%) over one step; held where both are the same."""

    start: float
    end: float

    @property
    def top(self) -> float:
        """The higher of its two ends."""
        return max(self.start, self.end)

    def at(self, part: float) -> float:
        """Return the value at a part (0 to 1) of the step: never outside the ramp, and never going back."""
        if part >= 1.0:
            return self.end
        value = self.start + (self.end - self.start) * part
        return min(max(value, min(self.start, self.end)), self.top)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a program; a speed or an incline that is None stays as it was before."""

    seconds: float
    speed: Ramp | None = None
    incline: Ramp | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Steps that are repeated; a step without a label takes that of its group."""

    repeat: int
    steps: tuple[Step | Group, ...]
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class TimedStep:
    """A flat step with its times (s) in the program; a ramp is None only until a step has named one."""

    begins: float
    ends: float
    speed: Ramp | None
    incline: Ramp | None
    label: str | None


def at_most(steps: Iterable[Step | Group]) -> tuple[Step | Group, ...]:
    """Take steps from a reader, no more than a program may have. Raises ProgramError where there are more."""
    found = tuple(islice(steps, MOST_STEPS + 1))
    if len(found) > MOST_STEPS:
        raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
    return found


def check_step(step: Step | Group, number: str, depth: int) -> int:
    """Check a step or a group, and return how many steps it unrolls to. Raises ProgramError, which names it."""
    if step.label is not None and not (isinstance(step.label, str) and 1 <= len(step.label.strip()) <= LONGEST_TEXT):
        raise ProgramError("program_label", number, maximum=LONGEST_TEXT)
    if isinstance(step, Group):
        repeat_of(step.repeat, number)
        if not step.steps:
            raise ProgramError("program_group_empty", number)
        if depth == DEEPEST:
            raise ProgramError("program_too_deep", number, maximum=DEEPEST)
        inside = (check_step(each, f"{number}.{place}", depth + 1) for place, each in numbered(step.steps))
        return step.repeat * sum(inside)
    if not whole_milliseconds(number_of(step.seconds, "seconds", number)) > 0:
        raise ProgramError("program_length", number, value=step.seconds)
    for kmh in _values(step.speed, "speed", number):
        if not 0 < kmh <= FASTEST:
            raise ProgramError("program_speed", number, value=Speed(kmh), maximum=Speed(FASTEST))
    for percent in _values(step.incline, "incline", number):
        if not DEEPEST_DESCENT <= percent <= STEEPEST:
            raise ProgramError("program_incline", number, value=percent, minimum=DEEPEST_DESCENT, maximum=STEEPEST)
    return 1


def _values(ramp: Ramp | None, key: str, number: str) -> list[float]:
    return [number_of(value, key, number) for value in (ramp.start, ramp.end)] if ramp else []


def numbered(steps: tuple[Step | Group, ...]) -> Iterator[tuple[str, Step | Group]]:
    """Return steps with their numbers as a person counts them, from 1."""
    return ((str(place), each) for place, each in enumerate(steps, 1))


def number_of(value: object, key: str, number: str) -> float:
    """Return the finite number written under a key of a step. Raises ProgramError, which names the step."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProgramError("program_number", number, key=key, value=value)
    try:
        found = float(value)
    except OverflowError:
        found = float("inf")
    if not isfinite(found):
        raise ProgramError("program_number", number, key=key, value=found)
    return found


def whole_milliseconds(seconds: float) -> float:
    """Round to whole milliseconds, so that a hundred times 0.1 s is 10 s."""
    return round(seconds, 3)


def repeat_of(value: object, number: str) -> int:
    """Return how often a group is repeated. Raises ProgramError, which names the group."""
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    if not whole or not 1 <= value <= MOST_REPEATS:  # type: ignore[operator]
        raise ProgramError("program_repeat", number, value=value, maximum=MOST_REPEATS)
    return int(value)  # type: ignore[call-overload,no-any-return]


def unrolled(steps: tuple[Step | Group, ...], label: str | None) -> Iterator[Step]:
    """Yield all steps in order; a step without a label takes that of its group."""
    for each in steps:
        if isinstance(each, Group):
            for _ in range(each.repeat):
                yield from unrolled(each.steps, each.label or label)
        else:
            yield Step(seconds=each.seconds, speed=each.speed, incline=each.incline, label=each.label or label)


def timed_steps_of(steps: tuple[Step, ...]) -> Iterator[TimedStep]:
    """Yield flat steps with their times; a speed or an incline that a step leaves open stays as it was."""
    ends = 0.0
    speed: Ramp | None = None
    incline: Ramp | None = None
    for step in steps:
        begins, ends = ends, whole_milliseconds(ends + step.seconds)
        speed = step.speed or (speed and Ramp(speed.end, speed.end))
        incline = step.incline or (incline and Ramp(incline.end, incline.end))
        yield TimedStep(begins=begins, ends=ends, speed=speed, incline=incline, label=step.label)
