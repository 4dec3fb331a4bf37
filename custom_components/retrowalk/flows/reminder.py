"""Asking when a walker wants to be reminded, and where; with a test."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)

from ..const import CONF_PERSON, CONF_QUIET_FROM, CONF_REMINDER, CONF_REMINDER_TARGET, CONF_REMINDER_TIME, DOMAIN
from ..messaging.notifications import (
    PERSISTENT_NOTIFICATION,
    UndeliverableError,
    async_is_available,
    async_notification_targets,
    async_phone_services,
    async_send,
    async_target_name,
)
from ..messaging.texts import Texts
from ..reminders.message import ReminderTemplate
from ..training.speech.phrases import Line
from ..walkers.walker import QUIET_FROM_DEFAULT, REMINDER_TIME_DEFAULT, Walker
from .errors import ReminderError

CONF_SEND_TEST: Final = "send_test"


async def async_reminder_fields(hass: HomeAssistant, present: str | None = None) -> dict[vol.Marker, Any]:
    """The fields of reminders; `present` is the target of now, which is shown even if it is not there any more."""
    texts = await Texts.async_load(hass)
    offered = async_notification_targets(hass)
    if present is not None and present not in offered:
        offered[present] = ("gone", async_target_name(hass, present))
    options = [
        SelectOptionDict(value=target, label=texts.render((Line(f"reminder_to_{kind}", {"name": name}),)))
        for target, (kind, name) in offered.items()
    ]
    targets = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    return {
        vol.Required(CONF_REMINDER, default=False): BooleanSelector(),
        vol.Required(CONF_REMINDER_TIME, default=REMINDER_TIME_DEFAULT.isoformat()): TimeSelector(),
        vol.Required(CONF_QUIET_FROM, default=QUIET_FROM_DEFAULT.isoformat()): TimeSelector(),
        vol.Optional(CONF_REMINDER_TARGET): SelectSelector(targets),
        vol.Required(CONF_SEND_TEST, default=False): BooleanSelector(),
    }


@callback
def async_reminder_errors(
    hass: HomeAssistant, user_input: Mapping[str, Any], present: str | None = None
) -> dict[str, str]:
    """What is wrong with the answers, by field; that the target of now is away for a while is told elsewhere."""
    errors: dict[str, str] = {}
    if time.fromisoformat(user_input[CONF_REMINDER_TIME]) >= time.fromisoformat(user_input[CONF_QUIET_FROM]):
        errors[CONF_REMINDER_TIME] = ReminderError.REMINDER_IN_QUIET_TIME
    target = user_input.get(CONF_REMINDER_TARGET)
    if target not in {None, present} and not async_is_available(hass, str(target)):
        errors[CONF_REMINDER_TARGET] = ReminderError.TARGET_MISSING
    return errors


async def async_test_errors(hass: HomeAssistant, name: str, user_input: Mapping[str, Any]) -> dict[str, str]:
    """Send a test, if that is wanted; what was wrong with it, by field."""
    errors: dict[str, str] = {}
    if user_input[CONF_SEND_TEST]:
        sheet = ReminderTemplate(hass=hass, tag=f"{DOMAIN}_reminder_test", walker=name)
        message = await sheet.async_render(Line("reminder_test", {"name": name}))
        person = user_input.get(CONF_PERSON)
        own = person if person and async_phone_services(hass, person) else PERSISTENT_NOTIFICATION
        try:
            await async_send(hass, user_input.get(CONF_REMINDER_TARGET) or own, message)
        except UndeliverableError:
            errors[CONF_REMINDER_TARGET] = ReminderError.TEST_NOT_SENT
    return errors


def reminder_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """What the answers make of a walker's subentry."""
    return {
        CONF_REMINDER: user_input[CONF_REMINDER],
        CONF_REMINDER_TIME: user_input[CONF_REMINDER_TIME],
        CONF_QUIET_FROM: user_input[CONF_QUIET_FROM],
        CONF_REMINDER_TARGET: user_input.get(CONF_REMINDER_TARGET),
    }


def reminder_answers(walker: Walker) -> dict[str, Any]:
    """The answers that a walker's subentry holds."""
    return {
        CONF_REMINDER: walker.reminder,
        CONF_REMINDER_TIME: walker.reminder_time.isoformat(),
        CONF_QUIET_FROM: walker.quiet_from.isoformat(),
        CONF_REMINDER_TARGET: walker.reminder_target,
    }
