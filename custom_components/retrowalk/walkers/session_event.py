"""A finished session as an event of the calendar, and what somebody who edits the event means by it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ..errors import ErrorKey, wrong
from ..training.history.record import SessionRecord
from ..training.limits import Direction
from ..training.report.session import FigureChangedError, lines, read_note
from ..training.report.words import Words
from .walker import GUEST, Walker
from .words import guest

PLANNED: Final = "planned."
"""Begins the ID of an event that is only planned."""
_INPUT_GRAIN: Final = timedelta(minutes=1)
"""The dialog may leave out the seconds."""


class SessionEvents:
    """The events of one treadmill's sessions in the words of the house."""

    def __init__(self, words: Words, walkers: Iterable[Walker], hidden: set[str]) -> None:
        """Take the walkers of the treadmill, and those whose ratings and notes not everybody may see."""
        self._words = words
        self._names: dict[str | None, str] = {walker.id: walker.name for walker in walkers} | {None: guest(words)}
        self._hidden = hidden

    def title(self, record: SessionRecord) -> str:
        """Return the title of a session; without a walker if they were removed."""
        return self._title(record, record.direction, record.walker)

    def description(self, record: SessionRecord) -> str:
        """Return what there is to tell of a session, a line each, and then the note."""
        note = record.note if self._is_told(record) else None
        return "\n".join([*self._lines(record), *([note] if note else [])])

    def changes(self, record: SessionRecord, event: Mapping[str, Any]) -> dict[str, str]:
        """Return the fields of the action *Edit session* that an edited event means; raise for all others.

        Only what nobody has measured can be corrected: who walked, which way, and the note.
        """
        times = (event["dtstart"], record.started), (event["dtend"], record.ended)
        if event.get("rrule") or event.get("location") or not all(_same(shown, known) for shown, known in times):
            raise wrong(ErrorKey.EVENT_FIXED)
        return {**self._renamed(record, event["summary"].strip()), **self._noted(record, event.get("description", ""))}

    def _renamed(self, record: SessionRecord, title: str) -> dict[str, str]:
        if title == self.title(record):
            return {}
        possible = {
            self._title(record, direction, walker): {"direction": direction.value, "walker": walker or GUEST}
            for direction in Direction
            for walker in self._names
        }
        for known, meant in possible.items():
            if known.casefold() == title.casefold():
                return meant
        raise wrong(ErrorKey.EVENT_TITLE_UNKNOWN, titles=", ".join(possible))

    def _noted(self, record: SessionRecord, description: str) -> dict[str, str]:
        told = self._lines(record)
        try:
            note = read_note(description, told)
        except FigureChangedError as err:
            raise wrong(ErrorKey.EVENT_FIXED) from err
        if note == read_note(self.description(record), told):
            return {}
        if not self._is_told(record):
            raise wrong(ErrorKey.EVENT_NOTE_PRIVATE, walker=self._names[record.walker])
        return {"note": note}

    def _title(self, record: SessionRecord, direction: Direction, walker: str | None) -> str:
        way = self._words.value(f"direction_{direction}", direction)
        title = self._words.by_key["session_summary"].format(minutes=f"{record.moving_time / 60:.0f}", direction=way)
        name = self._names.get(walker)
        return f"{title} \N{MIDDLE DOT} {name}" if name else title

    def _lines(self, record: SessionRecord) -> list[str]:
        return lines(record, self._words, personal=self._is_told(record))

    def _is_told(self, record: SessionRecord) -> bool:
        """Return whether ratings and note are told: Home Assistant does not say who looks at the calendar."""
        return record.walker not in self._hidden


def _same(shown: object, known: datetime) -> bool:
    return isinstance(shown, datetime) and abs(shown - known) < _INPUT_GRAIN
