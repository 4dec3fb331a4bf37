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

from ..const import CONF_PERSON, CONF_QUIET_FROM, CONF_REMINDER, CONF_REMINDER_TARGET, CONF_REMINDER_TIME
from ..messaging.notifications import UndeliverableError
from ..messaging.texts import Texts
from ..reminders.settings import (
    ReminderError,
    async_send_test,
    async_target_errors,
    async_target_labels,
    message_target,
    time_errors,
)
from ..walkers.walker import QUIET_FROM_DEFAULT, REMINDER_TIME_DEFAULT, Walker

CONF_SEND_TEST: Final = "send_test"


def first_reminder_fields() -> dict[vol.Marker, Any]:
    """Return the fields of the set-up: whether and when; the rest has good defaults."""
    return {
        vol.Required(CONF_REMINDER, default=False): BooleanSelector(),
        vol.Required(CONF_REMINDER_TIME, default=REMINDER_TIME_DEFAULT.isoformat()): TimeSelector(),
    }


async def async_reminder_fields(hass: HomeAssistant, current: str | None = None) -> dict[vol.Marker, Any]:
    """Return the fields; `current` is the target in use, which is listed even if it is gone."""
    labels = async_target_labels(hass, await Texts.async_load(hass), current)
    options = [SelectOptionDict(value=target, label=label) for target, label in labels.items()]
    targets = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    return {
        **first_reminder_fields(),
        vol.Required(CONF_QUIET_FROM, default=QUIET_FROM_DEFAULT.isoformat()): TimeSelector(),
        vol.Optional(CONF_REMINDER_TARGET): SelectSelector(targets),
        vol.Required(CONF_SEND_TEST, default=False): BooleanSelector(),
    }


@callback
def async_reminder_errors(
    hass: HomeAssistant, user_input: Mapping[str, Any], current: str | None = None
) -> dict[str, str]:
    """Return the errors by field; a target in use that is unavailable gets a repair issue instead."""
    at = time.fromisoformat(user_input[CONF_REMINDER_TIME])
    quiet_from = time.fromisoformat(user_input.get(CONF_QUIET_FROM, QUIET_FROM_DEFAULT.isoformat()))
    target = user_input.get(CONF_REMINDER_TARGET)
    return {**time_errors(at, quiet_from), **async_target_errors(hass, target, current)}


async def async_test_errors(
    hass: HomeAssistant, name: str, user_input: Mapping[str, Any], path: str | None
) -> dict[str, str]:
    """Send a test message if requested, and return its errors by field; `path` is that of the dashboard."""
    if user_input[CONF_SEND_TEST]:
        target = message_target(hass, user_input.get(CONF_PERSON), user_input.get(CONF_REMINDER_TARGET))
        try:
            await async_send_test(hass, name, target, path)
        except UndeliverableError:
            return {CONF_REMINDER_TARGET: ReminderError.TEST_NOT_SENT}
    return {}


def reminder_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a walker's subentry from the answers."""
    return {
        CONF_REMINDER: user_input[CONF_REMINDER],
        CONF_REMINDER_TIME: user_input[CONF_REMINDER_TIME],
        CONF_QUIET_FROM: user_input.get(CONF_QUIET_FROM, QUIET_FROM_DEFAULT.isoformat()),
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
