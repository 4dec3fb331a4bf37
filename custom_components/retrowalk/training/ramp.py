"""A ramp that somebody asked for in a walk: evenly to another speed or incline, and there it stays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..machine.model import CommandKind
from .pilot import Ahead
from .program import Ramp


@dataclass(frozen=True, slots=True)
class Ramping:
    """A ramp that is under way. Times are seconds of the walk; what S5 forbids comes later than asked for."""

    begins: float
    ends: float
    ramps: Mapping[CommandKind, Ramp]
    """Speed in km/h, incline in %."""

    def over(self, seconds: float) -> bool:
        """Whether its time has passed."""
        return seconds >= self.ends

    def at(self, kind: CommandKind, seconds: float) -> float:
        """Where it should be at a second."""
        return self.ramps[kind].at((seconds - self.begins) / (self.ends - self.begins))

    def ahead(self, kind: CommandKind, seconds: float, until: float) -> Ahead | None:
        """What is left of its rise, which a cool-down ends (`until`, s of the walk); None where it falls."""
        ramp = self.ramps[kind]
        if ramp.end <= ramp.start:
            return None
        return Ahead(top=ramp.end, lasts=self.ends - seconds, ends=until - seconds, soon=True)

    def without(self, kind: CommandKind) -> Ramping | None:
        """What is left of it when one of the two is wanted otherwise."""
        left = {each: ramp for each, ramp in self.ramps.items() if each is not kind}
        return replace(self, ramps=left) if left else None
