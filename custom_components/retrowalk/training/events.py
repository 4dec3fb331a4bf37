"""What happens in a session, as others are told of it."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from .limits import Direction
from .rules import Refusal


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
    def unintended(self) -> bool:
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
    """Something that happened in a session. A kind that has details has a class of its own."""

    kind: SessionEventKind

    @property
    def data(self) -> dict[str, Any]:
        """The details as the event entity fires them: plain values, and only what there is."""
        details = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "kind"}
        return {
            name: value.value if isinstance(value, StrEnum) else value
            for name, value in details.items()
            if value is not None
        }


# Towards a start.


@dataclass(frozen=True, slots=True)
class ReadyEvent(SessionEvent):
    """A session was made ready."""

    kind: SessionEventKind = field(default=SessionEventKind.READY, init=False)
    direction: Direction


@dataclass(frozen=True, slots=True)
class CountdownEvent(SessionEvent):
    """The countdown has begun, of so many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.COUNTDOWN, init=False)
    seconds: float
    direction: Direction


# While the belt moves. Speeds are in km/h, inclines in %.


@dataclass(frozen=True, slots=True)
class RiseSoonEvent(SessionEvent):
    """A rise begins in a moment, and takes so many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.SPEED_UP_SOON, init=False)
    what: str
    start: float
    target: float
    seconds: float


@dataclass(frozen=True, slots=True)
class StepChangedEvent(SessionEvent):
    """A rise that was announced has been reached."""

    kind: SessionEventKind = field(default=SessionEventKind.STEP_CHANGED, init=False)
    what: str
    target: float


@dataclass(frozen=True, slots=True)
class RiseRefusedEvent(SessionEvent):
    """A rise that was announced, and that the machine declined."""

    kind: SessionEventKind = field(default=SessionEventKind.RISE_REFUSED, init=False)
    what: str
    target: float
    present: float


@dataclass(frozen=True, slots=True)
class HalfwayEvent(SessionEvent):
    """Half of the session is over, after so many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.HALFWAY, init=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class LastMinuteEvent(SessionEvent):
    """So many seconds are left."""

    kind: SessionEventKind = field(default=SessionEventKind.LAST_MINUTE, init=False)
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class ManualEvent(SessionEvent):
    """The belt is left to the person at the console, or has been for so many minutes."""

    kind: SessionEventKind = field(default=SessionEventKind.MANUAL, init=False)
    reason: ManualReason | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class NobodyOnBeltEvent(SessionEvent):
    """Nobody walks, as this sign tells."""

    kind: SessionEventKind = field(default=SessionEventKind.NOBODY_ON_BELT, init=False)
    sign: str


@dataclass(frozen=True, slots=True)
class NotObeyedEvent(SessionEvent):
    """The belt, or the deck, does not do what it is told."""

    kind: SessionEventKind = field(default=SessionEventKind.NOT_OBEYED, init=False)
    finding: CommandMismatch
    what: str


@dataclass(frozen=True, slots=True)
class GuardEvent(SessionEvent):
    """A start guard turned on during a session, and perhaps stops it."""

    kind: SessionEventKind = field(default=SessionEventKind.GUARD, init=False)
    guard: str
    stops: bool


@dataclass(frozen=True, slots=True)
class DeckLoweringEvent(SessionEvent):
    """The deck of a belt at rest is lowered in so many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.DECK_LOWERING, init=False)
    seconds: float
    start: float
    target: float


# Towards rest.


@dataclass(frozen=True, slots=True)
class CoolingDownEvent(SessionEvent):
    """The cool-down has begun; nobody knows how long it takes when Home Assistant has to go."""

    kind: SessionEventKind = field(default=SessionEventKind.COOLING_DOWN, init=False)
    reason: EndReason
    seconds: int | None = None
    start: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class PausedEvent(SessionEvent):
    """The session is paused, by us or at the console."""

    kind: SessionEventKind = field(default=SessionEventKind.PAUSED, init=False)
    by: str


@dataclass(frozen=True, slots=True)
class StopFailedEvent(SessionEvent):
    """A stop does not work."""

    kind: SessionEventKind = field(default=SessionEventKind.STOP_FAILED, init=False)
    reason: StopFailure


@dataclass(frozen=True, slots=True)
class FinishedEvent(SessionEvent):
    """The session has come to its end."""

    kind: SessionEventKind = field(default=SessionEventKind.FINISHED, init=False)
    reason: EndReason | Refusal


@dataclass(frozen=True, slots=True)
class StoppedEvent(SessionEvent):
    """The session, or what was made ready, was ended before its end."""

    kind: SessionEventKind = field(default=SessionEventKind.STOPPED, init=False)
    reason: EndReason | Refusal


@dataclass(frozen=True, slots=True)
class StartFailedEvent(SessionEvent):
    """What was made ready does not begin, or the belt did not start."""

    kind: SessionEventKind = field(default=SessionEventKind.START_FAILED, init=False)
    reason: EndReason | Refusal
    guard: str | None = None


type EndEvent = FinishedEvent | StoppedEvent | StartFailedEvent
