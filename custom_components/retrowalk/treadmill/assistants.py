"""What voice assistants and language models may press, by the exposure that each of them keeps itself (S2, S16).

Where one cannot be asked, it might press everything.
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
"""What Home Assistant knows of the conversation in which something is done, by module."""
_ALEXA: Final = "/api/alexa/smart_home"
_ALEXA_SKILL: Final = "/api/alexa"


@callback
def async_is_exposed(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether a voice assistant or a language model could press an entity; also where that cannot be told."""
    if "intent_script" in hass.config.components:
        return True  # what people say runs actions there, of any entity, as if whoever spoke had pressed it
    try:
        if any(async_should_expose(hass, assistant, entity_id) for assistant in _ASSISTANTS):
            return True
        return any(exposes(entity_id) for exposes in _exposures(hass))
    except Exception:
        _LOGGER.debug("It cannot be told what a voice assistant may press", exc_info=True)
        return True


@callback
def async_has_unfiltered_assistant(hass: HomeAssistant) -> bool:
    """Whether something passes on what people say without naming them, and asks nobody what it may press."""
    return "dialogflow" in hass.config.components or any(True for _ in _routes(hass, _ALEXA_SKILL))


@callback
def async_in_conversation() -> bool:
    """Whether what is done now is done in a conversation; its agent may act with the hand of who speaks to it."""
    # Without conversations their modules, and what these need, are not there.
    talks = (getattr(sys.modules.get(module), name, None) for module, name in _CONVERSATIONS)
    return any(talk is not None and talk.get() is not None for talk in talks)


def _exposures(hass: HomeAssistant) -> Iterator[Callable[[str], Any]]:
    """What tells of an entity whether an assistant with an exposure of its own may press it."""
    for entry in hass.config_entries.async_loaded_entries("google_assistant"):
        yield entry.runtime_data.should_expose
    # Alexa's settings by hand are known to nobody but the view that they were made for.
    for route in _routes(hass, _ALEXA):
        yield inspect.getclosurevars(route.handler).nonlocals["view"].smart_home_config.should_expose
    if (cloud := hass.data.get("cloud")) is not None:
        # A filter in YAML takes the place of what is chosen in the settings.
        for config in (cloud.client.alexa_user_config, cloud.client.google_user_config):
            if not (chosen := config["filter"]).empty_filter:
                yield chosen


def _routes(hass: HomeAssistant, path: str) -> Iterator[Any]:
    """Where Home Assistant listens for something."""
    if (http := getattr(hass, "http", None)) is None:
        return
    for resource in http.app.router.resources():
        if resource.canonical == path:
            yield from (route for route in resource if route.method == "POST")
