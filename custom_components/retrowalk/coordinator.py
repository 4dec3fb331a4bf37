"""The one live object of a treadmill: joins its link and its session, and pushes one immutable Snapshot."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from operator import itemgetter
from time import monotonic
from typing import Any, override

from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util.dt import utcnow

from .announcer import Announcer, scene_of
from .const import CONF_CAPABILITIES, CONF_INFO, DOMAIN
from .diary import Diary
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
from .machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineInfo,
    Telemetry,
    ValueRange,
)
from .options import ConnectionPolicy, Options
from .people import People
from .person import async_is_person
from .planner import Planner
from .refusals import out_of_range, wrong
from .snapshot import Snapshot
from .training.course import DEFAULT_LENGTH, SHORTEST, Wish
from .training.limits import Direction, limits_for
from .training.session import STALE, Session
from .training.states import PREPARING, Refusal, RefusedError, SessionEvent, SessionEventKind, SessionState
from .walker import Walker

_LOGGER = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
_ENDS_SHIFT = 5.0  # s
WIND_DOWN_WITHIN = 15.0
"""Seconds that a belt of ours has to come to rest when Home Assistant has to go (S14)."""
_WIND_DOWN_TICK = 0.25
_AWAY_AFTER = 195.0
"""Seconds without an advertisement after which a treadmill was away: off, or another app's."""
_CONNECTS_WITHIN = 90.0
"""Seconds that an attempt to connect may well take: being idle does not end it sooner."""

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
        self.diary = Diary(hass, entry, self.people)
        self.session = Session(self.options.rules(self.capabilities))
        self.planner = Planner(self.people, lambda: self.session.rules)
        self.link = Link(
            entry.title,
            device_provider=lambda: bluetooth.async_ble_device_from_address(hass, self.address, connectable=True),
            open_driver=self._open_driver,
            listener=self,
            clock=self.now,
        )
        self._telemetry: Telemetry | None = None
        self.announcer = Announcer(
            hass, entry, self.options, scene=lambda: scene_of(self.session, self._walks(), self.options), clock=self.now
        )
        self._event_listeners: set[Callable[[SessionEvent], None]] = {self.announcer.hear, self.diary.note}
        self._length: float | None = None  # min of the next walk; None: nobody chose one
        self._ends: datetime | None = None
        self._countdown_ends: datetime | None = None
        self._resting_since = self.now()
        self._stay_away = False  # released for other apps, until it was away
        self._seen_at = self.now()
        self._stop_ticking: Callable[[], None] | None = None
        self._reload_wanted = False
        self._loaded = (dict(entry.data), dict(entry.options), entry.title)
        self._going = False
        self._leaving: asyncio.Task[None] | None = None
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
        entry.async_on_unload(entry.add_update_listener(_async_entry_changed))
        self.people.refresh()
        entry.async_on_unload(self.people.async_add_listener(self._people_changed))
        # Background tasks end and Bluetooth closes before the stop event: the belt has to be stopped earlier.
        entry.async_on_unload(hass.async_add_shutdown_job(HassJob(self.async_leave)))
        policy = self.options.connection
        if policy is ConnectionPolicy.ALWAYS or (policy is ConnectionPolicy.ON_WAKE and self._in_reach()):
            self.link.connect()

    async def async_leave(self) -> None:
        """Bring a belt that we steer to rest, then free the treadmill (S14). Takes 15 s and a bit at most."""
        if self._leaving is None:
            # One for all who call: Home Assistant stops while the entry is unloaded, say.
            self._leaving = self.hass.async_create_task(self._async_leave(), f"Retrowalk leaves {self.address}")
        await asyncio.shield(self._leaving)

    async def _async_leave(self) -> None:
        self._going = True
        try:
            self.session.wind_down(self.now())
            self._carry_out()
            deadline = self.hass.loop.time() + WIND_DOWN_WITHIN
            # Out of reach there is nothing to wait for: no stop could get through.
            while self.session.steers and self._in_reach() and self.hass.loop.time() < deadline:
                await asyncio.sleep(_WIND_DOWN_TICK)
                self._tick()
        finally:
            await self.diary.async_close()
            await self.link.close()

    @override
    async def _async_update_data(self) -> Snapshot:
        """Nothing is ever polled; `homeassistant.update_entity` gets what is known."""
        return self._snapshot()

    # What people ask. `context` tells who.

    async def async_start_session(self, context: Context | None, entity_id: str) -> None:
        """First press: ready. Second, by a person: the countdown."""
        by_person = await async_is_person(self.hass, context, entity_id)
        self._check_in_reach()
        wish = self._wish(context or Context())
        await self._async_prepare(lambda now: self.session.start(now, by_person=by_person, wish=wish))

    async def async_resume(self, context: Context | None, entity_id: str | None) -> None:
        """Go on after a pause or a hand on the console."""
        by_person = await async_is_person(self.hass, context, entity_id)
        await self._async_prepare(lambda now: self.session.resume(now, by_person=by_person))

    async def async_make_ready(
        self,
        context: Context,
        *,
        walker: str | None,
        direction: Direction | None,
        minutes: float | None,
        speed: float | None,
    ) -> None:
        """Make a walk ready: moves nothing (S2).

        What is None comes from the selects. `walker` is a subentry id or GUEST, `minutes` the length, `speed` in km/h.
        """
        by_person = await async_is_person(self.hass, context, self.entity_id("button", "start"))
        self._check_in_reach()
        wish = self._wish(context, walker=walker, direction=direction, minutes=minutes, speed=speed)

        def ask(now: float) -> None:
            if self.session.state is SessionState.READY:
                # What was shown and spoken must not become another walk under the eyes of who confirms it (S4).
                raise wrong("already_ready")
            self._check_wish(wish)
            self.session.make_ready(now, by_person=by_person, wish=wish)

        await self._async_prepare(ask)

    async def async_confirm(self, context: Context) -> None:
        """Let the countdown of a walk that is ready begin; only for a person who is there (S2)."""
        by_person = await async_is_person(self.hass, context, self.entity_id("button", "start"))

        def ask(now: float) -> None:
            if self.session.state is not SessionState.READY:
                raise wrong("nothing_to_confirm")
            self.session.confirm(now, by_person=by_person, wish=self._wish(context))

        await self._async_ask(ask)

    async def async_finish(self) -> None:
        """Cool down in a short while, then stop (S13)."""
        await self._async_ask(self.session.finish)

    async def async_adjust(self, speed_delta: float | None, incline_delta: float | None, context: Context) -> None:
        """Change the targets by so many km/h and %: all of it or, if any of it is refused, nothing.

        Whoever wants less than there is gets the least; more than is allowed is refused.
        """
        by_person = await async_is_person(self.hass, context, self.entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            session = self.session
            changes: list[tuple[float, Callable[[], float]]] = []
            if speed_delta is not None:
                rank, kmh = _adjusted("speed", session.speed_wish, speed_delta, session.limits.speed)
                changes.append((rank, lambda: session.wish_speed(kmh, by_person=by_person)))
            if incline_delta is not None:
                rank, percent = _adjusted("incline", session.incline_wish, incline_delta, session.limits.incline)
                changes.append((rank, lambda: session.wish_incline(percent, by_person=by_person)))
            # What may be refused comes first, before anything has changed: what is not steered, then what rises.
            for _, change in sorted(changes, key=itemgetter(0), reverse=True):
                change()

        await self._async_ask(ask)

    async def async_pause(self) -> None:
        """Bring the belt to rest, to go on later."""
        await self._async_ask(self.session.pause)

    async def async_stop(self) -> None:
        """Stop now; raises when the stop did not reach the treadmill."""
        await self._async_ask(self.session.stop, also_leaving=True)

    async def async_wish_speed(self, kmh: float, context: Context | None, entity_id: str) -> None:
        """Steer to a speed (km/h) inside the limits."""
        by_person = await async_is_person(self.hass, context, entity_id)
        await self._async_ask(lambda _: self.session.wish_speed(kmh, by_person=by_person))

    async def async_wish_incline(self, percent: float, context: Context | None, entity_id: str) -> None:
        """Steer to an incline (%) inside the limits."""
        by_person = await async_is_person(self.hass, context, entity_id)
        await self._async_ask(lambda _: self.session.wish_incline(percent, by_person=by_person))

    async def async_choose_direction(self, direction: Direction) -> None:
        """Choose the direction of the next session; a walk keeps its own (S4)."""
        if self.session.state not in {SessionState.IDLE, SessionState.FINISHED}:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="direction_fixed")
        self.session.direction = direction
        self._carry_out()

    @callback
    def choose_length(self, minutes: float) -> None:
        """Choose how long the next walk takes; one that is under way keeps its end."""
        if self.session.state not in {SessionState.IDLE, SessionState.FINISHED}:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="length_fixed")
        self._length = minutes
        self._carry_out()

    @callback
    def choose_walker(self, walker_id: str | None) -> None:
        """Choose who walks next; a walk keeps its walker (S4)."""
        if self.session.state not in {SessionState.IDLE, SessionState.FINISHED}:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="walker_fixed")
        self.people.choose(walker_id)

    @property
    def session_length(self) -> float:
        """Minutes of the next walk, where there is no plan and nobody says otherwise."""
        return DEFAULT_LENGTH / 60 if self._length is None else self._length

    def _walker_of_walk(self) -> str | None:
        """Who walks the walk that begins: as it was made ready; at the console the choice, or the only one there is."""
        walkers, chosen = self.people.walkers, self.people.chosen
        wish = self.session.wish
        if wish is not None and (wish.walker is not None or not wish.open):
            return wish.walker
        if chosen is None and len(walkers) == 1:
            return next(iter(walkers))
        return chosen if chosen in walkers else None

    def _walks(self) -> Walker | None:
        """Who walks, or would if it began now; None is a guest."""
        if self.diary.walk is not None:
            walker = self.diary.walk.walker
        elif self.session.state in PREPARING:
            walker = self.session.walker
        else:
            walker = self.people.chosen
        return self.people.walkers.get(walker) if walker else None

    @callback
    def _people_changed(self) -> None:
        self._carry_out()

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
        self.diary.hear(telemetry)
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
        elif self._connected:
            _LOGGER.info("The link to %s has ended", self.name)
            self._seen_at = self.now()  # connected treadmills do not advertise
        self._connected = up
        self.session.link(up=up, now=self.now())
        self._carry_out()
        if self.link.driver is not None:
            self._learn(self.link.driver)

    @callback
    def _async_seen(self, service_info: bluetooth.BluetoothServiceInfoBleak) -> None:
        """It advertised: each time, also when it says nothing new."""
        now = self.now()
        if now - self._seen_at > _AWAY_AFTER:
            self._stay_away = False  # it was switched off, or somebody else was connected to it: it has woken up
        self._seen_at = now
        unwanted = self.options.connection is ConnectionPolicy.ON_DEMAND or self._stay_away
        if self.link.state is LinkState.RELEASED and not unwanted:
            self.link.connect()
        self.link.seen()

    def _open_driver(self, connection: Connection, listener: Listener) -> Driver:
        return driver_for(connection, listener, self.now)

    @callback
    def _learn(self, driver: Driver) -> None:
        """Keep what the machine says of itself, so that it is known while the machine is off.

        What it fails to tell this time it is still: a read that fails now and then must not take entities away and
        bring them back, with a reload each time. Only other firmware makes it another machine.
        """
        known = self.config_entry.data
        info, capabilities = driver.info.as_dict(), driver.capabilities.as_dict()
        known_info = known.get(CONF_INFO, {})
        if info["firmware"] in {None, known_info.get("firmware")}:
            capabilities = _filled(capabilities, known.get(CONF_CAPABILITIES, {}))
        kept = {**known, CONF_CAPABILITIES: capabilities, CONF_INFO: _filled(info, known_info)}
        if kept != known:
            self.hass.config_entries.async_update_entry(self.config_entry, data=kept)

    # How it goes on

    def entity_id(self, domain: str, key: str) -> str | None:
        """One of the treadmill's own entities, by the key of its description."""
        return er.async_get(self.hass).async_get_entity_id(domain, DOMAIN, f"{format_mac(self.address)}_{key}")

    def _wish(
        self,
        context: Context,
        *,
        walker: str | None = None,
        direction: Direction | None = None,
        minutes: float | None = None,
        speed: float | None = None,
    ) -> Wish:
        """The walk that is meant: what is not said comes from the selects, and then from who asks."""
        who = self.people.walker_for(context.user_id) if walker is None else self.people.walkers.get(walker)
        backward = (direction or self.session.direction) is Direction.BACKWARD
        if who is not None and backward and minutes is speed is self._length is None:
            return self.planner.wish(who)  # the walker's plan
        return Wish(
            direction=direction or self.session.direction,
            walker=None if who is None else who.id,
            open=who is None and walker is None and self.people.chosen is None,
            length=(self.session_length if minutes is None else minutes) * 60,
            speed=speed,
            first=self.people.is_new(who),
        )

    def _check_wish(self, wish: Wish) -> None:
        """Refuse what the limits would have to change: who names a length or a speed shall get it or hear of it."""
        rules = self.session.rules
        limits = limits_for(rules.capabilities, rules.owner, wish.direction, novice=wish.first)
        if not SHORTEST <= wish.length <= limits.longest:
            raise out_of_range("minutes", SHORTEST / 60, limits.longest / 60)
        speeds = limits.speed
        # Without a range there is no walk, or nobody knows yet what the machine can do.
        if wish.speed is not None and speeds is not None and not speeds.minimum <= wish.speed <= speeds.maximum:
            raise out_of_range("speed", speeds.minimum, speeds.maximum)

    async def _async_prepare(self, ask: Callable[[float], object]) -> None:
        """Ask for what may make ready. Whoever is ready needs a link, also where that is why they are refused."""
        try:
            await self._async_ask(ask)
        finally:
            if self.session.state is SessionState.READY:
                self.connect()

    async def _async_ask(self, ask: Callable[[float], object], *, also_leaving: bool = False) -> None:
        """Ask the session for something and wait for the commands that come of it; errors are told in words."""
        if self._going and not also_leaving:
            # Nobody would be there to see it through.
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=Refusal.NOT_CONNECTED.value)
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
        if self.diary.follow(self.session, self._telemetry, self._walker_of_walk()):
            # Choices are for one walk; the next one begins as always (S4).
            self.session.direction = Direction.BACKWARD
            self._length = None
            self.people.choose(None)
        if self.diary.goal_reached():
            self._tell(SessionEvent(SessionEventKind.GOAL_REACHED))
        watched = self.link.state is not LinkState.RELEASED or self.session.state is not SessionState.IDLE
        self._set_ticking(on=watched and not self._going)
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
        match event.kind:
            case SessionEventKind.COUNTDOWN:
                self._countdown_ends = utcnow() + timedelta(seconds=event.data["seconds"])
            case SessionEventKind.STOP_FAILED:
                ir.async_create_issue(
                    self.hass,
                    DOMAIN,
                    _stop_issue(self.config_entry),
                    is_fixable=False,
                    severity=ir.IssueSeverity.CRITICAL,
                    translation_key="stop_failed",
                    translation_placeholders={"name": self.config_entry.title},
                )
            case SessionEventKind.STARTED | SessionEventKind.STOPPED | SessionEventKind.FINISHED:
                async_delete_stop_issue(self.hass, self.config_entry)
        for listener in tuple(self._event_listeners):
            try:
                listener(event)
            except Exception:
                # What follows may be a stop, which no listener may bar.
                _LOGGER.exception("Unexpected error telling of %s", event.kind)

    @callback
    def _tick(self, _: datetime | None = None) -> None:
        now = self.now()
        self.session.tick(now)
        self.diary.tick(now)
        if self._telemetry is not None:
            self.link.check(self._telemetry)
        idle = self.session.state in {SessionState.IDLE, SessionState.FINISHED} and not self.session.belt_may_move
        if not idle:
            self._resting_since = now
        else:
            self._release_if_idle(now - self._resting_since)
        self._carry_out()

    @callback
    def _release_if_idle(self, idle: float) -> None:
        """Let others have the treadmill: most serve one app at a time. `idle` is for how many seconds it was."""
        if self.options.connection is ConnectionPolicy.ALWAYS or self.link.stop_waits:
            return
        if self.link.state is LinkState.CONNECTED:
            if idle >= self.options.idle_seconds:
                self._stay_away = True
                self.link.release()
        elif idle >= max(self.options.idle_seconds, _CONNECTS_WITHIN) and (
            self.options.connection is ConnectionPolicy.ON_DEMAND or not self._in_reach()
        ):
            self.link.release()

    @callback
    def _set_ticking(self, *, on: bool) -> None:
        """Tick only while there is something to watch: most of the day there is not."""
        if on and self._stop_ticking is None:
            self._stop_ticking = async_track_time_interval(self.hass, self._tick, TICK, cancel_on_shutdown=True)
        elif not on and self._stop_ticking is not None:
            self._stop_ticking()
            self._stop_ticking = None

    def _in_reach(self) -> bool:
        """Whether it is connected, or was seen within the last minutes."""
        if self.link.state is LinkState.CONNECTED:
            return True
        return bluetooth.async_ble_device_from_address(self.hass, self.address, connectable=True) is not None

    def _check_in_reach(self) -> None:
        """Refuse to prepare a walk on a treadmill that has not been seen for minutes."""
        if not self._in_reach():
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

    def _session_ends(self) -> datetime | None:
        """When the belt will stop; told anew only when it shifts, for the front end counts by itself."""
        ends = self.session.planned_end(self.now())
        if ends is None:
            self._ends = None
        else:
            at = utcnow() + timedelta(seconds=ends - self.now())
            if self._ends is None or abs((at - self._ends).total_seconds()) >= _ENDS_SHIFT:
                self._ends = at.replace(microsecond=0)
        return self._ends

    def _snapshot(self) -> Snapshot:
        session, telemetry = self.session, self._telemetry
        walk = self.diary.shown or session.odometer
        if (
            self.link.state is not LinkState.CONNECTED
            or telemetry is None
            or telemetry.received < self.link.up_since  # told on a link before this one
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
            moving_time=walk.moving_time,
            distance=walk.distance,
            steps=walk.steps,
            calories=self.diary.shown.meter.gross_kcal if self.diary.shown else None,
            walker=walker.id if (walker := self._walks()) else None,
            length=self.session_length,
            ends=self._session_ends(),
            speed_wish=session.speed_wish,
            incline_wish=session.incline_wish,
            safety_key_pulled=session.safety_key_pulled,
        )


def _adjusted(what: str, wish: float | None, delta: float, allowed: ValueRange | None) -> tuple[float, float]:
    """How likely a change is refused, and the target that it leads to."""
    if wish is None or allowed is None:
        return inf, 0.0  # the session says why not
    target = max(round(wish + delta, 2), allowed.minimum)
    if not target <= allowed.maximum:
        raise out_of_range(what, allowed.minimum, allowed.maximum)
    return delta, target


def _stop_issue(entry: RetrowalkConfigEntry) -> str:
    return f"stop_failed_{entry.entry_id}"


@callback
def async_delete_stop_issue(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """A stop that failed is history: the belt came to rest, or the treadmill is not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _stop_issue(entry))


def _filled(news: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is told now, or was where nothing is told."""
    return {key: value or known.get(key, value) for key, value in news.items()}


async def _async_entry_changed(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """The one update listener (product.md): what changed is for the coordinator to tell."""
    entry.runtime_data.async_entry_changed()
