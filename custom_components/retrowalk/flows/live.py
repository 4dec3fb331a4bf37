"""The field of the live notification, a group of the settings."""

from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_LIVE_TARGETS
from ..messaging.texts import Texts
from ..reminders.live_notification import WALKER
from ..reminders.settings import async_target_labels
from ..training.speech.phrases import Line


async def async_live_fields(hass: HomeAssistant, chosen: Sequence[str]) -> dict[vol.Marker, Any]:
    """Return the field with what was chosen, which is listed even if it is gone."""
    texts = await Texts.async_load(hass)
    labels = {WALKER: texts.render((Line("live_to_walker"),)), **async_target_labels(hass, texts, None)}
    for target in chosen:
        if target not in labels:
            labels |= async_target_labels(hass, texts, target)
    options = [SelectOptionDict(value=target, label=label) for target, label in labels.items()]
    targets = SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, multiple=True)
    # A suggested value, because a default would come back when the field is emptied.
    return {vol.Optional(CONF_LIVE_TARGETS, description={"suggested_value": [*chosen]}): SelectSelector(targets)}


def live_answers(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are stored."""
    return {CONF_LIVE_TARGETS: user_input.get(CONF_LIVE_TARGETS, [])}
