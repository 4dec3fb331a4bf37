"""What a session amounts to: as it is measured, and as it is shown."""

from dataclasses import dataclass

from ..states import PREPARING, SessionState
from .meter import SessionMeter
from .record import SessionRecord

type Measured = SessionMeter | SessionRecord
"""A session under way, or one that has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals of one session; without a session they are 0."""

    moving_time: float = 0  # s
    distance: float = 0  # m
    calories: float = 0  # kcal, gross
    steps: float = 0
    machine_energy: float = 0  # kcal as the machine counts them


_NAMES = ("moving_time", "distance", "calories", "steps", "machine_energy")
_NOTHING = Totals()
_COARSE = Totals(moving_time=60, distance=50, calories=5, steps=100, machine_energy=10)
"""The steps in which totals are shown while they grow, so that the recorder need not store each meter."""
_FINE = Totals(moving_time=1, distance=1, calories=1, steps=1, machine_energy=1)


class SessionTotals:
    """The totals of the session under way, or of the last one until the next is made ready.

    What is shown of a session never falls, whatever the machine's counters do: Home Assistant reports a fall of less
    than a tenth as an error, and counts a greater one as a new beginning. Between two sessions it falls to 0, once.
    """

    def __init__(self) -> None:
        self.measured: Measured | None = None
        """The session; None before the next one has begun."""
        self.exact = _NOTHING
        """As measured."""
        self.shown = _NOTHING
        """In whole numbers: coarse while the belt moves, fine at rest and whenever the state changes."""
        self._session: str | None = None
        self._state: SessionState | None = None

    @property
    def session(self) -> str | None:
        """The ID of the session."""
        return self.measured.id if self.measured else None

    def update(self, state: SessionState, *, rests: bool, over: bool) -> None:
        """Update the totals; `rests`: the belt is known to rest; `over`: no session is under way."""
        if over and state in PREPARING:
            self.measured = None
        self.exact = _totals_of(self.measured) if self.measured else _NOTHING
        if self.session != self._session:
            before, self.shown = self.shown, _NOTHING
            self._session, self._state = self.session, None
            if before != _NOTHING:
                return  # show the 0 before the values of the new session
        fine = rests or state is not self._state
        self._state = state
        # As long as it may go on, round down: nothing may be shown that a restart could take back.
        rounded = _down(self.exact, _FINE if fine else _COARSE)
        if over:
            rounded = Totals(**{name: round(getattr(self.exact, name)) for name in _NAMES})
        self.shown = Totals(**{name: max(getattr(self.shown, name), getattr(rounded, name)) for name in _NAMES})


def _totals_of(measured: Measured) -> Totals:
    return Totals(
        moving_time=measured.moving_time,
        distance=measured.distance,
        calories=measured.calories,
        steps=measured.steps or 0,
        machine_energy=measured.machine_energy or 0,
    )


def _down(totals: Totals, to: Totals) -> Totals:
    """Return the totals, each rounded down to whole steps."""
    steps = ((name, getattr(to, name)) for name in _NAMES)
    return Totals(**{name: int(getattr(totals, name) // step) * step for name, step in steps})
