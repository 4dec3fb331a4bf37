"""The events of a session, for the event entity, the announcer and automations."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from .limits import Direction
from .rules import Refusal


class SessionEventKind(StrEnum):
    """Kind of a session event."""

    READY = "ready"
    COUNTDOWN = "countdown"
    STARTED = "started"
    SPEED_UP_SOON = "speed_up_soon"
    STEP_CHANGED = "step_changed"  # an announced rise is complete
    RISE_REFUSED = "rise_refused"  # the machine declined an announced rise
    HALFWAY = "halfway"
    LAST_MINUTE = "last_minute"
    GOAL_REACHED = "goal_reached"  # the walker's daily goal, during a session
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
    GUARD = "guard"  # a guard turned on during a session
    NOBODY_ON_BELT = "nobody_on_belt"
    NOT_OBEYED = "not_obeyed"
    DECK_LOWERING = "deck_lowering"
    BELT_WITHOUT_SESSION = "belt_without_session"
    EXPORTED = "exported"  # the file of a session that is over has been written


class EndReason(StrEnum):
    """Reason why a session ended or did not begin. Records store the values and events fire them: never change them."""

    COMPLETED = "completed"  # the plan ended, with its cool-down
    FINISHED = "finished"  # somebody requested the cool-down
    STOPPED = "stopped"
    CONSOLE = "console"
    SAFETY_KEY = "safety_key"
    GUARD = "guard"
    NOBODY_ON_BELT = "nobody_on_belt"
    NOT_OBEYED = "not_obeyed"  # the belt does not slow down to its minimum
    PAUSED_TOO_LONG = "paused_too_long"
    INTERRUPTED = "interrupted"  # the belt was not heard for too long
    SHUTDOWN = "shutdown"  # Home Assistant stops, or the entry is unloaded
    CHECK = "check"  # the check run is over
    # Only for a session that has not begun:
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
        """Return the reason stored in a record, or None if it is unknown."""
        return cls(text) if text is not None and text in cls else None

    @property
    def planned(self) -> bool:
        """Whether the end was planned or requested."""
        return self in {EndReason.COMPLETED, EndReason.FINISHED}

    @property
    def unsafe(self) -> bool:
        """Whether somebody may have been in danger."""
        return self in {EndReason.SAFETY_KEY, EndReason.GUARD, EndReason.NOBODY_ON_BELT}

    @property
    def unintended(self) -> bool:
        """Whether nobody wanted this end."""
        return self in {EndReason.SHUTDOWN, EndReason.NOT_CONNECTED, EndReason.LINK_LOST, EndReason.NO_FRESH_DATA}


class ManualReason(StrEnum):
    """Reason why it is announced again that the console decides."""

    NO_COACH = "no_coach"  # this belt was steered and no longer is
    TIME_IS_UP = "time_is_up"
    STOPS_ITSELF = "stops_itself"  # the time is up, and the machine stops the belt in a minute


class StopFailure(StrEnum):
    """Reason why a stop fails; each has its own text (S3)."""

    NOT_DELIVERED = "not_delivered"
    NOT_OBEYED = "not_obeyed"  # delivered, but the belt does not slow down


class CommandMismatch(StrEnum):
    """How the belt differs from what it was told."""

    MILES = "miles"
    OVERSHOOT = "overshoot"
    IGNORED = "ignored"


@dataclass(frozen=True)
class SessionEvent:
    """Event of a session. A kind with details has its own subclass."""

    kind: SessionEventKind

    @property
    def data(self) -> dict[str, Any]:
        """The details as plain values, without those that are None."""
        details = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "kind"}
        return {
            name: value.value if isinstance(value, StrEnum) else value
            for name, value in details.items()
            if value is not None
        }


# Toward a start.


@dataclass(frozen=True)
class ReadyEvent(SessionEvent):
    """Event: a session was made ready."""

    kind: SessionEventKind = field(default=SessionEventKind.READY, init=False)
    direction: Direction


@dataclass(frozen=True)
class CountdownEvent(SessionEvent):
    """Event: a countdown of this many seconds has begun."""

    kind: SessionEventKind = field(default=SessionEventKind.COUNTDOWN, init=False)
    seconds: float
    direction: Direction


# While the belt moves. Speeds are in km/h, inclines in %.


@dataclass(frozen=True)
class RiseSoonEvent(SessionEvent):
    """Event: a rise begins soon and takes this many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.SPEED_UP_SOON, init=False)
    what: str
    start: float
    target: float
    seconds: float


@dataclass(frozen=True)
class StepChangedEvent(SessionEvent):
    """Event: an announced rise is complete."""

    kind: SessionEventKind = field(default=SessionEventKind.STEP_CHANGED, init=False)
    what: str
    target: float


@dataclass(frozen=True)
class RiseRefusedEvent(SessionEvent):
    """Event: the machine declined an announced rise."""

    kind: SessionEventKind = field(default=SessionEventKind.RISE_REFUSED, init=False)
    what: str
    target: float
    present: float


@dataclass(frozen=True)
class HalfwayEvent(SessionEvent):
    """Event: half of the session is over, after this many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.HALFWAY, init=False)
    seconds: int


@dataclass(frozen=True)
class LastMinuteEvent(SessionEvent):
    """Event: this many seconds are left."""

    kind: SessionEventKind = field(default=SessionEventKind.LAST_MINUTE, init=False)
    seconds: int = 60


@dataclass(frozen=True)
class ManualEvent(SessionEvent):
    """Event: the person at the console controls the belt, perhaps for this many minutes already."""

    kind: SessionEventKind = field(default=SessionEventKind.MANUAL, init=False)
    reason: ManualReason | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class NobodyOnBeltEvent(SessionEvent):
    """Event: nobody is on the belt, as this sign shows."""

    kind: SessionEventKind = field(default=SessionEventKind.NOBODY_ON_BELT, init=False)
    sign: str


@dataclass(frozen=True)
class NotObeyedEvent(SessionEvent):
    """Event: the belt or the deck does not do what it was told."""

    kind: SessionEventKind = field(default=SessionEventKind.NOT_OBEYED, init=False)
    finding: CommandMismatch
    what: str


@dataclass(frozen=True)
class GuardEvent(SessionEvent):
    """Event: a guard turned on during a session; `stops`: it ends the session."""

    kind: SessionEventKind = field(default=SessionEventKind.GUARD, init=False)
    guard: str
    stops: bool


@dataclass(frozen=True)
class DeckLoweringEvent(SessionEvent):
    """Event: the deck of a belt at rest will be lowered in this many seconds."""

    kind: SessionEventKind = field(default=SessionEventKind.DECK_LOWERING, init=False)
    seconds: float
    start: float
    target: float


# Toward rest.


@dataclass(frozen=True)
class CoolingDownEvent(SessionEvent):
    """Event: the cool-down has begun; its length is unknown while Home Assistant shuts down."""

    kind: SessionEventKind = field(default=SessionEventKind.COOLING_DOWN, init=False)
    reason: EndReason
    seconds: int | None = None
    start: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class PausedEvent(SessionEvent):
    """Event: the session was paused, by Home Assistant or at the console."""

    kind: SessionEventKind = field(default=SessionEventKind.PAUSED, init=False)
    by: str


@dataclass(frozen=True)
class StopFailedEvent(SessionEvent):
    """Event: a stop failed."""

    kind: SessionEventKind = field(default=SessionEventKind.STOP_FAILED, init=False)
    reason: StopFailure


@dataclass(frozen=True)
class FinishedEvent(SessionEvent):
    """Event: the session has finished."""

    kind: SessionEventKind = field(default=SessionEventKind.FINISHED, init=False)
    reason: EndReason | Refusal


@dataclass(frozen=True)
class StoppedEvent(SessionEvent):
    """Event: the session was ended early, or before it began."""

    kind: SessionEventKind = field(default=SessionEventKind.STOPPED, init=False)
    reason: EndReason | Refusal


@dataclass(frozen=True)
class StartFailedEvent(SessionEvent):
    """Event: the session will not begin, or the belt did not start."""

    kind: SessionEventKind = field(default=SessionEventKind.START_FAILED, init=False)
    reason: EndReason | Refusal
    guard: str | None = None


# Afterward.


@dataclass(frozen=True, kw_only=True)
class ExportedEvent(SessionEvent):
    """Event: the file of a finished session has been written; `walker` is a name or "guest", None if removed."""

    kind: SessionEventKind = field(default=SessionEventKind.EXPORTED, init=False)
    path: str
    format: str
    session_id: str
    walker: str | None


type EndEvent = FinishedEvent | StoppedEvent | StartFailedEvent
