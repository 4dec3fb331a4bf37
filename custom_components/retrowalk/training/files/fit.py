"""Writes a finished session as a FIT activity, which Garmin Connect, Strava, intervals.icu and others take.

FIT knows no backward sport: the file says walking on a treadmill, and the title says that it was backward. The track is
two points (see `summary`). Numbers of messages and fields are those of the FIT profile.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from struct import pack
from zlib import crc32

from ..history.record import SessionRecord
from .summary import Summary

type _Value = float | str | datetime
type _Field = tuple[int, str, _Value | None]  # number, base type, value; without a value the field is left out

_EPOCH = 631_065_600  # 1989-12-31, in Unix time
_PROTOCOL, _PROFILE = 0x20, 21194
_BASE_TYPES = {"enum": (0x00, "B"), "s16": (0x83, "h"), "u16": (0x84, "H"), "u32": (0x86, "I"), "u32z": (0x8C, "I")}
_STRING = 0x07
_LONGEST_STRING = 80  # bytes

_FILE_ID, _SPORT, _SESSION, _LAP, _RECORD, _EVENT, _ACTIVITY = 0, 12, 18, 19, 20, 21, 34
_TIMESTAMP, _MESSAGE_INDEX = 253, 254
_ACTIVITY_FILE, _DEVELOPMENT = 4, 255  # kind of file; the manufacturer number for those who have none
_WALKING, _GENERIC, _TREADMILL = 11, 0, 1
_TIMER, _OF_SESSION, _OF_LAP, _OF_ACTIVITY = 0, 8, 9, 26  # events
_START, _STOP, _STOP_ALL = 0, 1, 4
_SESSION_END = 7  # why a lap ended


def write_fit(record: SessionRecord, title: str, tz: tzinfo = UTC) -> bytes:
    """Return the bytes of a FIT file; `title` names the session, and readers see its times in `tz`."""
    session = Summary.of(record)
    sub_sport = _TREADMILL if session.treadmill else _GENERIC
    average = None if session.average_speed is None else session.average_speed * 1000
    top = None if session.top_speed is None else session.top_speed * 1000
    totals: list[_Field] = [
        (_TIMESTAMP, "u32", session.ended),
        (2, "u32", session.started),
        (7, "u32", session.elapsed * 1000),
        (8, "u32", session.moving * 1000),
        (9, "u32", session.distance * 100),
        (11, "u16", session.calories),
        (1, "enum", _STOP),
    ]
    offset = session.ended.astimezone(tz).utcoffset()
    file = _File()
    file.add(
        _FILE_ID,
        (0, "enum", _ACTIVITY_FILE),
        (1, "u16", _DEVELOPMENT),
        (2, "u16", 0),
        # So that two people's sessions of the same second are not taken for one.
        (3, "u32z", crc32(record.id.encode()) or 1),
        (4, "u32", session.started),
        (8, "string", "Retrowalk"),
    )
    file.add(_SPORT, (0, "enum", _WALKING), (1, "enum", sub_sport), (3, "string", title))
    file.add(_EVENT, (_TIMESTAMP, "u32", session.started), (0, "enum", _TIMER), (1, "enum", _START))
    for time, distance in ((session.started, 0.0), (session.ended, session.distance)):
        file.add(_RECORD, (_TIMESTAMP, "u32", time), (5, "u32", distance * 100))
    file.add(_EVENT, (_TIMESTAMP, "u32", session.ended), (0, "enum", _TIMER), (1, "enum", _STOP_ALL))
    file.add(
        _LAP,
        *totals,
        (_MESSAGE_INDEX, "u16", 0),
        (0, "enum", _OF_LAP),
        (13, "u16", average),
        (14, "u16", top),
        (24, "enum", _SESSION_END),
        (25, "enum", _WALKING),
        (39, "enum", sub_sport),
    )
    file.add(
        _SESSION,
        *totals,
        (_MESSAGE_INDEX, "u16", 0),
        (0, "enum", _OF_SESSION),
        (5, "enum", _WALKING),
        (6, "enum", sub_sport),
        (14, "u16", average),
        (15, "u16", top),
        (25, "u16", 0),  # the first lap
        (26, "u16", 1),  # laps
        (28, "enum", 0),  # it ended with the activity
        (55, "s16", None if session.top_incline is None else session.top_incline * 100),
        (110, "string", title),
    )
    file.add(
        _ACTIVITY,
        (_TIMESTAMP, "u32", session.ended),
        (0, "u32", session.moving * 1000),
        (1, "u16", 1),  # sessions
        (2, "enum", 0),  # started by hand
        (3, "enum", _OF_ACTIVITY),
        (4, "enum", _STOP),
        (5, "u32", _seconds(session.ended) + (offset.total_seconds() if offset else 0)),
    )
    return file.bytes()


class _File:
    """Messages one after the other; each kind is described before its first one."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._kinds: dict[bytes, int] = {}

    def add(self, message: int, *fields: _Field) -> None:
        """Add one message; fields without a value are left out."""
        described, content = bytearray(), bytearray()
        number = 0
        for field, base_type, value in fields:
            if value is None:
                continue
            code, encoded = _encode(base_type, value)
            described += bytes((field, len(encoded), code))
            content += encoded
            number += 1
        kind = pack("<BBHB", 0, 0, message, number) + described  # little-endian
        if kind not in self._kinds:
            self._kinds[kind] = len(self._kinds)
            self._data += bytes((0x40 | self._kinds[kind],)) + kind
        self._data += bytes((self._kinds[kind],)) + content

    def bytes(self) -> bytes:
        """Return the whole file with its header and checksums."""
        header = pack("<BBHI4s", 14, _PROTOCOL, _PROFILE, len(self._data), b".FIT")
        file = header + pack("<H", _checksum(header)) + self._data
        return file + pack("<H", _checksum(file))


def _encode(base_type: str, value: _Value) -> tuple[int, bytes]:
    """Return the code of a base type, and a value in it; a number out of range becomes the nearest in range."""
    if isinstance(value, str):
        text = value.encode(errors="replace")[:_LONGEST_STRING].decode(errors="ignore")
        return _STRING, text.replace("\0", "").encode() + b"\0"
    code, letter = _BASE_TYPES[base_type]
    number = _seconds(value) if isinstance(value, datetime) else value
    bits = 8 * len(pack(f"<{letter}", 0))
    top = 2 ** (bits - 1 if letter == "h" else bits) - 1
    # The highest one means "no value".
    highest = top if base_type == "u32z" else top - 1
    return code, pack(f"<{letter}", round(min(max(number, 0), highest)))


def _seconds(time: datetime) -> float:
    return time.timestamp() - _EPOCH


def _checksum(data: Iterable[int]) -> int:
    """Return the CRC-16 of FIT (reflected, polynomial 0xA001, begins at 0)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
