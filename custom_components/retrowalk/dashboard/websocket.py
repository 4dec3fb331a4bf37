"""The WebSocket commands of the dashboard card: subscribe to a treadmill's session, and press a button.

A press that could start the belt or speed it up is valid for two seconds only. A connection that hangs may deliver it
minutes later, and Home Assistant could not tell it from a fresh one. So each press carries a beat, which the card has
requested from here just before it. Stop needs no beat: it is carried out however late it arrives and whoever sent it
(S3). The same holds for Pause and Finish, which only bring the belt to rest.
"""

from math import isfinite, nan
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api import const as websocket_const
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, require_admin, websocket_command
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkData
from ..errors import ErrorKey, wrong
from ..machine.bluetooth.link_state import LinkState
from ..messaging.texts import Texts
from ..programs.words import Words
from ..services import async_check_user
from ..training.limits import Direction, speed_grain
from ..training.states import SessionState
from ..treadmill.control import TreadmillControl
from ..util import clock_of
from ..walkers.knee_before import HIGHEST
from ..walkers.privacy import async_is_own
from ..walkers.walker import GUEST
from .access import async_entry_of, async_may_read
from .feed import SessionFeed
from .remedy import placeholders

PRESS_VALID_FOR: Final = 2.0
"""Seconds; www/backend.js relies on this."""

_SLOWING_PRESSES: Final = {"pause": "pause_session", "finish": "finish_session", "stop": "stop"}
"""Presses that only bring the belt to rest and may arrive late."""
_ADJUSTMENTS: Final = {"faster": 1, "slower": -1, "steeper": 1, "flatter": -1}
"""Presses that change a target by one step of the machine, up or down."""
_CHOOSE: Final = "choose"
_CHOICES: Final = {
    "walker": ("select", "walker"),
    "direction": ("select", "direction"),
    "program": ("select", "program"),
    "minutes": ("number", "session_length"),
    "speed": ("number", "target_speed"),
}
"""What may be chosen for the next session, and the entity whose permission it takes."""
_PRESSES: Final = frozenset({"start", "confirm", "resume", _CHOOSE, *_ADJUSTMENTS, *_SLOWING_PRESSES})


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the WebSocket commands."""
    for command in (_async_session, _beat, _async_press, _done, _knee, _first_run_over):
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
    words = await Words.async_load(hass, texts.language)
    connection.send_result(msg["id"])

    @callback
    def send(message: dict[str, Any]) -> None:
        connection.send_event(msg["id"], message)

    feed = SessionFeed(hass, entry, texts, send, connection.user, words=words)
    connection.subscriptions[msg["id"]] = feed.close


@websocket_command({vol.Required("type"): "retrowalk/first_run_over", vol.Required(ATTR_DEVICE_ID): str})
@require_admin
@callback
def _first_run_over(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Hide what is left to do after the set-up, on any card and in the options."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such treadmill")
        return
    entry.runtime_data.coordinator.end_first_run()
    connection.send_result(msg["id"])


@websocket_command({vol.Required("type"): "retrowalk/done", vol.Required(ATTR_DEVICE_ID): str})
@callback
def _done(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Show the result of the last session no more, on any card, for anybody who may rate that session."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None or entry.state is not ConfigEntryState.LOADED or not async_may_read(hass, connection.user, entry):
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such treadmill")
        return
    coordinator: RetrowalkCoordinator = entry.runtime_data.coordinator
    record = coordinator.result.record
    if record and not async_is_own(hass, connection.user, coordinator.roster.walkers.get(record.walker or GUEST)):
        connection.send_error(msg["id"], websocket_const.ERR_UNAUTHORIZED, "Unauthorized")
        return
    coordinator.result.clear()
    connection.send_result(msg["id"])


@websocket_command(
    {
        vol.Required("type"): "retrowalk/knee",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Required("walker"): str,
        vol.Required("discomfort"): vol.Any(None, vol.All(int, vol.Range(0, HIGHEST))),
    }
)
@callback
def _knee(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Take how a walker's knee is before a session, from anybody whom it is theirs to tell."""
    entry, user = async_entry_of(hass, msg[ATTR_DEVICE_ID]), connection.user
    loaded = entry is not None and entry.state is ConfigEntryState.LOADED and async_may_read(hass, user, entry)
    walker = entry.runtime_data.coordinator.roster.walkers.get(msg["walker"]) if entry and loaded else None
    if entry is None or walker is None or not async_is_own(hass, user, walker):
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such walker")
        return
    entry.runtime_data.coordinator.knee.tell(walker.id, msg["discomfort"])
    connection.send_result(msg["id"])


@websocket_command(
    {
        vol.Required("type"): "retrowalk/press",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Required("press"): vol.In(_PRESSES),
        vol.Optional("choice"): vol.In(_CHOICES),
        vol.Optional("value"): vol.Any(str, float, int),
        vol.Optional("beat"): object,  # not validated here: a bad beat must not refuse a stop
    }
)
@async_response
async def _async_press(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Carry out a press on the card, or send the error."""
    if msg["press"] not in _SLOWING_PRESSES and not is_fresh(hass, msg.get("beat")):
        connection.send_error(msg["id"], "too_late", "The press came too late")
        return
    try:
        await _async_carry_out(hass, connection, msg)
    except HomeAssistantError as err:
        send_refusal(connection, msg, err)
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
    if press == _CHOOSE:
        _choose(connection, coordinator, msg.get("choice", ""), msg.get("value"))
        return
    await async_check_user(hass, context, coordinator)
    if press in _ADJUSTMENTS:
        await _async_adjust(coordinator, control, press, context)
        return
    connected = coordinator.data.link is LinkState.CONNECTED
    if press == "start":
        await control.prepare(context, walker=None, direction=None, minutes=None, speed=None, by_card=True)
    elif press == "resume":
        await control.resume(context, None, by_card=True)
    if press == "confirm" or (connected and coordinator.data.state is SessionState.READY):
        await control.confirm(context, by_card=True)


async def _async_adjust(
    coordinator: RetrowalkCoordinator, control: TreadmillControl, press: str, context: Context
) -> None:
    """Change a target by one step of the machine, as the action *Adjust* does; on the card a person presses."""
    limits, sign = coordinator.data.limits, _ADJUSTMENTS[press]
    if press in {"faster", "slower"}:
        step = speed_grain(limits.speed) if limits.speed else 0.0
        await control.adjust(sign * step, None, context, by_card=True)
    else:
        step = limits.incline.step if limits.incline else 0.0
        await control.adjust(None, sign * step, context, by_card=True)


@callback
def _choose(connection: ActiveConnection, coordinator: RetrowalkCoordinator, choice: str, value: object) -> None:
    """Choose something for the next session, as its entity does and with the permission for it."""
    user, chosen = connection.user, coordinator.next_session
    entity_id = coordinator.entity_id(*_CHOICES[choice]) if choice in _CHOICES else None
    if not (user.is_admin or (entity_id and user.permissions.check_entity(entity_id, POLICY_CONTROL))):
        raise Unauthorized(user_id=user.id, entity_id=entity_id, permission=POLICY_CONTROL)
    if choice in {"minutes", "speed"}:
        number = float(value) if isinstance(value, float | int) else nan
        if not isfinite(number):
            raise wrong(ErrorKey.NOT_A_NUMBER)
        (chosen.choose_length if choice == "minutes" else chosen.choose_speed)(number)
    elif choice == "direction":
        chosen.choose_direction(Direction.FORWARD if value == Direction.FORWARD else Direction.BACKWARD)
    elif choice == "program":
        chosen.choose_program(str(value))
    elif value == GUEST or value in coordinator.roster.walkers:
        chosen.choose_walker(str(value))


def is_fresh(hass: HomeAssistant, beat: object) -> bool:
    """Return whether a beat was requested at most two seconds ago."""
    return isinstance(beat, float | int) and 0 <= clock_of(hass).monotonic() - beat <= PRESS_VALID_FOR


@callback
def send_refusal(connection: ActiveConnection, msg: dict[str, Any], error: HomeAssistantError) -> None:
    """Send an error with its translation key, so that the dashboard shows it in the user's language."""
    if isinstance(error, Unauthorized):
        connection.send_error(msg["id"], websocket_const.ERR_UNAUTHORIZED, "Unauthorized")
        return
    is_refusal = isinstance(error, ServiceValidationError)
    connection.send_error(
        msg["id"],
        websocket_const.ERR_SERVICE_VALIDATION_ERROR if is_refusal else websocket_const.ERR_HOME_ASSISTANT_ERROR,
        str(error),
        translation_domain=error.translation_domain,
        translation_key=error.translation_key,
        translation_placeholders=placeholders(error, connection.user),
    )
