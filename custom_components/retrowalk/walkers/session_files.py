"""The files of a treadmill's sessions: one for each year, and further ones for the months of a busy year.

A change writes a whole file, so that none may grow without end. Each file has a number of four digits. Versions up to
0.10.0 take every such number for a year, and a file counts there whatever it is called: they read all of them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, override

import orjson
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_fragment

from ..storage.damage import DAMAGE_ERRORS
from ..storage.disk import READ_ERRORS, DiskStore
from ..training.history.record import SessionRecord

MOST_SESSIONS: Final = 400
"""Sessions in the file of a year, about 250 kB; further ones of the year go by month."""
NUMBERS: Final = range(1000, 10000)
_CENTURY: Final = 2000
_BY_MONTH: Final = range(2021, 2100)
"""Years with files for months: the number of no such month, nor of such a year, has another meaning."""

type Row = orjson.Fragment
"""A stored session (SessionRecord.as_dict), already encoded as JSON, so that saving a file does not encode it again."""


class SessionFile(DiskStore):
    """One file of sessions."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        # Rows never change once they are created, so a thread may read them.
        super().__init__(hass, key, serialize_in_event_loop=False)

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Migrate version 1.0, which had only the gross calories."""
        if old_minor_version < 1:
            for row in rows_of(old_data):
                with suppress(*DAMAGE_ERRORS):  # an unreadable row is reported later
                    _migrate(row)
        return old_data


def rows_of(data: dict[str, Any]) -> list[Any]:
    """Return the rows of a file; raises one of DAMAGE_ERRORS without any."""
    rows = data["sessions"]
    if not isinstance(rows, list):
        raise TypeError(f"sessions must be a list, not {rows!r:.99}")
    return rows


def _migrate(row: dict[str, Any]) -> None:
    """Add the net calories to a session of version 1.0."""
    resting = (row.get("weight") or 0.0) * row["moving_time"] / 3600  # 1 kcal per kg and hour
    row.setdefault("calories_net", max(row["calories"] - resting, 0.0))


def parse_rows(rows: Sequence[Any]) -> tuple[list[tuple[SessionRecord, Row]], list[Any]]:
    """Return the sessions with their rows, and the unreadable rows."""
    found, unreadable = dict[str, tuple[SessionRecord, Row]](), []
    for row in rows:
        try:
            record = SessionRecord.from_dict(row)
            if record.id in found:
                raise ValueError(f"duplicate session ID {record.id}")
            found[record.id] = record, json_fragment(orjson.dumps(row))
        except READ_ERRORS:
            unreadable.append(row)
    return [*found.values()], unreadable


def number_of_month(started: datetime) -> int:
    """Return the number of the file for a month, as 2611 for November 2026; far years have none but their own."""
    if started.year not in _BY_MONTH:
        return started.year
    return (started.year - _CENTURY) * 100 + started.month


def name_of(number: int) -> str:
    """Return what a file is about: a year, or a month as 2026-11."""
    year, month = _CENTURY + number // 100, number % 100
    return f"{year}-{month:02}" if year in _BY_MONTH and 1 <= month <= 12 else str(number)


def number_for(record: SessionRecord, rows: Mapping[int, Mapping[str, Row]]) -> int:
    """Return the file for a session: the one that has it, that of its year, or that of its month once this is full."""
    year, month = record.started.year, number_of_month(record.started)
    for number in (year, month):
        if record.id in rows.get(number, ()):
            return number
    return year if len(rows.get(year, ())) < MOST_SESSIONS else month


def divided(rows: Mapping[int, Mapping[str, Row]], records: Mapping[str, SessionRecord]) -> dict[int, dict[str, Row]]:
    """Return the files to write, those that gain first, so that no file of a year has more than its sessions."""
    gaining, losing = dict[int, dict[str, Row]](), dict[int, dict[str, Row]]()
    for year, found in rows.items():
        if year not in _BY_MONTH or len(found) <= MOST_SESSIONS:
            continue
        losing[year] = {}
        for session_id, row in found.items():
            month = number_of_month(records[session_id].started)
            files, before = (losing, {}) if month == year else (gaining, rows.get(month, {}))
            files.setdefault(month, {**before})[session_id] = row
    return gaining | losing
