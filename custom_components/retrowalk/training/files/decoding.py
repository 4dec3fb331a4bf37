"""Takes the text out of a file, whose encoding is not always the one that it should be."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from .errors import LARGEST, FormatError, FormatErrorKey, too_large

_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}encoding=[\"'](iso-8859-\d{1,2}|windows-125\d)[\"']", re.IGNORECASE)
_WESTERN = "cp1252"
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")


def decoded(content: str | bytes) -> tuple[str, bool]:
    """Return the text of a file without a byte order mark, and whether its encoding is only a guess.

    Raises FormatError for what is no text or far too large.
    """
    if len(content) > LARGEST:
        raise too_large()
    text, guessed = (content, False) if isinstance(content, str) else _text(content)
    text = text.removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which only JSON can carry
        raise FormatError(FormatErrorKey.WRONG_ENCODING) from None
    if "\0" in text or (guessed and _NO_TEXT.search(text)):  # two bytes for each character, or no text
        raise FormatError(FormatErrorKey.WRONG_ENCODING)
    return text, guessed


def _text(content: bytes) -> tuple[str, bool]:
    if content.startswith(_PACKED):
        raise FormatError(FormatErrorKey.PACKED)
    declared = _DECLARED.match(content)
    encodings = ["utf-16"] if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ["utf-8"]
    encodings += [declared[1].decode()] if declared else [_WESTERN]
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding == _WESTERN
        except UnicodeDecodeError, LookupError:
            continue
    raise FormatError(FormatErrorKey.WRONG_ENCODING)
