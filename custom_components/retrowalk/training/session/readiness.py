"""The requirements of a start, and the lengths of *ready* and of the countdown (S1, S2, S8, S18)."""

from ..belt.belt import FRESH, Belt
from ..limits import Direction, Limits, Walks
from ..rules import Caller, Refusal, RefusedError, Rules
from .guards import Guards

READY_LAPSES = 120.0
READY_LAPSES_PERSON = 600.0
"""Seconds that *ready* lasts once the treadmill is connected, for any caller and for a person."""
CONNECT_WITHIN = 45.0
"""Seconds that *ready* waits for the treadmill."""
COUNTDOWN_BACKWARD = (10.0, 60.0)
COUNTDOWN_FORWARD = (3.0, 60.0)
"""The shortest and the longest countdown (s)."""
COUNTDOWN_UNATTENDED = 30.0
"""The shortest countdown (s) of a start that no person requested."""


class Readiness:
    """The time limit of *ready*."""

    def __init__(self, now: float, *, caller: Caller, connected: bool, until: float = float("inf")) -> None:
        """Initialize the limit; it is never later than `until`, so that it does not lengthen a pause."""
        self._patience = READY_LAPSES_PERSON if caller.is_person else READY_LAPSES
        self._connected = connected
        self._until = until
        self._lapses = min(now + (self._patience if connected else CONNECT_WITHIN), until)

    def on_connected(self, now: float) -> None:
        """Begin the time limit with the first connection; later ones do not extend it."""
        if not self._connected:
            self._connected = True
            self._lapses = min(now + self._patience, self._until)

    def lapsed(self, now: float) -> bool:
        """Return whether nobody confirmed in time."""
        return now >= self._lapses


def check_caller(rules: Rules, guards: Guards, *, caller: Caller) -> None:
    """Raise RefusedError unless this caller may start a belt at rest (S2).

    Automations may if the owner allows it, there is a guard, and the countdown is announced aloud.
    """
    if not caller.is_person and not (caller is Caller.AUTOMATION and automations_may_confirm(rules, guards)):
        raise RefusedError(Refusal.NEEDS_PERSON)


def automations_may_confirm(rules: Rules, guards: Guards) -> bool:
    """Return whether automations may start a belt at rest."""
    return rules.automations_confirm and rules.spoken and bool(guards)


def countdown_seconds(rules: Rules, direction: Direction, *, caller: Caller) -> float:
    """Return the length of the countdown: the owner's choice, within its limits."""
    if direction is Direction.BACKWARD:
        shortest, longest, chosen = *COUNTDOWN_BACKWARD, rules.countdown_backward
    else:
        shortest, longest, chosen = *COUNTDOWN_FORWARD, rules.countdown_forward
    return min(max(chosen, shortest if caller.is_person else COUNTDOWN_UNATTENDED), longest)


def deck_off_level(limits: Limits, belt: Belt) -> Refusal | None:
    """Return the refusal if the deck is too far above or below level for a start, or None (S18).

    A deck below level has to be raised under the walker, which only works in small steps.
    """
    incline, deck = belt.incline, limits.deck
    if limits.steepest is None or deck is None:
        return None
    if belt.deck_doubted and limits.direction is Direction.BACKWARD:
        return Refusal.DECK_DOUBTED
    if incline is None:
        return None
    if incline > limits.steepest:
        return Refusal.DECK_TOO_HIGH
    if limits.direction is Direction.FORWARD:
        return None
    pace = limits.incline_pace
    can_rise = pace is not None and deck.minimum <= incline + pace.step
    if incline < 0 and (incline < -limits.steepest or not can_rise):
        return Refusal.DECK_TOO_LOW
    return Refusal.DECK_UNPROVEN if limits.incline is not None and belt.known_deck is None else None


_TOO_FAST = {
    Walks.BACKWARD: Refusal.STARTS_TOO_FAST,
    Walks.FIRST: Refusal.STARTS_TOO_FAST_FIRST,
    Walks.REDUCED: Refusal.STARTS_TOO_FAST_REDUCED,
    Walks.FORWARD: Refusal.STARTS_TOO_FAST_FORWARD,
}


def no_speed_error(limits: Limits) -> RefusedError:
    """Return the error for limits that allow no speed."""
    if limits.too_fast is None:
        return RefusedError(Refusal.NO_SPEED_CONTROL)
    return RefusedError(_TOO_FAST[limits.walks], least=limits.too_fast, ceiling=limits.ceiling)


def check_startable(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless the belt can be started now."""
    if belt.age(now) > FRESH:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if belt.moves or belt.about_to_move(now):
        raise RefusedError(Refusal.BELT_MOVES)
    if not belt.stands_still:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if limits.speed is None:
        raise no_speed_error(limits)
    if (refusal := deck_off_level(limits, belt)) is not None:
        raise RefusedError(refusal)
    if belt.deck_moves(now):
        raise RefusedError(Refusal.DECK_MOVES)


def check_takeover(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless a moving belt can be taken over at its present speed and incline."""
    if belt.age(now) > FRESH:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if not belt.moves:
        # A target would start the belt of some machines (S8).
        raise RefusedError(Refusal.NOTHING_TO_RESUME)
    if limits.speed is None:
        raise no_speed_error(limits)
    if belt.speed > limits.speed.maximum + limits.speed_down.step:
        # One step down to the limit would be too big, and smaller ones would command speeds above it (S4, S5).
        raise RefusedError(Refusal.TOO_FAST)
    if (refusal := deck_off_level(limits, belt)) is not None:
        raise RefusedError(refusal)
