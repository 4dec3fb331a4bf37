"""Reads programs of QZ (qdomyos-zwift): rows of a duration or a distance, a speed and an inclination.

QZ also steers bikes by resistance and people by their heart rate. A treadmill program can hold neither, so that such
rows are noted, and a file of nothing else is refused.
"""

import re
from collections.abc import Iterator

from ..programs.steps import FASTEST, STEEPEST, Group, Ramp, Step, at_most
from ..units import Speed
from .common import (
    DEEPEST_READ,
    FARTHEST,
    constant,
    cut,
    is_text,
    lost,
    not_read,
    not_read_around,
    not_too_deep,
    repeats,
    seconds_for,
)
from .errors import FormatError, FormatErrorKey
from .imported import Draft
from .markup import Element
from .notes import NoteKey, Notes

_DURATION = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)", re.ASCII)
_NO_INCLINE = -200.0
"""QZ writes this where a row has no inclination."""
_BOUNDS = ("minspeed", "maxspeed")
_STEERING = frozenset({"powerzone", "zonehr", "hrmin", "hrmax", "looptimehr", "mets"})
_STEERED = ("resistance", "cadence", "power")
"""Ends of the names of what QZ steers and a treadmill has not: lower_resistance, average_cadence..."""
_NOTHING = frozenset({"", "0", "-1"})
"""What stands there where nothing is steered."""
_OFF_BY = 1.05
"""Times that two lengths of one row may be apart."""
_KNOWN = frozenset({"duration", "distance", "speed", "speedfrom", "speedto", "inclination", "forcespeed", *_BOUNDS})


def read_qz(rows: Element) -> Draft:
    """Return what the rows of a file say. Raises FormatError.

    A speed is taken whether or not QZ is to force it.
    """
    device = rows.attributes.get("device", "treadmill")
    if device.strip().lower() != "treadmill":
        raise rows.wrong("device")
    reader = _Rows()
    not_read_around(rows, frozenset({"device"}), reader.notes)
    steps = at_most(reader.read(rows))
    if reader.steers_nothing:
        raise FormatError(FormatErrorKey.STEERS_NOTHING)
    return Draft(steps=steps, notes=reader.notes)


class _Rows:
    """Reads one row after the other, and knows the speed that a row without one goes on with."""

    def __init__(self) -> None:
        self.notes = Notes()
        self._held: float | None = None
        self._steers, self._steers_otherwise = False, False

    @property
    def steers_nothing(self) -> bool:
        """Whether the rows steer something, but nothing that a treadmill has."""
        return self._steers_otherwise and not self._steers

    def read(self, rows: Element) -> Iterator[Step | Group]:
        """Yield the steps of the rows."""
        for row in rows.children:
            if row.name == "row":
                yield from cut((self._row(row),), row, self.notes)
            elif row.name == "repeat":
                yield from self._repeat(row)
            elif is_text(row):
                lost(row, self.notes)
            else:
                raise row.unknown()

    def _repeat(self, rows: Element) -> Iterator[Step | Group]:
        times = repeats(rows, "times")
        not_read_around(rows, frozenset({"times"}), self.notes)
        if _depends_on_before(rows):
            # What the last row leaves behind is not what was before the first repeat.
            for _ in range(times):
                yield from self.read(rows)
        else:
            yield Group(repeat=times, steps=at_most(self.read(rows)))

    def _row(self, row: Element) -> Step:
        otherwise = [name for name in row.attributes if _steers_otherwise(name)]
        not_steered = sorted(name for name in otherwise if row.attributes[name].strip() not in _NOTHING)
        own = _speed(row)
        ramp = {"speedfrom", "speedto"} <= row.attributes.keys()
        not_read(row, _KNOWN.difference({"speed"} if ramp else ()).union(otherwise), self.notes)
        speed = self._bounded(row, own)
        incline = self._incline(row)
        self.notes.incline(incline, row.place)
        self._note(row, own, incline, not_steered)
        if not speed and not not_steered:
            self.notes.add(NoteKey.NO_SPEED, row.place)
        seconds = self._seconds(row, speed)
        return Step(seconds=seconds, speed=speed, incline=constant(incline))

    def _seconds(self, row: Element, speed: Ramp | None) -> float:
        """Return how long a row is; if it says both, QZ goes by the distance."""
        kilometers = row.number("distance", highest=FARTHEST / 1000)
        if not kilometers:
            return _duration(row)
        seconds = seconds_for(row.place, kilometers * 1000, speed)
        said = _clock(row)
        if said and not seconds / _OFF_BY < said < seconds * _OFF_BY:
            self.notes.add(NoteKey.NOT_READ, row.place, name="duration")
        return seconds

    def _incline(self, row: Element) -> float | None:
        incline = row.number("inclination", lowest=_NO_INCLINE, highest=STEEPEST)
        if incline is None or incline == _NO_INCLINE:
            return None
        if incline < DEEPEST_READ:
            raise row.wrong("inclination")
        return not_too_deep(incline, row.place, self.notes)

    def _bounded(self, row: Element, speed: Ramp | None) -> Ramp | None:
        """Return a row's speed inside its bounds, which hold for the speed of the row before, too."""
        least, most = (row.number(name, highest=FASTEST) or None for name in _BOUNDS)
        if least is not None and most is not None and least > most:
            raise row.wrong("minspeed")
        asked = speed or constant(self._held)
        if asked is not None:
            bounded = Ramp(_inside(asked.start, least, most), _inside(asked.end, least, most))
            if bounded != asked:
                self.notes.add(NoteKey.BOUNDED, row.place, asked=_ends(asked), becomes=_ends(bounded))
                speed = bounded
            self._held = bounded.end
        return speed

    def _note(self, row: Element, speed: Ramp | None, incline: float | None, not_steered: list[str]) -> None:
        if speed or incline is not None:
            self._steers = True
        if not_steered:
            self._steers_otherwise = True
            names = ", ".join(not_steered)
            if speed:
                self.notes.add(NoteKey.NOT_READ, row.place, name=names)
            else:
                self.notes.add(NoteKey.NOT_STEERED, row.place, name=names)
        if speed and row.attributes.get("forcespeed", "").strip() != "1":
            self.notes.add(NoteKey.NOT_FORCED)


def _depends_on_before(rows: Element) -> bool:
    """Return whether a row without a speed bounds the one that it goes on with."""
    return any(
        _depends_on_before(row)
        if row.name == "repeat"
        else any(name in row.attributes for name in _BOUNDS) and not {"speed", "speedfrom"} & row.attributes.keys()
        for row in rows.children
    )


def _steers_otherwise(name: str) -> bool:
    return name in _STEERING or name.endswith(_STEERED)


def _inside(kmh: float, least: float | None, most: float | None) -> float:
    return min(max(kmh, least or kmh), most or FASTEST)


def _ends(ramp: Ramp) -> Speed:
    return Speed(ramp.start) if ramp.start == ramp.end else Speed(ramp.start, ramp.end)


def _speed(row: Element) -> Ramp | None:
    start, end = (row.number(name, highest=FASTEST) for name in ("speedfrom", "speedto"))
    if start and end:
        return Ramp(start, end)
    if start is None and end is None:
        return constant(row.number("speed", highest=FASTEST) or None)  # to QZ, 0 is no speed either
    raise row.wrong("speedto" if start else "speedfrom")


def _duration(row: Element) -> float:
    if not (total := _clock(row)):
        raise row.wrong("duration")
    return total


def _clock(row: Element) -> float:
    """Return the seconds of a row's duration; 0 without one that can be read."""
    found = _DURATION.fullmatch(row.attributes.get("duration", "").strip())
    hours, minutes, seconds = map(int, found.groups()) if found else (0, 0, 0)
    return float(hours * 3600 + minutes * 60 + seconds)
