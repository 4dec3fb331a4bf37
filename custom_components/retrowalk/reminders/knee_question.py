"""Asks on the walker's phones how the knee is after a session; one tap rates that session."""

import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback

from ..const import DOMAIN
from ..messaging.notifications import (
    Button,
    Message,
    UndeliverableError,
    async_phone_services,
    async_send,
    async_withdraw,
)
from ..messaging.texts import Texts
from ..training.events import FinishedEvent, SessionEvent, StoppedEvent
from ..training.history.record import Knee, Outcome, SessionRecord
from ..training.speech.phrases import Line
from ..walkers.walker import GUEST, Walker
from .settings import async_is_theirs, message_target
from .view import TreadmillView

_LOGGER = logging.getLogger(__name__)

_TAPPED: Final = "mobile_app_notification_action"
_ACTION: Final = f"{DOMAIN.upper()}_KNEE_"
_ANSWERS: Final = (Knee.BETTER, Knee.SAME, Knee.WORSE)
"""Android shows three buttons; the card, which a tap on the message opens, has the fourth answer."""
_FROM_GOOD_TO_BAD: Final = (None, Knee.BETTER, Knee.SAME, Knee.BIT_WORSE, Knee.WORSE)


class KneeQuestion:
    """Asks the walkers of one treadmill. A message asks of one session, and its buttons rate no other."""

    def __init__(self, hass: HomeAssistant, treadmill: TreadmillView) -> None:
        self._hass = hass
        self._treadmill = treadmill
        self._ended = False  # a session has just ended here, and its record will come
        self._asked: str | None = None  # the ID of the session that was asked of last

    @callback
    def async_start(self) -> None:
        """Listen to finished sessions and to taps."""
        self._treadmill.roster.async_add_record_listener(self._on_record)
        self._treadmill.entry.async_on_unload(self._hass.bus.async_listen(_TAPPED, self._async_on_tap))

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Handle the end of a session: of one from before a restart nobody is asked any more."""
        if isinstance(event, FinishedEvent | StoppedEvent):
            self._ended = True

    @callback
    def _on_record(self, before: SessionRecord | None, record: SessionRecord) -> None:
        """Ask of a session that has just ended; withdraw the message once it is rated or was somebody else's."""
        if before is None and self._ended and record.outcome is not Outcome.LOGGED:
            self._ended, self._asked = False, record.id
        if record.id != self._asked:
            return
        given = before is not None and before.walker != record.walker
        if before is not None and (given or record.knee is not None) and (walker := self._walker(before)) is not None:
            self._run(async_withdraw(self._hass, self._target(walker), _tag(walker)))
        walker = self._walker(record)
        if walker is not None and (before is None or given) and self._asks(walker, record):
            self._run(self._async_ask(walker, record))

    def _asks(self, walker: Walker, record: SessionRecord) -> bool:
        asks = record.knee is None and walker.is_asked_after(record)
        return asks and bool(async_phone_services(self._hass, self._target(walker)))

    async def _async_ask(self, walker: Walker, record: SessionRecord) -> None:
        texts = await Texts.async_load(self._hass)
        message = Message(
            tag=_tag(walker),
            title=texts.render((Line("knee_title", {"name": walker.name}),)),
            text=texts.render((Line("knee_question", {"minutes": record.moving_time / 60}),)),
            path=await self._treadmill.async_dashboard_path(),
            buttons=tuple(
                Button(action=f"{_ACTION}{record.id}_{answer}", title=texts.render((Line(f"knee_{answer}"),)))
                for answer in _ANSWERS
            ),
        )
        try:
            await async_send(self._hass, self._target(walker), message)
        except UndeliverableError as err:
            _LOGGER.warning("Could not ask how a knee is: %s", err)

    async def _async_on_tap(self, event: Event) -> None:
        """Rate the session that the message asked of; a tap that comes late makes no answer better again."""
        action = str(event.data.get("action"))
        session_id, _, answer = action.removeprefix(_ACTION).partition("_")
        record = self._treadmill.roster.history.get(session_id)
        walker = None if record is None else self._walker(record)
        if not action.startswith(_ACTION) or answer not in _ANSWERS or walker is None:
            return
        if not await async_is_theirs(self._hass, event.context, walker, self._target(walker)):
            return
        tapped = Knee(answer)

        def rate(rated: SessionRecord) -> SessionRecord:
            return replace(rated, knee=max(rated.knee, tapped, key=_FROM_GOOD_TO_BAD.index))

        try:
            await self._treadmill.roster.async_change(session_id, rate)
        except KeyError:
            _LOGGER.debug("The session %s was deleted while it was rated", session_id)

    def _walker(self, record: SessionRecord) -> Walker | None:
        return self._treadmill.roster.walkers.get(record.walker or GUEST)

    def _target(self, walker: Walker) -> str:
        return message_target(self._hass, walker.person, walker.reminder_target)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._hass.async_create_task(work, f"Retrowalk asks how a knee is on {self._treadmill.entry.title}")


def _tag(walker: Walker) -> str:
    """Return the tag of a walker's message: a newer one replaces it."""
    return f"{DOMAIN}_knee_{walker.id}"
