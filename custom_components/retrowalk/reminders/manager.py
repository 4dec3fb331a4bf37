"""The manager of the reminders of one treadmill's walkers: passes events on to them and stores their memory."""

import logging
from collections.abc import Callable
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from ..storage.damage import DAMAGE_ERRORS
from ..storage.journal import Journal
from ..training.coaching.reminder_memory import ReminderMemory
from ..walkers.walker import Walker
from .issues import ReminderIssues
from .reminder import Reminder
from .view import TreadmillView

_LOGGER = logging.getLogger(__name__)

SIGNAL_REMINDERS: Final = "retrowalk_reminders"
"""The dispatcher's signal that something is remembered: a reminder has come, or was answered."""
_TAPPED: Final = "mobile_app_notification_action"
_SWIPED: Final = "mobile_app_notification_cleared"


class ReminderManager:
    """Manage the reminders of one treadmill's walkers, and store what they need after a restart."""

    def __init__(self, hass: HomeAssistant, treadmill: TreadmillView) -> None:
        self.hass = hass
        self.entry = treadmill.entry
        self._treadmill = treadmill
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
        entry, hass, treadmill = self.entry, self.hass, self._treadmill
        entry.async_on_unload(treadmill.roster.async_add_listener(self._walkers_changed))
        entry.async_on_unload(treadmill.async_add_listener(self._treadmill_changed))
        entry.async_on_unload(hass.bus.async_listen(_TAPPED, self._async_handle_tap))
        entry.async_on_unload(hass.bus.async_listen(_SWIPED, self._handle_swipe))
        entry.async_on_unload(self._stop)
        entry.async_on_unload(async_at_started(hass, self._start))

    async def async_dashboard_path(self) -> str | None:
        """Return the path of the dashboard that messages open."""
        return await self._treadmill.async_dashboard_path()

    @callback
    def reminder_of(self, walker: Walker) -> Reminder:
        """Return the reminder of a walker."""
        if walker.id not in self._reminders:
            memory = _read_memory(self._stored.get(walker.id))
            if memory is None:
                # Stored under another key, so that the new memory does not overwrite it.
                self.damaged.append(walker.name)
                self._stored[f"{walker.id} unreadable"] = self._stored.pop(walker.id)
            self._reminders[walker.id] = Reminder(
                self.hass, walker, memory or ReminderMemory(), self._treadmill, save=self.save
            )
        return self._reminders[walker.id]

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
        for reminder in self._reminders.values():
            reminder.stop()
        if self._stop_watching is not None:
            self._stop_watching()

    @callback
    def _walkers_changed(self) -> None:
        """Handle added, changed and removed walkers, a finished session, and the begin of a day."""
        if not self.running:
            return
        walkers = self._treadmill.roster.walkers
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
        self._stop_watching = async_track_state_change_event(self.hass, persons, self._evaluate_all)

    @callback
    def _treadmill_changed(self) -> None:
        in_use = self._treadmill.in_use()
        if self._in_use != in_use:
            self._in_use = in_use
            self._evaluate_all()

    @callback
    def _evaluate_all(self, _: Event[Any] | None = None) -> None:
        if self.running:
            for reminder in self._reminders.values():
                reminder.evaluate()

    async def _async_handle_tap(self, event: Event) -> None:
        """Handle a tapped button of a message; buttons of older messages are ignored."""
        for reminder in [*self._reminders.values()]:
            await reminder.async_handle_action(str(event.data.get("action")), event.context)

    @callback
    def _handle_swipe(self, event: Event) -> None:
        """Handle a message that was swiped away, which shows that somebody has seen it."""
        for reminder in self._reminders.values():
            if event.data.get("tag") == reminder.tag:
                reminder.mark_answered()


async def async_forget_reminders(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove everything that is stored of an entry's reminders."""
    await _journal(hass, entry).async_clear()
    for subentry_id in entry.subentries:
        ReminderIssues(hass, entry, subentry_id).clear()


def _journal(hass: HomeAssistant, entry: ConfigEntry) -> Journal:
    return Journal(hass, entry.entry_id, "reminders")


def _read_memory(stored: Any) -> ReminderMemory | None:
    """Return the stored memory of a reminder, or None if it is damaged."""
    try:
        return ReminderMemory() if stored is None else ReminderMemory.from_dict(stored)
    except DAMAGE_ERRORS:
        _LOGGER.exception("Could not read the memory of a reminder")
        return None
