"""Measures the session under way, saves it to the journal every few seconds, and hands it over when it has ended.

A session that is only ready is saved too, so that a belt that starts then is matched to it after a restart (S19).
"""

import logging
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any, Literal

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..machine.model import Telemetry
from ..storage.journal import Journal
from ..training.belt.odometer import Odometer
from ..training.events import SessionEvent
from ..training.history.energy import Estimate
from ..training.history.meter import SessionMeter
from ..training.history.totals import SessionTotals
from ..training.limits import Direction
from ..training.session.recovery import RecoveredSession, Verdict, request_as_dict
from ..training.session.view import SessionView
from ..training.states import PREPARING, SessionState
from ..training.steering.session_plan import SessionRequest
from ..util import Clock
from .handover import SessionHandover
from .meters import SessionMeters
from .roster import WalkerRoster
from .session_end import SessionEnd
from .track_keeper import TrackKeeper
from .unfinished import UnfinishedSession

_LOGGER = logging.getLogger(__name__)

JOURNAL_EVERY = 5.0
"""Seconds between two saves of the session under way, and about the most that a power cut loses."""
_BEGINS = PREPARING | {SessionState.STARTING}


class SessionRecorder:
    """Records the session under way on one treadmill, and shows the last one; commands nothing."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, roster: WalkerRoster, estimate: Estimate, clock: Clock
    ) -> None:
        self.meter: SessionMeter | None = None
        """The meter of the session under way."""
        self.totals = SessionTotals()
        self._hass = hass
        self._entry = entry
        self._roster = roster
        self._meters = SessionMeters(roster, estimate, clock)
        self._clock = clock
        self._journal = Journal(hass, entry.entry_id)
        self._track = TrackKeeper(hass, entry, roster)
        self._handover = SessionHandover(hass, entry, roster, self._async_write)
        self._unfinished: UnfinishedSession | None = None  # from before a restart of Home Assistant
        self._prepared: SessionMeter | None = None  # a session that is ready, or a check run
        self._walker_unknown = False  # the belt moves, and it is not known who walks
        self._session_end = SessionEnd()
        self._saved = float("-inf")
        self._saving = False
        self._starting = False  # the belt is about to start
        self._saved_point: Hashable = None  # the state of the session at the last save
        self._paused_at: datetime | None = None
        # The request at the last save, and how it is written down.
        self._saved_request: tuple[SessionRequest | None, dict[str, Any] | None] = (None, None)
        self._goal_open = False  # this session may still reach the walker's daily goal

    async def async_load(self) -> None:
        """Load a session that a restart cut off: it resumes if its belt is soon found moving, or else is closed.

        Sessions that could not be saved before are saved again.
        """
        journal = await self._journal.async_load()
        if not journal:
            return
        readable = self._handover.read(journal.get("unkept", []))
        if "record" in journal:
            try:
                self._unfinished = UnfinishedSession(journal, self._clock.utcnow())
            except KeyError, TypeError, ValueError:
                _LOGGER.exception("The journal of the last session is unreadable")
                readable = False
        elif "unkept" not in journal:
            readable = False
        if not readable:
            await self._journal.async_set_aside()
        unfinished = self._unfinished
        if unfinished is not None and self._roster.history.get(unfinished.record.id) is not None:
            self._unfinished = unfinished = None  # it was saved, only its journal was not cleared
        if unfinished is not None:
            self.totals.measured = unfinished.record  # it may go on
            self.totals.update(SessionState.IDLE, rests=True, over=True)
        await self._handover.async_save_all()
        if unfinished is None:
            await self._async_write()
        elif unfinished.seconds_left <= 0:
            await self._async_close_expired()
        else:
            self._entry.async_on_unload(
                async_call_later(self._hass, unfinished.seconds_left, self._async_close_expired)
            )

    @property
    def has_unsaved(self) -> bool:
        """Return whether a session has ended, or may have, that is not in the history yet."""
        return self._handover.pending or self._unfinished is not None

    @property
    def has_unfinished(self) -> bool:
        """Return whether a session from before a restart may still be under way, so that a link is needed."""
        return self._unfinished is not None

    @property
    def damaged(self) -> str | None:
        """Return the name of the journal's file if it was damaged at the last load."""
        return self._journal.file_name if self._journal.damaged else None

    @callback
    def restore_pause(self, session: SessionView) -> RecoveredSession | None:
        """Return the session that was paused when Home Assistant ended, if it may be restored (S12)."""
        unfinished = self._unfinished
        if unfinished is None or not unfinished.resumes:
            return None
        return self._resume(unfinished, session, None, paused=unfinished.paused_for(self._clock.utcnow()))

    @callback
    def identify(
        self, session: SessionView, telemetry: Telemetry
    ) -> RecoveredSession | Literal[Verdict.ANOTHER] | None:
        """Match the belt to a session from before a restart, before the session gets the telemetry (S19).

        Returns the session to restore, or ANOTHER if the restored session is not that of this belt. After ANOTHER, once
        the session has discarded it, call `restored_discarded`.
        """
        unfinished = self._unfinished
        if unfinished is None:
            return None
        if session.state in _BEGINS or session.controls_belt:
            # Another session has begun since, or the paused one was resumed and is under way already.
            self._close_unfinished(unfinished)
            return None
        match unfinished.recovery.evaluate(telemetry):
            case Verdict.SAME:
                self._unfinished = None
                return self._resume(unfinished, session, telemetry)
            case Verdict.ANOTHER:
                restored, self.meter = self.meter, None
                self._walker_unknown = True
                if restored is not None:
                    return Verdict.ANOTHER
                self._close_unfinished(unfinished)
            case Verdict.RESTED:
                self._close_unfinished(unfinished)
        return None

    @callback
    def follow_odometer(self, odometer: Odometer) -> None:
        """Measure with the odometer of the restored session."""
        if self.meter is not None:
            self.meter.odometer = odometer

    @callback
    def restored_discarded(self) -> None:
        """Save the record of the session from before the restart, which does not resume."""
        # Not earlier: listeners of the new record look at the session, which must have discarded it by then.
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)

    @callback
    def on_telemetry(self, telemetry: Telemetry) -> None:
        """Handle telemetry, after the session did."""
        if self.meter is not None:
            self.meter.update(telemetry)

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Remember the outcome of a session that ended."""
        self._session_end.on_session_event(event)

    @callback
    def follow(self, session: SessionView, telemetry: Telemetry | None, walker: str | None, now: float) -> bool:
        """Begin or end the record as the session did, and return whether one has just ended."""
        ended = False
        undecided = self._unfinished is not None and session.state is SessionState.MANUAL
        if session.under_way and self.meter is None and telemetry is not None and not undecided:
            self._begin(session, telemetry, walker, now)
        if self.meter is not None:
            self.meter.on_state(session.state)
            if not session.under_way:
                self._end(self.meter, session, now)
                ended = True
        self._prepare(session, telemetry, walker)
        self.totals.update(session.state, rests=not session.belt_may_move, over=not session.under_way)
        self._save_changes(session, now)
        return ended

    @callback
    def goal_reached(self) -> bool:
        """Return whether the walker has just reached the daily goal; True only once."""
        if self.meter is None or not self._goal_open or not self._meters.is_at_goal(self.meter):
            return False
        self._goal_open = False
        return True

    @callback
    def tick(self, session: SessionView, now: float) -> None:
        """Sample the session, and save it every few seconds, one save at a time."""
        if self.meter is None:
            return
        self._track.sample(self.meter, session, now)
        if not self._saving and now - self._saved >= JOURNAL_EVERY:
            self._saved = now
            self._write()
            self._track.save()

    async def async_close(self) -> None:
        """Save everything measured so far, before Home Assistant stops or the entry is unloaded."""
        if self.meter is not None:
            await self._async_write()
            await self._track.async_close()
        await self._handover.async_save_all()
        await self._journal.async_save_at_unload(self._state)

    def _begin(self, session: SessionView, telemetry: Telemetry, walker: str | None, now: float) -> None:
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)
        self.meter = self._meters.new(session, None if self._walker_unknown else walker)
        self._walker_unknown = False
        self.meter.update(telemetry)
        self._track.begin(self.meter.id, now)
        self._set_shown(self.meter)

    def _prepare(self, session: SessionView, telemetry: Telemetry | None, walker: str | None) -> None:
        """Prepare a meter for a session that is ready, or for a check run, in which nobody walks (S9)."""
        checking = session.check is not None
        if session.under_way or not (checking or session.state in PREPARING):
            self._prepared = None
        elif self._prepared is None or (self._saved_request[0] is not session.request and not checking):
            self._prepared = self._meters.new(session, None if checking else walker)
            self._prepared.odometer = Odometer()
            if checking:
                self._prepared.direction = Direction.FORWARD
            if telemetry is not None:
                self._prepared.update(telemetry)

    def _save_changes(self, session: SessionView, now: float) -> None:
        """Save at once what a restart must get right: whose session it is, whether its belt starts, what is shown."""
        if self._saved_request[0] is not session.request:
            self._saved_request = session.request, request_as_dict(session.request) if session.request else None
        paused = session.paused_for(now)
        if paused is None:
            self._paused_at = None
        elif self._paused_at is None:
            self._paused_at = self._clock.utcnow() - timedelta(seconds=paused)
        self._starting = session.state in _BEGINS or session.check is not None
        meter = self.meter or self._prepared
        point = meter and meter.id, self._starting, self._paused_at, self._saved_request[0], self.totals.shown
        if point != self._saved_point:
            self._saved_point = point
            self._write()

    def _set_shown(self, meter: SessionMeter) -> None:
        """Show the meter of a session that has begun or resumed."""
        self.totals.measured = meter
        self._goal_open = not self._meters.is_at_goal(meter)
        self._session_end.reset()
        self._saved = float("-inf")

    def _resume(
        self,
        unfinished: UnfinishedSession,
        session: SessionView,
        telemetry: Telemetry | None,
        *,
        paused: float | None = None,
    ) -> RecoveredSession:
        """Resume the measurement of a session from before a restart, paused since `paused` s or on a moving belt."""
        record, meter, now = unfinished.record, self.meter, self._clock.utcnow()
        walker = self._roster.walkers.get(record.walker) if record.walker else None
        if meter is None:
            energy = self._meters.energy(record.walker, record.direction)
            meter = SessionMeter.resumed(unfinished.journal, None, meter=energy, odometer=Odometer())
        if telemetry is not None:
            # The session has counted on already, but for an unknown walker until now.
            meter.odometer = session.odometer if session.under_way else Odometer()
            meter.bridge(unfinished.counted, telemetry, anew=unfinished.since_restart(now), away=unfinished.since(now))
        self.meter = meter
        began = unfinished.seconds(now)
        self._track.begin(meter.id, self._clock.monotonic(), seconds=began, paused=unfinished.resumes)
        self._set_shown(meter)
        return RecoveredSession(
            request=unfinished.request(first=self._roster.is_new(walker)),
            moving_time=meter.before_time,
            planned=record.planned is not None,
            paused=paused,
            coached=meter.steered or unfinished.starting or session.rules.released,
        )

    def _end(self, meter: SessionMeter, session: SessionView, now: float) -> None:
        self.meter = None
        self._track.end(meter, session, now)
        self.totals.measured = record = self._session_end.record(meter, self._clock.utcnow())
        self._handover.save(record)

    def _close_unfinished(self, unfinished: UnfinishedSession) -> None:
        """Close a session from before a restart, and save its record unless the session was resumed."""
        self._unfinished = None
        if self.meter is None:
            self._handover.save(unfinished.record)

    async def _async_close_expired(self, _: datetime | None = None) -> None:
        """Close a session from before a restart whose belt was not heard for too long."""
        if self._unfinished is not None:
            self._close_unfinished(self._unfinished)
            await self._handover.async_save_all()

    # The journal

    @callback
    def _write(self) -> None:
        self._hass.async_create_task(self._async_write(), f"Retrowalk journal of {self._entry.title}")

    async def _async_write(self) -> None:
        """Save all that is not in the history yet to the journal."""
        self._saving = True
        try:
            await self._journal.async_save(self._state)
        finally:
            self._saving = False

    def _state(self) -> dict[str, Any]:
        """Return the data that a restart needs; empty without any."""
        state: dict[str, Any] = {}
        meter = self.meter or self._prepared
        if meter is not None:
            paused = self._paused_at and self._paused_at.isoformat()
            more: dict[str, Any] = {"begins": self._starting, "paused": paused, "wish": self._saved_request[1]}
            if self.meter is not None:
                more["seconds"] = self._track.seconds(self._clock.monotonic())
            state = {**meter.as_journal(self._clock.utcnow()), **more}
        elif self._unfinished is not None:
            state = {**self._unfinished.data}
        unkept = self._handover.as_list()
        return {**state, "unkept": unkept} if unkept else state
