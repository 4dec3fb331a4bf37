"""A ramp that somebody asked for in a walk: evenly to another speed or incline, and there it stays."""

from dataclasses import dataclass

from ..programs.steps import Ramp
from .axis import Ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualRamp:
    """A ramp that is under way. Times are seconds of the walk; what S5 forbids comes later than asked for."""

    begins: float
    ends: float
    ramp: Ramp
    """Speed in km/h, or incline in %."""
    at_most: bool = False
    """Whether the course goes on below it: only a person's ramp takes the place of the course (S16)."""

    @property
    def rises(self) -> bool:
        """Whether it leads up."""
        return self.ramp.end > self.ramp.start

    def over(self, seconds: float) -> bool:
        """Whether its time has passed."""
        return seconds >= self.ends

    def at(self, seconds: float) -> float:
        """Where it should be at a second."""
        return (
            self.ramp.end if self.over(seconds) else self.ramp.at((seconds - self.begins) / (self.ends - self.begins))
        )

    def ahead(self, seconds: float, until: float) -> Ahead | None:
        """What is left of its rise, which a cool-down ends (`until`, s of the walk); None where it falls."""
        if not self.rises:
            return None
        return Ahead(top=self.ramp.end, lasts=self.ends - seconds, ends=until - seconds, soon=True)

    def leads_to(self, wish: float) -> float:
        """Where the belt is steered to that it leads, on a course that wishes this."""
        return min(self.ramp.end, wish) if self.at_most else self.ramp.end
