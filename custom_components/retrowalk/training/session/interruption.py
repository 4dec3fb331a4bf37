"""A belt that was not heard for a while, and what happens to it afterward (safety rule S10)."""

from enum import StrEnum
from math import inf

from ...machine.model import Telemetry
from ..belt.odometer import moved
from ..steering.steering import Steering

END_HOLDS = 60.0
"""Seconds of silence after which a planned end no longer holds."""
_SLACK = 3.0  # s by which counters may lag


class Aftermath(StrEnum):
    """What happens to a moving belt that is heard again. Nothing rises until a person acts."""

    CONSOLE = "console"  # it is left to the person at the console
    HOLDS = "holds"  # it follows its plan
    BEGINS = "begins"  # it had just been started: down to the minimum, whatever its speed is now
    COOLS_DOWN = "cools_down"  # its cool-down goes on
    LOWERS = "lowers"  # its fall goes on to the target, where it is left to the console
    PAUSES = "pauses"  # its pause goes on


class Interruption:
    """One period without reports from a moving belt."""

    def __init__(
        self,
        last: Telemetry,
        steering: Steering | None,
        *,
        ours: bool,
        starts: bool = False,
        moves_until: float = inf,
        pauses: bool = False,
        speed_lost: bool = False,
    ) -> None:
        """Initialize with the last report and the steering at that time; `ours`: we controlled the belt.

        `starts`: the belt was told to start and had not moved yet; it has to move by `moves_until` (S2).
        `pauses`: the belt was coming to rest for a pause. `speed_lost`: a target speed was lost with the link.
        """
        self.ours = ours
        self.pauses = pauses
        self.steering = steering
        self._last = last
        self._starts = starts or (steering is not None and steering.is_starting)
        self._console_used = False
        self._moves_until = moves_until
        self._speed_lost = speed_lost

    def is_overdue(self, now: float) -> bool:
        """Return whether a belt that was being started should have moved by now."""
        return now > self._moves_until

    @property
    def _slowest(self) -> float:
        """Return the lowest speed (km/h) that is possible without the console (S7)."""
        if self._starts or self.steering is None:
            return 0.0
        return min(self._last.speed or 0.0, self.steering.pilot.commanded_speed) - self.steering.step

    @property
    def still_ours(self) -> bool:
        """Whether no console use was reported since."""
        return self.ours and not self._console_used

    def on_console(self) -> None:
        """Handle a report that the console was used."""
        self._console_used = True

    def aftermath(self, telemetry: Telemetry) -> Aftermath:
        """Return what happens to the belt, now that it is heard to move."""
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
        """Return the speed (km/h) to steer on from: the commanded speed, if the belt runs at it, or the present one.

        `overshoots`: the belt runs faster than it is told (S9). A step down from its present speed would be a rise.
        """
        pilot = self.steering.pilot if self.steering is not None else None
        reached = not self._speed_lost  # or the next step would be two at once (S5)
        if pilot is not None and (
            (reached and pilot.on_target(present)) or (overshoots and pilot.commanded_speed < present)
        ):
            return pilot.commanded_speed
        return present

    def _ran_on(self, telemetry: Telemetry) -> bool:
        """Return whether the counters show that the belt never rested."""
        seconds = moved(self._last, telemetry)
        return seconds is not None and seconds >= telemetry.received - self._last.received - _SLACK

    @property
    def _was_too_fast(self) -> bool:
        """Whether the belt was above its commanded speed."""
        steering = self.steering
        return steering is not None and (self._last.speed or 0.0) > steering.pilot.commanded_speed + steering.step

    @property
    def _fastest(self) -> float:
        """Return the highest speed (km/h) that is possible without the console; a starting machine may do any (S12)."""
        if self._starts:
            return inf
        last, steering = self._last.speed or 0.0, self.steering
        return last + 0.1 if steering is None else max(last, steering.pilot.commanded_speed) + steering.step
