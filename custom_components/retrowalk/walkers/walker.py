"""The walkers of a treadmill, as stored in the subentries of its entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, State, callback

from ..const import (
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_FIRST_ADDRESS,
    CONF_HEART_RATE_SENSOR,
    CONF_PERSON,
    CONF_PLAN_PAUSED,
    CONF_PROGRESSION,
    CONF_QUIET_FROM,
    CONF_RATINGS,
    CONF_REMINDER,
    CONF_REMINDER_TARGET,
    CONF_REMINDER_TIME,
    CONF_STEP_SENSOR,
    CONF_WALKER_ID,
    CONF_WEIGHT,
    SUBENTRY_WALKER,
)
from ..machine.model import ValueRange
from ..storage.damage import DAMAGE_ERRORS, Reader
from ..training.coaching.reminder_schedule import ReminderSettings
from ..training.history.energy import DEFAULT_WEIGHT
from ..training.history.record import SessionRecord
from ..training.history.streak import WeeklyPlan
from ..training.limits import Direction

GUEST: Final = "guest"
"""The walker of a session without a known person: no streak, and the limits of a first session (S4)."""
WHOEVER: Final = "whoever"
"""The select option for no choice: the walker is the person who starts."""
GUEST_NAMES: Final = frozenset({GUEST, "convidado", "gast", "gość", "invitado", "invité", "ospite"})
"""A guest in each of our languages, as shown; no walker may have this name."""
WEIGHTS: Final = ValueRange(20.0, 300.0, 0.1)  # kg
GOAL_MIN, GOAL_MAX, GOAL_DEFAULT = 1.0, 60.0, 5.0  # min
_GOAL_TOLERANCE = 0.25
"""Minutes below the goal that still reach it, because a session of that length includes the time of the stop."""
REMINDER_TIME_DEFAULT: Final = time(18)
QUIET_FROM_DEFAULT: Final = time(21)
NOBODY: Final = ""
"""The person of a walker whose stored person is unreadable."""
EVERY_DAY: Final = tuple(range(7))  # 0 is Monday


_SHORTEST_ASKED: Final = 60.0
"""Seconds of movement from which on a session is worth a question."""


class Ratings(StrEnum):
    """When a walker is asked how the knee is."""

    AFTER = "after"  # each session
    BOTH = "both"  # before each session, too
    NONE = "none"  # and the plan goes on without


@dataclass(frozen=True, kw_only=True)
class Walker:
    """A person who uses the treadmill, with a plan."""

    id: str  # the same on all treadmills: that of the first subentry
    subentry_id: str = ""  # on this treadmill
    first_address: str | None = None  # of the treadmill that they were first on; None: of this one
    name: str
    person: str | None  # entity id
    weight: float  # kg
    daily_goal: float  # min
    days: frozenset[int]  # 0 is Monday
    paused: tuple[tuple[date, date | None], ...] = ()  # first and last day; None: not ended yet
    progression: bool = True  # whether the plan adapts to the sessions
    ratings: Ratings = Ratings.AFTER
    reminder: bool = False
    reminder_time: time = REMINDER_TIME_DEFAULT
    reminder_target: str | None = None  # None: any way that reaches the person
    quiet_from: time = QUIET_FROM_DEFAULT  # no reminder from then on
    heart_rate_sensor: str | None = None  # entity ID
    step_sensor: str | None = None  # entity ID
    unreadable_pauses: tuple[Any, ...] = ()  # pauses that are saved back unchanged
    damaged: tuple[str, ...] = ()  # fields that could not be read

    @classmethod
    def from_subentry(cls, subentry: ConfigSubentry) -> Self:
        """Return the walker that a subentry describes."""
        reader = Reader(subentry.data)
        rows: list[Any] = reader.get(CONF_PLAN_PAUSED, [], lambda value: [*value])
        paused, unreadable = [], []
        for row in rows:
            try:
                first, last = row
                paused.append((date.fromisoformat(first), None if last is None else date.fromisoformat(last)))
            except DAMAGE_ERRORS:
                unreadable.append(row)
                reader.damaged.append(CONF_PLAN_PAUSED)
        person = reader.text(CONF_PERSON)
        return cls(
            id=reader.text(CONF_WALKER_ID) or subentry.subentry_id,
            subentry_id=subentry.subentry_id,
            first_address=reader.text(CONF_FIRST_ADDRESS),
            name=subentry.title,
            # An unreadable person still owns the walker, so that nobody else acts for them.
            person=NOBODY if CONF_PERSON in reader.damaged else person,
            weight=reader.number(CONF_WEIGHT, DEFAULT_WEIGHT, 1.0),
            daily_goal=reader.number(CONF_DAILY_GOAL, GOAL_DEFAULT),
            days=reader.days(CONF_DAYS, EVERY_DAY),
            paused=tuple(sorted(paused, key=itemgetter(0))),
            progression=reader.boolean(CONF_PROGRESSION, default=True),
            ratings=reader.choice(CONF_RATINGS, Ratings.AFTER),
            reminder=reader.boolean(CONF_REMINDER, default=False),
            reminder_time=reader.time(CONF_REMINDER_TIME, REMINDER_TIME_DEFAULT),
            reminder_target=reader.text(CONF_REMINDER_TARGET),
            quiet_from=reader.time(CONF_QUIET_FROM, QUIET_FROM_DEFAULT),
            heart_rate_sensor=reader.text(CONF_HEART_RATE_SENSOR),
            step_sensor=reader.text(CONF_STEP_SENSOR),
            unreadable_pauses=tuple(unreadable),
            damaged=tuple(dict.fromkeys(reader.damaged)),
        )

    def is_paused(self, today: date) -> bool:
        """Return whether the plan is paused."""
        return any(first <= today and (last is None or today <= last) for first, last in self.paused)

    def paused_until(self, today: date) -> date | None:
        """Return the last day of the present pause; None if there is no pause, or it has no end yet."""
        return next((last for first, last in self.paused if last is not None and first <= today <= last), None)

    @property
    def plan(self) -> WeeklyPlan:
        """Return the plan that counts for the streak."""
        return WeeklyPlan(days=self.days, goal_minutes=self._required_minutes, paused=self.paused)

    @property
    def reminder_settings(self) -> ReminderSettings:
        """Return when reminders are sent."""
        return ReminderSettings(on=self.reminder, at=self.reminder_time, quiet_from=self.quiet_from, plan=self.plan)

    def reaches_goal(self, minutes: float) -> bool:
        """Return whether this many minutes reach the daily goal."""
        return minutes >= self._required_minutes

    @property
    def _required_minutes(self) -> float:
        return self.daily_goal - _GOAL_TOLERANCE

    @property
    def asked_before(self) -> bool:
        """Whether somebody should ask how the knee is before a session."""
        return self.ratings is Ratings.BOTH

    def is_asked_after(self, record: SessionRecord) -> bool:
        """Return whether somebody should ask how the knee is after a session."""
        backward = record.direction is Direction.BACKWARD
        return self.ratings is not Ratings.NONE and backward and record.moving_time >= _SHORTEST_ASKED

    def pause_changes(self, *, pause: bool, today: date, until: date | None = None) -> Mapping[str, Any]:
        """Return the subentry data that pauses the plan, with `until` as the last day, or resumes it.

        A day counts as paused if the plan is paused when the day ends, so that turning the switch on and off within a
        day has no effect.
        """
        periods = list(self.paused)
        if self.is_paused(today):
            first, _ = periods.pop()  # the last one, because no pause lies in the future
        else:
            first = today
        if pause:
            periods.append((first, until))
        elif first < today:
            periods.append((first, today - timedelta(days=1)))
        return self._pause_data(periods)

    def away_changes(self, day: date) -> Mapping[str, Any]:
        """Return the subentry data after a day on which the walker was not at home, which then does not count."""
        return self._pause_data(sorted([*self.paused, (day, day)], key=itemgetter(0)))

    def _pause_data(self, periods: list[tuple[date, date | None]]) -> Mapping[str, Any]:
        rows = [[first.isoformat(), last and last.isoformat()] for first, last in periods]
        return {CONF_PLAN_PAUSED: [*rows, *self.unreadable_pauses]}


def walkers_of(entry: ConfigEntry) -> dict[str, Walker]:
    """Return the walkers of a treadmill by ID, oldest first."""
    return {walker.id: walker for walker in map(Walker.from_subentry, subentries_of_walkers(entry))}


def subentries_of_walkers(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the subentries of a treadmill's walkers, oldest first."""
    return [subentry for subentry in entry.subentries.values() if subentry.subentry_type == SUBENTRY_WALKER]


@callback
def async_person_of(hass: HomeAssistant, user_id: str) -> State | None:
    """Return the person entity of a user of Home Assistant."""
    persons = hass.states.async_all("person")
    return next((person for person in persons if person.attributes.get("user_id") == user_id), None)
