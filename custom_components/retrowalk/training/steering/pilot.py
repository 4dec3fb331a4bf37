"""Walks the belt from where it is to where it should be, in single small steps inside the limits (S5, S6).

The wish is clamped when it is taken; the steps are the machine's own, so that every command is one it accepts.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR

from ...machine.model import KM_PER_MILE, Command, CommandKind, ValueRange
from ..belt.noise import Reading
from ..limits import Limits, Pace, speed_grain
from .axis import EPSILON, LAGS, NEVER, RISE_APART, RISE_NOTICE, Ahead, Axis, Reached, Refused, Rise


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
        self._speed = Axis(CommandKind.SET_SPEED, limits.speed, limits.speed, limits.allowed_speed(speed), speed, now)
        self._incline = None
        if limits.incline is not None:
            present = incline or 0.0
            grid, wish = limits.deck or limits.incline, limits.allowed_incline(present)
            self._incline = Axis(CommandKind.SET_INCLINE, limits.incline, grid, wish, present, now)
        for axis in (self._speed, self._incline):
            if axis is not None and rises is not None:
                axis.rose = rises.get(axis.kind, NEVER)
        self._level_first = False
        self._level = 0.0  # %, where it has to be before
        self.noise = 0.0
        """By how much a single report of the speed (km/h) may be off, as far as it is known."""

    @property
    def last_rises(self) -> Mapping[CommandKind, float]:
        """When speed and incline rose last (s)."""
        return {axis.kind: axis.rose for axis in (self._speed, self._incline) if axis is not None}

    def moves(self, kind: CommandKind) -> bool:
        """Whether it steers this one of the two: a deck that is left as it is has no axis."""
        return kind is CommandKind.SET_SPEED or self._incline is not None

    @property
    def speeds(self) -> ValueRange:
        """The speeds that it may steer to (km/h)."""
        return self._speed.range

    @property
    def setpoint_speed(self) -> float:
        """The speed that is steered to (km/h)."""
        return self._speed.setpoint

    @property
    def setpoint_incline(self) -> float | None:
        """The incline that is steered to (%)."""
        return self._incline.setpoint if self._incline else None

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
        return max(self._speed.changed, self._incline.changed if self._incline else NEVER)

    @property
    def at_rest(self) -> bool:
        """Whether both are where they were wished."""
        return self._speed.gap == 0 and (self._incline is None or self._incline.gap == 0)

    @property
    def grain(self) -> float:
        """What a measured speed (km/h) may differ by from the commanded one: a step of the machine, at least 0.1."""
        return speed_grain(self._speed.range) + 0.001

    def on_target(self, speed: float) -> bool:
        """Whether a measured speed (km/h) is the commanded one, give or take one step and its noise."""
        return abs(speed - self._speed.commanded) <= self.grain + self.noise

    def set_speed(self, kmh: float) -> float:
        """Steer to a speed; returns the clamped one."""
        self._speed.setpoint, self._speed.ahead = self._limits.allowed_speed(kmh), None
        return self._speed.setpoint

    def set_incline(self, percent: float) -> float:
        """Steer to an incline; returns the clamped one. Raises ValueError where it cannot be controlled."""
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        axis = self._incline
        # A deck that stays below level does so until somebody wants another incline than that.
        axis.setpoint, axis.ahead = percent if percent == axis.setpoint else self._limits.allowed_incline(percent), None
        return self._incline.setpoint

    def follow_profile(self, kind: CommandKind, ahead: Ahead | None) -> None:
        """What was wished just now is a point of a curve, which rises as told, or does not rise.

        A ramp is announced once, up to its top; the curve has to stay inside the limits.
        """
        axis = self._axis(kind)
        axis.ahead = ahead
        if self._is_low(axis):
            axis.ahead, axis.setpoint = None, max(axis.setpoint, self._level)  # level first, whatever comes then
        elif ahead is None:
            axis.setpoint = min(axis.setpoint, axis.commanded)

    def commanded(self, kind: CommandKind) -> float:
        """What was last commanded of one of the two."""
        return self._axis(kind).commanded

    def lower(self, kmh: float, percent: float | None) -> None:
        """Steer no faster than this speed and, where an incline is given, no steeper."""
        self._speed.setpoint, self._speed.ahead = min(self._speed.setpoint, self._limits.allowed_speed(kmh)), None
        if self._incline is not None and percent is not None:
            self._incline.setpoint = min(self._incline.setpoint, self._limits.allowed_incline(percent))
            self._incline.ahead = None

    def cap(self, kind: CommandKind, value: float, end: float) -> None:
        """Steer one of the two no further than this; rise no further than to the `end`, and announce no more."""
        axis = self._axis(kind)
        value, end = axis.range.snap(value), axis.range.snap(end)
        axis.setpoint = min(axis.setpoint, value, max(axis.commanded, end))
        if axis.ahead is not None:
            top = min(axis.ahead.top, end)
            axis.ahead = replace(axis.ahead, top=top) if top > axis.commanded else None

    def level_first(self, wanted: float = 0.0) -> None:
        """Bring the deck to level before the speed rises (S18); forward no further up than is `wanted` (%)."""
        if self._incline is not None and self._limits.incline_pace is not None:
            self._level = self._limits.allowed_incline(min(wanted, 0.0))
            self._incline.setpoint = min(self._incline.setpoint, self._limits.allowed_incline(0.0))
            if self._incline.commanded < self._level:
                self._incline.setpoint = self._level
            self._level_first = True

    def level_up(self) -> None:
        """Bring a deck that was left below level there, before the speed rises."""
        if self._incline is not None and self._incline.commanded < self._limits.allowed_incline(0.0):
            self.level_first()

    def stay_low(self) -> None:
        """Leave a deck that is below level as it is."""
        if self._incline is not None:
            self._incline.setpoint, self._level_first = min(self._incline.setpoint, self._incline.commanded), False

    def step_down(self, kind: CommandKind, now: float) -> Command | None:
        """One step down at once, because the belt went too far (S9); None where it is at the least already."""
        axis, pace = (self._speed, self._limits.speed_down)
        if kind is CommandKind.SET_INCLINE and self._incline is not None and self._limits.incline_pace is not None:
            axis, pace = self._incline, self._limits.incline_pace
        value = axis.range.snap(axis.commanded - pace.step, rounding=ROUND_CEILING)
        axis.setpoint = value
        return self._command(axis, value, now) if value < axis.commanded else None

    def convert_to_miles(self) -> None:
        """Its kilometers are miles: down to what was meant by them, in steps that are no larger for that (S9)."""
        axis, down = self._speed, self._limits.speed_down
        axis.setpoint = axis.range.snap(min(axis.setpoint, axis.commanded / KM_PER_MILE), rounding=ROUND_FLOOR)
        axis.ahead = None
        self._limits = replace(
            self._limits, speed_down=replace(down, step=max(down.step / KM_PER_MILE, axis.range.step))
        )

    def declined(self, command: Command, *, speed: float, incline: float | None) -> Refused | None:
        """The machine did not take a command: rise no further than what it does (km/h, %). Returns what to tell."""
        if not self.moves(command.kind):
            return None  # it was told before the deck was left to the console
        present = speed if command.kind is CommandKind.SET_SPEED else incline
        return self._axis(command.kind).refuse(command.value or 0.0, present)

    def repeat(self, now: float) -> Command:
        """Tell the speed again that was commanded last."""
        return self._command(self._speed, self._speed.commanded, now)

    def steer(
        self, now: float, *, speed: Reading | None = None, incline: Reading | None = None, may_rise: bool = True
    ) -> Command | Rise | Reached | None:
        """What to do at `now` (s): announce a rise, send one step, tell that a rise is over, or nothing.

        `speed` (km/h) and `incline` (%) are what is measured: a step up is one from there, and what a hand has lowered
        is not raised by a step that was meant to be one down.
        """
        limits, deck = self._limits, self._incline
        may_rise = may_rise and (speed is None or self.on_target(speed.level))
        if self._level_first and deck is not None and deck.gap >= 0 and not self._is_low(deck):
            self._level_first = False
        todo = self._step(
            self._speed,
            limits.speed_up,
            limits.speed_down,
            deck,
            now,
            present=speed,
            may_rise=may_rise and not self._level_first,
        )
        if todo is None and deck is not None:
            pace = limits.incline_pace
            todo = self._step(deck, pace, pace, self._speed, now, present=incline, may_rise=may_rise)
        return todo

    def _step(
        self,
        axis: Axis,
        up: Pace | None,
        down: Pace | None,
        other: Axis | None,
        now: float,
        *,
        present: Reading | None,
        may_rise: bool,
    ) -> Command | Rise | Reached | None:
        axis.update(present)
        possible = now  # when the next step up may come
        if up is not None:
            possible = max(axis.changed + up.seconds, other.pending() + RISE_APART if other is not None else NEVER)
        top = axis.limit(up, possible, now)
        rises = top - axis.commanded >= EPSILON
        if not rises and self._finish_rise(axis, now, present, may_rise=may_rise):
            return Reached(kind=axis.kind, target=axis.setpoint)
        if axis.gap < 0:
            return self._step_down(axis, down, now, present)
        if axis.gap == 0:
            axis.due = now
        if not rises or up is None or not may_rise:
            return None
        # What comes next on a curve is known, and is announced while the belt still may not rise.
        if now < possible - (RISE_NOTICE if axis.ahead is not None else 0.0):
            return None
        if (present is not None and present.falls) or axis.overshoots(up):
            return None  # it is not known yet where the belt comes to rest
        axis.count_from_measured(present)
        if not axis.is_announced(top, up, possible, now):
            return self._announce(axis, top, up, other, now)
        return self._step_up(axis, up, possible, now)

    def _finish_rise(self, axis: Axis, now: float, present: Reading | None, *, may_rise: bool) -> bool:
        """End an announced rise that leads no further; return whether the belt has reached its end."""
        if axis.ahead is None or axis.rose >= axis.announced:
            axis.announced = axis.announced_to = NEVER
        is_there = may_rise and axis.shows(present, now)
        was_rising, axis.rising = axis.rising, axis.rising and axis.gap == 0 and not is_there
        return was_rising and axis.gap == 0 and is_there

    def _step_down(self, axis: Axis, pace: Pace | None, now: float, present: Reading | None) -> Command | None:
        """Return the next step down, once its time has come."""
        if axis.rose >= axis.announced:
            # That ramp was under way; one that was only announced is still to come.
            axis.announced, axis.announced_to, axis.rising = NEVER, NEVER, False
        if pace is None or now - axis.changed < pace.seconds:
            return None
        value = axis.range.snap(max(axis.setpoint, axis.commanded - pace.step), rounding=ROUND_CEILING)
        if axis is self._speed and present is not None and axis.is_below(value - LAGS / 2, present):
            return None
        return self._command(axis, value, now)

    def _announce(self, axis: Axis, top: float, pace: Pace, other: Axis | None, now: float) -> Rise | None:
        """Announce a rise (S6); of two ramps one waits for the other."""
        if axis.ahead is not None and (not axis.ahead.soon or (other is not None and other.announced > NEVER)):
            return None
        axis.announced, axis.announced_to = now, top
        return axis.rise(top, pace)

    def _step_up(self, axis: Axis, pace: Pace, possible: float, now: float) -> Command | None:
        """Return the next step of an announced rise, once its time has come (S5, S6)."""
        if axis.gap == 0 or now < max(possible, axis.announced + RISE_NOTICE):
            return None
        axis.rose, axis.rising = now, True
        value = axis.up(pace)
        axis.counted_from_measured, axis.repeated = False, value if axis.counted_from_measured else None
        return self._command(axis, value, now)

    def _axis(self, kind: CommandKind) -> Axis:
        if kind is CommandKind.SET_SPEED:
            return self._speed
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        return self._incline

    def _is_low(self, axis: Axis) -> bool:
        """Whether it is a deck below level that we bring there."""
        return self._level_first and axis is self._incline and axis.commanded < self._level

    def _command(self, axis: Axis, value: float, now: float) -> Command:
        axis.changed = now
        axis.commanded = value
        return Command(axis.kind, value)
