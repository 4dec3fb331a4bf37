"""The walkers of one treadmill, and their sessions."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_change, async_track_time_interval
from homeassistant.util import dt as dt_util

from ..const import CONF_INFO, CONF_VIRTUAL
from ..machine.model import MachineInfo
from ..training.history.record import Outcome, SessionRecord
from ..training.history.session_history import SessionHistory
from ..training.history.track import Track
from ..util import Listeners, first_free
from .household import async_household, device_identifier
from .store import SessionStore
from .walker import GUEST, GUEST_NAMES, WHOEVER, Walker, async_person_of, walkers_of

_TIDY_EVERY = timedelta(days=1)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class WalkerRoster:
    """Walkers and their sessions; notifies listeners when either changed, and when a new day began."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._listeners = Listeners[()]()
        self._walker_listeners = Listeners[Walker]()
        self._record_listeners = Listeners[SessionRecord | None, SessionRecord]()
        self._household = async_household(hass)
        self.walkers = walkers_of(entry)
        self.hosted: frozenset[str] = frozenset()
        """The walkers whose device, entities and reminder are this treadmill's, not another one's that they share."""

    async def async_load(self) -> None:
        """Load the sessions, follow the days, and tidy the tracks once a day."""
        hass, entry = self._hass, self._entry
        await self._household.async_open(entry.entry_id)
        entry.async_on_unload(self._household.async_join(entry, self))
        self._update_hosted()
        entry.async_on_unload(async_track_time_change(hass, self._new_day, hour=0, minute=0, second=0))
        # A change of the time zone moves midnight.
        entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._new_day))
        entry.async_create_background_task(hass, self._async_tidy(), f"Retrowalk tidies the tracks of {entry.title}")
        entry.async_on_unload(async_track_time_interval(hass, self._async_tidy, _TIDY_EVERY, cancel_on_shutdown=True))

    @property
    def store(self) -> SessionStore:
        """Return the sessions on this treadmill."""
        return self._household.store(self._entry.entry_id)

    @property
    def change_lock(self) -> asyncio.Lock:
        """Return the lock that makes each change of a session see the result of the one before."""
        return self._household.change_lock

    @property
    def history(self) -> SessionHistory:
        """Return the sessions of the whole house, to ask for those of one walker."""
        return self._household.history

    def last_treadmill(self, walker_id: str) -> str | None:
        """Return the entry ID of the treadmill that somebody walked on last."""
        last = self.history.last(walker_id)
        return None if last is None else self._household.entry_id_of(last.id)

    @property
    def machine_name(self) -> str | None:
        """Return the treadmill's manufacturer and model, as far as it says them."""
        return MachineInfo.from_dict(self._entry.data.get(CONF_INFO, {})).name

    # Days

    @property
    def tz(self) -> tzinfo:
        """Return the time zone whose days count."""
        return dt_util.get_default_time_zone()

    @property
    def today(self) -> date:
        """Return today's date in the house."""
        return dt_util.now().date()

    def person_walker(self, user_id: str | None) -> Walker | None:
        """Return the walker who is linked to this user."""
        person = None if user_id is None else async_person_of(self._hass, user_id)
        if person is None:
            return None
        return next((walker for walker in self.walkers.values() if walker.person == person.entity_id), None)

    def walked_last(self) -> Walker | None:
        """Return the walker of the newest session that was not a guest's; one that was logged was walked elsewhere."""
        walked = (each for each in reversed(self.store.history.between(*EVER)) if each.outcome is not Outcome.LOGGED)
        return next((self.walkers[record.walker] for record in walked if record.walker in self.walkers), None)

    def labels(self) -> dict[str, str]:
        """Return walker IDs by unique label: the walkers' names, and GUEST."""
        labels: dict[str, str] = {}
        taken = {*GUEST_NAMES, WHOEVER}
        for walker in self.walkers.values():
            label = first_free(walker.name, taken)
            taken.add(label.casefold())
            labels[label] = walker.id
        return {**labels, GUEST: GUEST}

    def label(self, walker_id: str | None) -> str | None:
        """Return the label of a walker, GUEST for None; None if the walker was removed."""
        key = walker_id or GUEST
        return next((label for label, labeled_id in self.labels().items() if labeled_id == key), None)

    # Sessions

    def is_new(self, walker: Walker | None) -> bool:
        """Return whether the limits of a first session apply (S4): for guests, and before a first backward session.

        Sessions on other machines, at the console or of other walkers do not count, even after a correction.
        """
        return walker is None or self.store.history.is_beginner(walker.id)

    def sessions(self, start: datetime, end: datetime, walker_id: str | None = None) -> list[SessionRecord]:
        """Return the sessions of a walker on all treadmills, or all of this treadmill, oldest first."""
        history = self.store.history if walker_id is None else self.history
        return history.between(start, end, walker_id)

    def get(self, session_id: str) -> SessionRecord | None:
        """Return a session of this treadmill, or of one of its walkers on another treadmill."""
        record = self.store.history.get(session_id) or self.history.get(session_id)
        here = record is not None and self.store.history.get(session_id) is not None
        return record if record is not None and (here or record.walker in self.walkers) else None

    def elsewhere(self, session_id: str) -> str | None:
        """Return the name of the other treadmill that a session was walked on; None for this one."""
        entry_id = self._treadmill_of(session_id)
        if entry_id == self._entry.entry_id:
            return None
        entry = self._hass.config_entries.async_get_entry(entry_id)
        return self._household.kept[entry_id].name if entry is None else entry.title

    def practice(self, walker: Walker, start: datetime = EVER[0]) -> list[SessionRecord]:
        """Return the sessions that show what a walker can do here, oldest first.

        Nobody walks on a virtual treadmill, so what was done there does not make a real one faster.
        """
        records = self.history.between(start, EVER[1], walker.id)
        for unreal in self._unreal:
            records = [record for record in records if unreal.get(record.id) is None]
        return records

    def completed(self, walker: Walker) -> int:
        """Return the number of sessions that a walker has completed."""
        return self.history.completed(walker.id) - sum(unreal.completed(walker.id) for unreal in self._unreal)

    @property
    def _unreal(self) -> list[SessionHistory]:
        """The sessions that show nothing here: those on virtual treadmills, unless this is one."""
        return [] if self._entry.data.get(CONF_VIRTUAL) else self._household.on_virtual_treadmills

    def days_of(self, walker: Walker, program: str) -> list[date]:
        """Return the local days on which a walker did a program, oldest first."""
        walked = self.practice(walker)
        return [record.started.astimezone(self.tz).date() for record in walked if record.program == program]

    def discomfort(self, walker: Walker) -> int | None:
        """Return the knee discomfort (0 to 10) after the last rated session."""
        walked = self.history.between(*EVER, walker.id)
        rated = (record.discomfort_after for record in reversed(walked))
        return next((rating for rating in rated if rating is not None), None)

    async def async_add(self, record: SessionRecord) -> None:
        """Add a new session."""
        await self.store.async_add(record)
        self._household.record_changed(self._entry.entry_id, None, record)

    async def async_replace(self, record: SessionRecord) -> SessionRecord:
        """Replace a session with its correction, and return the one before."""
        entry_id = self._treadmill_of(record.id)
        before = await self._household.store(entry_id).async_replace(record)
        self._household.record_changed(entry_id, before, record)
        return before

    async def async_change(self, session_id: str, change: Callable[[SessionRecord], SessionRecord]) -> SessionRecord:
        """Correct a session and return it; raises KeyError if it was removed.

        The lock makes each change see the result of the one before.
        """
        async with self.change_lock:
            record = self.get(session_id)
            if record is None:
                raise KeyError(session_id)
            changed = change(record)
            await self.async_replace(changed)
            return changed

    async def async_get_track(self, session_id: str) -> Track | None:
        """Return what was measured each second of a session; None without a track, as in sessions of 0.6 and before."""
        return await self._household.store(self._treadmill_of(session_id)).tracks.async_get(session_id)

    async def async_remove(self, session_id: str) -> SessionRecord:
        """Remove a session and its track."""
        removed = await self._household.store(self._treadmill_of(session_id)).async_remove(session_id)
        self._household.notify()
        return removed

    def _treadmill_of(self, session_id: str) -> str:
        own = self._entry.entry_id
        if self.store.history.get(session_id) is not None:
            return own
        return self._household.entry_id_of(session_id) or own

    # Changes

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Listen to every change; returns a callback to remove the listener."""
        return self._listeners.add(listener)

    @callback
    def async_add_walker_listener(self, listener: Callable[[Walker], None]) -> Callable[[], None]:
        """Call a listener for every hosted walker, present and future; returns a callback to remove it."""
        for walker in self.walkers.values():
            if walker.id in self.hosted:
                listener(walker)
        return self._walker_listeners.add(listener)

    @callback
    def async_add_record_listener(
        self, listener: Callable[[SessionRecord | None, SessionRecord], object]
    ) -> Callable[[], None]:
        """Listen to sessions that are added (None) or corrected, each with the session before; returns as above."""
        return self._record_listeners.add(listener)

    @callback
    def write(self, walker_id: str, **changes: Any) -> None:
        """Save changes to a walker's subentries, the single source; the entry's listener then refreshes the roster."""
        self._household.write(walker_id, **changes)

    @callback
    def refresh(self) -> None:
        """Update the walkers from the subentries: they come, change and go without a reload (S14)."""
        before, self.walkers = self.walkers, walkers_of(self._entry)
        if self.walkers == before:
            return
        for walker in self.walkers.values():
            if walker.id in before and walker.name != before[walker.id].name:
                # Home Assistant's own rename knows only this treadmill.
                self._household.write(walker.id, title=walker.name)
                self._rename(walker)
        if self.walkers.keys() != before.keys():
            self._household.walkers_changed()
        self.notify()

    @callback
    def refresh_hosted(self) -> None:
        """Find out whose devices and entities this treadmill has, and bring those that it has now from another one."""
        if self._update_hosted():
            self.notify()

    def _update_hosted(self) -> bool:
        before, entry = self.hosted, self._entry
        self.hosted = frozenset(
            walker.id
            for walker in self.walkers.values()
            if self._household.host_of(walker, self.identifier(walker)) == entry.entry_id
        )
        for walker in self.walkers.values():
            if walker.id in self.hosted - before:
                self._household.bring(entry, walker, self.identifier(walker))
                self._walker_listeners.notify(walker)
        return self.hosted != before

    def on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        """Tell of a session of this treadmill that was added (None) or corrected."""
        self._record_listeners.notify(before, record)

    def first_address(self, walker: Walker) -> str:
        """Return the address of the treadmill that a walker was first on, which is in their IDs."""
        address: str = walker.first_address or self._entry.data[CONF_ADDRESS]
        return address

    def identifier(self, walker: Walker) -> tuple[str, str]:
        """Return the identifier of a walker's device."""
        return device_identifier(self.first_address(walker), walker.id)

    def _rename(self, walker: Walker) -> None:
        registry = dr.async_get(self._hass)
        device = registry.async_get_device_by_identifier(self.identifier(walker), self._entry.entry_id)
        if device is not None:
            registry.async_update_device(device.id, name=walker.name)

    async def _async_tidy(self, _: datetime | None = None) -> None:
        """Tidy the tracks of this treadmill, and of removed ones, which have nobody else to do it."""
        for entry_id in (self._entry.entry_id, *self._household.kept):
            store = self._household.store(entry_id)
            await store.tracks.async_tidy(store.history.get, dt_util.utcnow())

    @callback
    def _new_day(self, _: datetime | Event) -> None:
        self.notify()

    @callback
    def notify(self) -> None:
        """Notify the listeners that a walker or a session has changed."""
        self._listeners.notify()
