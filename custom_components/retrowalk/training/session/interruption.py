"""A belt that was not heard for a while: whose it is afterwards, by what it did meanwhile (safety rule S10)."""

from enum import StrEnum
from math import inf

from ...machine.model import Telemetry
from ..belt.odometer import moved
from ..steering.steering import Steering

END_HOLDS = 60.0
"""Seconds of silence after which a planned end is not ours to keep any more."""
_SLACK = 3.0  # s that counters may lag


class Aftermath(StrEnum):
    """What becomes of a moving belt that is heard again. Nothing goes up in any of them until a person acts."""

    CONSOLE = "console"  # it goes on without us
    HOLDS = "holds"  # as planned
    BEGINS = "begins"  # it was started just before: down to the minimum, whatever the machine made of it meanwhile
    COOLS_DOWN = "cools_down"  # it was on its way to its end
    LOWERS = "lowers"  # somebody had slowed it: it comes down to there, and goes on without us
    PAUSES = "pauses"  # we had paused it


class Interruption:
    """One silence of a moving belt."""

    def __init__(
        self,
        last: Telemetry,
        steering: Steering | None,
        *,
        ours: bool,
        starts: bool = False,
        moves_until: float = inf,
        pauses: bool = False,
    ) -> None:
        """`last` was heard last, `steering` steered it then; `ours`: it did what we told it.

        `starts`: it was told to start and had not moved yet, and has to be heard to move until `moves_until` (S2);
        `pauses`: it was coming to rest in a pause.
        """
        self.ours = ours
        self.pauses = pauses
        self.steering = steering
        self._last = last
        self._starts = starts or (steering is not None and steering.is_starting)
        self._console_used = False
        self._moves_until = moves_until

    def is_overdue(self, now: float) -> bool:
        """Whether a belt that was being started ought to have been heard to move by now."""
        return now > self._moves_until

    @property
    def _slowest(self) -> float:
        """The speed (km/h) below which only a hand on the console brings a belt that we steer (S7)."""
        if self._starts or self.steering is None:
            return 0.0
        return min(self._last.speed or 0.0, self.steering.pilot.commanded_speed) - self.steering.step

    @property
    def still_ours(self) -> bool:
        """Whether it did what we told it, and nobody used its console since, as far as the machine reports."""
        return self.ours and not self._console_used

    def on_console(self) -> None:
        """The machine reports that somebody used its console meanwhile."""
        self._console_used = True

    def aftermath(self, telemetry: Telemetry) -> Aftermath:
        """What becomes of it, now that it is heard to move."""
        steering, speed = self.steering, telemetry.speed
        if not self.still_ours or speed is None or not self._slowest <= speed <= self._fastest:
            return Aftermath.CONSOLE
        short = telemetry.received - self._last.received < END_HOLDS
        if steering is not None and steering.cool_down is not None:
            return Aftermath.COOLS_DOWN  # going down is always allowed
        if not short:
            return Aftermath.CONSOLE
        if self.pauses:
            return Aftermath.PAUSES
        if self._starts:
            return Aftermath.BEGINS
        if steering is not None and self._ran_on(telemetry):
            return Aftermath.HOLDS
        falls = steering is not None and (steering.falling or self._was_too_fast)
        return Aftermath.LOWERS if falls else Aftermath.CONSOLE

    def resume_speed(self, present: float, *, overshoots: bool) -> float:
        """The speed (km/h) from which it is steered on: what it was told last, if that is what it does.

        `overshoots`: it is known to do more than it is told (S9), so that a step down from there were one up.
        """
        pilot = self.steering.pilot if self.steering is not None else None
        if pilot is not None and (pilot.on_target(present) or (overshoots and pilot.commanded_speed < present)):
            return pilot.commanded_speed
        return present

    def _ran_on(self, telemetry: Telemetry) -> bool:
        """Whether its counters tell that it never stood still."""
        seconds = moved(self._last, telemetry)
        return seconds is not None and seconds >= telemetry.received - self._last.received - _SLACK

    @property
    def _was_too_fast(self) -> bool:
        """Whether it had not come down yet to what it was told; perhaps it did not hear it."""
        steering = self.steering
        return steering is not None and (self._last.speed or 0.0) > steering.pilot.commanded_speed + steering.step

    @property
    def _fastest(self) -> float:
        """The speed (km/h) that needs no hand on the console; a machine that starts has ideas of its own (S12)."""
        if self._starts:
            return float("inf")
        last, steering = self._last.speed or 0.0, self.steering
        return last + 0.1 if steering is None else max(last, steering.pilot.commanded_speed) + steering.step
