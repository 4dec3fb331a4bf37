"""Learns in use that a treadmill ends walks by itself after half an hour, and keeps it in its entry (S15)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TIME_LIMIT
from ..issues import Issue, create_issue
from ..training.belt.time_limit import limit_by, with_end, without_ends
from ..training.events import EndReason, FinishedEvent, PausedEvent, SessionEvent, SessionEventKind, StoppedEvent
from ..training.limits import ENDS_BEFORE
from ..training.session.controller import SessionController
from ..training.states import STEERING
from ..util import Clock
from .entry_store import EntryStore
from .firmware import firmware_of


def ends_of(data: Mapping[str, Any]) -> tuple[float, ...]:
    """Return after how long (s) the present firmware may have ended walks by itself, as it is stored."""
    kept = data.get(CONF_TIME_LIMIT)
    if not isinstance(kept, Mapping) or kept.get("firmware") != firmware_of(data):
        return ()
    ends = kept.get("ends")
    numbers = ends if isinstance(ends, list) else []
    return tuple(float(end) for end in numbers if isinstance(end, int | float) and not isinstance(end, bool))


def learned_limit(data: Mapping[str, Any]) -> float | None:
    """Return after how long (s) the treadmill was found to end a walk; None where it was not."""
    return limit_by(ends_of(data))


class TimeLimitLearner:
    """Follows how the belt of one treadmill, started here, comes to its end."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        session: SessionController,
        entry_store: EntryStore,
        *,
        clock: Clock,
        learned: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Initialize the learner; `learned` is called with the entry's data when the limit is known."""
        self._hass = hass
        self._entry = entry
        self._session = session
        self._entry_store = entry_store
        self._clock = clock
        self._learned = learned
        self._started: float | None = None  # monotonic, by us
        self._ran: float | None = None  # s, until the belt came to its first rest
        self._by_machine = False

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Take the time of a belt from its start to its first rest, and keep it when the session is over."""
        match event:
            case SessionEvent(kind=SessionEventKind.STARTED):
                self._started = self._clock.monotonic() if self._session.state in STEERING else None
                self._ran = None
            case PausedEvent(by=by):
                self._rests(by_machine=by == "console")
            case StoppedEvent(reason=reason) | FinishedEvent(reason=reason):
                self._rests(by_machine=reason is EndReason.CONSOLE)
                self._over()
            case SessionEvent(kind=SessionEventKind.INTERRUPTED):
                self._started = None  # nobody knows what the belt did

    def _rests(self, *, by_machine: bool) -> None:
        if self._started is not None:
            self._ran, self._started = self._clock.monotonic() - self._started, None
            self._by_machine = by_machine

    def _over(self) -> None:
        if self._ran is None:
            return
        ends, ran, self._ran = ends_of(self._entry.data), self._ran, None
        kept = with_end(ends, ran) if self._by_machine else without_ends(ends, ran)
        if kept != ends:
            self._keep(kept)

    def _keep(self, ends: Sequence[float]) -> None:
        before, data = learned_limit(self._entry.data), self._entry.data
        kept = {"ends": [round(end, 1) for end in ends], "firmware": firmware_of(data)}
        self._entry_store.save({CONF_TIME_LIMIT: kept})
        limit = learned_limit(self._entry.data)
        if limit == before:
            return
        if limit is not None:
            create_issue(self._hass, self._entry, Issue.TIME_LIMIT, minutes=f"{limit / 60:.0f}", ends=_ends(limit))
        self._learned(self._entry.data)


def _ends(limit: float) -> str:
    return f"{(limit - ENDS_BEFORE) / 60:.0f}"
