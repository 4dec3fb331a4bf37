"""The way to a start: how long *ready* lasts, how long the countdown is, and what both acts need (S1, S2, S8, S18)."""

from ..belt.belt import FRESH, Belt
from ..limits import Direction, Limits, Walks
from ..rules import Caller, Refusal, RefusedError, Rules
from .guards import Guards

READY_LAPSES = 120.0
READY_LAPSES_PERSON = 600.0
"""Seconds after the treadmill is connected for which *ready* lasts, made by anybody or by a person."""
CONNECT_WITHIN = 45.0
"""Seconds that *ready* waits for the treadmill."""
COUNTDOWN_BACKWARD = (10.0, 60.0)
COUNTDOWN_FORWARD = (3.0, 60.0)
"""The shortest and the longest countdown (s)."""
COUNTDOWN_UNATTENDED = 30.0
"""The shortest countdown (s) of a start that nobody pressed."""


class Readiness:
    """One *ready*: it lapses by itself."""

    def __init__(self, now: float, *, caller: Caller, connected: bool, until: float = float("inf")) -> None:
        """`until` ends it in any case: a pause does not get longer by it."""
        self._patience = READY_LAPSES_PERSON if caller.is_person else READY_LAPSES
        self._connected = connected
        self._until = until
        self._lapses = min(now + (self._patience if connected else CONNECT_WITHIN), until)

    def on_connected(self, now: float) -> None:
        """The treadmill is connected: from its first time on, ready lasts for a while; a flapping link adds nothing."""
        if not self._connected:
            self._connected = True
            self._lapses = min(now + self._patience, self._until)

    def lapsed(self, now: float) -> bool:
        """Whether nobody confirmed in time."""
        return now >= self._lapses


def check_caller(rules: Rules, guards: Guards, *, caller: Caller) -> None:
    """Raise RefusedError unless this hand may start a belt at rest (S2).

    Automations may where the owner lets them, a guard watches and the countdown is heard.
    """
    if not caller.is_person and not (caller is Caller.AUTOMATION and automations_may_confirm(rules, guards)):
        raise RefusedError(Refusal.NEEDS_PERSON)


def automations_may_confirm(rules: Rules, guards: Guards) -> bool:
    """Whether what nobody pressed may start a belt at rest."""
    return rules.automations_confirm and rules.spoken and bool(guards)


def countdown_seconds(rules: Rules, direction: Direction, *, caller: Caller) -> float:
    """How long the countdown is: the owner's choice, within what a walker needs to hear it."""
    if direction is Direction.BACKWARD:
        shortest, longest, wish = *COUNTDOWN_BACKWARD, rules.countdown_backward
    else:
        shortest, longest, wish = *COUNTDOWN_FORWARD, rules.countdown_forward
    return min(max(wish, shortest if caller.is_person else COUNTDOWN_UNATTENDED), longest)


def deck_off_level(limits: Limits, belt: Belt) -> Refusal | None:
    """Why the deck keeps a session from starting: further from level than it allows, up or down (S18).

    Below level it has to be raised under the walker, which goes in small steps only.
    """
    incline, deck = belt.incline, limits.deck
    if limits.steepest is None or incline is None or deck is None:
        return None
    if incline > limits.steepest:
        return Refusal.DECK_TOO_HIGH
    if limits.direction is Direction.FORWARD or incline >= 0:
        return None
    pace = limits.incline_pace
    can_rise = pace is not None and deck.minimum <= incline + pace.step
    return None if incline >= -limits.steepest and can_rise else Refusal.DECK_TOO_LOW


_TOO_FAST = {
    Walks.BACKWARD: Refusal.STARTS_TOO_FAST,
    Walks.FIRST: Refusal.STARTS_TOO_FAST_FIRST,
    Walks.REDUCED: Refusal.STARTS_TOO_FAST_REDUCED,
    Walks.FORWARD: Refusal.STARTS_TOO_FAST_FORWARD,
}


def no_speed_error(limits: Limits) -> RefusedError:
    """Why this session has no speed that could be steered to."""
    if limits.too_fast is None:
        return RefusedError(Refusal.NO_SPEED_CONTROL)
    return RefusedError(_TOO_FAST[limits.walks], least=limits.too_fast, ceiling=limits.ceiling)


def check_startable(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless a belt can be started now."""
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


def check_takeover(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless a moving belt can be steered on from what it does now."""
    if belt.age(now) > FRESH:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if not belt.moves:
        # A target would start some belts (S8).
        raise RefusedError(Refusal.NOTHING_TO_RESUME)
    if limits.speed is None:
        raise no_speed_error(limits)
    if belt.speed > limits.speed.maximum + limits.speed_down.step:
        # Down to the limit would be one big step, and smaller ones would be commands above the limit (S4, S5).
        raise RefusedError(Refusal.TOO_FAST)
    if (refusal := deck_off_level(limits, belt)) is not None:
        raise RefusedError(refusal)
