"""What is still to do after the set-up of a treadmill, until it is done or somebody wants to hear no more of it."""

from collections.abc import Iterable
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_FIRST_RUN
from ..training.coaching.presets import FIRST_WALK, fits
from ..training.limits import Direction
from ..training.rules import Rules
from ..walkers.roster import WalkerRoster
from ..walkers.walker import walkers_of


class Task(StrEnum):
    """What is to be done in a first run, in this order; each is also a step of the dialog."""

    CHECK = "check"
    DASHBOARD = "dashboard"
    WALK = "first_walk"
    REMINDER = "first_reminder"


def is_first_run(entry: ConfigEntry) -> bool:
    """Return whether the first run of a treadmill is not over; a treadmill of 0.7.0 and before has none."""
    return entry.data.get(CONF_FIRST_RUN) is True


def open_tasks(entry: ConfigEntry, rules: Rules, roster: WalkerRoster, *, has_dashboard: bool) -> list[Task]:
    """Return what is still to do, in order."""
    return [task for task, is_open in _tasks(entry, rules, roster, has_dashboard=has_dashboard) if is_open]


def _tasks(
    entry: ConfigEntry, rules: Rules, roster: WalkerRoster, *, has_dashboard: bool
) -> Iterable[tuple[Task, bool]]:
    due = rules.control and rules.blocked_by is not None
    yield Task.CHECK, due
    yield Task.DASHBOARD, not has_dashboard
    walks = rules.control and not due and fits(FIRST_WALK, rules.limits(Direction.BACKWARD, novice=True))
    yield Task.WALK, walks and not len(roster.store.history)
    walkers = walkers_of(entry).values()  # not the roster's, which hear of a change a moment later
    yield Task.REMINDER, bool(walkers) and not any(walker.reminder for walker in walkers)
