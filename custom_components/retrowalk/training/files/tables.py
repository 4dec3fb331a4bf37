"""Reads steps from a table: CSV with commas, semicolons or tabs, and the lines of a treadmill-cron schedule."""

import csv
import re
from collections.abc import Iterator
from itertools import islice

from ..programs.steps import FASTEST, MOST_STEPS, STEEPEST, Ramp, Step, at_most
from .common import DEEPEST_READ, constant, not_too_deep, note_growth, steers
from .errors import FormatError, FormatErrorKey, shown
from .imported import Draft, ImportAnswers
from .notes import NoteKey, Notes, Place
from .step_fields import StepFields, kinds_of

_SEPARATORS = (";", "\t", ",", "|")
_LENGTHS = {"time", "distance"}
_STEERED = {"speed", "speed from", "incline", "incline from", "pace"}
_SUMS = {"total", "totals", "sum", "gesamt", "summe", "insgesamt"}
"""What names the last line of a table where it is the sum of the others."""
_WHEN = re.compile(r":([0-5]?\d)(?::([0-5]\d))?-:([0-5]?\d)(?::([0-5]\d))?", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_THEN = re.compile(r"now-now\+(\d{1,3}):([0-5]\d)", re.ASCII)
_LINE = re.compile(r"\s*(?:\S+=\S+\s+|@\S+\s+)*:?\d{1,2}:?\d*(?::\d{2})?-:?\d", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_LONGEST_BEGINNING = 200
"""Characters of a line that tell what it is."""
_HOUR = 3600


class TableReader:
    """Reads a table, once for each answer that it may need."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, answers: ImportAnswers) -> Draft:
        """Return what the lines say. Raises FormatError."""
        lines = self._text.splitlines()
        numbered = [(number, line) for number, line in enumerate(lines, 1) if _says_something(line)]
        if not numbered:
            raise FormatError(FormatErrorKey.NOT_A_WORKOUT)
        if _LINE.match(numbered[0][1][:_LONGEST_BEGINNING]):
            return _Schedule().read(numbered)
        return _table(numbered, answers)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "sep="))


def _table(numbered: list[tuple[int, str]], answers: ImportAnswers) -> Draft:
    head = numbered[0][1]
    separator = max(_SEPARATORS, key=head.count)
    rows = csv.reader((line for _, line in numbered), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        names, *cells = [(rows.line_num, row) for row in islice(rows, 2 + MOST_STEPS)]  # with names and a sum
    except csv.Error:
        at = min(rows.line_num, len(numbered))
        raise Place(numbered[at - 1][0]).error(FormatErrorKey.TOO_MANY_CELLS) from None
    kinds = kinds_of(names[1])
    if not kinds & _LENGTHS or not kinds & _STEERED:
        known = kinds or any(separator in line for _, line in numbered)
        raise FormatError(FormatErrorKey.NO_COLUMNS if known else FormatErrorKey.NOT_A_WORKOUT)
    notes = Notes()
    if cells and not _SUMS.isdisjoint(cell.strip(" :").lower() for cell in cells[-1][1]):
        at, row = cells.pop()
        notes.add(NoteKey.NOT_READ, Place(numbered[at - 1][0]), name=shown(" ".join(row)))
    steps = at_most(_row(Place(numbered[at - 1][0]), names[1], row, answers, notes) for at, row in cells)
    if steps and not steers(steps):
        raise FormatError(FormatErrorKey.STEERS_NOTHING)
    note_growth(steps, notes)
    return Draft(steps=steps, notes=notes, unit=answers.unit)


def _row(place: Place, names: list[str], cells: list[str], answers: ImportAnswers, notes: Notes) -> Step:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise place.error(FormatErrorKey.TOO_MANY_CELLS)
    values: dict[str, object] = dict(zip(names, cells, strict=False))
    if len(values) < min(len(names), len(cells)):
        raise place.error(FormatErrorKey.TOO_MANY_CELLS)  # two columns of one name
    fields = StepFields(values, place, answers.unit, notes)
    if (times := fields.repeat()) != 1:
        raise place.wrong("repeat", times)
    return fields.step()


class _Schedule:
    """Reads lines of a time by the clock, a speed (km/h) and an incline (%).

    The clock repeats and has gaps, a program is one stretch: so each line has to begin where the one before ends.
    """

    def __init__(self) -> None:
        self._notes = Notes()
        self._ends: int | None = None

    def read(self, numbered: list[tuple[int, str]]) -> Draft:
        """Return what the lines say. Raises FormatError."""
        self._notes.add(NoteKey.HOURLY)
        return Draft(steps=at_most(self._steps(numbered)), notes=self._notes)

    def _steps(self, numbered: list[tuple[int, str]]) -> Iterator[Step]:
        for number, line in numbered:
            place = Place(number)
            for chunk in line.partition("#")[0].split(","):
                words = chunk.split()
                while words and ("=" in words[0] or words[0].startswith("@")):
                    self._notes.add(NoteKey.NOT_READ, place, name=shown(words.pop(0)))
                match words:
                    case [when, speed, incline]:
                        yield self._step(place, when, speed, incline)
                    case _:
                        raise place.wrong("line", chunk)

    def _step(self, place: Place, when: str, speed: str, incline: str) -> Step:
        return Step(
            seconds=self._seconds(place, when),
            speed=None if speed == "speed" else self._speed(place, speed),
            incline=None if incline == "incline" else self._incline(place, incline),
        )

    def _seconds(self, place: Place, when: str) -> float:
        if (found := _THEN.fullmatch(when)) and self._ends is not None:
            begins, turn = self._ends, self._ends + 86_400
            ends = begins + int(found[1]) * 60 + int(found[2])
        elif found := _WHEN.fullmatch(when):
            begins, ends = (int(found[at]) * 60 + int(found[at + 1] or 0) for at in (1, 3))
            turn = _HOUR
        elif found := _CLOCK.fullmatch(when):
            begins, ends = (int(found[at]) * _HOUR + int(found[at + 1]) * 60 for at in (1, 3))
            turn = 24 * _HOUR
        else:
            raise place.wrong("line", when)
        if self._ends is not None and begins % turn != self._ends % turn:
            raise place.error(FormatErrorKey.SCHEDULE_GAP)
        self._ends = ends
        return float((ends - begins) % turn or turn)

    def _speed(self, place: Place, text: str) -> Ramp | None:
        if _AMOUNT.fullmatch(text) is None or not 0 < float(text) <= FASTEST:
            raise place.wrong("speed", text)
        return constant(float(text))

    def _incline(self, place: Place, text: str) -> Ramp | None:
        if _AMOUNT.fullmatch(text) is None or not DEEPEST_READ <= float(text) <= STEEPEST:
            raise place.wrong("incline", text)
        return constant(not_too_deep(float(text), place, self._notes))
