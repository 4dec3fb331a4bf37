"""The vocabulary that machines and training share: what a treadmill is, reports and can be sent.

Everything is frozen; speeds are km/h, inclines percent, distances meters, times seconds, energy kcal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from math import isfinite, nan
from typing import Any, NamedTuple, Self

KM_PER_MILE = 1.609344
"""Kilometers in a mile, exactly."""
STOP_KEPT_FOR = 60.0
"""Seconds for which an undelivered stop is kept, to be sent first on the next link (S3)."""


class Unit(StrEnum):
    """A unit of speed and distance: kilometers (per hour) and meters, or miles (per hour) and as much longer meters."""

    KILOMETERS = "km"
    MILES = "mi"

    @property
    def factor(self) -> float:
        """How many km/h, or meters, one of it is."""
        return KM_PER_MILE if self is Unit.MILES else 1.0


class Quirk(StrEnum):
    """One way in which a machine differs from what its protocol says; stored, so the values never change."""

    # How it is spoken to; the driver acts on these.
    PREAMBLE = "preamble"  # a write of the maker's before each command
    UNLOCK = "unlock"  # silent until a frame of the maker's has come
    ACTIVATION = "activation"  # reports zeros until a frame of the maker's has come
    START_PARAMETER = "start_parameter"  # a start without an extra byte is declined
    ANSWERS_BY_STATUS = "answers_by_status"  # a command is often answered by a status only
    STEPS_IN_TAIL = "steps_in_tail"  # the tail of a report carries steps
    WEAK_SUBSCRIPTIONS = "weak_subscriptions"  # subscriptions need time between them, the training status goes last
    # How belt and console behave; the session acts on these.
    STOP_AT_REST = "stop_at_rest"  # a moving belt takes Pause only, and Stop once it rests
    START_TOGGLES = "start_toggles"  # a start stops a moving belt
    SECOND_START = "second_start"  # the belt moves after a second start only
    LATE_SPEED = "late_speed"  # s after the first movement in which a target is ignored, or ends the link
    PAUSE_STOPS = "pause_stops"  # a pause ends the machine's own session
    TIME_LIMIT = "time_limit"  # s after which the machine stops a belt that an app has started
    CONSOLE_DEAD = "console_dead"  # its own Start does nothing while an app is connected
    INCLINE = "incline"  # pairs of a reported and the true incline (%), or one factor

    @property
    def of_session(self) -> bool:
        """Whether the session acts on it, so that it has to be known while the machine is away."""
        return self in _OF_SESSION


_OF_SESSION = frozenset(
    {
        *(Quirk.STOP_AT_REST, Quirk.START_TOGGLES, Quirk.SECOND_START, Quirk.LATE_SPEED),
        *(Quirk.PAUSE_STOPS, Quirk.TIME_LIMIT, Quirk.CONSOLE_DEAD, Quirk.INCLINE),
    }
)


@dataclass(frozen=True, slots=True)
class KnownQuirk:
    """What is known of one quirk of a machine, before anybody has measured or chosen anything."""

    value: Any
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUnits:
    """In which units a machine has its numbers, whatever its protocol says."""

    takes: Unit = Unit.KILOMETERS
    """Of the speeds that it is sent, and of its range."""
    tells: Unit = Unit.KILOMETERS
    """Of the speeds that it reports."""
    counts: Unit = Unit.KILOMETERS
    """Of its distance: meters, or as much longer ones as a mile is longer than a kilometer."""


class BeltState(StrEnum):
    """What the belt does, as far as the machine reports it."""

    UNKNOWN = "unknown"
    AT_REST = "at_rest"
    COUNTDOWN = "countdown"  # the machine's own 3-2-1; the belt is about to move
    MOVING = "moving"


_DECIMALS = 9
"""Of a value: a grid in miles has eight, and the rest is binary noise."""
_FAR = 1000.0
"""km/h or % that no machine can do."""


@dataclass(frozen=True, slots=True)
class ValueRange:
    """What a machine accepts for a target: from minimum to maximum, in whole steps above the minimum.

    `values` are all that it accepts where those are no even steps; `step` is then the widest gap between two.
    """

    minimum: float
    maximum: float
    step: float
    values: tuple[float, ...] = ()

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Return the range of these values and no others, of which there has to be one at least."""
        known = tuple(sorted(set(values)))
        gaps = [round(high - low, 6) for low, high in pairwise(known)]
        return cls(known[0], known[-1], max(gaps, default=1.0), known)

    def times(self, factor: float) -> Self:
        """Return an even range in another unit."""
        low, high, step = (round(number * factor, 8) for number in (self.minimum, self.maximum, self.step))
        return type(self)(low, high, step)

    def snap(self, value: float, *, rounding: str = ROUND_HALF_UP) -> float:
        """Return the accepted value nearest to `value`, or the next below or above by a `decimal` rounding.

        Exact in decimals: 2.3 stays 2.3. Raises ValueError for what is not a finite number.
        """
        if not isfinite(value):
            raise ValueError(f"not a finite number: {value}")
        if self.values:
            return self._nearest(round(value, 6), rounding)
        low, high, step = (Decimal(str(number)) for number in (self.minimum, self.maximum, self.step))
        wanted = min(max(Decimal(str(round(value, _DECIMALS))), low), high)
        snapped = low + ((wanted - low) / step).to_integral_value(rounding) * step
        if snapped > high:
            snapped -= step
        return float(max(snapped, low))

    def _nearest(self, value: float, rounding: str) -> float:
        """Return the nearest of its values, or the next below or above."""
        below = max((known for known in self.values if known <= value), default=self.minimum)
        above = min((known for known in self.values if known >= value), default=self.maximum)
        if rounding == ROUND_HALF_UP:
            return below if value - below < above - value else above
        return above if rounding == ROUND_CEILING else below


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineInfo:
    """What the machine says it is (Device Information Service); None where it does not say."""

    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    hardware: str | None = None
    firmware: str | None = None
    software: str | None = None

    @property
    def name(self) -> str | None:
        """Manufacturer and model as one name; None if the machine says neither."""
        manufacturer, model = (self.manufacturer or "").strip(), (self.model or "").strip()
        if model.casefold().startswith(manufacturer.casefold()):
            manufacturer = ""
        return f"{manufacturer} {model}".strip() or None

    def as_dict(self) -> dict[str, str | None]:
        """Return the form that is stored as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; anything else counts as not known, and is read from the machine again."""
        kept = data if isinstance(data, Mapping) else {}
        known = {field.name: kept.get(field.name) for field in fields(cls)}
        return cls(**{name: value for name, value in known.items() if isinstance(value, str)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the machine can do and report; read at connect and stored, so that it is known while the machine is off."""

    speed_range: ValueRange | None = None  # None: speed cannot be set
    incline_range: ValueRange | None = None  # None: incline cannot be set
    can_start_and_stop: bool = False
    control_unproven: bool = False  # nobody is sure how machines of this protocol are moved, so that none is
    reports_incline: bool = False
    reports_distance: bool = False
    reports_energy: bool = False
    reports_heart_rate: bool = False
    reports_steps: bool = False
    reports_elapsed_time: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        data = asdict(self)
        for name in ("speed_range", "incline_range"):
            if data[name] is not None and not data[name]["values"]:
                del data[name]["values"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; unknown keys are left out, so that older, newer and damaged data load."""
        kept = data if isinstance(data, Mapping) else {}
        known: dict[str, Any] = {field.name: kept[field.name] is True for field in fields(cls) if field.name in kept}
        for name in ("speed_range", "incline_range"):
            known[name] = _range(kept.get(name))
        return cls(**known)


def _range(kept: Any) -> ValueRange | None:
    """Return a stored range; None for what is none."""
    if not isinstance(kept, Mapping):
        return None
    numbers = [kept.get(name) for name in ("minimum", "maximum", "step")]
    low, high, step = (number if isinstance(number, int | float) else nan for number in numbers)
    if not (-_FAR <= low <= high <= _FAR and 0 < step <= _FAR):
        return None
    values = kept.get("values")
    if not isinstance(values, list | tuple) or not values:
        return ValueRange(low, high, step)
    known = [value for value in values if isinstance(value, int | float) and low <= value <= high]
    return ValueRange.of(known) if known else None


class Telemetry(NamedTuple):
    """The newest of everything that the machine reported, merged over its messages; None where it never reported it.

    A tuple, because several are made of every report.
    """

    received: float = 0.0  # monotonic seconds of the newest message
    belt: BeltState = BeltState.UNKNOWN
    speed: float | None = None
    incline: float | None = None
    distance: int | None = None
    energy: int | None = None
    heart_rate: int | None = None
    steps: int | None = None
    elapsed_time: int | None = None
    force_on_belt: int | None = None
    training_status: str | None = None
    incline_doubted: bool = False
    """Judged, not reported: the machine tells inclines that it cannot have, so that nothing is decided by them."""
    uncounted_since: float | None = None
    """Judged, not reported: since then only the speed was repeated, and nobody walked (s, as `received`)."""

    def with_incline(self, percent: float | None, *, doubted: bool = False) -> Self:
        """Return it with another incline (%)."""
        if percent == self.incline and doubted == self.incline_doubted:
            return self
        return self._replace(incline=percent, incline_doubted=doubted)

    @property
    def trusted_incline(self) -> float | None:
        """The incline (%); None where it is not known or doubted."""
        return None if self.incline_doubted else self.incline


class MachineEventKind(StrEnum):
    """Something that happened at the machine, mostly at its console."""

    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    SAFETY_KEY = "safety_key"
    SPEED_CHANGED = "speed_changed"
    INCLINE_CHANGED = "incline_changed"
    RESET = "reset"
    CONTROL_LOST = "control_lost"


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """An event and, for a changed target, its new value (km/h or %)."""

    kind: MachineEventKind
    value: float | None = None


class CommandKind(StrEnum):
    """What a machine can be sent."""

    START = "start"  # a belt at rest; also resumes a paused one
    START_AGAIN = "start_again"  # a moving belt, to see what that does: in the check run only (S8, S9)
    STOP = "stop"
    PAUSE = "pause"
    END_SESSION = "end_session"  # a stop for a belt at rest in a pause: the next start begins anew (S12)
    SET_SPEED = "set_speed"
    SET_INCLINE = "set_incline"


@dataclass(frozen=True, slots=True)
class Command:
    """One command; the value is in km/h or % for the two that set a target.

    For a start it is the speed that the machine reports of a belt at rest, if it does. `urgent`: the command takes the
    place of a stop that the machine does not obey, and overtakes everything as a stop does (S3).
    """

    kind: CommandKind
    value: float | None = None
    urgent: bool = False

    @property
    def stops(self) -> bool:
        """Whether it is a stop, or takes the place of one."""
        return self.urgent or self.kind is CommandKind.STOP
