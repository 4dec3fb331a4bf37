"""Whether a browser still shows the progress of a dialog: not every dialog that is closed is deleted.

Home Assistant's page (2026.10 and 2026.11) deletes no dialog that follows another one, as after a set-up and from a
repair, and a closed tab or a phone without power deletes none at all.
"""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED

from ..util import clock_of

_LEFT_AFTER: Final = 2.0
"""Seconds without any page that shows progress; one that has lost its connection is back sooner."""


class Watched:
    """Tells when the pages that showed progress are gone; where none was seen, nothing is known of any."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize; nobody was seen yet."""
        self._hass = hass
        self._seen: float | None = None

    def is_left(self) -> bool:
        """Look, and return whether nobody watches any more."""
        now = clock_of(self._hass).monotonic()
        # A page listens for it from the first progress that it shows until its dialog is closed.
        if self._hass.bus.async_listeners().get(EVENT_DATA_ENTRY_FLOW_PROGRESSED):
            self._seen = now
        return self._seen is not None and now - self._seen >= _LEFT_AFTER
