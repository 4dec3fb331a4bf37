"""Says stop until the belt obeys, and tells when it does not (safety rule S3)."""

from ..machine.model import BeltState
from .belt import LATE_START, Belt

STOP_AGAIN = 1.0
"""Seconds between stops while the belt does not slow down."""
STOP_FAILS_AFTER = 5.0
HEARD = 3.5
"""Age of telemetry (s) up to which a belt counts as just heard of: slow machines report every 3 s."""
STOP_KEPT = 60.0
"""Seconds for which a stop waits for a lost link, or is said to a belt that is not heard of."""
NO_START_AFTER_STOP = 5.0
"""Seconds after a stop in which nothing is started (S2)."""

_ENDS_AS_MEANT = frozenset({"completed", "finished"})


class Stopping:
    """The stops of one treadmill: when they were said, and whether it was told that they fail."""

    def __init__(self) -> None:
        self._said = float("-inf")
        self._since = float("-inf")
        self._told = False
        self._start_until = float("-inf")
        self.reason = "stopped"
        """Why the belt is stopped, or was the last time."""

    def begin(self, belt: Belt, now: float, *, reason: str) -> None:
        """A belt is to be stopped."""
        # Some machines do not hear a stop in their countdown. Rest is believed, but a belt that moves then is stopped.
        self._start_until = now + LATE_START if belt.about_to_move(now) else float("-inf")
        belt.start_voided()
        belt.watch_slowing()
        self._since = now
        self.reason = reason
        self.asked()

    @property
    def meant(self) -> bool:
        """Whether it was the walk's end that somebody planned or asked for."""
        return self.reason in _ENDS_AS_MEANT

    def start_may_follow(self, now: float) -> bool:
        """Whether a machine that did not hear it may still obey the start before it."""
        return now < self._start_until

    def start_said(self) -> None:
        """A new start: a belt that moves now obeys that one."""
        self._start_until = float("-inf")

    def asked(self) -> None:
        """Somebody asks for a stop, perhaps again: whether it fails is news to them."""
        self._told = False

    def said(self, now: float) -> None:
        """Stop was said."""
        self._said = now

    def just_said(self, now: float) -> bool:
        """Whether it is too early for a start."""
        return now - self._said < NO_START_AFTER_STOP

    def lapsed(self, now: float) -> bool:
        """Whether a stop that waits for the link has waited long enough."""
        return now - self._said > STOP_KEPT

    def unheard(self, belt: Belt, now: float) -> bool:
        """Whether stop was said for long enough to a belt that is not heard to move: some say nothing at rest."""
        return min(now - self._since, belt.unmoved_for(now)) > STOP_KEPT

    def due(self, belt: Belt, now: float) -> bool:
        """Whether to say stop again: the belt neither slows down nor is just heard to be at rest."""
        at_rest = belt.state is BeltState.AT_REST and belt.age(now) < HEARD
        return not at_rest and not belt.slows(now) and now - self._said >= STOP_AGAIN

    def fails(self, belt: Belt, now: float) -> bool:
        """Whether it has to be told now that the stop does not work; once is enough."""
        waited = min(now - self._since, belt.slow_for(now))
        return not (belt.stands_still or belt.settles) and waited >= STOP_FAILS_AFTER and self.tell()

    def tell(self) -> bool:
        """Whether a failure is news; it is none afterwards."""
        told, self._told = self._told, True
        return not told
