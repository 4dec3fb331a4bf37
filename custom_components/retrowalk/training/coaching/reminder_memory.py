"""What is remembered of a walker's reminders, from one day to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, Self

ASK_AFTER: Final = 3
"""Reminders in a row with neither an answer nor a session, after which they may be lost on the way."""


@dataclass(frozen=True, kw_only=True)
class ReminderMemory:
    """What is remembered of the days before, and of this one."""

    since: date | None = None  # the first day that counts; None: the reminder is off
    set_to: time | None = None
    set_at: datetime | None = None  # when it was set to that; UTC
    day: date | None = None  # the one that the following is about
    sent: int = 0
    until: datetime | None = None  # snoozed until then; UTC
    snoozes: int = 0
    skipped: bool = False
    answered: bool = False
    absent: bool = False  # nobody was at home to be reminded
    away: tuple[date, ...] = ()  # days on which that was so to the end
    unanswered: int = 0  # reminders in a row with neither an answer nor a session
    phoned: bool = False  # the last one arrived on a phone

    @property
    def asks(self) -> bool:
        """Whether to ask if the reminders arrive."""
        return self.unanswered >= ASK_AFTER

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        return {
            "since": self.since and self.since.isoformat(),
            "set_to": self.set_to and self.set_to.isoformat(),
            "set_at": self.set_at and self.set_at.isoformat(),
            "day": self.day and self.day.isoformat(),
            "sent": self.sent,
            "until": self.until and self.until.isoformat(),
            "snoozes": self.snoozes,
            "skipped": self.skipped,
            "answered": self.answered,
            "absent": self.absent,
            "away": [day.isoformat() for day in self.away],
            "unanswered": self.unanswered,
            "phoned": self.phoned,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            since=data["since"] and date.fromisoformat(data["since"]),
            set_to=data["set_to"] and time.fromisoformat(data["set_to"]),
            set_at=data["set_at"] and _instant(data["set_at"]),
            day=data["day"] and date.fromisoformat(data["day"]),
            sent=int(data["sent"]),
            until=data["until"] and _instant(data["until"]),
            snoozes=int(data["snoozes"]),
            skipped=bool(data["skipped"]),
            answered=bool(data["answered"]),
            absent=bool(data["absent"]),
            away=tuple(date.fromisoformat(day) for day in data["away"]),
            unanswered=int(data["unanswered"]),
            phoned=bool(data["phoned"]),
        )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return instant.astimezone(UTC)
