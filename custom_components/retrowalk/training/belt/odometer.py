"""Counts distance, steps and time of a session, across counters that machines reset and gaps without reports."""

from collections import deque
from dataclasses import dataclass

from ...machine.model import BeltState, Telemetry
from .unit_detector import Scale

GAP = 5.0
"""Seconds without telemetry after which the time in between does not count as walked."""
_MARKS = 1000  # reports; some machines send three a second, and it may take minutes to see that nobody walked

_AS_FAST = 0.3
"""km/h by which a belt may be slower after a report of 0 that was none."""
_SLACK = 3.0  # m by which a distance may differ from speed and time


def moved(before: Telemetry, after: Telemetry) -> float | None:
    """Return for how long (s) a belt moved on in a gap, by the machine's counters; None where they do not show it."""
    silence = after.received - before.received
    if before.elapsed_time is not None and after.elapsed_time is not None:
        ran = after.elapsed_time - before.elapsed_time
        return min(float(ran), silence) if ran >= 0 else None
    if before.distance is None or after.distance is None or not before.speed:
        return None
    meters, expected = after.distance - before.distance, before.speed / 3.6 * silence
    slack = _SLACK + 0.1 * expected
    if not 0 <= meters <= expected + slack:
        return None  # the counter began anew, or the belt got faster
    return silence if meters >= expected - slack else meters / before.speed * 3.6


def gap_goes_on(before: Telemetry, after: Telemetry) -> bool:
    """Return whether a report after a gap does not say yet what a machine that counts has counted meanwhile.

    Right after a reconnect many machines report their state first, and their belt and counters with the next report:
    until then the driver knows no report of this link, and what it tells was received at 0.
    """
    counts = before.elapsed_time is not None or before.distance is not None
    told = after.elapsed_time is not None or after.distance is not None
    return counts and not told and not 0 <= after.received - before.received <= GAP


@dataclass(slots=True)
class Counter:
    """A machine's counter that only grows, and falls to 0 when the machine begins a session of its own."""

    last: int | None = None
    total: int | None = None
    before_fall: tuple[int, int, float] | None = None  # the value and the total before it fell just now, and when

    def update(self, value: int | None, now: float) -> None:
        """Take in what the machine shows; None where it shows nothing."""
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
            self.before_fall = (self.last, total, now)
            self.total = total + value
        elif before_fall is not None and value >= before_fall[0] and now - before_fall[2] <= GAP:
            # No new session began: a few frames of zeros came between good ones.
            self.total = before_fall[1] + value - before_fall[0]
        else:
            self.total = total + value - self.last
        self.last = value


class Trail:
    """The counts at each of the last reports, to go back to when it turns out that nobody walked since."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, float, float]] = deque(maxlen=_MARKS)

    def add(self, when: float, first: float, second: float) -> None:
        """Keep two counts of a moment (s)."""
        self._marks.append((when, first, second))

    def at(self, when: float) -> tuple[float, float] | None:
        """Return the counts by a moment (s); None where there are none."""
        while len(self._marks) > 1 and self._marks[-1][0] > when:
            self._marks.pop()
        return self._marks[-1][1:] if self._marks else None


class Odometer:
    """Distance, steps and moving time since it was made."""

    def __init__(self, begin: Telemetry | None = None) -> None:
        """Begin from the machine's counters in `begin`, if they are known."""
        self.moving_time = 0.0  # s
        self.estimated = False
        """Whether a gap without reports was filled from the machine's counters."""
        self.speed_scale = Scale.SAME
        """How the true speed stands to the one that is reported: the unit may turn out to be another one."""
        self._meters = 0.0  # from speed and time, for machines without a distance counter
        self._distance = Counter()
        self._steps = Counter()
        self._before: Telemetry | None = None
        self._moved: Telemetry | None = None  # the newest of a moving belt
        self._rests_from: float | None = None  # when it was first said to rest since then
        self._rests = 0  # reports of rest since then
        self._trail = Trail()
        if begin is not None:
            self.update(begin)

    @property
    def distance(self) -> float:
        """Meters walked: the machine's count where it has one."""
        return float(self._distance.total) if self._distance.total is not None else self._meters

    @property
    def steps(self) -> int | None:
        """Steps; None where the machine does not count them."""
        return self._steps.total

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry, each newer than the one before."""
        before = self._before
        if before is not None and gap_goes_on(before, telemetry):
            return
        if before is not None and before.belt is BeltState.MOVING:
            elapsed = telemetry.received - before.received
            if elapsed > GAP:
                # Whatever ended the gap, and whoever ended the session in it: the counters ran on.
                elapsed = moved(before, telemetry) or 0.0
                self.estimated = self.estimated or elapsed > 0
            self.moving_time += max(elapsed, 0.0)
            self._meters += (before.speed or 0.0) / 3.6 * max(elapsed, 0.0)
            self._rests_from = telemetry.received
        elif telemetry.belt is BeltState.MOVING:
            elapsed = self._not_rested(telemetry)
            self.moving_time += elapsed
            self._meters += (telemetry.speed or 0.0) / 3.6 * elapsed
        if telemetry.belt is BeltState.MOVING:
            self._moved, self._rests = telemetry, 0
        else:
            self._rests += 1
        self._distance.update(telemetry.distance, telemetry.received)
        self._steps.update(telemetry.steps, telemetry.received)
        if telemetry.uncounted_since is None:
            self._trail.add(telemetry.received, self.moving_time, self._meters)
        elif (counted := self._trail.at(telemetry.uncounted_since)) is not None:
            self.moving_time, self._meters = counted
        self._before = telemetry

    def _not_rested(self, telemetry: Telemetry) -> float:
        """Return the seconds for which a belt only seemed to rest: some report a single speed of 0 now and then.

        A belt that really rested begins to move slowly, and its machine says so more than once.
        """
        moved, rests_from = self._moved, self._rests_from
        if moved is None or rests_from is None or moved.elapsed_time is None or telemetry.elapsed_time is None:
            return 0.0
        away = telemetry.received - moved.received
        slower = (telemetry.speed or 0.0) < (moved.speed or 0.0) - _AS_FAST
        if rests_from < moved.received or away > GAP or self._rests > 2 or slower:
            return 0.0  # a report that is older than the one before it, or a rest
        # What the machine's clock counted since then, without what is counted already.
        ran = min(float(telemetry.elapsed_time - moved.elapsed_time), away) - (rests_from - moved.received)
        return max(ran, 0.0)
