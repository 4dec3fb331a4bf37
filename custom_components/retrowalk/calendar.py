"""The read-only calendar of a treadmill: past sessions, and the next planned one of each walker."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .training.coaching.progression import Reason
from .training.history.record import SessionRecord
from .treadmill.snapshot import Snapshot
from .walkers.planner import PlannedSession

PARALLEL_UPDATES = 0

SESSIONS = CalendarEntityDescription(key="sessions")
_LONGEST_SESSION = timedelta(days=1)
"""Sessions that started longer before a range cannot reach into it."""


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar."""
    async_add_entities([SessionsCalendar(entry.runtime_data.coordinator, SESSIONS)])


class SessionsCalendar(RetrowalkEntity, CalendarEntity):
    """Past and planned sessions as events; the state is the next planned session."""

    entity_description: CalendarEntityDescription
    _planned: Sequence[CalendarEvent] = ()  # one of each walker, earliest first

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._plan(await _async_words(self.hass))
        self.async_on_remove(self.coordinator.roster.async_add_listener(self._handle_roster_change))

    @callback
    def _handle_roster_change(self) -> None:
        self.hass.async_create_task(self._async_update_planned(), f"Plan of {self.entity_id}")

    async def _async_update_planned(self) -> None:
        """Update the planned sessions after a change of walkers, sessions, day or language; notify listeners once."""
        written = self._written
        self._plan(await _async_words(self.hass))
        self._handle_coordinator_update()
        if self._written == written:
            self.async_update_event_listeners()  # the state does not contain past sessions

    @callback
    def _plan(self, words: Mapping[str, str]) -> None:
        coordinator = self.coordinator
        planned = (coordinator.planner.next(walker) for walker in coordinator.roster.walkers.values())
        events = [_planned_event(session, words) for session in planned if session is not None]
        self._planned = sorted(events, key=attrgetter("start", "summary"))

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        return tuple((event.start, event.end, event.summary, event.description) for event in self._planned)

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the next planned session; one whose time has passed today is still due, but no next event."""
        now = dt_util.now()
        return next((event for event in self._planned if event.end_datetime_local > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        roster = self.coordinator.roster
        began = roster.sessions(start_date - _LONGEST_SESSION, end_date)
        records = [record for record in began if record.ended > start_date or record.started >= start_date]
        walkers = roster.walkers.values()
        names: dict[str | None, str] = {walker.id: walker.name for walker in walkers}
        # Home Assistant does not report which user asks, so personal notes are left out.
        private = {walker.id for walker in walkers if walker.person is not None}
        records = [replace(record, note=None) if record.walker in private else record for record in records]
        words = await _async_words(hass)
        # Home Assistant validates each event, which for years of sessions takes too long for the event loop.
        past = await hass.async_add_executor_job(_events, records, names, words)
        planned = (event for event in self._planned if event.start < end_date and event.end > start_date)
        return [*past, *planned]


def _events(
    records: Sequence[SessionRecord], names: Mapping[str | None, str], words: Mapping[str, str]
) -> list[CalendarEvent]:
    names = {**names, None: words["guest"]}
    return [_event(record, names.get(record.walker), words) for record in records]


def _event(record: SessionRecord, walker: str | None, words: Mapping[str, str]) -> CalendarEvent:
    """Return the event of a session; `walker` is None if the walker was removed."""
    amount = {"minutes": f"{record.moving_time / 60:.0f}", "direction": words[record.direction]}
    text = words["amounts"].format(distance=f"{record.distance:.0f}", calories=f"{record.calories:.0f}")
    return CalendarEvent(
        start=dt_util.as_local(record.started),
        end=dt_util.as_local(record.ended),
        summary=words["summary"].format(**amount) + (f" · {walker}" if walker else ""),
        description=f"{text}\n{record.note}" if record.note else text,
        uid=record.id,
    )


def _planned_event(planned: PlannedSession, words: Mapping[str, str]) -> CalendarEvent:
    proposal = planned.proposal
    amount = {"minutes": f"{proposal.minutes:g}", "direction": words["backward"]}
    pace = f"{proposal.speed or 0:.1f}", f"{proposal.incline or 0:g}"
    lines = [words[f"reason_{proposal.reason}"]]
    if proposal.speed is not None:
        key = "pace_uphill" if proposal.incline else "pace"
        lines.insert(0, words[key].format(speed=pace[0], incline=pace[1]))
    summary = words["summary"].format(**amount)
    return CalendarEvent(
        start=planned.start,
        end=planned.end,
        summary=f"{words['planned'].format(session=summary)} · {planned.walker.name}",
        description="\n".join(lines),
    )


async def _async_words(hass: HomeAssistant) -> Mapping[str, str]:
    """Return the translated texts of events, in the language of the Home Assistant instance."""
    entity, common = [
        await async_get_translations(hass, hass.config.language, category, [DOMAIN])
        for category in ("entity", "common")
    ]
    select = f"component.{DOMAIN}.entity.select"
    reason = f"component.{DOMAIN}.entity.sensor.next_session.state_attributes.reason.state"
    return {
        **{f"reason_{why}": entity[f"{reason}.{why}"] for why in Reason},
        "backward": entity[f"{select}.direction.state.backward"],
        "forward": entity[f"{select}.direction.state.forward"],
        "guest": entity[f"{select}.walker.state.guest"],
        "summary": common[f"component.{DOMAIN}.common.session_summary"],
        "amounts": common[f"component.{DOMAIN}.common.session_amounts"],
        "planned": common[f"component.{DOMAIN}.common.session_planned"],
        "pace": common[f"component.{DOMAIN}.common.session_pace"],
        "pace_uphill": common[f"component.{DOMAIN}.common.session_pace_uphill"],
    }
