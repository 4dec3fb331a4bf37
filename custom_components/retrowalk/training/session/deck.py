"""The deck of a belt at rest: lowered at a person's request, after an announcement (safety rule S18)."""

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
    """Lower the deck, one request at a time."""

    def __init__(self) -> None:
        self._lowers_at: float | None = None
        self._busy_until = float("-inf")

    def announce(self, grid: ValueRange | None, belt: Belt, now: float) -> SessionEvent:
        """Schedule the lowering and return its event. Raises RefusedError if the deck is level or the belt may move."""
        if not _rests(belt, now):
            raise RefusedError(Refusal.BELT_MOVES)
        incline = _lowered_from(grid, belt)
        if grid is None or incline is None:
            raise RefusedError(Refusal.NOTHING_TO_LOWER)
        self._lowers_at = now + DECK_NOTICE
        return DeckLoweringEvent(DECK_NOTICE, incline, _level(grid))

    def cancel(self) -> None:
        """Cancel the lowering."""
        self._lowers_at = None

    def busy(self, now: float) -> bool:
        """Return whether the deck is about to move or was just told to: its report must not end a countdown."""
        return self._lowers_at is not None or now < self._busy_until

    def due(self, grid: ValueRange | None, belt: Belt, now: float, *, may: bool) -> Command | None:
        """Return the command when it is due, if the lowering is still allowed."""
        if self._lowers_at is None or now < self._lowers_at:
            return None
        self._lowers_at = None
        if not may or grid is None or not _rests(belt, now) or _lowered_from(grid, belt) is None:
            return None  # below level it would rise, which was not announced
        self._busy_until = now + OWN_CHANGE
        return Command(CommandKind.SET_INCLINE, _level(grid))


def _lowered_from(grid: ValueRange | None, belt: Belt) -> float | None:
    """Return the incline (%) that the deck is reported to be lowered from; None where it is not up.

    One whose reports cannot be true is lowered where level is its lowest target: nothing can rise then, wherever it
    stands and whatever its numbers mean.
    """
    if grid is None or belt.telemetry is None or belt.telemetry.incline is None:
        return None
    told, level = belt.telemetry.incline, _level(grid)
    if belt.deck_doubted:
        return told if grid.minimum == level else None
    return told if told > level else None


def _level(grid: ValueRange) -> float:
    """Return the lowest incline of the machine that is not below level."""
    return grid.snap(0.0, rounding=ROUND_CEILING)


def _rests(belt: Belt, now: float) -> bool:
    return belt.age(now) <= FRESH and belt.rests(now) and not belt.about_to_move(now)
