"""Everything that entities show of one treadmill, at one moment."""

from dataclasses import dataclass
from datetime import datetime

from ..machine.bluetooth.link import LinkState
from ..machine.model import BeltState, Telemetry
from ..training.check.phase import CheckPhase
from ..training.limits import Direction, Limits
from ..training.states import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStep:
    """A step of the program that is walked, counted from 1 with the groups unrolled."""

    program: str
    number: int
    steps: int
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One immutable view; entities take their values from it and hold none of their own."""

    link: LinkState
    signal: int | None  # dBm, of the newest advertisement
    telemetry: Telemetry | None  # None without a link, and while a moving belt is not heard (S11)
    state: SessionState
    direction: Direction
    limits: Limits
    countdown_ends: datetime | None
    moving_time: float  # s
    distance: float  # m
    steps: int | None
    calories: float | None  # kcal, gross; None before the first walk
    walker: str | None  # who walks, or would; None: a guest
    length: float  # min, of this walk or the next
    program: str  # of this walk or the next: plan, free, a preset's key or a name
    step: ProgramStep | None  # of the program that is walked
    ends: datetime | None  # when the belt will stop, by plan
    target_speed: float | None  # km/h
    target_incline: float | None  # %
    awaiting_resume: bool  # nothing rises until a person says so (S10)
    coasting: bool  # the walk is paused, and the belt is not known to rest yet
    safety_key_pulled: bool
    locked: bool  # the child lock
    check: CheckPhase | None  # of the check run that is under way

    @property
    def belt_moving(self) -> bool | None:
        """Whether the belt moves; None while nobody knows."""
        if self.telemetry is None or self.telemetry.belt is BeltState.UNKNOWN:
            return None
        return self.telemetry.belt is BeltState.MOVING
