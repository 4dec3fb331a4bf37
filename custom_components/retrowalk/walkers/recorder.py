"""Keeps the walk under way: measures it, writes it down every few seconds, and hands it over when it has ended.

Written down is also what was only made ready: a belt that is started then must be known as that walk's (S19).
"""

import logging
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..machine.model import Telemetry
from ..storage.journal import Journal
from ..training.belt.odometer import Odometer
from ..training.events import EndReason, FinishedEvent, SessionEvent, StoppedEvent
from ..training.history.energy import Estimate
from ..training.history.meter import SessionMeter
from ..training.history.record import Outcome
from ..training.limits import Direction
from ..training.session.recovery import RecoveredSession, Verdict, request_as_dict
from ..training.session.view import SessionView
from ..training.states import PREPARING, SessionState
from ..training.steering.session_plan import SessionRequest
from ..util import Clock
from .handover import SessionHandover
from .meters import SessionMeters
from .roster import WalkerRoster
from .unfinished import UnfinishedSession

_LOGGER = logging.getLogger(__name__)

JOURNAL_EVERY = 5.0
"""Seconds between two saves of the walk under way: what a power cut loses at most, and a little."""
_OUTCOMES: Mapping[str, Outcome] = {
    EndReason.COMPLETED: Outcome.COMPLETED,
    EndReason.INTERRUPTED: Outcome.INTERRUPTED,
    EndReason.CONSOLE: Outcome.CONSOLE,
}
_BEGINS = PREPARING | {SessionState.STARTING}


class SessionRecorder:
    """The walk under way and the last one, of one treadmill."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, people: WalkerRoster, estimate: Estimate, clock: Clock
    ) -> None:
        self.meter: SessionMeter | None = None
        """The walk under way."""
        self.shown: SessionMeter | None = None
        """The walk under way, or the last one."""
        self._hass = hass
        self._entry = entry
        self._roster = people
        self._meters = SessionMeters(people, estimate, clock)
        self._clock = clock
        self._journal = Journal(hass, entry.entry_id)
        self._handover = SessionHandover(hass, entry, people, self._async_write)
        self._unfinished: UnfinishedSession | None = None  # a session that the last run of Home Assistant did not end
        self._prepared: SessionMeter | None = None  # one that is made ready, or a check run: nothing is walked yet
        self._walker_unknown = False  # the belt moves, in a session of nobody known
        self._outcome = Outcome.STOPPED
        self._stopped_by: str | None = None
        self._saved = float("-inf")
        self._saving = False
        self._starting = False  # the belt is about to be started
        self._saved_point: Hashable = None  # of the session that is written down
        self._paused_at: datetime | None = None
        self._saved_request: tuple[SessionRequest | None, dict[str, Any] | None] = (
            None,
            None,
        )  # and how it is written down
        self._goal_open = False  # the walker's daily goal, that this walk may reach

    async def async_load(self) -> None:
        """Look whether a session was cut off; it goes on if the belt is heard to move soon enough, else it is closed.

        Walks that could not be saved are tried again.
        """
        journal = await self._journal.async_load()
        if not journal:
            return
        kept = self._handover.read(journal.get("unkept", []))
        if "record" in journal:
            try:
                self._unfinished = UnfinishedSession(journal, self._clock.utcnow())
            except KeyError, TypeError, ValueError:
                _LOGGER.exception("The journal of the last session cannot be understood")
                kept = False
        elif "unkept" not in journal:
            kept = False
        if not kept:
            await self._journal.async_set_aside()
        torn = self._unfinished
        if torn is not None and self._roster.history.get(torn.record.id) is not None:
            self._unfinished = torn = None  # it was kept, only its journal was not cleared
        await self._handover.async_save_all()
        if torn is None:
            await self._async_write()
        elif torn.seconds_left <= 0:
            await self._async_close_expired()
        else:
            self._entry.async_on_unload(async_call_later(self._hass, torn.seconds_left, self._async_close_expired))

    @property
    def has_unsaved(self) -> bool:
        """Whether a walk has ended, or may have, that is not in the record yet."""
        return self._handover.pending or self._unfinished is not None

    @property
    def has_unfinished(self) -> bool:
        """Whether the belt may still be walked on since before a restart, so that it has to be heard."""
        return self._unfinished is not None

    @property
    def damaged(self) -> str | None:
        """The file of the journal, if something of it was put aside at the last load."""
        return self._journal.file_name if self._journal.damaged else None

    @callback
    def restore_pause(self, session: SessionView) -> RecoveredSession | None:
        """Return the session that was paused when Home Assistant ended, if it still is (S12)."""
        torn = self._unfinished
        if torn is None or not torn.resumes:
            return None
        return self._resume(torn, session, None, paused=torn.paused_for(self._clock.utcnow()))

    @callback
    def identify(
        self, session: SessionView, telemetry: Telemetry
    ) -> RecoveredSession | Literal[Verdict.ANOTHER] | None:
        """Tell whose belt is heard after a restart, before the session hears of it (S19).

        Returns the session to go on with; ANOTHER where the one that was restored is not that of this belt. Then
        `restored_discarded` is to be called, when the session has forgotten it.
        """
        torn = self._unfinished
        if torn is None:
            return None
        if session.state in _BEGINS or session.controls_belt:
            # Somebody has begun another since; or has gone on after the pause, and then it is on already.
            self._close_unfinished(torn)
            return None
        match torn.recovery.evaluate(telemetry):
            case Verdict.SAME:
                self._unfinished = None
                return self._resume(torn, session, telemetry)
            case Verdict.ANOTHER:
                restored, self.meter = self.meter, None
                self._walker_unknown = True
                if restored is not None:
                    return Verdict.ANOTHER
                self._close_unfinished(torn)
            case Verdict.RESTED:
                self._close_unfinished(torn)
        return None

    @callback
    def follow_odometer(self, odometer: Odometer) -> None:
        """Measure by the odometer of the session that was restored."""
        if self.meter is not None:
            self.meter.odometer = odometer

    @callback
    def restored_discarded(self) -> None:
        """Keep what was measured before the restart: it does not go on."""
        # Not before: whoever hears of the record looks at the session, which must be another by then.
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)

    @callback
    def on_telemetry(self, telemetry: Telemetry) -> None:
        """Take in telemetry, after the session did."""
        if self.meter is not None:
            self.meter.update(telemetry)

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Take in how a walk ended."""
        if not isinstance(event, StoppedEvent | FinishedEvent):
            return
        self._outcome, self._stopped_by = Outcome.STOPPED, event.reason.value
        if isinstance(event, FinishedEvent):
            self._outcome = _OUTCOMES.get(event.reason, Outcome.STOPPED)
        if self._outcome is Outcome.COMPLETED:
            self._stopped_by = None

    @callback
    def follow(self, session: SessionView, telemetry: Telemetry | None, walker: str | None, now: float) -> bool:
        """Begin or end the walk as the session did; whether one has just ended."""
        ended = False
        undecided = self._unfinished is not None and session.state is SessionState.MANUAL
        if session.under_way and self.meter is None and telemetry is not None and not undecided:
            self._begin(session, telemetry, walker)
        if self.meter is not None:
            self.meter.on_state(session.state)
            if not session.under_way:
                self._end(self.meter)
                ended = True
        self._prepare(session, telemetry, walker)
        self._save_changes(session, now)
        return ended

    @callback
    def goal_reached(self) -> bool:
        """Whether the walk under way has just brought its walker to the daily goal; told once."""
        if self.meter is None or not self._goal_open or not self._meters.is_at_goal(self.meter):
            return False
        self._goal_open = False
        return True

    @callback
    def tick(self, now: float) -> None:
        """Write the walk down every few seconds; one save at a time."""
        if self.meter is not None and not self._saving and now - self._saved >= JOURNAL_EVERY:
            self._saved = now
            self._write()

    async def async_close(self) -> None:
        """Home Assistant goes, or the entry: what is measured so far must not be lost."""
        if self.meter is not None:
            await self._async_write()
        await self._handover.async_save_all()
        await self._journal.async_save_at_unload(self._state)

    def _begin(self, session: SessionView, telemetry: Telemetry, walker: str | None) -> None:
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)
        self.meter = self._meters.new(session, None if self._walker_unknown else walker)
        self._walker_unknown = False
        self.meter.update(telemetry)
        self._set_shown(self.meter)

    def _prepare(self, session: SessionView, telemetry: Telemetry | None, walker: str | None) -> None:
        """Know what was made ready, before anything of it moves; in a check run nobody walks (S9)."""
        checks = session.check is not None
        if session.under_way or not (checks or session.state in PREPARING):
            self._prepared = None
        elif self._prepared is None or (self._saved_request[0] is not session.request and not checks):
            self._prepared = self._meters.new(session, None if checks else walker)
            self._prepared.odometer = Odometer()
            if checks:
                self._prepared.direction = Direction.FORWARD
            if telemetry is not None:
                self._prepared.update(telemetry)

    def _save_changes(self, session: SessionView, now: float) -> None:
        """Write down at once what a restart must not get wrong: whose walk it is, and what its belt is about to do."""
        if self._saved_request[0] is not session.request:
            self._saved_request = session.request, request_as_dict(session.request) if session.request else None
        paused = session.paused_for(now)
        if paused is None:
            self._paused_at = None
        elif self._paused_at is None:
            self._paused_at = self._clock.utcnow() - timedelta(seconds=paused)
        self._starting = session.state in _BEGINS or session.check is not None
        walk = self.meter or self._prepared
        point = walk.id if walk else None, self._starting, self._paused_at, self._saved_request[0]
        if point != self._saved_point:
            self._saved_point = point
            self._write()

    def _set_shown(self, walk: SessionMeter) -> None:
        """A walk has begun, or goes on."""
        self.shown = walk
        self._goal_open = not self._meters.is_at_goal(walk)
        self._outcome, self._stopped_by = Outcome.STOPPED, None
        self._saved = float("-inf")

    def _resume(
        self,
        torn: UnfinishedSession,
        session: SessionView,
        telemetry: Telemetry | None,
        *,
        paused: float | None = None,
    ) -> RecoveredSession:
        """Measure on in a session that a restart cut in two; `paused` s ago, or on a belt that moves."""
        record, walk, now = torn.record, self.meter, self._clock.utcnow()
        walker = self._roster.walkers.get(record.walker) if record.walker else None
        if walk is None:
            meter = self._meters.energy(record.walker, record.direction)
            walk = SessionMeter.resumed(torn.journal, None, meter=meter, odometer=Odometer())
        if telemetry is not None:
            # Heard already, but nobody's until now.
            walk.odometer = session.odometer if session.under_way else Odometer()
            walk.bridge(torn.counted, telemetry, anew=torn.since_restart(now), away=torn.since(now))
        self.meter = walk
        self._set_shown(walk)
        return RecoveredSession(
            request=torn.request(first=self._roster.is_new(walker)),
            walked=walk.before_time,
            planned=record.planned is not None,
            paused=paused,
            coached=walk.steered or torn.starting or session.rules.released,
        )

    def _end(self, walk: SessionMeter) -> None:
        self.meter = None
        outcome = self._outcome if walk.steered or self._outcome is Outcome.INTERRUPTED else Outcome.CONSOLE
        self._handover.save(walk.record(self._clock.utcnow(), outcome, self._stopped_by))

    def _close_unfinished(self, torn: UnfinishedSession) -> None:
        """A session that was cut off does not go on: what was measured of it is kept, if it was not taken up."""
        self._unfinished = None
        if self.meter is None:
            self._handover.save(torn.record)

    async def _async_close_expired(self, _: datetime | None = None) -> None:
        """Nothing was heard of the belt for too long."""
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)
            await self._handover.async_save_all()

    # Writing it down

    @callback
    def _write(self) -> None:
        self._hass.async_create_task(self._async_write(), f"Retrowalk journal of {self._entry.title}")

    async def _async_write(self) -> None:
        """Write down all that is not in the record yet."""
        self._saving = True
        try:
            await self._journal.async_save(self._state)
        finally:
            self._saving = False

    def _state(self) -> dict[str, Any]:
        """What a restart has to know; empty if there is nothing."""
        state: dict[str, Any] = {}
        walk = self.meter or self._prepared
        if walk is not None:
            paused = self._paused_at and self._paused_at.isoformat()
            more = {"begins": self._starting, "paused": paused, "wish": self._saved_request[1]}
            state = {**walk.as_journal(self._clock.utcnow()), **more}
        elif self._unfinished is not None:
            state = {**self._unfinished.data}
        unkept = self._handover.as_list()
        return {**state, "unkept": unkept} if unkept else state
