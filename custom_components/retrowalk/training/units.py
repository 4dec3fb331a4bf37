"""The units that a house shows and asks in. Everything that is stored, sent or computed stays metric.

This is the one place that converts. `util.house_units(hass)` returns the `Units` of a Home Assistant instance; a value
is converted once on its way out and once on its way back in, at the surface where people see and enter it:

- a text: `Speed(kmh)` as one of its values (`messaging/texts.py` and `programs/words.py` write it, and fill
  `{speed_unit}`), or `shown_speed`, and `speed_at_most` for a limit
- a field for any speed: `speed` fills it and `kmh` reads it; a value that was not changed stays exactly the same
- a field for a limit: `limit_range`, `shown_limit` fills it and `limit_kmh` reads it: never above what was entered
- a number on a machine's grid: `shown_range` and `shown_on`, and `kmh_on` back to a step of the machine
- a weight: `weight` and `kg`; a distance: `distance`

In a metric house all of them return what they are given. Inclines are percent everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import ceil
from typing import Final

from ..machine.model import KM_PER_MILE, ValueRange

_KG_PER_POUND: Final = 0.45359237
_METERS_PER_FOOT: Final = 0.3048
_METERS_PER_KILOMETER: Final = 1000.0
_FEET_BEFORE_MILES: Final = 1000.0
"""Shorter distances are told in feet."""
_SPEED_DIGITS: Final = 2
"""Decimals of mph: a machine's step of 0.1 km/h is 0.06 mph."""
_LIMIT_DIGITS: Final = 3
"""Decimals of a limit in km/h, which is shown as it was entered."""
_WEIGHT_DIGITS: Final = 1
_MOST_DIGITS: Final = 6
_NOISE_DIGITS: Final = 9
"""Decimals beyond which a number has only the noise of binary fractions."""


@dataclass(frozen=True)
class Speed:
    """A speed (km/h), or a ramp to another one, as a value of a text: it is written in the unit of the house."""

    kmh: float
    to: float | None = None


@dataclass(frozen=True, kw_only=True)
class Units:
    """What a house measures in; metric by default."""

    miles: bool = False  # mph, miles and feet
    pounds: bool = False

    # Speeds

    @property
    def speed_unit(self) -> str:
        """The unit of speeds."""
        return "mph" if self.miles else "km/h"

    def shown_speed(self, kmh: float) -> float:
        """Return a speed as it is told."""
        return round(kmh / KM_PER_MILE, _SPEED_DIGITS) if self.miles else kmh

    def speed_at_most(self, kmh: float) -> float:
        """Return a limit as it is told: never more than it is."""
        return _floor(kmh / KM_PER_MILE, _SPEED_DIGITS) if self.miles else kmh

    def speed(self, kmh: float) -> float:
        """Return a speed for a field, with as many decimals as `kmh` needs to return the same."""
        return _lossless(kmh, KM_PER_MILE, _SPEED_DIGITS) if self.miles else kmh

    def kmh(self, shown: float) -> float:
        """Return the speed (km/h) of a field: the one with the fewest decimals that is shown like this."""
        return _simplest(shown, KM_PER_MILE, _SPEED_DIGITS) if self.miles else shown

    def limit_range(self, allowed: ValueRange) -> ValueRange:
        """Return what a limit may be (km/h) for a slider, which can show all that `shown_limit` returns."""
        if not self.miles:
            return allowed
        least, most = self.shown_speed(allowed.minimum), self.speed_at_most(allowed.maximum)
        return ValueRange(least, most, 10.0**-_SPEED_DIGITS)

    def shown_limit(self, allowed: ValueRange, kmh: float) -> float:
        """Return a limit for a field; one outside what is allowed is shown as the nearest that is."""
        inside = min(max(kmh, allowed.minimum), allowed.maximum)
        return min(self.shown_speed(inside), self.speed_at_most(allowed.maximum)) if self.miles else inside

    def limit_kmh(self, allowed: ValueRange, shown: float, *, before: float) -> float:
        """Return the limit (km/h) that was entered in a field, never above it and inside what is allowed.

        `before` is the limit that the field was filled with. If it still shows that, nothing has changed.
        """
        if not self.miles:
            return shown
        unchanged = shown == self.shown_limit(allowed, before)
        kmh = before if unchanged else _floor(shown * KM_PER_MILE, _LIMIT_DIGITS)
        return min(max(kmh, allowed.minimum), allowed.maximum)

    def written(self, placeholders: Mapping[str, str | Speed]) -> dict[str, str]:
        """Return the placeholders of a text, with speeds and `speed_unit` if there are any, for every language."""
        if not any(isinstance(value, Speed) for value in placeholders.values()):
            return {name: str(value) for name, value in placeholders.items()}
        texts = {
            name: self._speeds(value) if isinstance(value, Speed) else value for name, value in placeholders.items()
        }
        return {**texts, "speed_unit": self.speed_unit}

    def _speeds(self, speed: Speed) -> str:
        ends = [speed.kmh] if speed.to is None else [speed.kmh, speed.to]
        return "-".join(f"{round(self.shown_speed(kmh), 3):g}" for kmh in ends)

    # A machine's grid

    def shown_range(self, allowed: ValueRange) -> ValueRange:
        """Return a machine's speeds for a slider: it ends below the limit, and a step of it is one of the machine."""
        factor = self._grid_factor(allowed)
        if factor is None:
            return allowed
        return ValueRange(
            self.shown_on(allowed, allowed.minimum),
            self.shown_on(allowed, allowed.maximum),
            _shown_step(allowed.step, factor, _digits_of_step(allowed.step, factor)),
        )

    def shown_on(self, allowed: ValueRange | None, kmh: float) -> float:
        """Return a speed of a machine, never above its limit by rounding."""
        factor = None if allowed is None else self._grid_factor(allowed)
        if factor is None or allowed is None:
            return self.shown_speed(kmh)
        digits = _digits_of_step(allowed.step, factor)
        highest = _floor(allowed.maximum / factor, digits)
        shown = round(kmh / factor, digits)
        return min(shown, highest) if kmh <= allowed.maximum else shown

    def kmh_on(self, allowed: ValueRange | None, shown: float) -> float:
        """Return the speed (km/h) that a machine makes which is nearest to what was entered, inside its limits."""
        factor = None if allowed is None else self._grid_factor(allowed)
        if factor is None or allowed is None:
            return self.kmh(shown)
        return allowed.snap(shown * factor)

    def _grid_factor(self, allowed: ValueRange) -> float | None:
        """Return how many km/h a shown unit is on a grid of its own; None where its values are shown as they are."""
        if self.miles:
            return KM_PER_MILE
        # The grid of a machine that takes miles has eight decimals.
        own = any(round(kmh, _SPEED_DIGITS) != kmh for kmh in (allowed.minimum, allowed.step))
        return 1.0 if own else None

    # Distances and weights

    def free_space(self, meters: float) -> str:
        """Return how much room to keep free, with its unit: never less than it is."""
        return f"{ceil(meters / _METERS_PER_FOOT)} ft" if self.miles else f"{meters:g} m"

    @property
    def distance_unit(self) -> str:
        """The unit of long distances."""
        return "mi" if self.miles else "km"

    def long_distance(self, meters: float) -> float:
        """Return a distance in the unit of long distances."""
        kilometers = meters / _METERS_PER_KILOMETER
        return kilometers / KM_PER_MILE if self.miles else kilometers

    def distance(self, meters: float) -> tuple[float, str]:
        """Return a distance and its unit: two decimals of a long one, a whole number of a short one."""
        short = meters / _METERS_PER_FOOT if self.miles else meters
        if round(short) >= (_FEET_BEFORE_MILES if self.miles else _METERS_PER_KILOMETER):
            return round(self.long_distance(meters), 2), self.distance_unit
        return float(round(short)), "ft" if self.miles else "m"

    @property
    def weight_unit(self) -> str:
        """The unit of weights."""
        return "lb" if self.pounds else "kg"

    def weight(self, kg: float) -> float:
        """Return a weight for a field, from which `kg` returns the same."""
        return _lossless(kg, _KG_PER_POUND, _WEIGHT_DIGITS) if self.pounds else kg

    def kg(self, shown: float, allowed: ValueRange) -> float:
        """Return the weight (kg) of a field: the one with the fewest decimals that is shown like this."""
        if not self.pounds:
            return shown
        return min(max(_simplest(shown, _KG_PER_POUND, _WEIGHT_DIGITS), allowed.minimum), allowed.maximum)

    def weight_range(self, allowed: ValueRange) -> ValueRange:
        """Return the weights (kg) of a field in the unit of the house; `kg` brings back what rounding puts outside."""
        if not self.pounds:
            return allowed
        least, most = (round(kg / _KG_PER_POUND, _WEIGHT_DIGITS) for kg in (allowed.minimum, allowed.maximum))
        return ValueRange(least, most, allowed.step)


METRIC: Final = Units()


def _floor(value: float, digits: int) -> float:
    """Return a number cut to so many decimals; binary noise is none of it."""
    exact = Decimal(str(round(value, _NOISE_DIGITS)))
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR))


def _simplest(shown: float, factor: float, digits: int) -> float:
    """Return the metric number with the fewest decimals that is shown like this with the decimals it was given."""
    digits = max(digits, len(f"{shown:.{_MOST_DIGITS}f}".rstrip("0").partition(".")[2]))
    candidates = (round(shown * factor, decimals) for decimals in range(1, _MOST_DIGITS))
    found = (metric for metric in candidates if round(metric / factor, digits) == shown)
    return next(found, round(shown * factor, _MOST_DIGITS))


def _lossless(metric: float, factor: float, digits: int) -> float:
    """Return the shown number with the fewest decimals from which `_simplest` returns the same metric one."""
    exact = round(metric, _MOST_DIGITS)
    candidates = (round(exact / factor, decimals) for decimals in range(digits, _NOISE_DIGITS))
    return next((shown for shown in candidates if _simplest(shown, factor, digits) == exact), exact / factor)


def _shown_step(step: float, factor: float, digits: int) -> float:
    """Return a machine's step, not larger than it is: a slider must reach every one of them."""
    return _floor(step / factor, digits)


def _digits_of_step(step: float, factor: float) -> int:
    """Return how many decimals tell a machine's steps apart: a shown speed plus a shown step is its next one."""
    for digits in range(_SPEED_DIGITS, _MOST_DIGITS):
        lost = step - _shown_step(step, factor, digits) * factor
        if lost + factor * 10.0**-digits < step / 2:
            return digits
    return _MOST_DIGITS
