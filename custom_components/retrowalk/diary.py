"""Keeps the walk under way: measures it, writes it down every few seconds, and hands it over when it has ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN
from .machine.model import BeltState, Telemetry
from .people import People
from .store import Journal
from .training.course import DEFAULT_LENGTH, Wish
from .training.energy import DEFAULT_WEIGHT, EnergyMeter, Estimate
from .training.limits import Direction
from .training.record import Outcome, SessionRecord
from .training.session import Session
from .training.states import STEERING, SessionEvent, SessionEventKind
from .training.walk import SAME_WALK, Walk

_LOGGER = logging.getLogger(__name__)

JOURNAL_EVERY = 5.0
"""Seconds between two saves of the walk under way: what a power cut loses at most, and a little."""
SHORTEST = 10.0
"""Seconds of movement that make a walk worth keeping."""
_RETRY = 60.0  # s
_STILL = frozenset({BeltState.AT_REST, BeltState.COUNTDOWN})


class Diary:
    """The walk under way and the last one, of one treadmill."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, people: People, estimate: Estimate) -> None:
        self.walk: Walk | None = None
        """The walk under way."""
        self.shown: Walk | None = None
        """The walk under way, or the last one."""
        self._hass = hass
        self._entry = entry
        self._people = people
        self._estimate = estimate
        self._journal = Journal(hass, entry.entry_id)
        self._torn: dict[str, Any] | None = None  # a walk that the last run of Home Assistant did not end
        self._outcome = Outcome.STOPPED
        self._stopped_by: str | None = None
        self._saved = float("-inf")
        self._saving = False
        self._goal_ahead = False  # the walker's daily goal, that this walk may reach
        self._unkept: list[SessionRecord] = []
        self._keeping = asyncio.Lock()
        self._cancel_retry: Callable[[], None] | None = None

    async def async_load(self) -> None:
        """Look whether a walk was cut off; it goes on if the belt is heard to move soon enough, else it is closed."""
        self._entry.async_on_unload(self._stop_retrying)
        torn = await self._journal.async_load()
        if torn is None:
            return
        try:
            record = SessionRecord.from_dict(torn["record"])
        except KeyError, TypeError, ValueError:
            _LOGGER.exception("The journal of the last session cannot be understood")
            await self._journal.async_clear()
            return
        if self._people.ledger.get(record.id) is not None:
            await self._journal.async_clear()  # it was kept, only its journal was not cleared
            return
        self._torn = torn
        left = SAME_WALK - (dt_util.utcnow() - record.ended).total_seconds()
        if left <= 0:
            await self._async_close_torn()
        else:
            self._entry.async_on_unload(async_call_later(self._hass, left, self._async_close_torn))

    @property
    def keeping(self) -> bool:
        """Whether a walk has ended, or may have, that is not in the record yet."""
        return bool(self._unkept) or self._torn is not None

    @callback
    def hear(self, telemetry: Telemetry) -> None:
        """Take in telemetry, after the session did."""
        if self.walk is not None:
            self.walk.feed(telemetry)
        elif self._torn is not None and telemetry.belt in _STILL:
            # A countdown begins another walk; and some machines say it of a belt at rest, all day.
            self._hass.async_create_task(self._async_close_torn(), f"Retrowalk closes a walk of {self._entry.title}")

    @callback
    def note(self, event: SessionEvent) -> None:
        """Take in how a walk ended."""
        if event.kind not in {SessionEventKind.STOPPED, SessionEventKind.FINISHED}:
            return
        reason = str(event.data.get("reason"))
        self._outcome, self._stopped_by = Outcome.STOPPED, reason
        if event.kind is SessionEventKind.FINISHED:
            ends = {"completed": Outcome.COMPLETED, "interrupted": Outcome.INTERRUPTED, "console": Outcome.CONSOLE}
            self._outcome = ends.get(reason, Outcome.STOPPED)
        if self._outcome is Outcome.COMPLETED:
            self._stopped_by = None

    @callback
    def follow(self, session: Session, telemetry: Telemetry | None, walker: str | None) -> bool:
        """Begin or end the walk as the session did; whether one has just ended."""
        if session.walking and self.walk is None and telemetry is not None:
            self._begin(session, telemetry, walker)
        if self.walk is not None:
            self.walk.steered = self.walk.steered or session.state in STEERING
            if not session.walking:
                self._end(self.walk)
                return True
        return False

    @callback
    def goal_reached(self) -> bool:
        """Whether the walk under way has just brought its walker to the daily goal; told once."""
        if self.walk is None or not self._goal_ahead or not self._at_goal(self.walk):
            return False
        self._goal_ahead = False
        return True

    @callback
    def tick(self, now: float) -> None:
        """Write the walk down every few seconds; one save at a time."""
        if self.walk is not None and not self._saving and now - self._saved >= JOURNAL_EVERY:
            self._saved = now
            self._hass.async_create_task(self._async_write(self.walk), f"Retrowalk journal of {self._entry.title}")

    async def async_close(self) -> None:
        """Home Assistant goes, or the entry: what is measured so far must not be lost."""
        if self.walk is not None:
            await self._async_write(self.walk)
        await self._async_keep_all()

    def _begin(self, session: Session, telemetry: Telemetry, walker: str | None) -> None:
        torn = self._torn
        if torn is not None and telemetry.belt is BeltState.MOVING:
            self._torn = None
            self.walk = self._resume(torn, session, telemetry)
        else:
            person = self._people.walkers.get(walker) if walker else None
            wish = session.wish
            # The peak of a ramp program is nobody's level.
            chosen = None if wish is not None and wish.program is not None else session.chosen
            self.walk = Walk(
                id=ulid_now(),
                started=dt_util.utcnow(),
                walker=person.id if person else None,
                direction=session.direction,
                meter=self._meter(walker, session.direction),
                odometer=session.odometer,
                planned=session.length,
                planned_speed=chosen.speed if chosen else None,
                planned_incline=chosen.incline if chosen else None,
                program=wish.program_name if wish else None,
                weight=person.weight if person else None,
            )
        self.walk.feed(telemetry)
        self.shown = self.walk
        self._goal_ahead = not self._at_goal(self.walk)
        self._outcome, self._stopped_by = Outcome.STOPPED, None
        self._saved = float("-inf")

    def _resume(self, torn: dict[str, Any], session: Session, telemetry: Telemetry) -> Walk:
        """Go on with a walk that a restart cut in two."""
        kept = SessionRecord.from_dict(torn["record"])
        meter = self._meter(kept.walker, kept.direction)
        walk = Walk.resumed(torn, telemetry, meter=meter, odometer=session.odometer)
        wish = Wish(
            direction=kept.direction,
            walker=kept.walker,
            length=kept.planned or DEFAULT_LENGTH,
            first=self._people.is_new(self._people.walkers.get(kept.walker) if kept.walker else None),
        )
        session.recognise(wish, walked=walk.before_time, planned=kept.planned is not None)
        return walk

    def _at_goal(self, walk: Walk) -> bool:
        """Whether the walker has walked enough today; only backward counts, and guests have no goal."""
        people = self._people
        walker = people.walkers.get(walk.walker) if walk.walker else None
        if walker is None or walk.direction is not Direction.BACKWARD:
            return False
        before = people.ledger.day(walker.id, people.today, people.tz).minutes
        return walker.reaches_goal(before + walk.moving_time / 60)

    def _meter(self, walker: str | None, direction: Direction) -> EnergyMeter:
        person = self._people.walkers.get(walker) if walker else None
        weight = person.weight if person else DEFAULT_WEIGHT
        return self._estimate.meter(weight, backward=direction is Direction.BACKWARD)

    def _end(self, walk: Walk) -> None:
        self.walk = None
        outcome = self._outcome if walk.steered or self._outcome is Outcome.INTERRUPTED else Outcome.CONSOLE
        self._keep(walk.record(dt_util.utcnow(), outcome, self._stopped_by))

    def _keep(self, record: SessionRecord) -> None:
        self._unkept.append(record)
        self._hass.async_create_task(self._async_keep(record), f"Retrowalk keeps a walk of {self._entry.title}")

    async def _async_keep(self, record: SessionRecord) -> None:
        """Hand a finished walk over; the journal is its copy until that is done.

        Whoever comes second waits for the first: an unload must not overtake a save, or the next load misses it.
        """
        issue = f"not_saved_{self._entry.entry_id}"
        async with self._keeping:
            if record not in self._unkept:
                return
            if record.moving_time >= SHORTEST and self._people.ledger.get(record.id) is None:
                try:
                    await self._people.async_add(record)
                except HomeAssistantError:
                    ir.async_create_issue(
                        self._hass,
                        DOMAIN,
                        issue,
                        is_fixable=False,
                        severity=ir.IssueSeverity.ERROR,
                        translation_key="not_saved",
                        translation_placeholders={"name": self._entry.title},
                    )
                    if self._cancel_retry is None:
                        self._cancel_retry = async_call_later(self._hass, _RETRY, self._async_retry)
                    return
            ir.async_delete_issue(self._hass, DOMAIN, issue)
            if self.walk is None:
                await self._journal.async_clear()
            self._unkept.remove(record)
        self._people.tell()  # whoever waited for the walk to be kept may look now

    async def _async_keep_all(self) -> None:
        for record in tuple(self._unkept):
            await self._async_keep(record)

    async def _async_retry(self, _: datetime) -> None:
        self._cancel_retry = None
        await self._async_keep_all()

    @callback
    def _stop_retrying(self) -> None:
        if self._cancel_retry is not None:
            self._cancel_retry()
            self._cancel_retry = None

    async def _async_close_torn(self, _: datetime | None = None) -> None:
        """Keep what was measured of a walk that was cut off."""
        torn, self._torn = self._torn, None
        if torn is not None:
            record = SessionRecord.from_dict(torn["record"])
            self._unkept.append(record)
            await self._async_keep(record)

    async def _async_write(self, walk: Walk) -> None:
        self._saving = True
        try:
            await self._journal.async_save(walk.as_journal(dt_util.utcnow()))
        finally:
            self._saving = False
