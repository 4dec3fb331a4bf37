"""Treadmill Data (2ACD) of the Fitness Machine Service 1.0: from notifications to records."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct, calcsize
from types import CodeType, FunctionType
from typing import Any, NamedTuple

MAX_RECORD_AGE = 2.0
"""Seconds within which all parts of a split record must arrive; they are sent back to back."""

_FLAGS_SIZE = 2
_MORE_DATA = 1 << 0
_STEPS = 1 << 13

_OFTEN = 8
"""Messages after which a layout is worth compiling: a hostile machine may send another one each time."""

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
_NOTHING = bytes(_FLAGS_SIZE)
"""A message that says as much as one without flags."""


class _Field(NamedTuple):
    """The layout of a field of Treadmill Data; one without a name is skipped."""

    name: str
    code: str  # as in a format of struct; of two numbers, the second is the upper byte
    divisor: int = 1
    absent: frozenset[int] = frozenset()


# The pace is not needed: it is the inverse of the speed, and editions of the standard disagree about it (see _layout).
_PACE = _Field("", "x")

# By flag bit. The standard has no "not available" for an elevation loss and a remaining time, but machines send one.
_GROUPS = (
    (_Field("speed", "H", 100),),
    (_Field("average_speed", "H", 100),),
    (_Field("distance", "HB"),),  # a u24, for which struct has no code
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


class _Layout:
    """How messages with the same flags and length are read; one that comes often gets a reader of its own."""

    def __init__(self, format_: str, fields: Sequence[_Field], blank: TreadmillData) -> None:
        """`fields` are those that arrived whole; `blank` is the record without them."""
        self._unpack = Struct(format_).unpack_from
        self._fields = fields
        self._blank = blank
        self._seen = 0
        self.read: Callable[[bytes], TreadmillData] = self._read
        self.places = tuple(_PLACE[field.name] for field in fields)  # in the record
        self.more_data = blank.more_data
        self.truncated = blank.truncated

    def _read(self, data: bytes) -> TreadmillData:
        self._seen += 1
        if self._seen == _OFTEN:
            self.read = self._compiled()
        values: list[Any] = [*self._blank]
        numbers = iter(self._unpack(data))
        for place, field in zip(self.places, self._fields, strict=True):
            raw = next(numbers) | next(numbers) << 16 if len(field.code) > 1 else next(numbers)
            if raw not in field.absent:
                # Dividing gives the float nearest to the decimal, 2.01; multiplying by 0.01 gives 2.0100000000000002.
                values[place] = raw / field.divisor if field.divisor > 1 else raw
        return TreadmillData._make(values)

    def _compiled(self) -> Callable[[bytes], TreadmillData]:
        """Return a function that does the same with one `unpack` and one tuple, without a loop over fields.

        Its source is made of the tables above only, as that of a named tuple is; nothing that a machine sends is in it.
        """
        values, names = [repr(value) for value in self._blank], list[str]()
        for place, field in zip(self.places, self._fields, strict=True):
            name = f"n{len(names)}"
            value = f"{name} | {name}_ << 16" if len(field.code) > 1 else name
            value = f"{value} / {field.divisor}" if field.divisor > 1 else value
            absent = " or ".join(f"{name} == {number}" for number in field.absent)
            values[place] = f"None if {absent} else {value}" if absent else value
            names += [name, f"{name}_"][: len(field.code)]
        numbers = f"{', '.join(names)}, = unpack(data)" if names else ""
        source = f"def read(data):\n  {numbers}\n  return new(record, ({', '.join(values)}))"
        code = next(part for part in compile(source, __file__, "exec").co_consts if isinstance(part, CodeType))
        return FunctionType(code, {"unpack": self._unpack, "new": tuple.__new__, "record": TreadmillData})


@lru_cache(maxsize=64)  # a machine uses one to three layouts; a hostile one must not fill the memory
def _layout(flags: int, length: int, steps: bool) -> _Layout:
    """Lay out a message of `length` bytes with these flags.

    A pace is u8 in the 2017 standard and u16 in the present one, and no flag tells which: the width that makes the
    message come out even is taken, the narrow one if neither does. The steps that KingSmith announces with reserved
    bit 13 are a u16 and a zero byte; as the bit promises nothing by the standard, a message without them is whole.
    """
    present = flags ^ _MORE_DATA  # inverted: the speed comes with the last part of a record
    fields = [field for bit, group in enumerate(_GROUPS) if present >> bit & 1 for field in group]
    narrow = _FLAGS_SIZE + sum(calcsize("<" + field.code) for field in fields)
    paces = fields.count(_PACE)
    tails = (3, 0) if flags & _STEPS else (0,)
    widening = next((wide for tail in tails for wide in (0, 1) if narrow + paces * wide + tail == length), 0)

    if flags & _STEPS and steps:
        fields.append(_STEPS_FIELD)
    whole, format_ = [], f"<{_FLAGS_SIZE}x"
    for field in fields:
        longer = format_ + (field.code * (1 + widening) if field is _PACE else field.code)
        if calcsize(longer) > length:
            break
        format_ = longer
        if field is not _PACE:
            whole.append(field)
    blank = TreadmillData(more_data=bool(flags & _MORE_DATA), truncated=length < narrow)
    return _Layout(format_, whole, blank)


def decode_treadmill_data(data: bytes, *, steps: bool = True) -> TreadmillData:
    """Read one Treadmill Data notification (2ACD, FTMS 1.0 section 4.4).

    Bytes beyond the announced fields are ignored; if fewer came, what came whole is kept and the record is marked as
    truncated. `steps` says whether this machine's reserved bit 13 means a step count, as it does with KingSmith.
    """
    if len(data) < _FLAGS_SIZE:
        data = _NOTHING
    return _layout(data[0] | data[1] << 8, len(data), steps).read(data)


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
        if len(data) < _FLAGS_SIZE:
            data = _NOTHING
        layout = _layout(data[0] | data[1] << 8, len(data), self._steps)
        record = layout.read(data)
        if self._begun is None and not layout.more_data:
            return record  # whole, as nearly all are
        # The last part of the record was lost if the first is too old, or if a new record begins with the same fields.
        begins_anew = layout.more_data and not self._values.keys().isdisjoint(layout.places)
        if begins_anew or (self._begun is not None and now - self._begun > MAX_RECORD_AGE):
            self.reset()
        self._values |= {place: record[place] for place in layout.places}
        self._truncated |= layout.truncated
        if layout.more_data:
            self._begun = now if self._begun is None else self._begun
            return None
        values = [self._values.get(place, value) for place, value in enumerate(record)]
        whole = TreadmillData._make(values)._replace(truncated=self._truncated)
        self.reset()
        return whole
