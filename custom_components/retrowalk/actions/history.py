"""The actions that read and change finished sessions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
from homeassistant.util.ulid import ulid_now

from ..errors import ErrorKey, out_of_range, wrong
from ..training.history.edits import reckon, with_direction, with_walker
from ..training.history.energy import DEFAULT_WEIGHT
from ..training.history.record import Knee, Outcome, SessionRecord
from ..training.limits import Direction
from ..walkers.privacy import async_check_own, async_is_own, async_may_delete
from ..walkers.roster import EVER, WalkerRoster
from ..walkers.walker import GUEST
from .base import (
    ATTR_DIRECTION,
    ATTR_DISCOMFORT_AFTER,
    ATTR_DISCOMFORT_BEFORE,
    ATTR_DISTANCE,
    ATTR_EFFORT,
    ATTR_FROM,
    ATTR_KNEE,
    ATTR_MINUTES,
    ATTR_NOTE,
    ATTR_SESSION_ID,
    ATTR_STARTED,
    ATTR_TO,
    ATTR_WALKER,
    DIRECTION,
    NUMBER,
    Action,
    Request,
    as_aware,
    find_walker_id,
    requested_walker_id,
    walker_label,
)

_HIGHEST_RATING = 10
_RATINGS: Final[Mapping[str, ErrorKey]] = {
    ATTR_DISCOMFORT_BEFORE: ErrorKey.DISCOMFORT_OUT_OF_RANGE,
    ATTR_DISCOMFORT_AFTER: ErrorKey.DISCOMFORT_OUT_OF_RANGE,
    ATTR_EFFORT: ErrorKey.EFFORT_OUT_OF_RANGE,
}
_NO_ANSWER = "none"
_KNEE: Final[Mapping[str, Knee | None]] = {**{knee.value: knee for knee in Knee}, _NO_ANSWER: None}
_LONGEST_LOGGED = 600.0  # min
_FASTEST_LOGGED = 25.0  # km/h
_EARLIEST_LOGGED = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_NOTE = 500


async def _async_log(request: Request) -> ServiceResponse:
    roster, data = request.roster, request.data
    walker_id = requested_walker_id(request)
    if walker_id is None:
        raise wrong(ErrorKey.WALKER_MISSING)
    async_check_own(request.coordinator.hass, request.user, roster.walkers.get(walker_id))
    minutes: float = data[ATTR_MINUTES]
    if not 0 < minutes <= _LONGEST_LOGGED:
        raise out_of_range(ErrorKey.LOGGED_MINUTES_OUT_OF_RANGE, 0, _LONGEST_LOGGED)
    started = as_aware(data[ATTR_STARTED])
    if not _EARLIEST_LOGGED <= started <= dt_util.utcnow() - timedelta(minutes=minutes):
        raise wrong(ErrorKey.STARTED_OUT_OF_RANGE)
    meters: float = data.get(ATTR_DISTANCE, 0.0)
    farthest = minutes / 60 * _FASTEST_LOGGED * 1000
    if not 0 <= meters <= farthest:
        raise out_of_range(ErrorKey.DISTANCE_OUT_OF_RANGE, 0, round(farthest))
    walker = roster.walkers.get(walker_id)
    weight = walker.weight if walker else DEFAULT_WEIGHT
    calories = reckon(request.coordinator.options.estimate, data[ATTR_DIRECTION], weight, minutes * 60, meters)
    record = SessionRecord(
        id=ulid_now(),
        walker=walker.id if walker else None,
        direction=data[ATTR_DIRECTION],
        started=started,
        ended=started + timedelta(minutes=minutes),
        moving_time=minutes * 60,
        distance=meters,
        calories=calories.gross,
        calories_net=calories.net,
        outcome=Outcome.LOGGED,
        note=_note(data),
        weight=weight,
    )
    await roster.async_add(record)
    return _response(roster, record)


async def _async_edit(request: Request) -> ServiceResponse:
    roster, data = request.roster, request.data
    if not {ATTR_WALKER, ATTR_DIRECTION, ATTR_NOTE} & data.keys():
        raise wrong(ErrorKey.NOTHING_TO_CHANGE)
    note, estimate = _note(data), request.coordinator.options.estimate
    walker_id = find_walker_id(roster, data[ATTR_WALKER]) if ATTR_WALKER in data else None
    async_check_own(request.coordinator.hass, request.user, roster.walkers.get(walker_id or GUEST))

    def change(record: SessionRecord) -> SessionRecord:
        if ATTR_NOTE in data:
            record = replace(record, note=note)
        if data.get(ATTR_DIRECTION, record.direction) is not record.direction:
            record = with_direction(estimate, record, data[ATTR_DIRECTION])
        if walker_id is not None and walker_id != (record.walker or GUEST):
            walker = roster.walkers.get(walker_id)
            weight = walker.weight if walker else DEFAULT_WEIGHT
            record = with_walker(estimate, record, walker.id if walker else None, weight)
        return record

    return await _async_change(request, change)


async def _async_rate(request: Request) -> ServiceResponse:
    data = request.data
    ratings = {key: data[key] for key in _RATINGS if key in data}
    if not ratings and not {ATTR_KNEE, ATTR_NOTE} & data.keys():
        raise wrong(ErrorKey.NOTHING_TO_CHANGE)
    for key, rating in ratings.items():
        if rating is not None and rating not in range(_HIGHEST_RATING + 1):
            raise out_of_range(_RATINGS[key], 0, _HIGHEST_RATING)
    changes: dict[str, Any] = {key: None if rating is None else int(rating) for key, rating in ratings.items()}
    if ATTR_KNEE in data:
        changes[ATTR_KNEE] = _KNEE[data[ATTR_KNEE] or _NO_ANSWER]
    if ATTR_NOTE in data:
        changes[ATTR_NOTE] = _note(data)
    return await _async_change(request, lambda record: replace(record, **changes))


async def _async_change(request: Request, change: Callable[[SessionRecord], SessionRecord]) -> ServiceResponse:
    """Change the requested session, and return its response data."""
    roster, record = request.roster, requested_record(request)
    try:
        return _response(roster, await roster.async_change(record.id, change))
    except KeyError as err:
        raise wrong(ErrorKey.SESSION_UNKNOWN, session_id=record.id) from err


async def _async_delete(request: Request) -> ServiceResponse:
    record = requested_record(request)
    owner = request.roster.walkers.get(record.walker or GUEST)
    if not async_may_delete(request.coordinator.hass, request.user, owner):
        raise Unauthorized(context=request.context)
    try:
        await request.roster.async_remove(record.id)
    except KeyError as err:
        raise wrong(ErrorKey.SESSION_UNKNOWN, session_id=record.id) from err
    return None


async def _async_get(request: Request) -> ServiceResponse:
    roster, data = request.roster, request.data
    start = as_aware(data[ATTR_FROM])
    end = as_aware(data[ATTR_TO])
    if not start < end:
        raise wrong(ErrorKey.FROM_AFTER_TO)
    records = sessions_of(roster, requested_walker_id(request), start, end)

    hass, walkers = request.coordinator.hass, roster.walkers.values()
    private = {walker.id for walker in walkers if not async_is_own(hass, request.user, walker)}

    def build_response() -> list[JsonValueType]:
        return [_response(roster, record, private=record.walker in private) for record in records]

    # Ten years may hold ten thousand sessions, too many for the event loop.
    return {"sessions": await hass.async_add_executor_job(build_response)}


def sessions_of(roster: WalkerRoster, walker_id: str | None, start: datetime, end: datetime) -> list[SessionRecord]:
    """Return the sessions of a walker or of guests (GUEST) that began in a period; None: of everybody."""
    records = roster.sessions(start, end, None if walker_id == GUEST else walker_id)
    return [record for record in records if walker_id != GUEST or record.walker is None]


async def _async_get_track(request: Request) -> ServiceResponse:
    record = requested_record(request)
    track = await request.roster.async_get_track(record.id)
    if track is None:
        raise wrong(ErrorKey.NO_TRACK, session_id=record.id)
    started = dt_util.as_local(record.started).isoformat()
    return {"session_id": record.id, "started": started, **track.as_dict()}


def requested_record(request: Request) -> SessionRecord:
    """Return the requested session, by default the last one; raise if the caller may not change it."""
    roster, walker, session_id = request.roster, request.walker, request.data.get(ATTR_SESSION_ID)
    if session_id is None:
        records = roster.sessions(*EVER, walker.id if walker else None)
        if not records:
            raise wrong(ErrorKey.NO_SESSION)
        record = records[-1]
    elif (found := roster.get(session_id)) is None:
        raise wrong(ErrorKey.SESSION_UNKNOWN, session_id=session_id)
    else:
        record = found
    if walker is not None and record.walker != walker.id:
        raise wrong(ErrorKey.SESSION_OF_SOMEBODY_ELSE, walker=walker.name)
    _check_may_change(request, record)
    return record


def _check_may_change(request: Request, record: SessionRecord) -> None:
    """Raise if the session belongs to another person; administrators may change all sessions."""
    owner = request.roster.walkers.get(record.walker or GUEST)
    if owner is not None and not async_is_own(request.coordinator.hass, request.user, owner):
        raise wrong(ErrorKey.SESSION_IS_PRIVATE, walker=owner.name)


def _note(data: Mapping[str, Any]) -> str | None:
    """Return the note, or None if it is empty; raise if it is too long."""
    note: str = data.get(ATTR_NOTE, "").strip()
    if len(note) > _LONGEST_NOTE:
        raise wrong(ErrorKey.NOTE_TOO_LONG, highest=str(_LONGEST_NOTE))
    return note or None


def _response(roster: WalkerRoster, record: SessionRecord, *, private: bool = False) -> dict[str, JsonValueType]:
    """Return the response data of a session, with local times and names instead of ids.

    If it is `private`, the walker's ratings and note are left out.
    """
    return {
        "id": record.id,
        "walker": walker_label(roster, record.walker),
        "direction": record.direction.value,
        "started": dt_util.as_local(record.started).isoformat(),
        "ended": dt_util.as_local(record.ended).isoformat(),
        "minutes": round(record.moving_time / 60, 2),
        "planned_minutes": None if record.planned is None else round(record.planned / 60, 2),
        "distance": round(record.distance, 1),
        "calories": round(record.calories, 1),
        "calories_net": round(record.calories_net, 1),
        "machine_energy": record.machine_energy,
        "steps": record.steps,
        "max_speed": record.max_speed,
        "max_incline": record.max_incline,
        "program": record.program,
        "outcome": record.outcome.value,
        "completed": record.completed,
        "estimated": record.estimated,
        "discomfort_before": None if private else record.discomfort_before,
        "discomfort_after": None if private else record.discomfort_after,
        "knee": None if private else record.knee,
        "effort": None if private else record.effort,
        "note": None if private else record.note,
    }


HISTORY_ACTIONS: Final[Mapping[str, Action]] = {
    "log_session": Action(
        handler=_async_log,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION, default=Direction.BACKWARD): DIRECTION,
            vol.Required(ATTR_STARTED): cv.datetime,
            vol.Required(ATTR_MINUTES): NUMBER,
            vol.Optional(ATTR_DISTANCE): NUMBER,
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "edit_session": Action(
        handler=_async_edit,
        fields={
            vol.Optional(ATTR_SESSION_ID): cv.string,
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): DIRECTION,
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "rate_session": Action(
        handler=_async_rate,
        fields={
            vol.Optional(ATTR_SESSION_ID): cv.string,
            vol.Optional(ATTR_KNEE): vol.Any(None, vol.In(_KNEE)),
            **{vol.Optional(rating): vol.Any(None, NUMBER) for rating in _RATINGS},
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
        for_readers=True,
    ),
    "delete_session": Action(
        handler=_async_delete,
        fields={vol.Optional(ATTR_SESSION_ID): cv.string},
        for_readers=True,
    ),
    "get_sessions": Action(
        handler=_async_get,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Required(ATTR_FROM): cv.datetime,
            vol.Required(ATTR_TO): cv.datetime,
        },
        response=SupportsResponse.ONLY,
    ),
    "get_track": Action(
        handler=_async_get_track,
        fields={vol.Optional(ATTR_SESSION_ID): cv.string},
        response=SupportsResponse.ONLY,
    ),
}
