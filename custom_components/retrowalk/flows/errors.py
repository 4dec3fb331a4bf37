"""The errors that the dialogs show next to their fields; each has a text in the translations."""

from enum import StrEnum


class SetUpError(StrEnum):
    """Why a treadmill could not be set up; the dialog can be submitted again."""

    CANNOT_CONNECT = "cannot_connect"
    INVALID_ADDRESS = "invalid_address"
    LINK_LOST = "link_lost"
    NO_DATA = "no_data"
    NO_SLOTS = "no_slots"
    NOT_A_TREADMILL = "not_a_treadmill"  # ends the dialog
    NOTHING_CHOSEN = "nothing_chosen"
    NOT_HEARD = "not_heard"
    ONLY_HEARD = "only_heard"
    PATH_STUCK = "path_stuck"
    UNANSWERED = "unanswered"
    UNKNOWN = "unknown"
    WANTS_PAIRING = "wants_pairing"


class SetUpAbort(StrEnum):
    """Why the set-up ends."""

    NOT_A_TREADMILL = "not_a_treadmill"
    NOT_SUPPORTED = "not_supported"
    KEPT_DELETED = "kept_deleted"


class SetUpProgress(StrEnum):
    """The steps of the set-up that take a while and show their progress."""

    CONNECT = "connect"
    SAY_TEST = "say_test"
    SEARCH = "search"


class AnnouncerError(StrEnum):
    """What is missing before anything can be announced."""

    ANNOUNCER_MISSING = "announcer_missing"
    TTS_MISSING = "tts_missing"


class GuardsError(StrEnum):
    """What is missing before automations may confirm (S2)."""

    GUARD_MISSING = "guard_missing"
    VOICE_MISSING = "voice_missing"


class FilesError(StrEnum):
    """Why no files of sessions can be kept in a folder."""

    FOLDER_NOT_ALLOWED = "folder_not_allowed"
    FOLDER_NOT_GIVEN = "folder_not_given"
    FOLDER_NOT_WRITABLE = "folder_not_writable"
    FOLDER_PUBLIC = "folder_public"


class WalkerError(StrEnum):
    """What is wrong with the answers about a walker."""

    NAME_LENGTH = "name_length"
    NAME_RESERVED = "name_reserved"
    NAME_TAKEN = "name_taken"
    NO_DAYS = "no_days"
    PERSON_ELSEWHERE = "person_elsewhere"
    PERSON_MISSING = "person_missing"
    PERSON_TAKEN = "person_taken"
    SENSOR_MISSING = "sensor_missing"


class ProgramFormError(StrEnum):
    """What is wrong with the answers about a program."""

    ANSWER_MISSING = "answer_missing"
    CHANGED = "changed"  # by somebody else
    FILE_MISSING = "file_missing"
    INVALID = "invalid"
    NAME_LENGTH = "name_length"
    NAME_RESERVED = "name_reserved"
    NAME_TAKEN = "name_taken"
    ONE_FILE = "one_file"
    PROGRAM_GONE = "program_gone"
    UPLOAD_GONE = "upload_gone"


class FirstRunError(StrEnum):
    """What is wrong with the answers in the dialog of a first run."""

    PROGRAM_FIXED = "program_fixed"  # a session is ready or under way
    REMINDER_IN_QUIET_TIME = "reminder_in_quiet_time"
    WALKER_GONE = "walker_gone"


class FirstRunAbort(StrEnum):
    """How the dialog of a first run ends."""

    ALL_DONE = "all_done"
    BLUEPRINTS_ADDED = "blueprints_added"
    LATER = "later"
    NOT_LOADED = "not_loaded"
    WALK_CHOSEN = "walk_chosen"
    WALK_CHOSEN_ON_DASHBOARD = "walk_chosen_on_dashboard"


class CheckFormError(StrEnum):
    """Why the check run does not go on; a refusal of the session has its own text (`Refusal`)."""

    CONSOLE_SPEED_MISSING = "console_speed_missing"
    NO_SPEED = "no_speed"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_LOADED = "not_loaded"
