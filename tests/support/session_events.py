"""Session events of every kind, as the session emits them."""

from dataclasses import replace
from typing import Any

from custom_components.retrowalk.training import events
from custom_components.retrowalk.training.events import (
    CommandMismatch,
    EndReason,
    SessionEvent,
    SessionEventKind,
    StopFailure,
)
from custom_components.retrowalk.training.limits import Direction

_WITH_DETAILS = (
    events.ReadyEvent(Direction.BACKWARD),
    events.CountdownEvent(15.0, Direction.BACKWARD),
    events.RiseSoonEvent("speed", 1.0, 2.0, 50.0),
    events.StepChangedEvent("speed", 2.0),
    events.RiseRefusedEvent("speed", 2.0, 1.5),
    events.HalfwayEvent(150),
    events.LastMinuteEvent(),
    events.ManualEvent(),
    events.NobodyOnBeltEvent("steps"),
    events.NotObeyedEvent(CommandMismatch.MILES, "speed"),
    events.GuardEvent("door", stops=True),
    events.DeckLoweringEvent(5.0, 3.0, 0.0),
    events.CoolingDownEvent(EndReason.COMPLETED, 30, 2.0, 1.0),
    events.PausedEvent("console"),
    events.StopFailedEvent(StopFailure.NOT_DELIVERED),
    events.FinishedEvent(EndReason.FINISHED),
    events.StoppedEvent(EndReason.STOPPED),
    events.StartFailedEvent(EndReason.REFUSED),
    events.ExportedEvent(path="/media/walk.fit", format="fit", session_id="01KA9V3Q5W8RZ7D2M4N6P8T0XY", walker="Anna"),
)
SAMPLES: dict[SessionEventKind, SessionEvent] = {kind: SessionEvent(kind) for kind in SessionEventKind} | {
    event.kind: event for event in _WITH_DETAILS
}


def session_event(kind: str, **details: Any) -> SessionEvent:
    """Return an event of this kind, with these details and otherwise the details of the sample."""
    return replace(SAMPLES[SessionEventKind(kind)], **details)
