"""The rules of a session: what the owner allows and the machine can do, and the reasons for a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..machine.model import Capabilities, MachineUnits, Quirk, ValueRange
from .limits import Direction, Limits, Measured, OwnerLimits, limits_for, real_speeds


class Caller(StrEnum):
    """Who makes a request, as far as it is known."""

    PERSON = "person"  # somebody who is present and pressed a button
    AUTOMATION = "automation"  # neither a press nor a voice assistant
    UNKNOWN = "unknown"  # perhaps a voice assistant or a language model

    @property
    def is_person(self) -> bool:
        """Whether the caller is a person."""
        return self is Caller.PERSON


class Refusal(StrEnum):
    """Reason for a refusal; each has a text that says what to do."""

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
    DECK_DOUBTED = "deck_doubted"  # what is reported of it cannot be true
    DECK_UNPROVEN = "deck_unproven"  # it is tilted by its reports, which have never changed
    DECK_UNKNOWN = "deck_unknown"  # it is not reported, so that it is left alone
    DECK_MOVES = "deck_moves"
    DECK_DOES_NOT_FOLLOW = "deck_does_not_follow"
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
    NO_ROOM_TO_CHECK = "no_room_to_check"  # the limit forward is too low for a belt that may take miles
    NOT_CHECKED = "not_checked"
    CHECK_OUTDATED = "check_outdated"  # passed with different firmware
    UNITS_CHANGED = "units_changed"  # passed with a different meaning of the machine's numbers
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
            Refusal.NO_ROOM_TO_CHECK,
            Refusal.NO_SPEED_CONTROL,
            Refusal.OCCUPIED,
        }
    )
}
"""The possible refusals of requests for which a dialog has its own texts."""
WITHDRAWALS: Final[frozenset[Refusal]] = frozenset(
    {
        Refusal.BELT_MOVES,
        Refusal.CHECK_FAILED,
        Refusal.CHECK_OUTDATED,
        Refusal.DECK_DOUBTED,
        Refusal.DECK_MOVES,
        Refusal.DECK_TOO_HIGH,
        Refusal.DECK_TOO_LOW,
        Refusal.DECK_UNPROVEN,
        Refusal.LOCKED,
        Refusal.MONITOR_ONLY,
        Refusal.NOT_CHECKED,
        Refusal.NO_FRESH_DATA,
        Refusal.NO_SPEED_CONTROL,
        Refusal.STARTS_TOO_FAST,
        Refusal.STARTS_TOO_FAST_FIRST,
        Refusal.STARTS_TOO_FAST_FORWARD,
        Refusal.STARTS_TOO_FAST_REDUCED,
        Refusal.TAKES_MILES,
        Refusal.UNITS_CHANGED,
    }
)
"""Refusals that also end a session that was made ready: its event has a short text for each of them."""


class RefusedError(Exception):
    """Error raised when a rule forbids a request; nothing was changed."""

    def __init__(self, reason: Refusal, guards: tuple[str, ...] = (), **values: float) -> None:
        """Initialize the error; `values` are placeholders in its text, with speeds in km/h."""
        super().__init__(reason.value)
        self.values = values
        self.reason = reason
        self.guards = guards  # the names of the guards that cause the refusal


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the owner allows and what the machine can do."""

    control: bool = False  # whether the owner turned control on (S1)
    blocked_by: Refusal | None = None  # why the check run does not allow control (S9)
    measured: Measured = field(default_factory=Measured)
    owner: OwnerLimits = field(default_factory=OwnerLimits)
    capabilities: Capabilities = field(default_factory=Capabilities)
    units: MachineUnits = field(default_factory=MachineUnits)  # as which the machine's numbers are understood (S9)
    units_stated: bool = False  # because the owner says so
    countdown_backward: float = 15.0  # s
    countdown_forward: float = 5.0  # s
    automations_confirm: bool = False  # automations may confirm too (S2)
    spoken: bool = False  # the countdown is announced aloud
    guard_stops: bool = False  # a guard that turns on during a session ends it (S17)
    control_lock: bool = False  # the child lock: only Stop works (S17)
    chosen_quirks: Mapping[Quirk, bool] = field(default_factory=dict)  # what the owner knows better of the machine

    @property
    def released(self) -> bool:
        """Whether owner and check run allow control."""
        return self.control and self.blocked_by is None

    @property
    def speeds(self) -> ValueRange | None:
        """The speeds (km/h) that the belt really goes; None where they cannot be set."""
        return real_speeds(self.capabilities.speed_range, self.measured)

    def limits(self, direction: Direction, *, novice: bool = False) -> Limits:
        """Return the present limits of a session in this direction; those of a novice are slow and level (S4)."""
        return limits_for(self.capabilities, self.owner, direction, novice=novice, measured=self.measured)
