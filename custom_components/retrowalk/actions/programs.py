"""The actions that list, save and delete programs."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv

from ..errors import ErrorKey, translated_errors, wrong
from ..programs.library import RESERVED_NAMES
from ..programs.program_preview import cuts_data
from ..programs.words import Words
from ..training.coaching.presets import PRESETS, made
from ..training.limits import Direction, Limits
from ..training.programs.preview import preview
from ..training.programs.program import Program
from ..training.steering.profile import stays_inside
from .base import ATTR_DIRECTION, ATTR_NAME, ATTR_PROGRAM, ATTR_STEPS, DIRECTION, UNIT_FIELD, Action, Request


async def _async_list(request: Request) -> ServiceResponse:
    limits = request.coordinator.data.rules.limits(Direction.BACKWARD)
    presets = [_preset_response(key, limits) for key in PRESETS]
    own = [own_program_response(request, program) for program in request.coordinator.programs.own.values()]
    return {"programs": [*presets, *own]}


async def _async_save(request: Request) -> ServiceResponse:
    with translated_errors():
        data = {key: request.data[key] for key in (ATTR_NAME, ATTR_DIRECTION, ATTR_STEPS)}
        program = Program.from_dict(data, request.units)
    response = save_program(request, program)
    coordinator = request.coordinator
    limits = coordinator.data.rules.limits(program.direction)
    found = await coordinator.hass.async_add_executor_job(preview, program, limits)
    return {**response, "cuts": cuts_data(found, await Words.async_load(coordinator.hass))}


async def _async_delete(request: Request) -> ServiceResponse:
    request.coordinator.programs.delete(request.data[ATTR_PROGRAM])
    return None


@callback
def save_program(request: Request, program: Program, *, replace: bool = True, dry_run: bool = False) -> dict[str, Any]:
    """Save a program if its name is free or may be replaced, and return its response data.

    A dry run finds the same errors and saves nothing.
    """
    programs = request.coordinator.programs
    if program.name.casefold() in RESERVED_NAMES:
        raise wrong(ErrorKey.PROGRAM_NAME_RESERVED, program=program.name)
    if not replace and programs.subentry_of(program.name) is not None:
        raise wrong(ErrorKey.PROGRAM_EXISTS, program=program.name)
    if not dry_run:
        programs.save(program)
    return own_program_response(request, program)


def own_program_response(request: Request, program: Program) -> dict[str, Any]:
    """Return the response data of an own program."""
    limits = request.coordinator.data.rules.limits(program.direction)
    steps = program.as_dict()[ATTR_STEPS]
    fits_now = stays_inside(program, limits)
    return _response("own", program.name, program.direction, program.duration / 60, steps, fits_now=fits_now)


def _preset_response(key: str, limits: Limits) -> dict[str, Any]:
    """Return the response data of a preset; it has no steps if it does not fit the treadmill."""
    preset, program = PRESETS[key], made(key, limits)
    steps = [] if program is None else program.as_dict()[ATTR_STEPS]
    minutes = preset.minutes if program is None else program.duration / 60
    response = _response("preset", key, limits.direction, minutes, steps, fits_now=program is not None)
    return response if preset.days is None else response | {"days_a_week": preset.days}


def _response(
    kind: str, name: str, direction: Direction, minutes: float, steps: list[Any], *, fits_now: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "direction": direction.value,
        "minutes": round(minutes, 2),
        "fits": fits_now,
        "steps": steps,
    }


PROGRAM_ACTIONS: Final[Mapping[str, Action]] = {
    "list_programs": Action(handler=_async_list, response=SupportsResponse.ONLY),
    "save_program": Action(
        handler=_async_save,
        fields={
            vol.Required(ATTR_NAME): cv.string,
            vol.Optional(ATTR_DIRECTION, default=Direction.BACKWARD): DIRECTION,
            # Not validated by the schema, so that an invalid step is reported by its number.
            vol.Required(ATTR_STEPS): cv.ensure_list,
            **UNIT_FIELD,
        },
        response=SupportsResponse.OPTIONAL,
        for_administrators=True,
    ),
    "delete_program": Action(
        handler=_async_delete,
        fields={vol.Required(ATTR_PROGRAM): cv.string},
        for_administrators=True,
    ),
}
