"""Finds out in use in which steps a deck really moves, and whether it moves at all (S9).

Some decks take whole percents only, whatever their machine says. Where a step comes to nothing, the next coarser one is
tried; a deck that does not follow that either is left as it is, and the session goes on without it.
"""

from math import ceil

from ...machine.model import ValueRange

COARSER = (0.5, 1.0)
"""Steps (%) that are tried where a finer one came to nothing; coarser ones are not for who walks backward (S5)."""
_NOISE = 0.05
_TINY = 1e-6


class DeckTrial:
    """What one session has found out of its deck."""

    def __init__(self) -> None:
        self.step: float | None = None
        """The step (%) that is used since a finer one came to nothing."""
        self.given_up = False
        """Whether the deck follows no step, so that it is raised no more in this session."""
        self.sent: float | None = None
        """The incline (%) that it was sent to last, whatever it reports."""
        self._failed: float | None = None  # the incline that came to nothing
        self._proved = False  # the deck has moved in the coarser step

    @property
    def found(self) -> float | None:
        """The step (%) that the deck really makes; None where its machine is right, or nobody knows."""
        return self.step if self._proved else None

    def try_coarser(self, deck: ValueRange, failed: float) -> bool:
        """Take the next coarser step than the deck's, as an incline (%) came to nothing; False: there is none left."""
        if self.given_up or self._proved or deck.values:
            return False
        coarser = next((step for step in COARSER if step > (self.step or deck.step) + _TINY), None)
        if coarser is None:
            return False
        self.step, self._failed = coarser, failed
        return True

    def is_stale(self, value: float) -> bool:
        """Return whether a declined incline (%) is from before the present step."""
        return self.step is not None and not _is_multiple(value, self.step)

    def rounds_up(self, deck: ValueRange, asked: float, level: float, noise: float) -> bool:
        """Take the step of a deck that was sent to an incline (%) and stands at its own next step above.

        Return False where that is not what it does.
        """
        for step in COARSER if not deck.values else ():
            above = ceil(asked / step - _TINY) * step
            if step > (self.step or deck.step) + _TINY and above > asked and abs(level - above) <= _NOISE + noise / 2:
                self.step, self._proved = step, True
                return True
        return False

    def on_followed(self) -> None:
        """Take in that the deck has moved to where it was sent: what came to nothing before lay between its steps."""
        if self.step is not None and self._failed is not None and not _is_multiple(self._failed, self.step):
            self._proved = True


def _is_multiple(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) <= _TINY
