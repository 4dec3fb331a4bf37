"""The session from before a restart, and whether it is still under way on the belt (safety rules S4, S19)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from ...machine.model import BeltState, Telemetry
from ..belt.belt import LATE_START, REST_CONFIRMED
from ..history.record_fields import check_number, is_number
from ..limits import Direction
from ..programs.program import Program
from ..steering.session_plan import DEFAULT_LENGTH, SessionRequest

COUNTED = ("elapsed_time", "distance")
"""The counters that a machine resets with each session of its own."""
_COUNTERS_WITHIN = 3.0
"""Seconds after the first report in which a machine that counts has reported its counters."""
_SLACK = 10.0
"""Seconds by which clocks and counters may differ."""


class Verdict(StrEnum):
    """What became of the session from before the restart."""

    SAME = "same"  # it is still under way
    ANOTHER = "another"  # the belt moves, but its counters were reset: the walker is unknown
    RESTED = "rested"  # it is over, or paused


class RecoveredSession(NamedTuple):
    """A session that continues after a restart."""

    request: SessionRequest
    moving_time: float  # s of motion until the belt is heard again
    planned: bool  # whether it has a planned end
    paused: float | None = None  # s since its pause began; None: the belt moves
    coached: bool = True  # whether it was ever coached, so that the walker may expect it


class Recovery:
    """Compare the first reports after a restart with the last ones before it."""

    def __init__(self, counted: Mapping[str, Any], *, begins: bool) -> None:
        """Initialize with the last counters; `begins`: a start, which resets them, may have been sent since."""
        self._counted = {name: value for name in COUNTED if is_number(value := counted.get(name))}
        self._begins = begins
        self._since: tuple[bool, float] | None = None  # whether the belt moves, and since when
        self._fell = False

    def evaluate(self, telemetry: Telemetry) -> Verdict | None:
        """Return the verdict, or None if it needs more reports. A single odd report decides nothing."""
        if telemetry.belt is BeltState.UNKNOWN:
            return None
        moves = telemetry.belt is BeltState.MOVING
        if self._since is None or self._since[0] != moves:
            self._since, self._fell = (moves, telemetry.received), False
        heard_for = telemetry.received - self._since[1]
        if not moves:
            # Our start may still be counting down, and some machines report rest once by mistake.
            return Verdict.RESTED if heard_for >= (LATE_START if self._begins else REST_CONFIRMED) else None
        reported = {name: value for name in self._counted if (value := getattr(telemetry, name)) is not None}
        if not reported and self._counted:
            return Verdict.SAME if heard_for >= _COUNTERS_WITHIN else None
        if self._begins:
            return Verdict.SAME
        fell, before = any(value < self._counted[name] for name, value in reported.items()), self._fell
        self._fell = fell
        if fell:
            return Verdict.ANOTHER if before else None
        return Verdict.SAME


def request_as_dict(request: SessionRequest) -> dict[str, Any]:
    """Return a request as JSON data."""
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
    """Return a stored request for this walker. Raises KeyError, TypeError or ValueError if it is invalid."""
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
    """Return a request for a session of which only its record was stored."""
    return SessionRequest(direction=direction, walker=walker, length=planned or DEFAULT_LENGTH, first=first)
