"""Translated errors of requests; their texts tell the user what to do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from homeassistant.core import HomeAssistant, async_get_hass, async_get_hass_or_none
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .training.coaching.reminder_schedule import SnoozeRefusal
from .training.files.errors import FormatError, FormatErrorKey
from .training.programs.errors import ProgramError
from .training.rules import Refusal, RefusedError
from .training.units import METRIC, Units
from .util import figure, house_units

_MOST_SHOWN = 2000
"""Maximum length of a placeholder; lists of names can be this long."""


class ErrorKey(StrEnum):
    """Errors of a request, apart from the session's refusals; each has a text that tells what to do."""

    ALREADY_READY = "already_ready"
    ANNOUNCER_FAILS = "announcer_fails"
    CONTROL_REFUSED = "control_refused"
    DELETE_FOR_ADMINISTRATORS = "delete_for_administrators"
    DIRECTION_FIXED = "direction_fixed"
    DISCOMFORT_OUT_OF_RANGE = "discomfort_out_of_range"
    DISTANCE_OUT_OF_RANGE = "distance_out_of_range"
    EFFORT_OUT_OF_RANGE = "effort_out_of_range"
    EVENT_FIXED = "event_fixed"
    EVENT_IS_PLANNED = "event_is_planned"
    EVENT_NOTE_PRIVATE = "event_note_private"
    EVENT_TITLE_UNKNOWN = "event_title_unknown"
    FILE_EXISTS = "file_exists"
    FILE_NOT_ALLOWED = "file_not_allowed"
    FILE_NOT_WRITTEN = "file_not_written"
    FILE_SOMETHING_ELSE = "file_something_else"
    FILE_UNREADABLE = "file_unreadable"
    FILE_WRONG_ENDING = "file_wrong_ending"
    FOLDER_MISSING = "folder_missing"
    FROM_AFTER_TO = "from_after_to"
    GUEST_HAS_NO_PLAN = "guest_has_no_plan"
    IMPORT_ONE_SOURCE = "import_one_source"
    INCLINE_OUT_OF_RANGE = "incline_out_of_range"
    LENGTH_FIXED = "length_fixed"
    LOGGED_MINUTES_OUT_OF_RANGE = "logged_minutes_out_of_range"
    MINUTES_OUT_OF_RANGE = "minutes_out_of_range"
    NO_ANSWER = "no_answer"
    NO_DAYS = "no_days"
    NO_SESSION = "no_session"
    NO_TRACK = "no_track"
    NOT_A_NUMBER = "not_a_number"
    NOT_IN_REACH = "not_in_reach"
    NOT_SAVED = "not_saved"
    NOTE_TOO_LONG = "note_too_long"
    NOTHING_TO_CHANGE = "nothing_to_change"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    NOTHING_TO_SKIP = "nothing_to_skip"
    NOTHING_TO_STOP = "nothing_to_stop"
    ONE_PRESS = "one_press"
    PROGRAM_AFTER_FIRST = "program_after_first"
    PROGRAM_CHANGED = "program_changed"
    PROGRAM_DOES_NOT_FIT = "program_does_not_fit"
    PROGRAM_EXISTS = "program_exists"
    PROGRAM_FIXED = "program_fixed"
    PROGRAM_GONE = "program_gone"
    PROGRAM_NAME_RESERVED = "program_name_reserved"
    PROGRAM_NAME_TAKEN = "program_name_taken"
    PROGRAM_NOT_OWN = "program_not_own"
    PROGRAM_OR_STEPS = "program_or_steps"
    PROGRAM_SETS_ITSELF = "program_sets_itself"
    PROGRAM_TOO_EARLY = "program_too_early"
    PROGRAM_UNKNOWN = "program_unknown"
    REJECTED = "rejected"
    REMINDER_IN_QUIET_TIME = "reminder_in_quiet_time"
    REMINDER_TARGET_MISSING = "reminder_target_missing"
    REPORT_WEEKS_OR_FROM = "report_weeks_or_from"
    REPORT_WEEKS_OUT_OF_RANGE = "report_weeks_out_of_range"
    SECONDS_OUT_OF_RANGE = "seconds_out_of_range"
    SEVERAL_TREADMILLS = "several_treadmills"
    SEVERAL_WALKERS = "several_walkers"
    SESSION_IS_PRIVATE = "session_is_private"
    SESSION_OF_SOMEBODY_ELSE = "session_of_somebody_else"
    SESSION_UNKNOWN = "session_unknown"
    SNOOZE_OUT_OF_RANGE = "snooze_out_of_range"
    SOMEBODY_ELSE_WALKS = "somebody_else_walks"
    SPEED_FIXED = "speed_fixed"
    SPEED_OUT_OF_RANGE = "speed_out_of_range"
    STARTED_OUT_OF_RANGE = "started_out_of_range"
    STOP_NOT_OBEYED = "stop_not_obeyed"
    STOP_NOT_TAKEN = "stop_not_taken"
    STOP_UNDELIVERED = "stop_undelivered"
    SUPERSEDED = "superseded"
    TARGET_MISSING = "target_missing"
    TEST_NOT_SENT = "test_not_sent"
    TWO_WALKERS = "two_walkers"
    UNREACHABLE = "unreachable"
    UNTIL_OUT_OF_RANGE = "until_out_of_range"
    WALKER_FIXED = "walker_fixed"
    WALKER_IS_PRIVATE = "walker_is_private"
    WALKER_MISSING = "walker_missing"
    WALKER_UNKNOWN = "walker_unknown"


def wrong(key: ErrorKey | FormatErrorKey | Refusal | SnoozeRefusal, **placeholders: str) -> ServiceValidationError:
    """Return the error for a request that is invalid or not possible now; nothing has changed."""
    return _error(key.value, placeholders)


def failed(key: ErrorKey, **placeholders: str) -> HomeAssistantError:
    """Return the error for a request that failed."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key.value, translation_placeholders=placeholders or None
    )


def refused(hass: HomeAssistant, error: RefusedError) -> ServiceValidationError:
    """Return the error for a refusal of the session, with the friendly names of the guards that caused it."""
    states = {guard: hass.states.get(guard) for guard in error.guards}
    names = [guard if state is None else state.name for guard, state in states.items()]
    units = house_units(hass)
    # A ceiling is never told as more than it is.
    values = {
        name: figure(hass, units.speed_at_most(kmh) if name == "ceiling" else units.shown_speed(kmh))
        for name, kmh in error.values.items()
    }
    values |= {"speed_unit": units.speed_unit} if values else {}
    return wrong(error.reason, **values, **({"guards": ", ".join(names)} if names else {}))


def out_of_range(key: ErrorKey, lowest: float, highest: float) -> ServiceValidationError:
    """Return the error for a number outside a range; `key` is one of the OUT_OF_RANGE keys, speeds are in km/h."""
    hass, unit = async_get_hass(), {}
    if key is ErrorKey.SPEED_OUT_OF_RANGE:
        units = house_units(hass)
        lowest, highest = units.shown_speed(lowest), units.speed_at_most(highest)
        unit = {"speed_unit": units.speed_unit}
    return wrong(key, lowest=figure(hass, lowest), highest=figure(hass, highest), **unit)


@contextmanager
def translated_errors(units: Units | None = None) -> Iterator[None]:
    """Translate errors of a program or a file; outside the event loop the units of the house have to be given."""
    try:
        yield
    except (FormatError, ProgramError) as err:
        raise _error(err.key, (units or _units()).written(err.placeholders)) from err


def _units() -> Units:
    hass = async_get_hass_or_none()
    return METRIC if hass is None else house_units(hass)


def _error(key: str, placeholders: Mapping[str, str]) -> ServiceValidationError:
    # A placeholder repeats user input, which may be megabytes long.
    shown = {
        name: text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…" for name, text in placeholders.items()
    }
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=shown)
