"""What an import is asked, and what comes of it: a program with notes, an error, or a question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..limits import Direction
from ..programs.errors import ProgramError
from ..programs.program import Program
from ..programs.steps import Group, Step
from .errors import FormatError, FormatErrorKey, shown
from .notes import ImportNote, Notes


class Lengths(StrEnum):
    """What the lengths of a ZWO run count."""

    SECONDS = "seconds"
    METERS = "meters"


class SpeedUnit(StrEnum):
    """What the speeds of a list are in."""

    KMH = "kmh"
    MPH = "mph"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswers:
    """What somebody says about a file; what the file says itself need not be said."""

    name: str | None = None
    direction: Direction = Direction.BACKWARD
    full_speed_kmh: float | None = None
    lengths: Lengths | None = None
    unit: SpeedUnit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedProgram:
    """A program from a file, with all that was changed, left out or taken for granted."""

    program: Program
    notes: tuple[ImportNote, ...] = ()
    full_speed_kmh: float | None = None  # the speed of 100 %, where one was used
    lengths: Lengths | None = None  # how they were read, where there was a choice
    unit: SpeedUnit | None = None


type Reading = ImportedProgram | FormatError | ProgramError
"""What comes of a file with one of the possible answers."""


class Question(StrEnum):
    """What a file leaves open; its value is the name of the answer."""

    NAME = "name"
    FULL_SPEED = "full_speed_kmh"
    LENGTHS = "lengths"
    UNIT = "unit"


_KEYS = {
    Question.NAME: FormatErrorKey.NO_NAME,
    Question.FULL_SPEED: FormatErrorKey.NEEDS_FULL_SPEED,
    Question.LENGTHS: FormatErrorKey.NEEDS_LENGTHS,
    Question.UNIT: FormatErrorKey.NEEDS_UNIT,
}


_MOST_NAMES = 5
"""Names that an error repeats."""


class UnansweredError(FormatError):
    """A file that can be imported once a question is answered.

    `results` holds what comes of each answer where there are two of them, by the answer.
    """

    def __init__(
        self, question: Question, *, default: float | None = None, results: Mapping[str, Reading] | None = None
    ) -> None:
        super().__init__(_KEYS[question])
        self.question = question
        self.default = default
        self.results: Mapping[str, Reading] = results or {}


class SeveralProgramsError(FormatError):
    """A file of several programs; `names` are those that one of them can be chosen by."""

    def __init__(self, names: Sequence[str | None]) -> None:
        """`names` has None for a program without one."""
        more = ", …" if len(names) > _MOST_NAMES else ""
        listed = ", ".join(shown(name or "?") for name in names[:_MOST_NAMES]) + more
        super().__init__(FormatErrorKey.SEVERAL_PROGRAMS, number=str(len(names)), names=listed)
        counted = Counter(name.casefold() for name in names if name)
        self.names = tuple(name for name in names if name and counted[name.casefold()] == 1)


class ForwardOnlyError(FormatError):
    """A program that is too long backward; `forward` is what comes of it forward."""

    def __init__(self, forward: ImportedProgram) -> None:
        super().__init__(
            FormatErrorKey.ONLY_FORWARD,
            minutes=f"{round(forward.program.duration / 60, 1):g}",
            maximum=f"{Direction.BACKWARD.longest / 60:g}",
        )
        self.forward = forward


@dataclass(slots=True, kw_only=True)
class Draft:
    """What a reader of a format makes of a file; the program is made of it in one place."""

    steps: tuple[Step | Group, ...]
    notes: Notes = field(default_factory=Notes)
    name: str | None = None
    full_speed_kmh: float | None = None
    lengths: Lengths | None = None
    unit: SpeedUnit | None = None
