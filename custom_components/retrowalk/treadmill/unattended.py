"""A countdown that an automation confirmed has to be audible, or it ends (S2)."""

from collections.abc import Callable

from ..errors import ErrorKey, wrong
from ..messaging.announcer import Announcer
from ..training.events import EndReason
from ..training.session.controller import SessionController
from ..training.speech.phrases import Phrase, begins_countdown
from ..training.states import SessionState

_BEGINS_WITHIN = 15.0
"""Seconds within which the announcement of a countdown has to begin."""


class UnattendedCountdown:
    """Watches the countdowns that automations confirm."""

    def __init__(self, session: SessionController, announcer: Announcer, clock: Callable[[], float]) -> None:
        self._session = session
        self._announcer = announcer
        self._clock = clock
        self._watching = False
        self._start_by: float | None = None  # None: the announcement has begun
        announcer.listener = self._handle_spoken

    def check_audible(self) -> None:
        """Raise ServiceValidationError if no announcement could be heard."""
        if self._session.automations_may_confirm and not self._announcer.available:
            raise wrong(ErrorKey.ANNOUNCER_FAILS)

    def start(self, now: float) -> None:
        """Start to watch a countdown that an automation has confirmed."""
        self._watching, self._start_by = True, now + _BEGINS_WITHIN

    def tick(self, now: float) -> None:
        """End a countdown whose announcement has not begun in time."""
        if self._session.state not in {SessionState.COUNTDOWN, SessionState.STARTING}:
            self._watching = False
        elif self._watching and self._start_by is not None and now >= self._start_by:
            self._session.withdraw(now, reason=EndReason.NOT_ANNOUNCED)

    def _handle_spoken(self, phrase: Phrase, said: bool) -> None:
        if not self._watching:
            return
        if not said:
            self._session.withdraw(self._clock(), reason=EndReason.NOT_ANNOUNCED)
        elif begins_countdown(phrase):
            self._start_by = None
