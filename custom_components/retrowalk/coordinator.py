"""The one live object of a treadmill: joins its link and its session, and pushes one immutable Snapshot."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import override

from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import CONF_CAPABILITIES, CONF_INFO, DOMAIN
from .machine.catalogue import driver_for
from .machine.driver import Connection, Driver, Listener
from .machine.errors import (
    ControlRefusedError,
    MachineError,
    NoAnswerError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from .machine.link import Link, LinkListener, LinkState
from .machine.model import BeltState, Capabilities, Command, CommandKind, MachineEvent, MachineInfo, Telemetry
from .options import ConnectionPolicy, Options
from .people import People
from .person import async_is_person
from .snapshot import Snapshot
from .training.limits import Direction
from .training.session import STALE, Session
from .training.states import RefusedError, SessionEvent, SessionEventKind, SessionState

_LOGGER = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
WIND_DOWN_WITHIN = 15.0
"""Seconds that a belt of ours has to come to rest when Home Assistant has to go (S14)."""
_WIND_DOWN_TICK = 0.25
_NEVER_SEEN_FOR = 300.0

TRANSLATION_KEYS: dict[type[MachineError], str] = {
    ControlRefusedError: "control_refused",
    NoAnswerError: "no_answer",
    RejectedError: "rejected",
    SupersededError: "superseded",
    UnreachableError: "unreachable",
}

type RetrowalkConfigEntry = ConfigEntry[RetrowalkCoordinator]


class RetrowalkCoordinator(DataUpdateCoordinator[Snapshot], LinkListener):
    """One treadmill, live."""

    config_entry: RetrowalkConfigEntry

    def __init__(self, hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=entry.title, update_interval=None)
        self.address: str = entry.data[CONF_ADDRESS]
        self.options = Options.read(entry.options)
        self.capabilities = Capabilities.from_dict(entry.data.get(CONF_CAPABILITIES, {}))
        self.info = MachineInfo.from_dict(entry.data.get(CONF_INFO, {}))
        self.people = People(hass, entry)
        self.session = Session(self.options.rules(self.capabilities))
        self.link = Link(
            entry.title,
            device_provider=lambda: bluetooth.async_ble_device_from_address(hass, self.address, connectable=True),
            open_driver=self._open_driver,
            listener=self,
            clock=self.now,
        )
        self._telemetry: Telemetry | None = None
        self._event_listeners: set[Callable[[SessionEvent], None]] = set()
        self._countdown_ends: datetime | None = None
        self._resting_since = self.now()
        self._stay_away = False  # released for other apps, until it went out of sight
        self._stop_ticking: Callable[[], None] | None = None
        self._reload_wanted = False
        self._loaded = (dict(entry.data), dict(entry.options), entry.title)
        self._going = False
        self._connected = False
        self.data = self._snapshot()

    def now(self) -> float:
        """Monotonic seconds; the one clock of link, driver and session."""
        return monotonic()

    # Life

    @callback
    def async_start(self) -> None:
        """Listen for the treadmill and keep the link as the owner wants it. Nothing here waits."""
        entry, hass = self.config_entry, self.hass
        entry.async_create_background_task(hass, self.link.run(), f"Retrowalk link to {self.address}")
        entry.async_on_unload(bluetooth.async_register_advertisement_callback(hass, self._async_seen, self.address))
        entry.async_on_unload(
            bluetooth.async_track_unavailable(hass, self._async_out_of_sight, self.address, connectable=True)
        )
        entry.async_on_unload(entry.add_update_listener(_async_entry_changed))
        self.people.refresh()
        # Background tasks end and Bluetooth closes before the stop event: the belt has to be stopped earlier.
        entry.async_on_unload(hass.async_add_shutdown_job(HassJob(self.async_leave)))
        policy = self.options.connection
        in_sight = bluetooth.async_ble_device_from_address(hass, self.address, connectable=True) is not None
        if policy is ConnectionPolicy.ALWAYS or (policy is ConnectionPolicy.ON_WAKE and in_sight):
            self.link.connect()

    async def async_leave(self) -> None:
        """Bring a belt that we steer to rest, then free the treadmill (S14). Takes 15 s and a bit at most."""
        if not self._going:
            self._going = True
            self.session.wind_down(self.now())
            self._carry_out()
            deadline = self.hass.loop.time() + WIND_DOWN_WITHIN
            while self.session.steers and self.hass.loop.time() < deadline:
                await asyncio.sleep(_WIND_DOWN_TICK)
                self._tick()
        await self.link.close()

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        self._set_ticking(on=False)
        await self.link.close()

    # What people ask. `context` tells who.

    async def async_start_session(self, context: Context | None, entity_id: str) -> None:
        """First press: ready. Second, by a person: the countdown."""
        by_person = await async_is_person(self.hass, context, entity_id)
        self._check_in_reach()
        await self._async_ask(lambda now: self.session.start(now, by_person=by_person))
        if self.session.state is SessionState.READY:
            self.connect()

    async def async_resume(self, context: Context | None, entity_id: str) -> None:
        """Go on after a pause or a hand on the console."""
        by_person = await async_is_person(self.hass, context, entity_id)
        await self._async_ask(lambda now: self.session.resume(now, by_person=by_person))

    async def async_pause(self) -> None:
        """Bring the belt to rest, to go on later."""
        await self._async_ask(self.session.pause)

    async def async_stop(self) -> None:
        """Stop now; raises when the stop did not reach the treadmill."""
        await self._async_ask(self.session.stop)

    async def async_wish_speed(self, kmh: float, context: Context | None) -> None:
        """Steer to a speed (km/h) inside the limits."""
        by_person = await async_is_person(self.hass, context)
        await self._async_ask(lambda _: self.session.wish_speed(kmh, by_person=by_person))

    async def async_wish_incline(self, percent: float, context: Context | None) -> None:
        """Steer to an incline (%) inside the limits."""
        by_person = await async_is_person(self.hass, context)
        await self._async_ask(lambda _: self.session.wish_incline(percent, by_person=by_person))

    async def async_choose_direction(self, direction: Direction) -> None:
        """Choose the direction of the next session; a walk keeps its own (S4)."""
        if self.session.state not in {SessionState.IDLE, SessionState.FINISHED}:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="direction_fixed")
        self.session.direction = direction
        self._carry_out()

    @callback
    def choose_walker(self, walker_id: str | None) -> None:
        """Choose who walks next; a walk keeps its walker (S4)."""
        if self.session.state not in {SessionState.IDLE, SessionState.FINISHED}:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="walker_fixed")
        self.people.choose(walker_id)

    @callback
    def connect(self) -> None:
        """Want a link; it is made in the background."""
        self._stay_away = False
        self._resting_since = self.now()
        self.link.connect()
        self._carry_out()

    @callback
    def disconnect(self) -> None:
        """Give the treadmill free for other apps, if its belt is at rest."""
        if self.session.belt_may_move:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="belt_moves")
        self._stay_away = True
        self.link.release()
        self._carry_out()

    @callback
    def async_add_event_listener(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Hear each session event as it happens; returns how to stop."""
        self._event_listeners.add(listener)
        return lambda: self._event_listeners.discard(listener)

    # What the machine and its link tell

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        if telemetry.belt is not BeltState.AT_REST:
            self._resting_since = self.now()
        self.session.observe(telemetry, self.now())
        self._carry_out()

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.session.notice(event, self.now())
        self._carry_out()

    @override
    def on_link(self, state: LinkState) -> None:
        up = state is LinkState.CONNECTED
        if up:
            _LOGGER.info("%s is connected", self.name)
            self._resting_since = self.now()
            self._learn()
        elif self._connected:
            _LOGGER.info("The link to %s has ended", self.name)
        self._connected = up
        self.session.link(up=up, now=self.now())
        self._carry_out()

    @callback
    def _async_seen(self, service_info: bluetooth.BluetoothServiceInfoBleak) -> None:
        """It advertised: each time, also when it says nothing new."""
        if self.options.connection is ConnectionPolicy.ON_WAKE and not self._stay_away and not self._going:
            self.link.connect()
        self.link.seen()

    @callback
    def _async_out_of_sight(self, service_info: bluetooth.BluetoothServiceInfoBleak) -> None:
        """It was switched off, or somebody else is connected to it: when it is back it has woken up."""
        if self.link.state is not LinkState.CONNECTED:
            self._stay_away = False

    def _open_driver(self, connection: Connection, listener: Listener) -> Driver:
        return driver_for(connection, listener, self.now)

    @callback
    def _learn(self) -> None:
        """Keep what the machine says of itself, so that it is known while the machine is off."""
        driver = self.link.driver
        if driver is None:
            return
        kept = {
            **self.config_entry.data,
            CONF_CAPABILITIES: driver.capabilities.as_dict(),
            CONF_INFO: driver.info.as_dict(),
        }
        if kept != self.config_entry.data:
            self.hass.config_entries.async_update_entry(self.config_entry, data=kept)

    # How it goes on

    async def _async_ask(self, ask: Callable[[float], object]) -> None:
        """Ask the session for something and wait for the commands that come of it; errors are told in words."""
        try:
            ask(self.now())
        except RefusedError as err:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=err.reason.value) from err
        for sent in self._carry_out():
            command, error = await asyncio.shield(sent)
            if error is not None and not isinstance(error, SupersededError):
                stop = command.kind is CommandKind.STOP
                key = "stop_undelivered" if stop else TRANSLATION_KEYS.get(type(error), "unreachable")
                raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key) from error

    @callback
    def _carry_out(self) -> list[asyncio.Task[tuple[Command, MachineError | None]]]:
        """Send what the session wants sent, tell what it wants told, and push the new snapshot."""
        tasks = []
        for output in self.session.drain():
            if isinstance(output, Command):
                # Started at once, each on its own: a stop waits for nobody.
                name = f"Retrowalk {output.kind} to {self.address}"
                tasks.append(self.hass.async_create_background_task(self._async_send(output), name))
            else:
                self._tell(output)
        self._set_ticking(on=self.link.state is not LinkState.RELEASED or self.session.state is not SessionState.IDLE)
        self._reload_if_possible()
        snapshot = self._snapshot()
        if snapshot != self.data:
            self.async_set_updated_data(snapshot)
        return tasks

    async def _async_send(self, command: Command) -> tuple[Command, MachineError | None]:
        try:
            await self.link.execute(command)
        except SupersededError as err:
            return command, err
        except MachineError as err:
            _LOGGER.debug("%s: %s failed: %s", self.name, command, err)
            self.session.command_failed(command, self.now())
            self._carry_out()
            return command, err
        return command, None

    @callback
    def _tell(self, event: SessionEvent) -> None:
        issue = f"stop_failed_{self.config_entry.entry_id}"
        match event.kind:
            case SessionEventKind.COUNTDOWN:
                self._countdown_ends = dt_util.utcnow() + timedelta(seconds=event.data["seconds"])
            case SessionEventKind.STOP_FAILED:
                ir.async_create_issue(
                    self.hass,
                    DOMAIN,
                    issue,
                    is_fixable=False,
                    severity=ir.IssueSeverity.CRITICAL,
                    translation_key="stop_failed",
                    translation_placeholders={"name": self.config_entry.title},
                )
            case SessionEventKind.STARTED | SessionEventKind.STOPPED | SessionEventKind.FINISHED:
                ir.async_delete_issue(self.hass, DOMAIN, issue)
        for listener in tuple(self._event_listeners):
            listener(event)

    @callback
    def _tick(self, _: datetime | None = None) -> None:
        now = self.now()
        self.session.tick(now)
        if self._telemetry is not None:
            self.link.check(self._telemetry)
        idle = self.session.state in {SessionState.IDLE, SessionState.FINISHED} and not self.session.belt_may_move
        if not idle:
            self._resting_since = now
        elif now - self._resting_since >= self.options.idle_seconds:
            policy, connected = self.options.connection, self.link.state is LinkState.CONNECTED
            if policy is ConnectionPolicy.ON_DEMAND or (policy is ConnectionPolicy.ON_WAKE and connected):
                # Most treadmills serve one app at a time: others get their chance until it was out of sight.
                self._stay_away = True
                self.link.release()
        self._carry_out()

    @callback
    def _set_ticking(self, *, on: bool) -> None:
        """Tick only while there is something to watch: most of the day there is not."""
        if on and self._stop_ticking is None:
            self._stop_ticking = async_track_time_interval(self.hass, self._tick, TICK, cancel_on_shutdown=True)
        elif not on and self._stop_ticking is not None:
            self._stop_ticking()
            self._stop_ticking = None

    def _check_in_reach(self) -> None:
        """Refuse to prepare a walk on a treadmill that has not been seen for minutes."""
        if self.link.state is LinkState.CONNECTED:
            return
        if bluetooth.async_ble_device_from_address(self.hass, self.address, connectable=True) is None:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_in_reach")

    @callback
    def async_entry_changed(self) -> None:
        """Settings or walkers were saved: reload for settings alone, and never under a walker (S14)."""
        self.people.refresh()
        entry = self.config_entry
        if (dict(entry.data), dict(entry.options), entry.title) != self._loaded:
            self._reload_wanted = True
            self._reload_if_possible()

    @callback
    def _reload_if_possible(self) -> None:
        quiet = self.session.state in {SessionState.IDLE, SessionState.FINISHED} and not self.session.belt_may_move
        if self._reload_wanted and quiet and not self._going:
            self._reload_wanted = False
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)

    def _snapshot(self) -> Snapshot:
        session, telemetry = self.session, self._telemetry
        if (
            self.link.state is not LinkState.CONNECTED
            or telemetry is None
            or (telemetry.belt is BeltState.MOVING and self.now() - telemetry.received > STALE)
        ):
            telemetry = None
        return Snapshot(
            link=self.link.state,
            # When it was received is no news to an entity.
            telemetry=replace(telemetry, received=0.0) if telemetry else None,
            state=session.state,
            direction=session.direction,
            limits=session.limits,
            countdown_ends=self._countdown_ends if session.state is SessionState.COUNTDOWN else None,
            moving_time=session.odometer.moving_time,
            distance=session.odometer.distance,
            steps=session.odometer.steps,
            speed_wish=session.speed_wish,
            incline_wish=session.incline_wish,
            safety_key_pulled=session.safety_key_pulled,
        )


async def _async_entry_changed(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """The one update listener (product.md): what changed is for the coordinator to tell."""
    entry.runtime_data.async_entry_changed()
