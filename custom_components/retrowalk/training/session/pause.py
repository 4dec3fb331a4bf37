"""The pause of a session (safety rule S12): who paused, whether the belt obeys, and how long it lasts."""

from ...machine.model import MachineEvent, MachineEventKind
from ..belt.belt import Belt
from ..belt.stop_escalation import PROOF_WITHIN
from ..steering.console_override import OWN_CHANGE

PAUSE_FAILS_AFTER = 8.0
PAUSE_AGAIN = 1.0
"""Seconds between pause commands while the belt does not slow down; one too many resumes some machines (S3)."""
PAUSED_FOR = 300.0
"""Seconds after which a pause ends the session."""
ECHOES_WITHIN = 2.0
"""Seconds in which a machine reports that it ended its session; a later report comes from the console."""
_ENDS = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.RESET})


class Pause:
    """The latest pause of a treadmill, and whether its session is to continue."""

    def __init__(self) -> None:
        self.own = False
        """Whether we sent it; otherwise the console did."""
        self.rested = False
        """Whether the belt is known to have rested since the pause began."""
        self.resuming = False
        """Whether the prepared or last start continues the session."""
        self.over = False
        """Whether the pause was ended while the belt was still coming to rest."""
        self.session_ended = False
        """Whether the machine was told to end its own session, so that it does not resume at its last speed (S12)."""
        self.asked_to_end = False
        """Whether the machine was told to end its session, even if it declined."""
        self._ended_at = float("-inf")
        self._echoed: set[MachineEventKind] = set()  # the reports of that so far
        self._since = 0.0
        self._sent = float("-inf")
        self._answered = False  # the machine has reported that it obeys
        self.accepted = False
        """Whether the machine accepted the pause; a later refusal means nothing."""

    def on_sent(self, now: float) -> None:
        """Handle a pause command that was sent."""
        self._sent, self._answered, self.accepted = now, False, False

    def just_sent(self, now: float) -> bool:
        """Return whether the machine may still report that it obeys."""
        return now - self._sent < OWN_CHANGE

    def ended_by(self, kind: MachineEventKind, now: float) -> bool:
        """Return whether a machine event ends the pause: the safety key, or Stop at the console.

        Some machines report that they obey our pause as a stop. A stop after a reported pause comes from the console.
        """
        if kind is MachineEventKind.PAUSED:
            self._answered = True
        stopped = kind is MachineEventKind.STOPPED and (self._answered or not self.just_sent(now))
        return stopped or kind is MachineEventKind.SAFETY_KEY

    def restore(self, since: float) -> None:
        """Restore a pause from before a restart, which began at `since`."""
        self.own, self._since, self.rested, self.resuming, self.over = True, since, True, False, False
        self.session_ended = self.asked_to_end = False

    def elapsed(self, now: float) -> float:
        """Return the seconds since the pause began."""
        return now - self._since

    def begin(self, belt: Belt, now: float, *, own: bool, heading: float = 0.0) -> None:
        """Begin a pause of a belt that may still be on its way to the speed `heading` (km/h)."""
        self.own, self._since, self.over = own, now, False
        self.session_ended = self.asked_to_end = False
        self.rested = belt.rests(now)
        belt.watch_slowing()
        belt.slowing.mark(heading)

    def on_session_end(self, now: float) -> None:
        """Handle the command to end the machine's own session."""
        self.session_ended = self.asked_to_end = True
        self._ended_at, self._echoed = now, set()
        self.on_sent(now)

    def echoes(self, event: MachineEvent, now: float) -> bool:
        """Return whether an event only reports the end of the machine's session: at once, and once a kind."""
        known = event.kind in _ENDS or (event.kind is MachineEventKind.SPEED_CHANGED and not event.value)
        echo = known and event.kind not in self._echoed and now - self._ended_at < ECHOES_WITHIN
        self._echoed.add(event.kind)
        return echo

    def update(self, belt: Belt, now: float) -> None:
        """Update whether the belt rests."""
        self.rested = self.rested or belt.rests(now)

    def due(self, belt: Belt, now: float) -> bool:
        """Return whether to send the pause again, because the belt was heard since and does not slow down."""
        heard = belt.moves and now - belt.age(now) > self._sent and now - self._sent >= PAUSE_AGAIN
        unproven = belt.slowing.seems_slower and now - self._sent < PROOF_WITHIN
        again = self.own and heard and not unproven and not belt.slows(now) and not belt.settles
        if again:
            self._sent = now
        return again

    def fails(self, belt: Belt, now: float) -> bool:
        """Return whether the belt ignores the pause or got faster."""
        if belt.got_faster:
            return True
        obeys = belt.slows(now) or belt.stands_still or belt.settles
        return now - self._since > PAUSE_FAILS_AFTER and not obeys

    @property
    def lasts_until(self) -> float:
        """The time at which the pause ends the session."""
        return self._since + PAUSED_FOR
