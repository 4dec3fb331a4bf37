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
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util.dt import utcnow

from .const import CONF_CAPABILITIES, CONF_CHECK, CONF_CONTROL_LOCK, CONF_INFO, DOMAIN
from .errors import out_of_range, refused, wrong
from .machine.bluetooth.link import LinkListener, LinkState
from .machine.errors import (
    ControlRefusedError,
    DeclinedError,
    MachineError,
    NoAnswerError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from .machine.model import Capabilities, Command, CommandKind, MachineEvent, MachineInfo, Telemetry, ValueRange
from .messaging.announcer import Announcer, scene_for
from .programs.library import ProgramLibrary
from .reminders.manager import ReminderManager
from .training.check.check_run import CheckRun
from .training.events import EndReason, SessionEvent, SessionEventKind
from .training.limits import Direction
from .training.programs.program import Program
from .training.rules import Caller, Refusal, RefusedError
from .training.session.controller import SessionController
from .training.states import BETWEEN_SESSIONS, PREPARING, SessionState
from .training.steering.forecast import PlannedStep, planned_steps
from .training.steering.program_plan import ProgramPlan
from .training.steering.session_plan import Target
from .treadmill.caller import PressFilter, async_caller_of, async_user_of
from .treadmill.check_result import StoredCheck, async_show_check_issue, firmware_of, not_to_try, with_check
from .treadmill.connection import ConnectionManager
from .treadmill.display_filter import DisplayFilter
from .treadmill.entry_store import EntryStore
from .treadmill.issues import CommandMismatchIssue, StopFailureIssue, async_delete_disobedience
from .treadmill.options import Options
from .treadmill.selection import NextSession
from .treadmill.snapshot import ProgramStep, Snapshot
from .treadmill.unattended import UnattendedCountdown
from .walkers.planner import Planner
from .walkers.recorder import SessionRecorder
from .walkers.roster import WalkerRoster

_LOGGER = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
_NOT_BEGUN = PREPARING | {SessionState.STARTING}
_ENDS_SHIFT = 5.0  # s
WIND_DOWN_WITHIN = 15.0
"""Seconds that a belt of ours has to come to rest when Home Assistant has to go (S14)."""
_WIND_DOWN_TICK = 0.25

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
        self.roster = WalkerRoster(hass, entry)
        self.recorder = SessionRecorder(hass, entry, self.roster, self.options.estimate)
        self.session = SessionController(with_check(self.options.rules(self.capabilities), entry.data))
        # Where nothing but Stop is offered anyway, nobody could turn it off.
        self.session.lock(
            on=self.session.rules.control and bool(entry.data.get(CONF_CONTROL_LOCK, False)), caller=Caller.UNKNOWN
        )
        self.programs = ProgramLibrary(hass, entry)
        self.planner = Planner(self.roster, lambda: self.session.rules)
        self._check: CheckRun | None = None
        self.next_session = NextSession(
            self.session,
            self.roster,
            self.recorder,
            planner=self.planner,
            programs=self.programs,
            changed=self._dispatch,
        )
        self.connection = ConnectionManager(
            hass, self.address, entry.title, self.options, listener=self, clock=self.now
        )
        self.link = self.connection.link
        self._telemetry: Telemetry | None = None
        self._readings = DisplayFilter()
        self.announcer = Announcer(
            hass,
            entry,
            self.options,
            scene=lambda: scene_for(self.session, self.next_session.walks, self.options),
            clock=self.now,
        )
        self._unattended = UnattendedCountdown(self.session, self.announcer, self.now)
        self._event_listeners: set[Callable[[SessionEvent], None]] = {
            self.announcer.on_session_event,
            self.recorder.on_session_event,
            CommandMismatchIssue(hass, entry).on_session_event,
            StopFailureIssue(hass, entry).on_session_event,
        }
        self.reminders = ReminderManager(self)
        self._ends: datetime | None = None
        self._countdown_ends: datetime | None = None
        self._stop_ticking: Callable[[], None] | None = None
        self._entry_store = EntryStore(hass, entry)
        self._presses = PressFilter()
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
        seen = bluetooth.async_register_advertisement_callback(hass, lambda _: self.connection.seen(), self.address)
        entry.async_on_unload(seen)
        entry.async_on_unload(entry.add_update_listener(_async_entry_changed))
        self.roster.refresh()
        self.programs.refresh()
        async_show_check_issue(hass, entry, self.session.rules)
        entry.async_on_unload(self.roster.async_add_listener(self._people_changed))
        entry.async_on_unload(self.programs.async_add_listener(self.next_session.programs_changed))
        # Background tasks end and Bluetooth closes before the stop event: the belt has to be stopped earlier.
        entry.async_on_unload(hass.async_add_shutdown_job(HassJob(self.async_leave)))
        self.connection.begin()
        if self.recorder.looks_back:
            self._record(lambda: self.recorder.restore_pause(self.session, self.now()))
            self.connect()  # whatever the owner's policy is: somebody may be on the belt

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
            self._dispatch()
            deadline = self.hass.loop.time() + WIND_DOWN_WITHIN
            # Out of reach there is nothing to wait for: no stop could get through.
            while self.session.controls_belt and self.connection.may_come_back and self.hass.loop.time() < deadline:
                await asyncio.sleep(_WIND_DOWN_TICK)
                self._tick()
        finally:
            try:
                await self.recorder.async_close()
            except Exception:
                _LOGGER.exception("Unexpected error saving the walk on %s", self.name)
            await self.link.close()

    @override
    async def _async_update_data(self) -> Snapshot:
        """Nothing is ever polled; `homeassistant.update_entity` gets what is known."""
        return self._snapshot()

    # What people ask. `context` tells who.

    async def async_start_session(self, context: Context | None, entity_id: str) -> None:
        """First press: ready. Second, by a person: the countdown."""
        hand = await async_caller_of(self.hass, context, entity_id)
        self._check_in_reach()
        context = context or Context()

        def ask(now: float) -> None:
            begins = self.session.state in BETWEEN_SESSIONS
            wish = self.next_session.request(context) if begins else self.next_session.confirms(context)
            if wish.program is not None:
                self.next_session.check(wish)
            self._check_another_press(now, hand, context)
            self._check_heard(hand)
            before = self.session.state
            self.session.start(now, caller=hand, wish=wish)
            self._note_ready(now, before, context)
            self._note_confirmed(now, hand)

        await self._async_prepare(ask)

    async def async_resume(self, context: Context | None, entity_id: str | None, *, by_card: bool = False) -> None:
        """Go on after a pause or a hand on the console; `by_card`: on the card, where nobody else can press."""
        hand = await self._async_hand(context, entity_id, by_card=by_card)

        def ask(now: float) -> None:
            if not by_card:
                self._check_another_press(now, hand, context)
            self._check_heard(hand)
            before = self.session.state
            self.session.resume(now, caller=hand)
            self._note_ready(now, before, context)
            self._note_confirmed(now, hand)

        await self._async_prepare(ask)

    async def async_prepare(
        self,
        context: Context,
        *,
        walker: str | None,
        direction: Direction | None,
        minutes: float | None,
        speed: float | None,
        program: Program | str | None = None,
        by_card: bool = False,
    ) -> None:
        """Make a walk ready: moves nothing (S2).

        What is None comes from the selects. `walker` is a subentry id or GUEST, `minutes` the length, `speed` in km/h;
        `program` is one, or what it is called.
        """
        hand = await self._async_hand(context, self.entity_id("button", "start"), by_card=by_card)
        self._check_in_reach()
        wish = self.next_session.request(
            context, walker=walker, direction=direction, minutes=minutes, speed=speed, program=program
        )

        def ask(now: float) -> None:
            if self.session.state is SessionState.READY:
                # What was shown and spoken must not become another walk under the eyes of who confirms it (S4).
                raise wrong("already_ready")
            self.next_session.check(wish)
            before = self.session.state
            self.session.prepare(now, caller=hand, wish=wish)
            self._note_ready(now, before, context)

        await self._async_prepare(ask)

    async def async_confirm(self, context: Context, *, walker: str | None = None, by_card: bool = False) -> None:
        """Let the countdown of a walk that is ready begin; for a person, or where the owner lets automations (S2).

        If nobody said who walks, it is `walker`, a subentry id, and else who confirms (S4).
        """
        hand = await self._async_hand(context, self.entity_id("button", "start"), by_card=by_card)

        def ask(now: float) -> None:
            if self.session.state is not SessionState.READY:
                raise wrong("nothing_to_confirm")
            if hand.is_person and not by_card:
                self._check_another_press(now, hand, context)
            self._check_heard(hand)
            wish = self.next_session.confirms(context, walker=walker)
            self.session.confirm(now, caller=hand, wish=wish)
            self._note_confirmed(now, hand)

        await self._async_ask(ask)

    async def async_press_confirm_button(self) -> None:
        """The button beside the treadmill was pressed: it confirms what is ready, and readies what is paused (S2)."""

        def ask(now: float) -> None:
            if self.session.state is SessionState.READY:
                self.session.confirm(now, caller=Caller.PERSON)
            elif self.session.state is SessionState.PAUSED:
                self.session.resume(now, caller=Caller.PERSON)
                self._note_ready(now, SessionState.PAUSED, None)

        try:
            await self._async_prepare(ask)
        except HomeAssistantError as err:
            # There is no screen at a button to tell it on.
            _LOGGER.warning("The button beside %s starts nothing: %s", self.name, err)

    async def async_finish(self) -> None:
        """Cool down in a short while, then stop (S13)."""
        await self._async_ask(self.session.finish)

    async def async_adjust(self, speed_delta: float | None, incline_delta: float | None, context: Context) -> None:
        """Change the targets by so many km/h and %: all of it or, if any of it is refused, nothing.

        Whoever wants less than there is gets the least; more than is allowed is refused.
        """
        caller = await async_caller_of(self.hass, context, self.entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            session = self.session
            now = session.setpoint or Target(0.0, None)
            changes: list[tuple[float, Callable[[], float]]] = []
            if speed_delta is not None:
                rank, kmh = _adjusted("speed", session.target_speed, now.speed, speed_delta, session.limits.speed)
                changes.append((rank, lambda: session.set_speed(kmh, caller=caller)))
            if incline_delta is not None:
                wish, allowed = session.target_incline, session.limits.incline
                rank, percent = _adjusted("incline", wish, now.incline or 0.0, incline_delta, allowed)
                changes.append((rank, lambda: session.set_incline(percent, caller=caller)))
            # What may be refused comes first, before anything has changed: what is not steered, then what rises.
            for _, change in sorted(changes, key=itemgetter(0), reverse=True):
                change()

        await self._async_ask(ask)

    async def async_ramp_to(self, speed: float | None, incline: float | None, over: float, context: Context) -> None:
        """One even ramp to a speed (km/h) and an incline (%) in so many seconds; what is not allowed is refused."""
        caller = await async_caller_of(self.hass, context, self.entity_id("number", "target_speed"))

        def ask(_: float) -> None:
            limits = self.session.limits
            for what, target, allowed in (("speed", speed, limits.speed), ("incline", incline, limits.incline)):
                if target is not None and allowed is not None and not allowed.minimum <= target <= allowed.maximum:
                    raise out_of_range(what, allowed.minimum, allowed.maximum)
            self.session.ramp_to(speed, incline, over=over, caller=caller)

        await self._async_ask(ask)

    async def async_skip_step(self, context: Context) -> None:
        """On to the program's next step; one that goes up needs a person (S16)."""
        caller = await async_caller_of(self.hass, context, self.entity_id("button", "start"))
        await self._async_ask(lambda _: self.session.skip_step(caller=caller))

    async def async_planned_steps(self) -> tuple[PlannedStep, ...]:
        """What the belt will do in the program that was made ready; empty without one."""
        course = self.session.program
        if course is None:
            return ()
        # Another course than the session's: this one is walked through, elsewhere, for it may be two hours long.
        tried = ProgramPlan(course.program, self.session.limits)
        return await self.hass.async_add_executor_job(planned_steps, tried)

    async def async_pause(self) -> None:
        """Bring the belt to rest, to go on later."""
        await self._async_ask(self.session.pause)

    async def async_start_check(self, context: Context) -> CheckRun:
        """Begin the check run (S9); only for a person, who stands beside the belt."""
        caller = await async_user_of(self.hass, context)  # in a form, where nobody else can press
        no_second_start, no_pause = not_to_try(self.config_entry.data)
        begun: list[CheckRun] = []

        def ask(now: float) -> None:
            check = self.session.start_check(now, caller=caller, second_start=not no_second_start, pause=not no_pause)
            begun.append(check)

        await self._async_ask(ask)
        return begun[0]

    @callback
    def save_check(self, check: CheckRun, firmware: str | None) -> None:
        """Keep what a check run found of this firmware; it holds at once, and nothing is reloaded for it."""
        entry = self.config_entry
        kept = StoredCheck(failure=check.failure, firmware=firmware, at=utcnow(), findings=check.result)
        news = {CONF_CHECK: kept.as_dict()}
        self._apply_check({**entry.data, **news})
        if check.failure is None:
            async_delete_disobedience(self.hass, entry)
        self._entry_store.save(news)
        self._dispatch()

    @callback
    def _apply_check(self, data: Mapping[str, Any]) -> None:
        self.session.apply_rules(with_check(self.session.rules, data))
        self.session.tick(self.now())  # what it does not release any more ends at once
        async_show_check_issue(self.hass, self.config_entry, self.session.rules)
        self.roster.notify()  # what is proposed to them follows the rules

    async def async_stop(self) -> None:
        """Stop now; raises when the stop did not reach the treadmill."""
        await self._async_ask(self.session.stop, also_leaving=True)

    async def async_set_speed(self, kmh: float, context: Context | None, entity_id: str) -> None:
        """Steer to a speed (km/h) inside the limits."""
        caller = await async_caller_of(self.hass, context, entity_id)
        await self._async_ask(lambda _: self.session.set_speed(kmh, caller=caller))

    async def async_slow_down(self, by: float) -> None:
        """Slow down by so many km/h, or to the least; anybody may, a voice or a language model too (S16)."""
        await self._async_ask(lambda _: self.session.slow_down(by))

    async def async_set_incline(self, percent: float, context: Context | None, entity_id: str) -> None:
        """Steer to an incline (%) inside the limits."""
        caller = await async_caller_of(self.hass, context, entity_id)
        await self._async_ask(lambda _: self.session.set_incline(percent, caller=caller))

    async def async_lower_deck(self, context: Context | None, entity_id: str) -> None:
        """Lower the deck of a belt at rest, a while after it was said (S18)."""
        caller = await async_caller_of(self.hass, context, entity_id)
        await self._async_ask(lambda now: self.session.lower_deck(now, caller=caller))

    async def async_lock(self, *, on: bool, context: Context | None, entity_id: str) -> None:
        """Turn the child lock on, or, for a person, off (S17); it is kept over a restart."""
        # Anybody may turn it on, so that nothing has to be waited for.
        caller = Caller.UNKNOWN if on else await async_caller_of(self.hass, context, entity_id)

        def ask(now: float) -> None:
            self.session.lock(on=on, caller=caller)
            self.session.tick(now)  # it ends at once what has not begun

        await self._async_ask(ask, also_leaving=True)
        self._entry_store.save({CONF_CONTROL_LOCK: on})

    @callback
    def _people_changed(self) -> None:
        self._dispatch()

    @callback
    def connect(self) -> None:
        """Want a link; it is made in the background."""
        self.connection.connect()
        self._dispatch()

    @callback
    def disconnect(self) -> None:
        """Give the treadmill free for other apps, if its belt is at rest."""
        if self.session.belt_may_move:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="belt_moves")
        self.connection.release()
        self._dispatch()

    @callback
    def async_add_event_listener(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Hear each session event as it happens; returns how to stop."""
        self._event_listeners.add(listener)
        return lambda: self._event_listeners.discard(listener)

    # What the machine and its link tell

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        telemetry = self.session.judge(telemetry)
        before, self._telemetry = self._telemetry, telemetry
        if before is None or before.belt is not telemetry.belt:
            # What it says of a belt at rest differs, and some say "pre-workout" all day.
            self.connection.busy()
        self._record(lambda: self.recorder.identify(self.session, telemetry, self.now()))
        self.session.observe(telemetry, self.now())
        self._record(lambda: self.recorder.on_telemetry(telemetry))
        self._dispatch()

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.session.on_machine_event(event, self.now())
        self._dispatch()

    @override
    def on_link(self, state: LinkState) -> None:
        up = state is LinkState.CONNECTED
        if up:
            _LOGGER.info("%s is connected", self.name)
            self.connection.busy()
        elif self._connected:
            _LOGGER.info("The link to %s has ended", self.name)
            self.connection.ended()
        self._connected = up
        self.session.on_link(up=up, now=self.now())
        if up and self.link.stop_taken is not None:
            self.session.on_command_done(self.link.stop_taken, self.now())
        self._dispatch()
        if self.link.driver is not None and (learned := self._entry_store.learned(self.link.driver)) is not None:
            # At once, and not only with the reload: what a check run released was other firmware's (S9).
            self._apply_check(learned)
            self.hass.config_entries.async_update_entry(self.config_entry, data=learned)

    # What the house tells

    @callback
    def on_guard(self, name: str, *, on: bool | None) -> None:
        """A start guard is on or off, or cannot be read (S17)."""
        self.session.on_guard(name, on=on, now=self.now())
        self._dispatch()

    @callback
    def on_occupancy(self, on: bool | None) -> None:
        """Somebody is on the belt or nobody; None: what tells it cannot be read."""
        self.session.on_occupancy(on, self.now())
        self._dispatch()

    # How it goes on

    def entity_id(self, domain: str, key: str) -> str | None:
        """One of the treadmill's own entities, by the key of its description."""
        return er.async_get(self.hass).async_get_entity_id(domain, DOMAIN, f"{format_mac(self.address)}_{key}")

    async def _async_hand(self, context: Context | None, entity_id: str | None, *, by_card: bool) -> Caller:
        """Whose hand a press is: on the card it is a person's, whoever else may press the entity (S2)."""
        if by_card and context is not None:
            return await async_user_of(self.hass, context)
        return await async_caller_of(self.hass, context, entity_id)

    def _check_another_press(self, now: float, hand: Caller, context: Context | None) -> None:
        """Refuse to confirm with the press that made ready, or with what came in the same instant (S2)."""
        may = hand.is_person or hand is Caller.AUTOMATION
        if may and self.session.state is SessionState.READY and not self._presses.is_another(now, context):
            raise wrong("one_press")

    def _check_heard(self, hand: Caller) -> None:
        """Refuse what automations confirm where nobody could hear it (S2)."""
        if hand is Caller.AUTOMATION and self.session.state in {SessionState.READY, SessionState.PAUSED}:
            self._unattended.check()

    def _note_confirmed(self, now: float, hand: Caller) -> None:
        """Watch over a countdown that began with nobody there."""
        if not hand.is_person and self.session.state is SessionState.COUNTDOWN:
            self._unattended.begins(now)

    def _note_ready(self, now: float, before: SessionState, context: Context | None) -> None:
        """Keep when ready was made, if it was made just now."""
        if before is not SessionState.READY and self.session.state is SessionState.READY:
            self._presses.add(now, context)

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
            raise refused(self.hass, err) from err
        for sent in self._dispatch():
            command, error = await asyncio.shield(sent)
            if error is not None and not isinstance(error, SupersededError):
                key = self._stop_error(error) if command.stops else TRANSLATION_KEYS.get(type(error), "unreachable")
                if key is not None:
                    raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key) from error

    def _stop_error(self, error: MachineError) -> str | None:
        """What whoever asked for a stop is told of it at once: not delivered, not obeyed, or nothing to stop (S3)."""
        if isinstance(error, ControlRefusedError | DeclinedError):
            # What is declined is said otherwise, and whether that works is seen; at rest there was nothing to stop.
            refused = isinstance(error, ControlRefusedError) and self.session.belt_may_move
            return "stop_not_obeyed" if refused else None
        return "stop_undelivered" if self.session.on_stop_failed else "nothing_to_stop"

    @callback
    def _dispatch(self) -> list[asyncio.Task[tuple[Command, MachineError | None]]]:
        """Send what the session wants sent, tell what it wants told, and push the new snapshot."""
        self._apply_settings()
        tasks = []
        for output in self.session.drain():
            if isinstance(output, Command):
                # Started at once, each on its own: a stop waits for nobody.
                name = f"Retrowalk {output.kind} to {self.address}"
                task = self.hass.async_create_background_task(self._async_send(output), name)
                if output.kind is not CommandKind.END_SESSION:  # nobody asked for it; some machines decline it
                    tasks.append(task)
            else:
                self._tell(output)
        self._record(self._record_session)
        self._follow_check()
        says = self.announcer.busy and self._entry_store.wants_reload
        watched = says or self.link.state is not LinkState.RELEASED or self.session.state is not SessionState.IDLE
        self._set_ticking(on=watched and not self._going)
        if self._may_reload:
            self._entry_store.reload_if_wanted()
        snapshot = self._snapshot()
        if snapshot != self.data:
            self.async_set_updated_data(snapshot)
        return tasks

    @callback
    def _apply_settings(self) -> None:
        """End what was made ready, and has not begun, by settings that were saved meanwhile (S1)."""
        session, entry = self.session, self.config_entry
        if session.state not in _NOT_BEGUN:
            return
        options, walker = Options.read(entry.options), session.walker
        gone = walker is not None and walker not in self.roster.walkers
        if options.walks_alike(self.options) and not gone:
            return
        now = self.now()
        rules = with_check(options.rules(self.capabilities), entry.data)
        session.apply_rules(replace(rules, control_lock=session.rules.control_lock))
        session.tick(now)
        session.withdraw(now, reason=EndReason.SETTINGS_CHANGED)  # if the rules alone were no reason

    @callback
    def _record_session(self) -> None:
        """Measure the walk, and tell of the goal that it reaches; when it has ended the choices fall back."""
        if self.recorder.follow(self.session, self._telemetry, self.next_session.begins, self.now()):
            self.next_session.fall_back()
        if self.recorder.goal_reached():
            self._tell(SessionEvent(SessionEventKind.GOAL_REACHED))

    @callback
    def _record(self, work: Callable[[], object]) -> None:
        """Do something of the bookkeeping: whatever is wrong with it, the belt is watched on, and stopped (S14)."""
        try:
            work()
        except Exception:
            _LOGGER.exception("Unexpected error keeping the books of %s", self.name)

    @callback
    def _follow_check(self) -> None:
        """A machine that failed its check run is not moved any more, whatever was found before (S9)."""
        over, self._check = self._check, self.session.check
        if over is not None and self._check is None and over.failure is not None and over.failure.blames_machine:
            self.save_check(over, firmware_of(self.config_entry.data))

    async def _async_send(self, command: Command) -> tuple[Command, MachineError | None]:
        try:
            await self.link.execute(command)
        except SupersededError as err:
            return command, err
        except MachineError as err:
            _LOGGER.debug("%s: %s failed: %s", self.name, command, err)
            declined = isinstance(err, ControlRefusedError | DeclinedError)
            self.session.on_command_failed(command, self.now(), declined=declined)
            instead = self._dispatch()
            # A stop that was declined is said otherwise: what counts is what comes of that.
            return await instead[-1] if declined and command.stops and instead else (command, err)
        self.session.on_command_done(command, self.now())
        return command, None

    @callback
    def _tell(self, event: SessionEvent) -> None:
        if event.kind is SessionEventKind.COUNTDOWN:
            self._countdown_ends = utcnow() + timedelta(seconds=event.data["seconds"])
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
        self._unattended.tick(now)
        self._record(lambda: self.recorder.tick(now))
        if self._telemetry is not None:
            self.link.check(self._telemetry)
        if self._quiet:
            self.connection.idle()
        else:
            self.connection.busy()
        self._dispatch()

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
        if not self.connection.in_reach:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_in_reach")

    @callback
    def async_entry_changed(self) -> None:
        """Settings, walkers or programs were saved: reload for settings alone, and never under a walker (S14)."""
        self.roster.refresh()
        self.programs.refresh()
        self._entry_store.on_entry_changed()
        self._dispatch()

    @property
    def damaged(self) -> dict[str, list[str]]:
        """What of all that is kept could not be read, sessions aside: names by what they are of."""
        found = {
            self.name: [*self.options.damaged, *self.programs.damaged, *self.reminders.damaged],
            **{walker.name: [*walker.damaged] for walker in self.roster.walkers.values()},
        }
        if self.recorder.damaged is not None:
            found[self.name].append(self.recorder.damaged)
        return {what: names for what, names in found.items() if names}

    @property
    def in_use(self) -> bool:
        """Whether somebody walks or is about to, or what was walked is not in the record yet."""
        return not self._quiet or self.recorder.keeping

    @property
    def _quiet(self) -> bool:
        """Whether nobody walks or is about to."""
        return self.session.state in BETWEEN_SESSIONS and not self.session.belt_may_move

    @property
    def _may_reload(self) -> bool:
        """Whether a reload disturbs nobody: why something was ended is said first."""
        return self._quiet and not self._going and not self.announcer.busy

    def _step(self) -> ProgramStep | None:
        """Where in its program the walk is."""
        course = self.session.program if self.session.under_way else None
        if course is None:
            return None
        number, steps = course.step_at(self.session.moving_time), course.program.flat()
        return ProgramStep(program=course.program.name, number=number + 1, steps=len(steps), label=steps[number].label)

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
        walk = self.recorder.shown or session.odometer
        if (
            self.link.state is not LinkState.CONNECTED
            or telemetry is None
            or telemetry.received < self.link.up_since  # told on a link before this one
            or session.belt_lost(self.now())
        ):
            telemetry = None
        return Snapshot(
            link=self.link.state,
            signal=self.connection.signal,
            telemetry=self._readings.update(telemetry, self.now()),
            state=session.state,
            direction=session.direction,
            limits=session.limits,
            countdown_ends=self._countdown_ends if session.state is SessionState.COUNTDOWN else None,
            moving_time=walk.moving_time,
            distance=walk.distance,
            steps=walk.steps,
            calories=self.recorder.shown.meter.gross_kcal if self.recorder.shown else None,
            walker=walker.id if (walker := self.next_session.walks) else None,
            length=self.next_session.length,
            program=self.next_session.program,
            step=self._step(),
            ends=self._session_ends(),
            target_speed=session.displayed_target_speed,
            target_incline=session.target_incline,
            awaiting_resume=session.awaiting_resume,
            coasting=session.state is SessionState.PAUSED and session.belt_may_move,
            safety_key_pulled=session.safety_key_pulled,
            locked=session.rules.control_lock,
            check=session.check.phase if session.check else None,
        )


def _adjusted(
    what: str, wish: float | None, now: float, delta: float, allowed: ValueRange | None
) -> tuple[float, float]:
    """How likely a change is refused, and the target that it leads to."""
    if wish is None or allowed is None:
        return inf, 0.0  # the session says why not
    # Less than now, where a ramp is on its way up: nobody means "less far up later".
    start = wish if delta >= 0 else min(wish, now)
    target = max(round(start + delta, 2), allowed.minimum)
    if not target <= allowed.maximum:
        raise out_of_range(what, allowed.minimum, allowed.maximum)
    return delta, target


async def _async_entry_changed(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """The one update listener (product.md): what changed is for the coordinator to tell."""
    entry.runtime_data.async_entry_changed()
