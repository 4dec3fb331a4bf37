"""Proposes a walker's next session: a little more after comfortable weeks, less after whatever speaks against it.

The level is the speed and incline of the last session that was walked as planned. So a walker who chooses another speed
is followed, though upward only by a session that was completed, and nothing has to be stored but the sessions. A level
earns a tenth of its speed a week, on the days after comfortable sessions, and the next one is reached when that makes
whole machine steps. So the highest level rises by a tenth within seven days at most, or, on a coarse machine, by one
step for which it has waited longer. A session of three minutes after days away, or with an aching knee, does not change
the level: the level comes back eased.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta, tzinfo
from enum import StrEnum
from statistics import median_low
from typing import Final, NamedTuple

from ..events import EndReason
from ..history.record import Outcome, SessionRecord
from ..history.streak import WeeklyPlan
from ..limits import Direction, Limits
from .levels import WEEK, Level, Levels
from .presets import FIRST_WALK

FIRST_STEPS: Final = "first_steps"
COMEBACK: Final = "comeback"
PLAN: Final = "plan"
START_SPEED: Final = 1.5
"""km/h of a first session and, at most, of a comeback; missed days never lower the level below it."""
FIRST_MINUTES: Final = 5.0
SHORT_MINUTES: Final = 3.0
SORE: Final = 6
"""Discomfort, 0-10, from which on a knee should rest."""
USUAL_TIME: Final = time(18)
"""When somebody walks of whom nothing is known yet."""

_SESSIONS_FOR_MORE = 2
"""The least number of comfortable sessions, however long ago the first one was."""
_LOOKS_AHEAD = 366  # days, for a planned one
_HABIT = 10  # sessions that show when somebody walks
_QUARTER = 15  # min

_SHOW_THE_LEVEL = frozenset({None, FIRST_STEPS, PLAN})
_SHOW_NO_LEVEL = frozenset({FIRST_WALK, COMEBACK})
"""Slower than the walker could, by what they are."""


class Reason(StrEnum):
    """Why a session is proposed as it is; each has a text."""

    FIRST_STEPS = "first_steps"
    FASTER = "faster"
    STEEPER = "steeper"
    HOLD_EARNING = "hold_earning"  # it goes well; the next step has to be earned
    HOLD_TOP = "hold_top"  # it goes well; the limits allow no more
    HOLD_UNRATED = "hold_unrated"
    HOLD_CUT_SHORT = "hold_cut_short"  # by something that was nobody's fault
    HOLD_OFF = "hold_off"  # the walker wants no progression
    EASE_MISSED = "ease_missed"
    EASE_ABORTED = "ease_aborted"
    EASE_DISCOMFORT = "ease_discomfort"
    EASE_KEY = "ease_key"
    EASE_GUARD = "ease_guard"
    REST = "rest"  # rest, or three minutes at the minimum
    COMEBACK = "comeback"  # after days away
    BACK = "back"  # to the level, eased, after a comeback


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A session to walk; speed and incline are those of its main part, None where they cannot be steered."""

    minutes: float
    speed: float | None  # km/h
    incline: float | None  # %
    program: str  # FIRST_STEPS, COMEBACK or PLAN
    reason: Reason
    comfortable: int = 0  # sessions on the level so far, where these are the reason
    unrated: str | None = None  # the ID of the session without a rating, where that is the reason


class _Session(NamedTuple):
    """A session, on the day of the house on which it began."""

    day: date
    record: SessionRecord
    unrated_counts: bool = False  # as comfortable

    @property
    def comes_back(self) -> bool:
        return self.record.program == COMEBACK

    @property
    def trouble(self) -> Reason | None:
        """What about it speaks for less."""
        record = self.record
        end = EndReason.parse(record.stopped_by)
        if end is not None and end.unsafe:
            return Reason.EASE_KEY if end is EndReason.SAFETY_KEY else Reason.EASE_GUARD
        before, after = record.discomfort_before, record.discomfort_after
        worse = before is not None and after is not None and after > before
        worse = worse or (record.knee is not None and record.knee.is_worse)
        if worse or max(before or 0, after or 0) >= SORE:
            return Reason.EASE_DISCOMFORT
        by_somebody = record.outcome in {Outcome.STOPPED, Outcome.CONSOLE} and not (end is not None and end.unintended)
        # Whoever gets to know Stop in a first walk is asked to press it.
        if record.planned is not None and by_somebody and not record.completed and record.program != FIRST_WALK:
            return Reason.EASE_ABORTED
        return None

    @property
    def rated(self) -> bool:
        """Whether the walker told how the knee is compared with before, or needs not tell."""
        record = self.record
        both = record.discomfort_before is not None and record.discomfort_after is not None
        return both or record.knee is not None or self.unrated_counts

    @property
    def comfortable(self) -> bool:
        return self.record.completed and self.rated and self.trouble is None


def propose(
    records: Sequence[SessionRecord],
    *,
    day: date,
    tz: tzinfo,
    plan: WeeklyPlan,
    minutes: float,
    limits: Limits,
    first: bool = False,
    discomfort: int | None = None,
    progress: bool = True,
    needs_ratings: bool = True,
) -> Proposal:
    """Return the session for a walker on a day, by the backward sessions of the last year, newest last.

    `minutes` is the walker's daily goal, `limits` are the walker's backward ones on this machine, `first` says whether
    they are those of a first session (S4), `discomfort` is the present one, 0-10, if it is known; without `progress`
    the plan stays as it is. Without `needs_ratings` a session that the walker did not rate counts as comfortable; one
    that was rated counts as it was rated.
    """
    sessions = [
        _Session(record.started.astimezone(tz).date(), record, not needs_ratings)
        for record in records
        if record.direction is Direction.BACKWARD
    ]
    return _Coach(sessions, day, plan, minutes, limits).propose(first=first, discomfort=discomfort, progress=progress)


class _Coach:
    """Works out one proposal."""

    def __init__(self, sessions: list[_Session], day: date, plan: WeeklyPlan, minutes: float, limits: Limits) -> None:
        self._sessions = sessions
        self._day = day
        self._plan = plan
        self._minutes = minutes
        self._short = min(SHORT_MINUTES, minutes)
        self._limits = limits
        self._levels = Levels(limits)
        # A plan of one day a week has a week between two sessions, which is no time away.
        self._away = WEEK + 1 if len(plan.days) == 1 else WEEK

    def propose(self, *, first: bool, discomfort: int | None, progress: bool) -> Proposal:
        """Return the session to session."""
        origin, level = self._origin()
        if not progress:
            for session in self._sessions[origin:]:
                level = self._lowered(level, session)
            return self._proposal(self._minutes, level, PLAN, Reason.HOLD_OFF)
        level, reason = self._since(origin, level)
        if self._is_sore(discomfort):
            return self._proposal(self._short, self._levels.level(0.0, 0.0), COMEBACK, Reason.REST)
        start = self._levels.level(min(level.speed, START_SPEED), 0.0)
        if first:
            if reason is None or reason is Reason.COMEBACK:
                reason = Reason.FIRST_STEPS
            return self._proposal(FIRST_MINUTES, start, FIRST_STEPS, reason)
        last = self._sessions[-1] if self._sessions else None
        if last is None or reason is Reason.COMEBACK:
            return self._proposal(self._short, start, COMEBACK, Reason.COMEBACK)
        if last.comes_back and (last.trouble or not last.record.completed):
            return self._proposal(self._short, self._levels.below(start), COMEBACK, last.trouble or Reason.COMEBACK)
        comfortable = 0
        if reason is None:
            level, reason, comfortable = self._go_on(last, level)
        unrated = last.record.id if reason is Reason.HOLD_UNRATED else None
        proposal = self._proposal(self._minutes, level, PLAN, reason)
        return replace(proposal, comfortable=comfortable, unrated=unrated)

    # Where the walker stands

    def _origin(self) -> tuple[int, Level]:
        """Return the place of the last completed session that shows the level, and that level."""
        for number in range(len(self._sessions) - 1, -1, -1):
            session = self._sessions[number]
            if session.record.completed and (level := self._walked(session)) is not None:
                return number, level
        for number in range(len(self._sessions) - 1, -1, -1):
            record = self._sessions[number].record
            here = record.outcome is not Outcome.LOGGED and record.program not in _SHOW_NO_LEVEL
            if here and record.completed and record.moving_time > 0:
                # Nobody planned it, but this is what was walked on average.
                return number, self._levels.level(record.distance / record.moving_time * 3.6, 0.0)
        return 0, self._levels.level(START_SPEED, 0.0)

    def _since(self, origin: int, level: Level) -> tuple[Level, Reason | None]:
        """Return the level after what has happened since it was walked, and what speaks for less today."""
        reason: Reason | None = None
        for number, session in enumerate(self._sessions[origin:], origin + 1):
            until = self._sessions[number].day if number < len(self._sessions) else self._day
            level = self._lowered(level, session)
            reason = session.trouble
            if reason is not None and not session.comes_back:
                level = self._levels.below(level)
            days = (until - session.day).days
            if days >= self._away:
                # What a week earns, a week away takes.
                for _ in range(days // WEEK):
                    level = self._levels.below(level, START_SPEED)
                reason = Reason.COMEBACK
            elif reason is None and self._missed(session.day, until):
                level, reason = self._levels.below(level, START_SPEED), Reason.EASE_MISSED
        return level, reason

    def _is_sore(self, discomfort: int | None) -> bool:
        """Return whether the knee should rest, by the present discomfort or one of the last week."""
        if discomfort is None:
            since = self._day - timedelta(days=WEEK)
            for session in reversed(self._sessions):
                before, after = session.record.discomfort_before, session.record.discomfort_after
                discomfort = before if after is None else after
                if discomfort is not None or session.day < since:
                    return session.day >= since and (discomfort or 0) >= SORE
        return (discomfort or 0) >= SORE

    def _go_on(self, last: _Session, level: Level) -> tuple[Level, Reason, int]:
        """Return more, or the same again, where nothing speaks for less, and how many sessions were comfortable."""
        if not last.record.completed:
            return level, Reason.HOLD_CUT_SHORT, 0
        if last.comes_back:
            return level, Reason.BACK, 0
        if not last.rated:
            return level, Reason.HOLD_UNRATED, 0
        more = self._levels.above(level)
        if more is None:
            return level, Reason.HOLD_TOP, 0
        higher, needed = more
        earned, comfortable = self._earned(level)
        if earned < needed or comfortable < _SESSIONS_FOR_MORE:
            return level, Reason.HOLD_EARNING, comfortable
        return higher, Reason.FASTER if higher.speed > level.speed else Reason.STEEPER, comfortable

    def _earned(self, level: Level) -> tuple[int, int]:
        """Return the days that comfortable sessions on this level have earned, one after the other, and how many."""
        earned = comfortable = 0
        until = self._day
        for session in reversed(self._sessions):
            if (
                session.comes_back
                or session.trouble
                or self._missed(session.day, until)
                or not self._at_level(session, level)
            ):
                break
            if session.comfortable:
                earned += min(max((until - session.day).days, 0), WEEK)
                comfortable += 1
            until = session.day
        return earned, comfortable

    def _missed(self, walked: date, until: date) -> bool:
        """Return whether a planned day lies between two days."""
        between = (walked + timedelta(days=number) for number in range(1, (until - walked).days))
        return any(self._plan.expects(day) for day in between)

    # Levels

    def _walked(self, session: _Session) -> Level | None:
        """Return the level of a session of one speed; one that did not reach that speed was slower.

        None for the peak of a ramp program, a comeback, and a session without a speed: they show no level.
        """
        record = session.record
        if record.planned_speed is None or record.program not in _SHOW_THE_LEVEL:
            return None
        speed = record.planned_speed
        if record.completed:
            speed = min(speed, self._levels.measured(record.max_speed, 0.0).speed)
        return self._levels.level(speed, record.planned_incline or 0.0)

    def _lowered(self, level: Level, session: _Session) -> Level:
        """Return the level after a session that may not have been completed, which can only lower it."""
        walked = self._walked(session)
        if walked is None:
            return level
        return Level(min(level.speed, walked.speed), min(level.incline, walked.incline))

    def _at_level(self, session: _Session, level: Level) -> bool:
        walked = self._walked(session)
        if walked is not None:
            return walked == level
        reached = self._levels.measured(session.record.max_speed, session.record.max_incline)
        return reached.speed >= level.speed and reached.incline >= level.incline

    def _proposal(self, minutes: float, level: Level, program: str, reason: Reason) -> Proposal:
        limits = self._limits
        return Proposal(
            minutes=min(minutes, limits.longest / 60),
            speed=level.speed if limits.speed else None,
            incline=level.incline if limits.incline else None,
            program=program,
            reason=reason,
        )


def next_day(plan: WeeklyPlan, today: date, *, walked: bool) -> date | None:
    """Return the next day of the plan: today, unless it was already walked; None if none comes within a year."""
    days = (today + timedelta(days=number) for number in range(1 if walked else 0, _LOOKS_AHEAD))
    return next((day for day in days if plan.expects(day)), None)


def usual_time(records: Sequence[SessionRecord], tz: tzinfo) -> time:
    """Return when a walker usually walks, by the last sessions, in quarters of an hour of the house's time."""
    starts = [record.started.astimezone(tz) for record in records[-_HABIT:]]
    if not starts:
        return USUAL_TIME
    minute = median_low(start.hour * 60 + start.minute for start in starts)
    hour, minute = divmod(minute - minute % _QUARTER, 60)
    return time(hour, minute)
