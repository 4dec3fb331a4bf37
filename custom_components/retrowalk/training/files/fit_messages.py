"""The form of a FIT file: messages of numbered fields, each kind described before its first one, and checksums."""

from collections.abc import Iterable
from datetime import datetime
from struct import pack

from .fit_checksum import checksum

type Value = float | str | datetime
type Field = tuple[int, str, Value | None]
"""Number, base type, and value; None if it is not known."""

_EPOCH = 631_065_600  # 1989-12-31, in Unix time
_PROTOCOL, _PROFILE = 0x20, 21194
_STRING = 0x07
_LONGEST_STRING = 80  # bytes
_MOST_KINDS = 16
"""Kinds of messages that are described at a time."""
_BASE_TYPES: dict[str, tuple[int, str, int, int]] = {
    # Code, letter, lowest and highest number; the one left out means "not known".
    "enum": (0x00, "B", 0, 0xFE),
    "u8": (0x02, "B", 0, 0xFE),
    "s16": (0x83, "h", -0x8000, 0x7FFE),
    "u16": (0x84, "H", 0, 0xFFFE),
    "u32": (0x86, "I", 0, 0xFFFF_FFFE),
    "u32z": (0x8C, "I", 1, 0xFFFF_FFFF),
}


class FitFile:
    """Messages one after the other."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._kinds: list[bytes] = []  # as they were described, oldest first
        self._local: dict[bytes, int] = {}  # those that are still described, with their local numbers

    def add(self, message: int, fields: Iterable[Field]) -> None:
        """Add a message. A field without a value is left out: some readers take "not known" for a number."""
        described, content = bytearray(), bytearray()
        for field, base_type, value in fields:
            if value is None:
                continue
            code, encoded = _encode(base_type, value)
            described += bytes((field, len(encoded), code))
            content += encoded
        kind = pack("<BBHB", 0, 0, message, len(described) // 3) + described  # little-endian
        if kind not in self._local:
            self._describe(kind)
        self._data += bytes((self._local[kind],)) + content

    def content(self) -> bytes:
        """Return the whole file with its header and checksums."""
        header = pack("<BBHI4s", 14, _PROTOCOL, _PROFILE, len(self._data), b".FIT")
        file = header + pack("<H", checksum(header)) + self._data
        return file + pack("<H", checksum(file))

    def _describe(self, kind: bytes) -> None:
        number = len(self._kinds) % _MOST_KINDS
        if len(self._kinds) >= _MOST_KINDS:
            del self._local[self._kinds[-_MOST_KINDS]]
        self._kinds.append(kind)
        self._local[kind] = number
        self._data += bytes((0x40 | number,)) + kind


def seconds(time: datetime) -> float:
    """Return a time as FIT counts it."""
    return time.timestamp() - _EPOCH


def _encode(base_type: str, value: Value) -> tuple[int, bytes]:
    """Return the code of a base type, and a value in it; a number out of range becomes the nearest in range."""
    if isinstance(value, str):
        text = value.encode(errors="replace")[:_LONGEST_STRING].decode(errors="ignore")
        return _STRING, text.replace("\0", "").encode() + b"\0"
    code, letter, lowest, highest = _BASE_TYPES[base_type]
    number = seconds(value) if isinstance(value, datetime) else value
    return code, pack(f"<{letter}", round(min(max(number, lowest), highest)))
