"""The actions of the walk that is, or is to be."""

from collections.abc import Mapping
from typing import Final

import voluptuous as vol
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from .action import (
    ATTR_DIRECTION,
    ATTR_INCLINE_DELTA,
    ATTR_MINUTES,
    ATTR_SPEED,
    ATTR_SPEED_DELTA,
    ATTR_WALKER,
    DIRECTION,
    NUMBER,
    Action,
    Request,
    check_walks,
    label_of,
    whom,
)
from .refusals import wrong


async def _async_start(request: Request) -> ServiceResponse:
    coordinator, data = request.coordinator, request.data
    await coordinator.async_make_ready(
        request.context,
        walker=whom(request),
        direction=data.get(ATTR_DIRECTION),
        minutes=data.get(ATTR_MINUTES),
        speed=data.get(ATTR_SPEED),
    )
    session = coordinator.session
    return {
        "state": session.state.value,
        "walker": label_of(request.people, session.walker),
        "direction": session.direction.value,
    }


async def _async_confirm(request: Request) -> ServiceResponse:
    check_walks(request)
    await request.coordinator.async_confirm(request.context)
    return None


async def _async_pause(request: Request) -> ServiceResponse:
    check_walks(request)
    await request.coordinator.async_pause()
    return None


async def _async_resume(request: Request) -> ServiceResponse:
    check_walks(request)
    coordinator = request.coordinator
    await coordinator.async_resume(request.context, coordinator.entity_id("button", "resume"))
    return None


async def _async_finish(request: Request) -> ServiceResponse:
    check_walks(request)
    await request.coordinator.async_finish()
    return None


async def _async_stop(request: Request) -> ServiceResponse:
    await request.coordinator.async_stop()  # whoever walks (S3)
    return None


async def _async_adjust(request: Request) -> ServiceResponse:
    check_walks(request)
    speed, incline = request.data.get(ATTR_SPEED_DELTA), request.data.get(ATTR_INCLINE_DELTA)
    if speed is None and incline is None:
        raise wrong("nothing_to_change")
    await request.coordinator.async_adjust(speed, incline, request.context)
    return None


WALK_ACTIONS: Final[Mapping[str, Action]] = {
    "start_session": Action(
        handler=_async_start,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): DIRECTION,
            vol.Optional(ATTR_MINUTES): NUMBER,
            vol.Optional(ATTR_SPEED): NUMBER,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "confirm_session": Action(handler=_async_confirm),
    "pause_session": Action(handler=_async_pause),
    "resume_session": Action(handler=_async_resume),
    "finish_session": Action(handler=_async_finish),
    "stop": Action(handler=_async_stop),
    "adjust": Action(
        handler=_async_adjust,
        fields={vol.Optional(ATTR_SPEED_DELTA): NUMBER, vol.Optional(ATTR_INCLINE_DELTA): NUMBER},
    ),
}
