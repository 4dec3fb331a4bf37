"""The calendar of a treadmill: what was walked on it. Read only; what is planned will follow."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .snapshot import Snapshot
from .training.record import SessionRecord

PARALLEL_UPDATES = 0

SESSIONS = CalendarEntityDescription(key="sessions")
_LONGEST_SESSION = timedelta(days=1)
"""Sessions that began so long before a range cannot reach into it."""


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar."""
    async_add_entities([SessionsCalendar(entry.runtime_data, SESSIONS)])


class SessionsCalendar(RetrowalkEntity, CalendarEntity):
    """Past sessions as events. Its state is the next planned one, and nothing is planned yet."""

    entity_description: CalendarEntityDescription

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.people.async_add_listener(self._handle_people))

    @callback
    def _handle_people(self) -> None:
        """The past has changed, which no state shows: only whoever looks at it is told."""
        self.async_update_event_listeners()

    @override
    def _show(self, snapshot: Snapshot) -> Hashable:
        return None

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The session that is planned next."""
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        people = self.coordinator.people
        began = people.ledger.between(start_date - _LONGEST_SESSION, end_date)
        records = [record for record in began if record.ended > start_date or record.started >= start_date]
        names: dict[str | None, str] = {walker.id: walker.name for walker in people.walkers.values()}
        words = await _async_words(hass)
        # Home Assistant checks each event; of years of them, elsewhere.
        return await hass.async_add_executor_job(_events, records, names, words)


def _events(
    records: Sequence[SessionRecord], names: Mapping[str | None, str], words: Mapping[str, str]
) -> list[CalendarEvent]:
    names = {**names, None: words["guest"]}
    return [_event(record, names.get(record.walker), words) for record in records]


def _event(record: SessionRecord, walker: str | None, words: Mapping[str, str]) -> CalendarEvent:
    """One session; `walker` is None if there is no such walker any more."""
    amount = {"minutes": f"{record.moving_time / 60:.0f}", "direction": words[record.direction]}
    text = words["amounts"].format(distance=f"{record.distance:.0f}", calories=f"{record.calories:.0f}")
    return CalendarEvent(
        start=dt_util.as_local(record.started),
        end=dt_util.as_local(record.ended),
        summary=words["summary"].format(**amount) + (f" · {walker}" if walker else ""),
        description=f"{text}\n{record.note}" if record.note else text,
        uid=record.id,
    )


async def _async_words(hass: HomeAssistant) -> Mapping[str, str]:
    """The words of an event in the house's language; Home Assistant keeps them in memory."""
    entity, common = [
        await async_get_translations(hass, hass.config.language, category, [DOMAIN])
        for category in ("entity", "common")
    ]
    select = f"component.{DOMAIN}.entity.select"
    return {
        "backward": entity[f"{select}.direction.state.backward"],
        "forward": entity[f"{select}.direction.state.forward"],
        "guest": entity[f"{select}.walker.state.guest"],
        "summary": common[f"component.{DOMAIN}.common.session_summary"],
        "amounts": common[f"component.{DOMAIN}.common.session_amounts"],
    }
