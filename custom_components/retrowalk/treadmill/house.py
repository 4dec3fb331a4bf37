"""What the house tells of the treadmill: its start guards, whether somebody is on the belt, and the button beside it.

Only hears and passes on; what follows from it the session decides (safety rules S2 and S17).
"""

from datetime import timedelta

from homeassistant.const import STATE_HOME, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..coordinator import RetrowalkConfigEntry, RetrowalkCoordinator

_UNREADABLE = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_AT_HOME = frozenset({"person", Platform.DEVICE_TRACKER})
_FRESH = timedelta(seconds=2)
"""A press that is told later than this was not made now."""
_ONE_PRESS = 2.0
"""Seconds without an event after which the next is another press: many buttons tell press and release, or repeat."""


@callback
def async_watch_house(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """Listen to what the owner picked, until the entry is unloaded; what it says now is passed on at once."""
    coordinator = entry.runtime_data
    options = coordinator.options

    @callback
    def hear(name: str, state: State | None) -> None:
        if name in options.guards:
            coordinator.on_guard(name, on=_is_on(state))
        if name == options.occupancy:
            coordinator.on_occupancy(_is_on(state))

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        hear(event.data["entity_id"], event.data["new_state"])

    watched = {*options.guards, *([options.occupancy] if options.occupancy else [])}
    entry.async_on_unload(async_track_state_change_event(hass, watched, changed))
    for name in watched:
        hear(name, hass.states.get(name))
    if options.confirm_button is not None:
        button = _Button(coordinator)
        entry.async_on_unload(async_track_state_change_event(hass, options.confirm_button, button.async_changed))


class _Button:
    """The button beside the treadmill: whoever presses it is there (S2)."""

    def __init__(self, coordinator: RetrowalkCoordinator) -> None:
        self._coordinator = coordinator
        self._heard = float("-inf")

    async def async_changed(self, event: Event[EventStateChangedData]) -> None:
        """Pass a press on; what was restored or comes into reach again is none."""
        before, after = event.data["old_state"], event.data["new_state"]
        if before is None or after is None or before.state in _UNREADABLE or not _is_pressed(before, after):
            return
        now, heard = self._coordinator.now(), self._heard
        self._heard = now
        if now - heard >= _ONE_PRESS:
            await self._coordinator.async_press_confirm_button()


def _is_pressed(before: State, after: State) -> bool:
    """Whether this change is a press, made now: an event that fired, or a sensor that turned on."""
    if before.state == after.state:
        return False
    if after.domain != Platform.EVENT:
        return before.state == STATE_OFF and after.state == STATE_ON
    fired = dt_util.parse_datetime(after.state)
    return fired is not None and abs(dt_util.utcnow() - fired) <= _FRESH


def _is_on(state: State | None) -> bool | None:
    """Whether a guard is on; for a person or a tracker that is at home. None: it cannot be read."""
    if state is None or state.state in _UNREADABLE:
        return None
    return state.state == (STATE_HOME if state.domain in _AT_HOME else STATE_ON)
