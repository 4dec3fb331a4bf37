"""What a walker may choose about reminders: checked in one place for the dialogs, the entities and the dashboard."""

from datetime import time
from enum import StrEnum

from homeassistant.core import Context, HomeAssistant, callback

from ..const import CONF_REMINDER_TARGET, CONF_REMINDER_TIME, DOMAIN
from ..errors import ErrorKey, wrong
from ..messaging.notifications import (
    PERSISTENT_NOTIFICATION,
    async_is_available,
    async_notification_targets,
    async_phone_services,
    async_phone_users,
    async_send,
    async_target_name,
)
from ..messaging.texts import Texts
from ..training.speech.phrases import Line
from ..util import time_of_day
from ..walkers.privacy import async_is_own_context
from ..walkers.walker import Walker
from .message import ReminderTemplate


class ReminderError(StrEnum):
    """What is wrong with what was chosen, or with a test; each has a text in the dialogs, and one as an error."""

    REMINDER_IN_QUIET_TIME = "reminder_in_quiet_time"
    TARGET_MISSING = "target_missing"
    TEST_NOT_SENT = "test_not_sent"


def time_errors(at: time, quiet_from: time) -> dict[str, ReminderError]:
    """Return the error of a reminder that would come in the quiet time, by field."""
    return {CONF_REMINDER_TIME: ReminderError.REMINDER_IN_QUIET_TIME} if at >= quiet_from else {}


def check_time(hass: HomeAssistant, at: time, quiet_from: time) -> None:
    """Raise if a reminder would come in the quiet time."""
    if time_errors(at, quiet_from):
        raise wrong(ErrorKey.REMINDER_IN_QUIET_TIME, quiet_from=time_of_day(hass, quiet_from))


@callback
def async_target_errors(hass: HomeAssistant, target: str | None, current: str | None) -> dict[str, ReminderError]:
    """Return the error of a target, by field; the current one gets a repair issue instead if it is unavailable."""
    if target in {None, current} or async_is_available(hass, str(target)):
        return {}
    return {CONF_REMINDER_TARGET: ReminderError.TARGET_MISSING}


@callback
def async_target_labels(hass: HomeAssistant, texts: Texts, current: str | None) -> dict[str, str]:
    """Return what may be chosen as a target, with labels; the current one is listed even if it is gone."""
    offered = async_notification_targets(hass)
    if current is not None and current not in offered:
        offered[current] = ("gone", async_target_name(hass, current))
    return {
        target: texts.render((Line(f"reminder_to_{kind}", {"name": name}),)) for target, (kind, name) in offered.items()
    }


@callback
def message_target(
    hass: HomeAssistant, person: str | None, chosen: str | None = None, *, had_phone: bool = False
) -> str:
    """Return the target of a walker's messages: the chosen one, else the person's phones, else Home Assistant.

    `had_phone` tells that the person's phones received messages before, so that a missing phone is reported.
    """
    if chosen is not None:
        return chosen
    if person and (had_phone or async_phone_services(hass, person)):
        return person
    return PERSISTENT_NOTIFICATION


async def async_is_theirs(hass: HomeAssistant, context: Context, walker: Walker, target: str) -> bool:
    """Return whether a tap comes from the walker, or from a phone that received the message."""
    phones = async_phone_users(hass, target)
    return context.user_id in phones or await async_is_own_context(hass, context, walker)


async def async_send_test(hass: HomeAssistant, name: str, target: str, path: str | None) -> None:
    """Send a test message to a walker, which says that it is one; raise UndeliverableError if that fails."""
    template = ReminderTemplate(hass=hass, tag=f"{DOMAIN}_reminder_test", walker=name, path=path, is_test=True)
    await async_send(hass, target, await template.async_render(Line("reminder_test", {"name": name})))
