"""The base of the feeds: it listens to what an entry keeps at run time, which is new after each reload."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry

type Message = dict[str, Any]
type Unsubscribe = Callable[[], None]


class EntryFeed(ABC):
    """Tell one card about a treadmill for as long as it listens; it outlives a reload of the entry.

    A subclass says in `_listen` what it listens to, and calls `_tell` with its messages. It calls `_attach` itself,
    at the end of its own `__init__`.
    """

    def __init__(self, hass: HomeAssistant, entry: RetrowalkConfigEntry, send: Callable[[Message], None]) -> None:
        """Initialize the feed; `send` is called with each message."""
        self._hass = hass
        self._entry = entry
        self._send = send
        self._last_message: Message = {}
        self._coordinator: RetrowalkCoordinator | None = None
        self._unsubscribe: list[Unsubscribe] = []
        self._stop_following = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)

    @abstractmethod
    def _listen(self, coordinator: RetrowalkCoordinator) -> list[Unsubscribe]:
        """Listen to the entry's coordinator and what belongs to it; what is returned ends that."""

    @abstractmethod
    def _changed(self, coordinator: RetrowalkCoordinator) -> None:
        """Tell what follows from a change, or from a coordinator that is new."""

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
        """Listen to the entry's coordinator, unless it is the same still."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return
        coordinator = self._entry.runtime_data.coordinator
        if coordinator is self._coordinator:
            return
        self._detach()
        self._coordinator = coordinator
        self._unsubscribe = self._listen(coordinator)
        self._last_message = {}
        self._changed(coordinator)

    @callback
    def _detach(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe, self._coordinator = [], None

    @callback
    def _tell(self, message: Message, **clock: Any) -> None:
        """Send a message if it differs from the last one; `clock` goes with it, but is no difference."""
        if message != self._last_message:
            self._last_message = message
            self._send({**message, **clock})
