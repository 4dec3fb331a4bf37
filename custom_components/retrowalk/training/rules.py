"""The rules of a session: what the owner allows, what the machine can do, and why something is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..machine.model import Capabilities
from .limits import Direction, Limits, Measured, OwnerLimits, limits_for


class Caller(StrEnum):
    """Who asks for something, as far as that is known."""

    PERSON = "person"  # somebody who is there and pressed
    AUTOMATION = "automation"  # nobody pressed, and no voice assistant asked
    UNKNOWN = "unknown"  # perhaps a voice assistant or a language model

    @property
    def is_person(self) -> bool:
        """Whether a person asks."""
        return self is Caller.PERSON


class Refusal(StrEnum):
    """Why something may not be done now; each has a text that says what to do."""

    MONITOR_ONLY = "monitor_only"
    NO_SPEED_CONTROL = "no_speed_control"
    BELT_MOVES = "belt_moves"
    COMING_TO_REST = "coming_to_rest"
    BUSY = "busy"
    JUST_STOPPED = "just_stopped"
    NOT_CONNECTED = "not_connected"
    NO_FRESH_DATA = "no_fresh_data"
    NEEDS_PERSON = "needs_person"
    DECK_TOO_HIGH = "deck_too_high"
    DECK_TOO_LOW = "deck_too_low"
    TOO_FAST = "too_fast"
    NOT_STEERING = "not_steering"
    NOTHING_TO_PAUSE = "nothing_to_pause"
    NOTHING_TO_RESUME = "nothing_to_resume"
    NOTHING_TO_FINISH = "nothing_to_finish"
    NOTHING_TO_SKIP = "nothing_to_skip"
    NOTHING_TO_LOWER = "nothing_to_lower"
    COOLING_DOWN = "cooling_down"
    NOT_OBEYED = "not_obeyed"
    GUARDED = "guarded"
    GUARD_UNREADABLE = "guard_unreadable"
    OCCUPIED = "occupied"
    LOCKED = "locked"
    UNLOCK_NEEDS_PERSON = "unlock_needs_person"
    NOT_CHECKED = "not_checked"
    CHECK_OUTDATED = "check_outdated"  # passed, but by other firmware
    CHECK_FAILED = "check_failed"
    TAKES_MILES = "takes_miles"
    STARTS_TOO_FAST = "starts_too_fast"
    STARTS_TOO_FAST_FIRST = "starts_too_fast_first"
    STARTS_TOO_FAST_REDUCED = "starts_too_fast_reduced"
    STARTS_TOO_FAST_FORWARD = "starts_too_fast_forward"
    CHECKING = "checking"


REFUSALS: Final[Mapping[str, frozenset[Refusal]]] = {
    "start_check": frozenset(
        {
            Refusal.BELT_MOVES,
            Refusal.BUSY,
            Refusal.CHECKING,
            Refusal.GUARDED,
            Refusal.GUARD_UNREADABLE,
            Refusal.JUST_STOPPED,
            Refusal.LOCKED,
            Refusal.MONITOR_ONLY,
            Refusal.NEEDS_PERSON,
            Refusal.NOT_CONNECTED,
            Refusal.NO_FRESH_DATA,
            Refusal.NO_SPEED_CONTROL,
            Refusal.OCCUPIED,
        }
    )
}
"""What a request to the session may be refused with, where a dialog has a text of its own for each."""


class RefusedError(Exception):
    """A rule forbids what was asked; nothing was changed."""

    def __init__(self, reason: Refusal, guards: tuple[str, ...] = (), **values: float) -> None:
        """`values` are numbers in its text, speeds in km/h."""
        super().__init__(reason.value)
        self.values = values
        self.reason = reason
        self.guards = guards  # the names of those that are the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the owner chose, and what the machine can do."""

    control: bool = False  # did the owner turn control on (S1)
    blocked_by: Refusal | None = None  # why the check run has not released it (S9)
    measured: Measured = field(default_factory=Measured)
    owner: OwnerLimits = field(default_factory=OwnerLimits)
    capabilities: Capabilities = field(default_factory=Capabilities)
    countdown_backward: float = 15.0  # s
    countdown_forward: float = 5.0  # s
    automations_confirm: bool = False  # what nobody pressed may confirm too (S2)
    spoken: bool = False  # something says the countdown aloud
    guard_stops: bool = False  # a start guard that turns on during a walk ends it (S17)
    control_lock: bool = False  # the child lock: only Stop works (S17)

    @property
    def released(self) -> bool:
        """Whether the belt may be moved: the owner wants it, and the check run has found nothing against it."""
        return self.control and self.blocked_by is None

    def limits(self, direction: Direction, *, novice: bool = False) -> Limits:
        """The limits of a walk in this direction, as things are now; a novice's are slow and level (S4)."""
        return limits_for(self.capabilities, self.owner, direction, novice=novice, measured=self.measured)
