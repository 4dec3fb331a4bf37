"""What may be asked of the belt, forward and backward: the one place that clamps (S1, S4, S5, S15).

Nothing here can be widened from outside: options lower a limit or raise it up to the constants below.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Self

from ..machine.model import KM_PER_MILE, Capabilities, CommandKind, ValueRange
from .stop_steps import StopStep

BACKWARD_NEVER_ABOVE = 6.0
"""km/h; nothing exceeds it, whatever the options are."""
BACKWARD_OPTION_MAX = 5.0
BACKWARD_DEFAULT = 3.0
BACKWARD_REDUCED = 2.0
"""km/h, without a safety key or a rail, and until a walker has walked backward once (S4)."""
FORWARD_DEFAULT = 6.0
INCLINE_DEFAULT = 3.0
"""%, backward."""
INCLINE_OPTION_MAX = 10.0

ENDS_BEFORE = 60.0
"""Seconds between the end of a session, with its cool-down, and the moment in which its machine would stop the belt."""
LATEST_SPEED = 5.0
"""Seconds for which a target may wait after a start: then the belt has to be at its minimum, whatever is known."""

_MINUTE = 60.0
_NOISE = 0.05  # km/h by which reports differ from what machines do
_LONGEST_REDUCED = 10 * _MINUTE
_DECIMALS = 8
_FINE_STEP = 0.5
"""% of a deck's step up to which a target is rounded to the nearest one."""


class Direction(StrEnum):
    """Which way the walker faces. No treadmill reports it."""

    BACKWARD = "backward"
    FORWARD = "forward"

    @property
    def longest(self) -> float:
        """The longest session (s) that is allowed (S15)."""
        return 30 * _MINUTE if self is Direction.BACKWARD else 120 * _MINUTE


class Walks(StrEnum):
    """Who walks, as far as that makes a difference to the speed."""

    BACKWARD = "backward"  # who has completed a first session
    FIRST = "first"  # who has not (S4)
    REDUCED = "reduced"  # anybody, where there is no safety key or no rail (S1)
    FORWARD = "forward"


class OwnerLimits(NamedTuple):
    """The limits that the owner set; speeds in km/h, incline in %."""

    backward_speed: float = BACKWARD_DEFAULT
    backward_incline: float = INCLINE_DEFAULT
    forward_speed: float = FORWARD_DEFAULT
    reduced: bool = False  # no safety key, or no rail to hold (S1)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the check run measured where the machine's own report is not enough (S9); None where it is."""

    start_speed: float | None = None  # km/h that the belt begins with
    lowest: float | None = None  # km/h, the least that the belt obeys, where that is not the machine's minimum
    step: float | None = None  # km/h, the smallest change of speed that the belt really makes
    incline_step: float | None = None  # %, the smallest change of incline that the deck really makes
    unit_unsure: bool = False  # each km/h that it takes may be a mile per hour
    deck_unsure: bool = False  # what its inclines mean is only supposed, so that it is watched and never moved
    resumes_fast: bool = False  # a start after a pause goes on at the last speed
    stop_step: StopStep = StopStep.STOP  # what makes the belt stop (S3)
    late_speed: float = 0.0  # s of movement in which a target is ignored, or ends the link
    second_start: bool = False  # the belt moves after a second start only
    pause_stops: bool = False  # a pause ends the machine's own session, so that Stop is as good and surer
    time_limit: float | None = None  # s after which the machine stops a belt that we have started


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a target may move: at most `step` per command, `seconds` after the one before."""

    step: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one session; None where the machine cannot do it or may not be asked to."""

    direction: Direction
    speed: ValueRange | None  # km/h
    incline: ValueRange | None  # %
    speed_up: Pace | None
    speed_down: Pace
    incline_pace: Pace | None
    steepest: float | None  # %, from level, up or down, beyond which a tilted deck prevents a start (S18)
    longest: float  # s
    deck: ValueRange | None = None  # %, all that the machine accepts: from below level the deck rises in these steps
    walks: Walks
    ceiling: float  # km/h
    too_fast: float | None = None  # km/h, the least that the belt does or starts with, if that is above the ceiling
    late_speed: float = 0.0  # s of movement in which no target is sent to a belt that is not too fast

    @property
    def top_speed(self) -> float | None:
        """The highest speed (km/h): the minimum where steps are too large to rise, None without control."""
        if self.speed is None:
            return None
        return self.speed.maximum if self.speed_up else self.speed.minimum

    def allowed_speed(self, kmh: float) -> float:
        """Return the speed nearest to this one (km/h) that this session allows."""
        if self.speed is None:
            raise ValueError("this machine's speed cannot be controlled")
        return self.speed.snap(kmh)

    def allowed_incline(self, percent: float) -> float:
        """Return the incline nearest to this one (%) that this session allows; of coarse steps the one below."""
        if self.incline is None:
            raise ValueError("this machine's incline cannot be controlled")
        return self.incline.snap(percent, rounding=ROUND_FLOOR if self.incline.step > _FINE_STEP else ROUND_HALF_UP)

    def with_deck_step(self, step: float) -> Self:
        """Return these limits for a deck that only makes larger steps (%) than its machine says."""
        incline, deck = _in_steps(self.incline, step), _in_steps(self.deck, step)
        backward = self.direction is Direction.BACKWARD
        pace = _incline_pace(incline, backward=backward) if incline else None
        return replace(self, incline=incline, deck=deck, incline_pace=pace)

    def allowed(self, kind: CommandKind, value: float) -> float:
        """Return the speed or incline nearest to this value that this session allows, by the kind of command."""
        return self.allowed_speed(value) if kind is CommandKind.SET_SPEED else self.allowed_incline(value)


@lru_cache(maxsize=64)  # asked for with every report, and the same each time
def limits_for(
    capabilities: Capabilities,
    owner: OwnerLimits,
    direction: Direction,
    *,
    novice: bool = False,
    measured: Measured | None = None,
) -> Limits:
    """Return the limits for a session in this direction on this machine; a novice's are slow and level."""
    measured = measured or Measured()
    if measured.unit_unsure:
        return _in_either_unit(capabilities, owner, direction, novice=novice, measured=measured)
    backward = direction is Direction.BACKWARD
    walks = _walks(owner, backward=backward, novice=novice)
    general = min(owner.backward_speed, BACKWARD_OPTION_MAX, BACKWARD_NEVER_ABOVE)
    if backward:
        speed_ceiling, incline_ceiling = general, min(owner.backward_incline, INCLINE_OPTION_MAX)
        if owner.reduced or novice:
            speed_ceiling, incline_ceiling = min(speed_ceiling, BACKWARD_REDUCED), 0.0
        longest = _LONGEST_REDUCED if owner.reduced else direction.longest
    else:
        speed_ceiling, incline_ceiling, longest = owner.forward_speed, float("inf"), direction.longest
    machine = real_speeds(capabilities.speed_range, measured)
    too_fast = _too_fast(machine, measured, speed_ceiling)
    if walks is Walks.FIRST and _too_fast(machine, measured, general) is not None:
        walks, speed_ceiling = Walks.BACKWARD, general  # nobody may, so that it is not because of a first session
    speed = _below(machine, speed_ceiling) if too_fast is None else None
    deck = _in_steps(capabilities.incline_range, measured.incline_step)
    incline = None if measured.deck_unsure else _below(deck, incline_ceiling)
    if backward and incline is not None:
        incline = _above(incline, 0.0)  # never downhill: level is the least
    return Limits(
        direction=direction,
        speed=speed,
        incline=incline,
        speed_up=_speed_up(speed, backward=backward) if speed else None,
        speed_down=_gentle_change(speed.step if speed else 0.0),
        incline_pace=_incline_pace(incline, backward=backward) if incline else None,
        steepest=incline_ceiling if deck is not None else None,
        longest=_before(measured.time_limit, longest),
        deck=deck,
        walks=walks,
        ceiling=speed_ceiling,
        too_fast=too_fast,
        late_speed=min(measured.late_speed, LATEST_SPEED),
    )


def _in_either_unit(
    capabilities: Capabilities, owner: OwnerLimits, direction: Direction, *, novice: bool, measured: Measured
) -> Limits:
    """Return the limits of a machine in miles, in the km/h that it is told."""
    in_miles = replace(
        measured,
        unit_unsure=False,
        start_speed=_times(measured.start_speed, KM_PER_MILE),
        lowest=_times(measured.lowest, KM_PER_MILE),
        step=_times(measured.step, KM_PER_MILE),
    )
    stated = capabilities.speed_range
    machine = replace(capabilities, speed_range=None if stated is None else stated.times(KM_PER_MILE))
    true = limits_for(machine, owner, direction, novice=novice, measured=in_miles)
    up, down, told = true.speed_up, true.speed_down, 1 / KM_PER_MILE
    return replace(
        true,
        speed=None if true.speed is None else true.speed.times(told),
        speed_up=None if up is None else replace(up, step=round(up.step * told, _DECIMALS)),
        speed_down=replace(down, step=down.step * told),
        ceiling=true.ceiling * told,
        too_fast=_times(true.too_fast, told),
    )


def _times(kmh: float | None, factor: float) -> float | None:
    return None if kmh is None else round(kmh * factor, _DECIMALS)


def _before(time_limit: float | None, longest: float) -> float:
    """Return the longest session (s) that ends by itself, and gently, before its machine ends it."""
    if time_limit is None:
        return longest
    return min(longest, max(time_limit - ENDS_BEFORE, _MINUTE) // _MINUTE * _MINUTE)


def who_may_walk(capabilities: Capabilities, owner: OwnerLimits, measured: Measured) -> tuple[Limits, ...]:
    """Return the limits of everybody who has limits of their own; those for backward sessions come first."""
    backward = limits_for(capabilities, owner, Direction.BACKWARD, measured=measured)
    first = limits_for(capabilities, owner, Direction.BACKWARD, novice=True, measured=measured)
    forward = limits_for(capabilities, owner, Direction.FORWARD, measured=measured)
    # Where nobody may walk backward, beginners are no special case.
    return (backward, forward) if owner.reduced or backward.speed is None else (backward, first, forward)


def _walks(owner: OwnerLimits, *, backward: bool, novice: bool) -> Walks:
    if not backward:
        return Walks.FORWARD
    if owner.reduced:
        return Walks.REDUCED
    return Walks.FIRST if novice else Walks.BACKWARD


def _too_fast(machine: ValueRange | None, measured: Measured, ceiling: float) -> float | None:
    """Return the least that the belt does, its minimum or its start speed, if a session may not go so fast."""
    if machine is None:
        return None
    if machine.minimum > ceiling:
        return max(machine.minimum, measured.start_speed or machine.minimum)
    start = measured.start_speed
    return start if start is not None and start > ceiling + _NOISE else None


def real_speeds(machine: ValueRange | None, measured: Measured) -> ValueRange | None:
    """Return the speeds that a belt really goes, in the steps that it really makes; it may do less than it says.

    A minimum of 0 is no speed: a target of 0 stops some belts, and others ignore or decline it. The lowest is what the
    check run found, or the speed that the belt starts with; before that is known, the first step. None if nothing is
    left.
    """
    if machine is None:
        return None
    lowest = measured.lowest
    if machine.minimum <= 0:
        lowest = max(lowest or measured.start_speed or 0.0, speed_grain(machine))
    minimum = machine.minimum if lowest is None else at_least(machine, lowest)
    if minimum > machine.maximum:
        return None
    return ValueRange(minimum, machine.maximum, max(machine.step, measured.step or 0.0))


def at_least(speeds: ValueRange, kmh: float) -> float:
    """Return the lowest speed on a machine's grid that is not below a measured one (km/h), nor below its minimum."""
    low, step = Decimal(str(speeds.minimum)), Decimal(str(speeds.step))
    # A quarter of a step is noise.
    above = max(Decimal(str(kmh)) - low - min(step / 4, Decimal(str(_NOISE))), Decimal(0))
    return float(low + (above / step).to_integral_value(ROUND_CEILING) * step)


def _in_steps(deck: ValueRange | None, step: float | None) -> ValueRange | None:
    """Return a deck's range in whole multiples of a step (%) that is larger than its own; None if it has none."""
    if deck is None or step is None or step <= deck.step or deck.values:
        return deck
    grain = Decimal(str(step))
    low = (Decimal(str(deck.minimum)) / grain).to_integral_value(ROUND_CEILING) * grain
    high = (Decimal(str(deck.maximum)) / grain).to_integral_value(ROUND_FLOOR) * grain
    return ValueRange(float(low), float(high), step) if low <= high else None


def _below(machine: ValueRange | None, ceiling: float) -> ValueRange | None:
    """Return a machine's range up to a ceiling, its top on the machine's grid; None if nothing is left."""
    if machine is None or machine.minimum > ceiling:
        return None
    if machine.maximum <= ceiling:
        return machine
    if machine.values:
        return ValueRange.of(value for value in machine.values if value <= ceiling)
    low, step = Decimal(str(machine.minimum)), Decimal(str(machine.step))
    steps = ((Decimal(str(ceiling)) - low) / step).to_integral_value(ROUND_FLOOR)
    return ValueRange(machine.minimum, float(low + steps * step), machine.step)


def _above(machine: ValueRange, floor: float) -> ValueRange | None:
    """Return a machine's range from a floor on, its bottom on the machine's grid; None if nothing is left."""
    if machine.minimum >= floor:
        return machine
    if machine.values:
        kept = [value for value in machine.values if value >= floor]
        return ValueRange.of(kept) if kept else None
    low, step = Decimal(str(machine.minimum)), Decimal(str(machine.step))
    steps = ((Decimal(str(floor)) - low) / step).to_integral_value(ROUND_CEILING)
    bottom = float(low + steps * step)
    return ValueRange(bottom, machine.maximum, machine.step) if bottom <= machine.maximum else None


def _whole_steps(step: float, smallest: float) -> float:
    """Return whole machine steps that make at least `smallest`: finer ones would flood the link."""
    grain = Decimal(str(step))
    return float((Decimal(str(smallest)) / grain).to_integral_value(ROUND_CEILING) * grain)


def speed_grain(speed: ValueRange) -> float:
    """Return the smallest change of speed (km/h) that is asked for: whole machine steps that make at least 0.1."""
    return max(speed.step, _whole_steps(speed.step, 0.1))


def _speed_up(speed: ValueRange, *, backward: bool) -> Pace | None:
    """Return the pace of a rise; backward 0.02 km/h each second on average, and no steps over 0.5 km/h."""
    step = speed_grain(speed)
    if not backward:
        return _gentle_change(step)
    if step > 0.5:
        return None
    return Pace(step=step, seconds=25.0 if step > 0.2 else step / 0.02)


def _gentle_change(step: float) -> Pace:
    """Return the pace of a fall, and of a change forward: 0.5 km/h each 2 s, and a larger step as slowly as that."""
    return Pace(step=max(step, 0.5), seconds=max(step, 0.5) / 0.25)


def _incline_pace(incline: ValueRange, *, backward: bool) -> Pace | None:
    if incline.step <= 0.5:
        return Pace(step=0.5, seconds=10.0)
    if incline.step <= 1.0 or not backward:
        return Pace(step=incline.step, seconds=20.0)
    return None
