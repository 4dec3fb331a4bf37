"""Deliver a walker's messages: each replaces the previous one, is tried again if it fails, and can be withdrawn."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..messaging.notifications import PERSISTENT_NOTIFICATION, Message, UndeliverableError, async_send, async_withdraw
from ..walkers.walker import Walker
from .issues import ReminderIssues

_LOGGER = logging.getLogger(__name__)

_RETRY_INTERVAL: Final = 900.0
_MAX_TRIES: Final = 12
"""Tries to send a message, and the seconds between them: together as long as a reminder is of use."""


class Sender(Protocol):
    """The reminder that sends the messages."""

    @property
    def walker(self) -> Walker:
        """The walker who receives the messages."""
        ...

    @property
    def target(self) -> str:
        """The target that messages are sent to now."""
        ...

    @property
    def wanted(self) -> bool:
        """Whether today's message is still of use."""
        ...

    def delivered(self, target: str) -> None:
        """Handle a message that reached a target."""
        ...


class Delivery:
    """Deliver the messages of one walker."""

    def __init__(
        self, hass: HomeAssistant, tag: str, sender: Sender, issues: ReminderIssues, *, sent_before: bool
    ) -> None:
        """Initialize the delivery; `sent_before` tells whether a message was sent before the restart."""
        self._hass = hass
        self._tag = tag
        self._sender = sender
        self._issues = issues
        self._cancel_retry: Callable[[], None] | None = None
        self._shown_on: str | None = None  # the target that may still show a message
        self._sent_before = sent_before  # to the target of now

    async def async_send(self, message: Message, *, tries: int = 1) -> None:
        """Send a message; if that fails, create a repair issue and try again for a while."""
        self.stop_trying()
        sender = self._sender
        target = self._shown_on = sender.target
        try:
            await async_send(self._hass, target, message)
        except UndeliverableError as err:
            _LOGGER.warning("Could not deliver a reminder, which a repair issue tells: %s", err)
            self._issues.create_undelivered(sender.walker, target)
            if self._withdrawn:
                return
            if sender.walker.reminder_target is None:
                # No target was chosen, so Home Assistant may show the message instead.
                self._shown_on = PERSISTENT_NOTIFICATION
                await async_send(self._hass, PERSISTENT_NOTIFICATION, message)
            elif tries < _MAX_TRIES:
                self._try_again(message, tries + 1)
        else:
            self._issues.delete_undelivered()
            sender.delivered(target)
            if self._withdrawn:  # while it was being sent
                await async_withdraw(self._hass, target, self._tag)

    @callback
    def withdraw(self) -> None:
        """Withdraw the last message from the target that shows it."""
        self.stop_trying()
        target, self._shown_on = self._shown_on, None
        if target is None and self._sent_before:
            # Resolved only now: the phones were not set up yet when this object was created.
            target = self._sender.target
        self._sent_before = False
        if target is not None:
            self._hass.async_create_task(
                async_withdraw(self._hass, target, self._tag),
                f"Retrowalk withdraws a reminder of {self._sender.walker.id}",
            )

    @callback
    def stop_trying(self) -> None:
        """Stop trying to send."""
        if self._cancel_retry is not None:
            self._cancel_retry()
            self._cancel_retry = None

    @property
    def _withdrawn(self) -> bool:
        return self._shown_on is None

    def _try_again(self, message: Message, tries: int) -> None:
        @callback
        def retry(_: datetime) -> None:
            self._cancel_retry = None
            if self._sender.wanted:
                name = f"Retrowalk reminds {self._sender.walker.id}"
                self._hass.async_create_task(self.async_send(message, tries=tries), name)

        job = HassJob(retry, cancel_on_shutdown=True)
        self._cancel_retry = async_call_later(self._hass, _RETRY_INTERVAL, job)
