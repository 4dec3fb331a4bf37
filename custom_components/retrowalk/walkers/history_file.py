"""The sessions of a treadmill as a table for a spreadsheet, in the language of Home Assistant."""

from collections.abc import Sequence
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..training.history.record import Knee, Outcome, SessionRecord
from ..training.history.table import Column, Separator, write_table
from .roster import WalkerRoster
from .walker import GUEST


async def async_history_file(
    hass: HomeAssistant, roster: WalkerRoster, records: Sequence[SessionRecord], separator: Separator
) -> bytes:
    """Return the content of a CSV file with a row for each session."""
    entity, common = [
        await async_get_translations(hass, hass.config.language, category, [DOMAIN])
        for category in ("entity", "common")
    ]
    select, column = f"component.{DOMAIN}.entity.select", f"component.{DOMAIN}.common.column"
    words = {f"outcome_{it}": common[f"component.{DOMAIN}.common.outcome_{it}"] for it in Outcome}
    words |= {f"knee_{it}": common[f"component.{DOMAIN}.common.knee_{it}"] for it in Knee}
    for kind in ("direction", "program"):
        beginning = f"{select}.{kind}.state."
        words |= {
            f"{kind}_{key.removeprefix(beginning)}": text for key, text in entity.items() if key.startswith(beginning)
        }
    walkers: dict[str | None, str] = {walker_id: label for label, walker_id in roster.labels().items()}
    walkers[None] = entity[f"{select}.walker.state.{GUEST}"]
    write = partial(
        write_table,
        headings={it: common[f"{column}_{it}"] for it in Column},
        words=words,
        walkers=walkers,
        tz=roster.tz,
        separator=separator,
    )
    # Ten years may hold ten thousand sessions, too many for the event loop.
    return await hass.async_add_executor_job(write, records)
