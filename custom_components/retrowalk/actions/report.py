"""The action that makes a walker's report."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv

from ..errors import ErrorKey, out_of_range, wrong
from ..storage.file_access import HTML, TEXT, FileFormat, write_file
from ..training.history.report import MOST_WEEKS, count_weeks, first_day
from ..walkers.privacy import async_check_own
from ..walkers.report import async_make_report
from .base import ATTR_FROM, ATTR_TO, ATTR_WALKER, NUMBER, Action, Request, requested_walker
from .files import ATTR_FORMAT, ATTR_PATH, ATTR_REPLACE

ATTR_WEEKS: Final = "weeks"
REPORT_FORMATS: Final[Mapping[str, FileFormat]] = {"html": HTML, "text": TEXT}
"""The formats that a report can be written in."""
_DEFAULT_WEEKS: Final = 12


async def _async_create(request: Request) -> ServiceResponse:
    hass, data, user = request.coordinator.hass, request.data, request.user
    walker, target = requested_walker(request), data.get(ATTR_PATH)
    async_check_own(hass, user, walker)
    if target is not None and user is not None and not user.is_admin:
        # Walkers may read their own report, but only administrators may write files.
        raise Unauthorized(context=request.context)
    first, last = _period(data, request.roster.today)
    report = await async_make_report(hass, request.roster, walker, first, last)
    path = None
    if target is not None:
        file_format = _format(data, target)
        content = (report.html if file_format is HTML else report.text).encode()
        name, replace = f"{report.name}{file_format.suffix}", data[ATTR_REPLACE]

        def write() -> str:
            return write_file(hass, target, name, file_format, content, replace=replace)

        path = await hass.async_add_executor_job(write)
    return {"text": report.text, "html": report.html, "name": report.name, "path": path}


def _period(data: Mapping[str, Any], today: date) -> tuple[date, date]:
    """Return the first and the last day; raise if the request contradicts itself or asks for too many weeks."""
    last = min(data.get(ATTR_TO, today), today)
    first: date | None = data.get(ATTR_FROM)
    if first is None:
        weeks = data.get(ATTR_WEEKS, _DEFAULT_WEEKS)
        if weeks not in range(1, MOST_WEEKS + 1):
            raise out_of_range(ErrorKey.REPORT_WEEKS_OUT_OF_RANGE, 1, MOST_WEEKS)
        return first_day(last, int(weeks)), last
    if ATTR_WEEKS in data:
        raise wrong(ErrorKey.REPORT_WEEKS_OR_FROM)
    if first > last:
        raise wrong(ErrorKey.FROM_AFTER_TO)
    if count_weeks(first, last) > MOST_WEEKS:
        raise out_of_range(ErrorKey.REPORT_WEEKS_OUT_OF_RANGE, 1, MOST_WEEKS)
    return first, last


def _format(data: Mapping[str, Any], target: str) -> FileFormat:
    """Return the format that was asked for, otherwise that of the path's ending."""
    if ATTR_FORMAT in data:
        return REPORT_FORMATS[data[ATTR_FORMAT]]
    return TEXT if target.lower().endswith(TEXT.suffix) else HTML


REPORT_ACTIONS: Final[Mapping[str, Action]] = {
    "create_report": Action(
        handler=_async_create,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_WEEKS): NUMBER,
            vol.Optional(ATTR_FROM): cv.date,
            vol.Optional(ATTR_TO): cv.date,
            vol.Optional(ATTR_FORMAT): vol.In([*REPORT_FORMATS]),
            vol.Optional(ATTR_PATH): cv.string,
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
        },
        response=SupportsResponse.OPTIONAL,
    ),
}
