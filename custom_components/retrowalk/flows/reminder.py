"""The reminder's fields of a walker's dialog, with a test message."""

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


async def async_reminder_fields(hass: HomeAssistant, current: str | None = None) -> dict[vol.Marker, Any]:
    """Return the fields; `current` is the target in use, which is listed even if it is gone."""
    texts = await Texts.async_load(hass)
    offered = async_notification_targets(hass)
    if current is not None and current not in offered:
        offered[current] = ("gone", async_target_name(hass, current))
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
    hass: HomeAssistant, user_input: Mapping[str, Any], current: str | None = None
) -> dict[str, str]:
    """Return the errors by field; a target in use that is unavailable gets a repair issue instead."""
    errors: dict[str, str] = {}
    if time.fromisoformat(user_input[CONF_REMINDER_TIME]) >= time.fromisoformat(user_input[CONF_QUIET_FROM]):
        errors[CONF_REMINDER_TIME] = ReminderError.REMINDER_IN_QUIET_TIME
    target = user_input.get(CONF_REMINDER_TARGET)
    if target not in {None, current} and not async_is_available(hass, str(target)):
        errors[CONF_REMINDER_TARGET] = ReminderError.TARGET_MISSING
    return errors


async def async_test_errors(hass: HomeAssistant, name: str, user_input: Mapping[str, Any]) -> dict[str, str]:
    """Send a test message if requested, and return its errors by field."""
    errors: dict[str, str] = {}
    if user_input[CONF_SEND_TEST]:
        template = ReminderTemplate(hass=hass, tag=f"{DOMAIN}_reminder_test", walker=name)
        message = await template.async_render(Line("reminder_test", {"name": name}))
        person = user_input.get(CONF_PERSON)
        default = person if person and async_phone_services(hass, person) else PERSISTENT_NOTIFICATION
        try:
            await async_send(hass, user_input.get(CONF_REMINDER_TARGET) or default, message)
        except UndeliverableError:
            errors[CONF_REMINDER_TARGET] = ReminderError.TEST_NOT_SENT
    return errors


def reminder_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a walker's subentry from the answers."""
    return {
        CONF_REMINDER: user_input[CONF_REMINDER],
        CONF_REMINDER_TIME: user_input[CONF_REMINDER_TIME],
        CONF_QUIET_FROM: user_input[CONF_QUIET_FROM],
        CONF_REMINDER_TARGET: user_input.get(CONF_REMINDER_TARGET),
    }


def reminder_answers(walker: Walker) -> dict[str, Any]:
    """Return the answers from a walker's subentry."""
    return {
        CONF_REMINDER: walker.reminder,
        CONF_REMINDER_TIME: walker.reminder_time.isoformat(),
        CONF_QUIET_FROM: walker.quiet_from.isoformat(),
        CONF_REMINDER_TARGET: walker.reminder_target,
    }
