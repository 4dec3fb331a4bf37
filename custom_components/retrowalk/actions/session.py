"""The actions of the present or next session."""

from collections.abc import Mapping
from typing import Final

import voluptuous as vol
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from ..errors import ErrorKey, out_of_range, translated_errors, wrong
from ..programs.library import RESERVED_NAMES
from ..programs.program_preview import cuts_data
from ..programs.words import Words
from ..training.limits import Direction
from ..training.programs.program import Program
from .base import (
    ATTR_DIRECTION,
    ATTR_INCLINE,
    ATTR_INCLINE_DELTA,
    ATTR_MINUTES,
    ATTR_NAME,
    ATTR_PROGRAM,
    ATTR_SECONDS,
    ATTR_SPEED,
    ATTR_SPEED_DELTA,
    ATTR_STEPS,
    ATTR_WALKER,
    DIRECTION,
    NUMBER,
    UNIT_FIELD,
    Action,
    Request,
    check_walker,
    requested_walker_id,
    walker_label,
)

_INLINE = "inline"  # the name of a program that was given without one
_LONGEST_RAMP = 3600.0  # s


async def _async_start(request: Request) -> ServiceResponse:
    return await _async_prepare(request, request.data.get(ATTR_PROGRAM))


async def _async_run_program(request: Request) -> ServiceResponse:
    """Prepare a session with a program, and return the planned steps of the belt, and what the limits cut."""
    data = request.data
    if (ATTR_PROGRAM in data) is (ATTR_STEPS in data):
        raise wrong(ErrorKey.PROGRAM_OR_STEPS)
    program: Program | str
    if ATTR_STEPS in data:
        name = data.get(ATTR_NAME, _INLINE)
        if name.strip().casefold() in RESERVED_NAMES:
            # The record could not be told apart from one of the reserved name.
            raise wrong(ErrorKey.PROGRAM_NAME_RESERVED, program=name)
        program_dict = {
            "name": name,
            "direction": data.get(ATTR_DIRECTION, Direction.BACKWARD),
            "steps": data[ATTR_STEPS],
        }
        with translated_errors():
            program = Program.from_dict(program_dict, request.units)
    else:
        # A preset or an own program; the choices "plan" and "free" are not programs.
        program = request.coordinator.programs.find_name(data[ATTR_PROGRAM])
    response = await _async_prepare(request, program)
    found = await request.coordinator.async_program_preview() if request.return_response else None
    if found is None:
        return response
    words = await Words.async_load(request.coordinator.hass)
    return {**response, "steps": [step.as_dict() for step in found.planned], "cuts": [*cuts_data(found, words)]}


async def _async_prepare(request: Request, program: Program | str | None) -> dict[str, JsonValueType]:
    coordinator, data = request.coordinator, request.data
    await request.control.prepare(
        request.context,
        walker=requested_walker_id(request),
        direction=data.get(ATTR_DIRECTION),
        minutes=data.get(ATTR_MINUTES),
        speed=request.kmh(ATTR_SPEED),
        program=program,
    )
    snapshot = coordinator.data
    return {
        "state": snapshot.state.value,
        "walker": walker_label(request.roster, snapshot.made_for),
        "direction": snapshot.direction.value,
        "program": snapshot.program,
        "minutes": round(snapshot.length, 2),
    }


async def _async_confirm(request: Request) -> ServiceResponse:
    check_walker(request)
    await request.control.confirm(request.context, walker=request.walker.id if request.walker else None)
    return None


async def _async_pause(request: Request) -> ServiceResponse:
    check_walker(request)
    await request.control.pause()
    return None


async def _async_resume(request: Request) -> ServiceResponse:
    check_walker(request)
    coordinator = request.coordinator
    await request.control.resume(request.context, coordinator.entity_id("button", "resume"))
    return None


async def _async_finish(request: Request) -> ServiceResponse:
    check_walker(request)
    await request.control.finish()
    return None


async def _async_stop(request: Request) -> ServiceResponse:
    await request.control.stop()  # whoever the walker is (S3)
    return None


async def _async_adjust(request: Request) -> ServiceResponse:
    check_walker(request)
    speed, incline = request.kmh(ATTR_SPEED_DELTA), request.data.get(ATTR_INCLINE_DELTA)
    if speed is None and incline is None:
        raise wrong(ErrorKey.NOTHING_TO_CHANGE)
    await request.control.adjust(speed, incline, request.context)
    return None


async def _async_ramp_to(request: Request) -> ServiceResponse:
    check_walker(request)
    data = request.data
    speed, incline = request.kmh(ATTR_SPEED), data.get(ATTR_INCLINE)
    if speed is None and incline is None:
        raise wrong(ErrorKey.NOTHING_TO_CHANGE)
    seconds: float = data[ATTR_SECONDS]
    if not 0 <= seconds <= _LONGEST_RAMP:
        raise out_of_range(ErrorKey.SECONDS_OUT_OF_RANGE, 0, _LONGEST_RAMP)
    await request.control.ramp_to(speed, incline, seconds, request.context)
    return None


async def _async_skip_step(request: Request) -> ServiceResponse:
    check_walker(request)
    await request.control.skip_step(request.context)
    return None


SESSION_ACTIONS: Final[Mapping[str, Action]] = {
    "start_session": Action(
        handler=_async_start,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): DIRECTION,
            vol.Optional(ATTR_MINUTES): NUMBER,
            vol.Optional(ATTR_PROGRAM): cv.string,
            vol.Optional(ATTR_SPEED): NUMBER,
            **UNIT_FIELD,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "run_program": Action(
        handler=_async_run_program,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): DIRECTION,
            vol.Optional(ATTR_PROGRAM): cv.string,
            vol.Optional(ATTR_STEPS): object,  # not validated here, so that the program's own errors are raised
            **UNIT_FIELD,
            vol.Optional(ATTR_NAME): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "ramp_to": Action(
        handler=_async_ramp_to,
        fields={
            vol.Optional(ATTR_SPEED): NUMBER,
            **UNIT_FIELD,
            vol.Optional(ATTR_INCLINE): NUMBER,
            vol.Optional(ATTR_SECONDS, default=60): NUMBER,
        },
    ),
    "skip_step": Action(handler=_async_skip_step),
    "confirm_session": Action(handler=_async_confirm),
    "pause_session": Action(handler=_async_pause, for_all=True),
    "resume_session": Action(handler=_async_resume),
    "finish_session": Action(handler=_async_finish, for_all=True),
    "stop": Action(handler=_async_stop, for_everybody=True, for_all=True),
    "adjust": Action(
        handler=_async_adjust,
        fields={
            vol.Optional(ATTR_SPEED_DELTA): NUMBER,
            **UNIT_FIELD,
            vol.Optional(ATTR_INCLINE_DELTA): NUMBER,
        },
    ),
}
