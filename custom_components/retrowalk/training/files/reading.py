"""Reads programs from files of all formats, which their content tells apart."""

from collections.abc import Callable
from dataclasses import replace

from ..limits import Direction
from ..programs.errors import ProgramError
from ..programs.program import Program
from .decoding import decoded
from .errors import FormatError, FormatErrorKey
from .fit_reading import is_fit
from .fit_workout import read_fit
from .imported import (
    Draft,
    ForwardOnlyError,
    ImportAnswers,
    ImportedProgram,
    Lengths,
    Question,
    Reading,
    SpeedUnit,
    UnansweredError,
)
from .lists import ListReader
from .markup import read_xml
from .notes import NoteKey
from .qz import ROOT as QZ
from .qz_reading import read_qz
from .stepped import ROOT as STEPPED
from .stepped import read_stepped
from .tables import TableReader
from .zwo import ROOT as ZWO
from .zwo import ZwoReader

type _Reader = Callable[[ImportAnswers], Draft]

_NAMELESS = "?"


def read_workout(content: str | bytes, answers: ImportAnswers) -> ImportedProgram:
    """Read a program from a file, whatever its format.

    Raises FormatError, or ProgramError for one that can be read but makes no sense; UnansweredError is a FormatError
    that another answer helps, and ForwardOnlyError one that walking forward helps.
    """
    read = _reader(content)
    try:
        return _imported(read(answers), answers)
    except UnansweredError as unanswered:
        if not (choices := _choices(unanswered.question, answers)):
            raise
        question = unanswered.question
    results = {key: _reading(read, each) for key, each in choices.items()}
    errors = [result for result in results.values() if isinstance(result, FormatError | ProgramError)]
    for error in errors:
        # Nothing is asked in vain, and one thing after the other.
        in_vain = len(errors) == len(results) and len({each.key for each in errors}) == 1
        if isinstance(error, UnansweredError) or (in_vain and not isinstance(error, ForwardOnlyError)):
            raise error
    raise UnansweredError(question, results=results)


def _reader(content: str | bytes) -> _Reader:
    if is_fit(content):
        return lambda _: read_fit(content)
    text, guessed = decoded(content)
    read = _text_reader(text)
    return _guessing(read) if guessed else read


def _guessing(read: _Reader) -> _Reader:
    def noted(answers: ImportAnswers) -> Draft:
        draft = read(answers)
        draft.notes.add(NoteKey.ENCODING_GUESSED)
        return draft

    return noted


def _text_reader(text: str) -> _Reader:
    begins = text.lstrip()[:20].lower()
    if begins.startswith("[course"):
        raise FormatError(FormatErrorKey.NOT_A_RUN, sport="bike, ERG/MRC")
    if begins.startswith(("[", "{")):
        return ListReader(text).read
    if not begins.startswith("<"):
        return TableReader(text).read
    if begins.startswith(("<!doctype html", "<html")):
        raise FormatError(FormatErrorKey.WEB_PAGE)
    root = read_xml(text, QZ, ZWO, STEPPED)
    if root.name == QZ:
        return lambda _: read_qz(root)
    if root.name == STEPPED:
        return lambda _: read_stepped(root)
    return ZwoReader(root).read


def _choices(question: Question, answers: ImportAnswers) -> dict[str, ImportAnswers]:
    """Return all answers to a question, if it has few."""
    if question is Question.LENGTHS:
        return {lengths.value: replace(answers, lengths=lengths) for lengths in Lengths}
    if question is Question.UNIT:
        return {unit.value: replace(answers, unit=unit) for unit in SpeedUnit}
    return {}


def _reading(read: _Reader, answers: ImportAnswers) -> Reading:
    """Return what comes of the answers; a name may still be missing."""
    try:
        return _imported(read(answers), answers, _NAMELESS)
    except (FormatError, ProgramError) as error:
        return error


def _imported(draft: Draft, answers: ImportAnswers, nameless: str | None = None) -> ImportedProgram:
    """Return the program of a draft; a name that is given takes the place of the file's."""
    name = (answers.name or "").strip() or draft.name or nameless
    if not name:
        raise UnansweredError(Question.NAME)
    try:
        program = Program(name=name, direction=answers.direction, steps=draft.steps)
    except ProgramError as error:
        if error.key != "program_too_long" or answers.direction is Direction.FORWARD:
            raise
        forward = replace(answers, direction=Direction.FORWARD)
        raise ForwardOnlyError(_imported(draft, forward, nameless)) from None
    if program.top_speed is None:
        draft.notes.add(NoteKey.NO_SPEED_AT_ALL)
    return ImportedProgram(
        program=program,
        notes=draft.notes.all(),
        full_speed_kmh=draft.full_speed_kmh,
        lengths=draft.lengths,
        unit=draft.unit,
    )
