"""What walking costs: metabolic power by speed, grade and direction, and the kilocalories of a session.

This is an estimate for a healthy adult who does not hold the rail; the error between persons is about a fifth. Sources:

- LCDA: Looney et al. 2019, Med Sci Sports Exerc 51:1954, its graded form; 0-7.06 km/h, -40 to +45 %.
- ACSM: the walking and running equations of the American College of Sports Medicine; what most consoles show.
- Backward: a factor on what forward walking on the level costs above standing. 1.45 agrees with the Compendium of
  Physical Activities (6.0 MET at 5.6 km/h on the level, 8.0 at 5 %) and with Hooper's ratios on grades. A factor
  on the whole, as in many articles, counts standing and climbing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from ...machine.model import BeltState, Telemetry
from ..belt.odometer import GAP

BACKWARD_FACTOR = 1.45
"""Backward over forward, for the level part above standing."""
BACKWARD_FACTOR_MIN, BACKWARD_FACTOR_MAX = 1.0, 2.0
ARTICLE_FACTOR = 1.4
"""The "40 % more" of articles, on everything."""
DEFAULT_WEIGHT = 70.0
"""kg, for somebody whose weight is not known; treadmills assume the same."""

_JOULES = 4184.0
"""J per kcal."""
_RESTING = _JOULES / 3600
"""W/kg: 1 MET, 1 kcal per kg and hour."""
_STANDING = 1.44
"""W/kg, LCDA at speed 0."""
_WALK_MAX, _RUN_MIN = 7.06, 8.0
"""km/h: where LCDA's range ends, and where ACSM's running begins."""
_STEEPEST_DOWN, _STEEPEST_UP = -40.0, 45.0
"""%: LCDA's range."""
type _Equation = Callable[[float, float], float]
"""W/kg by km/h and %."""


class EnergyModel(StrEnum):
    """How calories are estimated."""

    LCDA = "lcda"
    """Fits slow walking best; the backward factor applies to the level part above standing."""
    ACSM = "acsm"
    """As most consoles calculate; the direction makes no difference."""
    ARTICLE = "article"
    """Forward by LCDA, backward always 40 % more."""


def power_per_kg(
    speed_kmh: float, grade_percent: float, *, backward: bool, backward_factor: float = BACKWARD_FACTOR
) -> float:
    """Return the gross metabolic power (W/kg) by LCDA.

    The speed is in km/h; the grade is in %, and positive where the console's end is raised.
    """
    level = _lcda(speed_kmh, 0.0)
    slope = _lcda(speed_kmh, grade_percent) - level
    factor = backward_factor if backward else 1.0
    return max(_STANDING + factor * (level - _STANDING) + slope, 0.0)


def acsm_power_per_kg(speed_kmh: float, grade_percent: float) -> float:
    """Return the gross metabolic power (W/kg) by ACSM's equations, which know no descent: it counts as level."""
    return _blended(_acsm_walking, speed_kmh, max(grade_percent, 0.0))


def model_power_per_kg(
    model: EnergyModel,
    speed_kmh: float,
    grade_percent: float,
    *,
    backward: bool,
    backward_factor: float = BACKWARD_FACTOR,
) -> float:
    """Return the gross metabolic power (W/kg) by a model; only LCDA uses the backward factor."""
    if model is EnergyModel.ACSM:
        return acsm_power_per_kg(speed_kmh, grade_percent)
    if model is EnergyModel.ARTICLE:
        return (ARTICLE_FACTOR if backward else 1.0) * power_per_kg(speed_kmh, grade_percent, backward=False)
    return power_per_kg(speed_kmh, grade_percent, backward=backward, backward_factor=backward_factor)


def _lcda(speed_kmh: float, grade_percent: float) -> float:
    return _blended(_lcda_walking, speed_kmh, min(max(grade_percent, _STEEPEST_DOWN), _STEEPEST_UP))


def _blended(walking: _Equation, speed_kmh: float, grade_percent: float) -> float:
    """Return the W/kg of walking, of running, or of the straight line from the end of one to the start of the other."""
    speed = max(speed_kmh, 0.0)
    if speed <= _WALK_MAX:
        return walking(speed, grade_percent)
    if speed >= _RUN_MIN:
        return _acsm_running(speed, max(grade_percent, 0.0))
    share = (speed - _WALK_MAX) / (_RUN_MIN - _WALK_MAX)
    running = _acsm_running(_RUN_MIN, max(grade_percent, 0.0))
    return (1 - share) * walking(_WALK_MAX, grade_percent) + share * running


def _lcda_walking(speed_kmh: float, grade_percent: float) -> float:
    meters_per_second = speed_kmh / 3.6
    climbing: float = 1 - 1.05 ** (1 - 1.1 ** (grade_percent + 32))
    power: float = (
        _STANDING
        + 1.94 * meters_per_second**0.43
        + 0.24 * meters_per_second**4
        + 0.34 * meters_per_second * grade_percent * climbing
    )
    return power


def _acsm_walking(speed_kmh: float, grade_percent: float) -> float:
    meters_per_minute = speed_kmh * 1000 / 60
    return _from_oxygen(3.5 + 0.1 * meters_per_minute + 1.8 * meters_per_minute * grade_percent / 100)


def _acsm_running(speed_kmh: float, grade_percent: float) -> float:
    meters_per_minute = speed_kmh * 1000 / 60
    return _from_oxygen(3.5 + 0.2 * meters_per_minute + 0.9 * meters_per_minute * grade_percent / 100)


def _from_oxygen(milliliters: float) -> float:
    """Return the W/kg of an oxygen uptake in ml per kg and minute, at 5 kcal per liter."""
    return milliliters / 200 * _JOULES / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How the owner wants calories estimated."""

    model: EnergyModel = EnergyModel.LCDA
    backward_factor: float = BACKWARD_FACTOR  # only for LCDA

    def meter(self, weight_kg: float, *, backward: bool) -> EnergyMeter:
        """Return a meter for one session. Raises ValueError for an impossible weight."""
        return EnergyMeter(self.model, weight_kg, backward, self.backward_factor)


class EnergyMeter:
    """Kilocalories of one session, from the measured speed and incline over real time; never from targets."""

    def __init__(
        self,
        model: EnergyModel,
        weight_kg: float,
        backward: bool,
        backward_factor: float = BACKWARD_FACTOR,
    ) -> None:
        """Begin at 0. Raises ValueError for an impossible weight."""
        if not (isfinite(weight_kg) and weight_kg > 0):
            raise ValueError(f"not a body weight: {weight_kg} kg")
        self.gross_kcal = 0.0
        self.net_kcal = 0.0  # above resting (1 MET), which the time would have cost anyway
        self._model = model
        self._weight = weight_kg
        self._backward = backward
        self._factor = backward_factor
        self._before: Telemetry | None = None

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry, each newer than the one before; a measurement holds until the next."""
        before = self._before
        if before is not None and before.belt is BeltState.MOVING:
            elapsed = telemetry.received - before.received
            if 0 < elapsed <= GAP:
                self.add(elapsed, before.speed or 0.0, before.trusted_incline or 0.0)
        self._before = telemetry

    def add(self, seconds: float, speed_kmh: float, grade_percent: float) -> None:
        """Add a stretch at one speed and grade, also for a gap that the machine's counters fill."""
        if seconds <= 0 or speed_kmh <= 0:
            return
        gross = model_power_per_kg(
            self._model, speed_kmh, grade_percent, backward=self._backward, backward_factor=self._factor
        )
        kilocalories_per_watt_per_kg = self._weight * seconds / _JOULES
        self.gross_kcal += gross * kilocalories_per_watt_per_kg
        self.net_kcal += max(gross - _RESTING, 0.0) * kilocalories_per_watt_per_kg
