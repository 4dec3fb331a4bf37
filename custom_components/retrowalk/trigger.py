"""Triggers for a treadmill and for a walker."""

from collections.abc import Set as AbstractSet
from typing import Final, override

import voluptuous as vol
from homeassistant.components.event import EventEntityStateAttribute
from homeassistant.const import CONF_OPTIONS, STATE_ON, Platform, UnitOfSpeed
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    EntityNumericalStateCrossedThresholdTriggerWithUnitBase,
    EntityOriginStateTriggerBase,
    EntityTargetStateTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerConfig,
)
from homeassistant.util.unit_conversion import SpeedConverter

from .machine.bluetooth.link_state import LinkState
from .targets import BINARY_SENSORS, EVENTS, SENSORS, TREADMILL, WALKER, OwnEntitiesMixin, TargetEntity
from .training.events import SessionEventKind

_EVENT_TYPE: Final = "event_type"
_REACHED = {STATE_ON}
_CONNECTED: set[str] = {LinkState.CONNECTED}


class EventTrigger(OwnEntitiesMixin, StatelessEntityTriggerBase):
    """Trigger for one of our event entities."""

    _domain_specs = EVENTS
    _event_types: AbstractSet[str]

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        return state.attributes.get(EventEntityStateAttribute.EVENT_TYPE) in self._event_types


class SessionEventTrigger(EventTrigger):
    """Trigger for the kinds of session events that the user chooses."""

    _wanted = TargetEntity(domain=Platform.EVENT, key="session", siblings=TREADMILL)
    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {
            vol.Required(CONF_OPTIONS): {
                vol.Required(_EVENT_TYPE): vol.All(
                    cv.ensure_list, vol.Length(min=1), [vol.In([kind.value for kind in SessionEventKind])]
                )
            }
        }
    )

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._event_types = {*self._options[_EVENT_TYPE]}


def _session(kind: SessionEventKind, **other: str) -> type[Trigger]:
    """Return a trigger for a kind of session event, except for events with one of these attributes."""

    class SessionTrigger(EventTrigger):
        _wanted = TargetEntity(domain=Platform.EVENT, key="session", siblings=TREADMILL)
        _event_types = frozenset({kind.value})

        @override
        def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
            if any(state.attributes.get(name) == value for name, value in other.items()):
                return False
            return super().is_valid_state(state, report_not_triggered)

    return SessionTrigger


class ReminderDueTrigger(EventTrigger):
    """Trigger for a walker's reminder, or for the comeback reminder that replaces it after two missed days."""

    _wanted = TargetEntity(domain=Platform.EVENT, key="reminder", siblings=WALKER)
    _event_types = frozenset({"due", "comeback"})


class GoalReachedTrigger(OwnEntitiesMixin, EntityTargetStateTriggerBase):
    """Trigger for a walker who reaches today's goal."""

    _wanted = TargetEntity(domain=Platform.BINARY_SENSOR, key="goal_reached", siblings=WALKER)
    _domain_specs = BINARY_SENSORS
    _to_states = _REACHED


class TreadmillConnectedTrigger(OwnEntitiesMixin, EntityTargetStateTriggerBase):
    """Trigger for a Bluetooth connection."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="connection", siblings=TREADMILL)
    _domain_specs = SENSORS
    _to_states = _CONNECTED


class TreadmillDisconnectedTrigger(OwnEntitiesMixin, EntityOriginStateTriggerBase):
    """Trigger for a Bluetooth connection that was lost or released."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="connection", siblings=TREADMILL)
    _domain_specs = SENSORS
    _from_state = LinkState.CONNECTED


class SpeedCrossedThresholdTrigger(OwnEntitiesMixin, EntityNumericalStateCrossedThresholdTriggerWithUnitBase):
    """Trigger for a belt speed that crosses a threshold."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="speed")
    _domain_specs = SENSORS
    _base_unit = UnitOfSpeed.KILOMETERS_PER_HOUR
    _unit_converter = SpeedConverter


TRIGGERS: dict[str, type[Trigger]] = {
    "session_ready": _session(SessionEventKind.READY),
    "countdown_started": _session(SessionEventKind.COUNTDOWN),
    "session_started": _session(SessionEventKind.STARTED),
    "start_failed": _session(SessionEventKind.START_FAILED),
    # The same event also announces a rise of the deck.
    "about_to_speed_up": _session(SessionEventKind.SPEED_UP_SOON, what="incline"),
    "session_halfway": _session(SessionEventKind.HALFWAY),
    "session_paused": _session(SessionEventKind.PAUSED),
    "session_resumed": _session(SessionEventKind.RESUMED),
    # The session was given up because the belt was not heard for long, so the belt may still move.
    "session_finished": _session(SessionEventKind.FINISHED, reason="interrupted"),
    "session_stopped": _session(SessionEventKind.STOPPED),
    "session_interrupted": _session(SessionEventKind.INTERRUPTED),
    "stop_failed": _session(SessionEventKind.STOP_FAILED),
    "safety_key_pulled": _session(SessionEventKind.SAFETY_KEY),
    "session_exported": _session(SessionEventKind.EXPORTED),
    "session_event": SessionEventTrigger,
    "speed_crossed_threshold": SpeedCrossedThresholdTrigger,
    "treadmill_connected": TreadmillConnectedTrigger,
    "treadmill_disconnected": TreadmillDisconnectedTrigger,
    "goal_reached": GoalReachedTrigger,
    "reminder_due": ReminderDueTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of this integration."""
    return TRIGGERS
