"""The WebSocket command of past sessions: a page of them, each with its curve, its figures and what may be corrected.

Corrections, ratings and Delete are the actions that there are for them; a file is downloaded (session_view.py).
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..data import RetrowalkConfigEntry
from ..training.history.record import Knee, SessionRecord
from ..training.history.track_curve import curve_of, mean_path, path_of
from ..training.limits import Direction
from ..training.report.session import amounts, figures, ratings, short_amounts
from ..training.report.words import NOTHING, Word, Words, clean, shorten
from ..walkers.privacy import async_is_own, async_may_delete
from ..walkers.roster import EVER, WalkerRoster
from ..walkers.walker import GUEST
from ..walkers.words import guest
from .access import async_may_control
from .entry_feed import Message
from .roster_feed import RosterFeed, async_follow

MOST: Final = 500
"""Most sessions of one list."""
_POINTS: Final = 80
"""Of a curve; a phone shows no more."""
_SETTLED: Final = timedelta(minutes=1)
"""After a session, until its track is whole."""
_ROWS_AT_ONCE: Final = 50
_RATINGS: Final = ("knee", "discomfort_before", "discomfort_after", "effort")
_HIGHEST_RATING: Final = 10
_LONGEST_NOTE: Final = 120
"""Characters of a note in the list; whoever opens the session reads the whole."""

_CURVES: HassKey[dict[str, str]] = HassKey(f"{DOMAIN}_curves")
"""The curves that were drawn last, by the ID of the session; "" without a track."""

type _Option = list[Any]
"""A value, and what it is called."""


@callback
def async_setup_past_sessions(hass: HomeAssistant) -> None:
    """Register the WebSocket command."""
    async_register_command(hass, _async_sessions)


class PastFeed(RosterFeed):
    """Sends the newest sessions of a treadmill, and of its walkers on other ones; of all or of one walker."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        user: User,
        words: Words,
        send: Callable[[Message], None],
        *,
        walker: str | None,
        most: int,
    ) -> None:
        """Initialize the feed; `walker` is an ID, GUEST, or None for everybody."""
        self._walker = walker
        self._most = most
        super().__init__(hass, entry, user, words, send)

    @override
    async def _async_message(self, roster: WalkerRoster) -> Message:
        words = self._words
        labels = roster.labels()
        choices = [[walker_id, self._name(label)] for label, walker_id in labels.items()]
        records = self._records(roster)
        return {
            "walkers": [["", words.text(Word.SESSIONS_OF_ALL)], *choices],
            "sessions": await self._async_rows(roster, records[: self._most]),
            "more": len(records) > self._most,
            "empty": None if records else words.text(Word.TREND_NONE_YET),
            "fields": self._fields(roster),
        }

    def _records(self, roster: WalkerRoster) -> list[SessionRecord]:
        """Return the newest sessions, and one more if there are more."""
        if self._walker is None:
            everybody = [None, *roster.walkers]
            found = {
                record.id: record for record in chain.from_iterable(self._newest(roster, who) for who in everybody)
            }
            newest = sorted(found.values(), key=lambda record: (record.started, record.id), reverse=True)
            return newest[: self._most + 1]
        return self._newest(roster, self._walker)

    def _newest(self, roster: WalkerRoster, walker: str | None) -> list[SessionRecord]:
        """Return the newest sessions of a walker wherever they were walked, or all of this treadmill."""
        if walker == GUEST:
            guests = [record for record in roster.sessions(*EVER) if record.walker is None]
            return guests[: -self._most - 2 : -1]
        if walker is not None and walker not in roster.walkers:
            return []  # whoever walks on other treadmills alone is not this one's to show
        return roster.sessions(*EVER, walker)[: -self._most - 2 : -1]

    async def _async_rows(self, roster: WalkerRoster, records: list[SessionRecord]) -> list[Message]:
        rows = []
        for number, record in enumerate(records, 1):
            rows.append(await self._async_row(roster, record))
            if number % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # a list of hundreds would take the event loop for long
        return rows

    async def _async_row(self, roster: WalkerRoster, record: SessionRecord) -> Message:
        """Return a session; ratings, note and curve of a walker who is another person are left out."""
        words = self._words
        owner = roster.walkers.get(record.walker or GUEST)
        own = async_is_own(self._hass, self._user, owner)
        label = roster.label(record.walker)
        may_change = own and async_may_control(self._hass, self._user, self._entry)
        may_rate = own and owner is not None and owner.person is not None
        measured = await self._async_curve(roster, record) if own else ""
        curve = Word.SESSION_CURVE if measured else Word.SESSION_CURVE_MEAN
        way = words.value(f"direction_{record.direction}", record.direction)
        who = (self._name(label or ""), way, roster.elsewhere(record.id))
        told = figures(record, words)
        said = (ratings(record, words), shorten(clean(record.note or ""), _LONGEST_NOTE))
        if own and record.note and not may_change:
            told.append((words.text(Word.NOTE), record.note))
        return {
            "id": record.id,
            "started": f"{dt_util.as_local(record.started):%Y-%m-%dT%H:%M}",
            "who": " \N{MIDDLE DOT} ".join(part for part in who if part),
            "text": short_amounts(record, words),
            "said": " \N{MIDDLE DOT} ".join(part for part in said if part and own),
            "curve": measured or mean_path(record),
            "measured": bool(measured),
            "about": words.text(curve, amounts=amounts(record, words)),
            "figures": told,
            "own": own,
            "values": self._values(record, label, may_change=may_change) if may_change or may_rate else None,
            "deletes": async_may_delete(self._hass, self._user, owner),
        }

    async def _async_curve(self, roster: WalkerRoster, record: SessionRecord) -> str:
        curves = self._hass.data.setdefault(_CURVES, {})
        if record.id in curves:
            return curves[record.id]
        track = await roster.async_get_track(record.id)
        path = await self._hass.async_add_executor_job(lambda: path_of(curve_of(track, _POINTS)))
        if record.ended < dt_util.utcnow() - _SETTLED:
            if len(curves) >= MOST:
                del curves[next(iter(curves))]
            curves[record.id] = path
        return path

    def _name(self, label: str) -> str:
        return guest(self._words) if label == GUEST else label

    def _values(self, record: SessionRecord, label: str | None, *, may_change: bool) -> Message:
        """Return what may be corrected, as it is, or only rated; a guest and a session forward are not rated."""
        rated = record.walker is not None and record.direction is Direction.BACKWARD
        found = {name: getattr(record, name) for name in (_RATINGS if rated else ())}
        if not may_change:
            return found
        return {"walker": label, "direction": record.direction, "note": record.note or "", **found}

    def _fields(self, roster: WalkerRoster) -> list[Message]:
        """Return the fields of a correction: each with its action, its label and its options, a text without any."""
        words = self._words
        unknown: _Option = [None, NOTHING]
        own = [
            [label, self._name(label)]
            for label, walker_id in roster.labels().items()
            if async_is_own(self._hass, self._user, roster.walkers.get(walker_id))
        ]
        knee = [unknown, *([answer, words.value(f"knee_{answer}", answer)] for answer in Knee)]
        numbers = [unknown, *([number, str(number)] for number in range(_HIGHEST_RATING + 1))]
        ways = [[way, words.value(f"direction_{way}", way)] for way in Direction]
        options: dict[str, tuple[str, Word, list[_Option] | None]] = {
            "knee": ("rate_session", Word.SESSION_KNEE, knee),
            "discomfort_before": ("rate_session", Word.SESSION_BEFORE, numbers),
            "discomfort_after": ("rate_session", Word.SESSION_AFTER, numbers),
            "effort": ("rate_session", Word.SESSION_EFFORT, numbers),
            "walker": ("edit_session", Word.SESSION_WALKER, own),
            "direction": ("edit_session", Word.SESSION_DIRECTION, ways),
            "note": ("edit_session", Word.NOTE, None),
        }
        return [
            {"name": name, "action": action, "label": words.text(label), "options": choices}
            for name, (action, label, choices) in options.items()
        ]


@websocket_command(
    {
        vol.Required("type"): "retrowalk/sessions",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("walker"): vol.Any(str, None),
        vol.Optional("most", default=10): vol.All(int, vol.Range(1, MOST)),
        vol.Optional("language"): str,
    }
)
@async_response
async def _async_sessions(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Subscribe to the newest sessions of a treadmill and of its walkers."""
    await async_follow(hass, connection, msg, PastFeed, walker=msg.get("walker") or None, most=msg["most"])
