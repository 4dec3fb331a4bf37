"""What the feeds of the dashboard's smaller cards share: they follow an entry, and outlive its reload."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND, ERR_UNAUTHORIZED
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange, ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..data import RetrowalkConfigEntry
from ..training.report.words import Words
from ..walkers.roster import WalkerRoster
from ..walkers.words import async_words
from .access import async_entry_of, async_may_read

type Message = dict[str, Any]


class RosterFeed(ABC):
    """Sends a message of a treadmill's walkers and sessions whenever it has changed; it is built beside the loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        user: User,
        words: Words,
        send: Callable[[Message], None],
    ) -> None:
        """Initialize the feed of a user's card; `words` are in the user's language."""
        self._hass = hass
        self._entry = entry
        self._user = user
        self._words = words
        self._send = send
        self._last_message: Message = {}
        self._due = False
        self._building = False
        self._stop_listening: Callable[[], None] | None = None
        self._stop_following = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        self._attach()

    @abstractmethod
    async def _async_message(self, roster: WalkerRoster) -> Message:
        """Return the message as it is now."""

    @callback
    def close(self) -> None:
        """Stop the feed."""
        self._stop_following()
        self._detach()

    @callback
    def _entry_changed(self, _: ConfigEntryChange, entry: RetrowalkConfigEntry) -> None:
        if entry.entry_id == self._entry.entry_id:
            self._attach()

    @callback
    def _attach(self) -> None:
        """Listen to the walkers of the entry, which are new objects after a reload."""
        self._detach()
        if self._entry.state is ConfigEntryState.LOADED:
            roster = self._entry.runtime_data.coordinator.roster
            self._stop_listening = roster.async_add_listener(self._update)
            self._update()

    @callback
    def _detach(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def _update(self) -> None:
        """Build the message anew, one at a time: of many changes in a moment only the last one matters (S3)."""
        self._due = True
        if not self._building:
            name = f"Retrowalk tells the dashboard what was walked on {self._entry.title}"
            self._building = True
            self._entry.async_create_background_task(self._hass, self._async_build(), name)

    async def _async_build(self) -> None:
        try:
            while self._due and self._stop_listening is not None:
                self._due = False
                message = await self._async_message(self._entry.runtime_data.coordinator.roster)
                if message != self._last_message and self._stop_listening is not None:
                    self._last_message = message
                    self._send(message)
        finally:
            self._building = False


async def async_follow(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: Message,
    feed: Callable[..., RosterFeed],
    **more: Any,
) -> None:
    """Answer a command that subscribes to a feed of a device's treadmill, which takes the permission to read it."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None:
        connection.send_error(msg["id"], ERR_NOT_FOUND, "There is no such treadmill")
        return
    if not async_may_read(hass, connection.user, entry):
        connection.send_error(msg["id"], ERR_UNAUTHORIZED, "Unauthorized")
        return
    words = await async_words(hass, msg.get("language"))
    connection.send_result(msg["id"])

    @callback
    def send(message: Message) -> None:
        connection.send_event(msg["id"], message)

    connection.subscriptions[msg["id"]] = feed(hass, entry, connection.user, words, send, **more).close
