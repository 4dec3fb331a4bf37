"""Writes finished sessions as a table for a spreadsheet: CSV in UTF-8, one row a session."""

import csv
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from enum import StrEnum
from io import StringIO
from unicodedata import normalize

from .record import Outcome, SessionRecord

_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for an old code page."""
_FORMULA = frozenset("=+-@")
"""What a text begins with that a spreadsheet may run, also in full width or after white space."""


class Separator(StrEnum):
    """What separates the values, and with it the decimal mark."""

    COMMA = "comma"  # 1.5,2.0
    SEMICOLON = "semicolon"  # 1,5;2,0 as spreadsheets read it where a comma is the decimal mark


class Column(StrEnum):
    """The columns in their order; each has a heading."""

    DATE = "date"
    STARTED = "started"
    WALKER = "walker"
    DIRECTION = "direction"
    MINUTES = "minutes"
    DISTANCE = "distance"
    AVERAGE_SPEED = "average_speed"
    TOP_SPEED = "top_speed"
    TOP_INCLINE = "top_incline"
    CALORIES = "calories"
    PROGRAM = "program"
    OUTCOME = "outcome"
    STEPS = "steps"
    DISCOMFORT_BEFORE = "discomfort_before"
    DISCOMFORT_AFTER = "discomfort_after"
    KNEE = "knee"
    EFFORT = "effort"
    NOTE = "note"
    ID = "id"


def write_table(
    records: Iterable[SessionRecord],
    *,
    headings: Mapping[Column, str],
    words: Mapping[str, str],
    walkers: Mapping[str | None, str],
    tz: tzinfo,
    separator: Separator,
) -> bytes:
    """Return the bytes of a CSV file.

    `words` translates a direction as "direction_forward", and outcomes, programs and the knee alike; what it lacks is
    written as it is. `walkers` names walkers by ID and guests by None; a walker who was removed is left out. Times are
    local in `tz`.
    """
    comma = separator is Separator.COMMA
    table = StringIO(newline="")
    writer = csv.writer(table, delimiter="," if comma else ";", lineterminator="\r\n")
    writer.writerow([headings[column] for column in Column])
    for record in records:
        row = _row(record, words, walkers, tz)
        writer.writerow([_cell(row.get(column), "." if comma else ",") for column in Column])
    return f"{_BYTE_ORDER_MARK}{table.getvalue()}".encode(errors="replace")


def _row(
    record: SessionRecord, words: Mapping[str, str], walkers: Mapping[str | None, str], tz: tzinfo
) -> dict[Column, str | int | float | None]:
    """Return the values of a session; those that are not known are None. A float has its decimals."""
    started, logged = record.started.astimezone(tz), record.outcome is Outcome.LOGGED
    # Of a session that was entered by hand, only what was entered is known.
    far = record.distance > 0 or not logged
    average = record.distance / record.moving_time * 3.6 if record.moving_time > 0 else 0.0
    return {
        Column.DATE: f"{started:%Y-%m-%d}",
        Column.STARTED: f"{started:%H:%M}",
        Column.WALKER: walkers.get(record.walker),
        Column.DIRECTION: words.get(f"direction_{record.direction}", record.direction),
        Column.MINUTES: round(record.moving_time / 60, 2),
        Column.DISTANCE: round(record.distance, 1) if far else None,
        Column.AVERAGE_SPEED: round(average, 2) if far else None,
        Column.TOP_SPEED: None if logged else round(record.max_speed, 2),
        Column.TOP_INCLINE: None if logged else round(record.max_incline, 1),
        Column.CALORIES: round(record.calories),
        Column.PROGRAM: None if record.program is None else words.get(f"program_{record.program}", record.program),
        Column.OUTCOME: words.get(f"outcome_{record.outcome}", record.outcome),
        Column.STEPS: None if record.steps is None else round(record.steps),
        Column.DISCOMFORT_BEFORE: record.discomfort_before,
        Column.DISCOMFORT_AFTER: record.discomfort_after,
        Column.KNEE: None if record.knee is None else words.get(f"knee_{record.knee}", record.knee),
        Column.EFFORT: record.effort,
        Column.NOTE: record.note,
        Column.ID: record.id,
    }


def _cell(value: str | float | None, decimal_mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\0", "")
        runs = normalize("NFKC", text.lstrip()[:1]) in _FORMULA or text[:1] in {"\t", "\r", "\n"}
        return f"'{text}" if runs else text  # a note must not become a formula
    return f"{value}".replace(".", decimal_mark)
