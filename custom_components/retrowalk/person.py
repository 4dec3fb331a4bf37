"""Tells whether a person stands behind a call, here and now (S2).

A user id alone proves little: voice assistants, tokens, delayed scripts and queued presses carry one too.
"""

import time
from dataclasses import dataclass

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import Context, HomeAssistant
from ulid_transform import ulid_to_bytes_or_none, ulid_to_timestamp

_FRESH = 2.0
_ASSISTANTS = ("conversation", "cloud.alexa", "cloud.google_assistant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whose hand a call is, as far as can be told; neither: perhaps a voice assistant's (S2, S16)."""

    by_person: bool
    by_automation: bool


async def async_hand_of(hass: HomeAssistant, context: Context | None, entity_id: str | None) -> Hand:
    """Whose hand a press of this entity is. What nobody presses and no assistant can, automations and scripts do."""
    by_person = await async_is_person(hass, context, entity_id)
    return Hand(by_person=by_person, by_automation=not by_person and not _is_exposed(hass, entity_id))


async def async_is_person(hass: HomeAssistant, context: Context | None, entity_id: str | None = None) -> bool:
    """Whether `context` is a press by a logged-in person within the last two seconds.

    While the pressed entity is exposed to an assistant nobody can tell the assistant's presses from a person's, so
    none of them counts.
    """
    if context is None or context.user_id is None or context.parent_id is not None:
        return False
    if ulid_to_bytes_or_none(context.id) is None:
        return False
    if not -_FRESH <= time.time() - ulid_to_timestamp(context.id) / 1000 <= _FRESH:
        return False
    if _is_exposed(hass, entity_id):
        return False
    user = await hass.auth.async_get_user(context.user_id)
    return user is not None and user.is_active and not user.system_generated


def _is_exposed(hass: HomeAssistant, entity_id: str | None) -> bool:
    """Whether a voice assistant or a language model could press it."""
    return entity_id is not None and any(async_should_expose(hass, assistant, entity_id) for assistant in _ASSISTANTS)
