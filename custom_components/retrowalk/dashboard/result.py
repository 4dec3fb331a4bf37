"""The result of the last session as the card shows it, until somebody is done with it or the next one begins."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..coordinator import RetrowalkCoordinator
from ..training.history.record import SessionRecord
from ..training.history.track_curve import curve_of, path_of
from ..training.limits import Direction
from ..walkers.planner import Planner
from ..walkers.privacy import async_is_own, async_may_delete
from ..walkers.roster import WalkerRoster
from ..walkers.walker import GUEST, Walker
from .week import week_of

type _Message = dict[str, Any]

RATINGS: Final = ("knee", "discomfort_before", "discomfort_after", "effort")


class ResultFeed:
    """Sends one card the result, when it comes, changes and goes; the curve is sent once."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: RetrowalkCoordinator,
        user: User,
        send: Callable[[_Message], None],
    ) -> None:
        """Initialize the feed of a user's card."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._user = user
        self._send = send
        self._shown: str | None = None  # the ID of the session
        self._last_message: _Message = {}
        self._unsubscribe = [
            coordinator.async_add_listener(self._follow),
            coordinator.roster.async_add_listener(self._update),
        ]
        self._update()

    @callback
    def close(self) -> None:
        """Stop the feed."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []

    @callback
    def _follow(self) -> None:
        """Follow the treadmill, which tells about each second: a result changes only with the roster."""
        record = self._coordinator.result.record
        if (record and record.id) != self._shown:
            self._update()

    @callback
    def _update(self) -> None:
        """Send the result if it has changed."""
        record = self._coordinator.result.record
        message: _Message = {"type": "result", "session": None}
        if record is not None:
            message = self._message(record)
        if message != self._last_message:
            self._last_message = message
            self._send(message)
        before, self._shown = self._shown, record.id if record else None
        if record is not None and record.id != before:
            name = f"Retrowalk reads the track of a session of {self._entry.title}"
            self._entry.async_create_background_task(self._hass, self._async_send_curve(record.id), name)

    async def _async_send_curve(self, session_id: str) -> None:
        track = await self._coordinator.roster.async_get_track(session_id)
        curve = await self._hass.async_add_executor_job(lambda: path_of(curve_of(track)))
        if self._shown == session_id and self._unsubscribe and curve:
            self._send({"type": "curve", "session": session_id, "curve": curve})

    def _message(self, record: SessionRecord) -> _Message:
        """Return the result; ratings of a walker who is another person are left out."""
        hass, user, roster = self._hass, self._user, self._coordinator.roster
        walker = roster.walkers.get(record.walker or GUEST)
        own = async_is_own(hass, user, walker)
        backward = record.direction is Direction.BACKWARD
        labels = roster.labels()
        return {
            "type": "result",
            "session": record.id,
            "walker": None if walker is None else roster.label(walker.id),
            "walkers": [
                label for label, walker_id in labels.items() if async_is_own(hass, user, roster.walkers.get(walker_id))
            ],
            "own": own,
            "deletes": async_may_delete(hass, user, walker),
            "backward": backward,
            "started": dt_util.as_local(record.started).isoformat(),
            "seconds": round(record.moving_time),
            "distance": round(record.distance),
            "calories": round(record.calories_net),
            "top_speed": record.max_speed,
            "completed": record.completed,
            "asks": own and walker is not None and walker.is_asked_after(record),
            "rated": {name: getattr(record, name) for name in RATINGS} if own and walker is not None else None,
            "goal": walker is not None and self._reaches_goal(roster, walker, record),
            "week": week_of(roster, walker),
            # Its reason tells of the walker's knee.
            "next": next_session(self._coordinator.planner, walker) if own and walker is not None else None,
        }

    def _reaches_goal(self, roster: WalkerRoster, walker: Walker, record: SessionRecord) -> bool:
        day = record.started.astimezone(roster.tz).date()
        return walker.reaches_goal(roster.history.day(walker.id, day, roster.tz).minutes)


def next_session(planner: Planner, walker: Walker) -> _Message | None:
    """Return what the plan makes of it: a walker's next session with its reason; None without one."""
    planned = planner.next(walker)
    if planned is None:
        return None
    proposal = planned.proposal
    return {
        "start": planned.start.isoformat(),
        "minutes": proposal.minutes,
        "speed": proposal.speed,
        "incline": proposal.incline,
        "reason": proposal.reason.value,
        "comfortable": proposal.comfortable,
    }
