"""What a check run measured, and what that means (S9)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from ...machine.model import MachineUnits, Unit
from ..belt.unit_detector import Scale
from ..stop_steps import StopStep


class SecondStart(StrEnum):
    """What a start does to a belt that moves. It is never sent in use (S8)."""

    NOTHING = "nothing"
    STOPS = "stops"
    CHANGES_SPEED = "changes_speed"
    UNKNOWN = "unknown"


class AfterPause(StrEnum):
    """What a start does after a pause."""

    MINIMUM = "minimum"
    FASTER = "faster"  # at the last speed, so that each pause ends the machine's own session
    NOTHING = "nothing"  # one more run, without a pause, measures the stop
    UNKNOWN = "unknown"


class UnitProof(StrEnum):
    """How sure it is that a belt takes no longer units than those that it is taken to take."""

    SURE = "sure"  # its reports, its distance or its console exclude them
    LIKELY = "likely"  # its distance fits its speed, which it also does where both are in miles
    NONE = "none"  # nothing tells


class Failure(StrEnum):
    """Why a check run was not passed."""

    # Something interrupted the run; it proves nothing about the machine.
    STOPPED = "stopped"
    SAFETY_KEY = "safety_key"
    CONSOLE = "console"
    LINK_LOST = "link_lost"
    NO_DATA = "no_data"
    SOMEBODY_NEAR = "somebody_near"
    BELT_MOVED = "belt_moved"
    DOES_NOT_MOVE = "does_not_move"
    START_REFUSED = "start_refused"
    CAME_TO_REST = "came_to_rest"
    # The machine behaves so.
    MINIMUM_STOPS = "minimum_stops"  # one more run, from the start speed on, measures the rest
    SPEED_REFUSED = "speed_refused"
    IGNORES = "ignores"
    MISSES = "misses"
    MILES = "miles"
    UNIT_UNKNOWN = "unit_unknown"
    CONSOLE_DIFFERS = "console_differs"
    PAUSE_ENDS = "pause_ends"  # one more run, without a pause, measures the stop
    SECOND_START_STOPS = "second_start_stops"  # one more run, without a second start, measures the stop
    STOP_FAILED = "stop_failed"

    @property
    def blames_machine(self) -> bool:
        """Whether it holds until another run is passed; otherwise the result before still holds."""
        return self in _MACHINE


_MACHINE = frozenset(
    {
        Failure.MINIMUM_STOPS,
        Failure.SPEED_REFUSED,
        Failure.IGNORES,
        Failure.MISSES,
        Failure.MILES,
        Failure.UNIT_UNKNOWN,
        Failure.CONSOLE_DIFFERS,
        Failure.PAUSE_ENDS,
        Failure.SECOND_START_STOPS,
        Failure.STOP_FAILED,
    }
)


_COUNTED: Mapping[Unit, Scale] = {Unit.KILOMETERS: Scale.SAME, Unit.MILES: Scale.MORE}
"""What 0.8.0 and before stored of the distance."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What a check run measured; speeds in km/h, times in s. None: not measured."""

    start_speed: float | None = None
    lowest: float | None = None  # that the belt obeys, where it is not the minimum that the machine says
    second_start_needed: bool | None = None  # the belt moves after a second start only
    step: float | None = None  # the smallest change that the belt really makes
    held_speed: float | None = None  # while the console was to be read
    reported: Scale = Scale.SAME  # the reported speed against the one that was sent
    counted: Scale | None = None  # the distance against the reported speed
    unit_proof: UnitProof = UnitProof.SURE  # before 0.11.0 nothing was released without
    second_start: SecondStart = SecondStart.UNKNOWN
    after_pause: AfterPause = AfterPause.UNKNOWN
    stop_delay: float | None = None  # from the stop until the belt slows down
    stop_coast: float | None = None  # from there until it rests
    stop_step: StopStep = StopStep.STOP  # what made it slow down (S3)

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        data = asdict(self)
        data["stop_rung"] = data.pop("stop_step")
        return data

    def unit_unsure(self, *, stated: bool) -> bool:
        """Return whether the belt may be in miles: `stated` kilometers are believed where the distance fits them."""
        return self.unit_proof is UnitProof.NONE or (self.unit_proof is UnitProof.LIKELY and not stated)

    def understood(self, before: MachineUnits, after: MachineUnits) -> Self:
        """Return it with true speeds, of a machine that was understood in units that are not its own."""
        told, taken = after.tells.factor / before.tells.factor, after.takes.factor / before.takes.factor
        return replace(
            self,
            start_speed=_times(self.start_speed, told),
            lowest=_times(self.lowest, taken),
            held_speed=_times(self.held_speed, told),
            step=_times(self.step, taken),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; unknown keys are left out."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        # 0.8.0 and before knew only machines that report what they are sent.
        counted = known.get("counted")
        if counted is None and (unit := data.get("unit")) is not None:
            counted = _COUNTED[Unit(unit)]
        known["counted"] = None if counted is None else Scale(counted)
        known["reported"] = Scale(known.get("reported") or Scale.SAME)
        known["unit_proof"] = UnitProof(known.get("unit_proof", UnitProof.SURE))
        if (second_start := known.get("second_start")) is not None:
            known["second_start"] = SecondStart(second_start)
        if (after_pause := known.get("after_pause")) is not None:
            known["after_pause"] = AfterPause(after_pause)
        if not isinstance(known.get("second_start_needed"), bool):
            known.pop("second_start_needed", None)
        known["stop_step"] = StopStep(data.get("stop_rung") or StopStep.STOP)
        return cls(**known)


def _times(kmh: float | None, factor: float) -> float | None:
    return None if kmh is None else round(kmh * factor, 6)
