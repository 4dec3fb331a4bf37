"""Entities of the house that a treadmill depends on: guards, an occupancy sensor and a confirm button.

This module only reports their states; the session decides what follows (S2, S17).
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_HOME, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..util import clock_of
from .options import Options

_UNREADABLE = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_AT_HOME = frozenset({"person", Platform.DEVICE_TRACKER})
_FRESH = timedelta(seconds=2)
"""A press that is reported later than this is ignored."""
_ONE_PRESS = 2.0
"""Seconds without an event after which the next is another press: many buttons report press and release, or repeat."""


class HouseSensors:
    """Listens to the entities that the owner selected, and reports their states."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Options,
        *,
        on_guard: Callable[[str, bool | None], None],
        on_occupancy: Callable[[bool | None], None],
        on_confirm: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Initialize the sensors; `on_guard` gets the entity ID and whether it is on, or None if that is unknown."""
        self._hass = hass
        self._options = options
        self._on_guard = on_guard
        self._on_occupancy = on_occupancy
        self._on_confirm = on_confirm
        self._clock = clock_of(hass)
        self._pressed = float("-inf")

    @callback
    def async_watch(self, entry: ConfigEntry) -> None:
        """Listen until the entry is unloaded, and report the present states at once."""
        hass, options = self._hass, self._options
        watched = {*options.guards, *([options.occupancy] if options.occupancy else [])}
        entry.async_on_unload(async_track_state_change_event(hass, watched, self._handle_change))
        for name in watched:
            self._report(name, hass.states.get(name))
        if options.confirm_button is not None:
            button = async_track_state_change_event(hass, options.confirm_button, self._async_button_changed)
            entry.async_on_unload(button)

    @callback
    def _handle_change(self, event: Event[EventStateChangedData]) -> None:
        # What the event carries counts for nothing: whoever may fire events may fire one of a guard, too.
        name = event.data["entity_id"]
        self._report(name, self._hass.states.get(name))

    def _report(self, name: str, state: State | None) -> None:
        if name in self._options.guards:
            self._on_guard(name, _is_on(state))
        if name == self._options.occupancy:
            self._on_occupancy(_is_on(state))

    async def _async_button_changed(self, event: Event[EventStateChangedData]) -> None:
        """Report a press by whoever is there (S2); a restored state or a return from unavailable is none."""
        before, after = event.data["old_state"], event.data["new_state"]
        if not isinstance(before, State) or not isinstance(after, State):
            return  # added or removed; or an event that was fired by hand, which holds no states
        if before.state in _UNREADABLE or not _is_pressed(before, after):
            return
        now, pressed = self._clock.monotonic(), self._pressed
        self._pressed = now
        if now - pressed >= _ONE_PRESS:
            await self._on_confirm()


def _is_pressed(before: State, after: State) -> bool:
    """Return whether a change is a press of this moment: an event that fired, or a sensor that turned on."""
    if before.state == after.state:
        return False
    if after.domain != Platform.EVENT:
        return before.state == STATE_OFF and after.state == STATE_ON
    fired = dt_util.parse_datetime(after.state)
    return fired is not None and abs(dt_util.utcnow() - fired) <= _FRESH


def _is_on(state: State | None) -> bool | None:
    """Return whether a guard is on (a person or tracker: at home), or None if that is unknown."""
    if state is None or state.state in _UNREADABLE:
        return None
    return state.state == (STATE_HOME if state.domain in _AT_HOME else STATE_ON)
