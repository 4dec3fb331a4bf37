"""The phases of a check run, and what a machine reports in them of its own accord."""

from collections.abc import Iterable
from enum import StrEnum

from ...machine.model import MachineEvent, MachineEventKind
from .step_search import NOISE


class CheckPhase(StrEnum):
    """What the check run is doing."""

    COUNTDOWN = "countdown"
    STARTING = "starting"
    START_SPEED = "start_speed"
    MINIMUM = "minimum"
    STEP = "step"
    HOLD = "hold"
    SECOND_START = "second_start"
    PAUSING = "pausing"
    RESUMING = "resuming"
    STOPPING = "stopping"
    OVER = "over"


AFTER_HOLD = frozenset(
    {CheckPhase.SECOND_START, CheckPhase.PAUSING, CheckPhase.RESUMING, CheckPhase.STOPPING, CheckPhase.OVER}
)
"""Phases after the one in which the distance is compared."""
_STARTS = frozenset(
    {CheckPhase.STARTING, CheckPhase.START_SPEED, CheckPhase.SECOND_START, CheckPhase.PAUSING, CheckPhase.RESUMING}
)
"""Phases in which the machine may report the speed that it starts with as if somebody had chosen it."""


def repeats(event: MachineEvent, phase: CheckPhase, sent: Iterable[float]) -> bool:
    """Return whether a reported target only repeats one that was sent (km/h), or comes with a start."""
    if event.kind not in {MachineEventKind.SPEED_CHANGED, MachineEventKind.INCLINE_CHANGED}:
        return False
    if phase in _STARTS:
        return True
    speed = event.value if event.kind is MachineEventKind.SPEED_CHANGED else None
    return speed is not None and any(abs(speed - kmh) <= NOISE for kmh in sent)
