"""Bytes to values and back for a treadmill's Fitness Machine Service (FTMS 1.0).

Pure functions. Whatever a machine sends, a decoder raises nothing: it keeps what it understands and returns None for
the rest. What we send is ours to get right: an encoder raises ValueError for a value that does not fit its field.
"""

from dataclasses import dataclass
from enum import IntEnum

from ..model import ValueRange
from .const import PAUSE, STOP, MachineFeature, OpCode, ResultCode, StatusCode, TargetFeature, TrainingStatusCode
from .treadmill_data import RecordMerger, TreadmillData, decode_treadmill_data

__all__ = [
    "ControlResponse",
    "Features",
    "MachineStatus",
    "RecordMerger",
    "TrainingStatus",
    "TreadmillData",
    "decode_control_response",
    "decode_features",
    "decode_inclination_range",
    "decode_machine_status",
    "decode_speed_range",
    "decode_training_status",
    "decode_treadmill_data",
    "encode_pause",
    "encode_request_control",
    "encode_start",
    "encode_stop",
    "encode_target_inclination",
    "encode_target_speed",
]

_DEFAULT_SPEED_STEP = 0.1  # km/h
_DEFAULT_INCLINATION_STEP = 0.5  # %


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """What the machine reports to be doing (2AD3, section 4.10); all None for an empty message."""

    code: TrainingStatusCode | None  # OTHER for a status that the standard does not know
    raw: int | None  # the code as it came
    text: str | None  # the machine's text; the beginning of it if it announces a long one


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """Something that happened at the machine (2ADA, section 4.17).

    `value` is STOP or PAUSE for STOPPED_OR_PAUSED_BY_USER (a machine may send another number), km/h for
    TARGET_SPEED_CHANGED, percent for TARGET_INCLINE_CHANGED, else None.
    """

    code: StatusCode | None  # None for an event that no treadmill should send, and for an empty message
    raw: int | None  # the code as it came
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What the machine claims to report, and which targets it claims to accept (2ACC, section 4.3)."""

    machine: MachineFeature
    target: TargetFeature | None  # None if the message ends before this word


@dataclass(frozen=True, slots=True)
class ControlResponse:
    """The answer to a control point procedure (2AD9, section 4.16); a plain int where the standard has no name."""

    op_code: OpCode | int | None  # the procedure that was asked for; None if this is no response
    result: ResultCode | int | None


def decode_training_status(data: bytes) -> TrainingStatus:
    """Read Training Status (2AD3, FTMS 1.0 section 4.10): flags, a code and perhaps a text."""
    if len(data) < 2:
        return TrainingStatus(None, None, None)
    flags, raw = data[0], data[1]
    has_text = flags & 0b11  # a text, or the beginning of a long one
    text = data[2:].decode(errors="replace").strip("\0 ") if has_text else ""
    code = TrainingStatusCode(raw) if raw in TrainingStatusCode else TrainingStatusCode.OTHER
    return TrainingStatus(code, raw, text or None)


def decode_machine_status(data: bytes) -> MachineStatus:
    """Read Fitness Machine Status (2ADA, FTMS 1.0 section 4.17): a code and perhaps a parameter."""
    if not data:
        return MachineStatus(None, None)
    raw = data[0]
    if raw not in StatusCode:
        return MachineStatus(None, raw)
    code = StatusCode(raw)
    value: float | None = None
    if code is StatusCode.STOPPED_OR_PAUSED_BY_USER and len(data) >= 2:
        value = data[1]
    elif code is StatusCode.TARGET_SPEED_CHANGED and len(data) >= 3:
        value = _u16(data, 1) / 100
    elif code is StatusCode.TARGET_INCLINE_CHANGED and len(data) >= 3:
        value = _s16(data, 1) / 10
    return MachineStatus(code, raw, value)


def decode_features(data: bytes) -> Features:
    """Read Fitness Machine Feature (2ACC, FTMS 1.0 section 4.3); of a cut word, the missing bits count as not set."""
    return Features(
        MachineFeature(int.from_bytes(data[:4], "little")),
        TargetFeature(int.from_bytes(data[4:8], "little")) if len(data) > 4 else None,
    )


def decode_control_response(data: bytes) -> ControlResponse:
    """Read a control point indication (2AD9, FTMS 1.0 section 4.16.2.22); None for what is missing or no response."""
    if len(data) < 2 or data[0] != OpCode.RESPONSE:
        return ControlResponse(None, None)
    return ControlResponse(_named(OpCode, data[1]), _named(ResultCode, data[2]) if len(data) > 2 else None)


def decode_speed_range(data: bytes) -> ValueRange | None:
    """Read Supported Speed Range (2AD4, FTMS 1.0 section 4.11) in km/h; None if short or without sense."""
    if len(data) < 6:
        return None
    minimum, maximum, step = (_u16(data, start) for start in (0, 2, 4))
    # A step that leads out of the range tells as little as none; the check run measures the real one.
    usual = not 0 < step <= maximum - minimum
    return _range(minimum / 100, maximum / 100, _DEFAULT_SPEED_STEP if usual else step / 100)


def decode_inclination_range(data: bytes) -> ValueRange | None:
    """Read Supported Inclination Range (2AD5, FTMS 1.0 section 4.12) in percent; None if short or without sense."""
    if len(data) < 6:
        return None
    return _range(_s16(data, 0) / 10, _s16(data, 2) / 10, _u16(data, 4) / 10 or _DEFAULT_INCLINATION_STEP)


def encode_target_speed(kmh: float) -> bytes:
    """Write the command to set a target speed, 0 to 655.35 km/h, rounded to 0.01; else ValueError."""
    return bytes([OpCode.SET_TARGET_SPEED]) + _scaled(kmh, 100, signed=False)


def encode_target_inclination(percent: float) -> bytes:
    """Write the command to set a target inclination, -3276.8 to 3276.7 percent, rounded to 0.1; else ValueError."""
    return bytes([OpCode.SET_TARGET_INCLINATION]) + _scaled(percent, 10, signed=True)


def encode_request_control() -> bytes:
    """Write the request that comes before all other commands."""
    return bytes([OpCode.REQUEST_CONTROL])


def encode_start() -> bytes:
    """Write the command to start a belt at rest, or to resume."""
    return bytes([OpCode.START_OR_RESUME])


def encode_stop() -> bytes:
    """Write the command to stop and to end the training session."""
    return bytes([OpCode.STOP_OR_PAUSE, STOP])


def encode_pause() -> bytes:
    """Write the command to stop and to keep the training session."""
    return bytes([OpCode.STOP_OR_PAUSE, PAUSE])


def _u16(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 2], "little")


def _s16(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 2], "little", signed=True)


def _scaled(value: float, scale: int, *, signed: bool) -> bytes:
    try:
        # Rounded, as 2.3 * 100 is 229.99999999999997 and cutting that off would send 2.29.
        return round(value * scale).to_bytes(2, "little", signed=signed)
    except (OverflowError, ValueError) as error:  # too large, infinite; not a number
        raise ValueError(f"{value} does not fit the field") from error


def _named[Code: IntEnum](codes: type[Code], raw: int) -> Code | int:
    return codes(raw) if raw in codes else raw


def _range(minimum: float, maximum: float, step: float) -> ValueRange | None:
    if minimum > maximum or maximum <= 0:
        return None
    return ValueRange(minimum, maximum, step)
