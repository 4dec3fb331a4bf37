"""The bytes that a virtual treadmill sends: the server's side of the Fitness Machine Service."""

import math
import struct
from collections.abc import Iterator
from typing import Final

from ..machine.ftms import const
from ..machine.ftms.const import MachineFeature, StatusCode, TargetFeature, TrainingStatusCode
from ..machine.model import MachineEvent, MachineEventKind, ValueRange
from .faults import Faults
from .profile import Profile
from .treadmill import Phase, VirtualTreadmill

# Flags of Treadmill Data; the first is inverted: set, it says that more follows and speed is not here.
_MORE_DATA: Final = 1 << 0
_DISTANCE: Final = 1 << 2
_INCLINATION: Final = 1 << 3
_ENERGY: Final = 1 << 7
_HEART_RATE: Final = 1 << 8
_ELAPSED: Final = 1 << 10
_STEPS: Final = 1 << 13  # reserved by the specification; walking pads send steps there

_NO_RAMP_ANGLE: Final = 0x7FFF
_MOST_INCLINE: Final = 0x7FFE  # 0.1 %
_NO_ENERGY_PER_HOUR: Final = 0xFFFF
_NO_ENERGY_PER_MINUTE: Final = 0xFF
_NO_PULSE: Final = 0xFF

MALFORMED: Final = (
    b"",
    b"\x84",  # half the flags
    b"\x8c\x05\x00",  # flags of a full record, one byte of speed
    b"\x01\x00",  # more data, and none of it here
    b"\xff\x1f",  # every flag, no value
)
"""Frames that are no record, sent one after the other by the fault `malformed_data`."""


def advertisement(name: str, faults: Faults, service_data: bytes | None = None) -> bytes:
    """Return raw advertising data: flags, the service, its data (available, kind of machine) and the name.

    With `service_data` that is the data; empty, there is none.
    """
    if service_data is None:
        service_data = struct.pack("<BH", 0x01, 1 << 5 if faults.not_a_treadmill else 1 << 0)
    local_name = name.encode()[:29]  # as much as a scan response holds
    structures = [
        b"\x01\x06",
        struct.pack("<BH", 0x03, 0x1826),
        *([struct.pack("<BH", 0x16, 0x1826) + service_data] if service_data else ()),
        *(() if faults.nameless else (b"\x09" + local_name,)),
    ]
    return b"".join(bytes((len(item),)) + item for item in structures)


def features(profile: Profile, faults: Faults) -> bytes:
    """Return Fitness Machine Feature (2ACC)."""
    if faults.no_features:
        return bytes(8)
    machine = MachineFeature.TOTAL_DISTANCE | MachineFeature.EXPENDED_ENERGY | MachineFeature.ELAPSED_TIME
    target = TargetFeature.SPEED
    if profile.incline is not None:
        machine |= MachineFeature.INCLINATION
        target |= TargetFeature.INCLINATION
    if profile.heart_rate:
        machine |= MachineFeature.HEART_RATE
    if profile.steps:
        machine |= MachineFeature.STEP_COUNT
    if faults.all_values:
        machine = ~MachineFeature(0)
    if faults.all_features:
        target = ~TargetFeature(0)
    return struct.pack("<II", machine, target)


def speed_range(values: ValueRange) -> bytes:
    """Return Supported Speed Range (2AD4)."""
    return struct.pack("<HHH", *(round(value * 100) for value in (values.minimum, values.maximum, values.step)))


def inclination_range(values: ValueRange) -> bytes:
    """Return Supported Inclination Range (2AD5)."""
    return struct.pack("<hhH", *(round(value * 10) for value in (values.minimum, values.maximum, values.step)))


def information(profile: Profile) -> dict[str, bytes]:
    """Return the values of the Device Information Service, by characteristic."""
    return {
        const.MANUFACTURER_NAME: profile.manufacturer.encode(),
        const.MODEL_NUMBER: profile.model.encode(),
        const.SERIAL_NUMBER: profile.serial.encode(),
        const.FIRMWARE_REVISION: profile.firmware.encode(),
        const.HARDWARE_REVISION: profile.hardware.encode(),
        const.SOFTWARE_REVISION: profile.software.encode(),
    }


def treadmill_data(treadmill: VirtualTreadmill, faults: Faults) -> Iterator[bytes]:
    """Yield one record of Treadmill Data (2ACD), as the one or two frames that carry it."""
    if faults.no_speed:
        yield struct.pack("<HBH", _MORE_DATA | _HEART_RATE | _ELAPSED, 0, min(int(treadmill.elapsed), 0xFFFF))
        return
    shows_zero = faults.zeros_every and treadmill.elapsed % faults.zeros_every > faults.zeros_every - 1.05
    speed = struct.pack("<H", 0 if shows_zero else round(treadmill.reported_speed * 100))
    flags, middle = _middle(treadmill, faults)
    late_flags, late = _late(treadmill, faults)
    if faults.split_records:
        frames = [
            struct.pack("<H", _MORE_DATA | flags) + middle,
            struct.pack("<H", late_flags) + speed + late,
        ]
    else:
        frames = [struct.pack("<H", flags | late_flags) + speed + middle + late]
    for frame in frames:
        yield frame if faults.truncate_at is None else frame[: faults.truncate_at]


def running_measurement(treadmill: VirtualTreadmill) -> bytes:
    """Return RSC Measurement (2A53): flags (walking), speed in m/s * 256, cadence in steps a minute."""
    speed = treadmill.reported_speed
    return struct.pack("<BHB", 0x00, round(speed / 3.6 * 256), 100 if speed else 0)


def _middle(treadmill: VirtualTreadmill, faults: Faults) -> tuple[int, bytes]:
    """Return distance, inclination and energy, with their flags."""
    flags, data = 0, b""
    if not faults.no_counters:
        meter = treadmill.kmh_per_unit if faults.distance_in_miles else 1.0  # m that the machine counts as one
        grain = faults.coarse_distance or 1.0
        flags |= _DISTANCE
        data += min(int(treadmill.distance / meter // grain * grain), 0xFFFFFF).to_bytes(3, "little")
    if (incline := treadmill.reported_incline) is not None and not faults.no_inclination:
        flags |= _INCLINATION
        data += struct.pack("<hH", min(max(round(incline * 10), -_MOST_INCLINE), _MOST_INCLINE), _NO_RAMP_ANGLE)
    if not faults.no_counters:
        flags |= _ENERGY
        data += struct.pack("<HHB", min(int(treadmill.energy), 0xFFFE), _NO_ENERGY_PER_HOUR, _NO_ENERGY_PER_MINUTE)
    return flags, data


def _late(treadmill: VirtualTreadmill, faults: Faults) -> tuple[int, bytes]:
    """Return heart rate, elapsed time and steps, with their flags."""
    flags, data = 0, b""
    if treadmill.heart_rate is not None:
        flags |= _HEART_RATE
        data += bytes((_NO_PULSE if faults.no_pulse else treadmill.heart_rate,))
    if not faults.no_counters:
        flags |= _ELAPSED
        elapsed = int(treadmill.elapsed % (faults.elapsed_wraps_at or math.inf))
        data += struct.pack("<H", min(elapsed, 0xFFFF))
    if faults.noisy_tail:
        tail = round(treadmill.time * 7919)
    elif treadmill.steps is not None and not faults.no_counters:
        tail = treadmill.steps
    else:
        return flags, data
    return flags | _STEPS, data + (tail & 0xFFFF).to_bytes(2 if faults.short_tail else 3, "little")


def training_status(treadmill: VirtualTreadmill, faults: Faults) -> bytes:
    """Return Training Status (2AD3); during the countdown with the number that the console shows."""
    if faults.training_status_idle_while_moving:
        return bytes((0x00, TrainingStatusCode.IDLE))
    match treadmill.phase:
        case Phase.COUNTDOWN:
            return bytes((0x01, TrainingStatusCode.PRE_WORKOUT)) + str(math.ceil(treadmill.countdown)).encode()
        case Phase.RUNNING:
            code = TrainingStatusCode.MANUAL_MODE
        case Phase.PAUSED:
            code = TrainingStatusCode.POST_WORKOUT
        case Phase.IDLE if treadmill.at_rest and faults.pre_workout_at_rest:
            code = TrainingStatusCode.PRE_WORKOUT
        case _:
            code = TrainingStatusCode.IDLE if treadmill.at_rest else TrainingStatusCode.POST_WORKOUT
    return bytes((0x00, code))


def machine_status(event: MachineEvent) -> bytes:
    """Return Fitness Machine Status (2ADA) for something that happened at the console."""
    value = event.value or 0.0
    match event.kind:
        case MachineEventKind.STARTED:
            return bytes((StatusCode.STARTED_OR_RESUMED_BY_USER,))
        case MachineEventKind.STOPPED:
            return bytes((StatusCode.STOPPED_OR_PAUSED_BY_USER, const.STOP))
        case MachineEventKind.PAUSED:
            return bytes((StatusCode.STOPPED_OR_PAUSED_BY_USER, const.PAUSE))
        case MachineEventKind.SAFETY_KEY:
            return bytes((StatusCode.STOPPED_BY_SAFETY_KEY,))
        case MachineEventKind.SPEED_CHANGED:
            return struct.pack("<BH", StatusCode.TARGET_SPEED_CHANGED, round(value * 100))
        case MachineEventKind.INCLINE_CHANGED:
            return struct.pack("<Bh", StatusCode.TARGET_INCLINE_CHANGED, round(value * 10))
        case MachineEventKind.RESET:
            return bytes((StatusCode.RESET,))
        case _:
            return bytes((StatusCode.CONTROL_PERMISSION_LOST,))
