"""A session from before a restart, as stored in the journal (S19)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..training.history.meter import SAME_SESSION
from ..training.history.record import SessionRecord
from ..training.history.record_fields import is_number
from ..training.session.pause import PAUSED_FOR
from ..training.session.recovery import Recovery, request_from_dict, request_from_record
from ..training.steering.session_plan import SessionRequest


def unsaved_records(journal: Mapping[str, Any]) -> list[SessionRecord]:
    """Return the sessions in a journal that are not in the history yet, as far as they are readable."""
    waiting = journal.get("unkept", [])
    found = []
    for row in [*(waiting if isinstance(waiting, list) else []), journal.get("record")]:
        with suppress(KeyError, TypeError, ValueError):
            found.append(SessionRecord.from_dict(row))
    return found


class UnfinishedSession:
    """The session under way when Home Assistant ended."""

    def __init__(self, journal: Mapping[str, Any], now: datetime) -> None:
        """Initialize the session; raises KeyError, TypeError or ValueError if the journal contains none."""
        self.record = SessionRecord.from_dict(journal["record"])
        self.journal = {name: journal[name] for name in ("record", "steered", "counted")}
        self.data = {name: part for name, part in journal.items() if name != "unkept"}
        self.counted: Mapping[str, Any] = journal["counted"]
        if not isinstance(self.counted, Mapping):
            raise TypeError(f"counters must be a mapping, not {self.counted!r:.99}")
        self.starting = journal.get("begins") is True
        """Whether the belt was about to start."""
        self._request = journal.get("wish")
        lasted, seconds = (self.record.ended - self.record.started).total_seconds(), journal.get("seconds")
        self._lasted: float = seconds if is_number(seconds) and seconds >= 0 else lasted  # s until it was saved
        paused = journal.get("paused")
        self._paused_at = datetime.fromisoformat(paused) if isinstance(paused, str) else None
        if self._paused_at is not None and self._paused_at.tzinfo is None:
            raise ValueError("the time of a pause needs a time zone")
        self.recovery = Recovery(self.counted, begins=self.starting)
        self.seconds_left = SAME_SESSION - self.since(now)
        """Seconds for which its belt may still be found."""

    @property
    def resumes(self) -> bool:
        """Return whether it was paused, or about to resume."""
        return self._paused_at is not None

    def paused_for(self, now: datetime) -> float:
        """Return how long its pause has lasted (s), limited because the clock may have changed."""
        passed = (now - self._paused_at).total_seconds() if self._paused_at else 0.0
        return min(max(passed, 0.0), PAUSED_FOR + 1.0)

    def since(self, now: datetime) -> float:
        """Return the seconds since it was saved; the clock may have changed meanwhile."""
        return max((now - self.record.ended).total_seconds(), 0.0)

    def seconds(self, now: datetime) -> float:
        """Return the seconds since it started; the clock may have changed only since it was saved."""
        return self._lasted + self.since(now)

    def since_restart(self, now: datetime) -> float | None:
        """Return the seconds since the counters were about to restart, or None (see `grown`)."""
        return self.since(now) if self.starting else None

    def request(self, *, first: bool) -> SessionRequest:
        """Return its request; `first`: the limits of a first session apply."""
        record = self.record
        try:
            return request_from_dict(self._request, direction=record.direction, walker=record.walker, first=first)
        except KeyError, TypeError, ValueError:
            # There is no readable request: version 0.5.0 saved none, nor has a session begun at the console. The record
            # has all that its limits need.
            return request_from_record(record.direction, record.walker, record.planned, first=first)
