"""A walker's report in the words, dates and units of the house; the pure parts are in `training/`."""

from dataclasses import dataclass
from datetime import date

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import slugify
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from ..const import DOMAIN
from ..training.history.report import make_report
from ..training.report.page import write_page
from ..training.report.text import write_text
from ..training.report.words import Words
from .roster import EVER, WalkerRoster
from .walker import Walker


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report in both forms."""

    name: str  # of a file, without its ending
    html: str
    text: str


async def async_make_report(
    hass: HomeAssistant, roster: WalkerRoster, walker: Walker, first: date, last: date
) -> Report:
    """Return a walker's report; the caller has checked who asks."""
    prefix = f"component.{DOMAIN}.common."
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    words = Words(
        by_key={key.removeprefix(prefix): text for key, text in texts.items()},
        miles=hass.config.units is US_CUSTOMARY_SYSTEM,
    )
    records, today, tz = roster.history.between(*EVER, walker.id), roster.today, roster.tz

    def write() -> Report:
        report = make_report(
            records, plan=walker.plan, goal_minutes=walker.daily_goal, first=first, last=last, today=today, tz=tz
        )
        return Report(
            name=f"retrowalk_{slugify(walker.name)}_{last}",
            html=write_page(report, walker.name, today, words),
            text=write_text(report, walker.name, today, words),
        )

    # Years of sessions are too many for the event loop.
    return await hass.async_add_executor_job(write)
