"""The calendar of a treadmill: past sessions, and the next planned one of each walker.

Events of sessions can be edited and deleted in Home Assistant's own dialog, which then calls the actions for it.
"""

from collections.abc import Awaitable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.components.calendar.const import CalendarEntityFeature
from homeassistant.components.websocket_api.connection import current_connection
from homeassistant.const import ATTR_ENTITY_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .errors import ErrorKey, wrong
from .programs.words import Words
from .training.history.record import SessionRecord
from .training.units import Speed
from .treadmill.snapshot import Snapshot
from .walkers.planner import PlannedSession
from .walkers.privacy import async_hidden_from_some, async_may_delete
from .walkers.session_event import PLANNED, SessionEvents
from .walkers.walker import GUEST
from .walkers.words import async_words

PARALLEL_UPDATES = 0

SESSIONS = CalendarEntityDescription(key="sessions")
_BACKWARD = f"component.{DOMAIN}.entity.select.direction.state.backward"
_REASON = f"component.{DOMAIN}.entity.sensor.next_session.state_attributes.reason.state"
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
    _attr_supported_features = CalendarEntityFeature.UPDATE_EVENT | CalendarEntityFeature.DELETE_EVENT
    _planned: Sequence[CalendarEvent] = ()  # one of each walker, earliest first

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._plan(*await self._async_texts())
        self.async_on_remove(self.coordinator.roster.async_add_listener(self._handle_roster_change))
        # Another language or other units.
        self.async_on_remove(self.hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._handle_roster_change))

    @callback
    def _handle_roster_change(self, _: Event | None = None) -> None:
        self.hass.async_create_task(self._async_update_planned(), f"Plan of {self.entity_id}")

    async def _async_update_planned(self) -> None:
        """Update the planned sessions after a change of walkers, sessions, day or language; notify listeners once."""
        written = self._written
        self._plan(*await self._async_texts())
        self.follow()
        if self._written == written:
            self.async_update_event_listeners()  # the state does not contain past sessions

    @callback
    def _plan(self, names: Mapping[str, str], words: Words) -> None:
        coordinator = self.coordinator
        planned = (coordinator.planner.next(walker) for walker in coordinator.roster.walkers.values())
        events = [_planned_event(session, names, words) for session in planned if session is not None]
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
        events = await self._async_events()
        # Home Assistant validates each event, which for years of sessions takes too long for the event loop.
        past = await hass.async_add_executor_job(_past_events, records, events)
        planned = (event for event in self._planned if event.start < end_date and event.end > start_date)
        return [*past, *planned]

    @override
    async def async_update_event(
        self, uid: str, event: dict[str, Any], recurrence_id: str | None = None, recurrence_range: str | None = None
    ) -> None:
        async def update() -> None:
            events = await self._async_events()
            changes = events.changes(self._record(uid), event)
            if changes:
                await self._async_call("edit_session", session_id=uid, **changes)

        await self._async_translated(update())

    @override
    async def async_delete_event(
        self, uid: str, recurrence_id: str | None = None, recurrence_range: str | None = None
    ) -> None:
        async def delete() -> None:
            record = self._record(uid)
            user = None if (connection := current_connection.get()) is None else connection.user
            owner = self.coordinator.roster.walkers.get(record.walker or GUEST)
            if not async_may_delete(self.hass, user, owner):
                raise wrong(ErrorKey.DELETE_FOR_ADMINISTRATORS)
            await self._async_call("delete_session", session_id=record.id)

        await self._async_translated(delete())

    async def _async_texts(self) -> tuple[Mapping[str, str], Words]:
        """Return the names of reasons and directions, and the other texts, in the language of the house."""
        hass = self.hass
        return await async_get_translations(hass, hass.config.language, "entity", [DOMAIN]), await Words.async_load(
            hass
        )

    async def _async_events(self) -> SessionEvents:
        walkers = self.coordinator.roster.walkers.values()
        return SessionEvents(await async_words(self.hass), walkers, await async_hidden_from_some(self.hass, walkers))

    def _record(self, uid: str) -> SessionRecord:
        if uid.startswith(PLANNED):
            raise wrong(ErrorKey.EVENT_IS_PLANNED)
        record = self.coordinator.roster.get(uid)
        if record is None:
            raise wrong(ErrorKey.SESSION_UNKNOWN, session_id=uid)
        return record

    async def _async_call(self, action: str, **data: str) -> None:
        """Call one of the actions as the user of the dialog, with what that user may do."""
        connection = current_connection.get()
        context = Context(user_id=connection.user.id) if connection is not None else Context()
        data[ATTR_ENTITY_ID] = self.entity_id
        await self.hass.services.async_call(DOMAIN, action, data, blocking=True, context=context)

    async def _async_translated(self, work: Awaitable[None]) -> None:
        """Work, and tell an error of ours in the language of the house: the calendar shows what it says."""
        try:
            await work
        except HomeAssistantError as err:
            if err.translation_domain != DOMAIN:
                raise
            raise HomeAssistantError((await Words.async_load(self.hass)).refusal(err)) from err


def _past_events(records: Sequence[SessionRecord], events: SessionEvents) -> list[CalendarEvent]:
    return [
        CalendarEvent(
            start=dt_util.as_local(record.started),
            end=dt_util.as_local(record.ended),
            summary=events.title(record),
            description=events.description(record),
            uid=record.id,
        )
        for record in records
    ]


def _planned_event(planned: PlannedSession, names: Mapping[str, str], words: Words) -> CalendarEvent:
    proposal = planned.proposal
    lines = [names[f"{_REASON}.{proposal.reason}"]]
    if proposal.speed is not None:
        key = "session_pace_uphill" if proposal.incline else "session_pace"
        lines.insert(0, words.say(key, speed=Speed(proposal.speed), incline=proposal.incline or 0.0))
    summary = words.say("session_summary", minutes=proposal.minutes, direction=names[_BACKWARD])
    return CalendarEvent(
        start=planned.start,
        end=planned.end,
        summary=f"{words.say('session_planned', session=summary)} \N{MIDDLE DOT} {planned.walker.name}",
        description="\n".join(lines),
        uid=f"{PLANNED}{planned.walker.id}",
    )
