"""Constants of the integration."""

from typing import Final

DOMAIN: Final = "retrowalk"

# Entry data: the treadmill's description, read at setup and refreshed at each connection.
CONF_VIRTUAL: Final = "virtual"
CONF_CAPABILITIES: Final = "capabilities"
CONF_INFO: Final = "info"
CONF_CONTROL_LOCK: Final = "control_lock"
CONF_CHECK: Final = "check"

# Entry options: the owner's settings.
CONF_CONTROL: Final = "control"
CONF_SAFETY_KEY: Final = "safety_key"
CONF_RAIL: Final = "rail"
CONF_CONNECTION: Final = "connection"
CONF_IDLE_SECONDS: Final = "idle_seconds"
CONF_BACKWARD_SPEED: Final = "backward_speed"
CONF_BACKWARD_INCLINE: Final = "backward_incline"
CONF_FORWARD_SPEED: Final = "forward_speed"
CONF_COUNTDOWN_BACKWARD: Final = "countdown_backward"
CONF_COUNTDOWN_FORWARD: Final = "countdown_forward"
CONF_ANNOUNCE: Final = "announce"
CONF_ANNOUNCER: Final = "announcer"
CONF_TTS: Final = "tts"
CONF_GUARDS: Final = "guards"
CONF_GUARD_STOPS: Final = "guard_stops"
CONF_OCCUPANCY: Final = "occupancy"
CONF_CONFIRM_BUTTON: Final = "confirm_button"
CONF_AUTOMATIONS_CONFIRM: Final = "automations_confirm"
CONF_ENERGY_MODEL: Final = "energy_model"
CONF_BACKWARD_FACTOR: Final = "backward_factor"
CONF_INSTALL_BLUEPRINTS: Final = "install_blueprints"
CONF_KEEP_FILES: Final = "keep_files"
CONF_FILES_FOLDER: Final = "files_folder"
CONF_FILES_FORMAT: Final = "files_format"

# A walker's subentry. Its title is the walker's name, which Home Assistant's own rename changes.
SUBENTRY_WALKER: Final = "walker"
CONF_PERSON: Final = "person"
CONF_WEIGHT: Final = "weight"
CONF_DAILY_GOAL: Final = "daily_goal"
CONF_DAYS: Final = "days"
CONF_PLAN_PAUSED: Final = "plan_paused"
CONF_PROGRESSION: Final = "progression"
CONF_RATINGS: Final = "ratings"
CONF_REMINDER: Final = "reminder"
CONF_REMINDER_TIME: Final = "reminder_time"
CONF_REMINDER_TARGET: Final = "reminder_target"
CONF_QUIET_FROM: Final = "quiet_from"
CONF_HEART_RATE_SENSOR: Final = "heart_rate_sensor"
CONF_STEP_SENSOR: Final = "step_sensor"

# A program's subentry. Its title is the program's name.
SUBENTRY_PROGRAM: Final = "program"
CONF_DIRECTION: Final = "direction"
CONF_STEPS: Final = "steps"
