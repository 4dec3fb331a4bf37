"""Counts what a session did, over counters that machines reset and times when nothing was heard."""

from dataclasses import dataclass

from ..machine.model import BeltState, Telemetry

_GAP = 5.0
"""Seconds without telemetry after which the time between is not taken for walking."""


@dataclass(slots=True)
class _Counter:
    """A machine's counter that only grows, and falls to nothing when the machine begins a session of its own."""

    last: int | None = None
    total: int | None = None
    before_fall: tuple[int, int] | None = None  # the value and the total before it fell just now

    def feed(self, value: int | None) -> None:
        if value is None:
            return
        if self.last is None:
            self.last = value
            return
        if value == self.last:
            self.total = self.total or 0
            return
        total, before_fall = self.total or 0, self.before_fall
        self.before_fall = None
        if value < self.last:
            self.before_fall = (self.last, total)
            self.total = total + value
        elif before_fall is not None and value >= before_fall[0]:
            # It was no new session, only one frame of zeros among good ones.
            self.total = before_fall[1] + value - before_fall[0]
        else:
            self.total = total + value - self.last
        self.last = value


class Odometer:
    """Distance, steps and moving time since it was made."""

    def __init__(self, begin: Telemetry | None = None) -> None:
        """`begin` is what the machine counted before, if anything is known of it."""
        self.moving_time = 0.0  # s
        self.estimated = False
        """Whether a time that was not heard was filled from the machine's counters."""
        self._metres = 0.0  # from speed and time, for machines without a distance counter
        self._distance = _Counter()
        self._steps = _Counter()
        self._before: Telemetry | None = None
        if begin is not None:
            self.feed(begin)

    @property
    def distance(self) -> float:
        """Metres walked: the machine's count where it has one."""
        return float(self._distance.total) if self._distance.total is not None else self._metres

    @property
    def steps(self) -> int | None:
        """Steps; None where the machine does not count them."""
        return self._steps.total

    def bridge(self, seconds: float) -> None:
        """Count time (s) in which the belt moved unheard: its counters ran on."""
        if seconds > 0:
            self.moving_time += seconds
            self.estimated = True

    def feed(self, telemetry: Telemetry) -> None:
        """Take in telemetry, each newer than the one before."""
        before = self._before
        if before is not None and before.belt is BeltState.MOVING:
            elapsed = telemetry.received - before.received
            if 0 < elapsed <= _GAP:
                self.moving_time += elapsed
                self._metres += (before.speed or 0.0) / 3.6 * elapsed
        self._distance.feed(telemetry.distance)
        self._steps.feed(telemetry.steps)
        self._before = telemetry
