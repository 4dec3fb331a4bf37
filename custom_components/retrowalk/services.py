"""The actions: what automations, scripts, cards and people may ask of a treadmill and of what was walked on it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import Context, HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .people import EVER, People
from .refusals import out_of_range, wrong
from .training.correction import reckon, with_direction, with_walker
from .training.energy import DEFAULT_WEIGHT
from .training.limits import Direction
from .training.record import Outcome, SessionRecord
from .training.states import SessionState
from .walker import GUEST, GUEST_NAMES, Walker, async_person_of

ATTR_DIRECTION: Final = "direction"
ATTR_DISCOMFORT_AFTER: Final = "discomfort_after"
ATTR_DISCOMFORT_BEFORE: Final = "discomfort_before"
ATTR_DISTANCE: Final = "distance"
ATTR_FROM: Final = "from"
ATTR_INCLINE_DELTA: Final = "incline_delta"
ATTR_MINUTES: Final = "minutes"
ATTR_NOTE: Final = "note"
ATTR_SESSION_ID: Final = "session_id"
ATTR_SPEED: Final = "speed"
ATTR_SPEED_DELTA: Final = "speed_delta"
ATTR_STARTED: Final = "started"
ATTR_TO: Final = "to"
ATTR_WALKER: Final = "walker"

_WORST_DISCOMFORT = 10
_LONGEST_LOGGED = 600.0  # min
_FASTEST_LOGGED = 25.0  # km/h
_EARLIEST_LOGGED = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, by whom, and of which treadmill; `walker` is whose device was named, if it was a walker's."""

    coordinator: RetrowalkCoordinator
    walker: Walker | None
    user: User | None  # None: an automation, or Home Assistant itself
    context: Context
    data: Mapping[str, Any]

    @property
    def people(self) -> People:
        """The walkers of this treadmill and their sessions."""
        return self.coordinator.people


type Handler = Callable[[Request], Awaitable[ServiceResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action and its fields, apart from the device. Ranges are not for the schema: its errors have no texts."""

    handler: Handler
    fields: Mapping[vol.Marker, Any] = field(default_factory=dict)
    response: SupportsResponse = SupportsResponse.NONE
    for_administrators: bool = False


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_async_run, action),
            schema=vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string, **action.fields}),
            supports_response=action.response,
        )


async def _async_run(action: Action, call: ServiceCall) -> ServiceResponse:
    """Find out what is meant and whether the caller may, then do it."""
    device, entry = async_get_device_and_config_entry(
        call.hass, DOMAIN, call.data[ATTR_DEVICE_ID], include_child_devices=False
    )
    coordinator: RetrowalkCoordinator = entry.runtime_data
    user = await _async_check_user(call, coordinator, action)
    people = coordinator.people
    walkers = (walker for walker in people.walkers.values() if people.identifier(walker.id) in device.identifiers)
    request = Request(
        coordinator=coordinator, walker=next(walkers, None), user=user, context=call.context, data=call.data
    )
    return await action.handler(request)


async def _async_check_user(call: ServiceCall, coordinator: RetrowalkCoordinator, action: Action) -> User | None:
    """Who calls, if they may. Calls without a user come from automations, which are their owner's affair."""
    if call.context.user_id is None:
        return None
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if action.for_administrators and not user.is_admin:
        raise Unauthorized(context=call.context)
    entity_id = coordinator.entity_id("sensor", "session_state")
    if not (user.is_admin or (entity_id and user.permissions.check_entity(entity_id, POLICY_CONTROL))):
        raise Unauthorized(context=call.context, entity_id=entity_id, permission=POLICY_CONTROL)
    return user


# The walk that is, or is to be


async def _async_start(request: Request) -> ServiceResponse:
    coordinator, data = request.coordinator, request.data
    await coordinator.async_make_ready(
        request.context,
        walker=_who(request),
        direction=data.get(ATTR_DIRECTION),
        minutes=data.get(ATTR_MINUTES),
        speed=data.get(ATTR_SPEED),
    )
    session = coordinator.session
    return {
        "state": session.state.value,
        "walker": _label(request.people, session.walker),
        "direction": session.direction.value,
    }


async def _async_confirm(request: Request) -> ServiceResponse:
    _check_walks(request)
    await request.coordinator.async_confirm(request.context, walker=request.walker.id if request.walker else None)
    return None


async def _async_pause(request: Request) -> ServiceResponse:
    _check_walks(request)
    await request.coordinator.async_pause()
    return None


async def _async_resume(request: Request) -> ServiceResponse:
    _check_walks(request)
    coordinator = request.coordinator
    await coordinator.async_resume(request.context, coordinator.entity_id("button", "resume"))
    return None


async def _async_finish(request: Request) -> ServiceResponse:
    _check_walks(request)
    await request.coordinator.async_finish()
    return None


async def _async_stop(request: Request) -> ServiceResponse:
    await request.coordinator.async_stop()  # whoever walks (S3)
    return None


async def _async_adjust(request: Request) -> ServiceResponse:
    _check_walks(request)
    speed, incline = request.data.get(ATTR_SPEED_DELTA), request.data.get(ATTR_INCLINE_DELTA)
    if speed is None and incline is None:
        raise wrong("nothing_to_change")
    await request.coordinator.async_adjust(speed, incline, request.context)
    return None


def _check_walks(request: Request) -> None:
    """Refuse what is asked of a walker while somebody else's session is under way."""
    session, walker, walks = request.coordinator.session, request.walker, request.coordinator.choices.walks
    over = session.state in {SessionState.IDLE, SessionState.FINISHED}
    nobody_named = walks is None and (session.wish is None or session.wish.open)
    if walker is None or over or nobody_named or walks == walker:
        return
    who = _label(request.people, walks.id if walks else session.walker)
    raise wrong("somebody_else_walks", walker=who or "?", named=walker.name)


# What was walked


async def _async_log(request: Request) -> ServiceResponse:
    people, data = request.people, request.data
    who = _who(request)
    if who is None:
        raise wrong("walker_missing")
    minutes: float = data[ATTR_MINUTES]
    if not 0 < minutes <= _LONGEST_LOGGED:
        raise out_of_range("logged_minutes", 0, _LONGEST_LOGGED)
    started = _aware(data[ATTR_STARTED])
    if not _EARLIEST_LOGGED <= started <= dt_util.utcnow() - timedelta(minutes=minutes):
        raise wrong("started_out_of_range")
    metres: float = data.get(ATTR_DISTANCE, 0.0)
    farthest = minutes / 60 * _FASTEST_LOGGED * 1000
    if not 0 <= metres <= farthest:
        raise out_of_range("distance", 0, round(farthest))
    walker = people.walkers.get(who)
    weight = walker.weight if walker else DEFAULT_WEIGHT
    calories = reckon(request.coordinator.options.estimate, data[ATTR_DIRECTION], weight, minutes * 60, metres)
    record = SessionRecord(
        id=ulid_now(),
        walker=walker.id if walker else None,
        direction=data[ATTR_DIRECTION],
        started=started,
        ended=started + timedelta(minutes=minutes),
        moving_time=minutes * 60,
        distance=metres,
        calories=calories.gross,
        calories_net=calories.net,
        outcome=Outcome.LOGGED,
        note=_note(data),
        weight=weight,
    )
    await people.async_add(record)
    return _shown(people, record)


async def _async_edit(request: Request) -> ServiceResponse:
    people, data = request.people, request.data
    if not {ATTR_WALKER, ATTR_DIRECTION, ATTR_NOTE} & data.keys():
        raise wrong("nothing_to_change")
    note, estimate = _note(data), request.coordinator.options.estimate
    who = _walker_id(people, data[ATTR_WALKER]) if ATTR_WALKER in data else None

    def change(record: SessionRecord) -> SessionRecord:
        if ATTR_NOTE in data:
            record = replace(record, note=note)
        if data.get(ATTR_DIRECTION, record.direction) is not record.direction:
            record = with_direction(estimate, record, data[ATTR_DIRECTION])
        if who is not None and who != (record.walker or GUEST):
            walker = people.walkers.get(who)
            weight = walker.weight if walker else DEFAULT_WEIGHT
            record = with_walker(estimate, record, walker.id if walker else None, weight)
        return record

    return await _async_change(request, change)


async def _async_rate(request: Request) -> ServiceResponse:
    data = request.data
    ratings = {key: data[key] for key in (ATTR_DISCOMFORT_BEFORE, ATTR_DISCOMFORT_AFTER) if key in data}
    if not ratings and ATTR_NOTE not in data:
        raise wrong("nothing_to_change")
    if any(rating not in range(_WORST_DISCOMFORT + 1) for rating in ratings.values()):
        raise out_of_range("discomfort", 0, _WORST_DISCOMFORT)
    changes: dict[str, Any] = {key: int(rating) for key, rating in ratings.items()}
    if ATTR_NOTE in data:
        changes[ATTR_NOTE] = _note(data)
    return await _async_change(request, lambda record: replace(record, **changes))


async def _async_change(request: Request, change: Callable[[SessionRecord], SessionRecord]) -> ServiceResponse:
    """Correct the session that is meant; returns it as it is then."""
    people, record = request.people, _record(request)
    try:
        return _shown(people, await people.async_change(record.id, change))
    except KeyError as err:
        raise wrong("session_unknown", session_id=record.id) from err


async def _async_delete(request: Request) -> ServiceResponse:
    record = _record(request)
    try:
        await request.people.async_remove(record.id)
    except KeyError as err:
        raise wrong("session_unknown", session_id=record.id) from err
    return None


async def _async_get(request: Request) -> ServiceResponse:
    people, data = request.people, request.data
    start = _aware(data[ATTR_FROM])
    end = _aware(data[ATTR_TO])
    if not start < end:
        raise wrong("from_after_to")
    who = _who(request)
    records = people.ledger.between(start, end, None if who in {None, GUEST} else who)
    if who == GUEST:
        records = [record for record in records if record.walker is None]

    def shown() -> list[JsonValueType]:
        return [_shown(people, record) for record in records]

    # Of ten years they are some ten thousand: too many for the event loop.
    return {"sessions": await request.coordinator.hass.async_add_executor_job(shown)}


def _record(request: Request) -> SessionRecord:
    """The session that is meant, if the caller may change it."""
    people, walker, session_id = request.people, request.walker, request.data.get(ATTR_SESSION_ID)
    if session_id is None:
        walked = people.ledger.between(*EVER, walker.id if walker else None)
        if not walked:
            raise wrong("no_session")
        record = walked[-1]
    elif (found := people.ledger.get(session_id)) is None:
        raise wrong("session_unknown", session_id=session_id)
    else:
        record = found
    if walker is not None and record.walker != walker.id:
        raise wrong("session_of_somebody_else", walker=walker.name)
    _check_may_change(request, record)
    return record


def _check_may_change(request: Request, record: SessionRecord) -> None:
    """A session is its walker's own, where people sign in as themselves; administrators may put all of them right."""
    user, owner = request.user, request.people.walkers.get(record.walker or GUEST)
    if user is None or user.is_admin or owner is None or owner.person is None:
        return
    person = async_person_of(request.coordinator.hass, user.id)
    if person is None or person.entity_id != owner.person:
        raise wrong("session_is_private", walker=owner.name)


# Words


def _who(request: Request) -> str | None:
    """Whom the action is about, by the device or by name: a subentry id or GUEST; None: nobody was named."""
    device = request.walker
    if ATTR_WALKER not in request.data:
        return device.id if device else None
    named = _walker_id(request.people, request.data[ATTR_WALKER])
    if device is not None and device.id != named:
        raise wrong("two_walkers", walker=request.data[ATTR_WALKER], named=device.name)
    return named


def _walker_id(people: People, name: str) -> str:
    """The walker of a name or a subentry id, or GUEST."""
    meant = name.strip().casefold()
    labels = people.labels()
    ids = {label.casefold(): walker_id for label, walker_id in labels.items()}
    if meant in GUEST_NAMES:
        return GUEST
    if found := ids.get(meant):
        return found
    if name in people.walkers:
        return name
    raise wrong("walker_unknown", walker=name, known=", ".join(labels))


def _label(people: People, walker_id: str | None) -> str | None:
    """What a walker is called; None if there is no such walker any more."""
    meant = walker_id or GUEST
    return next((label for label, who in people.labels().items() if who == meant), None)


def _note(data: Mapping[str, Any]) -> str | None:
    """The note, if there is one."""
    note: str = data.get(ATTR_NOTE, "").strip()
    if len(note) > _LONGEST_NOTE:
        raise wrong("note_too_long", highest=str(_LONGEST_NOTE))
    return note or None


def _aware(time: datetime) -> datetime:
    """A time without a zone is the house's."""
    return time if time.tzinfo else time.replace(tzinfo=dt_util.get_default_time_zone())


def _shown(people: People, record: SessionRecord) -> dict[str, JsonValueType]:
    """A session as others may use it: plain values, times in the house's zone, names instead of ids."""
    return {
        "id": record.id,
        "walker": _label(people, record.walker),
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
        "discomfort_before": record.discomfort_before,
        "discomfort_after": record.discomfort_after,
        "note": record.note,
    }


_NUMBER = vol.Coerce(float)
_DIRECTION = vol.Coerce(Direction)

ACTIONS: Final[Mapping[str, Action]] = {
    "start_session": Action(
        handler=_async_start,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): _DIRECTION,
            vol.Optional(ATTR_MINUTES): _NUMBER,
            vol.Optional(ATTR_SPEED): _NUMBER,
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
        fields={vol.Optional(ATTR_SPEED_DELTA): _NUMBER, vol.Optional(ATTR_INCLINE_DELTA): _NUMBER},
    ),
    "log_session": Action(
        handler=_async_log,
        fields={
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION, default=Direction.BACKWARD): _DIRECTION,
            vol.Required(ATTR_STARTED): cv.datetime,
            vol.Required(ATTR_MINUTES): _NUMBER,
            vol.Optional(ATTR_DISTANCE): _NUMBER,
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "edit_session": Action(
        handler=_async_edit,
        fields={
            vol.Optional(ATTR_SESSION_ID): cv.string,
            vol.Optional(ATTR_WALKER): cv.string,
            vol.Optional(ATTR_DIRECTION): _DIRECTION,
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "rate_session": Action(
        handler=_async_rate,
        fields={
            vol.Optional(ATTR_SESSION_ID): cv.string,
            vol.Optional(ATTR_DISCOMFORT_BEFORE): _NUMBER,
            vol.Optional(ATTR_DISCOMFORT_AFTER): _NUMBER,
            vol.Optional(ATTR_NOTE): cv.string,
        },
        response=SupportsResponse.OPTIONAL,
    ),
    "delete_session": Action(
        handler=_async_delete,
        fields={vol.Optional(ATTR_SESSION_ID): cv.string},
        for_administrators=True,
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
}
