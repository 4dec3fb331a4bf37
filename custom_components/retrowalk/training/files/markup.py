"""Reads XML from strangers without trust: what no workout needs is refused before it can do anything.

No entities and no DTD, nothing nested deep, nothing large, text only as UTF-8. Names of elements and attributes come
out in lower case, because programs disagree about their spelling.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from math import isfinite, nan
from xml.parsers import expat

from .errors import FormatError, FormatErrorKey, one_line, shown
from .notes import Place

_DEEPEST = 12
_MOST_ELEMENTS = 5000
_MOST_TEXT = 1000
"""Characters of text that an element keeps; only names are read."""
_LONGEST_NUMBER = 40
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)", re.ASCII)
# What XML cannot hold at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """An element with its attributes, children and text."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    @property
    def place(self) -> Place:
        """Where it begins in the file."""
        return Place(self.line)

    def find(self, name: str) -> Element | None:
        """Return the first child with this name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        """Return the children with this name."""
        return (child for child in self.children if child.name == name)

    def text_of(self, name: str) -> str:
        """Return the text of the first child with this name; empty without one."""
        child = self.find(name)
        return "" if child is None else one_line(child.text)

    def number(self, *names: str, lowest: float = 0.0, highest: float) -> float | None:
        """Return the number in the first of these attributes that is present; None without any.

        Raises FormatError for what is no number or not between the two.
        """
        for name in names:
            if not (text := self.attributes.get(name, "").strip()):
                continue
            try:
                number = float(text) if len(text) <= _LONGEST_NUMBER and "_" not in text else nan
            except ValueError:
                raise self.wrong(name) from None
            if not (isfinite(number) and lowest <= number <= highest):
                raise self.wrong(name)
            return number
        return None

    def wrong(self, name: str) -> FormatError:
        """Return the error for an attribute that is missing or has an impossible value."""
        if name not in self.attributes:
            return self.place.missing(name)
        return self.place.wrong(name, self.attributes[name])

    def unknown(self) -> FormatError:
        """Return the error for an unknown element: leaving it out would change the workout silently."""
        return FormatError(FormatErrorKey.UNKNOWN_ELEMENT, line=str(self.line), element=shown(self.name))


def attribute_text(text: str) -> str:
    """Return text as it can stand in XML, between tags or between quotes."""
    return escape(_FORBIDDEN.sub("", text))


def read_xml(text: str, *roots: str) -> Element:
    """Return the tree of an XML document whose outermost element is one of `roots`. Raises FormatError."""
    begins = len(text) - len(text.lstrip())  # nothing may stand before an XML declaration
    lines, text = text.count("\n", 0, begins), text[begins:]
    try:
        try:
            return _Builder(roots, lines).read(text)
        except expat.ExpatError:
            if (mended := _BARE_AMPERSAND.sub("&amp;", text)) == text:
                raise
            return _Builder(roots, lines).read(mended)  # "Hills & dales", as older programs of Zwift write it
    except expat.ExpatError as error:
        raise FormatError(FormatErrorKey.NOT_XML, line=str(lines + error.lineno)) from None


def _plain(name: str) -> str:
    """Return a name without its namespace and capitals."""
    return name.rpartition(":")[2].lower()


class _Builder:
    """Builds the tree, and stops at the first thing that no workout has."""

    def __init__(self, roots: tuple[str, ...], lines: int) -> None:
        """`lines` are those before the text."""
        self._roots = roots
        self._lines = lines
        self._open = [Element("", 0, {})]  # the document itself, and what is open in it
        self._elements = 0
        # Text is already decoded, whatever encoding its first line names.
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        # Entities can only be declared in a DOCTYPE, so that nothing is ever expanded or fetched.
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> Element:
        self._parser.Parse(text, True)
        return self._open[0].children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _plain(name)
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(self._open) > _DEEPEST:
            raise FormatError(FormatErrorKey.UNSAFE)
        if len(self._open) == 1 and name not in self._roots:
            raise FormatError(FormatErrorKey.OTHER_FILE, element=shown(name))
        element = Element(name, self._lines + self._parser.CurrentLineNumber, {})
        for key, value in attributes.items():
            if key.lower().startswith(("xmlns", "xsi:")):
                continue
            if element.attributes.setdefault(_plain(key), value) != value:
                raise element.place.wrong(key, value)  # the same one twice, in two spellings
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text = (self._open[-1].text + text)[:_MOST_TEXT]

    def _doctype(self, *_: object) -> None:
        raise FormatError(FormatErrorKey.UNSAFE)
