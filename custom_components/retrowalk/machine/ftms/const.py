"""UUIDs, op codes and flags of the Fitness Machine Service 1.0, for a treadmill."""

from enum import IntEnum, IntFlag


def short_uuid(short: int) -> str:
    """Return the 128-bit form of an assigned UUID."""
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


SERVICE = short_uuid(0x1826)
FEATURE = short_uuid(0x2ACC)
TREADMILL_DATA = short_uuid(0x2ACD)
TRAINING_STATUS = short_uuid(0x2AD3)
SPEED_RANGE = short_uuid(0x2AD4)
INCLINATION_RANGE = short_uuid(0x2AD5)
CONTROL_POINT = short_uuid(0x2AD9)
MACHINE_STATUS = short_uuid(0x2ADA)

DEVICE_INFORMATION_SERVICE = short_uuid(0x180A)
MODEL_NUMBER = short_uuid(0x2A24)
SERIAL_NUMBER = short_uuid(0x2A25)
FIRMWARE_REVISION = short_uuid(0x2A26)
HARDWARE_REVISION = short_uuid(0x2A27)
SOFTWARE_REVISION = short_uuid(0x2A28)
MANUFACTURER_NAME = short_uuid(0x2A29)
DEVICE_INFORMATION = frozenset(
    {MODEL_NUMBER, SERIAL_NUMBER, FIRMWARE_REVISION, HARDWARE_REVISION, SOFTWARE_REVISION, MANUFACTURER_NAME}
)

RUNNING_SERVICE = short_uuid(0x1814)
RUNNING_MEASUREMENT = short_uuid(0x2A53)
"""RSC Measurement, from which the speed is taken where Treadmill Data never comes."""


class MachineFeature(IntFlag):
    """First word of Fitness Machine Feature (2ACC): what the machine reports."""

    AVERAGE_SPEED = 1 << 0
    CADENCE = 1 << 1
    TOTAL_DISTANCE = 1 << 2
    INCLINATION = 1 << 3
    ELEVATION_GAIN = 1 << 4
    PACE = 1 << 5
    STEP_COUNT = 1 << 6
    RESISTANCE_LEVEL = 1 << 7
    STRIDE_COUNT = 1 << 8
    EXPENDED_ENERGY = 1 << 9
    HEART_RATE = 1 << 10
    METABOLIC_EQUIVALENT = 1 << 11
    ELAPSED_TIME = 1 << 12
    REMAINING_TIME = 1 << 13
    POWER_MEASUREMENT = 1 << 14
    FORCE_ON_BELT = 1 << 15
    USER_DATA_RETENTION = 1 << 16


class TargetFeature(IntFlag):
    """Second word of Fitness Machine Feature (2ACC): which targets may be set."""

    SPEED = 1 << 0
    INCLINATION = 1 << 1
    RESISTANCE = 1 << 2
    POWER = 1 << 3
    HEART_RATE = 1 << 4
    ENERGY = 1 << 5
    STEPS = 1 << 6
    STRIDES = 1 << 7
    DISTANCE = 1 << 8
    TRAINING_TIME = 1 << 9


class OpCode(IntEnum):
    """Fitness Machine Control Point (2AD9) procedures that a treadmill knows."""

    REQUEST_CONTROL = 0x00
    RESET = 0x01
    SET_TARGET_SPEED = 0x02
    SET_TARGET_INCLINATION = 0x03
    START_OR_RESUME = 0x07
    STOP_OR_PAUSE = 0x08
    RESPONSE = 0x80


STOP = 0x01
PAUSE = 0x02
"""Parameter of STOP_OR_PAUSE, and of the matching machine status."""


class ResultCode(IntEnum):
    """Outcome of a control point procedure."""

    SUCCESS = 0x01
    NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    OPERATION_FAILED = 0x04
    CONTROL_NOT_PERMITTED = 0x05


class StatusCode(IntEnum):
    """Fitness Machine Status (2ADA) events that a treadmill sends."""

    RESET = 0x01
    STOPPED_OR_PAUSED_BY_USER = 0x02
    STOPPED_BY_SAFETY_KEY = 0x03
    STARTED_OR_RESUMED_BY_USER = 0x04
    TARGET_SPEED_CHANGED = 0x05
    TARGET_INCLINE_CHANGED = 0x06
    CONTROL_PERMISSION_LOST = 0xFF


class TrainingStatusCode(IntEnum):
    """Training Status (2AD3)."""

    OTHER = 0x00
    IDLE = 0x01
    WARMING_UP = 0x02
    LOW_INTENSITY_INTERVAL = 0x03
    HIGH_INTENSITY_INTERVAL = 0x04
    RECOVERY_INTERVAL = 0x05
    ISOMETRIC = 0x06
    HEART_RATE_CONTROL = 0x07
    FITNESS_TEST = 0x08
    SPEED_BELOW_CONTROL_REGION = 0x09
    SPEED_ABOVE_CONTROL_REGION = 0x0A
    COOL_DOWN = 0x0B
    WATT_CONTROL = 0x0C
    MANUAL_MODE = 0x0D
    PRE_WORKOUT = 0x0E
    POST_WORKOUT = 0x0F
