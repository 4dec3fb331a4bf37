"""What becomes of a deck that does not do what it is told: coarser steps, or a session without it (S9).

A belt that does not obey ends every rise. A deck that only stays ends its own: the walker walks on as before.
"""

from ...machine.model import Command, CommandKind, ValueRange
from ..belt.noise import Reading
from ..events import CommandMismatch, NotObeyedEvent, RiseRefusedEvent, SessionEvent
from ..limits import Direction, Limits
from .command_verifier import CommandVerifier
from .deck_trial import DeckTrial
from .pilot import Pilot
from .plan_follower import axis_name

_SHOWN = 0.05
"""% by which a report may be off."""
_OUR_STEP = 0.5
_LEVEL = 0.25
"""% by which a deck may be off level, or above what a session allows, and still be left as it is."""


class DeckJudge:
    """Judges the deck of one steering; what it finds out is the session's."""

    def __init__(self, pilot: Pilot, verification: CommandVerifier, limits: Limits, present: float | None) -> None:
        """Begin where an earlier steering of the same session left off, with the deck at `present` (%)."""
        self._pilot = pilot
        self._verification = verification
        self._limits = limits
        trial = verification.deck
        if trial.step is not None:
            pilot.use_deck_step(trial.step, present or 0.0)
        if trial.given_up:
            pilot.hold_deck(present or 0.0, trial.sent)

    @property
    def _trial(self) -> DeckTrial:
        return self._verification.deck

    def on_mismatch(self, mismatch: CommandMismatch, deck: Reading) -> list[SessionEvent] | None:
        """Return what to tell of a deck that did not do as it was told; None if that ends every rise."""
        asked, allowed = self._pilot.sent_incline, self._limits.incline
        if asked is None or allowed is None:
            return []
        if mismatch is CommandMismatch.IGNORED:
            return self._stays(allowed, asked, deck.level)
        if self._trial.rounds_up(allowed, asked, deck.level, deck.noise):
            self._pilot.use_deck_step(self._trial.step or allowed.step, deck.level)
            return [] if deck.level <= allowed.maximum + _SHOWN else None
        return [] if deck.level - asked <= min(allowed.step, _OUR_STEP) + _SHOWN + deck.noise / 2 else None

    def on_declined(self, command: Command, present: float | None) -> list[SessionEvent] | None:
        """Return what to tell of a declined incline; None if the steering has to hold it where it is."""
        allowed, value = self._limits.incline, command.value or 0.0
        if command.kind is not CommandKind.SET_INCLINE or allowed is None or present is None:
            return None
        if self._trial.is_stale(value):
            return []
        # A machine that declines one of the steps that we make at most means it; one that has finer ones may not.
        if allowed.step >= _OUR_STEP or not self._trial.try_coarser(allowed, value):
            return None
        self._verification.reset(CommandKind.SET_INCLINE)
        return self._in_coarser_steps(present)

    def _stays(self, allowed: ValueRange, asked: float, level: float) -> list[SessionEvent] | None:
        """Try coarser steps, and then leave the deck as it is; one that has to be leveled ends every rise (S18)."""
        trial, limits = self._trial, self._limits
        if trial.try_coarser(allowed, asked):
            return self._in_coarser_steps(level)
        told, trial.given_up = trial.given_up, True
        self._pilot.hold_deck(level, trial.sent)
        downhill = limits.direction is Direction.BACKWARD and level < -_LEVEL
        steep = limits.steepest is not None and level > limits.steepest + _LEVEL
        if downhill or steep:
            return None
        return [] if told else [NotObeyedEvent(CommandMismatch.IGNORED, axis_name(CommandKind.SET_INCLINE))]

    def _in_coarser_steps(self, level: float) -> list[SessionEvent]:
        refused = self._pilot.use_deck_step(self._trial.step or 0.0, level)
        if refused is None:
            return []
        return [RiseRefusedEvent(axis_name(refused.kind), refused.target, refused.present)]
