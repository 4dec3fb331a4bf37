"""Runtime data of a config entry."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .coordinator import RetrowalkCoordinator
from .reminders.manager import ReminderManager
from .treadmill.control import TreadmillControl


@dataclass(frozen=True, kw_only=True)
class RetrowalkData:
    """The parts of one treadmill that platforms, actions and dialogs use."""

    coordinator: RetrowalkCoordinator
    control: TreadmillControl
    reminders: ReminderManager


type RetrowalkConfigEntry = ConfigEntry[RetrowalkData]
