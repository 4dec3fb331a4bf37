"""The WebSocket commands of a walker's reminder: follow it, choose what it is, send a test, and start.

A pause of the plan, Snooze and Skip today are actions, which the dashboard uses. All of it belongs to the walker:
others are told only whose reminder it is.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, override

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api import const as websocket_const
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.service import async_get_device_and_config_entry

from ..const import CONF_DAYS, CONF_REMINDER, CONF_REMINDER_TARGET, CONF_REMINDER_TIME, DOMAIN
from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry, RetrowalkData
from ..errors import ErrorKey, wrong
from ..messaging.notifications import UndeliverableError
from ..messaging.texts import Texts
from ..reminders.manager import SIGNAL_REMINDERS
from ..reminders.settings import async_send_test, async_target_errors, async_target_labels, check_time
from ..services import async_check_user
from ..training.speech.phrases import Line
from ..walkers.privacy import async_check_own, async_is_own
from ..walkers.walker import Walker
from .access import async_entry_of, async_may_control, async_may_read
from .entry_feed import EntryFeed, Unsubscribe
from .websocket import is_fresh, send_refusal

type _Message = dict[str, Any]


@callback
def async_setup_reminder_commands(hass: HomeAssistant) -> None:
    """Register the WebSocket commands."""
    for command in (_async_reminders, _async_choose, _async_test, _async_start):
        async_register_command(hass, command)


# What the dashboard shows


class ReminderFeed(EntryFeed):
    """Send the reminders of one treadmill's walkers whenever they change."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        texts: Texts,
        send: Callable[[_Message], None],
        user: User,
    ) -> None:
        """Initialize the feed; `texts` are in the user's language, and `send` is called with each message."""
        super().__init__(hass, entry, send)
        self._texts = texts
        self._user = user
        self._attach()

    @override
    def _listen(self, coordinator: RetrowalkCoordinator) -> list[Unsubscribe]:
        changed = partial(self._changed, coordinator)
        return [
            coordinator.roster.async_add_listener(changed),
            async_dispatcher_connect(self._hass, SIGNAL_REMINDERS, changed),
        ]

    @override
    @callback
    def _changed(self, coordinator: RetrowalkCoordinator) -> None:
        if self._entry.state is not ConfigEntryState.LOADED:
            return
        treadmill, roster = self._entry.runtime_data, coordinator.roster
        walkers = [self._walker(treadmill, walker) for walker in roster.walkers.values()]
        self._tell({"today": roster.today.isoformat(), "walkers": walkers})

    def _walker(self, treadmill: RetrowalkData, walker: Walker) -> _Message:
        """Return a walker's reminder; of somebody else's only whose it is."""
        roster = treadmill.coordinator.roster
        # A walker of several treadmills has a device under one of them.
        devices = dr.async_get(self._hass).async_get_devices(identifiers={roster.identifier(walker)})
        device = next(iter(devices), None)
        theirs = async_is_own(self._hass, self._user, walker)
        whose = {"device_id": device.id if device else None, "name": walker.name, "reads": theirs}
        if not theirs or not async_may_control(self._hass, self._user, self._entry):
            return {**whose, "own": False}
        reminder = treadmill.reminders.reminder_of(walker)
        next_at = reminder.next_at
        labels = async_target_labels(self._hass, self._texts, walker.reminder_target)
        return {
            **whose,
            "own": True,
            "on": walker.reminder,
            "time": f"{walker.reminder_time:%H:%M}",
            "days": sorted(walker.days),
            "target": walker.reminder_target,
            "targets": [{"value": value, "label": label} for value, label in labels.items()],
            "next": next_at and f"{next_at.astimezone(roster.tz):%Y-%m-%dT%H:%M}",
            "paused": walker.is_paused(roster.today),
            "paused_until": (until := walker.paused_until(roster.today)) and until.isoformat(),
            "due": self._due(treadmill, walker),
        }

    def _due(self, treadmill: RetrowalkData, walker: Walker) -> _Message | None:
        due = treadmill.reminders.reminder_of(walker).due
        if due is None:
            return None
        return {
            "title": self._texts.render((Line("reminder_title", {"name": walker.name}),)),
            "text": self._texts.render(due.lines),
            "snooze": due.snooze,
            "start": treadmill.reminders.treadmill.controlled,
        }


@websocket_command(
    {
        vol.Required("type"): "retrowalk/reminders",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("language"): str,
    }
)
@async_response
async def _async_reminders(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Subscribe to the reminders of a treadmill's walkers; `device_id` is the treadmill's or a walker's."""
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
    def send(message: _Message) -> None:
        connection.send_event(msg["id"], message)

    connection.subscriptions[msg["id"]] = ReminderFeed(hass, entry, texts, send, connection.user).close


# What it asks for


@websocket_command(
    {
        vol.Required("type"): "retrowalk/reminder/choose",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("on"): bool,
        vol.Optional("time"): cv.time,
        vol.Optional("days"): [vol.All(int, vol.Range(0, 6))],
        vol.Optional("target"): vol.Any(str, None),
    }
)
@async_response
async def _async_choose(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Choose whether, when and on which days there is a reminder, or where it goes (None: the person's phones)."""

    async def work(treadmill: RetrowalkData, walker: Walker) -> None:
        changes: _Message = {}
        if "on" in msg:
            changes[CONF_REMINDER] = msg["on"]
        if "time" in msg:
            check_time(hass, msg["time"], walker.quiet_from)
            changes[CONF_REMINDER_TIME] = msg["time"].isoformat()
        if "days" in msg:
            if not msg["days"]:
                raise wrong(ErrorKey.NO_DAYS)
            changes[CONF_DAYS] = sorted(set(msg["days"]))
        if "target" in msg:
            if async_target_errors(hass, msg["target"], walker.reminder_target):
                raise wrong(ErrorKey.REMINDER_TARGET_MISSING)
            changes[CONF_REMINDER_TARGET] = msg["target"]
        treadmill.coordinator.roster.write(walker.id, **changes)

    await _async_carry_out(hass, connection, msg, work)


@websocket_command({vol.Required("type"): "retrowalk/reminder/test", vol.Required(ATTR_DEVICE_ID): str})
@async_response
async def _async_test(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Send a test to where the walker's reminder goes."""

    async def work(treadmill: RetrowalkData, walker: Walker) -> None:
        reminders = treadmill.reminders
        target, path = reminders.reminder_of(walker).target, await reminders.async_dashboard_path()
        try:
            await async_send_test(hass, walker.name, target, path)
        except UndeliverableError as err:
            raise wrong(ErrorKey.TEST_NOT_SENT) from err

    await _async_carry_out(hass, connection, msg, work)


@websocket_command(
    {
        vol.Required("type"): "retrowalk/reminder/start",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("treadmill"): str,
        vol.Optional("beat"): object,
    }
)
@async_response
async def _async_start(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Make the session of a reminder ready, as Start on a phone does: nothing moves before a person confirms (S2).

    `treadmill` is the device whose card shows the reminder; without it, it is where they are reminded to walk.
    """
    if not is_fresh(hass, msg.get("beat")):
        connection.send_error(msg["id"], "too_late", "The press came too late")
        return

    async def work(treadmill: RetrowalkData, walker: Walker) -> None:
        place = treadmill.reminders.treadmill_of(walker)
        if "treadmill" in msg:
            _, entry = async_get_device_and_config_entry(hass, DOMAIN, msg["treadmill"], include_child_devices=False)
            place = entry.runtime_data.reminders.treadmill
        if walker.id not in place.roster.walkers:
            raise wrong(ErrorKey.WALKER_MISSING)
        await async_check_user(hass, connection.context(msg), place.entry.runtime_data.coordinator)
        await treadmill.reminders.reminder_of(walker).async_start(place)

    await _async_carry_out(hass, connection, msg, work)


async def _async_carry_out(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: _Message,
    work: Callable[[RetrowalkData, Walker], Any],
) -> None:
    """Work for the walker of a device, if this user may control the treadmill and act for the walker."""
    try:
        device, entry = async_get_device_and_config_entry(
            hass, DOMAIN, msg[ATTR_DEVICE_ID], include_child_devices=False
        )
        treadmill: RetrowalkData = entry.runtime_data
        roster = treadmill.coordinator.roster
        await async_check_user(hass, connection.context(msg), treadmill.coordinator)
        walkers = (walker for walker in roster.walkers.values() if roster.identifier(walker) in device.identifiers)
        walker = next(walkers, None)
        if walker is None:
            raise wrong(ErrorKey.WALKER_MISSING)
        async_check_own(hass, connection.user, walker)
        await work(treadmill, walker)
    except HomeAssistantError as err:
        send_refusal(connection, msg, err)
    else:
        connection.send_result(msg["id"])
