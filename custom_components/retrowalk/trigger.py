"""Triggers for a treadmill and for a walker."""

from typing import ClassVar, override

from homeassistant.components.event import EventEntityStateAttribute
from homeassistant.const import STATE_ON, Platform, UnitOfSpeed
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.trigger import (
    EntityNumericalStateCrossedThresholdTriggerWithUnitBase,
    EntityTargetStateTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
)
from homeassistant.util.unit_conversion import SpeedConverter

from .targets import BINARY_SENSORS, EVENTS, SENSORS, TREADMILL, WALKER, OwnEntitiesMixin, TargetEntity
from .training.events import SessionEventKind

_REACHED = {STATE_ON}


class EventTrigger(OwnEntitiesMixin, StatelessEntityTriggerBase):
    """Trigger for one of our event entities."""

    _domain_specs = EVENTS
    _event_types: ClassVar[frozenset[str]]

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        return state.attributes.get(EventEntityStateAttribute.EVENT_TYPE) in self._event_types


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


class SpeedCrossedThresholdTrigger(OwnEntitiesMixin, EntityNumericalStateCrossedThresholdTriggerWithUnitBase):
    """Trigger for a belt speed that crosses a threshold."""

    _wanted = TargetEntity(domain=Platform.SENSOR, key="speed")
    _domain_specs = SENSORS
    _base_unit = UnitOfSpeed.KILOMETERS_PER_HOUR
    _unit_converter = SpeedConverter


TRIGGERS: dict[str, type[Trigger]] = {
    "session_started": _session(SessionEventKind.STARTED),
    "session_halfway": _session(SessionEventKind.HALFWAY),
    # The session was given up because the belt was not heard for long, so the belt may still move.
    "session_finished": _session(SessionEventKind.FINISHED, reason="interrupted"),
    "session_stopped": _session(SessionEventKind.STOPPED),
    "session_interrupted": _session(SessionEventKind.INTERRUPTED),
    "session_exported": _session(SessionEventKind.EXPORTED),
    # The same event also announces a rise of the deck.
    "about_to_speed_up": _session(SessionEventKind.SPEED_UP_SOON, what="incline"),
    "speed_crossed_threshold": SpeedCrossedThresholdTrigger,
    "goal_reached": GoalReachedTrigger,
    "reminder_due": ReminderDueTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of this integration."""
    return TRIGGERS
