"""Treadmill Data (2ACD) of the Fitness Machine Service 1.0: from notifications to records."""

from collections.abc import Callable
from functools import lru_cache
from struct import Struct, calcsize
from typing import Any, NamedTuple

MAX_RECORD_AGE = 2.0
"""Seconds within which all parts of a split record must arrive; they are sent back to back."""

_FLAGS_SIZE = 2
_MORE_DATA = 1 << 0
_STEPS = 1 << 13

_NO_S16 = frozenset({0x7FFF})
_NO_U16 = frozenset({0xFFFF})
_NO_U8 = frozenset({0xFF})


class TreadmillData(NamedTuple):
    """One Treadmill Data record (2ACD, FTMS 1.0 section 4.4); None where absent or "not available".

    A tuple, because one is made for every notification.
    """

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


_PLACE = {name: place for place, name in enumerate(TreadmillData._fields)}
_DISTANCE_PLACE = _PLACE["distance"]
_NOTHING = bytes(_FLAGS_SIZE)
"""A message that says as much as one without flags."""


class _Field(NamedTuple):
    """The layout of a field of Treadmill Data; one without a name is skipped."""

    name: str
    code: str  # as in a format of struct
    divisor: int = 1
    absent: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        return calcsize(self.code)


# The pace is not needed: it is the inverse of the speed, and editions of the standard disagree about it (see _plan).
_PACE = _Field("", "x")
# A u24, for which struct has no code.
_DISTANCE = _Field("distance", "3x")

# By flag bit. The standard has no "not available" for an elevation loss and a remaining time, but machines send one.
_LAYOUT = (
    (_Field("speed", "H", 100),),
    (_Field("average_speed", "H", 100),),
    (_DISTANCE,),
    (_Field("inclination", "h", 10, _NO_S16), _Field("ramp_angle", "h", 10, _NO_S16)),
    (_Field("elevation_gain", "H", 10), _Field("elevation_loss", "H", 10, _NO_S16 | _NO_U16)),
    (_PACE,),
    (_PACE,),
    (
        _Field("energy", "H", absent=_NO_U16),
        _Field("energy_per_hour", "H", absent=_NO_U16),
        _Field("energy_per_minute", "B", absent=_NO_U8),
    ),
    (_Field("heart_rate", "B"),),
    (_Field("metabolic_equivalent", "B", 10),),
    (_Field("elapsed_time", "H"),),
    (_Field("remaining_time", "H", absent=_NO_U16),),
    (_Field("force_on_belt", "h", absent=_NO_S16), _Field("power", "h", absent=_NO_S16)),
)
_STEPS_FIELD = _Field("steps", "H")


class _Plan(NamedTuple):
    """How to read a message: the fields that arrived whole."""

    unpack: Callable[[bytes], tuple[int, ...]]
    numbers: tuple[tuple[int, int, frozenset[int]], ...]  # for each: place in the record, divisor, "not available"
    distance: int | None  # where it starts in the message
    places: frozenset[int]  # in the record, of these and the distance
    blank: TreadmillData  # the record without them
    more_data: bool
    truncated: bool


@lru_cache(maxsize=64)  # a machine uses one to three layouts; a hostile one must not fill the memory
def _plan(flags: int, length: int, steps: bool) -> _Plan:
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

    if flags & _STEPS and steps:
        fields.append(_STEPS_FIELD)
    codes, numbers, places = f"<{_FLAGS_SIZE}x", [], set()
    end, distance = _FLAGS_SIZE, None
    for field in fields:
        start, end = end, end + field.size + (widening if field is _PACE else 0)
        if end > length:
            break
        if field is _PACE:
            codes += f"{end - start}x"
            continue
        codes += field.code
        places.add(_PLACE[field.name])
        if field is _DISTANCE:
            distance = start
        else:
            numbers.append((_PLACE[field.name], field.divisor, field.absent))
    more_data, truncated = bool(flags & _MORE_DATA), length < narrow
    blank = TreadmillData(more_data=more_data, truncated=truncated)
    return _Plan(Struct(codes).unpack_from, tuple(numbers), distance, frozenset(places), blank, more_data, truncated)


def _read(data: bytes, *, steps: bool) -> tuple[_Plan, list[Any]]:
    """Return how a message is laid out, and the record that it is or contributes to, as a list."""
    if len(data) < _FLAGS_SIZE:
        data = _NOTHING
    plan = _plan(data[0] | data[1] << 8, len(data), steps)
    values = [*plan.blank]
    for (place, divisor, absent), raw in zip(plan.numbers, plan.unpack(data), strict=True):
        if raw not in absent:
            # Dividing gives the float nearest to the decimal, 2.01; multiplying by 0.01 would give 2.0100000000000002.
            values[place] = raw / divisor if divisor > 1 else raw
    if (start := plan.distance) is not None:
        values[_DISTANCE_PLACE] = data[start] | data[start + 1] << 8 | data[start + 2] << 16
    return plan, values


def decode_treadmill_data(data: bytes, *, steps: bool = True) -> TreadmillData:
    """Read one Treadmill Data notification (2ACD, FTMS 1.0 section 4.4).

    Bytes beyond the announced fields are ignored; if fewer came, what came whole is kept and the record is marked as
    truncated. `steps` says whether this machine's reserved bit 13 means a step count, as it does with KingSmith.
    """
    return TreadmillData._make(_read(data, steps=steps)[1])


class RecordMerger:
    """Joins Treadmill Data records that a machine splits over notifications (FTMS 1.0 sections 4.1 and 4.19).

    It joins the parts of one record only, and knows nothing of earlier records. For `steps` see decode_treadmill_data.
    """

    def __init__(self, *, steps: bool = True) -> None:
        self._steps = steps
        self.reset()

    def reset(self) -> None:
        """Forget the parts so far, because the link was lost."""
        self._values: dict[int, Any] = {}  # by their place in the record
        self._truncated = False
        self._begun: float | None = None

    def feed(self, data: bytes, now: float) -> TreadmillData | None:
        """Take a notification that came at `now` (monotonic s); return the record that it completes, else None."""
        plan, values = _read(data, steps=self._steps)
        if self._begun is None and not plan.more_data:
            return TreadmillData._make(values)  # whole, as nearly all are
        # The last part of the record was lost if the first is too old, or if a new record begins with the same fields.
        begins_anew = plan.more_data and not plan.places.isdisjoint(self._values)
        if begins_anew or (self._begun is not None and now - self._begun > MAX_RECORD_AGE):
            self.reset()
        self._values |= {place: values[place] for place in plan.places}
        self._truncated |= plan.truncated
        if plan.more_data:
            self._begun = now if self._begun is None else self._begun
            return None
        for place, value in self._values.items():
            values[place] = value
        record = TreadmillData._make(values)._replace(truncated=self._truncated)
        self.reset()
        return record
