"""The people of the house: who walks on which treadmills, and the sessions on all of them.

Who walks on several treadmills has a subentry on each, with the same settings and the same ID, and one device with its
entities on one of them, the host. Sessions are stored with the treadmill on which they were walked.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Protocol

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_VIRTUAL, DOMAIN
from ..training.history.record import SessionRecord
from ..training.history.session_history import SessionHistory
from .kept import KeptTreadmill, KeptTreadmills, KnownWalker, walkers_on
from .store import SessionStore
from .walker import Walker, walkers_of

_LOGGER = logging.getLogger(__name__)


class Member(Protocol):
    """A loaded treadmill of the house."""

    def refresh_hosted(self) -> None:
        """Find out whose devices and entities this treadmill has."""
        ...

    def on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        """Handle a session of this treadmill that was added (None), or corrected."""
        ...

    def notify(self) -> None:
        """Tell the listeners that a walker or a session has changed."""
        ...


class Household:
    """All walkers and all sessions of the house."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._stores: dict[str, SessionStore] = {}
        self._loaded: set[str] = set()
        self._ahead: set[str] = set()  # loaded before their treadmill was set up
        self._merged: SessionHistory | None = None  # with more than one store
        self._version = 0
        self._lock = asyncio.Lock()
        self.removed = KeptTreadmills(hass)
        self._kept_loaded = False
        self._members: dict[str, Member] = {}
        self.change_lock = asyncio.Lock()
        """Makes each change of a session see the result of the one before."""
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)

    # Sessions

    @property
    def history(self) -> SessionHistory:
        """Return the sessions of all treadmills, also of those that are not loaded, or were removed."""
        if self._merged is not None:
            return self._merged
        return next((self._stores[entry_id].history for entry_id in self._loaded), SessionHistory())

    def store(self, entry_id: str) -> SessionStore:
        """Return the sessions of a treadmill; there is one such object as long as Home Assistant runs."""
        if entry_id not in self._stores:
            self._stores[entry_id] = SessionStore(self._hass, entry_id, self._session_changed)
        return self._stores[entry_id]

    def entry_id_of(self, session_id: str) -> str | None:
        """Return on which treadmill a session was walked."""
        return next((each for each in self._loaded if self._stores[each].history.get(session_id) is not None), None)

    @property
    def loaded(self) -> tuple[str, ...]:
        """Return the IDs of the treadmills whose sessions are loaded, removed ones included."""
        return tuple(self._loaded)

    @property
    def on_virtual_treadmills(self) -> list[SessionHistory]:
        """The sessions of each virtual treadmill."""
        return [self._stores[entry_id].history for entry_id in self._loaded if self._is_virtual(entry_id)]

    def _is_virtual(self, entry_id: str) -> bool:
        entry, removed = self._hass.config_entries.async_get_entry(entry_id), self.removed.treadmills.get(entry_id)
        return removed is not None and removed.virtual if entry is None else bool(entry.data.get(CONF_VIRTUAL))

    async def async_open(self, entry_id: str) -> None:
        """Load the sessions of a treadmill that is set up, and those of all others once."""
        async with self._lock:
            if entry_id in self._ahead:
                self._ahead.discard(entry_id)
            else:
                await self._async_load([entry_id])
            await self._async_load_others()
            await self._async_merge()

    async def async_ready(self) -> None:
        """Load all sessions and removed treadmills, for a dialog that may be opened before any treadmill is set up."""
        async with self._lock:
            await self._async_load_others()
            await self._async_merge()

    async def _async_load_others(self) -> None:
        if not self._kept_loaded:
            await self.removed.async_load()
            self._kept_loaded = True
        entry_ids = {entry.entry_id for entry in self._entries()} - self._loaded
        self._ahead |= entry_ids
        await self._async_load([*entry_ids, *(self.removed.treadmills.keys() - self._loaded)])

    async def _async_load(self, entry_ids: Iterable[str]) -> None:
        for entry_id in entry_ids:
            await self.store(entry_id).async_load()
            self._loaded.add(entry_id)

    async def _async_merge(self) -> None:
        """Put the sessions of several treadmills together, off the event loop, and again if one changes meanwhile."""
        version = None
        while version != self._version:
            version = self._version
            histories = [[*self._stores[entry_id].history] for entry_id in sorted(self._loaded)]
            merged = None
            if len(histories) > 1:
                merged = await self._hass.async_add_executor_job(_merge, histories, dt_util.get_default_time_zone())
        self._merged = merged

    @callback
    def _session_changed(self, before: SessionRecord | None, after: SessionRecord | None) -> None:
        self._version += 1
        if (merged := self._merged) is None:
            return
        if before is not None and merged.get(before.id) is not None:
            merged.remove(before.id)
        if after is not None and merged.get(after.id) is None:
            merged.add(after)

    # Treadmills

    @callback
    def async_join(self, entry: ConfigEntry, member: Member) -> Callable[[], None]:
        """Add a loaded treadmill; returns a callback for its unload."""
        self._members[entry.entry_id] = member

        @callback
        def leave() -> None:
            if self._members.get(entry.entry_id) is member:
                del self._members[entry.entry_id]

        return leave

    @callback
    def notify(self) -> None:
        """Tell every treadmill that a session has changed."""
        for member in [*self._members.values()]:
            member.notify()

    @callback
    def record_changed(self, entry_id: str, before: SessionRecord | None, record: SessionRecord) -> None:
        """Tell the treadmill of a session that it was added or corrected, and all that a session has changed."""
        if entry_id in self._members:
            self._members[entry_id].on_record(before, record)
        self.notify()

    @callback
    def walkers_changed(self) -> None:
        """Handle walkers who came to a treadmill or left one: another may have to host them."""
        for member in [*self._members.values()]:
            member.refresh_hosted()

    @callback
    def _entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        disabled = entry.domain == DOMAIN and entry.disabled_by is not None
        if disabled and entry.state is ConfigEntryState.NOT_LOADED:
            self.walkers_changed()

    def _entries(self) -> list[ConfigEntry]:
        return self._hass.config_entries.async_entries(DOMAIN, include_ignore=False)

    # Walkers on several treadmills

    @callback
    def write(self, walker_id: str, *, title: str | None = None, **changes: Any) -> None:
        """Save changes to a walker's subentries on all treadmills; each entry's listener then refreshes its roster."""
        for entry, subentry in [*self._subentries(walker_id)]:
            self._hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, **changes}, title=title or subentry.title
            )

    def treadmills_of(self, walker_id: str) -> list[str]:
        """Return the IDs of the entries on which somebody walks, oldest first."""
        return [entry.entry_id for entry, _ in self._subentries(walker_id)]

    def _subentries(self, walker_id: str) -> Iterator[tuple[ConfigEntry, ConfigSubentry]]:
        for entry in self._entries():
            walker = walkers_of(entry).get(walker_id)
            if walker is not None:
                yield entry, entry.subentries[walker.subentry_id]

    @callback
    def host_of(self, walker: Walker, identifier: tuple[str, str]) -> str | None:
        """Return the entry that has somebody's device and entities, or is to have them: it never changes by itself."""
        entries = [entry.entry_id for entry, _ in self._subentries(walker.id) if entry.disabled_by is None]
        registry = dr.async_get(self._hass)
        for entry_id in entries:
            if registry.async_get_device_by_identifier(identifier, entry_id) is not None:
                return entry_id
        return entries[0] if entries else None

    @callback
    def bring(self, entry: ConfigEntry, walker: Walker, identifier: tuple[str, str]) -> None:
        """Bring somebody's device and entities, with all their settings, to this treadmill from another one."""
        devices, entities = dr.async_get(self._hass), er.async_get(self._hass)
        for device in devices.async_get_devices(identifiers={identifier}):
            if device.config_entry_id == entry.entry_id:
                continue
            # The entities first: those of the entry that a device leaves are removed.
            for entity in er.async_entries_for_device(entities, device.id, include_disabled_entities=True):
                disabled_by = entity.disabled_by
                if disabled_by in {None, er.RegistryEntryDisabler.CONFIG_ENTRY}:
                    disabled_by = er.RegistryEntryDisabler.CONFIG_ENTRY if entry.disabled_by else None
                entities.async_update_entity(
                    entity.entity_id,
                    config_entry_id=entry.entry_id,
                    config_subentry_id=walker.subentry_id,
                    disabled_by=disabled_by,
                )
            devices.async_update_device(
                device.id,
                new_config_entry_id=entry.entry_id,
                new_config_subentry_id=walker.subentry_id,
                via_device_id=None,
            )

    def known_walkers(self, entry: ConfigEntry | None = None) -> list[KnownWalker]:
        """Return the walkers who are not on this treadmill yet: those of other treadmills, and of removed ones."""
        own = set() if entry is None else walkers_of(entry).keys()
        found: dict[str, KnownWalker] = {}
        for each in self._entries():
            for known in walkers_on(each):
                found.setdefault(known.id, known)
        for treadmill in self.removed.treadmills.values():
            for known in treadmill.walkers:
                found.setdefault(known.id, known)
        return [known for walker_id, known in found.items() if walker_id not in own]

    # Removed treadmills

    @property
    def kept(self) -> dict[str, KeptTreadmill]:
        """Return the removed treadmills whose sessions were kept, by the ID of their entry."""
        return self.removed.treadmills

    def kept_labels(self) -> dict[str, str]:
        """Return the removed treadmills as a person may tell them apart: name, walkers, and the years of sessions."""
        labels = {}
        for entry_id, treadmill in self.removed.treadmills.items():
            history = self.store(entry_id).history
            years = sorted({record.started.year for record in history})
            walkers = ", ".join(walker.name for walker in treadmill.walkers)
            span = "-".join(map(str, [*years[:1], *years[1:][-1:]]))
            labels[entry_id] = " · ".join(filter(None, [treadmill.name, walkers, span, f"{len(history)}"]))
        return labels

    async def async_treadmill_removed(self, entry: ConfigEntry, unsaved: Iterable[SessionRecord] = ()) -> None:
        """Hand the walkers who are on other treadmills over to these, and keep all sessions, also `unsaved` ones."""
        entry_id, store = entry.entry_id, self.store(entry.entry_id)
        async with self._lock:
            await self._async_load_others()
            if entry_id not in self._loaded:
                await self._async_load([entry_id])
            await self._async_merge()
        for record in unsaved:
            if store.history.get(record.id) is None:
                try:
                    await store.async_add(record)
                except HomeAssistantError:
                    _LOGGER.exception("A session of the removed treadmill %s could not be saved", entry.entry_id)
        self._hand_over(entry)
        walked = {record.walker for record in store.history}
        walkers = tuple(replace(known, removed=True) for known in walkers_on(entry) if known.id in walked)
        if not len(store.history) and not store.unreadable_years:
            await self.async_delete_kept(entry_id)
            return
        virtual = bool(entry.data.get(CONF_VIRTUAL))
        await self.removed.async_add(entry_id, KeptTreadmill(name=entry.title, virtual=virtual, walkers=walkers))

    async def async_delete_kept(self, entry_id: str) -> None:
        """Delete all sessions of a removed treadmill, and what is known of its walkers."""
        async with self._lock:
            await self.store(entry_id).async_delete_all()
            del self._stores[entry_id]
            self._loaded.discard(entry_id)
            self._ahead.discard(entry_id)
            await self._async_merge()
        await self.removed.async_remove(entry_id)
        self.notify()

    @callback
    def _hand_over(self, entry: ConfigEntry) -> None:
        """Hand the devices of a removed treadmill's walkers over to other treadmills, preferably to enabled ones."""
        for walker in walkers_of(entry).values():
            others = sorted(self._subentries(walker.id), key=lambda other: other[0].disabled_by is not None)
            if others:
                heir, subentry = others[0]
                address = walker.first_address or entry.data[CONF_ADDRESS]
                self.bring(heir, Walker.from_subentry(subentry), device_identifier(address, walker.id))
        self.walkers_changed()


def device_identifier(first_address: str, walker_id: str) -> tuple[str, str]:
    """Return the identifier of a walker's device, which no change of treadmills changes."""
    return DOMAIN, f"{first_address}_{walker_id}"


_HOUSEHOLD: HassKey[Household] = HassKey(f"{DOMAIN}_household")


@callback
def async_household(hass: HomeAssistant) -> Household:
    """Return the household, of which there is one."""
    if _HOUSEHOLD not in hass.data:
        hass.data[_HOUSEHOLD] = Household(hass)
    return hass.data[_HOUSEHOLD]


def _merge(histories: Iterable[Iterable[SessionRecord]], tz: tzinfo) -> SessionHistory:
    """Return all sessions; one that is in two files, by a restored backup, counts once."""
    history = SessionHistory({record.id: record for records in histories for record in records}.values())
    history.index(tz)
    return history
