"""A ramp program: a curve of speed and incline over the time of a session, as a person writes it.

A program says what somebody wants, on any machine; `steering/profile.py` makes of it what one machine does inside the
limits of a session.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Self

from ..limits import Direction
from ..units import METRIC, Units
from .errors import ProgramError
from .step_format import read_steps, write_step
from .steps import LONGEST_TEXT, MOST_STEPS, Group, Step, TimedStep, check_step, numbered, timed_steps_of, unrolled

_PROGRAM_KEYS = ("name", "direction", "steps")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A curve over time. Raises ProgramError, which names the step, for a program that makes no sense."""

    name: str
    direction: Direction = Direction.BACKWARD
    steps: tuple[Step | Group, ...]
    _flat: tuple[Step, ...] = field(init=False, repr=False, compare=False)
    _stretches: tuple[TimedStep, ...] = field(init=False, repr=False, compare=False)
    _top_speed: float | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check each step, and unroll the groups once."""
        _name(self.name)
        if not self.steps:
            raise ProgramError("program_empty")
        if sum(check_step(each, number, 0) for number, each in numbered(self.steps)) > MOST_STEPS:
            raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
        object.__setattr__(self, "_flat", tuple(unrolled(self.steps, None)))
        object.__setattr__(self, "_stretches", tuple(timed_steps_of(self._flat)))
        tops = (stretch.speed.top for stretch in self._stretches if stretch.speed)
        object.__setattr__(self, "_top_speed", max(tops, default=None))
        self._check_length()

    def _check_length(self) -> None:
        if self.duration > self.direction.longest:
            minutes = round(self.duration / 60, 1)
            raise ProgramError("program_too_long", minutes=minutes, maximum=self.direction.longest / 60)

    @property
    def duration(self) -> float:
        """Its length (s)."""
        return self._stretches[-1].ends

    @property
    def timed_steps(self) -> tuple[TimedStep, ...]:
        """The flat steps with their times, and with what they leave open filled in."""
        return self._stretches

    @property
    def top_speed(self) -> float | None:
        """The highest speed (km/h) that it asks for; None where it names none."""
        return self._top_speed

    def facing(self, direction: Direction) -> Self:
        """Return the same program for a direction. Raises ProgramError where that one may not last as long."""
        if direction is self.direction:
            return self
        other = copy(self)
        object.__setattr__(other, "direction", direction)
        other._check_length()  # noqa: SLF001 - its own kind
        return other

    def flat(self) -> tuple[Step, ...]:
        """Return all steps in order, with groups unrolled and their labels given to the steps."""
        return self._flat

    def as_dict(self) -> dict[str, Any]:
        """Return it as a person writes it; `from_dict` reads that."""
        steps = [write_step(each) for each in self.steps]
        return {"name": self.name, "direction": self.direction.value, "steps": steps}

    @classmethod
    def from_dict(cls, data: object, units: Units = METRIC) -> Self:
        """Read what a person wrote as YAML or JSON, or what `as_dict` returned. Raises ProgramError.

        Speeds are in km/h, as `as_dict` writes them, or in other units.
        """
        if not isinstance(data, Mapping):
            raise ProgramError("program_not_a_program")
        for key in data:
            if key not in _PROGRAM_KEYS:
                raise ProgramError("program_unknown_key_above", key=key, known=", ".join(_PROGRAM_KEYS))
        direction = data.get("direction", Direction.BACKWARD)
        if direction not in tuple(Direction):
            raise ProgramError("program_direction", value=direction)
        steps = read_steps(data.get("steps"), units)
        return cls(name=_name(data.get("name")), direction=Direction(direction), steps=steps)


def _name(name: object) -> str:
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= LONGEST_TEXT:
        raise ProgramError("program_name", maximum=LONGEST_TEXT)
    return name.strip()
