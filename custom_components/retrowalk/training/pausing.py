"""A pause is a belt at rest (safety rule S12): whose it is, whether the belt obeys it, and how long it lasts."""

from .belt import Belt
from .console import OWN_CHANGE

PAUSE_FAILS_AFTER = 8.0
PAUSED_FOR = 300.0
"""Seconds after which a pause ends the session."""


class Pausing:
    """The newest pause of one treadmill, and whether the walk is to go on after it."""

    def __init__(self) -> None:
        self.own = False
        """Whether we said it; else the console did."""
        self.rested = False
        """Whether the belt has surely been at rest since it began."""
        self.resuming = False
        """Whether the start that is prepared, or was the last, continues the walk."""
        self._since = 0.0
        self._said = float("-inf")

    def said(self, now: float) -> None:
        """The machine was told to pause."""
        self._said = now

    def just_said(self, now: float) -> bool:
        """Whether the machine may still report, late, that it obeys."""
        return now - self._said < OWN_CHANGE

    def begin(self, belt: Belt, now: float, *, own: bool) -> None:
        """The belt is to come to rest, and the walk is kept."""
        self.own, self._since = own, now
        self.rested = belt.rests(now)
        belt.watch_slowing()

    def watch(self, belt: Belt, now: float) -> None:
        """See whether the belt rests by now."""
        self.rested = self.rested or belt.rests(now)

    def fails(self, belt: Belt, now: float) -> bool:
        """Whether the belt runs on as if nobody had paused it."""
        return now - self._since > PAUSE_FAILS_AFTER and not belt.slows(now) and not belt.stands_still

    @property
    def lasts_until(self) -> float:
        """When it ends the session."""
        return self._since + PAUSED_FOR
