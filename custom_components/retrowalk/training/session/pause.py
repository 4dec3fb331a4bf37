"""A pause is a belt at rest (safety rule S12): whose it is, whether the belt obeys it, and how long it lasts."""

from ...machine.model import MachineEvent, MachineEventKind
from ..belt.belt import Belt
from ..belt.stop_escalation import PROOF_WITHIN
from ..steering.console_override import OWN_CHANGE

PAUSE_FAILS_AFTER = 8.0
PAUSE_AGAIN = 1.0
"""Seconds between pauses while the belt does not slow down; some machines go on again where it does (S3)."""
PAUSED_FOR = 300.0
"""Seconds after which a pause ends the session."""
ECHOES_WITHIN = 2.0
"""Seconds in which a machine tells that it ended its session; later it is a hand on its console."""
_ENDS = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.RESET})


class Pause:
    """The newest pause of one treadmill, and whether the walk is to go on after it."""

    def __init__(self) -> None:
        self.own = False
        """Whether we said it; else the console did."""
        self.rested = False
        """Whether the belt has surely been at rest since it began."""
        self.resuming = False
        """Whether the start that is prepared, or was the last, continues the walk."""
        self.over = False
        """Whether somebody ended it while the belt was still coming to rest."""
        self.session_ended = False
        """Whether the machine was told to end its own session: it begins anew then, and not at its last speed (S12)."""
        self.asked_to_end = False
        """Whether it was told so at all; it may have declined."""
        self._ended_at = float("-inf")
        self._echoed: set[MachineEventKind] = set()  # what it has told of that
        self._since = 0.0
        self._sent = float("-inf")
        self._answered = False  # the machine has said that it obeys
        self.accepted = False
        """Whether the machine took it: what it declines after that is no news."""

    def on_sent(self, now: float) -> None:
        """The machine was told to pause."""
        self._sent, self._answered, self.accepted = now, False, False

    def just_sent(self, now: float) -> bool:
        """Whether the machine may still report, late, that it obeys."""
        return now - self._sent < OWN_CHANGE

    def ended_by(self, kind: MachineEventKind, now: float) -> bool:
        """Whether what the machine tells ends the pause: its key is out, or somebody pressed Stop there.

        Some machines call it a stop when they obey our pause; what they say after they called it a pause is a hand's.
        """
        if kind is MachineEventKind.PAUSED:
            self._answered = True
        stopped = kind is MachineEventKind.STOPPED and (self._answered or not self.just_sent(now))
        return stopped or kind is MachineEventKind.SAFETY_KEY

    def restore(self, since: float) -> None:
        """The pause of a session that goes on after a restart; what the belt did before it nobody knows any more."""
        self.own, self._since, self.rested, self.resuming, self.over = True, since, True, False, False
        self.session_ended = self.asked_to_end = False

    def elapsed(self, now: float) -> float:
        """Seconds since it began."""
        return now - self._since

    def begin(self, belt: Belt, now: float, *, own: bool, heading: float = 0.0) -> None:
        """The belt is to come to rest, on its way to a speed (km/h) that it was told before, and the walk is kept."""
        self.own, self._since, self.over = own, now, False
        self.session_ended = self.asked_to_end = False
        self.rested = belt.rests(now)
        belt.watch_slowing()
        belt.slowing.mark(heading)

    def on_session_end(self, now: float) -> None:
        """The machine is told to end its own session."""
        self.session_ended = self.asked_to_end = True
        self._ended_at, self._echoed = now, set()
        self.on_sent(now)

    def echoes(self, event: MachineEvent, now: float) -> bool:
        """Whether the machine only tells that its session has ended; it does so at once, and each of it once."""
        known = event.kind in _ENDS or (event.kind is MachineEventKind.SPEED_CHANGED and not event.value)
        echo = known and event.kind not in self._echoed and now - self._ended_at < ECHOES_WITHIN
        self._echoed.add(event.kind)
        return echo

    def update(self, belt: Belt, now: float) -> None:
        """See whether the belt rests by now."""
        self.rested = self.rested or belt.rests(now)

    def due(self, belt: Belt, now: float) -> bool:
        """Whether to say it again: the belt was heard since, and goes on as if nobody had."""
        heard = belt.moves and now - belt.age(now) > self._sent and now - self._sent >= PAUSE_AGAIN
        unproven = belt.slowing.seems_slower and now - self._sent < PROOF_WITHIN
        again = self.own and heard and not unproven and not belt.slows(now) and not belt.settles
        if again:
            self._sent = now
        return again

    def fails(self, belt: Belt, now: float) -> bool:
        """Whether the belt runs on as if nobody had paused it, or even faster; a belt of ours is stopped then."""
        if belt.got_faster:
            return True
        obeys = belt.slows(now) or belt.stands_still or belt.settles
        return now - self._since > PAUSE_FAILS_AFTER and not obeys

    @property
    def lasts_until(self) -> float:
        """When it ends the session."""
        return self._since + PAUSED_FOR
