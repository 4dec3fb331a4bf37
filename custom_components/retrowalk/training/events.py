"""What happens in a session, as others are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class SessionEventKind(StrEnum):
    """What others may want to know at once."""

    READY = "ready"
    COUNTDOWN = "countdown"
    STARTED = "started"
    SPEED_UP_SOON = "speed_up_soon"
    STEP_CHANGED = "step_changed"  # a rise that was announced has been reached
    RISE_REFUSED = "rise_refused"  # one that was announced, and that the machine declined
    HALFWAY = "halfway"
    LAST_MINUTE = "last_minute"
    GOAL_REACHED = "goal_reached"  # the walker's daily goal, in the middle of a walk
    COOLING_DOWN = "cooling_down"
    FINISHED = "finished"
    STOPPED = "stopped"
    PAUSED = "paused"
    RESUMED = "resumed"
    MANUAL = "manual"
    INTERRUPTED = "interrupted"
    LINK_BACK = "link_back"
    START_FAILED = "start_failed"
    STOP_FAILED = "stop_failed"
    SAFETY_KEY = "safety_key"
    GUARD = "guard"  # a start guard turned on during a walk
    NOBODY_ON_BELT = "nobody_on_belt"
    NOT_OBEYED = "not_obeyed"
    DECK_LOWERING = "deck_lowering"
    BELT_WITHOUT_SESSION = "belt_without_session"


class StopFailure(StrEnum):
    """Why a stop does not work; each has its own words (S3)."""

    NOT_DELIVERED = "not_delivered"
    NOT_OBEYED = "not_obeyed"  # delivered, and the belt does not slow down


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An event and its details."""

    kind: SessionEventKind
    data: Mapping[str, Any] = field(default_factory=dict)
