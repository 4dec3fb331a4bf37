"""A walker's report in the words, dates and units of the house; the pure parts are in `training/`."""

from datetime import date
from typing import NamedTuple

from homeassistant.core import HomeAssistant

from ..storage.file_access import file_name
from ..training.history.report import first_day, make_report
from ..training.report.page import write_page
from ..training.report.text import write_text
from ..training.report.trends import WEEKS, write_trends
from ..training.report.words import Words
from .roster import EVER, WalkerRoster
from .walker import Walker
from .words import async_words


class Report(NamedTuple):
    """A report in both forms."""

    name: str  # of a file, without its ending
    html: str
    text: str


async def async_make_report(
    hass: HomeAssistant, roster: WalkerRoster, walker: Walker, first: date, last: date
) -> Report:
    """Return a walker's report; the caller has checked who asks."""
    words = await async_words(hass)
    records, today, tz = roster.history.between(*EVER, walker.id), roster.today, roster.tz

    def write() -> Report:
        report = make_report(
            records, plan=walker.plan, goal_minutes=walker.daily_goal, first=first, last=last, today=today, tz=tz
        )
        return Report(
            name=f"retrowalk_{file_name(walker.name)}_{last}",
            html=write_page(report, walker.name, today, words),
            text=write_text(report, walker.name, today, words),
        )

    # Years of sessions are too many for the event loop.
    return await hass.async_add_executor_job(write)


async def async_make_trends(hass: HomeAssistant, roster: WalkerRoster, walker: Walker, words: Words) -> str:
    """Return a walker's last six weeks as HTML; the caller has checked who asks."""
    records, today, tz = roster.history.between(*EVER, walker.id), roster.today, roster.tz

    def write() -> str:
        report = make_report(
            records,
            plan=walker.plan,
            goal_minutes=walker.daily_goal,
            first=first_day(today, WEEKS),
            last=today,
            today=today,
            tz=tz,
        )
        return write_trends(report, words, ever=bool(records))

    return await hass.async_add_executor_job(write)
