"""The WebSocket commands of the dashboard card: subscribe to a treadmill's session, and press a button.

A press that could start the belt or speed it up is valid for two seconds only. A connection that hangs may deliver it
minutes later, and Home Assistant could not tell it from a fresh one. So each press carries a beat, which the card has
requested from here just before it. Stop needs no beat: it is carried out however late it arrives and whoever sent it
(S3). The same holds for Pause and Finish, which only bring the belt to rest.
"""

from typing import Any, Final

import voluptuous as vol
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api import const as websocket_const
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..data import RetrowalkData
from ..machine.bluetooth.link_state import LinkState
from ..messaging.texts import Texts
from ..services import async_check_user
from ..training.states import SessionState
from ..util import clock_of
from .access import async_entry_of, async_may_read
from .feed import SessionFeed

PRESS_VALID_FOR: Final = 2.0
"""Seconds; www/backend.js relies on this."""

_SLOWING_PRESSES: Final = {"pause": "pause_session", "finish": "finish_session", "stop": "stop"}
"""Presses that only bring the belt to rest and may arrive late."""
_PRESSES: Final = frozenset({"start", "confirm", "resume", *_SLOWING_PRESSES})


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the WebSocket commands."""
    for command in (_async_session, _beat, _async_press, _done):
        async_register_command(hass, command)


@websocket_command({vol.Required("type"): "retrowalk/beat"})
@callback
def _beat(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send a beat and the time: the clocks of tablets are often minutes off."""
    connection.send_result(msg["id"], {"beat": clock_of(hass).monotonic(), "time": dt_util.utcnow().timestamp()})


@websocket_command(
    {
        vol.Required("type"): "retrowalk/session",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("language"): str,
    }
)
@async_response
async def _async_session(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Subscribe to a treadmill's session; it takes the permission to read the session state."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None:
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such treadmill")
        return
    if not async_may_read(hass, connection.user, entry):
        connection.send_error(msg["id"], websocket_const.ERR_UNAUTHORIZED, "Unauthorized")
        return
    texts = await Texts.async_load(hass, msg.get("language"))
    connection.send_result(msg["id"])

    @callback
    def send(message: dict[str, Any]) -> None:
        connection.send_event(msg["id"], message)

    connection.subscriptions[msg["id"]] = SessionFeed(hass, entry, texts, send, connection.user).close


@websocket_command({vol.Required("type"): "retrowalk/done", vol.Required(ATTR_DEVICE_ID): str})
@callback
def _done(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Show the result of the last session no more, on any card."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None or entry.state is not ConfigEntryState.LOADED or not async_may_read(hass, connection.user, entry):
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such treadmill")
        return
    entry.runtime_data.coordinator.result.clear()
    connection.send_result(msg["id"])


@websocket_command(
    {
        vol.Required("type"): "retrowalk/press",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Required("press"): vol.In(_PRESSES),
        vol.Optional("beat"): object,  # not validated here: a bad beat must not refuse a stop
    }
)
@async_response
async def _async_press(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Carry out a press on the card, or send the error."""
    if msg["press"] not in _SLOWING_PRESSES and not _is_fresh(hass, msg.get("beat")):
        connection.send_error(msg["id"], "too_late", "The press came too late")
        return
    try:
        await _async_carry_out(hass, connection, msg)
    except Unauthorized:
        connection.send_error(msg["id"], websocket_const.ERR_UNAUTHORIZED, "Unauthorized")
    except HomeAssistantError as err:
        is_refusal = isinstance(err, ServiceValidationError)
        connection.send_error(
            msg["id"],
            websocket_const.ERR_SERVICE_VALIDATION_ERROR if is_refusal else websocket_const.ERR_HOME_ASSISTANT_ERROR,
            str(err),
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        )
    else:
        connection.send_result(msg["id"])


async def _async_carry_out(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Carry out a press; while connected, one press on the card both prepares and confirms (S2)."""
    press, context = msg["press"], connection.context(msg)
    if press in _SLOWING_PRESSES:
        data = {ATTR_DEVICE_ID: msg[ATTR_DEVICE_ID]}
        await hass.services.async_call(DOMAIN, _SLOWING_PRESSES[press], data, blocking=True, context=context)
        return
    _, entry = async_get_device_and_config_entry(hass, DOMAIN, msg[ATTR_DEVICE_ID], include_child_devices=False)
    treadmill: RetrowalkData = entry.runtime_data
    coordinator, control = treadmill.coordinator, treadmill.control
    await async_check_user(hass, context, coordinator)
    connected = coordinator.data.link is LinkState.CONNECTED
    if press == "start":
        await control.prepare(context, walker=None, direction=None, minutes=None, speed=None, by_card=True)
    elif press == "resume":
        await control.resume(context, None, by_card=True)
    if press == "confirm" or (connected and coordinator.data.state is SessionState.READY):
        await control.confirm(context, by_card=True)


def _is_fresh(hass: HomeAssistant, beat: object) -> bool:
    """Return whether a beat was requested at most two seconds ago."""
    return isinstance(beat, float | int) and 0 <= clock_of(hass).monotonic() - beat <= PRESS_VALID_FOR
