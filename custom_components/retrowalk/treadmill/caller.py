"""Determines who makes a request: a person, an automation or an unknown caller (S2, S16).

A user ID alone proves little: voice assistants, tokens, scripts and queued presses have one too. The first event of a
context identifies the caller: for a person's press it is the call of this very entity or action. A caller that is
neither known to be a person nor known to be an automation is unknown.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from homeassistant.const import (
    ATTR_DOMAIN,
    ATTR_ENTITY_ID,
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    EVENT_CALL_SERVICE,
    MATCH_ALL,
)
from homeassistant.core import Context, Event, HomeAssistant, callback, split_entity_id
from homeassistant.util.hass_dict import HassKey
from ulid_transform import ulid_to_bytes_or_none, ulid_to_timestamp

from ..const import DOMAIN
from ..training.rules import Caller
from ..util import clock_of
from .assistants import async_has_unfiltered_assistant, async_in_conversation, async_is_exposed

ONE_PRESS: Final = 2.0
"""Seconds within which two presses of an entity count as one (S2)."""
_FRESH: Final = 2.0
_SCRIPT: Final = "script"
_EVENT_AUTOMATION: Final = "automation_triggered"
_EVENT_SCRIPT: Final = "script_started"
_EVENT_ALEXA: Final = "alexa_smart_home"


class ContextListener:
    """Listens to all events, so that each context keeps its first one, and remembers the contexts of Alexa."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.alexa: deque[str] = deque(maxlen=50)
        # Home Assistant creates an event, and sets it as its context's origin, only if somebody listens.
        hass.bus.async_listen(MATCH_ALL, self._handle_event)
        hass.bus.async_listen(_EVENT_ALEXA, self._handle_alexa_event)

    @callback
    def _handle_event(self, _: Event) -> None:
        pass

    @callback
    def _handle_alexa_event(self, event: Event) -> None:
        """Remember a context of Alexa, which reports its calls only afterward."""
        self.alexa.append(event.context.id)


_CONTEXT_LISTENER: HassKey[ContextListener] = HassKey(f"{DOMAIN}_context_listener")


@callback
def async_setup_context_listener(hass: HomeAssistant) -> None:
    """Start listening to events, once for all treadmills."""
    hass.data[_CONTEXT_LISTENER] = ContextListener(hass)


class PressFilter:
    """Distinguishes two presses from one.

    Two presses at the same instant are a double tap, or old presses that were delivered in a burst.
    """

    def __init__(self) -> None:
        self._arrived = self._created = float("-inf")

    def add(self, now: float, context: Context | None) -> None:
        """Remember the press that made a session ready; `now` is in monotonic seconds."""
        self._arrived, self._created = now, _created_at(context) or float("-inf")

    def is_separate(self, now: float, context: Context | None) -> bool:
        """Return whether a press is a second one, judged by both its arrival and its creation time."""
        made = _created_at(context)
        # Contexts count whole milliseconds, so the difference is rounded to them. A fresh press that seems older than
        # the first one shows that the system clock was set back in the meantime.
        at_once = made is not None and 0 <= round(made - self._created, 3) < ONE_PRESS
        return now - self._arrived >= ONE_PRESS and not at_once


async def async_caller_of(hass: HomeAssistant, context: Context | None, entity_id: str | None) -> Caller:
    """Return who pressed this entity, or called an action that stands for it."""
    # The event of this call may not have been delivered yet, and Alexa fires its own only after its call.
    await asyncio.sleep(0)
    if context is None or context.id in hass.data[_CONTEXT_LISTENER].alexa:
        return Caller.UNKNOWN
    if entity_id is None or async_is_exposed(hass, entity_id):
        return Caller.UNKNOWN
    origin = context.origin_event
    direct = origin is not None and _is_call_of(origin, entity_id)
    if direct and async_in_conversation():
        return Caller.UNKNOWN  # an agent without exposure settings
    if direct and _is_fresh(hass, context) and await async_is_user(hass, context):
        return Caller.PERSON
    if direct:
        unfiltered = context.user_id is None and async_has_unfiltered_assistant(hass)
        return Caller.UNKNOWN if unfiltered else Caller.AUTOMATION
    return Caller.AUTOMATION if origin is not None and _is_automation(hass, origin) else Caller.UNKNOWN


async def async_user_of(hass: HomeAssistant, context: Context) -> Caller:
    """Return the caller where only a signed-in user can press: on the card and in a form."""
    return Caller.PERSON if await async_is_user(hass, context) else Caller.UNKNOWN


async def async_is_user(hass: HomeAssistant, context: Context) -> bool:
    """Return whether a call comes directly from an active user who is a person."""
    if context.user_id is None or context.parent_id is not None:
        return False
    user = await hass.auth.async_get_user(context.user_id)
    return user is not None and user.is_active and not user.system_generated


def _is_call_of(origin: Event[Any], entity_id: str) -> bool:
    """Return whether an event is a call that names this entity, or a call of one of our own actions."""
    if origin.event_type != EVENT_CALL_SERVICE:
        return False
    domain = origin.data[ATTR_DOMAIN]
    return domain == DOMAIN or (domain == split_entity_id(entity_id)[0] and entity_id in _named_entities(origin))


def _is_automation(hass: HomeAssistant, origin: Event[Any]) -> bool:
    """Return whether a context began with an automation, or with a script that no assistant may run."""
    if origin.event_type == _EVENT_AUTOMATION:
        return True
    scripts: Iterable[str] = ()
    if origin.event_type == _EVENT_SCRIPT:
        scripts = (origin.data[ATTR_ENTITY_ID],)
    elif origin.event_type == EVENT_CALL_SERVICE and origin.data[ATTR_DOMAIN] == _SCRIPT:
        scripts = _named_entities(origin) or (f"{_SCRIPT}.{origin.data[ATTR_SERVICE]}",)
    return bool(scripts) and not any(async_is_exposed(hass, script) for script in scripts)


def _named_entities(call: Event[Any]) -> tuple[str, ...]:
    """Return the entities that a call names, without those that it targets by area, label or device."""
    named = (call.data[ATTR_SERVICE_DATA] or {}).get(ATTR_ENTITY_ID, ())
    return tuple(named.replace(" ", "").split(",")) if isinstance(named, str) else tuple(named or ())


def _is_fresh(hass: HomeAssistant, context: Context) -> bool:
    made = _created_at(context)
    return made is not None and -_FRESH <= clock_of(hass).wall() - made <= _FRESH


def _created_at(context: Context | None) -> float | None:
    """Return when a context was created (s since 1970), or None if its ID does not contain a time."""
    if context is None or ulid_to_bytes_or_none(context.id) is None:
        return None
    return ulid_to_timestamp(context.id) / 1000
