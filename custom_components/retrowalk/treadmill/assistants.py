"""What voice assistants and language models may operate, by the exposure settings of each (S2, S16).

An assistant whose settings cannot be read counts as one that may operate everything.
"""

import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import HomeAssistant, callback

_LOGGER = logging.getLogger(__name__)

_ASSISTANTS: Final = ("conversation", "cloud.alexa", "cloud.google_assistant")
_CONVERSATION: Final = "homeassistant.components.conversation"
_CONVERSATIONS: Final = (
    (f"{_CONVERSATION}.trace", "_current_trace"),
    (f"{_CONVERSATION}.chat_log", "current_chat_log"),
)
"""Modules and context variables that hold the conversation under way."""
_ALEXA: Final = "/api/alexa/smart_home"
_ALEXA_SKILL: Final = "/api/alexa"


@callback
def async_is_exposed(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether a voice assistant or a language model may operate an entity, or whether that is unknown."""
    if "intent_script" in hass.config.components:
        return True  # its scripts run actions on any entity, in the name of the person who spoke
    try:
        if any(async_should_expose(hass, assistant, entity_id) for assistant in _ASSISTANTS):
            return True
        return any(exposes(entity_id) for exposes in _exposures(hass))
    except Exception:
        _LOGGER.debug("Cannot determine what voice assistants may operate", exc_info=True)
        return True


@callback
def async_has_unfiltered_assistant(hass: HomeAssistant) -> bool:
    """Return whether an integration runs spoken commands without a user and without exposure settings."""
    return "dialogflow" in hass.config.components or any(True for _ in _routes(hass, _ALEXA_SKILL))


@callback
def async_in_conversation() -> bool:
    """Return whether the code runs in a conversation, whose agent acts in the name of the person who speaks."""
    # Without the conversation integration its modules, and what they require, are not installed.
    variables = (getattr(sys.modules.get(module), name, None) for module, name in _CONVERSATIONS)
    return any(variable is not None and variable.get() is not None for variable in variables)


def _exposures(hass: HomeAssistant) -> Iterator[Callable[[str], Any]]:
    """Yield the exposure check of every assistant that has exposure settings of its own."""
    for entry in hass.config_entries.async_loaded_entries("google_assistant"):
        yield entry.runtime_data.should_expose
    # Only its HTTP view holds the configuration of a manually set up Alexa.
    for route in _routes(hass, _ALEXA):
        yield inspect.getclosurevars(route.handler).nonlocals["view"].smart_home_config.should_expose
    if (cloud := hass.data.get("cloud")) is not None:
        # A filter in YAML replaces the exposure settings.
        for config in (cloud.client.alexa_user_config, cloud.client.google_user_config):
            if not (chosen := config["filter"]).empty_filter:
                yield chosen


def _routes(hass: HomeAssistant, path: str) -> Iterator[Any]:
    """Yield the routes that handle POST requests to a path."""
    if (http := getattr(hass, "http", None)) is None:
        return
    for resource in http.app.router.resources():
        if resource.canonical == path:
            yield from (route for route in resource if route.method == "POST")
