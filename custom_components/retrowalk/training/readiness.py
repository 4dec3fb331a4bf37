"""The way to a start: how long *ready* lasts, how long the countdown is, and what both acts need (S1, S2, S8, S18)."""

from .belt import FRESH, Belt
from .limits import Direction, Limits
from .states import Refusal, RefusedError, Rules

READY_LAPSES = 120.0
READY_LAPSES_PERSON = 600.0
"""Seconds after the treadmill is connected for which *ready* lasts, made by anybody or by a person."""
CONNECT_WITHIN = 45.0
"""Seconds that *ready* waits for the treadmill."""
COUNTDOWN_BACKWARD = (10.0, 60.0)
COUNTDOWN_FORWARD = (3.0, 60.0)
"""The shortest and the longest countdown (s)."""


class Readiness:
    """One *ready*: it lapses by itself."""

    def __init__(self, now: float, *, by_person: bool, connected: bool, until: float = float("inf")) -> None:
        """`until` ends it in any case: a pause does not get longer by it."""
        self._patience = READY_LAPSES_PERSON if by_person else READY_LAPSES
        self._connected = connected
        self._until = until
        self._lapses = min(now + (self._patience if connected else CONNECT_WITHIN), until)

    def connected(self, now: float) -> None:
        """The treadmill is connected: from its first time on, ready lasts for a while; a flapping link adds nothing."""
        if not self._connected:
            self._connected = True
            self._lapses = min(now + self._patience, self._until)

    def lapsed(self, now: float) -> bool:
        """Whether nobody confirmed in time."""
        return now >= self._lapses


def countdown_seconds(rules: Rules, direction: Direction) -> float:
    """How long the countdown is: the owner's choice, within what a walker needs to hear it."""
    if direction is Direction.BACKWARD:
        shortest, longest, wish = *COUNTDOWN_BACKWARD, rules.countdown_backward
    else:
        shortest, longest, wish = *COUNTDOWN_FORWARD, rules.countdown_forward
    return min(max(wish, shortest), longest)


def deck_too_high(limits: Limits, belt: Belt) -> bool:
    """Whether the deck is steeper than this session allows (S18)."""
    return limits.steepest is not None and belt.incline is not None and belt.incline > limits.steepest


def no_speed(limits: Limits) -> Refusal:
    """Why this session has no speed that could be steered to."""
    return Refusal.STARTS_TOO_FAST if limits.starts_too_fast else Refusal.NO_SPEED_CONTROL


def check_startable(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless a belt can be started now."""
    if belt.age(now) > FRESH:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if belt.moves or belt.about_to_move(now):
        raise RefusedError(Refusal.BELT_MOVES)
    if not belt.stands_still:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if limits.speed is None:
        raise RefusedError(no_speed(limits))
    if deck_too_high(limits, belt):
        raise RefusedError(Refusal.DECK_TOO_HIGH)


def check_takeable(limits: Limits, belt: Belt, now: float) -> None:
    """Raise RefusedError unless a moving belt can be steered on from what it does now."""
    if belt.age(now) > FRESH:
        raise RefusedError(Refusal.NO_FRESH_DATA)
    if not belt.moves:
        # A target would start some belts (S8).
        raise RefusedError(Refusal.NOTHING_TO_RESUME)
    if limits.speed is None:
        raise RefusedError(no_speed(limits))
    if belt.speed > limits.speed.maximum + limits.speed_down.step:
        # Down to the limit would be one big step, and smaller ones would be commands above the limit (S4, S5).
        raise RefusedError(Refusal.TOO_FAST)
    if deck_too_high(limits, belt):
        raise RefusedError(Refusal.DECK_TOO_HIGH)
