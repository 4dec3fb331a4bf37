"""The WebSocket command of a walker's last six weeks: figures and charts, ready to be shown."""

from collections.abc import Callable
from typing import Any, override

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..data import RetrowalkConfigEntry
from ..training.report.words import Word, Words
from ..walkers.privacy import async_is_own
from ..walkers.report import async_make_trends
from ..walkers.roster import WalkerRoster
from .entry_feed import Message
from .roster_feed import RosterFeed, async_follow


@callback
def async_setup_trends(hass: HomeAssistant) -> None:
    """Register the WebSocket command."""
    async_register_command(hass, _async_trends)


class TrendsFeed(RosterFeed):
    """Sends the last weeks of the walker of a device, to those who may see them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        user: User,
        words: Words,
        send: Callable[[Message], None],
        *,
        device_id: str,
    ) -> None:
        """Initialize the feed of a walker's device."""
        self._device_id = device_id
        super().__init__(hass, entry, user, words, send)

    @override
    async def _async_message(self, roster: WalkerRoster) -> Message:
        device = dr.async_get(self._hass).async_get(self._device_id)
        identifiers = device.identifiers if device else set()
        walker = next((each for each in roster.walkers.values() if roster.identifier(each) in identifiers), None)
        if walker is None:
            return {"html": None}
        if not async_is_own(self._hass, self._user, walker):
            return {"html": None, "said": self._words.text(Word.TREND_PRIVATE, walker=walker.name)}
        return {"html": await async_make_trends(self._hass, roster, walker, self._words)}


@websocket_command(
    {
        vol.Required("type"): "retrowalk/trends",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("language"): str,
    }
)
@async_response
async def _async_trends(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Subscribe to the last six weeks of the walker of a device."""
    await async_follow(hass, connection, msg, TrendsFeed, device_id=msg[ATTR_DEVICE_ID])
