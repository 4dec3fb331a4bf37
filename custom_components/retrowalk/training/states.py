"""The public states of a session."""

from enum import StrEnum


class SessionState(StrEnum):
    """State of a session."""

    IDLE = "idle"
    READY = "ready"
    COUNTDOWN = "countdown"
    STARTING = "starting"
    WARM_UP = "warm_up"
    ACTIVE = "active"
    COOL_DOWN = "cool_down"
    STOPPING = "stopping"
    MANUAL = "manual"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    CHECKING = "checking"  # a check run controls the belt, and nobody is on it (S9)


STEERING = frozenset({SessionState.WARM_UP, SessionState.ACTIVE, SessionState.COOL_DOWN})
PREPARING = frozenset({SessionState.READY, SessionState.COUNTDOWN})
BETWEEN_SESSIONS = frozenset({SessionState.IDLE, SessionState.FINISHED})
AT_REST = BETWEEN_SESSIONS | PREPARING
