"""What is wrong with a program that somebody wrote: the step, and what to do about it."""

from collections.abc import Mapping

from ..units import METRIC, Speed

MESSAGES: Mapping[str, str] = {
    "program_not_a_program": "A program is a mapping with name, direction and steps.",
    "program_unknown_key": "Step {step}: {key} is not valid here. Valid: {known}.",
    "program_unknown_key_above": "{key} is not valid in a program. Valid: {known}.",
    "program_name": "Give the program a name of 1 to {maximum} characters.",
    "program_direction": "{value} is not a direction. Enter backward or forward.",
    "program_empty": "The program has no steps. Add at least one step with a length.",
    "program_not_a_step": "Step {step} is not a step. Write for example: minutes: 2, speed: 1.5.",
    "program_group_empty": "Step {step}: the group has no steps. Add one, or remove the group.",
    "program_repeat": "Step {step}: {value} is not a number of repeats. Enter a whole number from 1 to {maximum}.",
    "program_number": "Step {step}: {value} is not a number. Enter {key} as a number with a point, for example 1.5.",
    "program_no_length": "Step {step} has no length. Add minutes or seconds.",
    "program_length": "Step {step}: {value} s is not a valid length. Enter more than 0 seconds.",
    "program_ramp": "Step {step}: enter {key} as one number, or as from and to.",
    "program_ramp_without_begin": "Step {step}: it is not clear where the ramp of {key} begins. Enter {key} too.",
    "program_speed": (
        "Step {step}: {value} {speed_unit} is not a valid speed. Enter more than 0 and at most {maximum}."
    ),
    "program_incline": "Step {step}: {value} % is not a valid incline. Enter a number from {minimum} to {maximum}.",
    "program_label": "Step {step}: the label must be text of 1 to {maximum} characters.",
    "program_too_deep": "Step {step}: groups are nested too deeply. At most {maximum} levels are allowed.",
    "program_too_many_steps": (
        "The program has more than {maximum} steps, its repeats included. Remove some, or repeat less often."
    ),
    "program_too_long": "The program takes {minutes} min; at most {maximum} min are allowed. Shorten or remove steps.",
}


_LONGEST_SHOWN = 60
_LONGEST_INTEGER = 64  # bits
_DIGITS_PER_BIT = 0.30103


class ProgramError(ValueError):
    """An impossible program; `key` and `placeholders`, with `step` ("3", "2.1"), are for a translation.

    `Units.written` writes the placeholders; the text of the error itself is metric.
    """

    def __init__(self, key: str, step: str = "", /, **placeholders: object) -> None:
        """`step` is empty where the fault is not in one step."""
        self.key = key
        self.step = step
        self.placeholders: dict[str, str | Speed] = {"step": step}
        for name, value in placeholders.items():
            self.placeholders[name] = value if isinstance(value, Speed) else _shown(value)
        super().__init__(MESSAGES[key].format_map(METRIC.written(self.placeholders)))


def _shown(value: object) -> str:
    """Return what somebody wrote, short enough for a message and cheap to make."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, float):
        text = f"{value:g}"
    elif isinstance(value, int):
        # Python refuses to write out numbers of thousands of digits.
        text = str(value) if value.bit_length() <= _LONGEST_INTEGER else f"{'-' if value < 0 else ''}1e{_digits(value)}"
    else:
        # Anything else may be nested deeply, endless, or far too large.
        text = "…" if value is not None else "None"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _digits(value: int) -> int:
    """Return about how many digits a large number has."""
    return int(value.bit_length() * _DIGITS_PER_BIT)
