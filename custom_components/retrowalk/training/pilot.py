"""Walks the belt from where it is to where it should be, in single small steps inside the limits (S5, S6).

The wish is clamped when it is taken; the steps are the machine's own, so that every command is one it accepts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR
from math import floor

from ..machine.model import Command, CommandKind, ValueRange
from .limits import Limits, Pace

RISE_NOTICE = 5.0
"""Seconds between the announcement of a rise and its first step (S6)."""
NOTICE_LAPSES = 15.0
"""Seconds by which a rise may be late before it has to be announced again: nobody expects it any more."""
RISE_APART = 20.0
"""Seconds for which speed and incline never rise after each other (S5)."""
_EPSILON = 1e-6
_NEVER = float("-inf")


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
class Ahead:
    """A ramp upwards of a curve that is followed."""

    top: float  # where it leads
    lasts: float  # s until it is there
    ends: float  # s until the curve falls below it
    soon: bool  # it rises within RISE_NOTICE: it is time to announce it


@dataclass(slots=True)
class _Axis:
    """One of the two things that move: its wish, what was last commanded, and when."""

    kind: CommandKind
    range: ValueRange
    wish: float
    commanded: float
    changed: float = _NEVER  # when it was last commanded
    rose: float = _NEVER
    announced: float = _NEVER  # when the present ramp upwards was announced
    announced_to: float = _NEVER  # and up to where
    rising: bool = False  # a ramp upwards has begun, and its end was not told yet
    ahead: Ahead | None = None  # the ramp of a curve; else it goes to the wish as fast as it may
    due: float = _NEVER  # since when a step upwards is due

    @property
    def gap(self) -> float:
        """What is left to the wish; 0 when it is reached."""
        gap = self.wish - self.commanded
        return gap if abs(gap) >= _EPSILON else 0.0

    def pending(self) -> float:
        """When it rose last, or will rise because that was announced."""
        return max(self.rose, self.announced + RISE_NOTICE)

    def limit(self, pace: Pace | None, possible: float, now: float) -> float:
        """Where the present ramp leads: of a curve, what can be reached before it falls again."""
        if self.ahead is None or pace is None:
            return self.wish
        begins = max(possible, self.announced + RISE_NOTICE if self.announced > _NEVER else now + RISE_NOTICE)
        steps = floor((now + self.ahead.ends - begins) / pace.seconds + _EPSILON)
        top = max(
            min(self.ahead.top, round(self.commanded + max(steps, 0) * pace.step, 6)),
            min(self.commanded, self.ahead.top),
        )
        self.wish = min(self.wish, top)
        return top

    def is_announced(self, top: float, pace: Pace, possible: float, now: float) -> bool:
        """Whether the walker was told of the present ramp, as far up as it goes now, and still expects it.

        `possible` is when the next step may be taken at the earliest.
        """
        expected = max(max(self.announced, self.rose) + max(pace.seconds, RISE_NOTICE), self.due, possible)
        return top <= self.announced_to + _EPSILON and now <= expected + NOTICE_LAPSES

    def rise(self, top: float, pace: Pace) -> Rise:
        """What to announce."""
        seconds = max((top - self.commanded) / pace.step - 1, 0.0) * pace.seconds
        if self.ahead is not None:
            seconds = max(seconds, self.ahead.lasts - RISE_NOTICE)
        return Rise(kind=self.kind, start=self.commanded, target=top, seconds=round(seconds, 1))


class Pilot:
    """Steers speed and incline of one session."""

    def __init__(
        self,
        limits: Limits,
        *,
        speed: float,
        incline: float | None,
        now: float,
        rises: Mapping[CommandKind, float] | None = None,
    ) -> None:
        """`speed` (km/h) and `incline` (%) are what the belt does at `now` (s); they are the first wishes too.

        `rises` are those of the pilot before, if it steered the same walk.
        """
        self._limits = limits
        if limits.speed is None:
            raise ValueError("this machine's speed cannot be controlled")
        self._speed = _Axis(CommandKind.SET_SPEED, limits.speed, limits.allowed_speed(speed), speed, now)
        self._incline = None
        if limits.incline is not None:
            present = incline or 0.0
            self._incline = _Axis(
                CommandKind.SET_INCLINE, limits.incline, limits.allowed_incline(present), present, now
            )
        for axis in (self._speed, self._incline):
            if axis is not None and rises is not None:
                axis.rose = rises.get(axis.kind, _NEVER)
        self._level_first = False

    @property
    def rises(self) -> Mapping[CommandKind, float]:
        """When speed and incline rose last (s)."""
        return {axis.kind: axis.rose for axis in (self._speed, self._incline) if axis is not None}

    @property
    def speed_wish(self) -> float:
        """The speed that is steered to (km/h)."""
        return self._speed.wish

    @property
    def incline_wish(self) -> float | None:
        """The incline that is steered to (%)."""
        return self._incline.wish if self._incline else None

    @property
    def speed(self) -> float:
        """The speed that was last commanded (km/h); what the belt should do by now."""
        return self._speed.commanded

    @property
    def incline(self) -> float | None:
        """The incline that was last commanded (%)."""
        return self._incline.commanded if self._incline else None

    @property
    def last_command(self) -> float:
        """When the belt was last told to change (s)."""
        return max(self._speed.changed, self._incline.changed if self._incline else _NEVER)

    @property
    def at_rest(self) -> bool:
        """Whether both are where they were wished."""
        return self._speed.gap == 0 and (self._incline is None or self._incline.gap == 0)

    def on_target(self, speed: float) -> bool:
        """Whether a measured speed (km/h) is the commanded one, give or take one step of the machine."""
        return abs(speed - self._speed.commanded) <= self._speed.range.step + 0.001

    def wish_speed(self, kmh: float) -> float:
        """Steer to a speed; returns the clamped one."""
        self._speed.wish, self._speed.ahead = self._limits.allowed_speed(kmh), None
        return self._speed.wish

    def wish_incline(self, percent: float) -> float:
        """Steer to an incline; returns the clamped one. Raises ValueError where it cannot be controlled."""
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        self._incline.wish, self._incline.ahead = self._limits.allowed_incline(percent), None
        return self._incline.wish

    def follow(self, kind: CommandKind, ahead: Ahead | None) -> None:
        """What was wished just now is a point of a curve, which rises as told, or does not rise.

        A ramp is announced once, up to its top; the curve has to stay inside the limits.
        """
        axis = self._axis(kind)
        axis.ahead = ahead
        if ahead is None:
            axis.wish = min(axis.wish, axis.commanded)

    def commanded(self, kind: CommandKind) -> float:
        """What was last commanded of one of the two."""
        return self._axis(kind).commanded

    def lower(self, kmh: float, percent: float | None) -> None:
        """Steer no faster than this speed and, where an incline is given, no steeper."""
        self._speed.wish, self._speed.ahead = min(self._speed.wish, self._limits.allowed_speed(kmh)), None
        if self._incline is not None and percent is not None:
            self._incline.wish = min(self._incline.wish, self._limits.allowed_incline(percent))
            self._incline.ahead = None

    def cap(self, kind: CommandKind, value: float, end: float) -> None:
        """Steer one of the two no further than this; rise no further than to the `end`, and announce no more."""
        axis = self._axis(kind)
        value, end = axis.range.snap(value), axis.range.snap(end)
        axis.wish = min(axis.wish, value, max(axis.commanded, end))
        if axis.ahead is not None:
            top = min(axis.ahead.top, end)
            axis.ahead = replace(axis.ahead, top=top) if top > axis.commanded else None

    def level_first(self) -> None:
        """Lower the deck until it is level before the speed rises (S18)."""
        if self._incline is not None and self._limits.incline_pace is not None:
            self._incline.wish = min(self._incline.wish, self._limits.allowed_incline(0.0))
            self._level_first = True

    def step_down(self, kind: CommandKind, now: float) -> Command | None:
        """One step down at once, because the belt went too far (S9); None where it is at the least already."""
        axis, pace = (self._speed, self._limits.speed_down)
        if kind is CommandKind.SET_INCLINE and self._incline is not None and self._limits.incline_pace is not None:
            axis, pace = self._incline, self._limits.incline_pace
        value = axis.range.snap(axis.commanded - pace.step, rounding=ROUND_CEILING)
        axis.wish = value
        return self._command(axis, value, now) if value < axis.commanded else None

    def hold(self, *, speed: float, incline: float | None) -> None:
        """Give up the wishes: stay at what the belt does (km/h, %), because it does not do what it is told."""
        for axis, present in ((self._speed, speed), (self._incline, incline)):
            if axis is not None and present is not None:
                axis.commanded = axis.wish = axis.range.snap(present)

    def settle(self, speed: float, now: float) -> Command | None:
        """Take in the speed (km/h) that the machine began with; it is the minimum's turn from there."""
        axis = self._speed
        if abs(speed - axis.commanded) <= 0.05:
            return None
        if axis.commanded < speed <= axis.range.maximum:
            axis.commanded = speed  # and down in steps that a walker can take
            return None
        # Slower than it can go, or faster than it may: once, and at once.
        axis.commanded = axis.range.snap(speed)
        axis.changed = now
        return Command(CommandKind.SET_SPEED, axis.commanded)

    def steer(
        self, now: float, *, present: float | None = None, may_rise: bool = True
    ) -> Command | Rise | Reached | None:
        """What to do at `now` (s): announce a rise, send one step, tell that a rise is over, or nothing.

        A belt whose `present` speed (km/h) a hand has lowered is not raised by a step that was meant to be one down.
        """
        limits, incline = self._limits, self._incline
        if self._level_first and incline is not None and incline.gap >= 0:
            self._level_first = False
        may_rise_speed = may_rise and not self._level_first
        slower, speed = self._speed.range.step + 0.05, self._speed
        least = max(speed.wish, speed.commanded - limits.speed_down.step)
        if present is not None and speed.gap < 0 and least > present + slower:
            return None
        todo = self._step(self._speed, limits.speed_up, limits.speed_down, incline, now, may_rise=may_rise_speed)
        if todo is None and incline is not None:
            pace = limits.incline_pace
            todo = self._step(incline, pace, pace, self._speed, now, may_rise=may_rise)
        return todo

    def _step(
        self, axis: _Axis, up: Pace | None, down: Pace | None, other: _Axis | None, now: float, *, may_rise: bool
    ) -> Command | Rise | Reached | None:
        possible = now
        if up is not None:
            possible = max(axis.changed + up.seconds, other.pending() + RISE_APART if other is not None else _NEVER)
        top = axis.limit(up, possible, now)
        if top - axis.commanded < _EPSILON:
            if axis.ahead is None or axis.rose >= axis.announced:
                axis.announced = axis.announced_to = _NEVER
            rising, axis.rising = axis.rising, axis.rising and axis.gap == 0 and not may_rise
            if rising and axis.gap == 0 and may_rise:
                return Reached(kind=axis.kind, target=axis.wish)
        if axis.gap < 0:
            if axis.rose >= axis.announced:
                # That ramp was under way; one that was only announced is still to come.
                axis.announced, axis.announced_to, axis.rising = _NEVER, _NEVER, False
            if down is None or now - axis.changed < down.seconds:
                return None
            value = axis.range.snap(max(axis.wish, axis.commanded - down.step), rounding=ROUND_CEILING)
            return self._command(axis, value, now)
        if axis.gap == 0:
            axis.due = now
        if top - axis.commanded < _EPSILON or up is None or not may_rise:
            return None
        # Of a curve we know what comes, and tell it while the belt still may not rise.
        if now < possible - (RISE_NOTICE if axis.ahead is not None else 0.0):
            return None
        if not axis.is_announced(top, up, possible, now):
            if axis.ahead is not None and (not axis.ahead.soon or (other is not None and other.announced > _NEVER)):
                return None  # one ramp after the other
            axis.announced, axis.announced_to = now, top
            return axis.rise(top, up)
        if axis.gap == 0 or now < max(possible, axis.announced + RISE_NOTICE):
            return None
        axis.rose, axis.rising = now, True
        value = axis.range.snap(min(axis.wish, axis.commanded + up.step), rounding=ROUND_FLOOR)
        return self._command(axis, value, now)

    def _axis(self, kind: CommandKind) -> _Axis:
        if kind is CommandKind.SET_SPEED:
            return self._speed
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        return self._incline

    def _command(self, axis: _Axis, value: float, now: float) -> Command:
        axis.changed = now
        axis.commanded = value
        return Command(axis.kind, value)
