"""Treadmill Data (2ACD) of the Fitness Machine Service 1.0: from notifications to records."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

MAX_RECORD_AGE = 2.0
"""Seconds within which all parts of a split record must arrive; they are sent back to back."""

_FLAGS_SIZE = 2
_MORE_DATA = 1 << 0
_STEPS = 1 << 13

_NO_S16 = frozenset({0x7FFF})
_NO_U16 = frozenset({0xFFFF})
_NO_U8 = frozenset({0xFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class TreadmillData:
    """One Treadmill Data record (2ACD, FTMS 1.0 section 4.4); None where absent or "not available"."""

    more_data: bool = False  # the rest of this record comes in the next notification
    speed: float | None = None  # km/h
    average_speed: float | None = None  # km/h
    distance: int | None = None  # m
    inclination: float | None = None  # %
    ramp_angle: float | None = None  # degrees
    elevation_gain: float | None = None  # m
    elevation_loss: float | None = None  # m
    energy: int | None = None  # kcal
    energy_per_hour: int | None = None  # kcal/h
    energy_per_minute: int | None = None  # kcal/min
    heart_rate: int | None = None  # bpm
    metabolic_equivalent: float | None = None  # MET
    elapsed_time: int | None = None  # s
    remaining_time: int | None = None  # s
    force_on_belt: int | None = None  # N
    power: int | None = None  # W
    steps: int | None = None  # from the non-standard tail some machines send
    truncated: bool = False  # the flags promised more standard fields than arrived


class _Field(NamedTuple):
    """The layout of a field of Treadmill Data; one without a name is skipped."""

    name: str
    size: int
    divisor: int = 1
    signed: bool = False
    absent: frozenset[int] = frozenset()


# The pace is not needed: it is the inverse of the speed, and editions of the standard disagree about it (see _plan).
_PACE = _Field("", 1)

# By flag bit. The standard has no "not available" for an elevation loss and a remaining time, but machines send one.
_LAYOUT = (
    (_Field("speed", 2, 100),),
    (_Field("average_speed", 2, 100),),
    (_Field("distance", 3),),
    (_Field("inclination", 2, 10, True, _NO_S16), _Field("ramp_angle", 2, 10, True, _NO_S16)),
    (_Field("elevation_gain", 2, 10), _Field("elevation_loss", 2, 10, False, _NO_S16 | _NO_U16)),
    (_PACE,),
    (_PACE,),
    (
        _Field("energy", 2, absent=_NO_U16),
        _Field("energy_per_hour", 2, absent=_NO_U16),
        _Field("energy_per_minute", 1, absent=_NO_U8),
    ),
    (_Field("heart_rate", 1),),
    (_Field("metabolic_equivalent", 1, 10),),
    (_Field("elapsed_time", 2),),
    (_Field("remaining_time", 2, absent=_NO_U16),),
    (_Field("force_on_belt", 2, 1, True, _NO_S16), _Field("power", 2, 1, True, _NO_S16)),
)
_STEPS_FIELD = _Field("steps", 2)


class _Plan(NamedTuple):
    """Where in a message the fields are that arrived whole."""

    places: tuple[tuple[int, int, _Field], ...]  # start, end, field
    truncated: bool


@lru_cache(maxsize=64)  # a machine uses one to three layouts; a hostile one must not fill the memory
def _plan(flags: int, length: int) -> _Plan:
    """Lay out a message of `length` bytes with these flags.

    A pace is u8 in the 2017 standard and u16 in the present one, and no flag tells which: the width that makes the
    message come out even is taken, the narrow one if neither does. The steps that KingSmith announces with reserved
    bit 13 are a u16 and a zero byte; as the bit promises nothing by the standard, a message without them is whole.
    """
    present = flags ^ _MORE_DATA  # inverted: the speed comes with the last part of a record
    fields = [field for bit, group in enumerate(_LAYOUT) if present >> bit & 1 for field in group]
    narrow = _FLAGS_SIZE + sum(field.size for field in fields)
    paces = fields.count(_PACE)
    tails = (3, 0) if flags & _STEPS else (0,)
    widening = next((wide for tail in tails for wide in (0, 1) if narrow + paces * wide + tail == length), 0)

    if flags & _STEPS:
        fields.append(_STEPS_FIELD)
    places = []
    end = _FLAGS_SIZE
    for field in fields:
        start, end = end, end + field.size + (widening if field is _PACE else 0)
        if end > length:
            break
        if field.name:
            places.append((start, end, field))
    return _Plan(tuple(places), truncated=length < narrow)


class _Part(NamedTuple):
    """One notification: the fields it carries, by name."""

    values: dict[str, Any]
    more_data: bool
    truncated: bool


def _read_part(data: bytes, *, steps: bool) -> _Part:
    flags = int.from_bytes(data[:_FLAGS_SIZE], "little") if len(data) >= _FLAGS_SIZE else 0
    plan = _plan(flags, len(data))
    values: dict[str, Any] = {}
    for start, end, (name, _, divisor, signed, absent) in plan.places:
        raw = int.from_bytes(data[start:end], "little", signed=signed)
        if raw in absent:
            values[name] = None
        else:
            # Dividing gives the float nearest to the decimal, 2.01; multiplying by 0.01 would give 2.0100000000000002.
            values[name] = raw / divisor if divisor > 1 else raw
    if not steps:
        values.pop(_STEPS_FIELD.name, None)
    return _Part(values, bool(flags & _MORE_DATA), plan.truncated)


def decode_treadmill_data(data: bytes, *, steps: bool = True) -> TreadmillData:
    """Read one Treadmill Data notification (2ACD, FTMS 1.0 section 4.4).

    Bytes beyond the announced fields are ignored; if fewer came, what came whole is kept and the record is marked as
    truncated. `steps` says whether this machine's reserved bit 13 means a step count, as it does with KingSmith.
    """
    values, more_data, truncated = _read_part(data, steps=steps)
    return TreadmillData(more_data=more_data, truncated=truncated, **values)


class RecordMerger:
    """Joins Treadmill Data records that a machine splits over notifications (FTMS 1.0 sections 4.1 and 4.19).

    It joins the parts of one record only, and knows nothing of earlier records. For `steps` see decode_treadmill_data.
    """

    def __init__(self, *, steps: bool = True) -> None:
        self._steps = steps
        self.reset()

    def reset(self) -> None:
        """Forget the parts so far, because the link was lost."""
        self._values: dict[str, Any] = {}
        self._truncated = False
        self._begun: float | None = None

    def feed(self, data: bytes, now: float) -> TreadmillData | None:
        """Take a notification that came at `now` (monotonic s); return the record that it completes, else None."""
        part = _read_part(data, steps=self._steps)
        # The last part of the record was lost if the first is too old, or if a new record begins with the same fields.
        begins_anew = part.more_data and not part.values.keys().isdisjoint(self._values)
        if begins_anew or (self._begun is not None and now - self._begun > MAX_RECORD_AGE):
            self.reset()
        self._values |= part.values
        self._truncated |= part.truncated
        if part.more_data:
            self._begun = now if self._begun is None else self._begun
            return None
        record = TreadmillData(truncated=self._truncated, **self._values)
        self.reset()
        return record
