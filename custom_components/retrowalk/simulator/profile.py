"""What kind of treadmill is simulated: its name, its ranges, and how quickly its belt and deck change."""

from dataclasses import dataclass

from ..machine.model import ValueRange

_SPEEDS = ValueRange(0.5, 20.0, 0.1)  # km/h
_INCLINES = ValueRange(0.0, 15.0, 0.5)  # %


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of treadmill. Speeds in km/h, inclines in percent, times in seconds."""

    name: str = "Virtual treadmill"
    manufacturer: str = "Retrowalk"
    model: str = "Virtual treadmill"
    serial: str = "V0001"
    hardware: str = "1.0"
    firmware: str = "1.0.0"
    software: str = "1.0.0"
    speed: ValueRange = _SPEEDS
    incline: ValueRange | None = _INCLINES  # None: a deck that cannot tilt
    heart_rate: bool = False
    steps: bool = False
    countdown: float = 3.0  # s from Start until the belt moves
    acceleration: float = 0.25  # km/h per s toward a new target, up and down
    coast: float = 0.5  # km/h per s after Stop or Pause
    safety_stop: float = 2.0  # km/h per s after the safety key was pulled
    incline_rate: float = 0.5  # % per s
    walker_weight: float = 75.0  # kg, as typed into the console; only its own calories use it
