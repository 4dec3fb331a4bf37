"""The manager of the reminders of one treadmill's walkers: passes events on to them and stores their memory."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage.damage import DAMAGE_ERRORS
from ..storage.journal import Journal
from ..training.coaching.reminder_memory import ReminderMemory
from ..walkers.household import async_household
from ..walkers.walker import Walker, walkers_of
from .issues import ReminderIssues
from .reminder import Reminder
from .settings import async_is_theirs
from .view import Place, TreadmillView

_LOGGER = logging.getLogger(__name__)

SIGNAL_REMINDERS: Final = "retrowalk_reminders"
"""The dispatcher's signal that something is remembered: a reminder has come, or was answered."""
_TAPPED: Final = "mobile_app_notification_action"
_SWIPED: Final = "mobile_app_notification_cleared"


_MANAGERS: HassKey[dict[str, ReminderManager]] = HassKey(f"{DOMAIN}_reminders")
"""The managers of the loaded treadmills, by entry ID."""
_HANDED_OVER: HassKey[dict[str, Any]] = HassKey(f"{DOMAIN}_reminders_handed_over")
"""By walker ID, what the reminders of a removed treadmill have stored, for the treadmill that now has the walker."""


class ReminderManager:
    """Manage the reminders of one treadmill's walkers, and store what they need after a restart."""

    def __init__(self, hass: HomeAssistant, treadmill: TreadmillView) -> None:
        self.hass = hass
        self.entry = treadmill.entry
        self.treadmill = treadmill
        self._journal = _journal(self.hass, self.entry)
        self._reminders: dict[str, Reminder] = {}
        self._stored: dict[str, Any] = {}
        self._stop_watching: Callable[[], None] | None = None
        self._persons: set[str] = set()
        self._in_use = False
        self.running = False
        self.damaged: list[str] = []
        """Names of the walkers whose reminders lost their memory, and of the file if it is unreadable."""

    async def async_load(self) -> None:
        """Load the stored memory of the reminders."""
        self._stored = await self._journal.async_load() or {}
        if self._journal.damaged:
            self.damaged.append(self._journal.file_name)

    @callback
    def async_start(self) -> None:
        """Start the reminders once Home Assistant has started and knows who is at home."""
        entry, hass, treadmill = self.entry, self.hass, self.treadmill
        hass.data.setdefault(_MANAGERS, {})[entry.entry_id] = self
        entry.async_on_unload(treadmill.roster.async_add_listener(self._walkers_changed))
        entry.async_on_unload(treadmill.async_add_listener(self._treadmill_changed))
        entry.async_on_unload(hass.bus.async_listen(_TAPPED, self._async_handle_tap))
        entry.async_on_unload(hass.bus.async_listen(_SWIPED, self._async_handle_swipe))
        entry.async_on_unload(self._stop)
        entry.async_on_unload(async_at_started(hass, self._start))

    async def async_dashboard_path(self) -> str | None:
        """Return the path of the dashboard that messages open."""
        return await self.treadmill.async_dashboard_path()

    @callback
    def reminder_of(self, walker: Walker) -> Reminder:
        """Return the reminder of a walker, who has one in the house, however many treadmills."""
        if walker.id not in self.treadmill.roster.hosted:
            for other in self._others():
                if walker.id in other.treadmill.roster.hosted:
                    return other.reminder_of(walker)
        if walker.id not in self._reminders:
            if (handed_over := self.hass.data.get(_HANDED_OVER, {}).pop(walker.id, None)) is not None:
                self._stored[walker.id] = handed_over
            place = Place(partial(self._choose, walker.id))
            memory = _read_memory(self._stored.get(walker.id))
            if memory is None:
                # Stored under another key, so that the new memory does not overwrite it.
                self.damaged.append(walker.name)
                self._stored[f"{walker.id} unreadable"] = self._stored.pop(walker.id)
            self._reminders[walker.id] = Reminder(
                self.hass, walker, memory or ReminderMemory(), self.treadmill, place, save=self.save
            )
        return self._reminders[walker.id]

    def treadmill_of(self, walker: Walker) -> TreadmillView:
        """Return the treadmill that a walker is reminded to walk on."""
        return self._choose(walker.id)[0]

    def _others(self) -> list[ReminderManager]:
        return [manager for manager in self.hass.data.get(_MANAGERS, {}).values() if manager is not self]

    def _choose(self, walker_id: str) -> tuple[TreadmillView, bool]:
        """Return the treadmill that somebody is reminded to walk on, and whether they use one of theirs now.

        It is the one they walked on last, but rather a real one than a virtual one.
        """
        own = self.treadmill
        views = [own, *(other.treadmill for other in self._others())]
        views = [view for view in views if walker_id in view.roster.walkers]
        last = own.roster.last_treadmill(walker_id)
        chosen = max(views, key=lambda view: (not view.virtual, view.entry.entry_id == last), default=own)
        return chosen, chosen.in_use() or any(view.is_used_by(walker_id) for view in views)

    @callback
    def save(self) -> None:
        """Save the memory of every reminder."""
        self._stored |= {walker_id: reminder.memory.as_dict() for walker_id, reminder in self._reminders.items()}
        self.entry.async_create_task(self.hass, self._journal.async_save({**self._stored}), "Retrowalk save reminders")
        async_dispatcher_send(self.hass, SIGNAL_REMINDERS)

    @callback
    def _start(self, _: HomeAssistant) -> None:
        self.running = True
        self._walkers_changed()

    @callback
    def _stop(self) -> None:
        self.running = False
        self.hass.data[_MANAGERS].pop(self.entry.entry_id, None)
        for reminder in self._reminders.values():
            reminder.stop()
        if self._stop_watching is not None:
            self._stop_watching()

    @callback
    def _walkers_changed(self) -> None:
        """Handle added, changed and removed walkers, a finished session, and the begin of a day."""
        if not self.running:
            return
        roster = self.treadmill.roster
        walkers = {walker_id: roster.walkers[walker_id] for walker_id in roster.walkers if walker_id in roster.hosted}
        for walker_id in [*self._reminders]:
            if walker_id not in walkers:
                self._reminders.pop(walker_id).forget()
                self._stored.pop(walker_id, None)
                self.save()
        self._watch_persons({walker.person for walker in walkers.values() if walker.person})
        for walker in walkers.values():
            self.reminder_of(walker).update_walker(walker)

    def _watch_persons(self, persons: set[str]) -> None:
        """Track the states of these persons."""
        if persons == self._persons:
            return
        self._persons = persons
        if self._stop_watching is not None:
            self._stop_watching()
        self._stop_watching = async_track_state_change_event(self.hass, persons, self.evaluate_all)

    @callback
    def _treadmill_changed(self) -> None:
        in_use = self.treadmill.in_use()
        if self._in_use != in_use:
            self._in_use = in_use
            self.evaluate_all()
            for other in self._others():  # whose reminders may wait for somebody who is on this treadmill
                other.evaluate_all()

    @callback
    def evaluate_all(self, _: Event[Any] | None = None) -> None:
        """Evaluate all reminders: a person came or went, or a treadmill is in use or no longer."""
        if self.running:
            for reminder in self._reminders.values():
                reminder.evaluate()

    async def _async_handle_tap(self, event: Event) -> None:
        """Handle a tapped button of a message; buttons of older messages are ignored."""
        for reminder in [*self._reminders.values()]:
            await reminder.async_handle_action(str(event.data.get("action")), event.context)

    async def _async_handle_swipe(self, event: Event) -> None:
        """Handle a message that was swiped away, which shows that somebody whom it is for has seen it."""
        for reminder in [*self._reminders.values()]:
            if event.data.get("tag") != reminder.tag:
                continue
            if await async_is_theirs(self.hass, event.context, reminder.walker, reminder.target):
                reminder.mark_answered()


async def async_forget_reminders(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove everything that is stored of an entry's reminders, and hand over what another treadmill needs."""
    journal = _journal(hass, entry)
    stored = await journal.async_load() or {}
    for walker_id in walkers_of(entry):
        if walker_id in stored and async_household(hass).treadmills_of(walker_id):
            hass.data.setdefault(_HANDED_OVER, {})[walker_id] = stored[walker_id]
        ReminderIssues(hass, entry, walker_id).clear()
    await journal.async_clear()


def _journal(hass: HomeAssistant, entry: ConfigEntry) -> Journal:
    return Journal(hass, entry.entry_id, "reminders")


def _read_memory(stored: Any) -> ReminderMemory | None:
    """Return the stored memory of a reminder, or None if it is damaged."""
    try:
        return ReminderMemory() if stored is None else ReminderMemory.from_dict(stored)
    except DAMAGE_ERRORS:
        _LOGGER.exception("Could not read the memory of a reminder")
        return None
