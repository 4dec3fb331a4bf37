"""What a finished session was, in words: for the list of sessions, and for the calendar.

Ratings and the note are personal: whoever shows a session says whether they are to be told.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from ..history.record import Outcome, SessionRecord
from .text import rating
from .words import Word, Words, clean

_NUMBERS: Final = re.compile(r"\d+([.,]\d+)?")
_SIMILAR: Final = 0.8
"""From 0 to 1: how much two lines without their numbers have in common if one was made of the other."""


class FigureChangedError(ValueError):
    """Somebody has changed what was measured or rated."""


def amounts(record: SessionRecord, words: Words) -> str:
    """Return how long, how far, how fast and how steep a session was, and its calories, in one line."""
    calories = {"calories": f"{record.calories:.0f}", "net": f"{record.calories_net:.0f}"}
    length, distance, *others = _measures(record, words)
    return _joined([length, distance, record.calories and words.text(Word.SESSION_CALORIES, **calories), *others])


def short_amounts(record: SessionRecord, words: Words) -> str:
    """Return how long, how far, how fast and how steep a session was, in a line for a phone."""
    return _joined(_measures(record, words))


def _measures(record: SessionRecord, words: Words) -> list[str | float]:
    return [
        words.text(Word.SESSION_MINUTES, minutes=words.number(record.moving_time / 60)),
        record.distance and words.shown_session_distance(record.distance),
        record.max_speed and words.text(Word.SESSION_UP_TO, value=words.shown_speed(record.max_speed)),
        record.max_incline and words.shown_incline(record.max_incline),
    ]


def _joined(parts: Sequence[str | float | None]) -> str:
    """Return the parts that there are, in one line."""
    return " \N{MIDDLE DOT} ".join(str(part) for part in parts if part)


def figures(record: SessionRecord, words: Words) -> list[tuple[str, str]]:
    """Return what is known of a session, apart from ratings and the note: labels and values."""
    mean = record.distance / record.moving_time * 3.6 if record.distance and record.moving_time else None
    found = [
        (Word.MINUTES, words.number(record.moving_time / 60)),
        (Word.DISTANCE, record.distance and words.shown_session_distance(record.distance)),
        (Word.SESSION_ABOVE_RESTING, record.calories_net and f"{record.calories_net:.0f} kcal"),
        (Word.TOP_SPEED, record.max_speed and words.shown_speed(record.max_speed)),
        (Word.SESSION_AVERAGE_SPEED, mean and words.shown_speed(mean)),
        (Word.TOP_INCLINE, record.max_incline and words.shown_incline(record.max_incline)),
        (Word.PROGRAM, program(record, words)),
        (Word.SESSION_OUTCOME, words.value(f"outcome_{record.outcome}", record.outcome)),
    ]
    return [(words.text(word), value) for word, value in found if value]


def program(record: SessionRecord, words: Words) -> str | None:
    """Return the name of a session's program; an own one has the name that it was given."""
    return clean(words.value(f"program_{record.program}", record.program)) if record.program else None


def ratings(record: SessionRecord, words: Words) -> str:
    """Return the ratings of a session in one line; "" if it has none."""
    before, after = record.discomfort_before, record.discomfort_after
    found = [
        (Word.SESSION_KNEE, record.knee and words.value(f"knee_{record.knee}", record.knee)),
        (Word.KNEE, None if (before, after) == (None, None) else rating(before, after, words)),
        (Word.EFFORT, None if record.effort is None else str(record.effort)),
    ]
    return _joined([value and f"{words.text(word)}: {value}" for word, value in found])


def lines(record: SessionRecord, words: Words, *, personal: bool) -> list[str]:
    """Return what there is to tell of a session apart from its note, a line each."""
    name = program(record, words)
    return [
        amounts(record, words),
        *([f"{words.text(Word.PROGRAM)}: {name}"] if name else []),
        *([words.value("outcome_logged", Outcome.LOGGED)] if record.outcome is Outcome.LOGGED else []),
        *([said] if personal and (said := ratings(record, words)) else []),
    ]


def read_note(description: str, told: Sequence[str]) -> str:
    """Return the note in a description that began with `told` before somebody edited it.

    Lines that were taken out are taken for what they are: they come back by themselves. Raise FigureChangedError if
    one of them says something else now, which would not come true.
    """
    rest = [line.strip() for line in description.strip().splitlines()]
    missing = []
    for line in map(str.strip, told):
        if line in rest:
            rest.remove(line)
        else:
            missing.append(line)
    if any(_alike(line, figure) for line in rest for figure in missing):
        raise FigureChangedError
    return "\n".join(rest).strip()


def _alike(line: str, figure: str) -> bool:
    """Return whether a line is a figure that somebody has changed, or another value behind the same label."""
    label, colon, _ = figure.partition(":")
    same_label = bool(colon) and line.casefold().startswith(f"{label}:".casefold())
    return same_label or SequenceMatcher(None, _NUMBERS.sub("#", line), _NUMBERS.sub("#", figure)).ratio() > _SIMILAR
