"""A finished session as a workout file: its format, its name and its content."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..storage.file_access import FIT, TCX, FileFormat
from ..training.history.record import SessionRecord
from .roster import WalkerRoster


class SessionFormat(StrEnum):
    """The formats that a session can be written in."""

    FIT = "fit"
    TCX = "tcx"


FORMATS: Final[Mapping[str, FileFormat]] = {SessionFormat.FIT: FIT, SessionFormat.TCX: TCX}


class SessionFile(NamedTuple):
    """A session in a file format; `name` is the file's name in a folder."""

    file_format: FileFormat
    name: str
    content: bytes


async def async_session_file(
    hass: HomeAssistant, record: SessionRecord, session_format: str, roster: WalkerRoster
) -> SessionFile:
    """Return a session in one of FORMATS; the same session always gives the same bytes."""
    title, track = await _async_title(hass, record), await roster.async_get_track(record.id)
    tz, machine, file_format = roster.tz, roster.machine_name, FORMATS[session_format]

    def write() -> bytes:
        if file_format is FIT:
            from ..training.files.fit import write_fit  # noqa: PLC0415  seldom needed, as the other

            return write_fit(record, title, tz, track=track, machine=machine)
        from ..training.files.tcx import write_tcx  # noqa: PLC0415

        return write_tcx(record, title, track=track).encode()

    # The id keeps the names of two sessions that began in the same minute apart.
    name = f"retrowalk_{record.started.astimezone(tz):%Y-%m-%d_%H-%M}_{record.id[-6:].lower()}{file_format.suffix}"
    return SessionFile(file_format=file_format, name=name, content=await hass.async_add_executor_job(write))


async def _async_title(hass: HomeAssistant, record: SessionRecord) -> str:
    """Return the title of a session in its file, in Home Assistant's language and without the walker's name."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    return texts[f"component.{DOMAIN}.common.session_title_{record.direction}"]
