"""The actions that read and write workout files."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from ..const import DOMAIN
from ..errors import ErrorKey, translated_errors, wrong
from ..storage.file_access import FIT, QZ, TCX, FileFormat, read_file, write_file
from ..training.files.fit import write_fit
from ..training.files.markup import LARGEST
from ..training.files.qz import write_qz
from ..training.files.reading import read_workout
from ..training.files.tcx import write_tcx
from ..training.history.record import SessionRecord
from ..training.limits import Direction
from ..training.programs.program import Program
from .base import ATTR_DIRECTION, ATTR_NAME, ATTR_PROGRAM, ATTR_SESSION_ID, DIRECTION, NUMBER, Action, Request
from .history import requested_record
from .programs import save_program

ATTR_CONTENT: Final = "content"
ATTR_FORMAT: Final = "format"
ATTR_FULL_SPEED: Final = "full_speed_kmh"
ATTR_PATH: Final = "path"
ATTR_REPLACE: Final = "replace"

FORMATS: Final[Mapping[str, FileFormat]] = {"fit": FIT, "tcx": TCX}
"""The formats that a session can be written in."""


async def _async_import(request: Request) -> ServiceResponse:
    hass, data = request.coordinator.hass, request.data
    if (ATTR_CONTENT in data) == (ATTR_PATH in data):
        raise wrong(ErrorKey.IMPORT_ONE_SOURCE)
    program = await hass.async_add_executor_job(_read, hass, data)
    return save_program(request, program, replace=data[ATTR_REPLACE])


def _read(hass: HomeAssistant, data: Mapping[str, Any]) -> Program:
    content = data[ATTR_CONTENT] if ATTR_CONTENT in data else read_file(hass, data[ATTR_PATH], LARGEST)
    with translated_errors():
        return read_workout(
            content,
            name=data.get(ATTR_NAME, "").strip() or None,
            direction=data[ATTR_DIRECTION],
            full_speed_kmh=data.get(ATTR_FULL_SPEED),
        )


async def _async_export_program(request: Request) -> ServiceResponse:
    hass, data, user = request.coordinator.hass, request.data, request.user
    target = data.get(ATTR_PATH)
    if target is not None and user is not None and not user.is_admin:
        # Everybody may read a program, but only administrators may write files.
        raise Unauthorized(context=request.context)
    limits = request.coordinator.data.rules.limits(Direction.BACKWARD)
    program = request.coordinator.programs.get(data[ATTR_PROGRAM], limits)
    xml = await hass.async_add_executor_job(write_qz, program)
    path = None
    if target is not None:
        default_name = f"{slugify(program.name)}{QZ.suffix}"
        path = await hass.async_add_executor_job(_write, hass, data, default_name, QZ, xml.encode())
    return {"program": program.as_dict(), "xml": xml, "path": path}


async def _async_export_session(request: Request) -> ServiceResponse:
    hass, data, record = request.coordinator.hass, request.data, requested_record(request)
    file_format = FORMATS[data[ATTR_FORMAT]]
    title = await _async_title(hass, record)
    content = write_fit(record, title, request.roster.tz) if file_format is FIT else write_tcx(record, title).encode()
    # The id keeps the names of two sessions that began in the same minute apart.
    default_name = (
        f"retrowalk_{dt_util.as_local(record.started):%Y-%m-%d_%H-%M}_{record.id[-6:].lower()}{file_format.suffix}"
    )
    return {"path": await hass.async_add_executor_job(_write, hass, data, default_name, file_format, content)}


async def _async_title(hass: HomeAssistant, record: SessionRecord) -> str:
    """Return the title of a session in its file, in Home Assistant's language and without the walker's name."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    return texts[f"component.{DOMAIN}.common.session_title_{record.direction}"]


def _write(
    hass: HomeAssistant, data: Mapping[str, Any], default_name: str, file_format: FileFormat, content: bytes
) -> str:
    return write_file(hass, data[ATTR_PATH], default_name, file_format, content, replace=data[ATTR_REPLACE])


FILE_ACTIONS: Final[Mapping[str, Action]] = {
    "import_program": Action(
        handler=_async_import,
        fields={
            vol.Optional(ATTR_CONTENT): cv.string,
            vol.Optional(ATTR_PATH): cv.string,
            vol.Optional(ATTR_NAME): cv.string,
            vol.Optional(ATTR_DIRECTION, default=Direction.BACKWARD): DIRECTION,
            vol.Optional(ATTR_FULL_SPEED): NUMBER,
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
        },
        response=SupportsResponse.OPTIONAL,
        for_administrators=True,
    ),
    "export_program": Action(
        handler=_async_export_program,
        fields={
            vol.Required(ATTR_PROGRAM): cv.string,
            vol.Optional(ATTR_PATH): cv.string,
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "export_session": Action(
        handler=_async_export_session,
        fields={
            vol.Optional(ATTR_SESSION_ID): cv.string,
            vol.Optional(ATTR_FORMAT, default="fit"): vol.In([*FORMATS]),
            vol.Required(ATTR_PATH): cv.string,
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
        },
        response=SupportsResponse.OPTIONAL,
        for_administrators=True,
    ),
}
