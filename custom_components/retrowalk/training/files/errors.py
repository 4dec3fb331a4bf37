"""Why a file cannot be imported."""

from enum import StrEnum

from ..units import Speed

LARGEST = 1_000_000
"""Characters or bytes; a workout has a few thousand."""
_MOST_SHOWN = 40
"""Characters of a stranger's text that a message repeats."""


class FormatErrorKey(StrEnum):
    """Why a file cannot be imported; each has a text."""

    DISTANCE_WITHOUT_SPEED = "import_distance_without_speed"
    FIT_DAMAGED = "import_fit_damaged"
    FIT_OTHER_KIND = "import_fit_other_kind"
    FULL_SPEED = "import_full_speed"
    MISSING_VALUE = "import_missing_value"
    NEEDS_FULL_SPEED = "import_needs_full_speed"
    NEEDS_LENGTHS = "import_needs_lengths"
    NEEDS_UNIT = "import_needs_unit"
    NO_COLUMNS = "import_no_columns"
    NO_NAME = "import_no_name"
    NO_SPORT = "import_no_sport"
    NOT_A_RUN = "import_not_a_run"
    NOT_A_WORKOUT = "import_not_a_workout"
    NOT_JSON = "import_not_json"
    NOT_XML = "import_not_xml"
    ONLY_FORWARD = "import_only_forward"
    OTHER_FILE = "import_other_file"
    PACKED = "import_packed"
    SCHEDULE_GAP = "import_schedule_gap"
    SEVERAL_PROGRAMS = "import_several_programs"
    STANDING_REST = "import_standing_rest"
    STEERS_NOTHING = "import_steers_nothing"
    STEP_DISTANCE_WITHOUT_SPEED = "import_step_distance_without_speed"
    STEP_MISSING_VALUE = "import_step_missing_value"
    STEP_STANDING_REST = "import_step_standing_rest"
    STEP_WITHOUT_END = "import_step_without_end"
    STEP_WRONG_VALUE = "import_step_wrong_value"
    TOO_LARGE = "import_too_large"
    TOO_MANY_CELLS = "import_too_many_cells"
    UNKNOWN_ELEMENT = "import_unknown_element"
    UNSAFE = "import_unsafe"
    WEB_PAGE = "import_web_page"
    WRONG_ENCODING = "import_wrong_encoding"
    WRONG_VALUE = "import_wrong_value"


class FormatError(ValueError):
    """A file that cannot be imported: `key` is the translation's, `placeholders` fill its text (`Units.written`)."""

    def __init__(self, key: FormatErrorKey, **placeholders: str | Speed) -> None:
        super().__init__(f"{key}: {placeholders}" if placeholders else key.value)
        self.key = key
        self.placeholders = placeholders


def one_line(text: str) -> str:
    """Return a text without its line breaks and indents."""
    return " ".join(text.split())


def shown(text: str) -> str:
    """Return as much of a stranger's text as fits in a message."""
    text = one_line(text)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def too_large() -> FormatError:
    """Return the error for a file far larger than a workout."""
    return FormatError(FormatErrorKey.TOO_LARGE, megabytes=f"{LARGEST / 1_000_000:g}")
