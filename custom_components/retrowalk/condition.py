"""Conditions for a treadmill and for a walker."""

from typing import override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_ON, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.condition import Condition, EntityStateConditionBase

from .data import RetrowalkConfigEntry
from .machine.bluetooth.link_state import LinkState
from .targets import BINARY_SENSORS, SENSORS, TREADMILL, WALKER, OwnEntitiesMixin, TargetEntity
from .training.limits import Direction
from .training.states import AT_REST, SessionState

_WALKING: set[str | bool] = {*SessionState} - AT_REST - {SessionState.PAUSED, SessionState.CHECKING}
"""States in which someone is on a belt that moves or may move, including starts, stops and lost links (S10)."""
_READY: set[str | bool] = {SessionState.READY}
_CONNECTED: set[str | bool] = {LinkState.CONNECTED}
_REACHED: set[str | bool] = {STATE_ON}


class SessionStateCondition(OwnEntitiesMixin, EntityStateConditionBase):
    """Condition for the state of a session."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="session_state", siblings=TREADMILL)
    _domain_specs = SENSORS


class IsWalkingCondition(SessionStateCondition):
    """Condition for someone who walks in any direction."""

    _states = _WALKING


class IsWalkingBackwardCondition(IsWalkingCondition):
    """Condition for someone who walks backward; the direction cannot change during a session."""

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        return super().is_valid_state(entity_state) and self._faces_backward(entity_state.entity_id)

    def _faces_backward(self, entity_id: str) -> bool:
        registered = er.async_get(self._hass).async_get(entity_id)
        entry_id = None if registered is None else registered.config_entry_id
        entry: RetrowalkConfigEntry | None = self._hass.config_entries.async_get_entry(entry_id or "")
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return False
        return entry.runtime_data.coordinator.data.direction is Direction.BACKWARD


class SessionIsReadyCondition(SessionStateCondition):
    """Condition for a session that waits for a person's confirmation."""

    _states = _READY


class TreadmillIsConnectedCondition(OwnEntitiesMixin, EntityStateConditionBase):
    """Condition for a treadmill with a Bluetooth connection."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="connection", siblings=TREADMILL)
    _domain_specs = SENSORS
    _states = _CONNECTED


class GoalIsReachedCondition(OwnEntitiesMixin, EntityStateConditionBase):
    """Condition for a walker who has reached today's goal."""

    _wanted = TargetEntity(domain=Platform.BINARY_SENSOR, key="goal_reached", siblings=WALKER)
    _domain_specs = BINARY_SENSORS
    _states = _REACHED


CONDITIONS: dict[str, type[Condition]] = {
    "is_walking": IsWalkingCondition,
    "is_walking_backward": IsWalkingBackwardCondition,
    "session_is_ready": SessionIsReadyCondition,
    "treadmill_is_connected": TreadmillIsConnectedCondition,
    "goal_is_reached": GoalIsReachedCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of this integration."""
    return CONDITIONS
