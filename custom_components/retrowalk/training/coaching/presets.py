"""The programs that everybody may choose, made for a machine and the limits in force.

They are inspired by what is known about walking backward, and are no treatment.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_FLOOR
from math import ceil
from typing import NamedTuple

from ..limits import Limits
from ..programs.program import Program
from ..programs.steps import FASTEST, Group, Ramp, Step
from ..steering.session_plan import SHORTEST, SessionPlan

INTERVAL = 0.5
"""km/h by which the intervals are faster than the time between them."""
HILL = 1.0
"""% of a gentle hill, and of the later knee weeks."""
TIMES = 3
"""How often an interval or a hill comes."""
INCLINE_FROM_WEEK = 5
FIRST_WALK = "first_walk"
"""Two minutes at the slowest speed, to get to know start and stop."""
KNEE_WEEKS = "knee_six_weeks"
KNEE_BREAK = timedelta(days=21)
"""A longer break begins the knee weeks anew."""
SHORTEST_BASE = 10.0
"""Seconds before the first interval or hill."""


class Preset(NamedTuple):
    """One preset: its length in minutes, its speeds in km/h, its steepest in %."""

    minutes: float
    longest: float
    slowest: float
    fastest: float | None  # None: what the limits allow
    steepest: float = 0.0
    days: int | None = None  # a week; None: the walker's own
    completed: int = 0  # sessions that have to be completed before it is offered


PRESETS: Mapping[str, Preset] = {
    FIRST_WALK: Preset(minutes=2, longest=2, slowest=0, fastest=0),
    "first_steps": Preset(minutes=5, longest=5, slowest=1.5, fastest=1.5),
    "daily_five": Preset(minutes=5, longest=5, slowest=1.5, fastest=2.5),
    "comeback": Preset(minutes=3, longest=3, slowest=1.5, fastest=1.5),
    KNEE_WEEKS: Preset(minutes=10, longest=10, slowest=1.5, fastest=2.5, steepest=3.0, days=3),
    "builder": Preset(minutes=10, longest=20, slowest=2.0, fastest=None, steepest=3.0),
    "intervals": Preset(minutes=13, longest=13, slowest=1.5, fastest=None, completed=10),
    "gentle_hills": Preset(minutes=10, longest=10, slowest=1.5, fastest=None, steepest=HILL),
}
"""By key, which is also the key of the name in the translations."""
SHAPED = frozenset({"intervals", "gentle_hills"})
"""Presets whose length is that of their parts."""


def offered(limits: Limits, *, completed: int = 0) -> tuple[str, ...]:
    """Return the presets that this machine can do inside these limits, after so many completed sessions."""
    return tuple(key for key, preset in PRESETS.items() if completed >= preset.completed and fits(key, limits))


def fits(key: str, limits: Limits) -> bool:
    """Return whether this machine can do a preset inside these limits."""
    if limits.speed is None:
        return False
    if key in SHAPED and PRESETS[key].minutes * 60 > limits.longest:
        return False
    return key != "gentle_hills" or _deck(HILL, limits) > HILL / 2


def made(
    key: str, limits: Limits, *, minutes: float | None = None, speed: float | None = None, incline: float | None = None
) -> Program | None:
    """Return a preset on this machine inside these limits, as `preset_program` does; None where it does not fit."""
    if not fits(key, limits):
        return None
    return preset_program(key, limits, minutes=minutes, speed=speed, incline=incline)


def lengths(key: str) -> tuple[float, float]:
    """Return the shortest and the longest (min) that a preset may be; shaped ones have a length of their own."""
    preset = PRESETS[key]
    return preset.minutes if key in SHAPED else SHORTEST / 60, preset.longest


def speeds(key: str, limits: Limits) -> tuple[float, float]:
    """Return the lowest and the highest speed (km/h) that its main part may be asked for inside these limits."""
    preset = PRESETS[key]
    least, most = (limits.speed.minimum, limits.speed.maximum) if limits.speed else (0.0, FASTEST)
    fastest = most if preset.fastest is None else min(preset.fastest, most)
    return max(preset.slowest, least), max(fastest, least)


def knee_week(days: Sequence[date], today: date) -> int:
    """Return the week of the knee weeks, from 1, by the days on which they were walked, oldest first."""
    first = today
    for day in reversed(days):
        if first - day > KNEE_BREAK:
            break
        first = day
    return (today - first).days // 7 + 1


def knee_incline(week: int) -> float:
    """Return the incline (%) of a week of the knee weeks, from 1."""
    return HILL if week >= INCLINE_FROM_WEEK else 0.0


def preset_program(
    key: str, limits: Limits, *, minutes: float | None = None, speed: float | None = None, incline: float | None = None
) -> Program:
    """Return a preset for this machine, its main part at this speed (km/h) and incline (%) within its limits.

    Where the machine's minimum is above the preset's speed, or there is no time for more, it is at the minimum and
    level.

    Raises ValueError where it does not fit.
    """
    if limits.speed is None or not fits(key, limits):
        raise ValueError(f"{key} does not fit this machine and its limits")
    preset, speeds = PRESETS[key], limits.speed
    fastest = speeds.maximum if preset.fastest is None else preset.fastest
    wanted = min(max(preset.slowest if speed is None else speed, preset.slowest), max(fastest, preset.slowest))
    if minutes is None or key in SHAPED:
        minutes = preset.minutes
    length = min(min(minutes, preset.longest) * 60, limits.longest)
    if speeds.minimum > wanted or limits.speed_up is None:
        steps: tuple[Step | Group, ...] = _flat(limits, length)
    elif key == "intervals":
        base = min(wanted, max(speeds.maximum - INTERVAL, speeds.minimum))
        steps = _shaped(limits, length, base, (base + INTERVAL, 0.0, 120.0), (base, 0.0, 60.0))
    elif key == "gentle_hills":
        steps = _shaped(limits, length, wanted, (wanted, HILL, 60.0), (wanted, 0.0, 60.0))
    else:
        steps = _constant(limits, length, wanted, min(incline or 0.0, preset.steepest))
    return Program(name=key, direction=limits.direction, steps=steps)


def _shaped(
    limits: Limits, length: float, speed: float, high: tuple[float, float, float], low: tuple[float, float, float]
) -> tuple[Step | Group, ...]:
    """Return a while at the base speed, then high and low in turns; each is speed, incline and seconds."""
    turns = tuple(_step(seconds, kmh, percent, limits) for kmh, percent, seconds in (high, low))
    start, base, end = _ends(limits, length, speed, 0.0)
    first = max(base - TIMES * sum(turn.seconds for turn in turns), SHORTEST_BASE)
    return (start, _step(first, speed, 0.0, limits), Group(repeat=TIMES, steps=turns), end)


def _constant(limits: Limits, length: float, speed: float, incline: float) -> tuple[Step, ...]:
    """Return warm-up, one speed and incline, cool-down; at the minimum where no time is left between them."""
    start, seconds, end = _ends(limits, length, speed, incline)
    if seconds <= 0:
        return _flat(limits, length)
    deck = end.incline.start if end.incline else 0.0
    return (start, _step(seconds, speed, deck, limits), end)


def _flat(limits: Limits, length: float) -> tuple[Step]:
    """Return one step at the minimum and level."""
    return (_step(length, 0.0, 0.0, limits),)


def _ends(limits: Limits, length: float, speed: float, incline: float) -> tuple[Step, float, Step]:
    """Return warm-up and cool-down, and how long (s) the part between them may be."""
    plan = SessionPlan(length, _speed(speed, limits), incline, limits)
    main, least = plan.main, plan.least
    cools = ceil(plan.cool_down(main.speed, main.incline))
    deck = None if main.incline is None else Ramp(main.incline, least.incline or 0.0)
    return (
        _step(plan.warm_up, least.speed, 0.0, limits),
        plan.length - plan.warm_up - cools,
        Step(seconds=cools, speed=Ramp(main.speed, least.speed), incline=deck),
    )


def _step(seconds: float, speed: float, incline: float, limits: Limits) -> Step:
    kmh, percent = _speed(speed, limits), _deck(incline, limits)
    return Step(
        seconds=seconds, speed=Ramp(kmh, kmh), incline=Ramp(percent, percent) if limits.incline is not None else None
    )


def _speed(kmh: float, limits: Limits) -> float:
    """Return the next lower speed that the machine accepts: a limit is never rounded up."""
    return limits.speed.snap(kmh, rounding=ROUND_FLOOR) if limits.speed else 0.0


def _deck(percent: float, limits: Limits) -> float:
    """Return what the deck can do of an incline while somebody walks on it."""
    if limits.incline is None or limits.incline_pace is None:
        return 0.0
    return limits.allowed_incline(percent)
