"""A session on one personality of the virtual treadmill, byte by byte and in virtual time, judged by its true belt.

Everything between the treadmill's GATT server and the session is the product's own: its driver reads, decodes and
writes, its check run decides what is released. There is no Home Assistant and no radio, so that a whole story (a check
run, a backward session with a pause, a stop) takes a second.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, override

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_INFO, CONF_QUIRKS
from custom_components.retrowalk.machine.bluetooth.catalogue import driver_for
from custom_components.retrowalk.machine.calibration import CalibratedDriver, Calibration
from custom_components.retrowalk.machine.driver import Driver, Listener
from custom_components.retrowalk.machine.errors import (
    MachineError,
    SupersededError,
    is_refusal,
)
from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEvent, Telemetry, Unit
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.check.unit_finding import find_units
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Rules
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from custom_components.retrowalk.treadmill.check_result import (
    StoredCheck,
    calibration_of,
    next_run,
    rules_of,
)
from custom_components.retrowalk.treadmill.options import ControlPolicy, Options
from custom_components.retrowalk.treadmill.quirks import stored_quirks
from tests.support.driver_bench import VirtualConnection
from tests.support.true_belt import TrueBelt
from tests.support.virtual_loop import VirtualLoop

OPTIONS = Options(control=ControlPolicy.CONTROL, safety_key=True, rail=True)
"""What its owner chose."""
STEP = 0.2
"""Seconds of virtual time."""
KEPT = 60.0
"""Seconds for which a stop waits for the link."""
RECONNECTS = 3.0
MOST_RUNS = 4
"""Check runs until one shows everything: each may leave out one thing more."""


class _DroppableConnection(VirtualConnection):
    """A connection whose driver may give it up, as it may the product's."""

    @override
    def drop(self, reason: str) -> None:
        super().drop(reason)
        asyncio.get_running_loop().call_soon(self.peripheral.drop_link)


class PersonalityRun(Listener):
    """One machine, its driver, one session and one person."""

    def __init__(self, personality: Personality) -> None:
        self.personality = personality
        self.loop = VirtualLoop()
        self.peripheral = personality.make_peripheral(virtual_address(9))
        self.treadmill = self.peripheral.treadmill
        self.driver: Driver | None = None
        self.data: dict[str, Any] = {}
        """What an entry keeps of the machine."""
        self.session = SessionController(Rules(control=True))
        self.sent: list[tuple[float, Command]] = []
        self.emitted: list[tuple[float, SessionEvent]] = []
        self.telemetry: list[Telemetry] = []
        self.log: list[str] = []
        self.linked = self._opening = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: tuple[float, Command] | None = None
        self._next_tick = self.now
        self._connect_at: float | None = None
        self._unanswered: set[str] = set()
        self.judge = self.make_judge()
        self.do(self._connect)
        self.go(4)

    def make_judge(self) -> Any:
        """Return who judges it."""
        return TrueBelt(self)

    # Time

    @property
    def now(self) -> float:
        """Monotonic seconds."""
        return self.loop.now

    @property
    def state(self) -> SessionState:
        return self.session.state

    @property
    def told(self) -> list[SessionEventKind]:
        return [event.kind for _, event in self.emitted]

    def go(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, at most until something is so."""
        for _ in range(round(seconds / STEP)):
            if until():
                return
            self.loop.now = round(self.now + STEP, 3)
            self.do(lambda: self.peripheral.step(STEP))
            if self._connect_at is not None and self.now >= self._connect_at:
                self._connect_at = None
                self.do(self._connect)
            if self.now >= self._next_tick:
                self._next_tick += 1.0
                self.do(lambda: self.session.tick(self.now))
            self.judge.watch()

    def do(self, work: Callable[[], object]) -> None:
        """Do something in the event loop, send what the session makes of it, and let everything follow."""

        def act() -> None:
            work()
            self._collect()

        self.loop.do(act)

    def end(self) -> None:
        """Take everything down."""
        if self.driver is not None:
            self.driver.close()
        for task in self._tasks:
            task.cancel()
        self.loop.pump()
        self.loop.close()

    def note(self, text: str) -> None:
        self.log.append(f"{self.now - 1000:7.1f} {self.state.value:11} {self.treadmill.speed:5.2f} {text}")

    # The link

    def _connect(self) -> None:
        connection = _DroppableConnection(self.peripheral, self.peripheral.name)
        connection.lost = self._lost
        connection.unanswered = self._unanswered
        driver = CalibratedDriver(
            lambda listener: driver_for(connection, listener, lambda: self.now),
            self,
            self.calibration,
        )
        kept = self._kept[1] if self._kept is not None and self.now - self._kept[0] < KEPT else None
        self._kept = None
        self.driver = driver

        async def open_it() -> None:
            self._opening = True
            try:
                await driver.open(stop_first=kept)
            except MachineError as error:  # what is torn on its way may look like no treadmill
                self._opening = False
                self.note(f"no link: {error}")
                self.not_opened(kept)
                return
            self.data |= {CONF_INFO: driver.info.as_dict(), CONF_CAPABILITIES: driver.stated.as_dict()}
            self.data[CONF_QUIRKS] = stored_quirks(driver.quirks)
            self.session.apply_rules(rules_of(self.data, OPTIONS))
            self.linked, self._opening = True, False
            self.note("link up")
            self.session.on_link(up=True, now=self.now)
            if kept is not None and driver.stop_accepted:
                self.session.on_command_done(kept, self.now)
            self._collect()

        self._spawn(open_it())

    def calibration(self) -> Calibration:
        """Return what the entry keeps of the machine's measures."""
        return calibration_of(self.data, OPTIONS)

    def not_opened(self, kept: Command | None) -> None:
        """Handle a link that did not come up; the stop that it should have begun with waits on."""
        if kept is not None and self._kept is None:
            self._kept = self.now, kept
        self.peripheral.drop_link()

    def _lost(self) -> None:
        self.note("link lost")
        self.linked = self._opening = False
        self._connect_at = self.now + RECONNECTS
        assert self.driver is not None
        self.driver.close()
        self.session.on_link(up=False, now=self.now)
        self._collect()

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        telemetry = self.session.judge(telemetry)
        self.telemetry.append(telemetry)
        self.session.observe(telemetry, self.now)
        self._collect()

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.note(f"machine {event.kind.value} {event.value}")
        self.session.on_machine_event(event, self.now)
        self._collect()

    def _spawn(self, work: Any) -> None:
        task = asyncio.Task(work, loop=self.loop, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.judge.failure = self.judge.failure or error

    # What the session says

    def _collect(self) -> None:
        for output in self.session.drain():
            if isinstance(output, SessionEvent):
                self.note(f"told {output.kind.value} {dict(output.data)}")
                self.emitted.append((self.now, output))
                self.judge.on_event(output)
            else:
                self.note(f"sent {output.kind.value} {output.value}{' urgent' if output.urgent else ''}")
                self.sent.append((self.now, output))
                self.judge.on_command(output)
                self._spawn(self._execute(output))

    async def _execute(self, command: Command) -> None:
        if command.stops and not self.linked:
            self._keep(command)
        if not self.linked and not (command.stops and self._opening):
            self.session.on_command_failed(command, self.now, declined=False)
            self._collect()
            return
        assert self.driver is not None
        try:
            await self.driver.execute(command)
        except SupersededError:
            self.session.on_command_superseded(command)
            return
        except MachineError as error:
            self.note(f"{command.kind.value} failed: {error}")
            declined = is_refusal(error, of_stop=command.stops)
            self.failed(command, declined=declined)
            if command.stops and not declined and (self.linked or self._opening):
                self._keep(command)
                self.loop.call_soon(self.peripheral.drop_link)  # a new link has no past
            self.session.on_command_failed(command, self.now, declined=declined)
        else:
            self._kept = None if command.stops else self._kept
            self.session.on_command_done(command, self.now)
        self._collect()

    def _keep(self, command: Command) -> None:
        """Keep a stop that could not be delivered for the next link, as the product's link does."""
        self._kept = self.now, Command(CommandKind.STOP) if command.kind is CommandKind.SET_SPEED else command

    def failed(self, command: Command, *, declined: bool) -> None:
        """Handle a command that came to nothing."""

    # What a person does

    def check(self) -> CheckRun:
        """Run the check run, again where it left something out, and read the console as its dialog asks."""
        self.treadmill.occupied = False
        for _ in range(MOST_RUNS):
            tries = next_run(OPTIONS.quirks, self.data)
            check = self._one_check(tries)
            self.go(20)  # a belt has just stopped
            if check.failure is None or next_run(OPTIONS.quirks, self.data) == tries:
                break
        self.treadmill.occupied = True
        return check

    def _one_check(self, tries: Mapping[str, bool]) -> CheckRun:
        self.note(f"ACT check run, {tries}")
        self.do(lambda: self.session.start_check(self.now, caller=Caller.PERSON, **tries))
        check = self.session.check
        assert check is not None
        shown: float | None = None
        for _ in range(round(400 / STEP)):
            if check.phase is CheckPhase.OVER or self.session.check is None:
                break
            self.go(STEP)
            if check.phase is CheckPhase.HOLD:
                shown = round(self.treadmill.console_speed, 1)
        calibration = calibration_of(self.data, OPTIONS)
        if check.failure is None:
            unit = Unit.KILOMETERS if self.treadmill.kmh_per_unit == 1.0 else Unit.MILES
            found = find_units(check.result, shown, unit, present=check.units)
            if isinstance(found, Failure):
                check.fail(found)
            else:
                calibration = calibration.with_units(found)
        if check.failure is None or check.failure.blames_machine:
            stored = StoredCheck(
                failure=check.failure,
                firmware=None if self.driver is None else self.driver.info.firmware or self.driver.info.software,
                at=datetime(2026, 11, 1, 12, tzinfo=UTC),
                findings=check.result.understood(check.units, calibration.units),
                calibration=calibration,
            )
            self.data[CONF_CHECK] = stored.as_dict()
            self.do(lambda: self.session.apply_rules(rules_of(self.data, OPTIONS)))
        self.note(f"check run over: {check.failure} {check.result}")
        return check

    def start(self, length: float = 240.0) -> None:
        """Make a backward session ready and confirm it; raises RefusedError."""
        self.note("ACT start")
        request = SessionRequest(length=length)
        self.do(lambda: self.session.prepare(self.now, caller=Caller.PERSON, request=request))
        self.go(3)
        self.confirm()

    def confirm(self) -> None:
        """Confirm what is ready; raises RefusedError."""
        self.note("ACT confirm")
        self.do(lambda: self.session.start(self.now, caller=Caller.PERSON))

    def set_speed(self, kmh: float) -> None:
        self.note(f"ACT speed {kmh}")
        self.do(lambda: self.session.set_speed(kmh, caller=Caller.PERSON))

    def set_incline(self, percent: float) -> None:
        self.note(f"ACT incline {percent}")
        self.do(lambda: self.session.set_incline(percent, caller=Caller.PERSON))

    def pause(self) -> None:
        self.note("ACT pause")
        self.do(lambda: self.session.pause(self.now))

    def resume(self) -> None:
        self.note("ACT resume")
        self.do(lambda: self.session.resume(self.now, caller=Caller.PERSON))

    def stop(self) -> None:
        self.note("ACT stop")
        self.judge.before_stop()
        self.do(lambda: self.session.stop(self.now))
        self.judge.after_stop()

    def at_rest(self) -> bool:
        return self.treadmill.at_rest and self.treadmill.phase is not Phase.COUNTDOWN

    def over(self) -> bool:
        return self.at_rest() and self.state in BETWEEN_SESSIONS
