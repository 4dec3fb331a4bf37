"""Reads programs written as JSON: our own, and lists of steps with a name, a length, a speed and an incline.

Other programs write such lists in many ways, so that names are recognized rather than prescribed, and what is not
recognized is noted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..limits import Direction
from ..programs.errors import ProgramError
from ..programs.step_format import read_steps
from ..programs.steps import DEEPEST, Group, Step, at_most
from .common import label, note_growth, steers
from .errors import FormatError, FormatErrorKey, one_line, shown
from .imported import Draft, ImportAnswers, SeveralProgramsError, SpeedUnit
from .notes import Counted, NoteKey, Notes, Place
from .step_fields import REPEATS, UNITS, StepFields, plain_name, unit_named

_OWN = {"name", "direction", "steps", "kind", "minutes", "fits", "days_a_week"}
_STEPS = (
    *("steps", "segments", "intervals", "blocks", "phases", "stages", "rows", "parts", "workout", "laps", "data"),
    *("groups", "sections", "children"),
)
_PROGRAMS = ("programs", "workouts", "templates", "plans")
_NAMES = ("name", "title", "label", "titel", "bezeichnung")
# What people write about a program that changes nothing in it.
_ABOUT = {"description", "beschreibung", "difficulty", "level", "tags", "author", "id", "uuid", "version", "created"}
_ABOUT |= {"updated", "category", "type", "sport", "notes", "duration", "minutes", "totalduration", "schemaversion"}
_SPORTS = ("sport", "sporttype", "activity", "activitytype", "type", "discipline", "category", "device")
_OTHER_SPORT = re.compile(
    r"(?:indoor|virtual|road|mountain|gravel|spin)?(?:bike|biking|cycling|ride|swim|swimming|rowing|rower|elliptical)"
    "|radfahren|schwimmen|rudern"
)
_TICKS = 10_000_000  # a second
_NESTED = {
    "kilometers": "distance km",
    "kilometersPerHour": "speed km/h",
    "initialKilometersPerHour": "speed km/h",
    "startKilometersPerHour": "speed from km/h",
    "endKilometersPerHour": "speed to km/h",
    "percent": "incline",
    "startPercent": "incline from",
    "endPercent": "incline to",
}


class ListReader:
    """Reads a JSON file, once for each answer that it may need."""

    def __init__(self, text: str) -> None:
        try:
            self._data = json.loads(text, object_pairs_hook=_once)
        except FormatError:
            raise
        except json.JSONDecodeError as error:
            raise FormatError(FormatErrorKey.NOT_JSON, line=str(error.lineno)) from None
        except ValueError:  # a number of thousands of digits
            raise FormatError(FormatErrorKey.NOT_JSON, line="1") from None
        except RecursionError:
            raise FormatError(FormatErrorKey.UNSAFE) from None

    def read(self, answers: ImportAnswers) -> Draft:
        """Return what the file says. Raises FormatError or ProgramError."""
        data = self._data
        if isinstance(data, dict) and isinstance(data.get("program"), dict):
            data = data["program"]  # as the action answers that exports one
        if isinstance(data, dict) and "direction" in data and "steps" in data and data.keys() <= _OWN:
            return _own(data, answers)
        return _List(answers).read(_the_one(data, answers.name))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a mapping in which nothing was said twice in two ways: nobody could tell which of them is meant."""
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data and data[key] != value:
            raise FormatError(FormatErrorKey.UNSAFE)
        data[key] = value
    return data


def _own(data: Mapping[str, Any], answers: ImportAnswers) -> Draft:
    """Read a program of ours, whose speeds are km/h."""
    notes, direction = Notes(), data["direction"]
    if direction not in tuple(Direction):
        raise ProgramError("program_direction", value=direction)
    if direction != answers.direction:
        forward = direction == Direction.FORWARD
        notes.add(NoteKey.MADE_FOR_FORWARD if forward else NoteKey.MADE_FOR_BACKWARD)
    return Draft(steps=read_steps(data["steps"]), notes=notes, name=_name(data))


def _the_one(data: object, name: str | None) -> object:
    """Return the only program in a file, or the one of this name."""
    while isinstance(data, dict) and _steps_of(data) is None:
        inside = [each for each in data.values() if isinstance(each, dict)]
        if len(inside) != 1:
            break
        names = {*_NAMES, *_SPORTS, *UNITS}
        about = {key: value for key, value in data.items() if plain_name(key) in names and isinstance(value, str)}
        data = {**about, **inside[0]}
    programs = data
    if isinstance(data, dict):
        if data and all(isinstance(each, dict) and _steps_of(each) is not None for each in data.values()):
            programs = [*data.values()]
        lists = [value for key, value in data.items() if plain_name(key) in _PROGRAMS and isinstance(value, list)]
        if len(lists) == 1 and _steps_of(data) is None:
            programs = lists[0]
    if not isinstance(programs, list):
        return data
    found = [each for each in programs if isinstance(each, dict) and _steps_of(each) is not None]
    if not found or len(found) != len(programs) or any(_is_group(each) for each in found):
        return programs
    named = [each for each in found if name and (_name(each) or "").casefold() == name.strip().casefold()]
    if len(named) == 1 or len(found) == 1:
        return (named or found)[0]
    raise SeveralProgramsError([_name(each) for each in found])


def _is_group(data: Mapping[str, Any]) -> bool:
    """Return whether steps are repeated; a program is not."""
    return any(plain_name(key) in REPEATS for key in data)


def _steps_of(data: Mapping[str, Any]) -> list[Any] | None:
    """Return the list of steps in a mapping, if it has one."""
    found = [value for key, value in data.items() if plain_name(key) in _STEPS and isinstance(value, list)]
    return found[0] if found else None


def _name(data: Mapping[str, Any]) -> str | None:
    found = (value for name in _NAMES for key, value in data.items() if plain_name(key) == name)
    return next((label(one_line(value)) for value in found if isinstance(value, str)), None)


class _List:
    """Reads one list of steps."""

    def __init__(self, answers: ImportAnswers) -> None:
        self._answers = answers
        self._notes = Notes()
        self._unit: SpeedUnit | None = answers.unit
        self._number = 0

    def read(self, data: object) -> Draft:
        name, steps = None, data
        if isinstance(data, dict):
            name, steps = _name(data), _steps_of(data)
            self._about(data)
        if not isinstance(steps, list) or not all(isinstance(each, dict) for each in steps):
            raise FormatError(FormatErrorKey.NOT_A_WORKOUT)
        found = at_most(self._read(steps, 0))
        if found and not steers(found):
            raise FormatError(FormatErrorKey.STEERS_NOTHING)
        note_growth(found, self._notes)
        return Draft(steps=found, notes=self._notes, name=name, unit=self._unit)

    def _about(self, data: Mapping[str, Any]) -> None:
        """Look at what is said about all steps: the unit, and what is not read."""
        for key, value in data.items():
            plain = plain_name(key)
            if plain in _SPORTS and isinstance(value, str) and _OTHER_SPORT.fullmatch(plain_name(value)):
                raise FormatError(FormatErrorKey.NOT_A_RUN, sport=shown(value))
            if plain in UNITS and (unit := unit_named(value, Place(1, Counted.STEPS))) is not None:
                self._unit = unit
            elif not (plain in _ABOUT or plain in _NAMES or value is _steps_of(data)):
                self._notes.add(NoteKey.NOT_READ, name=shown(str(key)))

    def _read(self, steps: list[Any], depth: int) -> Iterator[Step | Group]:
        if depth > DEEPEST:
            raise ProgramError("program_too_deep", str(self._number), maximum=DEEPEST)
        for each in steps:
            self._number += 1
            place = Place(self._number, Counted.STEPS)
            if not isinstance(each, dict):
                raise place.wrong("step", "…" if isinstance(each, list) else each)
            inside = _steps_of(each)
            values = {key: value for key, value in each.items() if value is not inside or inside is None}
            fields = StepFields(_unfolded(values), place, self._unit, self._notes)
            repeat = fields.repeat()
            if inside is not None:
                fields.read_nothing_but("label", "repeat")
                yield Group(repeat=repeat, steps=at_most(self._read(inside, depth + 1)), label=fields.label())
            elif repeat == 1:
                yield fields.step()
            else:
                yield Group(repeat=repeat, steps=(fields.step(),))


def _unfolded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a step without those that say of what kind they are, as TreadmillRunner writes them."""
    found = {key: value for key, value in values.items() if (key, value) not in (("kind", "step"), ("kind", "repeat"))}
    for name, value in values.items():
        if isinstance(value, dict) and "value" in value and value.keys() <= {"value", "unit", "units"}:
            found[name] = f"{value['value']} {value.get('unit', value.get('units', ''))}"
        elif isinstance(value, dict) and plain_name(name) == "data":
            del found[name]
            found |= value
        elif isinstance(value, dict) and "kind" in value:
            del found[name]
            for key, each in value.items():
                if key == "durationTicks" and isinstance(each, int):
                    found["seconds"] = each / _TICKS
                elif key != "kind":
                    found[_NESTED.get(key, f"{name} {key}")] = each
    return found
