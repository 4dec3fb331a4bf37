"""The phrases that wait to be said: urgent ones first, only the newest of a kind, and none of them late."""

from collections.abc import Iterable
from typing import NamedTuple

from .phrases import Phrase

TRIED_AGAIN_AFTER = 2.0
"""Seconds after which an urgent phrase that failed is tried again."""


class _Waiting(NamedTuple):
    phrase: Phrase
    due: float
    until: float


class PhraseQueue:
    """A queue of phrases; times are monotonic seconds, given as `now`."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._busy_until = float("-inf")
        self._saying: _Waiting | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being said, and nothing waits."""
        return not self._waiting and self._saying is None

    def add(self, phrases: Iterable[Phrase], now: float) -> bool:
        """Add phrases, and return whether they have to cut off what is being said."""
        cut = False
        for phrase in phrases:
            self._waiting = [other for other in self._waiting if not _voids(phrase, other, now)]
            due = now + phrase.delay
            waiting = _Waiting(phrase, due, due + phrase.lasts)
            if phrase.urgent:
                self._waiting.insert(0, waiting)  # the newest alarm matters most
            else:
                self._waiting.append(waiting)
            if phrase.urgent or phrase.ends or (phrase.cuts and not (self._saying and self._saying.phrase.urgent)):
                cut = True
                self._busy_until = now
        return cut

    def next(self, now: float) -> Phrase | None:
        """Take the phrase to say now, if there is one; late ones are dropped."""
        self._waiting = [waiting for waiting in self._waiting if now <= waiting.until]
        for waiting in self._waiting:
            if waiting.due <= now and (waiting.phrase.urgent or now >= self._busy_until):
                self._waiting.remove(waiting)
                self._saying = waiting
                return waiting.phrase
        return None

    def due_in(self, now: float) -> float | None:
        """Return in how many seconds to ask again; None if nothing waits."""
        times = [w.due if w.phrase.urgent else max(w.due, self._busy_until) for w in self._waiting]
        return max(min(times) - now, 0.0) if times else None

    def on_said(self, now: float, seconds: float = 0.0) -> None:
        """Take in that the phrase was handed to the speaker; it sounds for so many more seconds."""
        self._saying = None
        self._busy_until = now + seconds

    def on_failed(self, now: float) -> None:
        """Take in that the phrase was not said; only an alarm is tried again."""
        failed, self._saying = self._saying, None
        if failed is None or not failed.phrase.urgent:
            return
        if not any(_voids(waiting.phrase, failed, now) for waiting in self._waiting):
            self._waiting.insert(0, _Waiting(failed.phrase, now + TRIED_AGAIN_AFTER, failed.until))


def _voids(phrase: Phrase, other: _Waiting, now: float) -> bool:
    """Return whether a phrase makes one that waits meaningless."""
    if phrase.slot == other.phrase.slot:
        return True
    if phrase.ends:
        return not other.phrase.ends
    if phrase.urgent:
        return not other.phrase.urgent
    return phrase.stage and other.due > now and not other.phrase.urgent
