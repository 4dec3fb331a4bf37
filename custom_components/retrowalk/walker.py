"""Who walks on a treadmill, as kept in the subentries of its entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, State, callback

from .const import (
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_PERSON,
    CONF_PLAN_PAUSED,
    CONF_PROGRESSION,
    CONF_WEIGHT,
    SUBENTRY_WALKER,
)
from .options import finite
from .training.energy import DEFAULT_WEIGHT
from .training.streak import WalkPlan

GUEST: Final = "guest"
"""Who walks when nobody was chosen, or when the choice was a guest: no streak, the limits of a first session (S4)."""
GUEST_NAMES: Final = frozenset({GUEST, "gast"})
"""A guest in each of our languages, as shown; no walker is called that."""
WEIGHT_MIN, WEIGHT_MAX = 20.0, 300.0  # kg
GOAL_MIN, GOAL_MAX, GOAL_DEFAULT = 1.0, 60.0, 5.0  # min
_GOAL_TOLERANCE = 0.25
"""Minutes short of the goal that still reach it: a session of that length includes a stop that takes its time."""
EVERY_DAY: Final = tuple(range(7))  # 0 is Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """A person who walks on the treadmill, and the plan."""

    id: str  # of the subentry
    name: str
    person: str | None  # entity id
    weight: float  # kg
    daily_goal: float  # min
    days: frozenset[int]  # 0 is Monday
    paused: tuple[tuple[date, date | None], ...] = ()  # first and last day; None: not ended yet
    progression: bool = True  # whether the plan adapts to what was walked

    @classmethod
    def of(cls, subentry: ConfigSubentry) -> Self:
        """The walker that a subentry describes."""
        data = subentry.data
        return cls(
            id=subentry.subentry_id,
            name=subentry.title,
            person=data.get(CONF_PERSON),
            weight=finite(data.get(CONF_WEIGHT), DEFAULT_WEIGHT),
            daily_goal=finite(data.get(CONF_DAILY_GOAL), GOAL_DEFAULT),
            days=frozenset(data.get(CONF_DAYS, EVERY_DAY)),
            paused=tuple(
                (date.fromisoformat(first), None if last is None else date.fromisoformat(last))
                for first, last in data.get(CONF_PLAN_PAUSED, ())
            ),
            progression=data.get(CONF_PROGRESSION, True),
        )

    @property
    def plan_paused(self) -> bool:
        """Whether the plan rests now."""
        return bool(self.paused) and self.paused[-1][1] is None

    @property
    def plan(self) -> WalkPlan:
        """What counts for the streak."""
        return WalkPlan(days=self.days, goal_minutes=self._enough, paused=self.paused)

    def reaches_goal(self, minutes: float) -> bool:
        """Whether so many minutes are enough for a day."""
        return minutes >= self._enough

    @property
    def _enough(self) -> float:
        return self.daily_goal - _GOAL_TOLERANCE

    def pause_changes(self, *, pause: bool, today: date) -> Mapping[str, Any]:
        """What the subentry has to say after the plan was paused or taken up again.

        A day rests if the plan is paused when the day ends: a switch that was turned on and off again leaves no trace.
        """
        periods = list(self.paused)
        if pause and not self.plan_paused:
            periods.append((today, None))
        elif not pause and self.plan_paused:
            first, _ = periods.pop()
            if first < today:
                periods.append((first, today - timedelta(days=1)))
        return {CONF_PLAN_PAUSED: [[first.isoformat(), last and last.isoformat()] for first, last in periods]}


def walkers_of(entry: ConfigEntry) -> dict[str, Walker]:
    """The walkers of a treadmill by subentry id, the oldest first."""
    return {
        subentry.subentry_id: Walker.of(subentry)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_WALKER
    }


@callback
def async_person_of(hass: HomeAssistant, user_id: str) -> State | None:
    """The person entity of a user of Home Assistant."""
    persons = hass.states.async_all("person")
    return next((person for person in persons if person.attributes.get("user_id") == user_id), None)
