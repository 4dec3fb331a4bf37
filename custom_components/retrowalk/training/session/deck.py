"""The deck of a belt at rest: lowered when a person asks, and only after it was said (safety rule S18)."""

from decimal import ROUND_CEILING

from ...machine.model import Command, CommandKind, ValueRange
from ..belt.belt import FRESH, Belt
from ..events import (
    DeckLoweringEvent,
    SessionEvent,
)
from ..rules import Refusal, RefusedError
from ..steering.console_override import OWN_CHANGE

DECK_NOTICE = 5.0
"""Seconds between the announcement and the lowering."""


class Deck:
    """One lowering at a time."""

    def __init__(self) -> None:
        self._lowers_at: float | None = None
        self._busy_until = float("-inf")

    def announce(self, grid: ValueRange | None, belt: Belt, now: float) -> SessionEvent:
        """Lower it in a while. Raises RefusedError where there is nothing to lower, or the belt may move."""
        if not _rests(belt, now):
            raise RefusedError(Refusal.BELT_MOVES)
        incline = belt.incline
        if grid is None or incline is None or incline <= _level(grid):
            raise RefusedError(Refusal.NOTHING_TO_LOWER)
        self._lowers_at = now + DECK_NOTICE
        return DeckLoweringEvent(DECK_NOTICE, incline, _level(grid))

    def cancel(self) -> None:
        """It stays where it is."""
        self._lowers_at = None

    def busy(self, now: float) -> bool:
        """Whether it is about to move or has just been told to: the echo of that must not end a countdown."""
        return self._lowers_at is not None or now < self._busy_until

    def due(self, grid: ValueRange | None, belt: Belt, now: float, *, may: bool) -> Command | None:
        """The command, when its time has come and nothing has changed."""
        if self._lowers_at is None or now < self._lowers_at:
            return None
        self._lowers_at = None
        if not may or grid is None or not _rests(belt, now) or (belt.incline or 0.0) <= _level(grid):
            return None  # from below it would rise, and nobody was told that
        self._busy_until = now + OWN_CHANGE
        return Command(CommandKind.SET_INCLINE, _level(grid))


def _level(grid: ValueRange) -> float:
    """Level, or the least incline above it that the machine knows."""
    return grid.snap(0.0, rounding=ROUND_CEILING)


def _rests(belt: Belt, now: float) -> bool:
    return belt.age(now) <= FRESH and belt.rests(now) and not belt.about_to_move(now)
