"""The live notification: on the phones that were chosen, the session under way with its Stop, until the belt rests.

It offers nothing but Stop, which goes the way of every Stop (S3) and is not bound to a session: the button of an old
message stops, too. What the phones do with it never delays or disturbs a session.
"""

import logging
from collections.abc import Callable, Coroutine, Hashable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..messaging.notifications import (
    PERSISTENT_NOTIFICATION,
    Button,
    Message,
    UndeliverableError,
    async_clear,
    async_phone_services,
    async_push,
    async_send,
    async_withdraw,
    cause_of,
)
from ..messaging.texts import Texts
from ..storage.journal import Journal
from ..training.events import StopFailure
from ..training.limits import Direction
from ..training.speech.live import LivePace, LiveSession, live_lines
from ..training.speech.phrases import Line
from ..training.states import SessionState
from ..training.steering.forecast import PlannedStep
from ..util import clock_of, plain, time_of_day
from .settings import message_target
from .view import LiveView

_LOGGER = logging.getLogger(__name__)

WALKER: Final = "walker"
"""The target that is the phones of whoever walks."""
_TAPPED: Final = "mobile_app_notification_action"
_SHIFT: Final = timedelta(seconds=5)
"""By how much the begin of a session without a plan may shift before the phones are told."""
_SPARE: Final = 600
_LONGEST: Final = 3 * 3600
"""Seconds after the end, or without a plan after a message, in which a phone that hears nothing removes it."""
_DATA: Final = {
    "live_update": True,
    "alert_once": True,
    "sticky": True,
    "persistent": True,
    "ttl": 60,  # later it is out of date
    "channel": "Retrowalk live",
    "importance": "low",
    "push": {"interruption-level": "passive"},
    "notification_icon": "mdi:walk",
}


class _Content(NamedTuple):
    """What is shown."""

    stage: tuple[SessionState, StopFailure | None]  # of which the phones are told at once
    lines: tuple[Line, ...]
    title: tuple[Direction, str | None]
    counts: datetime  # down to the end, or up from the begin
    ends: bool
    progress: tuple[int, int] | None


class LiveNotification:
    """Shows the sessions of one treadmill."""

    def __init__(self, hass: HomeAssistant, view: LiveView) -> None:
        self._hass = hass
        self._view = view
        self._clock = clock_of(hass)
        self._tag = f"{DOMAIN}_live_{view.entry.entry_id}"
        self._action = f"{DOMAIN.upper()}_STOP_{view.entry.entry_id}"
        self._journal = Journal(hass, view.entry.entry_id, "live")
        self._phones: set[str] = set()  # the notify actions of those that may show it
        self._others: set[str] = set()  # other targets that were told of this session
        self._shown: _Content | None = None
        self._pace = LivePace()
        self._steps: tuple[PlannedStep, ...] = ()
        self._steps_key: Hashable = None
        self._busy = False
        self._over = False  # the entry is unloaded, or Home Assistant stops
        self._failed = False
        self._cancel_timer: Callable[[], None] | None = None

    @callback
    def async_listen(self) -> None:
        """Listen to taps on Stop, before anything else is loaded: a Stop does not wait (S3)."""
        self._view.entry.async_on_unload(self._hass.bus.async_listen(_TAPPED, self._async_on_tap))

    async def async_start(self) -> None:
        """Follow the treadmill once the phones are known; what was shown before a restart goes on, or goes away."""
        stored = await self._journal.async_load() or {}
        self._phones = {str(phone) for phone in stored.get("phones", ())}
        entry, hass = self._view.entry, self._hass
        entry.async_on_unload(async_at_started(hass, self._begin))
        entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._end))
        entry.async_on_unload(self._end)

    @callback
    def _begin(self, _: HomeAssistant) -> None:
        for part in (self._view, self._view.roster):
            self._view.entry.async_on_unload(part.async_add_listener(self._update))
        self._update()

    @callback
    def _end(self, _: Event | None = None) -> None:
        """Take it away: nobody will tell how the session goes on."""
        self._over = True
        self._cancel()
        self._update()

    @callback
    def _update(self, _: datetime | None = None) -> None:
        """Show what has changed, one thing after the other."""
        if self._busy:
            return
        session = None if self._over else self._view.session()
        if session is None:
            if (self._phones or self._others) and (self._over or not self._view.unfinished()):
                self._work(self._async_withdraw())
            return
        if not self._view.targets:
            return
        remaining = self._view.remaining()
        if remaining is not None and remaining.key != self._steps_key:
            self._work(self._async_compute())
            return
        content = self._content(session)
        if content == self._shown:
            return
        urgent = self._shown is None or content.stage != self._shown.stage
        wait = self._pace.due_in(self._clock.monotonic(), urgent=urgent)
        if not wait:
            self._work(self._async_show(content, urgent=urgent))
        elif self._cancel_timer is None:
            self._cancel_timer = async_call_later(self._hass, wait, HassJob(self._wake, cancel_on_shutdown=True))

    @callback
    def _wake(self, _: datetime) -> None:
        self._cancel_timer = None
        self._update()

    def _cancel(self) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self._cancel()
        self._busy = True
        self._hass.async_create_task(self._async_work(work), f"Retrowalk live notification of {self._view.entry.title}")

    async def _async_work(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._busy = False
        self._update()

    async def _async_compute(self) -> None:
        """Compute the planned steps, which tell the next change."""
        if (remaining := self._view.remaining()) is not None:
            self._steps = await self._hass.async_add_executor_job(remaining.steps, self._steps)
            self._steps_key = remaining.key

    def _content(self, session: LiveSession) -> _Content:
        counts, shown = session.ends, self._shown
        if counts is None:
            counts = dt_util.utcnow() - timedelta(seconds=session.seconds)
            if shown is not None and not shown.ends and abs(counts - shown.counts) < _SHIFT:
                counts = shown.counts
        walker = self._view.roster.walkers.get(session.walker) if session.walker else None
        return _Content(
            stage=(session.state, session.stop_failure),
            lines=live_lines(session, self._steps if session.ends else ()),
            title=(session.direction, walker.name if walker else None),
            counts=counts,
            ends=session.ends is not None,
            progress=session.progress if session.ends else None,
        )

    async def _async_show(self, content: _Content, *, urgent: bool) -> None:
        """Show it on the phones that are there now; other targets are told once a session."""
        first, self._shown = self._shown is None, content
        self._pace.sent(self._clock.monotonic(), urgent=urgent)
        phones, others = self._targets()
        if phones - self._phones:
            self._phones |= phones
            await self._async_save()
        message = await self._async_message(content)
        errors = await async_push(self._hass, sorted(phones), message.for_phone())
        for target in others:
            if target == PERSISTENT_NOTIFICATION or target not in self._others:
                self._others.add(target)
                try:
                    await async_send(self._hass, target, message)
                except UndeliverableError as err:
                    errors.append(err)
        failures = [error for error in errors if error is not None]
        if failures and (first or not self._failed):
            _LOGGER.warning("Could not show a session live: %s", cause_of(failures[0]))
        self._failed = bool(failures)

    def _targets(self) -> tuple[set[str], set[str]]:
        """Return the notify actions of the chosen phones, and the other targets."""
        session, phones, others = self._view.session(), set[str](), set[str]()
        walker = self._view.roster.walkers.get(session.walker) if session and session.walker else None
        for target in self._view.targets:
            if target == WALKER:
                theirs = message_target(self._hass, walker.person, walker.reminder_target) if walker else ""
                phones |= set(async_phone_services(self._hass, theirs))
            elif found := async_phone_services(self._hass, target):
                phones |= set(found)
            else:
                others.add(target)
        return phones, others

    async def _async_message(self, content: _Content) -> Message:
        texts = await Texts.async_load(self._hass)
        direction, name = content.title
        title = texts.render((Line(f"session_title_{direction}"),))
        text = texts.render(content.lines)
        left = int((content.counts - dt_util.utcnow()).total_seconds())
        more: dict[str, Any] = {
            **_DATA,
            "chronometer": True,
            "when": int(content.counts.timestamp()),
            "timeout": max(left, 0) + _SPARE if content.ends else _LONGEST,
        }
        if content.progress is not None:
            more["progress"], more["progress_max"] = content.progress
        if content.ends:
            until = time_of_day(self._hass, dt_util.as_local(content.counts).time())
            text = f"{text} {texts.render((Line('live_until', {'time': until}),))}"
        return Message(
            tag=self._tag,
            title=f"{plain(name)}: {title}" if name else title,
            text=text,
            path=await self._view.async_dashboard_path(),
            link=texts.render((Line("reminder_link"),)),
            buttons=(Button(action=self._action, title=texts.render((Line("live_stop"),)), stops=True),),
            more=more,
        )

    async def _async_withdraw(self) -> None:
        """Take it away from where it may be shown; a notification entity cannot do that."""
        phones, self._phones, others, self._others = self._phones, set(), self._others, set()
        self._shown, self._pace = None, LivePace()
        self._steps, self._steps_key = (), None
        if PERSISTENT_NOTIFICATION in others:
            await async_withdraw(self._hass, PERSISTENT_NOTIFICATION, self._tag)
        known = [phone for phone in sorted(phones) if self._hass.services.has_service("notify", phone)]
        await async_clear(self._hass, known, self._tag)
        await self._async_save()

    async def _async_save(self) -> None:
        await self._journal.async_save({"phones": sorted(self._phones)} if self._phones else {})

    async def _async_on_tap(self, event: Event) -> None:
        """Stop, whoever tapped on whatever message of this treadmill; a Stop that fails is said as every other one."""
        if event.data.get("action") != self._action:
            return
        try:
            await self._view.stop()
        except HomeAssistantError as err:
            _LOGGER.warning("A Stop on a phone did not stop the belt: %s", err.translation_key)
        # Tapping has taken the message from that phone: as long as the belt moves it is shown again.
        self._shown = None
        self._update()
