"""How a walker's messages reach them: each in the place of the one before, tried again, and taken back."""

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
"""Seconds between tries to send what did not arrive, and how often: for as long as a reminder makes sense."""


class Sender(Protocol):
    """Who sends."""

    @property
    def walker(self) -> Walker:
        """Whose messages they are."""
        ...

    @property
    def target(self) -> str:
        """Where they go now."""
        ...

    @property
    def wanted(self) -> bool:
        """Whether a message of today is of any use now."""
        ...

    def delivered(self, target: str) -> None:
        """One has arrived there."""
        ...


class Delivery:
    """The messages of one walker."""

    def __init__(self, hass: HomeAssistant, tag: str, sender: Sender, issues: ReminderIssues, *, before: bool) -> None:
        """`before`: the run of Home Assistant before has sent something."""
        self._hass = hass
        self._tag = tag
        self._sender = sender
        self._issues = issues
        self._cancel_retry: Callable[[], None] | None = None
        self._shown_on: str | None = None  # where a message may still be seen
        self._sent_before = before  # to whom it would go now

    async def async_send(self, message: Message, *, tries: int = 1) -> None:
        """Send it; what does not arrive is told as a repair, and tried again for a while."""
        self.stop_trying()
        sender = self._sender
        target = self._shown_on = sender.target
        try:
            await async_send(self._hass, target, message)
        except UndeliverableError as err:
            _LOGGER.warning("The reminder of %s does not arrive: %s", sender.walker.name, err)
            self._issues.create_undelivered(sender.walker, target)
            if self._withdrawn:
                return
            if sender.walker.reminder_target is None:
                # Nobody chose that phone or no other way.
                self._shown_on = PERSISTENT_NOTIFICATION
                await async_send(self._hass, PERSISTENT_NOTIFICATION, message)
            elif tries < _MAX_TRIES:
                self._try_again(message, tries + 1)
        else:
            self._issues.delete_undelivered()
            sender.delivered(target)
            if self._withdrawn:  # while it was on its way
                await async_withdraw(self._hass, target, self._tag)

    @callback
    def withdraw(self) -> None:
        """Take the last message back, wherever it is."""
        self.stop_trying()
        target, self._shown_on = self._shown_on, None
        if target is None and self._sent_before:
            # Known only now: when this was made, the phones were not there yet.
            target = self._sender.target
        self._sent_before = False
        if target is not None:
            self._hass.async_create_task(
                async_withdraw(self._hass, target, self._tag),
                f"Retrowalk takes back a reminder of {self._sender.walker.name}",
            )

    @callback
    def stop_trying(self) -> None:
        """Try no more."""
        if self._cancel_retry is not None:
            self._cancel_retry()
            self._cancel_retry = None

    @property
    def _withdrawn(self) -> bool:
        return self._shown_on is None

    def _try_again(self, message: Message, tries: int) -> None:
        @callback
        def again(_: datetime) -> None:
            self._cancel_retry = None
            if self._sender.wanted:
                name = f"Retrowalk reminds {self._sender.walker.name}"
                self._hass.async_create_task(self.async_send(message, tries=tries), name)

        job = HassJob(again, cancel_on_shutdown=True)
        self._cancel_retry = async_call_later(self._hass, _RETRY_INTERVAL, job)
