"""How a walker's knee is before a session, as told on the card or on a phone: kept for the session that begins next."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .recorder import SessionRecorder
from .roster import WalkerRoster

ANSWERS: Final = (0, 2, 4, 6)
"""Discomfort, 0-10, that takes one tap. Six is where a knee should rest."""
HIGHEST: Final = 10
_HOLDS: Final = timedelta(hours=2)
_TOLD: HassKey[dict[str, tuple[int, datetime]]] = HassKey(f"{DOMAIN}_knee_before")
"""By walker, who may walk on any of their treadmills: the discomfort, and when it was told."""


class KneeBefore:
    """What the walkers of one treadmill told. It holds for two hours and for one session."""

    def __init__(self, hass: HomeAssistant, roster: WalkerRoster, recorder: SessionRecorder) -> None:
        self._told = hass.data.setdefault(_TOLD, {})
        self._roster = roster
        self._recorder = recorder
        self._session: str | None = None  # the ID of the one under way, which has got what was told

    @callback
    def value(self, walker_id: str) -> int | None:
        """Return the discomfort before the next session, or None if it was not told."""
        discomfort, at = self._told.get(walker_id, (None, dt_util.utcnow()))
        return discomfort if dt_util.utcnow() - at < _HOLDS else None

    @callback
    def tell(self, walker_id: str, discomfort: int | None) -> None:
        """Take an answer, or take it back (None); one that comes late is still of the session under way."""
        meter = self._recorder.meter
        if meter is not None and meter.walker == walker_id:
            meter.discomfort_before = discomfort
        elif discomfort is None:
            self._told.pop(walker_id, None)
        else:
            self._told[walker_id] = discomfort, dt_util.utcnow()
        self._roster.notify()

    @callback
    def follow(self) -> None:
        """Give a session that has begun what was told before it."""
        meter = self._recorder.meter
        if meter is None or meter.id == self._session:
            return
        self._session = meter.id
        if meter.walker is not None and (told := self.value(meter.walker)) is not None:
            meter.discomfort_before = told
        self._told.pop(meter.walker or "", None)
