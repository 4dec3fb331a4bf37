"""The actions that read and write files: programs, sessions, and tables of sessions."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv

from ..errors import ErrorKey, translated_errors, wrong
from ..programs.import_preview import ImportPreview
from ..programs.words import Words
from ..storage.file_access import CSV, QZ, FileFormat, file_name, read_file, write_file
from ..training.files.errors import LARGEST
from ..training.files.imported import ImportAnswers, ImportedProgram, Lengths, SpeedUnit, UnansweredError
from ..training.history.table import Separator
from ..training.limits import Direction
from ..training.programs.program import Program
from ..util import house_units
from ..walkers.history_file import async_history_file
from ..walkers.roster import EVER
from ..walkers.session_file import FORMATS, async_session_file
from .base import (
    ATTR_DIRECTION,
    ATTR_FROM,
    ATTR_NAME,
    ATTR_PROGRAM,
    ATTR_SESSION_ID,
    ATTR_TO,
    ATTR_UNIT,
    ATTR_WALKER,
    DIRECTION,
    NUMBER,
    Action,
    Request,
    as_aware,
    requested_walker_id,
)
from .history import requested_record, sessions_of
from .programs import save_program

ATTR_CONTENT: Final = "content"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_FORMAT: Final = "format"
ATTR_FULL_SPEED: Final = "full_speed_kmh"
ATTR_LENGTHS: Final = "lengths"
ATTR_PATH: Final = "path"
ATTR_REPLACE: Final = "replace"
ATTR_SEPARATOR: Final = "separator"


async def _async_import(request: Request) -> ServiceResponse:
    hass, data, dry_run = request.coordinator.hass, request.data, request.data[ATTR_DRY_RUN]
    if (ATTR_CONTENT in data) == (ATTR_PATH in data):
        raise wrong(ErrorKey.IMPORT_ONE_SOURCE)
    words = await Words.async_load(hass)
    imported = await hass.async_add_executor_job(_read, hass, data, words)
    preview = await hass.async_add_executor_job(ImportPreview.of, imported, request.coordinator.data.rules)
    response = save_program(request, imported.program, replace=data[ATTR_REPLACE], dry_run=dry_run)
    return {**response, "saved": not dry_run, "preview": preview.as_dict(words), "warnings": preview.warnings(words)}


def _read(hass: HomeAssistant, data: Mapping[str, Any], words: Words) -> ImportedProgram:
    from ..training.files.reading import read_workout  # noqa: PLC0415  the readers of all formats, seldom needed

    content = data[ATTR_CONTENT] if ATTR_CONTENT in data else read_file(hass, data[ATTR_PATH], LARGEST)
    answers = ImportAnswers(
        name=data.get(ATTR_NAME),
        direction=data[ATTR_DIRECTION],
        full_speed_kmh=data.get(ATTR_FULL_SPEED),
        lengths=data.get(ATTR_LENGTHS),
        unit=data.get(ATTR_UNIT),
    )
    with translated_errors(house_units(hass)):
        try:
            return read_workout(content, answers)
        except UnansweredError as err:
            raise wrong(err.key, **words.outcomes(err)) from err


async def _async_export_program(request: Request) -> ServiceResponse:
    hass, data, user = request.coordinator.hass, request.data, request.user
    target = data.get(ATTR_PATH)
    if target is not None and user is not None and not user.is_admin:
        # Everybody may read a program, but only administrators may write files.
        raise Unauthorized(context=request.context)
    limits = request.coordinator.data.rules.limits(Direction.BACKWARD)
    program = request.coordinator.programs.get(data[ATTR_PROGRAM], limits)
    xml = await hass.async_add_executor_job(_qz, program)
    path = None
    if target is not None:
        default_name = f"{file_name(program.name)}{QZ.suffix}"
        path = await hass.async_add_executor_job(_write, hass, data, default_name, QZ, xml.encode())
    return {"program": program.as_dict(), "xml": xml, "path": path}


def _qz(program: Program) -> str:
    from ..training.files.qz import write_qz  # noqa: PLC0415  seldom needed

    return write_qz(program)


async def _async_export_session(request: Request) -> ServiceResponse:
    hass, data, record = request.coordinator.hass, request.data, requested_record(request)
    file = await async_session_file(hass, record, data[ATTR_FORMAT], request.roster)
    path = await hass.async_add_executor_job(_write, hass, data, file.name, file.file_format, file.content)
    return {"path": path}


async def _async_export_history(request: Request) -> ServiceResponse:
    hass, data, roster = request.coordinator.hass, request.data, request.roster
    start, end = EVER
    if ATTR_FROM in data:
        start = as_aware(data[ATTR_FROM])
    if ATTR_TO in data:
        end = as_aware(data[ATTR_TO])
    if not start < end:
        raise wrong(ErrorKey.FROM_AFTER_TO)
    walker_id = requested_walker_id(request)
    records = sessions_of(roster, walker_id, start, end)
    content = await async_history_file(hass, roster, records, data[ATTR_SEPARATOR])
    whose = "sessions" if walker_id is None else file_name(roster.label(walker_id) or walker_id)
    default_name = f"retrowalk_{whose}_{roster.today}{CSV.suffix}"
    path = await hass.async_add_executor_job(_write, hass, data, default_name, CSV, content)
    return {"path": path, "rows": len(records)}


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
            vol.Optional(ATTR_LENGTHS): vol.Coerce(Lengths),
            vol.Optional(ATTR_UNIT): vol.Coerce(SpeedUnit),
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
            vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
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
    "export_history": Action(
        handler=_async_export_history,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_FROM): cv.datetime,
            vol.Optional(ATTR_TO): cv.datetime,
            vol.Optional(ATTR_SEPARATOR, default=Separator.COMMA): vol.Coerce(Separator),
            vol.Required(ATTR_PATH): cv.string,
            vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
        },
        response=SupportsResponse.OPTIONAL,
        for_administrators=True,
    ),
}
