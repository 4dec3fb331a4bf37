"""A ramp that somebody asked for in a session: evenly to another speed or incline, which then stays."""

from dataclasses import dataclass

from ..programs.steps import Ramp
from .axis import Ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualRamp:
    """A ramp that is under way. Times are seconds of the session; S5 may make it slower than asked for."""

    begins: float
    ends: float
    ramp: Ramp
    """Speed in km/h, or incline in %."""
    at_most: bool = False
    """Whether the plan goes on below it: only a person's ramp takes the place of the plan (S16)."""

    @property
    def rises(self) -> bool:
        """Whether it leads up."""
        return self.ramp.end > self.ramp.start

    def over(self, seconds: float) -> bool:
        """Return whether its time has passed."""
        return seconds >= self.ends

    def at(self, seconds: float) -> float:
        """Return its value at a second."""
        return (
            self.ramp.end if self.over(seconds) else self.ramp.at((seconds - self.begins) / (self.ends - self.begins))
        )

    def ahead(self, seconds: float, until: float) -> Ahead | None:
        """Return what is left of its rise, which a cool-down ends (`until`, s of the session); None where it falls."""
        if not self.rises:
            return None
        return Ahead(top=self.ramp.end, lasts=self.ends - seconds, ends=until - seconds, soon=True)

    def leads_to(self, setpoint: float) -> float:
        """Return where the belt will be in the end, on a plan with this setpoint."""
        return min(self.ramp.end, setpoint) if self.at_most else self.ramp.end
