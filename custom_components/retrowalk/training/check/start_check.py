"""The start of a check run: whether one is enough. A belt that stands still after it is started once more (S9)."""

from ...machine.model import BeltState, Command, CommandKind
from ..belt.belt import FRESH, MOVES_WITHIN, Belt


class StartCheck:
    """One or two starts of a belt at rest."""

    def __init__(self) -> None:
        self.second_needed: bool | None = None
        """Whether the belt moved after the second start only; None until it moves."""
        self._repeated = False

    def gives_up(self, in_phase: float) -> bool:
        """Return whether it has had its time, after one start or after two."""
        return in_phase > MOVES_WITHIN * (2 if self._repeated else 1) + 1.0

    def advance(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        """Return the second start, for a belt that still rests when it has had its time to move."""
        if belt.moves:
            self.second_needed = self._repeated
        rests = belt.state is BeltState.AT_REST and belt.age(now) <= FRESH
        if self._repeated or not rests or in_phase <= MOVES_WITHIN:
            return None
        self._repeated = True
        return Command(CommandKind.START)
