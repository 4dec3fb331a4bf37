"""Walks the belt from where it is to where it should be, in single small steps inside the limits (S5, S6).

The wish is clamped when it is taken; the steps are the machine's own, so that every command is one it accepts.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR

from ..machine.model import Command, CommandKind, ValueRange
from .limits import Limits, Pace

RISE_NOTICE = 5.0
"""Seconds between the announcement of a rise and its first step (S6)."""
RISE_APART = 20.0
"""Seconds for which speed and incline never rise after each other (S5)."""
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A ramp upwards that is about to begin: what rises, from where to where, and for how long."""

    kind: CommandKind
    start: float
    target: float
    seconds: float


@dataclass(slots=True)
class _Axis:
    """One of the two things that move: its wish, what was last commanded, and when."""

    kind: CommandKind
    range: ValueRange
    wish: float
    commanded: float
    changed: float = float("-inf")  # when it was last commanded
    rose: float = float("-inf")
    announced: float | None = None  # when the present ramp upwards was announced


class Pilot:
    """Steers speed and incline of one session."""

    def __init__(self, limits: Limits, *, speed: float, incline: float | None, now: float) -> None:
        """`speed` (km/h) and `incline` (%) are what the belt does at `now` (s); they are the first wishes too."""
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
        return max(self._speed.changed, self._incline.changed if self._incline else float("-inf"))

    def wish_speed(self, kmh: float) -> float:
        """Steer to a speed; returns the clamped one."""
        self._speed.wish = self._limits.allowed_speed(kmh)
        return self._speed.wish

    def wish_incline(self, percent: float) -> float:
        """Steer to an incline; returns the clamped one. Raises ValueError where it cannot be controlled."""
        if self._incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        self._incline.wish = self._limits.allowed_incline(percent)
        return self._incline.wish

    def hold(self, *, speed: float, incline: float | None) -> None:
        """Give up the wishes: stay at what the belt does (km/h, %), because it does not do what it is told."""
        self._speed.commanded, self._speed.wish = speed, self._speed.range.snap(speed)
        if self._incline is not None and incline is not None:
            self._incline.commanded, self._incline.wish = incline, self._incline.range.snap(incline)

    def again(self, now: float) -> Command:
        """Command the present speed once more, where the belt does not do it."""
        self._speed.changed = now
        return Command(CommandKind.SET_SPEED, self._speed.commanded)

    def steer(self, now: float) -> Command | Rise | None:
        """What to do at `now` (s): announce a rise, send one step, or nothing."""
        limits = self._limits
        todo = self._step(self._speed, limits.speed_up, limits.speed_down, self._incline, now)
        if todo is None and self._incline is not None:
            todo = self._step(self._incline, limits.incline_pace, limits.incline_pace, self._speed, now)
        return todo

    def _step(
        self, axis: _Axis, up: Pace | None, down: Pace | None, other: _Axis | None, now: float
    ) -> Command | Rise | None:
        gap = axis.wish - axis.commanded
        if abs(gap) < _EPSILON:
            axis.announced = None
            return None
        rising = gap > 0
        pace = up if rising else down
        if pace is None or now - axis.changed < pace.seconds:
            return None
        if rising:
            if other is not None and now - other.rose < RISE_APART:
                return None
            if axis.announced is None:
                axis.announced = now
                return Rise(
                    kind=axis.kind,
                    start=axis.commanded,
                    target=axis.wish,
                    seconds=(gap / pace.step - 1) * pace.seconds if gap > pace.step else 0.0,
                )
            if now - axis.announced < RISE_NOTICE:
                return None
        else:
            axis.announced = None
        if rising:
            value = axis.range.snap(min(axis.wish, axis.commanded + pace.step), rounding=ROUND_FLOOR)
            axis.rose = now
        else:
            value = axis.range.snap(max(axis.wish, axis.commanded - pace.step), rounding=ROUND_CEILING)
        axis.changed = now
        axis.commanded = value
        return Command(axis.kind, value)
