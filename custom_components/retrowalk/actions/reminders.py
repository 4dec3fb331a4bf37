"""The actions of a walker's reminders and plan."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import voluptuous as vol
from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..errors import ErrorKey, out_of_range, wrong
from ..reminders.reminder import Reminder
from ..walkers.privacy import async_check_own
from ..walkers.walker import Walker
from .base import ATTR_MINUTES, ATTR_WALKER, NUMBER, Action, Request, requested_walker

ATTR_UNTIL: Final = "until"
_SNOOZE_MIN, _SNOOZE_MAX = 1.0, 240.0  # min
_LONGEST_PAUSE: Final = timedelta(days=366)


async def _async_snooze(request: Request) -> ServiceResponse:
    minutes: float | None = request.data.get(ATTR_MINUTES)
    if minutes is not None and not _SNOOZE_MIN <= minutes <= _SNOOZE_MAX:
        raise out_of_range(ErrorKey.SNOOZE_OUT_OF_RANGE, _SNOOZE_MIN, _SNOOZE_MAX)
    _reminder(request).snooze(minutes)
    return None


async def _async_skip(request: Request) -> ServiceResponse:
    _reminder(request).skip()
    return None


async def _async_pause(request: Request) -> ServiceResponse:
    until: date | None = request.data.get(ATTR_UNTIL)
    today = request.roster.today
    if until is not None and not today <= until <= today + _LONGEST_PAUSE:
        raise wrong(ErrorKey.UNTIL_OUT_OF_RANGE)
    _pause(request, pause=True, until=until)
    return None


async def _async_resume(request: Request) -> ServiceResponse:
    _pause(request, pause=False)
    return None


def _pause(request: Request, *, pause: bool, until: date | None = None) -> None:
    walker, roster = _own_walker(request), request.roster
    roster.write(walker.id, **walker.pause_changes(pause=pause, today=roster.today, until=until))


def _reminder(request: Request) -> Reminder:
    return request.reminders.reminder_of(_own_walker(request))


def _own_walker(request: Request) -> Walker:
    """Return the walker of a request; raise if the caller may not change the plan."""
    walker = requested_walker(request)
    async_check_own(request.coordinator.hass, request.user, walker)
    return walker


_WALKER_FIELD: Final[Mapping[vol.Marker, object]] = {vol.Optional(ATTR_WALKER): cv.string}

REMINDER_ACTIONS: Final[Mapping[str, Action]] = {
    "snooze_reminder": Action(handler=_async_snooze, fields={**_WALKER_FIELD, vol.Optional(ATTR_MINUTES): NUMBER}),
    "skip_today": Action(handler=_async_skip, fields=_WALKER_FIELD),
    "pause_plan": Action(handler=_async_pause, fields={**_WALKER_FIELD, vol.Optional(ATTR_UNTIL): cv.date}),
    "resume_plan": Action(handler=_async_resume, fields=_WALKER_FIELD),
}
