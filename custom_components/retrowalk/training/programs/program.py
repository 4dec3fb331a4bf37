"""A ramp program: a curve of speed and incline over the time of a walk, as a person writes it.

A program is what somebody wants, on any machine; `plan.py` makes of it what a machine does inside the limits.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite
from typing import Any, Self

from ..limits import Direction
from .errors import ProgramError

MOST_REPEATS = 100
MOST_STEPS = 1000
"""Steps of a program with its groups unrolled."""
DEEPEST = 5
"""Groups inside each other."""
LONGEST_TEXT = 100
FASTEST = 30.0
"""km/h; what is written above it is a mistake. What a walk may have is another matter (limits.py)."""
STEEPEST = 40.0
DEEPEST_DESCENT = -10.0

_PROGRAM_KEYS = ("name", "direction", "steps")
_STEP_KEYS = ("minutes", "seconds", "speed", "incline", "label", "repeat")
_GROUP_KEYS = ("repeat", "steps", "label")
_RAMP_KEYS = {"from", "to"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a program asks for: km/h and %; None leaves it as it is."""

    speed: float | None
    incline: float | None


@dataclass(frozen=True, slots=True)
class Ramp:
    """A speed (km/h) or an incline (%) over one step; held where both are the same."""

    start: float
    end: float

    @property
    def top(self) -> float:
        """The highest of it."""
        return max(self.start, self.end)

    def at(self, part: float) -> float:
        """The value at a part (0 to 1) of the step: never outside of the ramp, and never back."""
        if part >= 1.0:
            return self.end
        value = self.start + (self.end - self.start) * part
        return min(max(value, min(self.start, self.end)), self.top)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of a program; what is None stays as it was before."""

    seconds: float
    speed: Ramp | None = None
    incline: Ramp | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Steps that are repeated; its label is that of each of its steps that has none."""

    repeat: int
    steps: tuple[Step | Group, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A flat step with its seconds in the program; None only before anything was said of speed or incline."""

    begins: float
    ends: float
    speed: Ramp | None
    incline: Ramp | None
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A curve over time. Raises ProgramError, which names the step, for one that makes no sense."""

    name: str
    direction: Direction = Direction.BACKWARD
    steps: tuple[Step | Group, ...]
    _flat: tuple[Step, ...] = field(init=False, repr=False, compare=False)
    _stretches: tuple[Stretch, ...] = field(init=False, repr=False, compare=False)
    _top_speed: float | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at each step, and unroll the groups once."""
        _name(self.name)
        if not self.steps:
            raise ProgramError("program_empty")
        if sum(_check(each, number, 0) for number, each in _numbered(self.steps)) > MOST_STEPS:
            raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
        object.__setattr__(self, "_flat", tuple(_unrolled(self.steps, None)))
        object.__setattr__(self, "_stretches", tuple(_stretches(self._flat)))
        tops = (stretch.speed.top for stretch in self._stretches if stretch.speed)
        object.__setattr__(self, "_top_speed", max(tops, default=None))
        self._check_length()

    def _check_length(self) -> None:
        if self.duration > self.direction.longest:
            minutes = round(self.duration / 60, 1)
            raise ProgramError("program_too_long", minutes=minutes, maximum=self.direction.longest / 60)

    @property
    def duration(self) -> float:
        """How long it takes (s)."""
        return self._stretches[-1].ends

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The flat steps on the clock, with what they leave open filled in."""
        return self._stretches

    @property
    def top_speed(self) -> float | None:
        """The fastest that it asks for (km/h); None where it says nothing of speed."""
        return self._top_speed

    def facing(self, direction: Direction) -> Self:
        """The same the other way round. Raises ProgramError where that may not last as long."""
        if direction is self.direction:
            return self
        other = copy(self)
        object.__setattr__(other, "direction", direction)
        other._check_length()  # noqa: SLF001 - its own kind
        return other

    def flat(self) -> tuple[Step, ...]:
        """All steps in order, the groups unrolled and their labels given to the steps."""
        return self._flat

    def target_at(self, seconds: float) -> Target:
        """What it asks for at a second; before it begins what it begins with, after its end what it ended with.

        A step that says nothing of speed or incline stays at what the step before it ended with.
        """
        index = bisect_right(self._stretches, seconds, key=lambda stretch: stretch.ends)
        stretch = self._stretches[min(index, len(self._stretches) - 1)]
        part = min(max((seconds - stretch.begins) / (stretch.ends - stretch.begins), 0.0), 1.0)
        return Target(
            stretch.speed.at(part) if stretch.speed else None,
            stretch.incline.at(part) if stretch.incline else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """As a person writes it; `from_dict` reads it."""
        steps = [_written(each) for each in self.steps]
        return {"name": self.name, "direction": self.direction.value, "steps": steps}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what a person wrote as YAML or JSON, or what `as_dict` made. Raises ProgramError."""
        if not isinstance(data, Mapping):
            raise ProgramError("program_not_a_program")
        for key in data:
            if key not in _PROGRAM_KEYS:
                raise ProgramError("program_unknown_key_above", key=key, known=", ".join(_PROGRAM_KEYS))
        direction = data.get("direction", Direction.BACKWARD)
        if direction not in tuple(Direction):
            raise ProgramError("program_direction", value=direction)
        steps = read_steps(data.get("steps"))
        return cls(name=_name(data.get("name")), direction=Direction(direction), steps=steps)


def read_steps(data: object) -> tuple[Step | Group, ...]:
    """Read a list of steps as a person writes it. Raises ProgramError."""
    return _Reader().steps(data)


class _Reader:
    """Reads steps as a person writes them, with one budget for all of them: YAML may name one list in many places."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def steps(self, data: object, above: str = "") -> tuple[Step | Group, ...]:
        """Read a list of steps; `above` is the number of the group it belongs to."""
        if not data or not isinstance(data, list | tuple):
            raise ProgramError("program_group_empty", above) if above else ProgramError("program_empty")
        if above.count(".") >= DEEPEST:
            raise ProgramError("program_too_deep", above, maximum=DEEPEST)
        return tuple(
            self._read(each, f"{above}.{place}" if above else str(place)) for place, each in enumerate(data, 1)
        )

    def _read(self, data: object, number: str) -> Step | Group:
        if not isinstance(data, Mapping):
            raise ProgramError("program_not_a_step", number)
        known = _GROUP_KEYS if "steps" in data else _STEP_KEYS
        for key in data:
            if key not in known:
                raise ProgramError("program_unknown_key", number, key=key, known=", ".join(known))
        label = data.get("label")
        if isinstance(label, str):
            label = label.strip() or None
        if "steps" in data:
            steps = self.steps(data["steps"], number)
            return Group(repeat=_repeat(data.get("repeat", 1), number), steps=steps, label=label)
        # A group has at least one step, so that there are not many more groups than steps.
        self._left -= 1
        if self._left < 0:
            raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
        step = Step(
            seconds=_length(data, number),
            speed=_ramp(data.get("speed"), "speed", number),
            incline=_ramp(data.get("incline"), "incline", number),
            label=label,
        )
        # A single step may be repeated without the ceremony of a group.
        repeat = data.get("repeat")
        return step if repeat is None else Group(repeat=_repeat(repeat, number), steps=(step,))


def _length(data: Mapping[str, object], number: str) -> float:
    lengths = [(key, factor) for key, factor in (("minutes", 60), ("seconds", 1)) if data.get(key) is not None]
    if not lengths:
        raise ProgramError("program_no_length", number)
    parts = [_number(data[key], key, number) * factor for key, factor in lengths]
    if min(parts) < 0:
        raise ProgramError("program_length", number, value=min(parts))
    return _rounded(sum(parts))


def at_most(steps: Iterable[Step | Group]) -> tuple[Step | Group, ...]:
    """Steps that somebody else reads, of which no more are asked for than a program may have. Raises ProgramError."""
    found = tuple(islice(steps, MOST_STEPS + 1))
    if len(found) > MOST_STEPS:
        raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
    return found


def _ramp(data: object, key: str, number: str) -> Ramp | None:
    if data is None:
        return None
    if isinstance(data, Mapping):
        if len(data) != len(_RAMP_KEYS) or set(data) != _RAMP_KEYS:
            raise ProgramError("program_ramp", number, key=key)
        return Ramp(_number(data["from"], key, number), _number(data["to"], key, number))
    value = _number(data, key, number)
    return Ramp(value, value)


def _number(value: object, key: str, number: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProgramError("program_number", number, key=key, value=value)
    try:
        found = float(value)
    except OverflowError:
        found = float("inf")
    if not isfinite(found):
        raise ProgramError("program_number", number, key=key, value=found)
    return found


def _rounded(seconds: float) -> float:
    """Whole milliseconds, so that a hundred times 0.1 s are 10 s."""
    return round(seconds, 3)


def _repeat(value: object, number: str) -> int:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    if not whole or not 1 <= value <= MOST_REPEATS:  # type: ignore[operator]
        raise ProgramError("program_repeat", number, value=value, maximum=MOST_REPEATS)
    return int(value)  # type: ignore[call-overload,no-any-return]


def _name(name: object) -> str:
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= LONGEST_TEXT:
        raise ProgramError("program_name", maximum=LONGEST_TEXT)
    return name.strip()


def _check(step: Step | Group, number: str, depth: int) -> int:
    """Look at a step or a group; returns how many steps it is, unrolled."""
    if step.label is not None and not (isinstance(step.label, str) and 1 <= len(step.label.strip()) <= LONGEST_TEXT):
        raise ProgramError("program_label", number, maximum=LONGEST_TEXT)
    if isinstance(step, Group):
        _repeat(step.repeat, number)
        if not step.steps:
            raise ProgramError("program_group_empty", number)
        if depth == DEEPEST:
            raise ProgramError("program_too_deep", number, maximum=DEEPEST)
        inside = (_check(each, f"{number}.{place}", depth + 1) for place, each in _numbered(step.steps))
        return step.repeat * sum(inside)
    if not _rounded(_number(step.seconds, "seconds", number)) > 0:
        raise ProgramError("program_length", number, value=step.seconds)
    for kmh in _values(step.speed, "speed", number):
        if not 0 < kmh <= FASTEST:
            raise ProgramError("program_speed", number, value=kmh, maximum=FASTEST)
    for percent in _values(step.incline, "incline", number):
        if not DEEPEST_DESCENT <= percent <= STEEPEST:
            raise ProgramError("program_incline", number, value=percent, minimum=DEEPEST_DESCENT, maximum=STEEPEST)
    return 1


def _values(ramp: Ramp | None, key: str, number: str) -> list[float]:
    return [_number(value, key, number) for value in (ramp.start, ramp.end)] if ramp else []


def _numbered(steps: tuple[Step | Group, ...]) -> Iterator[tuple[str, Step | Group]]:
    return ((str(place), each) for place, each in enumerate(steps, 1))


def _unrolled(steps: tuple[Step | Group, ...], label: str | None) -> Iterator[Step]:
    for each in steps:
        if isinstance(each, Group):
            for _ in range(each.repeat):
                yield from _unrolled(each.steps, each.label or label)
        else:
            yield Step(seconds=each.seconds, speed=each.speed, incline=each.incline, label=each.label or label)


def _stretches(steps: tuple[Step, ...]) -> Iterator[Stretch]:
    ends = 0.0
    speed: Ramp | None = None
    incline: Ramp | None = None
    for step in steps:
        begins, ends = ends, _rounded(ends + step.seconds)
        speed = step.speed or (speed and Ramp(speed.end, speed.end))
        incline = step.incline or (incline and Ramp(incline.end, incline.end))
        yield Stretch(begins=begins, ends=ends, speed=speed, incline=incline, label=step.label)


def _written(step: Step | Group) -> dict[str, Any]:
    if isinstance(step, Group):
        written: dict[str, Any] = {"repeat": step.repeat, "steps": [_written(each) for each in step.steps]}
    elif step.seconds % 60:
        written = {"seconds": _plain(step.seconds)}
    else:
        written = {"minutes": _plain(step.seconds / 60)}
    if isinstance(step, Step):
        for key, ramp in (("speed", step.speed), ("incline", step.incline)):
            if ramp is not None:
                held = ramp.start == ramp.end
                written[key] = _plain(ramp.start) if held else {"from": _plain(ramp.start), "to": _plain(ramp.end)}
    return written if step.label is None else written | {"label": step.label}


def _plain(value: float) -> float:
    """2 rather than 2.0 where it is a whole number."""
    return int(value) if value == int(value) else value
