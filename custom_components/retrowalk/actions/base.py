"""What all actions share: their description, the request, and how walkers are named."""

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
from ..training.files.imported import SpeedUnit
from ..training.limits import Direction
from ..training.states import BETWEEN_SESSIONS
from ..training.units import Units
from ..treadmill.control import TreadmillControl
from ..walkers.roster import WalkerRoster
from ..walkers.walker import GUEST, GUEST_NAMES, Walker

ATTR_DIRECTION: Final = "direction"
ATTR_DISCOMFORT_AFTER: Final = "discomfort_after"
ATTR_DISCOMFORT_BEFORE: Final = "discomfort_before"
ATTR_DISTANCE: Final = "distance"
ATTR_EFFORT: Final = "effort"
ATTR_FROM: Final = "from"
ATTR_INCLINE_DELTA: Final = "incline_delta"
ATTR_INCLINE: Final = "incline"
ATTR_KNEE: Final = "knee"
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
ATTR_UNIT: Final = "unit"
ATTR_WALKER: Final = "walker"


def _number(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf  # too large for a float, and refused like any number out of range
    except (TypeError, ValueError) as err:
        raise vol.CoerceInvalid("expected float") from err


NUMBER: Final = _number
DIRECTION: Final = vol.Coerce(Direction)
UNIT_FIELD: Final[Mapping[vol.Marker, Any]] = {vol.Optional(ATTR_UNIT, default=SpeedUnit.KMH): vol.Coerce(SpeedUnit)}
"""The field for the unit of all speeds of a call: km/h, unless it says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call of an action; `walker` is set if the target names one."""

    coordinator: RetrowalkCoordinator
    control: TreadmillControl
    reminders: ReminderManager
    walker: Walker | None
    user: User | None  # None for an automation and for Home Assistant itself
    context: Context
    data: Mapping[str, Any]
    return_response: bool  # whether the caller asks for response data

    @property
    def roster(self) -> WalkerRoster:
        """The walkers of this treadmill and their sessions."""
        return self.coordinator.roster

    @property
    def units(self) -> Units:
        """The units that the call is in, whatever the house measures in."""
        return Units(miles=self.data.get(ATTR_UNIT) is SpeedUnit.MPH)

    def kmh(self, key: str) -> float | None:
        """Return the speed in a field (km/h), or None if it is not given."""
        return None if key not in self.data else self.units.kmh(self.data[key])


type Handler = Callable[[Request], Awaitable[ServiceResponse]]


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action and its fields without the target. The schema checks no ranges: its errors have no translations."""

    handler: Handler
    fields: Mapping[vol.Marker, Any] = field(default_factory=dict)
    response: SupportsResponse = SupportsResponse.NONE
    for_administrators: bool = False
    for_readers: bool = False  # for users who may only see the treadmill, too: what is theirs they may change
    for_everybody: bool = False  # never refused, whoever calls: Stop (S3)
    for_all: bool = False  # of all treadmills in a target, of which other actions take one; has no response


def requested_walker_id(request: Request) -> str | None:
    """Return the subentry id of the named walker, or GUEST; None if no walker is named."""
    device_walker = request.walker
    if ATTR_WALKER not in request.data:
        return device_walker.id if device_walker else None
    walker_id = find_walker_id(request.roster, request.data[ATTR_WALKER])
    if device_walker is not None and device_walker.id != walker_id:
        raise wrong(ErrorKey.TWO_WALKERS, walker=request.data[ATTR_WALKER], named=device_walker.name)
    return walker_id


def requested_walker(request: Request) -> Walker:
    """Return the named walker, else the caller, else the only walker; a guest is none."""
    roster = request.roster
    walker_id = requested_walker_id(request)
    if walker_id == GUEST:
        raise wrong(ErrorKey.GUEST_HAS_NO_PLAN)
    if walker_id is not None:
        return roster.walkers[walker_id]
    caller = roster.person_walker(request.user.id) if request.user else None
    if caller is not None:
        return caller
    if len(roster.walkers) == 1:
        return next(iter(roster.walkers.values()))
    raise wrong(ErrorKey.WALKER_MISSING)


def find_walker_id(roster: WalkerRoster, name: str) -> str:
    """Return the subentry id of a walker by name or subentry id, or GUEST."""
    folded = name.strip().casefold()
    labels = roster.labels()
    ids = {label.casefold(): walker_id for label, walker_id in labels.items()}
    if folded in GUEST_NAMES:
        return GUEST
    if walker_id := ids.get(folded):
        return walker_id
    if name in roster.walkers:
        return name
    raise wrong(ErrorKey.WALKER_UNKNOWN, walker=name, known=", ".join(labels))


def walker_label(roster: WalkerRoster, walker_id: str | None) -> str | None:
    """Return the label of a walker, or None if the walker was removed."""
    return roster.label(walker_id)


def as_aware(time: datetime) -> datetime:
    """Return a time with a time zone, by default Home Assistant's."""
    return time if time.tzinfo else time.replace(tzinfo=dt_util.get_default_time_zone())


def check_walker(request: Request) -> None:
    """Raise if the named walker is not the one whose session is under way."""
    snapshot, walker = request.coordinator.data, request.walker
    active = request.roster.walkers.get(snapshot.walker) if snapshot.walker else None
    undecided = active is None and snapshot.open
    if walker is None or snapshot.state in BETWEEN_SESSIONS or undecided or active == walker:
        return
    label = walker_label(request.roster, active.id if active else snapshot.made_for)
    raise wrong(ErrorKey.SOMEBODY_ELSE_WALKS, walker=label or "?", named=walker.name)
