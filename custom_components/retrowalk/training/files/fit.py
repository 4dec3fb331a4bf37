"""Writes a finished session as a FIT activity, which Garmin Connect, Strava, intervals.icu and others take.

FIT knows no backward sport: the file says walking on a treadmill, and the title says that it was backward. What is in
it is decided in `summary`. Numbers of messages and fields, and their units, are those of the FIT profile.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zlib import crc32

from ..history.record import SessionRecord
from ..history.track import Track
from .fit_messages import Field, FitFile, seconds
from .summary import Part, Summary
from .timeline import STEPS_IN_STRIDE, Point

_FILE_ID, _SPORT, _SESSION, _LAP, _RECORD, _EVENT, _DEVICE_INFO, _ACTIVITY = 0, 12, 18, 19, 20, 21, 23, 34
_TIMESTAMP, _MESSAGE_INDEX = 253, 254
_ACTIVITY_FILE, _DEVELOPMENT = 4, 255  # kind of file; the manufacturer number for those who have none
_WALKING, _GENERIC, _TREADMILL = 11, 0, 1
_TIMER, _OF_SESSION, _OF_LAP, _OF_ACTIVITY = 0, 8, 9, 26  # events
_START, _STOP, _STOP_ALL = 0, 1, 4
_SESSION_END, _FITNESS_EQUIPMENT = 7, 8  # why a lap ended
_CREATOR, _MACHINE = 0, 1  # numbers of devices
_BLUETOOTH_LOW_ENERGY, _LOCAL = 3, 5  # how a device is connected
_HALF_A_CYCLE = 64
_LAP_ENDS, _TIMER_STARTS, _POINT, _TIMER_STOPS, _FINAL_LAP_ENDS = range(5)
"""What comes first of what happens in the same second."""


def write_fit(
    record: SessionRecord, title: str, tz: tzinfo = UTC, *, track: Track | None = None, machine: str | None = None
) -> bytes:
    """Return the bytes of a FIT file.

    `title` names the session and `machine` its treadmill; readers see the times of the session in `tz`.
    """
    session = Summary.of(record, track)
    whole = session.whole
    sub_sport = _TREADMILL if session.treadmill else _GENERIC
    file = FitFile()
    file.add(
        _FILE_ID,
        [
            (0, "enum", _ACTIVITY_FILE),
            (1, "u16", _DEVELOPMENT),
            (2, "u16", 0),
            # So that two people's sessions of the same second are not taken for one.
            (3, "u32z", crc32(record.id.encode())),
            (4, "u32", whole.started),
            (8, "string", "Retrowalk"),
        ],
    )
    _add_device(file, whole.started, _CREATOR, _LOCAL, "Retrowalk")
    if session.treadmill and machine:
        _add_device(file, whole.started, _MACHINE, _BLUETOOTH_LOW_ENERGY, machine)
    file.add(_SPORT, [(0, "enum", _WALKING), (1, "enum", sub_sport), (3, "string", title)])
    for message, fields in _in_order(session, sub_sport):
        file.add(message, fields)
    file.add(
        _SESSION,
        [
            (_TIMESTAMP, "u32", whole.ended),
            *_totals(whole, speed=14, heart_rate=16, lowest_heart_rate=64, cadence=18, ascent=22, half_cycle=94),
            (_MESSAGE_INDEX, "u16", 0),
            (0, "enum", _OF_SESSION),
            (5, "enum", _WALKING),
            (6, "enum", sub_sport),
            (25, "u16", 0),  # the first lap
            (26, "u16", len(session.laps)),
            (28, "enum", 0),  # it ended with the activity
            (55, "s16", None if session.top_incline is None else session.top_incline * 100),
            (110, "string", title),
            (192, "u8", session.feel),
            (193, "u8", session.effort),
        ],
    )
    offset = whole.ended.astimezone(tz).utcoffset() or timedelta()
    file.add(
        _ACTIVITY,
        [
            (_TIMESTAMP, "u32", whole.ended),
            (0, "u32", whole.amounts.moving),
            (1, "u16", 1),  # sessions
            (2, "enum", 0),  # started by hand
            (3, "enum", _OF_ACTIVITY),
            (4, "enum", _STOP),
            (5, "u32", seconds(whole.ended) + offset.total_seconds()),
        ],
    )
    return file.content()


def _add_device(file: FitFile, time: datetime, number: int, connection: int, name: str) -> None:
    file.add(
        _DEVICE_INFO,
        [
            (_TIMESTAMP, "u32", time),
            (0, "u8", number),
            (2, "u16", _DEVELOPMENT),
            (25, "enum", connection),
            (27, "string", name),
        ],
    )


def _in_order(session: Summary, sub_sport: int) -> Iterator[tuple[int, list[Field]]]:
    """Yield what happened as messages, in order: the timer, the points, and each lap once it has ended."""
    started = session.whole.started
    rows: list[tuple[datetime, int, int, list[Field]]] = []
    for begin, end in session.stretches:
        for second, order, kind in ((begin, _TIMER_STARTS, _START), (end, _TIMER_STOPS, _STOP_ALL)):
            fields: list[Field] = [(0, "enum", _TIMER), (1, "enum", kind)]
            rows.append((started + timedelta(seconds=second), order, _EVENT, fields))
    rows += (
        (started + timedelta(seconds=point.second), _POINT, _RECORD, _point(point)) for point in session.whole.points
    )
    for number, lap in enumerate(session.laps):
        final = lap is session.laps[-1]
        order = _FINAL_LAP_ENDS if final else _LAP_ENDS
        rows.append((lap.ended, order, _LAP, _lap(lap, number, sub_sport, final=final)))
    for time, _, message, fields in sorted(rows, key=lambda row: row[:2]):
        yield message, [(_TIMESTAMP, "u32", time), *fields]


def _point(point: Point) -> list[Field]:
    return [
        (5, "u32", point.distance),
        (6, "u16", point.speed),
        (9, "s16", None if point.grade is None else point.grade * 100),
        (3, "u8", point.heart_rate),
        (4, "u8", point.cadence),
    ]


def _lap(lap: Part, number: int, sub_sport: int, *, final: bool) -> list[Field]:
    return [
        *_totals(lap, speed=13, heart_rate=15, lowest_heart_rate=63, cadence=17, ascent=21, half_cycle=82),
        (_MESSAGE_INDEX, "u16", number),
        (0, "enum", _OF_LAP),
        (24, "enum", _SESSION_END if final else _FITNESS_EQUIPMENT),
        (25, "enum", _WALKING),
        (39, "enum", sub_sport),
    ]


def _totals(
    part: Part, *, speed: int, heart_rate: int, lowest_heart_rate: int, cadence: int, ascent: int, half_cycle: int
) -> Iterator[Field]:
    """Yield the fields of a session or a lap, whose numbers differ in part."""
    amounts, rates, strides = part.amounts, part.heart_rate, part.cadence
    yield 1, "enum", _STOP
    yield 2, "u32", part.started
    yield 7, "u32", amounts.elapsed
    yield 8, "u32", amounts.moving
    yield 9, "u32", amounts.distance
    yield 11, "u16", amounts.calories
    yield speed, "u16", part.average_speed
    yield speed + 1, "u16", part.top_speed
    if amounts.steps is not None:
        cycles, half = divmod(amounts.steps, STEPS_IN_STRIDE)
        yield 10, "u32", cycles
        yield half_cycle, "u8", half * _HALF_A_CYCLE or None
    yield ascent, "u16", amounts.ascent
    yield ascent + 1, "u16", amounts.descent
    if rates is not None:
        yield heart_rate, "u8", rates.average
        yield heart_rate + 1, "u8", rates.highest
        yield lowest_heart_rate, "u8", rates.lowest
    yield cadence, "u8", part.average_cadence
    yield cadence + 1, "u8", None if strides is None else strides.highest
