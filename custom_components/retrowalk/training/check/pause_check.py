"""The pause of a check run: whether the belt obeys it, and how a start goes on afterward (S9, S12)."""

from ...machine.model import Command, CommandKind
from ..belt.belt import Belt

SLOWS_WITHIN = 8.0
"""Seconds in which a paused belt gets slower."""
RESTS_WITHIN = 20.0
"""Seconds in which a paused belt comes to rest; after that it is only stopped."""
SEEN_FOR = 8.0
"""Seconds after the first movement in which a machine shows at which speed it resumes."""
_SLOWER = 0.2  # km/h
_ANEW_AFTER = 3.0  # s between the end of the machine's own session and the next start


class PauseCheck:
    """One pause, and the one or two starts after it."""

    def __init__(self) -> None:
        self.fastest = 0.0
        """The highest speed (km/h) since the belt was started again."""
        self._since = float("-inf")
        self._from = 0.0  # km/h, when it was paused
        self._moves_since: float | None = None
        self._declined = False
        self._refused = False  # the start
        self._anew = False  # the machine starts only after its own session was ended
        self._ended_at: float | None = None  # when that was done

    def begin(self, belt: Belt, now: float) -> Command:
        """Pause the belt."""
        self._since, self._from = now, belt.speed
        return Command(CommandKind.PAUSE)

    def on_declined(self, kind: CommandKind) -> None:
        """Take in that a command was declined or did not arrive; a session that does not end does no harm by itself."""
        self._declined = self._declined or kind is CommandKind.PAUSE
        self._refused = self._refused or kind is CommandKind.START

    def gives_up(self, belt: Belt, now: float) -> bool:
        """Return whether the belt does not obey the pause, and has to be stopped while it moves."""
        ignored = now - self._since > SLOWS_WITHIN and belt.speed > self._from - _SLOWER and not belt.settles
        return belt.moves and (self._declined or ignored or now - self._since > RESTS_WITHIN)

    def fails(self, belt: Belt, now: float) -> bool:
        """Return whether it cannot be started any more: it fell silent, or never reports rest."""
        return belt.lost(now) or now - self._since > 2 * RESTS_WITHIN

    def advance(self, belt: Belt, now: float) -> Command | None:
        """Return the command for a belt that comes to rest."""
        if not belt.rests(now):
            return None
        if self._anew and self._ended_at is None:
            self._ended_at = now
            return Command(CommandKind.END_SESSION)
        early = self._ended_at is not None and now - self._ended_at < _ANEW_AFTER
        return None if early else Command(CommandKind.START)

    def take_refusal(self) -> bool:
        """Return whether the start was declined and has to be repeated after the machine's session was ended; once."""
        again, self._refused = self._refused and not self._anew, False
        self._anew = self._anew or again
        return again

    def update(self, belt: Belt, now: float) -> bool:
        """Take in how the belt moves, and return whether that was seen for long enough."""
        if self._moves_since is None:
            self._moves_since = now
        self.fastest = max(self.fastest, belt.speed)
        return now - self._moves_since >= SEEN_FOR
