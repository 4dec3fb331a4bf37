"""One of the two that move, belt or deck: what was wished, told and announced of it (safety rules S5, S6)."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR
from math import floor

from ...machine.model import CommandKind, ValueRange
from ..belt.noise import Reading
from ..limits import Pace

RISE_NOTICE = 5.0
"""Seconds between the announcement of a rise and its first step (S6)."""
NOTICE_LAPSES = 15.0
"""Seconds by which a rise may be late before it has to be announced again: nobody expects it any more."""
RISE_APART = 20.0
"""Seconds for which speed and incline never rise after each other (S5)."""
LAGS = 0.1
"""km/h or % that machines report less than they were told, without anybody's doing."""
ANSWERED_WITHIN = 12.0
"""Seconds after a step in which a machine has declined it if it does; who never answers is given 10 s."""
EPSILON = 1e-6
NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A ramp upwards that is about to begin: what rises, from where to where, and for how long."""

    kind: CommandKind
    start: float
    target: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A ramp upwards that has come to its end."""

    kind: CommandKind
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A ramp upwards that the machine does not go: up to where it was to lead, and where it stays."""

    kind: CommandKind
    target: float
    present: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A ramp upwards of a curve that is followed."""

    top: float  # where it leads
    lasts: float  # s until it is there
    ends: float  # s until the curve falls below it
    soon: bool  # it rises within RISE_NOTICE: it is time to announce it


@dataclass(slots=True)
class Axis:
    """One of the two things that move: its wish, what was last commanded, and when."""

    kind: CommandKind
    range: ValueRange
    grid: ValueRange  # its steps outside that range too: from there it is walked into it
    setpoint: float
    commanded: float
    changed: float = NEVER  # when it was last commanded
    rose: float = NEVER
    announced: float = NEVER  # when the present ramp upwards was announced
    announced_to: float = NEVER  # and up to where
    rising: bool = False  # a ramp upwards has begun, and its end was not told yet
    refused: bool = False  # the machine declined a step of the ramp that was announced last
    ahead: Ahead | None = None  # the ramp of a curve; else it goes to the wish as fast as it may
    due: float = NEVER  # since when a step upwards is due
    counted_from_measured: bool = False  # the next step up is counted from less than it was told
    repeated: float | None = None  # what it was told by such a step
    lags: float = 0.0  # what it stays below that all the same: its own way, and nobody's doing

    @property
    def gap(self) -> float:
        """What is left to the wish; 0 when it is reached."""
        gap = self.setpoint - self.commanded
        return gap if abs(gap) >= EPSILON else 0.0

    def pending(self) -> float:
        """When it rose last, or will rise because that was announced."""
        return max(self.rose, self.announced + RISE_NOTICE)

    def limit(self, pace: Pace | None, possible: float, now: float) -> float:
        """Where the present ramp leads: of a curve, what can be reached before it falls again."""
        if self.ahead is None or pace is None:
            return self.setpoint
        begins = max(possible, self.announced + RISE_NOTICE if self.announced > NEVER else now + RISE_NOTICE)
        steps = floor((now + self.ahead.ends - begins) / pace.seconds + EPSILON)
        top = max(
            min(self.ahead.top, round(self.commanded + max(steps, 0) * pace.step, 6)),
            min(self.commanded, self.ahead.top),
        )
        self.setpoint = min(self.setpoint, top)
        return top

    def update(self, present: Reading | None) -> None:
        """Take in what is measured: how far it stays below what it was told."""
        if present is None:
            return
        below = self.commanded - present.level
        self.lags = max(min(self.lags, below), 0.0)
        if below <= LAGS + present.noise:
            self.repeated = None

    def count_from_measured(self, present: Reading | None) -> None:
        """Count the next step up from what it does, where that is less than what it was told (S5).

        It is told again only once: what that does not change is how this machine is, and would end every rise.
        """
        if present is None or not self.is_below(self.commanded, present):
            return
        if self.repeated == self.commanded:
            self.lags = self.commanded - present.level
            return
        self.commanded = min(self.grid.snap(present.level + LAGS, rounding=ROUND_FLOOR), self.commanded)
        self.counted_from_measured = True

    def is_below(self, value: float, present: Reading) -> bool:
        """Whether the machine does less than a value, by more than its own way and its noise."""
        return value - present.level - self.lags > LAGS + present.noise + EPSILON

    def shows(self, present: Reading | None, now: float) -> bool:
        """Whether a rise may be called reached: it is measured, or nobody will say any more that it was declined."""
        if present is None or now - self.rose >= ANSWERED_WITHIN:
            return True
        return self.commanded - present.level - self.lags <= self.range.step / 2 + present.noise + EPSILON

    def refuse(self, value: float, present: float | None) -> Refused | None:
        """Give up what was wished beyond what it does, because a command to this value was declined.

        A wish for less is kept, and tried again. Returns what to tell: a rise that was refused, once per ramp.
        """
        if present is None:
            return None
        stays, target = self.grid.snap(present), max(self.announced_to, value)
        self.commanded, self.setpoint = stays, min(self.setpoint, stays)
        self.announced, self.announced_to, self.rising = NEVER, NEVER, False
        told, self.refused = self.refused, True
        if told or value <= present + self.range.step / 2:
            return None
        return Refused(kind=self.kind, target=target, present=stays)

    def is_announced(self, top: float, pace: Pace, possible: float, now: float) -> bool:
        """Whether the walker was told of the present ramp, as far up as it goes now, and still expects it.

        `possible` is when the next step may be taken at the earliest.
        """
        expected = max(max(self.announced, self.rose) + max(pace.seconds, RISE_NOTICE), self.due, possible)
        return top <= self.announced_to + EPSILON and now <= expected + NOTICE_LAPSES

    def up(self, pace: Pace) -> float:
        """The next step up."""
        return self.grid.snap(min(self.setpoint, self.commanded + pace.step), rounding=ROUND_FLOOR)

    def overshoots(self, pace: Pace) -> bool:
        """Whether the machine has no value for that which is near enough: then it does not rise at all."""
        return self.up(pace) > self.commanded + pace.step + EPSILON

    def rise(self, top: float, pace: Pace) -> Rise:
        """What to announce."""
        self.refused = False
        seconds = max((top - self.commanded) / pace.step - 1, 0.0) * pace.seconds
        if self.ahead is not None:
            seconds = max(seconds, self.ahead.lasts - RISE_NOTICE)
        return Rise(kind=self.kind, start=self.commanded, target=top, seconds=round(seconds, 1))
