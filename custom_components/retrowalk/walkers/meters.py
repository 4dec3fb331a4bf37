"""Makes the meters of sessions: each for who walks, and with how calories are estimated here."""

from homeassistant.util.ulid import ulid_now

from ..training.history.energy import DEFAULT_WEIGHT, EnergyMeter, Estimate
from ..training.history.meter import SessionMeter
from ..training.limits import Direction
from ..training.session.view import SessionView
from ..util import Clock
from .roster import WalkerRoster


class SessionMeters:
    """The meters of one treadmill's walkers; `walker` is a subentry id, or None for a guest."""

    def __init__(self, roster: WalkerRoster, estimate: Estimate, clock: Clock) -> None:
        self._roster = roster
        self._estimate = estimate
        self._clock = clock

    def new(self, session: SessionView, walker: str | None) -> SessionMeter:
        """Return a meter for a session that begins, or was made ready."""
        person = self._roster.walkers.get(walker) if walker else None
        request = session.request
        # The peak of a ramp program is nobody's level.
        chosen = None if request is not None and request.program is not None else session.planned_target
        return SessionMeter(
            id=ulid_now(),
            started=self._clock.utcnow(),
            walker=person.id if person else None,
            direction=session.direction,
            meter=self.energy(walker, session.direction),
            odometer=session.odometer,
            planned=session.length,
            planned_speed=chosen.speed if chosen else None,
            planned_incline=chosen.incline if chosen else None,
            program=request.program_name if request else None,
            weight=person.weight if person else None,
        )

    def energy(self, walker: str | None, direction: Direction) -> EnergyMeter:
        """Return a meter of the energy that a walker spends."""
        person = self._roster.walkers.get(walker) if walker else None
        weight = person.weight if person else DEFAULT_WEIGHT
        return self._estimate.meter(weight, backward=direction is Direction.BACKWARD)

    def is_at_goal(self, meter: SessionMeter) -> bool:
        """Return whether the walker has walked enough today; only backward counts, and guests have no goal."""
        roster = self._roster
        walker = roster.walkers.get(meter.walker) if meter.walker else None
        if walker is None or meter.direction is not Direction.BACKWARD:
            return False
        before = roster.history.day(walker.id, roster.today, roster.tz).minutes
        return walker.reaches_goal(before + meter.moving_time / 60)
