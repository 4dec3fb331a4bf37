"""What a session amounts to: as it is measured, and as it is shown."""

from dataclasses import dataclass, replace
from math import floor

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
    elevation_gain: float = 0  # m
    average_speed: float | None = None  # km/h while the belt moved; None before it did
    top_speed: float | None = None  # km/h


_WHOLE = ("moving_time", "distance", "calories", "steps", "machine_energy")
"""What only grows, and is shown in whole numbers."""
_NOTHING = Totals()
_FIRST, _EVERY = 20.0, 60.0
"""Seconds of motion after which totals are first shown, and then again, so that the recorder need not store each meter.

A minute is about what one may wait before a figure looks stuck.
"""


class SessionTotals:
    """The totals of the session under way, or of the last one until the next is made ready.

    What is shown of a session never falls, whatever the machine's counters do: Home Assistant reports a fall of less
    than a tenth as an error, and counts a greater one as a new beginning. Between two sessions it falls to 0, once.
    Its speeds are shown whenever the others are.
    """

    def __init__(self) -> None:
        self.measured: Measured | None = None
        """The session; None before the next one has begun."""
        self.exact = _NOTHING
        """As measured."""
        self.shown = _NOTHING
        """Without decimals that nobody reads: renewed once a minute while the belt moves, and at rest."""
        self._session: str | None = None
        self._minute: float | None = None  # when they were shown last

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
            self._session, self._minute = self.session, None
            if before != _NOTHING:
                return  # show the 0 before the values of the new session
        minute = (self.exact.moving_time + _EVERY - _FIRST) // _EVERY
        if not (rests or over) and minute == self._minute:
            return
        self._minute = minute
        # As long as it may go on, round down: nothing may be shown that a restart could take back.
        whole = round if over else floor
        grown: dict[str, float] = {name: whole(getattr(self.exact, name)) for name in _WHOLE}
        if not (rests or over):
            grown["machine_energy"] -= grown["machine_energy"] % 10  # few look at it, and each value would be a row
        grown["elevation_gain"] = whole(self.exact.elevation_gain * 10) / 10
        self.shown = replace(self.exact, **{name: max(getattr(self.shown, name), now) for name, now in grown.items()})


def _totals_of(measured: Measured) -> Totals:
    moved = measured.moving_time > 0
    return Totals(
        moving_time=measured.moving_time,
        distance=measured.distance,
        calories=measured.calories,
        steps=measured.steps or 0,
        machine_energy=measured.machine_energy or 0,
        elevation_gain=measured.elevation_gain or 0,
        average_speed=round(measured.distance / measured.moving_time * 3.6, 2) if moved else None,
        top_speed=round(measured.max_speed, 2) if moved else None,
    )
