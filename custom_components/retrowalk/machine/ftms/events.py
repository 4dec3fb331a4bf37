"""What Machine Status (2ADA) means as an event, and which procedure an event answers."""

from ..model import MachineEvent, MachineEventKind
from . import const
from .codec import MachineStatus, encode_start, encode_target_inclination, encode_target_speed
from .const import StatusCode

_EVENTS = {
    StatusCode.RESET: MachineEventKind.RESET,
    StatusCode.STOPPED_BY_SAFETY_KEY: MachineEventKind.SAFETY_KEY,
    StatusCode.STARTED_OR_RESUMED_BY_USER: MachineEventKind.STARTED,
    StatusCode.TARGET_SPEED_CHANGED: MachineEventKind.SPEED_CHANGED,
    StatusCode.TARGET_INCLINE_CHANGED: MachineEventKind.INCLINE_CHANGED,
    StatusCode.CONTROL_PERMISSION_LOST: MachineEventKind.CONTROL_LOST,
}


def event_of(status: MachineStatus) -> MachineEvent | None:
    """Return the event that a status reports; None where it reports nothing that we know."""
    if status.code is StatusCode.STOPPED_OR_PAUSED_BY_USER:
        paused = status.value == const.PAUSE
        return MachineEvent(MachineEventKind.PAUSED if paused else MachineEventKind.STOPPED)
    if status.code is None:
        return None
    return MachineEvent(_EVENTS[status.code], status.value)


def procedure_of(event: MachineEvent) -> bytes | None:
    """Return the procedure that a machine which reports this has carried out."""
    match event:
        case MachineEvent(MachineEventKind.STARTED):
            return encode_start()
        case MachineEvent(MachineEventKind.SPEED_CHANGED, float() | int() as speed):
            return encode_target_speed(speed)
        case MachineEvent(MachineEventKind.INCLINE_CHANGED, float() | int() as incline):
            return encode_target_inclination(incline)
    return None
