"""Reads the second kind of programs of QZ: a workout of steps, each with seconds, km/h and an incline.

As in its runs for Zwift, a small incline is a fraction.
"""

from collections.abc import Iterator

from ..programs.steps import STEEPEST, Step, at_most
from .common import DEEPEST_READ, HIGHEST_FRACTION, label, not_read_around, number, steers
from .errors import FormatError, FormatErrorKey
from .imported import Draft, SpeedUnit
from .markup import Element
from .notes import NoteKey, Notes
from .step_fields import StepFields

ROOT = "workout"
_INCLINES = ("incline", "inclination")
_ABOUT = {"name", "description", "author", "tags"}


def read_stepped(workout: Element) -> Draft:
    """Return what the steps say. Raises FormatError."""
    notes = Notes()
    lists = [*workout.all("steps")]
    for more in (*lists[1:], *(each for each in workout.children if each.name not in {"steps", *_ABOUT})):
        raise more.unknown()
    if not lists:
        raise FormatError(FormatErrorKey.NOT_A_WORKOUT)
    not_read_around(workout, frozenset({"name"}), notes)
    not_read_around(lists[0], frozenset(), notes)
    steps = at_most(_steps(lists[0], notes))
    if steps and not steers(steps):
        raise FormatError(FormatErrorKey.STEERS_NOTHING)
    name = workout.text_of("name") or workout.attributes.get("name", "")
    return Draft(steps=steps, notes=notes, name=label(name))


def _steps(steps: Element, notes: Notes) -> Iterator[Step]:
    for step in steps.children:
        if step.name != "step":
            raise step.unknown()
        for inside in step.children:
            raise inside.unknown()
        not_read_around(step, frozenset(step.attributes), notes)
        values: dict[str, object] = {**step.attributes}
        for name in _INCLINES:
            incline = step.number(name, lowest=DEEPEST_READ, highest=STEEPEST)
            if incline is not None and 0 < abs(incline) <= HIGHEST_FRACTION:
                values[name] = round(incline * 100, 3)
                notes.add(NoteKey.INCLINE_FRACTION, step.place, percent=number(incline * 100))
        fields = StepFields(values, step.place, SpeedUnit.KMH, notes)
        if (times := fields.repeat()) != 1:
            raise step.place.wrong("repeat", times)
        yield fields.step()
