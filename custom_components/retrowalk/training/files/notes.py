"""What an import changed, left out or took for granted, told by name and place: nothing is wrong without a word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from ..units import Speed
from .errors import FormatError, FormatErrorKey, shown

MOST_NOTES = 100


class NoteKey(StrEnum):
    """What happened to a file on its way to a program; each has a text, which does not say where."""

    BOUNDED = "import_note_bounded"
    COOL_DOWN_TURNED = "import_note_cool_down_turned"
    ENCODING_GUESSED = "import_note_encoding_guessed"
    FULL_SPEED_AGAINST_FILE = "import_note_full_speed_against_file"
    FULL_SPEED_FROM_FILE = "import_note_full_speed_from_file"
    GROWING = "import_note_growing"
    HOURLY = "import_note_hourly"
    INCLINE_CUT = "import_note_incline_cut"
    INCLINE_FRACTION = "import_note_incline_fraction"
    INCLINE_PERCENT = "import_note_incline_percent"
    LENGTHS_AGAINST_ANSWER = "import_note_lengths_against_answer"
    LENGTHS_AGAINST_TEXTS = "import_note_lengths_against_texts"
    MADE_FOR_BACKWARD = "import_note_made_for_backward"
    MADE_FOR_FORWARD = "import_note_made_for_forward"
    METERS_BY_TEXTS = "import_note_meters_by_texts"
    MORE = "import_note_more"
    MORE_STEPS_SAID = "import_note_more_steps_said"
    NO_INCLINE = "import_note_no_incline"
    NO_SPEED = "import_note_no_speed"
    NO_SPEED_AT_ALL = "import_note_no_speed_at_all"
    NO_SPORT = "import_note_no_sport"
    NOT_FORCED = "import_note_not_forced"
    NOT_READ = "import_note_not_read"
    NOT_STEERED = "import_note_not_steered"
    PACES = "import_note_paces"
    PART_LEFT_OUT = "import_note_part_left_out"
    PLAIN_SECONDS = "import_note_plain_seconds"
    RANGE = "import_note_range"
    SECONDS_BY_TEXTS = "import_note_seconds_by_texts"
    SPEED_PER_SECOND = "import_note_speed_per_second"
    TEXT_LOST = "import_note_text_lost"


class Counted(StrEnum):
    """What places in a file are counted in; each has a text that puts the places before a note."""

    LINES = "import_at_line"
    STEPS = "import_at_step"


_WRONG = {
    (FormatErrorKey.MISSING_VALUE, Counted.STEPS): FormatErrorKey.STEP_MISSING_VALUE,
    (FormatErrorKey.WRONG_VALUE, Counted.STEPS): FormatErrorKey.STEP_WRONG_VALUE,
    (FormatErrorKey.DISTANCE_WITHOUT_SPEED, Counted.STEPS): FormatErrorKey.STEP_DISTANCE_WITHOUT_SPEED,
    (FormatErrorKey.STANDING_REST, Counted.STEPS): FormatErrorKey.STEP_STANDING_REST,
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file: a line, or a step where a file has no lines."""

    number: int
    counted: Counted = Counted.LINES

    def error(self, key: FormatErrorKey, **placeholders: str | Speed) -> FormatError:
        """Return an error about this place; its text names the line or the step."""
        where = "line" if self.counted is Counted.LINES else "step"
        return FormatError(_WRONG.get((key, self.counted), key), **{where: str(self.number)}, **placeholders)

    def missing(self, name: str) -> FormatError:
        """Return the error for a value that is not there."""
        return self.error(FormatErrorKey.MISSING_VALUE, name=shown(name))

    def wrong(self, name: str, value: object) -> FormatError:
        """Return the error for an impossible value."""
        return self.error(FormatErrorKey.WRONG_VALUE, name=shown(name), value=shown(str(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNote:
    """One thing that an import changed, left out or took for granted.

    `key` has a text among the common translations, and so has `counted`: "Line {places}: {note}". Without a place it is
    about the whole file.
    """

    key: NoteKey
    line: int | None = None  # the first of its places, where they are lines
    places: str = ""  # "3, 5-9"
    counted: Counted | None = None
    placeholders: Mapping[str, str | Speed] = field(default_factory=dict)


class Notes:
    """Collects notes; the same thing at many places is one note, and nobody reads hundreds of them."""

    def __init__(self) -> None:
        self._places: dict[tuple[NoteKey, tuple[tuple[str, str | Speed], ...]], set[Place]] = {}
        self._more = 0
        self._open_inclines: list[Place] = []
        self._inclined = False

    def add(self, key: NoteKey, place: Place | None = None, **placeholders: str | Speed) -> None:
        """Note what happened at a place, or to the whole file."""
        note = (key, tuple(placeholders.items()))
        if note not in self._places and len(self._places) >= MOST_NOTES:
            self._more += 1
            return
        places = self._places.setdefault(note, set())
        if place is not None:
            places.add(place)

    def incline(self, percent: float | None, place: Place) -> None:
        """Take in the incline of a step: one that is left open is noted if another step goes up or down."""
        if percent is None:
            self._open_inclines.append(place)
        elif percent:
            self._inclined = True

    def all(self) -> tuple[ImportNote, ...]:
        """Return the notes: those about the whole file first, then by their first place."""
        for place in self._open_inclines if self._inclined else ():
            self.add(NoteKey.NO_INCLINE, place)
        found = sorted(self._places.items(), key=lambda each: min((place.number for place in each[1]), default=0))
        notes = [_note(key, dict(placeholders), sorted(places)) for (key, placeholders), places in found]
        if self._more:
            notes.append(ImportNote(key=NoteKey.MORE, placeholders={"number": str(self._more)}))
        return tuple(notes)


def _note(key: NoteKey, placeholders: Mapping[str, str | Speed], places: list[Place]) -> ImportNote:
    if not places:
        return ImportNote(key=key, placeholders=placeholders)
    counted, numbers = places[0].counted, [place.number for place in places]
    line = numbers[0] if counted is Counted.LINES else None
    return ImportNote(key=key, line=line, places=ranges(numbers), counted=counted, placeholders=placeholders)


def ranges(numbers: list[int]) -> str:
    """Return sorted numbers in words: 3, 5-9."""
    runs = [[each for _, each in run] for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
