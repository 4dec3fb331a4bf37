"""One step of somebody's list: its length, speed, incline and name, whatever they are called there.

A speed needs a unit, from the name of its column, from the value itself, from the list, or from somebody's answer.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from ..programs.steps import FASTEST, STEEPEST, Ramp, Step
from .common import DEEPEST_READ, FARTHEST, LONGEST, constant, label, not_too_deep, seconds_for
from .errors import FormatErrorKey, one_line
from .imported import Question, SpeedUnit, UnansweredError
from .notes import NoteKey, Notes, Place
from .pace import METERS, pace_columns, read_pace

_KMH_PER_MPH = 1.609344
_SPEED_UNITS = {
    **dict.fromkeys(("kilometersperhour", "kmperhour", "kmperh", "kmh", "kmph", "kph"), 1.0),
    **dict.fromkeys(("milesperhour", "miperhour", "mph", "mih"), _KMH_PER_MPH),
    **dict.fromkeys(("meterspersecond", "mps"), 3.6),
}
_TIME_UNITS = {
    **dict.fromkeys(("seconds", "second", "secs", "sec", "s", "sekunden", "sek"), 1.0),
    **dict.fromkeys(("minutes", "minute", "mins", "min", "minuten"), 60.0),
    **dict.fromkeys(("hours", "hour", "hrs", "h", "stunden"), 3600.0),
}
_CLOCKS = ("mmss", "hhmmss", "hmmss", "minsec")
_WHICH_ONE = ("second", "minute", "hour")
"""A column of this name tells which minute it is and not how many."""
_DISTANCE_UNITS = {
    **dict.fromkeys(("meters", "metres", "meter", "m"), 1.0),
    **dict.fromkeys(("kilometers", "kilometres", "kilometer", "km"), 1000.0),
    **dict.fromkeys(("miles", "mile", "mi"), 1609.344),
}
_INCLINE_UNITS = dict.fromkeys(("percent", "pct", "prozent", "%"), 1.0)
UNITS = ("unit", "units", "speedunit", "speedunits")
_FACTORS = {SpeedUnit.KMH: 1.0, SpeedUnit.MPH: _KMH_PER_MPH}
_PACES = {SpeedUnit.KMH: METERS["km"], SpeedUnit.MPH: METERS["mi"]}
_SPEED_UNIT_NAMES = {
    **dict.fromkeys(("metric", "km", "kmh", "kph", "kmph", "kilometersperhour"), SpeedUnit.KMH),
    **dict.fromkeys(("imperial", "miles", "mi", "mph", "milesperhour"), SpeedUnit.MPH),
}

_SPEEDS = (
    *("speed", "targetspeed", "velocity", "tempo", "geschwindigkeit"),
    *("vitesse", "velocidad", "velocità", "velocita", "snelheid"),
)
_INCLINES = (
    *("incline", "inclination", "grade", "gradient", "slope", "steigung", "neigung"),
    *("pente", "inclinaison", "inclinación", "inclinacion", "pendiente", "pendenza", "helling"),
)
_TIMES = (
    *("duration", "time", "length", "dauer", "zeit", ""),
    *("durée", "duree", "duración", "duracion", "durata", "duur"),
)
_DISTANCES = ("distance", "length", "strecke", "")
LABELS = (
    *("name", "label", "title", "titel", "bezeichnung", "nom", "nombre", "nome"),
    *("naam", "text", "segment", "phase", "type", "kind", "intensity", "description"),
    *("beschreibung", "notes", "note", "comment", "cue", "message", "step", "interval"),
)
REPEATS = ("repeat", "repeats", "repetitions", "reps", "times", "count", "wiederholungen")
_IDLE = frozenset(
    {"id", "uuid", "index", "idx", "nr", "no", "number", "order", "position", "color", "colour", "stepnumber"}
)
_STARTS, _ENDS = ("from", "start", "von"), ("to", "end", "bis")
_VALUE = re.compile(r"([+-]?\d{1,12}(?:[.,]\d{1,12})?)\s*([^\d\s]*)", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", re.ASCII)
_SPAN = re.compile(
    r"(?:pt)?(?:(\d{1,2}) ?h(?:ours?|rs?)? ?)?(?:(\d{1,4}) ?m(?:in(?:utes?|s)?)? ?)?"
    r"(?:(\d{1,5}(?:\.\d{1,3})?) ?s(?:ec(?:onds?|s)?)?)?",
    re.ASCII | re.IGNORECASE,
)
"""PT1H30M, 1m30s, 1h 5min; with one unit only if it begins with PT, for an m alone may be meters."""
_OFF_BY = 1.05
"""Times that two lengths of one step may be apart."""


def plain_name(name: object) -> str:
    """Return a name without what people write differently: capitals, spaces, brackets, strokes."""
    return re.sub(r"[\W_]+", "", str(name).lower().replace("%", "percent"))


def unit_named(value: object, place: Place) -> SpeedUnit | None:
    """Return the unit that somebody names, if it is one. Raises FormatError for one that no program has."""
    if not isinstance(value, str):
        return None
    if plain_name(value) in {"ms", "mps", "meterspersecond"}:
        raise place.wrong("unit", value)
    return _SPEED_UNIT_NAMES.get(plain_name(value))


def _span(value: object) -> float | None:
    """Return the seconds of a text of hours, minutes and seconds."""
    text = value.strip() if isinstance(value, str) else ""
    parts = found.groups() if (found := _SPAN.fullmatch(text)) else ()
    if len([part for part in parts if part]) < (1 if text[:2].lower() == "pt" else 2):
        return None
    return sum(float(part or 0) * by for part, by in zip(parts, (3600, 60, 1), strict=True))


@dataclass(frozen=True, slots=True)
class _Column:
    """What a name means: a kind of value, and the factor of the unit in it."""

    kind: str
    factor: float | None = None
    seconds: float | None = None  # of one in a pace


def _columns() -> Iterator[tuple[str, _Column]]:
    yield from ((name, _Column("label")) for name in LABELS)
    yield from ((name, _Column("repeat")) for name in REPEATS)
    yield from ((f"{name}{clock}", _Column("time")) for name in _TIMES for clock in ("", *_CLOCKS) if name or clock)
    yield from (
        (f"{name}{unit}", _Column("time", by))
        for name in _TIMES
        for unit, by in _TIME_UNITS.items()
        if name or unit not in _WHICH_ONE
    )
    yield from (
        (f"{name}{unit}", _Column("distance", by)) for name in _DISTANCES for unit, by in _DISTANCE_UNITS.items()
    )
    yield "distance", _Column("distance")
    yield "strecke", _Column("distance")
    for kind, names, units in (("speed", _SPEEDS, _SPEED_UNITS), ("incline", _INCLINES, _INCLINE_UNITS)):
        for end, words in (("", ("",)), (" from", _STARTS), (" to", _ENDS)):
            for word in words:
                for name in {f"{each}{word}" for each in names} | {f"{word}{each}" for each in names}:
                    yield name, _Column(f"{kind}{end}")
                    yield from ((f"{name}{unit}", _Column(f"{kind}{end}", by)) for unit, by in units.items())
    yield from ((unit, _Column("speed", by)) for unit, by in _SPEED_UNITS.items())
    yield from ((name, _Column("pace", meters, seconds)) for name, meters, seconds in pace_columns())


_COLUMNS = {name: column for name, column in _columns() if name not in {"m", "times"}} | {"times": _Column("repeat")}


def kinds_of(names: Iterable[object]) -> set[str]:
    """Return what kinds of values the names of a table's columns mean."""
    return {_COLUMNS[plain].kind for name in names if (plain := plain_name(name)) in _COLUMNS}


class StepFields:
    """The values of one step by their names."""

    def __init__(self, values: Mapping[str, object], place: Place, unit: SpeedUnit | None, notes: Notes) -> None:
        self._place = place
        self._unit = unit
        self._notes = notes
        self._given: dict[str, list[tuple[str, _Column, object]]] = {}
        for name, value in values.items():
            plain = plain_name(name)
            if value is None or (isinstance(value, str) and not value.strip()) or plain in _IDLE or not plain:
                continue
            if plain in UNITS and (unit := unit_named(value, place)) is not None:
                self._unit = unit
            elif (column := _COLUMNS.get(plain)) is None:
                notes.add(NoteKey.NOT_READ, place, name=one_line(str(name))[:40])
            else:
                self._given.setdefault(column.kind, []).append((str(name), column, value))

    def step(self) -> Step:
        """Return the step. Raises FormatError for one that cannot be walked."""
        speed, incline = self._ramp("speed", self._speed), self._ramp("incline", self._incline)
        if speed is not None:
            self.not_read("pace")
        elif (pace := self._one("pace")) is not None:
            speed = constant(self._pace(*pace))
        else:
            self._notes.add(NoteKey.NO_SPEED, self._place)
        self._notes.incline(max(abs(incline.start), abs(incline.end)) if incline else None, self._place)
        return Step(seconds=self._seconds(speed), speed=speed, incline=incline, label=self.label())

    def not_read(self, *kinds: str) -> None:
        """Note the values of these kinds."""
        for name in (name for kind in kinds for name, _, _ in self._given.get(kind, ())):
            self._notes.add(NoteKey.NOT_READ, self._place, name=one_line(name)[:40])

    def read_nothing_but(self, *kinds: str) -> None:
        """Note the values of all other kinds."""
        self.not_read(*sorted(self._given.keys() - {*kinds}))

    def label(self) -> str | None:
        """Return the first text that names the step; what else is written there is noted."""
        found = sorted(self._given.get("label", ()), key=lambda each: LABELS.index(plain_name(each[0])))
        texts = [(name, one_line(value)) for name, _, value in found if isinstance(value, str)]
        texts = [(name, text) for name, text in texts if not text.replace(".", "").isdigit()]
        for name, _ in texts[1:]:
            self._notes.add(NoteKey.NOT_READ, self._place, name=name[:40])
        return label(texts[0][1]) if texts else None

    def repeat(self) -> int:
        """Return how often it is done; once where it does not say."""
        given = self._one("repeat")
        if given is None:
            return 1
        name, _, value = given
        times, tail = self._number(name, value)
        if times != int(times) or tail:
            raise self._place.wrong(name, value)
        return int(times)

    def _one(self, kind: str) -> tuple[str, _Column, object] | None:
        """Return the value of a kind, which may be given once."""
        given = self._given.get(kind, [])
        for name, _, value in given[1:]:
            raise self._place.wrong(name, value)
        return given[0] if given else None

    def _number(self, name: str, value: object) -> tuple[float, str]:
        """Return a number, and the unit behind it."""
        if isinstance(value, str):
            if (found := _VALUE.fullmatch(value.strip())) is None:
                raise self._place.wrong(name, value)
            return float(found[1].replace(",", ".")), found[2].lower().replace("/", "")
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
            raise self._place.wrong(name, value if isinstance(value, int | float) else "…")
        return float(value), ""

    # Length

    def _seconds(self, speed: Ramp | None) -> float:
        times = [self._time(*given) for given in self._given.get("time", ())]
        if not times:
            return self._way(speed)
        seconds = times[0]
        if len(times) > 1 and len({round(each, 3) for each in times}) > 1:
            seconds = self._sum(times)
        if "distance" in self._given and not (
            speed and seconds / _OFF_BY < self._way(speed, named=False) < seconds * _OFF_BY
        ):
            self.not_read("distance")
        return seconds

    def _sum(self, times: list[float]) -> float:
        """Return minutes and seconds together; two lengths that say something else cannot both be right."""
        short, long = min(times), max(times)
        if len(times) > 2 or short >= 60 or (short and long % 60):
            name, _, value = self._given["time"][-1]
            raise self._place.wrong(name, value)
        return short + long

    def _time(self, name: str, column: _Column, value: object) -> float:
        if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
            hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            total = float(hours * 3600 + minutes * 60 + seconds)
        elif (span := _span(value)) is not None:
            total = span
        else:
            amount, tail = self._number(name, value)
            factor = self._factor(name, value, column, _TIME_UNITS, tail)
            if factor is None:
                self._notes.add(NoteKey.PLAIN_SECONDS, self._place, name=name[:40])
            total = amount * (factor or 1.0)
        if not 0 <= total <= LONGEST or (not total and len(self._given["time"]) == 1):
            raise self._place.wrong(name, value)
        return total

    def _way(self, speed: Ramp | None, *, named: bool = True) -> float:
        """Return how long the distance takes; `named` is whether its unit has to be."""
        given = self._one("distance")
        if given is None:
            raise self._place.missing("duration")
        name, column, value = given
        amount, tail = self._number(name, value)
        factor = self._factor(name, value, column, _DISTANCE_UNITS, tail)
        if factor is None and not named:
            return 0.0
        if factor is None or not 0 < amount * factor <= FARTHEST:
            raise self._place.wrong(name, value)
        return seconds_for(self._place, amount * factor, speed)

    def _factor(self, name: str, value: object, column: _Column, units: Mapping[str, float], tail: str) -> float | None:
        """Return the factor of the unit behind a value or in its column's name; None where neither has one."""
        if not tail:
            return column.factor
        factor = units.get(tail)
        if factor is None or column.factor not in (None, factor):
            raise self._place.wrong(name, value)
        return factor

    # Speed and incline

    def _ramp(self, kind: str, read: Callable[[str, _Column, object], float]) -> Ramp | None:
        one, start, end = (self._one(f"{kind}{part}") for part in ("", " from", " to"))
        if start or end:
            for name, _, value in filter(None, (one,)):
                raise self._place.wrong(name, value)
            if start is None or end is None:
                raise self._place.missing(f"{kind} {'to' if start else 'from'}")
            return Ramp(read(*start), read(*end))
        if one is None:
            return None
        name, column, value = one
        if isinstance(value, Mapping):
            ends = {plain_name(key): each for key, each in value.items()}
            starts = [ends[word] for word in _STARTS if word in ends]
            stops = [ends[word] for word in _ENDS if word in ends]
            if len(ends) != 2 or len(starts) != 1 or len(stops) != 1:
                raise self._place.wrong(name, "…")
            return Ramp(read(name, column, starts[0]), read(name, column, stops[0]))
        return constant(read(name, column, value))

    def _speed(self, name: str, column: _Column, value: object) -> float:
        amount, tail = self._number(name, value)
        if not amount:
            raise self._place.error(FormatErrorKey.STANDING_REST)
        factor = self._factor(name, value, column, _SPEED_UNITS, tail)
        if factor is None:
            if self._unit is None:
                raise UnansweredError(Question.UNIT)
            factor = _FACTORS[self._unit]
        kmh = round(amount * factor, 3)
        if not 0 < kmh <= FASTEST:
            raise self._place.wrong(name, value)
        return kmh

    def _pace(self, name: str, column: _Column, value: object) -> float:
        found = read_pace(str(value), column.seconds)
        if found is None or (found[1] and column.factor not in (None, found[1])):
            raise self._place.wrong(name, value if isinstance(value, str | int | float) else "…")
        if (meters := found[1] or column.factor) is None:
            if self._unit is None:
                raise UnansweredError(Question.UNIT)
            meters = _PACES[self._unit]
        kmh = round(meters / found[0] * 3.6, 3)
        if not 0 < kmh <= FASTEST:
            raise self._place.wrong(name, value)
        return kmh

    def _incline(self, name: str, column: _Column, value: object) -> float:
        percent, tail = self._number(name, value)
        self._factor(name, value, column, _INCLINE_UNITS, tail)
        if not (isfinite(percent) and DEEPEST_READ <= percent <= STEEPEST):
            raise self._place.wrong(name, value)
        return not_too_deep(percent, self._place, self._notes)
