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


class EndReason(StrEnum):
    """Why a session ended, or did not begin. Kept in records and fired with events: the values never change."""

    COMPLETED = "completed"  # it ran its course, cool-down included
    FINISHED = "finished"  # somebody asked for the cool-down
    STOPPED = "stopped"
    CONSOLE = "console"
    SAFETY_KEY = "safety_key"
    GUARD = "guard"
    NOBODY_ON_BELT = "nobody_on_belt"
    NOT_OBEYED = "not_obeyed"  # the belt does not come down to its minimum
    PAUSED_TOO_LONG = "paused_too_long"
    INTERRUPTED = "interrupted"  # the belt was not heard of for too long
    SHUTDOWN = "shutdown"  # Home Assistant stops, or the entry is unloaded
    CHECK = "check"  # the check run is over
    # Only of what has not begun:
    LAPSED = "lapsed"  # nobody confirmed in time
    NOT_CONNECTED = "not_connected"
    LINK_LOST = "link_lost"
    NO_FRESH_DATA = "no_fresh_data"
    REFUSED = "refused"  # by the machine
    BELT_DOES_NOT_MOVE = "belt_does_not_move"
    BELT_NOT_HEARD = "belt_not_heard"
    LIMITS_LOWERED = "limits_lowered"
    SETTINGS_CHANGED = "settings_changed"
    NOT_ANNOUNCED = "not_announced"

    @classmethod
    def parse(cls, text: str | None) -> EndReason | None:
        """Return the reason that a record keeps; None for one that is not known here."""
        return cls(text) if text is not None and text in cls else None

    @property
    def planned(self) -> bool:
        """Whether it was the end that somebody planned or asked for."""
        return self in {EndReason.COMPLETED, EndReason.FINISHED}

    @property
    def unsafe(self) -> bool:
        """Whether somebody may have been in danger."""
        return self in {EndReason.SAFETY_KEY, EndReason.GUARD, EndReason.NOBODY_ON_BELT}

    @property
    def nobodys_fault(self) -> bool:
        """Whether neither the walker nor anybody else wanted it."""
        return self in {EndReason.SHUTDOWN, EndReason.NOT_CONNECTED, EndReason.LINK_LOST, EndReason.NO_FRESH_DATA}


class ManualReason(StrEnum):
    """Why it is said again that only the person at the console decides."""

    NO_COACH = "no_coach"  # we steered this belt, and do not any more
    TIME_IS_UP = "time_is_up"


class StopFailure(StrEnum):
    """Why a stop does not work; each has its own words (S3)."""

    NOT_DELIVERED = "not_delivered"
    NOT_OBEYED = "not_obeyed"  # delivered, and the belt does not slow down


class CommandMismatch(StrEnum):
    """What is wrong with how the machine obeys."""

    MILES = "miles"
    OVERSHOOT = "overshoot"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An event and its details."""

    kind: SessionEventKind
    data: Mapping[str, Any] = field(default_factory=dict)
