"""The pause of a check run: whether the belt obeys it, and how a start goes on after it (safety rules S9, S12)."""

from ...machine.model import Command, CommandKind
from ..belt.belt import Belt

SLOWS_WITHIN = 8.0
"""Seconds in which a paused belt gets slower."""
RESTS_WITHIN = 20.0
"""Seconds in which a paused belt comes to rest; after them it is only stopped."""
SEEN_FOR = 8.0
"""Seconds after the first movement in which it shows at which speed a machine resumes."""
_SLOWER = 0.2  # km/h
_ANEW_AFTER = 3.0  # s between the end of the machine's own session and the next start


class PauseCheck:
    """One pause, and the start or the two after it."""

    def __init__(self) -> None:
        self.fastest = 0.0
        """What the belt did at most since it was started again (km/h)."""
        self._since = float("-inf")
        self._from = 0.0  # km/h, when it was paused
        self._moves_since: float | None = None
        self._declined = False
        self._refused = False  # the start
        self._anew = False  # its machine wants its own session to be ended first
        self._ended_at: float | None = None  # when that was done

    def begin(self, belt: Belt, now: float) -> Command:
        """Pause the belt."""
        self._since, self._from = now, belt.speed
        return Command(CommandKind.PAUSE)

    def on_declined(self, kind: CommandKind) -> None:
        """A command was declined or did not arrive; that the session is not ended is no harm by itself."""
        self._declined = self._declined or kind is CommandKind.PAUSE
        self._refused = self._refused or kind is CommandKind.START

    def gives_up(self, belt: Belt, now: float) -> bool:
        """Whether the belt does not obey the pause, and has to be stopped as it moves."""
        ignored = now - self._since > SLOWS_WITHIN and belt.speed > self._from - _SLOWER
        return belt.moves and (self._declined or ignored or now - self._since > RESTS_WITHIN)

    def fails(self, belt: Belt, now: float) -> bool:
        """Whether it cannot be started any more: it fell silent, or never says that it rests."""
        return belt.lost(now) or now - self._since > 2 * RESTS_WITHIN

    def advance(self, belt: Belt, now: float) -> Command | None:
        """What to send to a belt that comes to rest."""
        if not belt.rests(now):
            return None
        if self._anew and self._ended_at is None:
            self._ended_at = now
            return Command(CommandKind.END_SESSION)
        early = self._ended_at is not None and now - self._ended_at < _ANEW_AFTER
        return None if early else Command(CommandKind.START)

    def take_refusal(self) -> bool:
        """Whether the start was declined, and is to be said once more to a machine that begins anew."""
        again, self._refused = self._refused and not self._anew, False
        self._anew = self._anew or again
        return again

    def update(self, belt: Belt, now: float) -> bool:
        """Take in how it moves; whether that was seen for long enough."""
        if self._moves_since is None:
            self._moves_since = now
        self.fastest = max(self.fastest, belt.speed)
        return now - self._moves_since >= SEEN_FOR
