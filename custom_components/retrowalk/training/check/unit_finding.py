"""Finds out in which units a machine takes and tells speeds and counts its distance (S9).

Three things tell: what it reports against what it was sent, its distance against its speed, and what its console shows.
A machine is taken for what explains all of them. Until then a belt may be as much faster than what was sent as a mile
is longer than a kilometer, so that nothing is sent that would be above the limit then.
"""

from collections.abc import Iterator
from decimal import ROUND_FLOOR
from itertools import product
from math import isclose

from ...machine.model import KM_PER_MILE, MachineUnits, Telemetry, Unit
from ..belt.unit_detector import Scale, UnitDetector
from ..limits import Limits, speed_grain
from .result import CheckResult, Failure, UnitProof
from .step_search import NOISE, explain_miss

_RATIO = 0.03
"""Part by which what is reported may differ from the same number of miles."""
_SHOWN = 0.1
"""By how much a console with one decimal may be off, in its own unit."""
_UNITS = tuple(
    MachineUnits(takes=takes, tells=tells, counts=counts)
    for takes, tells, counts in product(Unit, repeat=3)
    if counts is Unit.KILOMETERS or tells is Unit.MILES  # only who tells miles has longer meters
)


class UnitFinder:
    """What one check run sees of the machine's units. Speeds are in km/h, as they are understood until now."""

    def __init__(self, limits: Limits, present: MachineUnits, *, stated: bool) -> None:
        """`present`: as what the machine is understood until now; `stated`: the owner says so, and may be wrong."""
        self.scale = Scale.SAME
        """How what is reported stands to what was sent."""
        self._present = present
        self._stated = stated
        self._highest = _highest(limits, present)
        self._limits = limits
        self._detector = UnitDetector()
        self._sent: set[float] = set()

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry of a moving belt."""
        self._detector.update(telemetry)

    @property
    def enough(self) -> bool:
        """Whether enough was counted to tell its unit, if it tells any."""
        return self._detector.enough

    @property
    def counts(self) -> bool:
        """Whether the machine counts a distance, so that a longer way may tell its unit."""
        return self._detector.counts

    @property
    def counted(self) -> Scale | None:
        """How the distance stands to the speed that is reported."""
        return self._detector.scale

    def allowed(self, kmh: float) -> float:
        """Return the speed nearest to this one that is in the limits whatever the machine takes it for."""
        return self._limits.allowed_speed(min(kmh, self._highest))

    def on_sent(self, kmh: float) -> None:
        """Take in that a speed was sent."""
        self._sent.add(kmh)

    @property
    def sent(self) -> Iterator[float]:
        """Every speed that a machine may report as a target of ours, in whichever unit."""
        return (kmh * scale.factor for kmh in self._sent for scale in Scale)

    def seen(self, kmh: float) -> float:
        """Return a reported speed as the one that was sent for it."""
        return kmh / self.scale.factor

    def most(self, target: float) -> float:
        """Return the most that may be reported of a belt that was sent to a target."""
        return target * (self.scale.factor if self.scale is not Scale.SAME else KM_PER_MILE)

    def explain(self, speed: float, target: float, start_speed: float, grain: float) -> Failure | None:
        """Return why the belt is not where it was sent, MILES if that may be another unit; None where it is there."""
        # A belt that is never as slow as it says seems to take miles until it has to follow.
        tolerance = grain if self.scale is Scale.SAME else NOISE / 2
        failure = explain_miss(self.seen(speed), target, self.seen(start_speed), tolerance)
        return failure if failure is None or self.other(speed, target) is None else Failure.MILES

    def adopt(self, speed: float, target: float) -> bool:
        """Take the machine for one of another unit; return False where the owner says that it is none."""
        scale = self.other(speed, target)
        if scale is None or self._stated:
            return False
        self.scale = scale
        return True

    def other(self, speed: float, target: float) -> Scale | None:
        """Return the scale of another unit that a machine may have that goes at a speed instead of a target."""
        scale = Scale.of(speed / target, _RATIO) if target and self.scale is Scale.SAME else None
        possible = scale is not Scale.SAME and any(_reported(units, self._present) is scale for units in _UNITS)
        return scale if possible else None


def has_room(limits: Limits, present: MachineUnits) -> bool:
    """Return whether the limits leave a check run room for one step, whatever the machine takes it for."""
    speeds = limits.speed
    return speeds is not None and speeds.minimum + speed_grain(speeds) <= _highest(limits, present) + NOISE / 10


def find_units(
    findings: CheckResult,
    shown: float | None,
    unit: Unit,
    *,
    present: MachineUnits | None = None,
    stated: bool = False,
) -> MachineUnits | Failure:
    """Return the machine's units, or what proves that they cannot be known.

    `shown` is the number on the console while the speed was held, per hour in its `unit`; None where it shows none.
    What the owner `stated` only has to be possible.
    Where nothing shows it, they are what they were taken for; `prove` tells how sure they are.
    """
    present = present or MachineUnits()
    fitting, _ = _fitting(findings, present)
    if stated and present not in fitting:
        return Failure.MILES
    if shown is not None:
        return _as_shown(fitting, findings, shown * unit.factor, _SHOWN * unit.factor, present=present, stated=stated)
    if present in fitting:
        return present
    # A distance that is too short may have other reasons.
    return next((units for units in fitting if units.counts is Unit.KILOMETERS), Failure.UNIT_UNKNOWN)


def prove(findings: CheckResult, shown: float | None, found: MachineUnits, present: MachineUnits) -> UnitProof:
    """Return how sure it is that the belt is not faster than `find_units` took it to be."""
    fitting, distance_fits = _fitting(findings, present)
    if shown is not None or all(units.takes.factor <= found.takes.factor for units in fitting):
        return UnitProof.SURE
    return UnitProof.LIKELY if distance_fits else UnitProof.NONE


def _fitting(findings: CheckResult, present: MachineUnits) -> tuple[list[MachineUnits], bool]:
    """Return the units that explain what was seen, and whether the distance is part of that: it may be nonsense."""
    counted = findings.counted
    fitting = [units for units in _UNITS if _explains(units, present, findings.reported, counted)]
    if fitting:
        return fitting, counted is not None
    return [units for units in _UNITS if _explains(units, present, findings.reported, None)], False


def _as_shown(
    fitting: list[MachineUnits],
    findings: CheckResult,
    kmh: float,
    tolerance: float,
    *,
    present: MachineUnits,
    stated: bool,
) -> MachineUnits | Failure:
    """Return the units with which the console agrees; of two, those of the faster belt."""
    held, told = findings.held_speed or 0.0, present.tells.factor
    agreeing = [units for units in fitting if abs(held * units.tells.factor / told - kmh) <= tolerance + 1e-9]
    if not agreeing:
        return Failure.CONSOLE_DIFFERS
    if stated:
        return present if present in agreeing else Failure.MILES
    return max(
        agreeing, key=lambda units: (units.tells is Unit.MILES, units == present, units.counts is Unit.KILOMETERS)
    )


def _explains(units: MachineUnits, present: MachineUnits, reported: Scale, counted: Scale | None) -> bool:
    """Return whether a machine with these units shows this, understood as one with the present units."""
    if _reported(units, present) is not reported:
        return False
    meters = present.counts.factor / units.counts.factor
    return counted is None or isclose(meters * units.tells.factor / present.tells.factor, counted.factor)


def _reported(units: MachineUnits, present: MachineUnits) -> Scale | None:
    """Return how what a machine with these units reports stands to what it is sent."""
    sent = units.takes.factor / present.takes.factor
    return Scale.of(sent * present.tells.factor / units.tells.factor, _RATIO)


def _risk(present: MachineUnits) -> float:
    """Return how many times faster than it was sent a belt may be."""
    return KM_PER_MILE / present.takes.factor


def _highest(limits: Limits, present: MachineUnits) -> float:
    """Return the highest speed that may be sent: on the machine's grid, and never less than its least."""
    if limits.speed is None:
        raise ValueError("this machine's speed cannot be controlled")
    return limits.speed.snap(limits.speed.maximum / _risk(present), rounding=ROUND_FLOOR)
