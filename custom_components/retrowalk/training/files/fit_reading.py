"""Takes a FIT file apart into its messages, without trust: every length is checked, and nothing is read twice.

A FIT file describes each kind of message before its first one. Only whole numbers and text are needed here, so that
other values are skipped; so are the fields of developers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import unpack_from
from typing import NoReturn, TypeIs

from .errors import LARGEST, FormatError, FormatErrorKey, too_large
from .fit_checksum import checksum

type Value = int | str
type Message = dict[int, Value]

_HEADERS = (12, 14)
_STRING = 7
# Base types by their number: how wide, how written, and what means that there is no value.
_INTEGERS = {
    0: ("B", 0xFF),
    1: ("b", 0x7F),
    2: ("B", 0xFF),
    3: ("h", 0x7FFF),
    4: ("H", 0xFFFF),
    5: ("i", 0x7FFFFFFF),
    6: ("I", 0xFFFFFFFF),
    10: ("B", 0),
    11: ("H", 0),
    12: ("I", 0),
    13: ("B", 0xFF),
    14: ("q", 0x7FFFFFFFFFFFFFFF),
    15: ("Q", 0xFFFFFFFFFFFFFFFF),
    16: ("Q", 0),
}
_WIDTHS = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8}


def is_fit(content: str | bytes) -> TypeIs[bytes]:
    """Return whether a file says that it is a FIT file."""
    return isinstance(content, bytes) and content[8:12] == b".FIT"


def fit_messages(content: bytes) -> Iterator[tuple[int, Message]]:
    """Yield each message: its number and its fields. Raises FormatError for a file that is damaged or too large."""
    if len(content) > LARGEST:
        raise too_large()
    begin = content[0]
    if begin not in _HEADERS or len(content) < begin + 2:
        _damaged()
    (size,) = unpack_from("<I", content, 4)
    end = begin + size
    if len(content) != end + 2 or checksum(content) != 0:
        _damaged()
    yield from _Messages(content, begin, end).read()


def _damaged() -> NoReturn:
    raise FormatError(FormatErrorKey.FIT_DAMAGED)


@dataclass(slots=True)
class _Definition:
    """How the messages of a kind are written: number, width and base type of each field."""

    message: int
    order: str
    fields: list[tuple[int, int, int]] = field(default_factory=list)
    developer_bytes: int = 0


class _Messages:
    """Reads one message after the other."""

    def __init__(self, content: bytes, begin: int, end: int) -> None:
        self._content = content
        self._at = begin
        self._end = end
        self._definitions: dict[int, _Definition] = {}

    def read(self) -> Iterator[tuple[int, Message]]:
        """Yield the messages up to the end."""
        while self._at < self._end:
            header = self._take(1)[0]
            if header & 0x80:  # with a time of its own, which no workout needs
                yield self._message(header >> 5 & 0x3)
            elif header & 0x40:
                self._definitions[header & 0x0F] = self._definition(developer=bool(header & 0x20))
            else:
                yield self._message(header & 0x0F)

    def _take(self, number: int) -> bytes:
        if self._at + number > self._end:
            _damaged()
        taken = self._content[self._at : self._at + number]
        self._at += number
        return taken

    def _definition(self, *, developer: bool) -> _Definition:
        _, order, *number, fields = self._take(5)
        if order > 1:
            _damaged()
        found = _Definition(int.from_bytes(bytes(number), "big" if order else "little"), ">" if order else "<")
        for _ in range(fields):
            name, width, base = self._take(3)
            found.fields.append((name, width, base & 0x1F))
        if developer:
            found.developer_bytes = sum(self._take(3)[1] for _ in range(self._take(1)[0]))
        return found

    def _message(self, local: int) -> tuple[int, Message]:
        if (definition := self._definitions.get(local)) is None:
            _damaged()
        values: Message = {}
        for name, width, base in definition.fields:
            value = _value(self._take(width), base, definition.order)
            if value is not None:
                values[name] = value
        self._take(definition.developer_bytes)
        return definition.message, values


def _value(data: bytes, base: int, order: str) -> Value | None:
    """Return a value; None where there is none, or several."""
    if base == _STRING:
        return data.split(b"\0")[0].decode(errors="replace").strip() or None
    letter, nothing = _INTEGERS.get(base, ("", 0))
    if len(data) != _WIDTHS.get(letter):
        return None
    (value,) = unpack_from(f"{order}{letter}", data)
    return None if value == nothing else int(value)
