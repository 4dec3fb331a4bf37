"""Watches a moving belt: the time, whether anybody is on it, and whether anybody coaches (S10, S15, S17)."""

from ...machine.model import Telemetry
from ..belt.presence import Presence
from ..events import (
    ManualEvent,
    ManualReason,
    NobodyOnBeltEvent,
    SessionEvent,
)
from ..steering.session_plan import Milestones

_MINUTE = 60.0


class SessionMonitor:
    """Watch a moving belt, steered or manual."""

    def __init__(self) -> None:
        self._milestones = Milestones()
        self._presence = Presence()
        self._uncoached_since: float | None = None
        self._uncoached_minutes = 0

    def update(self, telemetry: Telemetry, *, occupied: bool | None) -> None:
        """Update from a report of the machine and the occupancy."""
        self._presence.update(telemetry, occupied=occupied)

    def reset(self) -> None:
        """Forget who was on the belt, because it has rested."""
        self._presence = Presence()

    def set_uncoached(self, since: float | None) -> None:
        """Set since when a belt that was steered runs without coaching; None: it does not."""
        self._uncoached_since, self._uncoached_minutes = since, 0

    def evaluate(
        self, length: float | None, seconds: float, now: float, *, coached: bool, stops_itself: bool = False
    ) -> list[SessionEvent]:
        """Return the events due at `seconds` of a session of this length (s); None: it has no planned end.

        `stops_itself`: the machine stops the belt soon after that length.
        """
        due = self._milestones.due
        events = [] if length is None else due(length, seconds, coached=coached, stops_itself=stops_itself)
        since, minutes = self._uncoached_since, self._uncoached_minutes + 1
        if since is not None and now - since >= _MINUTE * minutes:
            self._uncoached_minutes = minutes
            events.append(ManualEvent(ManualReason.NO_COACH, minutes))
        if self._presence.should_announce():
            events.append(NobodyOnBeltEvent(self._presence.sign))
        return events

    @property
    def nobody(self) -> bool:
        """Whether the empty belt has to stop."""
        return self._presence.should_stop()
