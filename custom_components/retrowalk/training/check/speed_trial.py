"""Sends a belt to its lowest speed and one step up, and judges what it does: its unit, its lowest speed, its step."""

from typing import NamedTuple

from ...machine.model import MachineUnits
from ..belt.unit_detector import Scale
from ..limits import Limits
from .lowest_speed import LowestSpeed
from .phase import CheckPhase
from .result import Failure
from .step_search import NOISE, StepSearch
from .unit_finding import UnitFinder


class Aim(NamedTuple):
    """A speed (km/h) to send, and the phase that begins with it."""

    phase: CheckPhase
    kmh: float


class SpeedTrial:
    """The speeds of one check run (km/h): what was sent, and what is reported."""

    def __init__(self, limits: Limits, present: MachineUnits, *, stated: bool, minimum: bool) -> None:
        """Initialize the trial; see `CheckRun`."""
        if limits.speed is None:
            raise ValueError("this machine's speed cannot be controlled")
        self.units = UnitFinder(limits, present, stated=stated)
        self.start_speed: float | None = None
        """What the belt starts with."""
        self.target = 0.0
        """The speed that was sent last."""
        self._from = 0.0  # what the belt reported when that was sent
        self._least_like: Scale | None = None  # another unit in which its lowest speed would be what was sent
        self._speeds, self._tries_minimum = limits.speed, minimum
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.search = StepSearch(self._speeds, self.units.allowed)
        self.lowest = LowestSpeed(self._speeds, try_minimum=self._tries_minimum)

    def most(self, speed: float) -> float:
        """Return the most that a belt may report, which reports a speed: also on its way down to its target."""
        start_speed = speed if self.start_speed is None else self.start_speed
        return max(start_speed, self._from, self.units.most(self.target))

    def begin(self, speed: float) -> Aim:
        """Take in what the belt starts with; return what to send first."""
        self.start_speed = self._from = speed
        return self._aim(CheckPhase.MINIMUM, self.lowest.begin(self.units.seen(speed)))

    def judge_minimum(self, speed: float) -> Aim | Failure:
        """Judge a belt that was sent to its lowest speed; return what to send next, or why the run fails."""
        self._from, self._least_like = speed, self.units.other(speed, self.target)
        miss, seen = self._explain(speed), self.units.seen(speed)
        if miss is not None and not self.lowest.takes(seen, like_miles=miss is Failure.MILES):
            return self._miss(miss, speed)
        lowest = self.lowest.value
        if miss is not None and abs(lowest - seen) > NOISE:
            return self._aim(CheckPhase.MINIMUM, lowest)  # the next that can be asked for
        self.search.begin(seen, lowest)
        return self._rise()

    def judge_step(self, speed: float) -> Aim | Failure | None:
        """Measure by how much the belt rose; one that does less than it says rounds to what it can do.

        Return what to send next, or why the run fails; None where it does what it was told.
        """
        self._from, search = speed, self.search
        miss, seen = self._explain(speed), self.units.seen(speed)
        if search.retrying and not search.confirming:
            return self._judge_retry(seen)
        if miss is Failure.MILES and self._unit_proved:
            miss = Failure.MISSES
        elif miss is None and self._least_like not in {None, Scale.SAME} and not search.confirming:
            # Each may be the step of a coarse belt; both in the same unit are none.
            miss = Failure.MILES if self.units.other(speed, self.target) is self._least_like else None
        if miss is Failure.MILES or (miss is not None and search.confirming):
            return self._miss(miss, speed)
        if search.confirming:
            return None
        if not search.measure(seen):
            return self._rise()
        if search.may_be_late:
            return self._aim(CheckPhase.STEP, search.retry())
        if abs(seen - self.target) <= NOISE:
            return None
        # It is not where it was sent, so it has to go where its own steps lead.
        return self._aim(CheckPhase.STEP, search.confirm())

    def _judge_retry(self, seen: float) -> Aim | None:
        """Tell a belt that was deaf after its start, and makes the smallest step by now, from one with coarse steps."""
        search = self.search
        if abs(seen - self.target) > NOISE:
            return self._aim(CheckPhase.STEP, search.confirm())
        search.step = search.grain
        return None

    @property
    def _unit_proved(self) -> bool:
        """Whether the belt was exactly at its minimum, so that its steps, not its unit, explain what it does."""
        return self.lowest.found is None and abs(self.search.least - self.lowest.value) <= NOISE

    def _miss(self, miss: Failure, speed: float) -> Aim | Failure:
        """Begin anew with the minimum if another unit explains the miss, else return why the run fails."""
        if miss is not Failure.MILES or not self.units.adopt(speed, self.target):
            return miss
        self._begin_anew()
        aim = self.begin(self.start_speed or 0.0)
        self._from = speed
        return aim

    def _rise(self) -> Aim | Failure:
        target = self.search.next_target()
        return Failure.IGNORES if target is None else self._aim(CheckPhase.STEP, target)

    def _aim(self, phase: CheckPhase, kmh: float) -> Aim:
        self.target = self.units.allowed(kmh)
        self.units.on_sent(self.target)
        return Aim(phase, self.target)

    def _explain(self, speed: float) -> Failure | None:
        return self.units.explain(speed, self.target, self.start_speed or 0.0, self.search.grain)
