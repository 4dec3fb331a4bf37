"""Looks after one walk: the time, whether anybody is there, and whether anybody coaches (S10, S15, S17)."""

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
    """What is told of a moving belt, whoever steers it."""

    def __init__(self) -> None:
        self._milestones = Milestones()
        self._presence = Presence()
        self._uncoached_since: float | None = None
        self._uncoached_minutes = 0

    def update(self, telemetry: Telemetry, *, occupied: bool | None) -> None:
        """Take in what the machine tells, and what the house sees."""
        self._presence.update(telemetry, occupied=occupied)

    def reset(self) -> None:
        """The belt has rested: who was there before says nothing about now."""
        self._presence = Presence()

    def set_uncoached(self, since: float | None) -> None:
        """A belt of ours runs on without us since then, or does not any more."""
        self._uncoached_since, self._uncoached_minutes = since, 0

    def evaluate(self, length: float | None, seconds: float, now: float, *, coached: bool) -> list[SessionEvent]:
        """What to tell now, at a second of a walk of this length (s); None: nobody planned its end."""
        told = [] if length is None else self._milestones.due(length, seconds, coached=coached)
        since, minutes = self._uncoached_since, self._uncoached_minutes + 1
        if since is not None and now - since >= _MINUTE * minutes:
            self._uncoached_minutes = minutes
            told.append(ManualEvent(ManualReason.NO_COACH, minutes))
        if self._presence.should_announce():
            told.append(NobodyOnBeltEvent(self._presence.sign))
        return told

    @property
    def nobody(self) -> bool:
        """Whether the belt has been empty for so long that it has to stop."""
        return self._presence.should_stop()
