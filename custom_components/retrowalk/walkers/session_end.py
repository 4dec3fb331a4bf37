"""How the session under way ends, as its events tell."""

from collections.abc import Mapping
from datetime import datetime

from homeassistant.core import callback

from ..training.events import EndReason, FinishedEvent, SessionEvent, StoppedEvent
from ..training.history.meter import SessionMeter
from ..training.history.record import Outcome, SessionRecord

_OUTCOMES: Mapping[str, Outcome] = {
    EndReason.COMPLETED: Outcome.COMPLETED,
    EndReason.INTERRUPTED: Outcome.INTERRUPTED,
    EndReason.CONSOLE: Outcome.CONSOLE,
}


class SessionEnd:
    """The outcome of the session under way, and the reason for an end that was not the planned one."""

    def __init__(self) -> None:
        self.reset()

    @callback
    def reset(self) -> None:
        """Forget the end of the session before."""
        self._outcome = Outcome.STOPPED
        self._stopped_by: str | None = None

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Remember the outcome of a session that ended."""
        if not isinstance(event, StoppedEvent | FinishedEvent):
            return
        self._outcome, self._stopped_by = Outcome.STOPPED, event.reason.value
        if isinstance(event, FinishedEvent):
            self._outcome = _OUTCOMES.get(event.reason, Outcome.STOPPED)
        if self._outcome is Outcome.COMPLETED:
            self._stopped_by = None

    def record(self, meter: SessionMeter, ended: datetime) -> SessionRecord:
        """Return the record of the session; one that nobody steered ended at the console."""
        outcome = self._outcome if meter.steered or self._outcome is Outcome.INTERRUPTED else Outcome.CONSOLE
        return meter.record(ended, outcome, self._stopped_by)
