"""Keeps the track of the session under way: samples it once a second, and saves it every few seconds."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..training.history.meter import SessionMeter
from ..training.history.track_sampler import Moment, TrackSampler
from ..training.session.view import SessionView
from ..training.states import STEERING, SessionState
from .body_sensors import async_heart_rate, async_step_count
from .roster import WalkerRoster


class TrackKeeper:
    """The track of the session under way on one treadmill; commands nothing."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, roster: WalkerRoster) -> None:
        self._hass = hass
        self._entry = entry
        self._roster = roster
        self._tracks = roster.store.tracks
        self._session_id: str | None = None
        self._sampler = TrackSampler(0.0)
        self._saving = False

    @callback
    def begin(self, session_id: str, now: float, *, seconds: float = 0.0, paused: bool = False) -> None:
        """Follow a session that began so many seconds ago, unless it is followed already; `paused`: in a pause."""
        if session_id != self._session_id:
            self._session_id = session_id
            self._sampler = TrackSampler(now - seconds, paused=paused)

    def seconds(self, now: float) -> float:
        """Return the seconds since the session began, for the journal: the date and time may be set meanwhile."""
        return self._sampler.seconds(now)

    @callback
    def sample(self, meter: SessionMeter, session: SessionView, now: float) -> None:
        """Sample the session; call it about once a second."""
        self._tracks.add(meter.id, self._sampler.take(now, self._moment(meter, session, now)))

    @callback
    def save(self) -> None:
        """Save what was sampled, one save at a time."""
        if self._session_id is not None and not self._saving:
            self._saving = True
            self._hass.async_create_task(
                self._async_save(self._session_id), f"Retrowalk saves the track of {self._entry.title}"
            )

    @callback
    def end(self, meter: SessionMeter, session: SessionView, now: float) -> None:
        """Sample the end of the session, which the handover saves."""
        self._tracks.add(meter.id, self._sampler.end(now, self._moment(meter, session, now)))
        self._session_id = None

    async def async_close(self) -> None:
        """Save what was sampled, before Home Assistant stops or the entry is unloaded."""
        if self._session_id is not None:
            await self._tracks.async_save(self._session_id)

    async def _async_save(self, session_id: str) -> None:
        try:
            await self._tracks.async_save(session_id)
        finally:
            self._saving = False

    def _moment(self, meter: SessionMeter, session: SessionView, now: float) -> Moment:
        walker = self._roster.walkers.get(meter.walker) if meter.walker else None
        heart_rate = None
        if walker is not None:
            heart_rate = async_heart_rate(self._hass, walker)
            meter.sensed.update(async_step_count(self._hass, walker), now)
        step, program = None, session.program
        if program is not None and session.state in STEERING:
            number = program.step_at(session.moving_time)
            step = number + 1, program.program.flat()[number].label
        return Moment(
            telemetry=meter.newest,
            distance=meter.distance,
            steps=meter.steps,
            heart_rate=heart_rate,
            paused=session.state is SessionState.PAUSED,
            step=step,
        )
