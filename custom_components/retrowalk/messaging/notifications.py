"""Send messages to phones with the companion app, to a notify entity, or to Home Assistant's own notifications."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from homeassistant.components import persistent_notification
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import slugify

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

PERSISTENT_NOTIFICATION: Final = "persistent_notification"
"""The target that is always available; others are persons, notify entities, and the device ids of phones."""
_NOTIFY = "notify"
_PERSON = "person"
_MOBILE_APP = "mobile_app"
_CALL_TIMEOUT = 30.0  # s
_TIME_TO_LIVE: Final = timedelta(hours=3)
"""How long a message waits for a phone that is out of reach; after that it is no longer of use."""
_PHONE_DATA: Final = {"ttl": int(_TIME_TO_LIVE.total_seconds()), "priority": "high", "group": DOMAIN, "channel": DOMAIN}


class UndeliverableError(Exception):
    """Error to indicate that nobody received a message; its text is for the log, and names nobody."""


class Button(NamedTuple):
    """A button below a message."""

    action: str
    title: str
    opens_path: bool = False  # open the message's path, on phones that support it
    stops: bool = False  # works from a locked phone, and is red on phones that support it


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message; it replaces an earlier one with the same tag."""

    tag: str
    title: str
    text: str
    path: str | None = None  # path of a dashboard
    link: str = ""  # what the link to the path is called, where a tap on the message does not open it
    buttons: tuple[Button, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)  # data for phones that replace those of other messages

    def for_house(self) -> str:
        """Return the text of a notification in Home Assistant, with a link to the dashboard."""
        if self.path is None:
            return self.text
        return f"{self.text}\n\n[{self.link}]({quote(self.path, safe='/?=&')})"

    def for_entity(self, hass: HomeAssistant) -> str:
        """Return the text for a notify entity, with the address of the dashboard if Home Assistant knows its own."""
        if self.path is None:
            return self.text
        try:
            return f"{self.text}\n{get_url(hass, prefer_external=True)}{quote(self.path, safe='/?=&')}"
        except NoURLAvailableError:
            return self.text

    def for_phone(self) -> dict[str, Any]:
        """Return the data of the companion app's action, for iOS and Android."""
        data: dict[str, Any] = {"tag": self.tag, **_PHONE_DATA}
        if self.path is not None:
            data |= {"url": self.path, "clickAction": self.path}
        if self.buttons:
            data["actions"] = [self._action(button) for button in self.buttons]
        data |= self.more
        return {"title": self.title, "message": self.text, "data": data}

    def _action(self, button: Button) -> dict[str, Any]:
        action: dict[str, Any] = {"action": button.action, "title": button.title}
        if button.stops:
            action |= {"destructive": True, "authenticationRequired": False, "activationMode": "background"}
        if button.opens_path and self.path is not None:
            action |= {"uri": self.path, "activationMode": "foreground"}
        return action


@callback
def async_phone_service(hass: HomeAssistant, config_entry_id: str | None) -> str | None:
    """Return the notify action of a companion app's config entry, or None if there is none."""
    entry = hass.config_entries.async_get_entry(config_entry_id) if config_entry_id else None
    if entry is None or entry.domain != _MOBILE_APP:
        return None
    service = slugify(f"{_MOBILE_APP}_{entry.data.get('device_name')}")
    return service if hass.services.has_service(_NOTIFY, service) else None


@callback
def async_phone_services(hass: HomeAssistant, target: str) -> list[str]:
    """Return the notify actions of a target's phones: a person's, a device's, or that of a notify entity."""
    entry_ids = _entry_ids(hass, target)
    return sorted({phone for entry_id in entry_ids if (phone := async_phone_service(hass, entry_id))})


@callback
def async_phone_users(hass: HomeAssistant, target: str) -> set[str]:
    """Return the users of a target's phones."""
    entries = (hass.config_entries.async_get_entry(entry_id) for entry_id in _entry_ids(hass, target) if entry_id)
    users = {entry.data.get("user_id") for entry in entries if entry is not None and entry.domain == _MOBILE_APP}
    return {user for user in users if user}


def _entry_ids(hass: HomeAssistant, target: str) -> set[str | None]:
    """Return the config entries behind a target; not all of them have to be phones."""
    entities = er.async_get(hass)
    entry_ids: set[str | None] = set()
    if "." not in target:
        device = dr.async_get(hass).async_get(target)
        entry_ids |= set(device.config_entries) if device else set()
    elif split_entity_id(target)[0] == _PERSON:
        person = hass.states.get(target)
        for tracker in person.attributes.get("device_trackers", ()) if person else ():
            entity = entities.async_get(tracker)
            entry_ids |= {entity.config_entry_id} if entity else set()
    elif (entity := entities.async_get(target)) is not None:
        entry_ids.add(entity.config_entry_id)
    return entry_ids


@callback
def async_notification_targets(hass: HomeAssistant) -> dict[str, tuple[str, str]]:
    """Return the targets that messages may be sent to, each with its kind, as in the text keys, and its name."""
    targets = {PERSISTENT_NOTIFICATION: ("house", "Home Assistant")}
    for person in hass.states.async_all(_PERSON):
        if async_phone_services(hass, person.entity_id):
            targets[person.entity_id] = ("person", person.name)
    devices = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(_MOBILE_APP):
        if async_phone_service(hass, entry.entry_id):
            for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
                targets[device.id] = ("phone", device.name_by_user or device.name or entry.title)
    for entity in hass.states.async_all(_NOTIFY):
        if not async_phone_services(hass, entity.entity_id):
            targets[entity.entity_id] = ("entity", entity.name)
    return targets


@callback
def async_target_name(hass: HomeAssistant, target: str) -> str:
    """Return the name of a target."""
    if (listed := async_notification_targets(hass).get(target)) is not None:
        return listed[1]
    state = hass.states.get(target) if "." in target else None
    device = None if "." in target else dr.async_get(hass).async_get(target)
    name = state.name if state else device and (device.name_by_user or device.name)
    return name or target


@callback
def async_is_available(hass: HomeAssistant, target: str) -> bool:
    """Return whether a message could be sent to a target."""
    if target == PERSISTENT_NOTIFICATION or async_phone_services(hass, target):
        return True
    if "." not in target or split_entity_id(target)[0] != _NOTIFY:
        return False
    state = hass.states.get(target)
    return state is not None and state.state != STATE_UNAVAILABLE


async def async_send(hass: HomeAssistant, target: str, message: Message) -> None:
    """Send a message; raise UndeliverableError if no phone of the target received it."""
    if target == PERSISTENT_NOTIFICATION:
        persistent_notification.async_create(hass, message.for_house(), message.title, message.tag)
        return
    if phones := async_phone_services(hass, target):
        errors = await async_push(hass, phones, message.for_phone())
    elif async_is_available(hass, target):
        data = {ATTR_ENTITY_ID: target, "message": message.for_entity(hass), "title": message.title}
        errors = [await _async_call(hass, "send_message", data)]
    else:
        raise UndeliverableError("it is not available")
    for error in filter(None, errors):
        _LOGGER.warning("Could not send a message: %s", cause_of(error))
        _LOGGER.debug("A message to %s was not sent: %s", target, error)
    if all(errors):
        raise UndeliverableError(cause_of(errors[0]))


def cause_of(error: Exception | None) -> str:
    """Return what the log may tell of an error: other integrations' texts name phones, and so persons."""
    return str(error) if isinstance(error, UndeliverableError) else type(error).__name__


async def async_withdraw(hass: HomeAssistant, target: str, tag: str) -> None:
    """Clear a message from the phones or from Home Assistant; a notify entity cannot do that."""
    if target == PERSISTENT_NOTIFICATION:
        persistent_notification.async_dismiss(hass, tag)
        return
    await async_clear(hass, async_phone_services(hass, target), tag)


async def async_push(hass: HomeAssistant, phones: Iterable[str], data: Mapping[str, Any]) -> list[Exception | None]:
    """Send to the notify actions of phones, to all at once; return the error of each, if any."""
    return await asyncio.gather(*(_async_call(hass, phone, data) for phone in phones))


async def async_clear(hass: HomeAssistant, phones: Iterable[str], tag: str) -> None:
    """Clear a message from phones."""
    clear = {"message": "clear_notification", "data": {"tag": tag, "ttl": _PHONE_DATA["ttl"], "priority": "high"}}
    for error in filter(None, await async_push(hass, phones, clear)):
        _LOGGER.debug("Could not clear a message from a phone: %s", error)


async def _async_call(hass: HomeAssistant, service: str, data: Mapping[str, Any]) -> Exception | None:
    """Call a notify action; return its error, if any, since it is another integration's code."""
    try:
        async with asyncio.timeout(_CALL_TIMEOUT):
            await hass.services.async_call(_NOTIFY, service, dict(data), blocking=True)
    except TimeoutError:
        return TimeoutError("it does not answer")
    except Exception as err:  # noqa: BLE001
        return err
    return None
