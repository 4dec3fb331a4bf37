"""The steps of a program as a person writes them in YAML or JSON, or enters them in rows, read and written."""

from collections.abc import Callable, Mapping
from typing import Any

from ..units import METRIC, Units
from .errors import ProgramError
from .steps import DEEPEST, MOST_STEPS, Group, Ramp, Step, number_of, repeat_of, whole_milliseconds

_STEP_KEYS = ("minutes", "seconds", "speed", "incline", "label", "repeat")
_ENDS = ("speed_to", "incline_to")
_GROUP_KEYS = ("repeat", "steps", "label")
_RAMP_KEYS = {"from", "to"}


def read_steps(data: object, units: Units = METRIC) -> tuple[Step | Group, ...]:
    """Read a list of steps as a person writes it, with speeds in these units. Raises ProgramError.

    A ramp is written as `speed: {from: 1, to: 2}`, or as the fields of a row: `speed: 1, speed_to: 2`. In a row a ramp
    without a beginning begins where the step before it ends.
    """
    return _Reader(units).steps(data)


class _Reader:
    """Reads steps. Its budget is one for all of them, because YAML may name one list in many places."""

    def __init__(self, units: Units) -> None:
        self._convert: Mapping[str, Callable[[float], float]] = {"speed": units.kmh, "incline": float}
        self._left = MOST_STEPS
        self._ends: dict[str, float] = {}  # the speed and the incline at the end of the step before

    def steps(self, data: object, above: str = "") -> tuple[Step | Group, ...]:
        """Read a list of steps; `above` is the number of the group around it, empty for the program itself."""
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
            if key not in known and (key not in _ENDS or "steps" in data):
                raise ProgramError("program_unknown_key", number, key=key, known=", ".join(known))
        label = data.get("label")
        if isinstance(label, str):
            label = label.strip() or None
        if "steps" in data:
            steps = self.steps(data["steps"], number)
            return Group(repeat=repeat_of(data.get("repeat", 1), number), steps=steps, label=label)
        # A group has at least one step, so that there are not many more groups than steps.
        self._left -= 1
        if self._left < 0:
            raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
        step = Step(
            seconds=_length(data, number),
            speed=self._ramp(data, "speed", number),
            incline=self._ramp(data, "incline", number),
            label=label,
        )
        # A single step may be repeated without a group around it.
        repeat = data.get("repeat")
        return step if repeat is None else Group(repeat=repeat_of(repeat, number), steps=(step,))

    def _ramp(self, data: Mapping[str, object], key: str, number: str) -> Ramp | None:
        held, end = data.get(key), data.get(f"{key}_to")
        if end is None:
            ramp = _ramp(held, key, number, self._convert[key])
        elif held is None and key not in self._ends:
            raise ProgramError("program_ramp_without_begin", number, key=key)
        else:
            convert = self._convert[key]
            start = self._ends[key] if held is None else convert(number_of(held, key, number))
            ramp = Ramp(start, convert(number_of(end, f"{key}_to", number)))
        if ramp is not None:
            self._ends[key] = ramp.end
        return ramp


def _length(data: Mapping[str, object], number: str) -> float:
    lengths = [(key, factor) for key, factor in (("minutes", 60), ("seconds", 1)) if data.get(key) is not None]
    if not lengths:
        raise ProgramError("program_no_length", number)
    parts = [number_of(data[key], key, number) * factor for key, factor in lengths]
    if min(parts) < 0:
        raise ProgramError("program_length", number, value=min(parts))
    return whole_milliseconds(sum(parts))


def _ramp(data: object, key: str, number: str, convert: Callable[[float], float]) -> Ramp | None:
    if data is None:
        return None
    if isinstance(data, Mapping):
        if len(data) != len(_RAMP_KEYS) or set(data) != _RAMP_KEYS:
            raise ProgramError("program_ramp", number, key=key)
        return Ramp(*(convert(number_of(data[end], key, number)) for end in ("from", "to")))
    value = convert(number_of(data, key, number))
    return Ramp(value, value)


def write_step(step: Step | Group) -> dict[str, Any]:
    """Return a step or a group in the form that `read_steps` reads."""
    if isinstance(step, Group):
        written: dict[str, Any] = {"repeat": step.repeat, "steps": [write_step(each) for each in step.steps]}
    elif step.seconds % 60:
        written = {"seconds": _plain(step.seconds)}
    else:
        written = {"minutes": _plain(step.seconds / 60)}
    if isinstance(step, Step):
        for key, ramp in (("speed", step.speed), ("incline", step.incline)):
            if ramp is not None:
                constant = ramp.start == ramp.end
                written[key] = _plain(ramp.start) if constant else {"from": _plain(ramp.start), "to": _plain(ramp.end)}
    return written if step.label is None else written | {"label": step.label}


def _plain(value: float) -> float:
    """Return a whole number without its decimal point, so that 2 is written rather than 2.0."""
    return int(value) if value == int(value) else value
