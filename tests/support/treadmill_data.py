"""Treadmill Data as the table in the standard has it: written down a second time, slowly, and not from the product."""

import itertools
import struct
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from custom_components.retrowalk.machine.ftms.codec import TreadmillData

S16, U8, U16, U24 = "<h", "<B", "<H", "u24"
BOUNDS = {S16: (-0x8000, 0x7FFF), U8: (0, 0xFF), U16: (0, 0xFFFF), U24: (0, 0xFFFFFF)}

# By flag bit: field, type, decimal exponent, values that mean "not available".
REFERENCE: list[list[tuple[str, str, int, set[int]]]] = [
    [("speed", U16, -2, set())],
    [("average_speed", U16, -2, set())],
    [("distance", U24, 0, set())],
    [("inclination", S16, -1, {0x7FFF}), ("ramp_angle", S16, -1, {0x7FFF})],
    [("elevation_gain", U16, -1, set()), ("elevation_loss", U16, -1, {0x7FFF, 0xFFFF})],
    [("pace", U8, 0, set())],
    [("average_pace", U8, 0, set())],
    [
        ("energy", U16, 0, {0xFFFF}),
        ("energy_per_hour", U16, 0, {0xFFFF}),
        ("energy_per_minute", U8, 0, {0xFF}),
    ],
    [("heart_rate", U8, 0, set())],
    [("metabolic_equivalent", U8, -1, set())],
    [("elapsed_time", U16, 0, set())],
    [("remaining_time", U16, 0, {0xFFFF})],
    [("force_on_belt", S16, 0, {0x7FFF}), ("power", S16, 0, {0x7FFF})],
]
PACES = ("pace", "average_pace")
SPEED_BIT, PACE_BITS, STEPS_BIT = 0, {5, 6}, 13

type Raw = dict[str, int]


@st.composite
def raw_records(draw: st.DrawFn, *, wide_pace: bool = False) -> tuple[set[int], Raw]:
    """Draw some flag bits and a raw number for every field; "not available" is more frequent than by chance."""
    raw: Raw = {}
    for name, kind, _, absent in itertools.chain.from_iterable(REFERENCE):
        low, high = BOUNDS[U16 if wide_pace and name in PACES else kind]
        numbers = st.integers(low, high)
        raw[name] = draw(numbers | st.sampled_from(sorted(absent)) if absent else numbers)
    return draw(st.sets(st.integers(0, 12))), raw


def reference_bytes(bits: set[int], raw: Raw, *, wide_pace: bool = False) -> tuple[bytes, list[tuple[str, int]]]:
    """Encode the groups of these bits; also return the length at which each field is complete."""
    flags = sum(1 << bit for bit in bits) ^ 1  # bit 0 is the inverted one
    data = struct.pack("<H", flags)
    ends = []
    for bit in sorted(bits):
        for name, kind, _, _ in REFERENCE[bit] if bit < len(REFERENCE) else []:
            if kind is U24:
                data += struct.pack("<I", raw[name])[:3]
            else:
                data += struct.pack(U16 if wide_pace and name in PACES else kind, raw[name])
            ends.append((name, len(data)))
    return data, ends


def reference_values(names: list[str], raw: Raw) -> dict[str, Any]:
    """Return the values that these fields represent, by decimal arithmetic."""
    values: dict[str, Any] = {}
    for name, _, exponent, absent in itertools.chain.from_iterable(REFERENCE):
        if name in names and name not in PACES:
            scaled = float(Decimal(raw[name]).scaleb(exponent)) if exponent else raw[name]
            values[name] = None if raw[name] in absent else scaled
    return values


def fields_of(bits: set[int]) -> list[str]:
    """Return the names of the fields in the groups of these bits."""
    return [name for bit in bits for name, *_ in REFERENCE[bit]]


def whole_lengths(flags: int) -> list[int]:
    """Return how long messages with these flags may be: with a narrow or a wide pace, without and with steps."""
    bits = {bit for bit in range(16) if (flags ^ 1) >> bit & 1}
    sizes = {U8: 1, U16: 2, S16: 2, U24: 3}
    narrow = 2 + sum(sizes[kind] for bit in bits if bit < len(REFERENCE) for _, kind, _, _ in REFERENCE[bit])
    wide = narrow + len(bits & PACE_BITS)
    tails = (0, 3) if STEPS_BIT in bits else (0,)
    return sorted({length + tail for length in (narrow, wide) for tail in tails})


def reference_record(data: bytes, *, steps: bool = True) -> TreadmillData:
    """Decode a message of two bytes or more, field by field."""
    flags = data[0] + 256 * data[1]
    bits = [bit for bit in range(16) if (flags ^ 1) >> bit & 1]
    narrow, *_ = lengths = whole_lengths(flags)
    # The pace is narrow unless only a wide one comes out even; what bit 13 promises comes before what it does not.
    paces = len(PACE_BITS.intersection(bits))
    with_steps = [3, 0] if STEPS_BIT in bits else [0]
    even = [width for tail in with_steps for width in (0, 1) if narrow + paces * width + tail == len(data)]
    pace = U16 if even and even[0] else U8
    assert not even or len(data) in lengths

    values: dict[str, Any] = {"more_data": SPEED_BIT not in bits, "truncated": len(data) < narrow}
    rest = data[2:]
    fields = [field for bit in bits if bit < len(REFERENCE) for field in REFERENCE[bit]]
    if STEPS_BIT in bits and steps:
        fields.append(("steps", U16, 0, set()))
    for name, its_kind, exponent, absent in fields:
        kind = pace if name in PACES else its_kind
        size = 3 if kind == U24 else struct.calcsize(kind)
        taken, rest = rest[:size], rest[size:]
        if len(taken) < size:
            break
        raw = int.from_bytes(taken, "little", signed=kind == S16)
        if name not in PACES and raw not in absent:
            values[name] = float(Decimal(raw).scaleb(exponent)) if exponent else raw
    return TreadmillData(**values)
