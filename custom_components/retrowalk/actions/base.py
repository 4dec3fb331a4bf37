"""What an action is, and what its fields mean."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.core import Context, ServiceResponse, SupportsResponse
from homeassistant.util import dt as dt_util

from ..coordinator import RetrowalkCoordinator
from ..errors import ErrorKey, wrong
from ..reminders.manager import ReminderManager
from ..training.limits import Direction
from ..training.states import BETWEEN_SESSIONS
from ..treadmill.control import TreadmillControl
from ..walkers.roster import WalkerRoster
from ..walkers.walker import GUEST, GUEST_NAMES, Walker

ATTR_DIRECTION: Final = "direction"
ATTR_DISCOMFORT_AFTER: Final = "discomfort_after"
ATTR_DISCOMFORT_BEFORE: Final = "discomfort_before"
ATTR_DISTANCE: Final = "distance"
ATTR_FROM: Final = "from"
ATTR_INCLINE_DELTA: Final = "incline_delta"
ATTR_INCLINE: Final = "incline"
ATTR_MINUTES: Final = "minutes"
ATTR_NAME: Final = "name"
ATTR_NOTE: Final = "note"
ATTR_PROGRAM: Final = "program"
ATTR_SECONDS: Final = "seconds"
ATTR_SESSION_ID: Final = "session_id"
ATTR_SPEED: Final = "speed"
ATTR_SPEED_DELTA: Final = "speed_delta"
ATTR_STEPS: Final = "steps"
ATTR_STARTED: Final = "started"
ATTR_TO: Final = "to"
ATTR_WALKER: Final = "walker"


def _number(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf  # more than there is: it is refused in words, as any number too large
    except (TypeError, ValueError) as err:
        raise vol.CoerceInvalid("expected float") from err


NUMBER: Final = _number
DIRECTION: Final = vol.Coerce(Direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, by whom, and of which treadmill; `walker` is whose device was named, if it was a walker's."""

    coordinator: RetrowalkCoordinator
    control: TreadmillControl
    reminders: ReminderManager
    walker: Walker | None
    user: User | None  # None: an automation, or Home Assistant itself
    context: Context
    data: Mapping[str, Any]
    return_response: bool  # whether the caller wants to hear what came of it

    @property
    def roster(self) -> WalkerRoster:
        """The walkers of this treadmill and their sessions."""
        return self.coordinator.roster


type Handler = Callable[[Request], Awaitable[ServiceResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action and its fields, apart from the device. Ranges are not for the schema: its errors have no texts."""

    handler: Handler
    fields: Mapping[vol.Marker, Any] = field(default_factory=dict)
    response: SupportsResponse = SupportsResponse.NONE
    for_administrators: bool = False
    for_everybody: bool = False  # never refused, whoever asks and however it is asked: Stop (S3)


def requested_walker_id(request: Request) -> str | None:
    """Whom the action is about, by the device or by name: a subentry id or GUEST; None: nobody was named."""
    device = request.walker
    if ATTR_WALKER not in request.data:
        return device.id if device else None
    named = find_walker_id(request.roster, request.data[ATTR_WALKER])
    if device is not None and device.id != named:
        raise wrong(ErrorKey.TWO_WALKERS, walker=request.data[ATTR_WALKER], named=device.name)
    return named


def find_walker_id(people: WalkerRoster, name: str) -> str:
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
    raise wrong(ErrorKey.WALKER_UNKNOWN, walker=name, known=", ".join(labels))


def walker_label(people: WalkerRoster, walker_id: str | None) -> str | None:
    """What a walker is called; None if there is no such walker any more."""
    meant = walker_id or GUEST
    return next((label for label, who in people.labels().items() if who == meant), None)


def as_aware(time: datetime) -> datetime:
    """A time without a zone is the house's."""
    return time if time.tzinfo else time.replace(tzinfo=dt_util.get_default_time_zone())


def check_walker(request: Request) -> None:
    """Refuse what is asked of a walker while somebody else's session is under way."""
    snapshot, walker = request.coordinator.data, request.walker
    walks = request.roster.walkers.get(snapshot.walker) if snapshot.walker else None
    nobody_named = walks is None and snapshot.open
    if walker is None or snapshot.state in BETWEEN_SESSIONS or nobody_named or walks == walker:
        return
    who = walker_label(request.roster, walks.id if walks else snapshot.made_for)
    raise wrong(ErrorKey.SOMEBODY_ELSE_WALKS, walker=who or "?", named=walker.name)
