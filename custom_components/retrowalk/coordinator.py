"""Coordinator of a treadmill: owns its parts, listens to its link and publishes immutable snapshots."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import override

from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import CONF_CONTROL_LOCK, CONF_FIRST_RUN, CONF_INFO, DOMAIN
from .machine.bluetooth.link_state import LinkListener, LinkState
from .machine.bluetooth.probe import Reading
from .machine.model import MachineEvent, MachineInfo, MachineUnits, Telemetry
from .messaging.announcer import Announcer
from .programs.library import ProgramLibrary
from .training.check.check_run import CheckRun
from .training.coaching.presets import FIRST_WALK
from .training.events import EndReason
from .training.programs.preview import Preview, preview
from .training.rules import Caller
from .training.session.controller import SessionController
from .training.session.remaining import RemainingSession, remaining_session
from .training.speech.phrases import Scene
from .training.states import PREPARING, SessionState
from .training.steering.session_plan import Target
from .treadmill.check_result import CheckResults, rules_of
from .treadmill.connection import ConnectionManager
from .treadmill.control import TreadmillControl
from .treadmill.entry_store import EntryStore
from .treadmill.fields import KnownFields
from .treadmill.issues import CommandMismatchIssue, StopFailureIssue, async_tell_console_dead
from .treadmill.options import Options
from .treadmill.runner import SessionRunner
from .treadmill.selection import NextSession
from .treadmill.snapshot import Snapshot, SnapshotBuilder
from .treadmill.unattended import UnattendedCountdown
from .util import clock_of
from .walkers.file_keeper import SessionFileKeeper
from .walkers.knee_before import KneeBefore
from .walkers.last_result import LastResult
from .walkers.planner import Planner
from .walkers.recorder import SessionRecorder
from .walkers.roster import WalkerRoster

_LOGGER = logging.getLogger(__name__)

_NOT_BEGUN = PREPARING | {SessionState.STARTING}


class RetrowalkCoordinator(DataUpdateCoordinator[Snapshot], LinkListener):
    """Coordinate the parts of one treadmill."""

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=entry.title, update_interval=None)
        self.clock = clock = clock_of(hass)
        self.address: str = entry.data[CONF_ADDRESS]
        self.options = Options.read(entry.options)
        self._entry_store = EntryStore(hass, entry)
        self.fields = KnownFields(hass, entry, self.options, self._entry_store)
        self.info = MachineInfo.from_dict(entry.data.get(CONF_INFO, {}))
        self.roster = WalkerRoster(hass, entry)
        self.recorder = SessionRecorder(hass, entry, self.roster, self.options.estimate, clock)
        self.result = LastResult(hass, entry, self.roster)
        self.session = SessionController(rules_of(entry.data, self.options))
        # With the monitor policy there is no switch that could turn the lock off.
        locked = self.session.rules.control and bool(entry.data.get(CONF_CONTROL_LOCK, False))
        self.session.lock(on=locked, caller=Caller.UNKNOWN)
        self.programs = ProgramLibrary(hass, entry)
        self.knee = KneeBefore(hass, self.roster, self.recorder)
        self.planner = Planner(self.roster, lambda: self.session.rules, self.knee.value)
        self.next_session = NextSession(
            self.session,
            self.roster,
            self.recorder,
            planner=self.planner,
            programs=self.programs,
            changed=self._dispatch,
        )
        self.connection = ConnectionManager(hass, entry, self.options, listener=self, clock=clock.monotonic)
        self.link = self.connection.link
        self.announcer = Announcer(
            hass, entry, self.options.announcer, self.options.tts, scene=self.scene, clock=clock.monotonic
        )
        unattended = UnattendedCountdown(self.session, self.announcer, clock.monotonic)
        self._builder = SnapshotBuilder(
            self.session,
            connection=self.connection,
            recorder=self.recorder,
            selection=self.next_session,
            clock=clock,
        )
        self.checks = CheckResults(
            hass, entry, self.session, self._entry_store, self.connection, clock=clock, applied=self.roster.notify
        )
        self.runner = SessionRunner(
            hass,
            self.connection.name,
            self.session,
            connection=self.connection,
            recorder=self.recorder,
            selection=self.next_session,
            unattended=unattended,
            clock=clock,
            prepare=self._apply_settings,
            publish=self._after_dispatch,
        )
        self.events = self.runner.events
        self.files = SessionFileKeeper(hass, entry, self.roster, self.options.kept_files, tell=self.events.notify)
        for part in (
            self.announcer,
            self.recorder,
            self._builder,
            self.checks,
            CommandMismatchIssue(hass, entry),
            StopFailureIssue(hass, entry),
        ):
            self.events.add(part.on_session_event)
        self.control = TreadmillControl(
            hass,
            entry,
            self.runner,
            connection=self.connection,
            selection=self.next_session,
            unattended=unattended,
            entry_store=self._entry_store,
            entity_id=self.entity_id,
            clock=clock,
        )
        self._leaving: asyncio.Task[None] | None = None
        self.data = self._snapshot()
        # Listen before all entities that show walkers, which then find the new snapshot.
        self.roster.async_add_listener(self._dispatch)

    # Start and end

    @callback
    def async_start(self) -> None:
        """Listen for the treadmill, and connect by the owner's policy; returns without waiting."""
        entry, hass = self.config_entry, self.hass
        entry.async_create_background_task(hass, self.link.run(), f"Retrowalk link of {entry.entry_id}")
        seen = bluetooth.async_register_advertisement_callback(hass, lambda _: self.connection.seen(), self.address)
        entry.async_on_unload(seen)
        entry.async_on_unload(entry.add_update_listener(self._async_config_changed))
        self.roster.refresh()
        self.programs.refresh()
        self.checks.show_issue()
        async_tell_console_dead(hass, entry, self._entry_store, applies=self.connection.leaves_early)
        entry.async_on_unload(self.programs.async_add_listener(self.next_session.programs_changed))
        # Home Assistant ends background tasks and Bluetooth before the stop event, so the belt has to stop earlier.
        entry.async_on_unload(hass.async_add_shutdown_job(HassJob(self.async_leave)))
        self.files.async_start()
        self.connection.begin()
        if self.recorder.has_unfinished:
            self.runner.restore_pause()
            self.control.connect()  # regardless of the policy, because somebody may be on the belt

    async def async_leave(self) -> None:
        """Bring a steered belt to rest, then release the treadmill (S14), in little more than 15 s at most."""
        if self._leaving is None:
            # All callers share one task, for example if Home Assistant stops while the entry is unloaded.
            self._leaving = self.hass.async_create_task(self._async_leave(), "Retrowalk leaves")
        await asyncio.shield(self._leaving)

    async def _async_leave(self) -> None:
        try:
            await self.runner.async_wind_down()
        finally:
            self.files.hold()
            try:
                await self.recorder.async_close()
                await self.files.async_close()
            except Exception:
                _LOGGER.exception("Unexpected error saving the session on %s", self.connection.name)
            await self.link.close()

    @override
    async def _async_update_data(self) -> Snapshot:
        """Return the present snapshot for `homeassistant.update_entity`; nothing is polled."""
        return self._snapshot()

    # Reports of the machine, its link and the house

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self.fields.update(telemetry)
        self.runner.feed(telemetry)

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.runner.on_machine_event(event)

    @override
    def on_link(self, state: LinkState) -> None:
        self.runner.on_link(state)
        if self.link.driver is not None and (learned := self._entry_store.updated_data(self.link.driver)) is not None:
            # Apply it at once, not only with the reload: a check run releases only the firmware that it tested (S9).
            self.checks.apply(learned)
            self.hass.config_entries.async_update_entry(self.config_entry, data=learned)

    @callback
    def on_guard(self, name: str, on: bool | None) -> None:
        """Handle a guard that is on, off, or unknown (None) (S17)."""
        self.session.on_guard(name, on=on, now=self.clock.monotonic())
        self._dispatch()

    @callback
    def on_occupancy(self, on: bool | None) -> None:
        """Handle whether somebody is on the belt; None means unknown."""
        self.session.on_occupancy(on, self.clock.monotonic())
        self._dispatch()

    # State for entities, announcements and the dashboard

    def entity_id(self, domain: str, key: str) -> str | None:
        """Return the ID of one of the treadmill's entities, by the key of its description."""
        return er.async_get(self.hass).async_get_entity_id(domain, DOMAIN, f"{format_mac(self.address)}_{key}")

    @property
    def link_state(self) -> LinkState:
        """Return the present state of the link."""
        return self.link.state

    @property
    def reading(self) -> Reading | None:
        """Return what was read from the machine on the present link."""
        driver = self.link.driver
        return None if driver is None else Reading(driver.info, driver.stated, driver.quirks)

    def scene(self) -> Scene:
        """Return the values that a phrase may contain."""
        session, walker = self.session, self.next_session.walker
        return Scene(
            direction=session.direction,
            state=session.state,
            walker=walker.name if walker else None,
            moving_time=session.moving_time,
            safety_key=self.options.safety_key,
            rail=self.options.rail,
            first_walk=self.next_session.program == FIRST_WALK,
        )

    def remaining(self, present: Target | None) -> RemainingSession | None:
        """Return the rest of the session with the belt at `present`, or None if it is unknown."""
        return remaining_session(self.session, present)

    async def async_program_preview(self) -> Preview | None:
        """Return what comes of the program that was made ready; None without a program."""
        program, limits = self.session.program, self.session.limits
        # The executor steps through all of it, up to two hours.
        job = self.hass.async_add_executor_job
        return None if program is None else await job(preview, program.program, limits)

    def damaged(self, reminders: Iterable[str]) -> dict[str, list[str]]:
        """Return the names of unreadable data by owner, without sessions."""
        found = {
            self.name: [*self.options.damaged, *self.programs.damaged, *reminders],
            **{walker.name: [*walker.damaged] for walker in self.roster.walkers.values()},
        }
        if self.recorder.damaged is not None:
            found[self.name].append(self.recorder.damaged)
        return found

    @property
    def in_use(self) -> bool:
        """Return whether a session is prepared, under way, or not saved yet."""
        return not self.runner.quiet or self.recorder.has_unsaved

    # Dispatch and publish

    @callback
    def _dispatch(self) -> None:
        self.runner.dispatch()

    @callback
    def save_check(self, check: CheckRun, firmware: str | None, units: MachineUnits) -> None:
        """Save the result of a check run of this firmware, which found these units; it applies at once."""
        self.checks.save(check, firmware, self.connection.calibration.with_units(units))
        self._dispatch()

    @callback
    def end_first_run(self) -> None:
        """Remember that nothing is left to do after the set-up, or that nobody wants to hear of it."""
        self._entry_store.save({CONF_FIRST_RUN: False})
        self.roster.notify()

    @callback
    def _apply_settings(self) -> None:
        """Withdraw a ready session that settings saved in the meantime would change (S1)."""
        session, entry = self.session, self.config_entry
        if session.state not in _NOT_BEGUN:
            return
        options, walker = Options.read(entry.options), session.walker
        gone = walker is not None and walker not in self.roster.walkers
        if options.starts_like(self.options) and not gone:
            return
        now = self.clock.monotonic()
        rules = rules_of(entry.data, options)
        session.apply_rules(replace(rules, control_lock=session.rules.control_lock))
        session.tick(now)
        session.withdraw(now, reason=EndReason.SETTINGS_CHANGED)  # if the rules did not end it already

    @callback
    def _after_dispatch(self) -> None:
        """Update what depends on the session's state, and publish the snapshot."""
        if self.checks.follow():
            self._dispatch()
        self.knee.follow()
        self.result.follow(self.recorder.meter)
        runner = self.runner
        settled = runner.quiet and not self.session.start_may_follow(self.clock.monotonic())
        # A reload disturbs nobody now, no belt will move, and the reason why a session ended has been announced.
        if settled and not runner.leaving and not self.announcer.busy:
            self._entry_store.reload_if_wanted()
        watched = (
            self._entry_store.wants_reload
            or self.link.state is not LinkState.RELEASED
            or self.session.state is not SessionState.IDLE
        )
        runner.set_ticking(on=watched and not runner.leaving)
        self.publish()

    @callback
    def publish(self) -> None:
        """Publish a new snapshot if it differs from the last."""
        snapshot = self._snapshot()
        if snapshot != self.data:
            self.async_set_updated_data(snapshot)

    def _snapshot(self) -> Snapshot:
        return self._builder.build(self.runner.telemetry)

    @callback
    def config_changed(self) -> None:
        """Handle changed settings, walkers or programs; only settings need a reload, which waits for walkers (S14)."""
        self.roster.refresh()
        self.programs.refresh()
        self._entry_store.on_entry_changed()
        self._dispatch()

    async def _async_config_changed(self, _: HomeAssistant, __: ConfigEntry) -> None:
        self.config_changed()
