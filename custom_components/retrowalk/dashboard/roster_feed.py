"""What the feeds of past sessions and of six weeks share: a message that is built beside the event loop."""

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, override

from homeassistant.auth.models import User
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND, ERR_UNAUTHORIZED
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback

from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry
from ..training.report.words import Words
from ..walkers.roster import WalkerRoster
from ..walkers.words import async_words
from .access import async_entry_of, async_may_read
from .entry_feed import EntryFeed, Message, Unsubscribe


class RosterFeed(EntryFeed):
    """Sends a message of a treadmill's walkers and sessions whenever it has changed."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        user: User,
        words: Words,
        send: Callable[[Message], None],
    ) -> None:
        """Initialize the feed of a user's card; `words` are in the user's language."""
        super().__init__(hass, entry, send)
        self._user = user
        self._words = words
        self._due = False
        self._building = False
        self._attach()

    @abstractmethod
    async def _async_message(self, roster: WalkerRoster) -> Message:
        """Return the message as it is now."""

    @override
    def _listen(self, coordinator: RetrowalkCoordinator) -> list[Unsubscribe]:
        return [coordinator.roster.async_add_listener(partial(self._changed, coordinator))]

    @override
    @callback
    def _changed(self, coordinator: RetrowalkCoordinator) -> None:
        """Build the message anew, one at a time: of many changes in a moment only the last one matters (S3)."""
        self._due = True
        if not self._building:
            name = f"Retrowalk tells the dashboard what was walked on {self._entry.title}"
            self._building = True
            self._entry.async_create_background_task(self._hass, self._async_build(), name)

    async def _async_build(self) -> None:
        try:
            while self._due and self._coordinator is not None:
                self._due = False
                message = await self._async_message(self._coordinator.roster)
                if self._coordinator is not None:
                    self._tell(message)
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
