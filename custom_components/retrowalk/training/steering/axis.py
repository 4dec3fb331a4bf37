"""Belt or deck: its setpoint, what was last commanded, and what was announced (S5, S6)."""

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from math import ceil, floor

from ...machine.model import Command, CommandKind, ValueRange
from ..belt.noise import SETTLES_WITHIN, Reading
from ..limits import Pace

RISE_NOTICE = 5.0
"""Seconds between the announcement of a rise and its first step (S6)."""
NOTICE_LAPSES = 15.0
"""Seconds by which a rise may be late until it has to be announced again: nobody expects it any more."""
RISE_APART = 20.0
"""Seconds for which speed and incline never rise after each other (S5)."""
LAGS = 0.1
"""km/h or % by which machines report less than was commanded, although nobody changed anything."""
ANSWERED_WITHIN = 12.0
"""Seconds in which a machine declines a step if it does; one that never answers gets 10 s."""
ACCEPTED_WITHIN = 1.0
"""Seconds in which machines accept a target; later it has reached the belt later, too."""
DRIFT = 0.7
"""% by which a deck may stand somewhere else than it was sent to; more is somebody's doing, or has to be undone."""
EPSILON = 1e-6
NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A ramp upward that is about to begin: what rises, from where to where, and for how long."""

    kind: CommandKind
    start: float
    target: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A ramp upward that has reached its end."""

    kind: CommandKind
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A ramp upward that the machine refuses: where it should have led, and where the belt stays."""

    kind: CommandKind
    target: float
    present: float


def _never(_: float) -> float:
    return float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The ramp upward of a curve that is followed."""

    top: float  # where it leads
    lasts: float  # s until it is there
    ends: float  # s until the curve falls, or is below it
    soon: bool  # it rises within RISE_NOTICE: it is time to announce it
    cools: Callable[[float], float] = _never  # s until the cool-down begins from a level: the higher, the sooner


@dataclass(slots=True)
class Axis:
    """One of the two that move, belt or deck: its setpoint, what was last commanded, and when."""

    kind: CommandKind
    range: ValueRange
    grid: ValueRange  # its steps outside that range, too: from there it is brought into the range
    setpoint: float
    commanded: float
    changed: float = NEVER  # when it was last commanded
    rose: float = NEVER
    announced: float = NEVER  # when the present ramp upward was announced
    announced_to: float = NEVER  # and up to where
    rising: bool = False  # a ramp upward has begun, and its end was not announced yet
    sent: float | None = None  # what was really sent last
    came_from: float = float("inf")  # what was commanded before that
    arrived: bool = False  # it was reported where it was sent
    strays_since: float = NEVER  # when it was last seen where it was sent to
    holds: bool = False  # it follows nothing, so that it is not raised any more
    most: float = float("inf")  # and goes no higher than this, whatever is asked for
    refused: bool = False  # the machine declined a step of the ramp that was announced last
    ahead: Ahead | None = None  # the ramp of a curve; otherwise it goes to the setpoint as fast as it may
    due: float = NEVER  # since when a step upward is due
    counted_from_measured: bool = False  # the next step up counts from less than was commanded
    repeated: float | None = None  # the value of such a step
    lags: float = 0.0  # by how much it stays below that all the same: its own lag

    @property
    def gap(self) -> float:
        """What is left to the setpoint; 0 when it is reached."""
        gap = self.setpoint - self.commanded
        return gap if abs(gap) >= EPSILON else 0.0

    @property
    def last_sent(self) -> float:
        """What was really sent last, or what it did when we took it."""
        return self.commanded if self.sent is None else self.sent

    def command(self, value: float, now: float) -> Command:
        """Return the command to go to a value at `now` (s)."""
        self.came_from = self.commanded
        self.commanded = self.sent = value
        self.changed, self.arrived = now, False
        return Command(self.kind, value)

    def pending(self) -> float:
        """Return when it last rose, or will rise because that was announced."""
        return max(self.rose, self.announced + RISE_NOTICE)

    def limit(self, pace: Pace | None, possible: float, now: float) -> float:
        """Return where the present ramp leads; on a curve, what can be reached before the curve falls again."""
        if self.ahead is None or pace is None:
            return self.setpoint
        ahead, before, stride = self.ahead, self.commanded, self._stride(pace)
        announced = max(possible, now, (self.announced if self.announced > NEVER else now) + RISE_NOTICE)

        def level(steps: int) -> float:
            return min(ahead.top, round(before + steps * stride, 6))

        def is_too_late(steps: int) -> bool:
            top = level(steps)
            begins = announced if top <= self.announced_to + EPSILON else max(announced, now + RISE_NOTICE)
            return begins + steps * pace.seconds > now + min(ahead.ends, ahead.cools(top)) + EPSILON

        most = max(ceil((ahead.top - before) / stride - EPSILON), 0)
        # The more steps, the later the last one, and the sooner the cool-down.
        top = level(bisect_right(range(1, most + 1), False, key=is_too_late))
        self.setpoint = min(self.setpoint, top)
        return top

    def update(self, present: Reading | None) -> None:
        """Take in a measurement: how far it stays below what was commanded."""
        self.setpoint = min(self.setpoint, self.most)
        if present is None:
            return
        below = self.commanded - present.level
        self.lags = max(min(self.lags, below), 0.0)
        if self.sent is not None:
            self.arrived = self.arrived or abs(self.sent - present.level) <= LAGS + present.noise
        if below <= LAGS + present.noise:
            self.repeated = None

    def on_accepted(self, now: float) -> None:
        """Take in that the machine accepted a target at `now` (s): the next one is that much later (S5).

        It may have had to wait for the link's control, or for an answer that never came.
        """
        accepted = max(self.changed, now - ACCEPTED_WITHIN)
        self.rose = accepted if self.rose == self.changed else self.rose
        self.changed = accepted

    def follow_drift(self, present: Reading | None, now: float, *, by: float = DRIFT) -> None:
        """Count from the measured value where a deck has risen `by` this (%) by itself, and bring it down again."""
        if present is None or present.level <= self.commanded + by:
            self.strays_since = now
        elif not self.holds and now - max(self.strays_since, self.changed) >= SETTLES_WITHIN:
            self.commanded = present.level

    def count_from_measured(self, present: Reading | None) -> None:
        """Count the next step up from the measured value, where that is below the commanded one (S5).

        The same value is commanded again only once: a lag that stays is the machine's own, and would end every rise.
        """
        if present is None or not self.is_below(self.commanded, present):
            return
        if self.repeated == self.commanded:
            self.lags = self.commanded - present.level
            return
        self.commanded = min(self.grid.snap(present.level + LAGS, rounding=ROUND_FLOOR), self.commanded)
        self.counted_from_measured = True

    def count_down_from_measured(self, present: Reading | None) -> bool:
        """Count the next step down from where a deck stands that has moved by itself; return whether none is left."""
        if present is None or self.holds:
            return False
        if self.is_below(self.commanded, present):
            self.commanded = max(self.setpoint, present.level)
        elif present.level - self.commanded > LAGS:
            self.commanded = present.level
        return self.gap == 0

    def is_below(self, value: float, present: Reading) -> bool:
        """Return whether the machine does less than a value, by more than its own lag and its noise."""
        return value - present.level - self.lags > LAGS + present.noise + EPSILON

    def is_nearly_below(self, value: float, present: Reading) -> bool:
        """Return whether a step down to a value might raise the belt, which is slower already (S5).

        What is measured is as far up as the noise of the newest report allows: it does not excuse the step once more.
        """
        return value - present.level - self.lags > 1.5 * LAGS + EPSILON

    def shows(self, present: Reading | None, now: float) -> bool:
        """Return whether a rise may be called reached: it is measured, or it is too late to be declined."""
        if present is None or now - self.rose >= ANSWERED_WITHIN:
            return True
        return self.commanded - present.level - self.lags <= self.range.step / 2 + present.noise + EPSILON

    def refuse(self, value: float, present: float | None) -> Refused | None:
        """Lower the setpoint to what the machine does, because a command to this value was declined.

        A lower setpoint is kept, and tried again. Return the refusal to announce: of a rise, once per ramp.
        """
        if present is None:
            return None
        stays, target = self.grid.snap(present), max(self.announced_to, value)
        self.commanded, self.setpoint = stays, min(self.setpoint, stays)
        self.announced, self.announced_to, self.rising = NEVER, NEVER, False
        announced, self.refused = self.refused, True
        if announced or value <= present + self.range.step / 2:
            return None
        return Refused(kind=self.kind, target=target, present=stays)

    def hold(self, present: float, sent: float | None, level: float) -> None:
        """Raise a deck no more that was sent somewhere and is reported where it was before (%).

        Either it stays, or its report does: it is taken back to `level` from where it was sent, which raises neither.
        """
        taken_up = self.sent is None  # it may have been moved since
        self.refuse(self.commanded, present)
        self.commanded = present if sent is None else min(present, sent) if taken_up else sent
        self.setpoint = self.most = min(self.commanded, level)
        self.holds = True

    def may_fall(self, pace: Pace, now: float, under_way: Collection[CommandKind]) -> bool:
        """Return whether the next step down may come at `now` (s); a fall before it must be answered."""
        falls = self.rose < self.changed and self.kind in under_way
        return not falls and now - self.changed >= pace.seconds

    def down(self, pace: Pace) -> float:
        """Return the next step down, none above what was sent last (S5); but a deck may have risen by itself since."""
        value = self.range.snap(max(self.setpoint, self.commanded - pace.step), rounding=ROUND_CEILING)
        if self.sent is None or (self.kind is CommandKind.SET_INCLINE and self.arrived):
            return value
        return min(value, self.range.snap(self.sent, rounding=ROUND_FLOOR))

    def is_announced(self, top: float, pace: Pace, possible: float, now: float) -> bool:
        """Return whether the walker knows of the present ramp, up to its present end, and still expects it.

        `possible` is when the next step may come at the earliest.
        """
        expected = max(self.announced + RISE_NOTICE, self.rose + pace.seconds, self.due, possible)
        return top <= self.announced_to + EPSILON and now <= expected + NOTICE_LAPSES

    def up(self, pace: Pace) -> float:
        """Return the next step up."""
        return self.grid.snap(min(self.setpoint, self.commanded + pace.step), rounding=ROUND_FLOOR)

    def _stride(self, pace: Pace) -> float:
        """Return how much a step up makes on the machine's grid."""
        return max(floor(pace.step / self.grid.step + EPSILON), 1) * self.grid.step

    def overshoots(self, pace: Pace) -> bool:
        """Return whether the machine has no value near enough for the next step: then it does not rise at all."""
        return self.up(pace) > self.commanded + pace.step + EPSILON

    def rise(self, top: float, pace: Pace) -> Rise:
        """Return the rise to announce."""
        self.refused = False
        seconds = max((top - self.commanded) / self._stride(pace) - 1, 0.0) * pace.seconds
        if self.ahead is not None:
            seconds = max(seconds, self.ahead.lasts - RISE_NOTICE)
        return Rise(kind=self.kind, start=self.commanded, target=top, seconds=round(seconds, 1))
