"""What callers asked of the control point, and has not been done yet."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple

from ..model import BeltState, Telemetry

_SLOWER = 0.25
"""km/h by which a belt that obeys a stop gets slower before it is said again."""


@dataclass(slots=True)
class Request:
    """A requested command; void once a stop came first or its caller was told that it failed."""

    data: bytes
    until: float
    """s, for its write: what is told as failed must not arrive later (S6)."""
    void: bool = False
    written: bool = False


class Asking(NamedTuple):
    """The request for control for this stop, which is sent again once that is granted."""

    data: bytes
    task: asyncio.Task[int | None]


class Said(NamedTuple):
    """When a stop was said (s), and what the machine had reported then."""

    when: float
    telemetry: Telemetry

    def is_obeyed(self, now: Telemetry, *, unanswered: bool) -> bool:
        """Return whether the belt has come to rest since then; or slows down, after a stop that was not answered."""
        slows = unanswered and (now.speed or 0.0) < (self.telemetry.speed or 0.0) - _SLOWER
        return slows or (now.belt is BeltState.AT_REST and now.received > self.telemetry.received)
