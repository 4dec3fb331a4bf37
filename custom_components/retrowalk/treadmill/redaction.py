"""Takes out of a report what names a person, a house or one machine, wherever it stands in a text or in bytes."""

import re
from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS

REDACTED = "**REDACTED**"
GENERIC = frozenset({"treadmill", "laufband"})
"""Names that tell nothing, and that our own texts contain."""
_SHORT = 4
"""Letters; anything shorter counts as a whole word only, and not within bytes, where it occurs by chance."""
_SEPARATOR = "(?:3a|2d|5f|2e|20)?"
_MAC = 12
_TAIL = 6


class Redactor:
    """Replaces secrets in texts and bytes, in any case; an address in any notation and byte order."""

    def __init__(self, secrets: Iterable[str], addresses: Iterable[str] = ()) -> None:
        words = {word for secret in secrets if (word := secret.strip()) and word.casefold() not in GENERIC}
        texts, frames = [], []
        for address in filter(None, addresses):
            digits = re.sub(r"[^0-9A-Fa-f]", "", address)
            words.add(address)
            if len(digits) != _MAC:
                continue
            pairs = re.findall("..", digits)
            # Makers append the last bytes to their names.
            texts += [r"[:\-_. ]?".join(form) for form in (pairs, pairs[::-1], pairs[-_TAIL // 2 :])]
            for form in (pairs, pairs[::-1]):
                # As bytes, and as text that was written into bytes.
                frames += ["".join(form), _SEPARATOR.join("".join(map(_either_case, pair)) for pair in form)]
        for word in sorted(words, key=len, reverse=True):
            literal = re.escape(word)
            texts.append(literal if len(word) >= _SHORT else rf"(?<!\w){literal}(?!\w)")
            if len(word) >= _SHORT:
                frames.append("".join(map(_either_case, word)))
        self._text = re.compile("|".join(texts) or "(?!)", re.IGNORECASE)
        self._frame = re.compile("|".join(frames) or "(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self._text.sub(REDACTED, text)

    def hex(self, data: bytes) -> str:
        """Return bytes as hex, without secrets."""
        return self._frame.sub(REDACTED, data.hex())


def log_name(entry: ConfigEntry) -> str:
    """Return what the log calls a treadmill: a name that is its address, or ends like it, is left out."""
    return Redactor((), [str(entry.data.get(CONF_ADDRESS, ""))]).text(entry.title)


def _either_case(letter: str) -> str:
    return "(?:" + "|".join(sorted({form.encode().hex() for form in (letter, letter.lower(), letter.upper())})) + ")"
