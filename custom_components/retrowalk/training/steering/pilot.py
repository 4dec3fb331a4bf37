"""Brings belt and deck to their setpoints, in single small steps inside the limits (S5, S6).

A setpoint is clamped when it is taken. The steps are the machine's own, so that it accepts every command.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Self

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
        """Begin with what the belt does at `now` (s), which gives the first setpoints: `speed` (km/h), `incline` (%).

        `rises` are the last rises of the pilot before, if it steered the same session.
        """
        self._limits = limits
        if limits.speed is None:
            raise ValueError("this machine's speed cannot be controlled")
        self._speed = Axis(CommandKind.SET_SPEED, limits.speed, limits.speed, limits.allowed_speed(speed), speed, now)
        self._incline = None
        if limits.incline is not None and incline is not None:  # a deck that is not known to stand there is left alone
            grid, setpoint = limits.deck or limits.incline, limits.allowed_incline(incline)
            self._incline = Axis(CommandKind.SET_INCLINE, limits.incline, grid, setpoint, incline, now)
        for axis in (self._speed, self._incline):
            if axis is not None and rises is not None:
                axis.rose = rises.get(axis.kind, NEVER)
        self.levels_first = False  # whether the deck is leveled before the speed rises
        self._level = 0.0  # %, which the deck has to reach first
        self.noise = 0.0  # by how much (km/h) a single report of the speed may be off, as far as it is known
        self.under_way: Collection[CommandKind] = ()  # targets without an answer: the next would arrive with them (S5)

    @property
    def last_rises(self) -> Mapping[CommandKind, float]:
        """When speed and incline last rose (s)."""
        return {axis.kind: axis.rose for axis in (self._speed, self._incline) if axis is not None}

    def moves(self, kind: CommandKind) -> bool:
        """Return whether it steers this axis: a deck that is left as it is has none."""
        return kind is CommandKind.SET_SPEED or self._incline is not None

    @property
    def speeds(self) -> ValueRange:
        """The speeds that it may steer to (km/h)."""
        return self._speed.range

    @property
    def setpoint_speed(self) -> float:
        """The speed that is steered to now (km/h)."""
        return self._speed.setpoint

    @property
    def setpoint_incline(self) -> float | None:
        """The incline that is steered to now (%)."""
        return self._incline.setpoint if self._incline else None

    @property
    def commanded_speed(self) -> float:
        """The speed that was last commanded (km/h), which the belt should have by now."""
        return self._speed.commanded

    @property
    def least_expected(self) -> float:
        """The lowest speed (km/h) that the belt may have, whether the last command has reached it yet or not."""
        return min(self._speed.commanded, self._speed.came_from)

    @property
    def commanded_incline(self) -> float | None:
        """The incline that was last commanded (%)."""
        return self._incline.commanded if self._incline else None

    @property
    def sent_incline(self) -> float | None:
        """The incline (%) that the deck was really sent to last, or had when we took it."""
        return None if self._incline is None else self._incline.last_sent

    def last_command(self, kind: CommandKind) -> float:
        """Return when a change of this axis was last commanded (s)."""
        return self._axis(kind).changed if self.moves(kind) else NEVER

    @property
    def has_arrived(self) -> bool:
        """Whether both have reached their setpoints."""
        return self._speed.gap == 0 and (self._incline is None or self._incline.gap == 0)

    @property
    def grain(self) -> float:
        """By how much a measured speed (km/h) may differ from the commanded one: a step, at least 0.1."""
        return speed_grain(self._speed.range) + 0.001

    def on_target(self, speed: float) -> bool:
        """Return whether a measured speed (km/h) is the commanded one, give or take one step and its noise."""
        return abs(speed - self._speed.commanded) <= self.grain + self.noise

    def set_speed(self, kmh: float) -> float:
        """Steer to a speed (km/h), and return the clamped one."""
        self._speed.setpoint, self._speed.ahead = self._limits.allowed_speed(kmh), None
        return self._speed.setpoint

    def set_incline(self, percent: float) -> float:
        """Steer to an incline (%), and return the clamped one. Raises ValueError where it cannot be controlled."""
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        axis = self._incline
        # A deck below level stays there until somebody asks for another incline.
        axis.setpoint, axis.ahead = percent if percent == axis.setpoint else self._limits.allowed_incline(percent), None
        return axis.setpoint

    def follow_profile(self, kind: CommandKind, ahead: Ahead | None) -> None:
        """Take the setpoint for a point of a curve that rises as in `ahead`, or does not rise.

        A ramp is announced once, up to its top. The curve has to stay inside the limits.
        """
        axis = self._axis(kind)
        axis.ahead = ahead
        if self._is_low(axis):
            axis.ahead, axis.setpoint = None, max(axis.setpoint, self._level)  # level first, whatever comes then
        elif ahead is None:
            axis.setpoint = min(axis.setpoint, axis.commanded)

    def commanded(self, kind: CommandKind) -> float:
        """Return what was last commanded for an axis."""
        return self._axis(kind).commanded

    def lower(self, kmh: float | None, percent: float | None) -> None:
        """Lower the setpoints to this speed (km/h) and this incline (%), where they are given."""
        if kmh is not None:
            self._speed.setpoint, self._speed.ahead = min(self._speed.setpoint, self._limits.allowed_speed(kmh)), None
        if self._incline is not None and percent is not None:
            self._incline.setpoint = min(self._incline.setpoint, self._limits.allowed_incline(percent))
            self._incline.ahead = None

    def cap(self, kind: CommandKind, value: float, end: float) -> None:
        """Cap the setpoint of an axis at a value; let it rise no further than to `end`, and announce no more."""
        axis = self._axis(kind)
        value, end = axis.range.snap(value), axis.range.snap(end)
        axis.setpoint = min(axis.setpoint, value, max(axis.commanded, end))
        if axis.ahead is not None:
            top = min(axis.ahead.top, end)
            axis.ahead = replace(axis.ahead, top=top) if top > axis.commanded else None

    def level_first(self, wanted: float = 0.0) -> None:
        """Level the deck before the speed rises (S18); forward no further up than is `wanted` (%)."""
        if self._incline is not None and self._limits.incline_pace is not None:
            self._level = self._limits.allowed_incline(min(wanted, 0.0))
            self._incline.setpoint = min(self._incline.setpoint, self._limits.allowed_incline(0.0))
            if self._incline.commanded < self._level:
                self._incline.setpoint = self._level
            self.levels_first = True

    def remember_sent(self, before: Self) -> None:
        """Lead no step down above what the pilot before sent last (S5)."""
        self._speed.sent = before._speed.last_sent

    def level_up(self) -> None:
        """Level a deck that was left below level, before the speed rises."""
        if self._incline is not None and self._incline.commanded < self._limits.allowed_incline(0.0):
            self.level_first()

    def stay_low(self) -> None:
        """Leave a deck that is below level as it is; one above it is leveled first all the same (S18)."""
        if (deck := self._incline) is not None:
            deck.setpoint = min(deck.setpoint, deck.commanded)
            self.levels_first = self.levels_first and deck.gap < 0

    def step_down(self, kind: CommandKind, now: float) -> Command | None:
        """Return one step down at once, because the belt went too far (S9); None where it is at its least already."""
        axis, pace = (self._speed, self._limits.speed_down)
        if kind is CommandKind.SET_INCLINE and self._incline is not None and self._limits.incline_pace is not None:
            axis, pace = self._incline, self._limits.incline_pace
        value = axis.range.snap(min(axis.commanded - pace.step, axis.last_sent), rounding=ROUND_CEILING)
        axis.setpoint = min(axis.setpoint, value)
        return axis.command(value, now) if value < axis.commanded else None

    def convert_to_miles(self) -> None:
        """Slow down to what was meant by a speed that the machine takes for miles, in steps of the same size (S9)."""
        axis, down = self._speed, self._limits.speed_down
        axis.setpoint = axis.range.snap(min(axis.setpoint, axis.commanded / KM_PER_MILE), rounding=ROUND_FLOOR)
        axis.ahead = None
        down = replace(down, step=max(down.step / KM_PER_MILE, axis.range.step))
        self._limits = replace(self._limits, speed_down=down)

    def on_declined(self, command: Command, *, speed: float, incline: float | None) -> Refused | None:
        """Take in that the machine declined a command; return the refusal to announce.

        It rises no further than what the machine does: `speed` (km/h), `incline` (%).
        """
        if not self.moves(command.kind):
            return None  # it was sent before the deck was left to the console
        present = speed if command.kind is CommandKind.SET_SPEED else incline
        return self._axis(command.kind).refuse(command.value or 0.0, present)

    def use_deck_step(self, step: float, present: float) -> Refused | None:
        """Move the deck from where it stands (%) in larger steps than its machine says, along the same ramp.

        Return the refusal to announce where that leaves nothing of the ramp.
        """
        axis, limits = self._incline, self._limits.with_deck_step(step)
        if axis is None or limits.incline is None or limits.deck is None:
            return None
        self._limits, axis.range, axis.grid = limits, limits.incline, limits.deck
        wanted, axis.commanded = axis.setpoint, present
        axis.setpoint = axis.range.snap(wanted, rounding=ROUND_FLOOR)
        if axis.ahead is not None:
            self.cap(axis.kind, axis.setpoint, axis.range.snap(axis.ahead.top, rounding=ROUND_FLOOR))
        if wanted > present + EPSILON and axis.setpoint <= present + EPSILON and axis.ahead is None:
            axis.refuse(wanted, present)
            return Refused(kind=axis.kind, target=wanted, present=axis.commanded)
        return None

    def hold_deck(self, present: float, sent: float | None) -> None:
        """Raise a deck no more that does not follow, and let the speed wait for it no longer (`Axis.hold`)."""
        if self._incline is not None:
            self._incline.hold(present, sent, self._limits.allowed_incline(0.0))
            self.levels_first = False

    def on_accepted(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine accepted a command at `now` (s)."""
        if kind in {CommandKind.SET_SPEED, CommandKind.SET_INCLINE} and self.moves(kind):
            self._axis(kind).on_accepted(now)

    def repeat(self, now: float) -> Command:
        """Return the last speed command once more."""
        return self._speed.command(self._speed.commanded, now)

    def steer(
        self, now: float, *, speed: Reading | None = None, incline: Reading | None = None, may_rise: bool = True
    ) -> Command | Rise | Reached | None:
        """Return what to do at `now` (s): announce a rise, send one step, report the end of a rise, or nothing.

        `speed` (km/h) and `incline` (%) are measured. A step up counts from there, and what was lowered at the console
        is not raised by a step that was meant to lower it.
        """
        limits, deck = self._limits, self._incline
        # What is measured is as far up as the noise allows: it does not excuse a hand at the console once more (S7).
        may_rise = may_rise and (speed is None or abs(speed.level - self._speed.commanded) <= self.grain)
        may_rise = may_rise and not self.under_way
        self.levels_first = self.levels_first and deck is not None and (deck.gap < 0 or self._is_low(deck))
        up, down, rises = limits.speed_up, limits.speed_down, may_rise and not self.levels_first
        todo = self._step(self._speed, up, down, deck, now, present=speed, may_rise=rises)
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
        if axis is self._incline:
            axis.follow_drift(present, now)
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
        if not rises or up is None or not may_rise or axis.holds:
            return None
        # What comes next on a curve is known, and is announced while the belt still may not rise.
        if now < possible - (RISE_NOTICE if axis.ahead is not None else 0.0):
            return None
        if (present is not None and present.falls) or axis.overshoots(up):
            return None  # it is not known yet where the belt comes to rest
        if now >= possible:  # until then the belt is still on its way to the step before
            axis.count_from_measured(present)
            if axis is self._incline and present is not None:
                axis.commanded = max(axis.commanded, present.level if present.level > axis.commanded + LAGS else NEVER)
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
            # That ramp was under way; one that was only announced is still to come, unless the belt goes down first.
            axis.announced, axis.announced_to, axis.rising = NEVER, NEVER, False
        if pace is None or not axis.may_fall(pace, now, self.under_way):
            return None
        if axis is self._incline and axis.count_down_from_measured(present):
            return None
        value = axis.down(pace)
        if axis is self._speed and present is not None and axis.is_nearly_below(value, present):
            return None
        axis.announced = axis.announced_to = NEVER  # it would begin lower than was said
        return axis.command(value, now)

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
        return axis.command(value, now)

    def _axis(self, kind: CommandKind) -> Axis:
        if kind is CommandKind.SET_SPEED:
            return self._speed
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        return self._incline

    def _is_low(self, axis: Axis) -> bool:
        """Return whether this is a deck below level that is being leveled."""
        return self.levels_first and axis is self._incline and axis.commanded < self._level
