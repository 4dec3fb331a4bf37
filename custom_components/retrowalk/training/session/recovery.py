"""The session before a restart: whether the belt that is heard now is still walked on in it (safety rules S4, S19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...machine.model import BeltState, Telemetry
from ..belt.belt import LATE_START, REST_CONFIRMED
from ..history.record_fields import check_number, is_number
from ..limits import Direction
from ..programs.program import Program
from ..steering.session_plan import DEFAULT_LENGTH, SessionRequest

COUNTED = ("elapsed_time", "distance")
"""What a machine counts in a session of its own, and begins anew with the next."""
_TELLS_WITHIN = 3.0
"""Seconds in which a machine that counts has told its counters, after the first that is heard of it."""
_SLACK = 10.0
"""Seconds by which clocks and counters may differ."""


class Verdict(StrEnum):
    """What has become of the session before the restart."""

    SAME = "same"  # the belt is still walked on in it
    ANOTHER = "another"  # it moves, but the counters began anew: nobody knows who walks
    RESTED = "rested"  # it is over, or paused


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredSession:
    """A session that goes on after a restart."""

    request: SessionRequest
    moving_time: float  # s of moving, until it is heard again
    planned: bool  # whether it has an end
    paused: float | None = None  # s since its pause began; None: the belt moves
    coached: bool = True  # whether anybody ever did, so that the walker may believe it


class Recovery:
    """Looks at what is heard first after a restart."""

    def __init__(self, counted: Mapping[str, Any], *, begins: bool) -> None:
        """`counted` was heard last; `begins`: a start may have been sent since, by which counters begin anew."""
        self._counted = {name: value for name in COUNTED if is_number(value := counted.get(name))}
        self._begins = begins
        self._since: tuple[bool, float] | None = None  # whether it moves, and since when that is heard
        self._fell = False

    def evaluate(self, telemetry: Telemetry) -> Verdict | None:
        """What telemetry tells of it; None: not enough yet. One strange report among good ones decides nothing."""
        if telemetry.belt is BeltState.UNKNOWN:
            return None
        moves = telemetry.belt is BeltState.MOVING
        if self._since is None or self._since[0] != moves:
            self._since, self._fell = (moves, telemetry.received), False
        heard_for = telemetry.received - self._since[1]
        if not moves:
            # Its countdown may be ours; and a single report of rest is an error of some machines.
            return Verdict.RESTED if heard_for >= (LATE_START if self._begins else REST_CONFIRMED) else None
        told = {name: value for name in self._counted if (value := getattr(telemetry, name)) is not None}
        if not told and self._counted:
            return Verdict.SAME if heard_for >= _TELLS_WITHIN else None
        if self._begins:
            return Verdict.SAME
        fell, before = any(value < self._counted[name] for name, value in told.items()), self._fell
        self._fell = fell
        if fell:
            return Verdict.ANOTHER if before else None
        return Verdict.SAME


def request_as_dict(request: SessionRequest) -> dict[str, Any]:
    """A request, for keeping as JSON."""
    return {
        "direction": request.direction.value,
        "length": request.length,
        "speed": request.speed,
        "incline": request.incline,
        "program_name": request.program_name,
        "program": request.program.as_dict() if request.program else None,
        "first": request.first,
    }


def request_from_dict(kept: Any, *, direction: Direction, walker: str | None, first: bool) -> SessionRequest:
    """What `request_as_dict` kept, as this walker's. Raises KeyError, TypeError or ValueError for what is none."""
    for name in ("speed", "incline"):
        if kept[name] is not None:
            check_number(name, kept[name])
    check_number("length", kept["length"])
    name, program = kept["program_name"], kept["program"]
    if name is not None and not isinstance(name, str):
        raise TypeError(f"no program is called {name!r:.99}")
    return SessionRequest(
        direction=direction,
        walker=walker,
        length=kept["length"],
        speed=kept["speed"],
        incline=kept["incline"],
        program_name=name,
        program=None if program is None else Program.from_dict(program),
        first=first or kept.get("first") is True,
    )


def request_from_record(
    direction: Direction, walker: str | None, planned: float | None, *, first: bool
) -> SessionRequest:
    """The request of a session of which only its record was kept."""
    return SessionRequest(direction=direction, walker=walker, length=planned or DEFAULT_LENGTH, first=first)
