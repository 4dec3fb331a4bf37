"""Creates the meters of sessions, each for its walker and with the treadmill's calorie estimate."""

from homeassistant.util.ulid import ulid_now

from ..training.history.energy import DEFAULT_WEIGHT, EnergyMeter, Estimate
from ..training.history.meter import SessionMeter
from ..training.limits import Direction
from ..training.session.view import SessionView
from ..util import Clock
from .roster import WalkerRoster


class SessionMeters:
    """The meters of one treadmill's walkers; `walker` is a subentry ID, or None for a guest."""

    def __init__(self, roster: WalkerRoster, estimate: Estimate, clock: Clock) -> None:
        self._roster = roster
        self._estimate = estimate
        self._clock = clock

    def new(self, session: SessionView, walker: str | None) -> SessionMeter:
        """Return a meter for a session that begins or was made ready."""
        person = self._roster.walkers.get(walker) if walker else None
        request = session.request
        # The peak of a ramp program is not the walker's level.
        target = None if request is not None and request.program is not None else session.planned_target
        return SessionMeter(
            id=ulid_now(),
            started=self._clock.utcnow(),
            walker=person.id if person else None,
            direction=session.direction,
            meter=self.energy(walker, session.direction),
            odometer=session.odometer,
            planned=session.length,
            planned_speed=target.speed if target else None,
            planned_incline=target.incline if target else None,
            program=request.program_name if request else None,
            weight=person.weight if person else None,
        )

    def energy(self, walker: str | None, direction: Direction) -> EnergyMeter:
        """Return a meter for the energy that a walker spends."""
        person = self._roster.walkers.get(walker) if walker else None
        weight = person.weight if person else DEFAULT_WEIGHT
        return self._estimate.meter(weight, backward=direction is Direction.BACKWARD)

    def is_at_goal(self, meter: SessionMeter) -> bool:
        """Return whether the walker has reached today's goal; only backward counts, and guests have no goal."""
        roster = self._roster
        walker = roster.walkers.get(meter.walker) if meter.walker else None
        if walker is None or meter.direction is not Direction.BACKWARD:
            return False
        before = roster.history.day(walker.id, roster.today, roster.tz).minutes
        return walker.reaches_goal(before + meter.moving_time / 60)
