"""The announcer: says aloud what a walker cannot see (safety rules S2, S3, S6, S10, S13, S14).

It never holds up the session: it listens to events and reports which phrases were said.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback

from ..const import DOMAIN
from ..issues import Issue, create_issue, delete_issue
from ..training.events import SessionEvent, SessionEventKind, StopFailedEvent
from ..training.speech.phrases import Phrase, Scene, phrases_for, speaking_time, stop_failure
from ..training.speech.queue import PhraseQueue
from ..util import plain
from .speaker import Speaker
from .texts import Texts

_LOGGER = logging.getLogger(__name__)

SPEAKER_TIMEOUT = 15.0
"""Seconds that a speaker may take beyond the speaking time before it counts as failed."""
_CANCEL_TIMEOUT = 0.5
"""Seconds that a speaker has to end a phrase that is cut off."""
_FAILURES_BEFORE_ISSUE = 3

_CLEARS_STOP_FAILURE = frozenset({SessionEventKind.STARTED, SessionEventKind.STOPPED, SessionEventKind.FINISHED})


class Announcer:
    """Announce what happens on one treadmill, through the speaker its owner chose, if any."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        target: str | None,
        tts: str | None,
        *,
        scene: Callable[[], Scene],
        clock: Callable[[], float],
    ) -> None:
        """Initialize the announcer.

        `target` is the entity that speaks and `tts` the text-to-speech engine that it needs. `scene` returns what is
        going on, and `clock` the monotonic seconds of the session.
        """
        self._hass = hass
        self._entry = entry
        self._scene = scene
        self._clock = clock
        self._speaker = Speaker(hass, target, tts, plain(entry.title)) if target else None
        self._texts = Texts({})
        self._queue = PhraseQueue()
        self._woken = asyncio.Event()
        self._cut: asyncio.Future[None] | None = None  # done when the current phrase is to be cut off
        self._failures = 0
        self.listener: Callable[[Phrase, bool], None] = lambda phrase, said: None
        """Called with each phrase and whether it was said, but not with one that was cut off."""

    @property
    def available(self) -> bool:
        """Whether the speaker is available."""
        return self._speaker is not None and self._speaker.available

    @property
    def busy(self) -> bool:
        """Whether a phrase is still to be said."""
        return self._speaker is not None and not self._queue.idle

    async def async_load(self) -> None:
        """Load the texts, now and whenever Home Assistant's language changes, and start speaking."""
        await self._async_read_texts()
        entry, hass = self._entry, self._hass
        entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_read_texts))
        if self._speaker is not None:
            entry.async_on_unload(self._clear_failures)
            entry.async_create_background_task(hass, self._run(self._speaker), f"Retrowalk announcer of {entry.title}")

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Handle an event; its phrases are said in the background."""
        self._update_notification(event)
        if self._speaker is None:
            return
        phrases = phrases_for(event, self._scene())
        if not self._speaker.is_audible:
            phrases = tuple(phrase for phrase in phrases if not phrase.aloud)
        if self._queue.add(phrases, self._clock()) and self._cut is not None and not self._cut.done():
            self._cut.set_result(None)
        self.wake()

    @callback
    def wake(self) -> None:
        """Check again whether there is something to say."""
        self._woken.set()

    async def _async_read_texts(self, _: Event | None = None) -> None:
        self._texts = await Texts.async_load(self._hass)

    @callback
    def _update_notification(self, event: SessionEvent) -> None:
        """Show a stop that failed in Home Assistant too, even without a speaker (S3)."""
        if isinstance(event, StopFailedEvent):
            text = self._texts.render((stop_failure(event),))
            title = plain(self._entry.title)
            persistent_notification.async_create(self._hass, text, title, _notification_id(self._entry))
        elif event.kind in _CLEARS_STOP_FAILURE:
            async_dismiss_stop_failure(self._hass, self._entry)

    async def _run(self, speaker: Speaker) -> None:
        """Say one phrase after the other, each when it is due."""
        while True:
            self._woken.clear()
            phrase = self._queue.next(self._clock())
            if phrase is not None:
                await self._say(speaker, phrase)
                continue
            try:
                async with asyncio.timeout(self._queue.due_in(self._clock())):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def _say(self, speaker: Speaker, phrase: Phrase) -> None:
        text = self._texts.render(phrase.lines)
        attempt = self._attempt(speaker, text, urgent=phrase.urgent)
        saying = self._hass.async_create_background_task(attempt, "Retrowalk announcement")
        self._cut = cut = self._hass.loop.create_future()
        try:
            # The task itself is not awaited: some speakers do not even end when they are canceled.
            both: set[asyncio.Future[Any]] = {saying, cut}
            await asyncio.wait(both, timeout=speaking_time(text) + SPEAKER_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._cut = None
            saying.cancel()
        if cut.done():
            # A speaker that is still ending the old phrase may refuse the new one.
            await asyncio.wait({saying}, timeout=_CANCEL_TIMEOUT)
            self._queue.on_said(self._clock())
            return
        now = self._clock()
        answered = saying.done() and not saying.cancelled()
        error = saying.result() if answered else TimeoutError("it does not answer")
        if error is None:
            self._queue.on_said(now, speaker.playback_time(text))
            self._on_success(speaker)
        else:
            self._queue.on_failed(now)
            self._on_failure(speaker, error)
        self._notify_listener(phrase, said=error is None)

    def _notify_listener(self, phrase: Phrase, *, said: bool) -> None:
        try:
            self.listener(phrase, said)
        except Exception:
            _LOGGER.exception("Unexpected error in the listener of the announcer")  # the next phrase is said anyway

    async def _attempt(self, speaker: Speaker, text: str, *, urgent: bool) -> Exception | None:
        try:
            await speaker.async_say(text, self._texts.language, urgent=urgent)
        except Exception as err:  # noqa: BLE001 - a speaker of another integration must not end a session
            return err
        return None

    @callback
    def _on_success(self, speaker: Speaker) -> None:
        if self._failures:
            _LOGGER.info("%s speaks through %s again", self._entry.title, speaker.target)
            self._clear_failures()

    @callback
    def _on_failure(self, speaker: Speaker, error: Exception) -> None:
        self._failures += 1
        if self._failures == 1:
            _LOGGER.warning(
                "%s cannot speak through %s: %s", self._entry.title, speaker.target, str(error) or type(error).__name__
            )
        if self._failures == _FAILURES_BEFORE_ISSUE:
            create_issue(self._hass, self._entry, Issue.ANNOUNCER_FAILED, entity=speaker.target)

    @callback
    def _clear_failures(self) -> None:
        self._failures = 0
        delete_issue(self._hass, self._entry, Issue.ANNOUNCER_FAILED)


def _notification_id(entry: ConfigEntry) -> str:
    return f"{DOMAIN}_stop_failed_{entry.entry_id}"


@callback
def async_dismiss_stop_failure(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Dismiss the notification of a failed stop: the belt has come to rest, or the entry is being removed."""
    persistent_notification.async_dismiss(hass, _notification_id(entry))
