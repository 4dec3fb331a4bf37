"""The phases of a check run."""

from enum import StrEnum


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


STARTS = frozenset(
    {CheckPhase.STARTING, CheckPhase.START_SPEED, CheckPhase.SECOND_START, CheckPhase.PAUSING, CheckPhase.RESUMING}
)
"""Phases in which the machine may report the speed that it starts with as if somebody had chosen it."""
