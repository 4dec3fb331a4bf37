"""Decides when a walker is reminded: once a day, again after each snooze, and never where it would not help.

What was walked decides, never a tap: a day is done when its minutes were measured. People stop looking at reminders
that come again and again without need, so a reminder that cannot come in time does not come at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from ..history.streak import WeeklyPlan
from .reminder_memory import ReminderMemory

SNOOZES: Final = (15, 30, 60)
"""Minutes of the first, second and third snooze of a day; there is no fourth."""
LATE: Final = timedelta(hours=3)
"""A reminder that could not come by then, perhaps because nobody was at home, would only disturb."""
COMEBACK_AFTER: Final = 2
"""Missed days in a row after which less is asked."""
_LOOKS_BACK = 30
"""Days on which misses are counted, and days away remembered."""
_LOOKS_AHEAD = 375
"""Days among which the next reminder is looked for: the longest pause of a plan, and a week."""
_DAY = timedelta(days=1)


class ReminderKind(StrEnum):
    """What to do now."""

    QUIET = "quiet"  # nothing, and nothing more today
    WAITING = "waiting"  # the time has not come
    SNOOZED = "snoozed"
    HELD = "held"  # it is time, but nobody is at home or the belt is in use
    DONE = "done"  # today is walked
    DUE = "due"  # remind now
    COMEBACK = "comeback"  # remind now, after missed days: less is asked


REMINDS: Final = frozenset({ReminderKind.DUE, ReminderKind.COMEBACK})


class SnoozeRefusal(StrEnum):
    """Why a reminder cannot be snoozed; each has a text."""

    NOTHING = "nothing_to_snooze"
    NO_MORE = "no_more_snoozes"
    TOO_LATE = "snooze_too_late"


class SnoozeRefusedError(Exception):
    """A reminder cannot be snoozed."""

    def __init__(self, reason: SnoozeRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class ReminderSettings:
    """What a walker wants to be reminded of, and when."""

    on: bool
    at: time
    quiet_from: time  # from then on nothing comes until the next day
    plan: WeeklyPlan


class ReminderDecision(NamedTuple):
    """What an evaluation decided."""

    kind: ReminderKind
    memory: ReminderMemory
    wake: datetime | None = None  # evaluate again then, UTC; None: waiting changes nothing
    away: date | None = None  # a day has ended on which nobody was at home: it is neutral
    missed: int | None = None  # a day has ended without its session: which one in a row, from 1
    snooze: int | None = None  # minutes by which this reminder may be snoozed


class ReminderSchedule(NamedTuple):
    """One walker's reminders at one moment. `now` has a zone, `tz` is the house's, `walked` looks up its days."""

    now: datetime
    tz: tzinfo
    settings: ReminderSettings
    walked: Callable[[date], bool]

    @property
    def today(self) -> date:
        """The present day in the house."""
        return self.now.astimezone(self.tz).date()

    def evaluate(self, memory: ReminderMemory, *, busy: bool, away: bool) -> ReminderDecision:
        """Return what to do now; `busy` while somebody uses the belt, `away` while the walker is not at home."""
        if not self.settings.on:
            return ReminderDecision(
                kind=ReminderKind.QUIET, memory=replace(memory, since=None, set_to=None, until=None, unanswered=0)
            )
        if memory.day is not None and memory.day > self.today + _DAY:
            memory = ReminderMemory()  # the clock was wrong, and is right again
        memory = self._take_up(memory)
        if memory.day is not None and memory.day > self.today:
            # The house has moved west, across midnight: this day has already been.
            return ReminderDecision(kind=ReminderKind.QUIET, memory=memory, wake=self._instant(memory.day, time.min))
        turned, missed = self._turn(memory)
        gone = turned.away[-1] if turned.day != memory.day and memory.day in turned.away else None
        kind, memory, wake = self._today(turned, busy=busy, away=away)
        return ReminderDecision(
            kind=kind, memory=memory, wake=wake, away=gone, missed=missed, snooze=self.offers(memory)
        )

    def snooze(self, memory: ReminderMemory, minutes: float | None = None) -> ReminderMemory:
        """Snooze today's reminder, by so many minutes or by the day's next snooze. Raises SnoozeRefusedError."""
        if not memory.sent or not self.reminds_today(memory):
            raise SnoozeRefusedError(SnoozeRefusal.NOTHING)
        if memory.snoozes >= len(SNOOZES):
            raise SnoozeRefusedError(SnoozeRefusal.NO_MORE)
        until = self._now + timedelta(minutes=SNOOZES[memory.snoozes] if minutes is None else minutes)
        if until >= self._quiet:
            raise SnoozeRefusedError(SnoozeRefusal.TOO_LATE)
        return replace(answered(memory), until=until, snoozes=memory.snoozes + 1)

    def offers(self, memory: ReminderMemory) -> int | None:
        """Return the minutes of today's next snooze; None if there is none."""
        if memory.snoozes >= len(SNOOZES):
            return None
        minutes = SNOOZES[memory.snoozes]
        return minutes if self._now + timedelta(minutes=minutes) < self._quiet else None

    def skip(self, memory: ReminderMemory) -> ReminderMemory | None:
        """Skip today's reminder; return None if there is none any more."""
        return replace(answered(memory), skipped=True, until=None) if self.reminds_today(memory) else None

    def reminds_today(self, memory: ReminderMemory) -> bool:
        """Return whether there is anything today that a reminder, past or to come, would be about."""
        if memory.day != self.today or memory.skipped or self.walked(self.today):
            return False
        return self.settings.on and self.settings.plan.expects(self.today)

    def is_due(self, memory: ReminderMemory) -> bool:
        """Return whether today's reminder has come, and is neither answered by a walk nor put off."""
        return memory.sent > 0 and memory.until is None and self.reminds_today(memory)

    def next_at(self, memory: ReminderMemory) -> datetime | None:
        """Return when the next reminder will come, if nobody walks before it, in UTC; None if none is planned."""
        if not self.settings.on:
            return None
        for number in range(_LOOKS_AHEAD):
            day = self.today + number * _DAY
            if not self.settings.plan.expects(day) or (memory.day is not None and day < memory.day):
                continue
            due: datetime | None = self._instant(day, self.settings.at)
            if day == memory.day == self.today:
                due = self._due(memory) if self.reminds_today(memory) else None
            if due is not None and self._now < due < self._instant(day, self.settings.quiet_from):
                return due
        return None

    def comes_back(self, memory: ReminderMemory) -> bool:
        """Return whether so many days were missed that less is asked today."""
        return self._missed(memory, self.today - _DAY) >= COMEBACK_AFTER

    @property
    def quiet(self) -> bool:
        """Whether nothing more comes today."""
        return self._now >= self._quiet

    # The days

    def _take_up(self, memory: ReminderMemory) -> ReminderMemory:
        """Begin to remind, or to remind at another time; a reminder that this makes late is not sent any more."""
        if memory.set_to == self.settings.at and memory.since is not None:
            return memory
        since = memory.since
        if since is None:
            late = self._now > self._instant(self.today, self.settings.at)
            since = self.today + _DAY if late else self.today
        return replace(memory, since=since, set_to=self.settings.at, set_at=self._now)

    def _turn(self, memory: ReminderMemory) -> tuple[ReminderMemory, int | None]:
        """Close the last day if it is over, and begin this one; also return which miss in a row that day was."""
        day = memory.day
        if day == self.today:
            return memory, None
        missed = None
        if day is not None:
            walked = self.walked(day)
            if memory.sent:
                lost = not (walked or memory.answered)
                memory = replace(memory, unanswered=memory.unanswered + 1 if lost else 0)
            if self._counts(memory, day) and not walked:
                if memory.absent and not memory.sent:
                    memory = replace(memory, away=(*memory.away, day))
                elif not memory.skipped:
                    missed = self._missed(memory, day)
        first = self.today - _LOOKS_BACK * _DAY
        memory = replace(
            memory,
            day=self.today,
            sent=0,
            until=None,
            snoozes=0,
            skipped=False,
            answered=False,
            absent=False,
            away=tuple(day for day in memory.away if day >= first),
        )
        return memory, missed

    def _counts(self, memory: ReminderMemory, day: date) -> bool:
        """Return whether a session was planned on a day, since there are reminders."""
        return memory.since is not None and day >= memory.since and self.settings.plan.expects(day)

    def _missed(self, memory: ReminderMemory, last: date) -> int:
        """Return how many planned days in a row, up to the last one, were missed; days away are neutral."""
        missed = 0
        for number in range(_LOOKS_BACK):
            day = last - number * _DAY
            if self.walked(day):
                break
            if self._counts(memory, day) and day not in memory.away:
                missed += 1
        return missed

    # The day

    def _today(
        self, memory: ReminderMemory, *, busy: bool, away: bool
    ) -> tuple[ReminderKind, ReminderMemory, datetime]:
        midnight = self._instant(self.today + _DAY, time.min)
        if self.walked(self.today):
            return ReminderKind.DONE, replace(memory, until=None, unanswered=0), midnight
        if memory.skipped or not self.settings.plan.expects(self.today):
            return ReminderKind.QUIET, memory, midnight
        due = self._due(memory)
        if due is None:
            return ReminderKind.QUIET, memory, midnight
        end = min(due + LATE, self._quiet)
        if due >= end or self._now >= end:
            return ReminderKind.QUIET, replace(memory, until=None), midnight
        if self._now < due:
            return ReminderKind.SNOOZED if memory.until else ReminderKind.WAITING, memory, due
        if busy or away:
            return ReminderKind.HELD, replace(memory, absent=memory.absent or away), end
        memory = replace(memory, sent=memory.sent + 1, until=None)
        return ReminderKind.COMEBACK if self.comes_back(memory) else ReminderKind.DUE, memory, midnight

    def _due(self, memory: ReminderMemory) -> datetime | None:
        """Return when the next reminder of today comes; None if there is none."""
        if memory.until is not None:
            return memory.until
        due = self._instant(self.today, self.settings.at)
        return None if memory.sent or (memory.set_at is not None and due < memory.set_at) else due

    # Times are in UTC, because times of one zone are compared by the clock's face even where it was set back

    @property
    def _now(self) -> datetime:
        return self.now.astimezone(UTC)

    @property
    def _quiet(self) -> datetime:
        return self._instant(self.today, self.settings.quiet_from)

    def _instant(self, day: date, at: time) -> datetime:
        """Return a local time of a day in UTC; a time that a day skips comes later, one that it repeats comes once."""
        return datetime.combine(day, at, self.tz).astimezone(UTC)


def answered(memory: ReminderMemory) -> ReminderMemory:
    """Note that somebody reacted to the reminder."""
    return replace(memory, answered=True, unanswered=0)
