"""The announcer's fields, in the settings and in a step of the set-up."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_ANNOUNCE, CONF_ANNOUNCER, CONF_TTS
from ..messaging.speaker import MEDIA_PLAYER, NOTIFY, SATELLITE
from ..treadmill.options import AnnouncePolicy
from .errors import AnnouncerError

ANNOUNCER_KEYS = (CONF_ANNOUNCE, CONF_ANNOUNCER, CONF_TTS)


@callback
def announcer_fields(hass: HomeAssistant, answers: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    """Return the fields with the earlier answers; silence is not a default, it has to be chosen.

    Where nothing in the house can speak, the card is the default.
    """
    default = answers.get(CONF_ANNOUNCE)
    if default is None:
        default = vol.UNDEFINED if _can_speak(hass) else AnnouncePolicy.CARD.value
    policy = SelectSelectorConfig(
        options=list(AnnouncePolicy), mode=SelectSelectorMode.LIST, translation_key=CONF_ANNOUNCE
    )
    speakers = EntitySelectorConfig(domain=[SATELLITE, MEDIA_PLAYER, NOTIFY])
    suggested = {key: {"suggested_value": answers.get(key)} for key in (CONF_ANNOUNCER, CONF_TTS)}
    return {
        vol.Required(CONF_ANNOUNCE, default=default): SelectSelector(policy),
        vol.Optional(CONF_ANNOUNCER, description=suggested[CONF_ANNOUNCER]): EntitySelector(speakers),
        vol.Optional(CONF_TTS, description=suggested[CONF_TTS]): EntitySelector(EntitySelectorConfig(domain="tts")),
    }


def announcer_answers(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are stored, with None for empty fields."""
    return {key: user_input.get(key) for key in ANNOUNCER_KEYS}


def announcer_errors(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the error of the announcer's fields, if any."""
    target = answers[CONF_ANNOUNCER]
    if answers[CONF_ANNOUNCE] != AnnouncePolicy.ENTITY:
        return {}
    if target is None:
        return {"base": AnnouncerError.ANNOUNCER_MISSING}
    if split_entity_id(target)[0] == MEDIA_PLAYER and answers[CONF_TTS] is None:
        return {"base": AnnouncerError.TTS_MISSING}
    return {}


@callback
def _can_speak(hass: HomeAssistant) -> bool:
    """Return whether something in the house may announce: a player needs text-to-speech, too."""
    states = hass.states
    players = bool(states.async_entity_ids(MEDIA_PLAYER) and states.async_entity_ids("tts"))
    return players or bool(states.async_entity_ids([SATELLITE, NOTIFY]))
