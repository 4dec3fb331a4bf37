"""Two independent readers of FIT files, fitdecode and fit-tool, which have to agree on every value."""

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import fitdecode
from fit_tool.data_message import DataMessage
from fit_tool.fit_file import FitFile
from fit_tool.validation import ConformanceLevel, ProfileScope

type Message = tuple[str, dict[str, Any]]

EPOCH = 631_065_600
"""The beginning of time in FIT files, in Unix time."""
_TIMES = {"timestamp", "start_time", "time_created"}


def read_fit(data: bytes) -> list[Message]:
    """Return each message with its values; any flaw in the file is an error, and so is what the readers disagree on."""
    messages = [*_by_fitdecode(data)]
    named = [(message.name, {field.name: field.value for field in message.fields}) for message in messages]
    plain = [(message.name, dict(_plain(message))) for message in messages]
    assert [*_by_fit_tool(data)] == plain
    return named


def only(messages: list[Message], name: str) -> list[dict[str, Any]]:
    """Return the values of the messages with a name."""
    return [values for each, values in messages if each == name]


def the_one(messages: list[Message], name: str) -> dict[str, Any]:
    (found,) = only(messages, name)
    return found


def _by_fitdecode(data: bytes) -> Iterator[fitdecode.FitDataMessage]:
    with fitdecode.FitReader(
        BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    ) as reader:
        yield from (frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage))


def _plain(message: fitdecode.FitDataMessage) -> Iterator[tuple[int, Any]]:
    """Yield the known values of a message without their names: seconds of a time, the number of an enumeration."""
    for field in message.fields:
        named = isinstance(field.value, datetime) or (
            isinstance(field.value, str) and not isinstance(field.raw_value, str)
        )
        if field.value is not None:
            yield field.def_num, field.raw_value if named else field.value


def _by_fit_tool(data: bytes) -> Iterator[tuple[str, dict[int, Any]]]:
    file = FitFile.from_bytes(data, check_crc=True)
    # Not WIRE: it counts the fields that were read into several. The decoder has checked the lengths.
    levels = {ConformanceLevel.PROFILE, ConformanceLevel.FILE_TYPE}
    assert [str(finding) for finding in file.validate(levels, profile_scope=ProfileScope.FULL).findings] == []
    for record in file.records:
        message = record.message
        if not isinstance(message, DataMessage):
            continue
        values = {}
        for field in message.fields:
            value = field.get_value() if field.is_valid() else None
            if value is not None:
                values[field.field_id] = value // 1000 - EPOCH if field.name in _TIMES else value
        yield re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(message).__name__.removesuffix("Message")).lower(), values
