"""A session on a virtual treadmill without radio or clock: commands are executed and reported."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from custom_components.retrowalk.machine.ftms.codec import encode_pause, encode_start, encode_stop, encode_target_speed
from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.simulator.control_point import ControlPoint
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Rules
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import SessionState

SPEEDS = ValueRange(1.0, 12.0, 0.1)
INCLINES = ValueRange(0.0, 15.0, 0.5)


def rules(**changes: Any) -> Rules:
    owner = changes.pop("owner", OwnerLimits())
    speed, incline = changes.pop("speed", SPEEDS), changes.pop("incline", INCLINES)
    capabilities = Capabilities(speed_range=speed, incline_range=incline, can_start_and_stop=True)
    return replace(Rules(control=True, owner=owner, capabilities=capabilities), **changes)


class SessionRun:
    """Run a session and its treadmill in virtual time, and keep the commands and events with their times."""

    def __init__(self, its_rules: Rules | None = None, *, linked: bool = True, **profile: Any) -> None:
        its_rules = its_rules or rules()
        capabilities = its_rules.capabilities
        self.treadmill = VirtualTreadmill(
            Profile(speed=capabilities.speed_range or SPEEDS, incline=capabilities.incline_range, **profile)
        )
        self.treadmill.listener = self.handle_machine_event
        self.faults = Faults(control_not_needed=True)  # how the machine handles stop steps
        self.control_point = ControlPoint(self.treadmill, self.faults)
        self.session = SessionController(its_rules)
        self.now = 1000.0
        self.sent: list[tuple[float, Command]] = []
        self.emitted: list[tuple[float, SessionEvent]] = []
        self.linked = False
        self.muted = False  # no telemetry arrives
        self.obeys = True  # commands are executed
        self.reports_refusals = False  # it reports that it declines a command
        self.ignores_stop = False  # it accepts a stop, but the belt keeps running
        self.on_second_start: Callable[[], object] = lambda: None  # effect of a start on a moving belt
        self.meter_length = 1.0  # true meters that it counts as one
        self.reports_events = True
        self.reports_countdown = True
        self.true_speed = False  # it reports km/h, whatever its console shows
        self.speed_noise: Callable[[], float] = lambda: 0.0  # error (km/h) of the reported speed of a moving belt
        self.training_status: Callable[[VirtualTreadmill], str | None] = lambda _: None
        self.reports: dict[str, Any] = {}  # values to add or replace in its reports
        self.start_lag = 0.0  # s by which a start arrives late
        self._late_start: float | None = None
        if linked:
            self.link(up=True)
            self.go(3)

    @property
    def state(self) -> SessionState:
        return self.session.state

    @property
    def command_kinds(self) -> list[CommandKind]:
        return [command.kind for _, command in self.sent]

    @property
    def speeds(self) -> list[tuple[float, float]]:
        return [(when, command.value or 0.0) for when, command in self.sent if command.kind is CommandKind.SET_SPEED]

    @property
    def inclines(self) -> list[tuple[float, float]]:
        return [(when, command.value or 0.0) for when, command in self.sent if command.kind is CommandKind.SET_INCLINE]

    @property
    def event_kinds(self) -> list[SessionEventKind]:
        return [event.kind for _, event in self.emitted]

    def data(self, kind: SessionEventKind) -> dict[str, Any]:
        return dict(next(event.data for _, event in reversed(self.emitted) if event.kind is kind))

    def clear_log(self) -> None:
        self.sent.clear()
        self.emitted.clear()

    # Time and the machine.

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            self.treadmill.step(dt)
            self.now += dt
            if self._late_start is not None and self.now >= self._late_start:
                self._late_start = None
                self.treadmill.start()
            if self.linked and not self.muted:
                self.control_point.rest_reported = self.treadmill.at_rest
                self.session.observe(self.telemetry(), self.now)
            else:
                self.session.tick(self.now)
            self.collect()

    def telemetry(self, **changes: Any) -> Telemetry:
        treadmill = self.treadmill
        speed = self.reported_speed
        belt = BeltState.MOVING if speed > 0 else BeltState.AT_REST
        if treadmill.phase is Phase.COUNTDOWN and self.reports_countdown and speed == 0:
            belt = BeltState.COUNTDOWN
        reported = Telemetry(
            received=self.now,
            belt=belt,
            speed=speed,
            incline=None if (told := treadmill.reported_incline) is None else round(told, 1),
            distance=int(treadmill.distance / self.meter_length),
            elapsed_time=int(treadmill.elapsed),
            training_status=self.training_status(treadmill),
        )
        return reported._replace(**{**self.reports, **changes})

    @property
    def reported_speed(self) -> float:
        treadmill = self.treadmill
        speed = treadmill.speed if self.true_speed else treadmill.reported_speed
        if treadmill.at_rest:
            return round(speed, 2)
        return round(max(speed + self.speed_noise(), 0.01), 2)

    def report(self, **changes: Any) -> None:
        """Pass the session one report with these changes."""
        self.session.observe(self.telemetry(**changes), self.now)
        self.collect()

    def handle_machine_event(self, event: MachineEvent) -> None:
        if self.linked and self.reports_events:
            self.session.on_machine_event(event, self.now)
            self.collect()

    def event(self, kind: MachineEventKind, value: float | None = None) -> None:
        self.session.on_machine_event(MachineEvent(kind, value), self.now)
        self.collect()

    def link(self, *, up: bool) -> None:
        self.linked = up
        self.session.on_link(up=up, now=self.now)
        self.collect()

    def fail_command(self, kind: CommandKind, value: float | None = None) -> None:
        self.session.on_command_failed(Command(kind, value), self.now)
        self.collect()

    def collect(self) -> None:
        for output in self.session.drain():
            if isinstance(output, SessionEvent):
                self.emitted.append((self.now, output))
                continue
            self.sent.append((self.now, output))
            if self.linked and self.obeys:
                accepted = self._do(output)
                if accepted:
                    self.session.on_command_done(output, self.now)
                elif self.reports_refusals or output.stops or output.kind is CommandKind.PAUSE:
                    self.session.on_command_failed(output, self.now, declined=True)
                self.collect()
            elif self.linked and output.kind in {CommandKind.SET_SPEED, CommandKind.SET_INCLINE}:
                self.session.on_command_done(output, self.now)  # accepted, and ignored

    def _stop(self, command: Command) -> bool:
        """Execute a stop step; return whether the machine accepts it."""
        match command:
            case Command(CommandKind.STOP):
                self._late_start = None if self.start_lag == 0 else self._late_start
                data = encode_stop()
            case Command(CommandKind.PAUSE):
                data = encode_pause()
            case _:
                assert command.kind is CommandKind.SET_SPEED
                assert command.value is not None
                assert self.treadmill.phase is not Phase.COUNTDOWN, "S8: a target speed in the machine's countdown"
                assert self.treadmill.speed > 0, "S8: a target speed before the belt moves"
                data = encode_target_speed(command.value)
        return self.control_point.execute(data) is ResultCode.SUCCESS

    def _do(self, command: Command) -> bool:
        """Execute a command; return whether the machine accepts it."""
        treadmill = self.treadmill
        match command:
            case _ if command.stops and self.ignores_stop:
                pass
            case _ if command.stops:
                return self._stop(command)
            case Command(CommandKind.END_SESSION):
                assert treadmill.at_rest, "S12: the session of a moving belt was ended"
                if self.control_point.execute(encode_stop()) is not ResultCode.SUCCESS:
                    self.session.on_command_failed(command, self.now)
                    return False
            case Command(CommandKind.PAUSE):
                return self.control_point.execute(encode_pause()) is ResultCode.SUCCESS
            case Command(CommandKind.START) if self.start_lag:
                self._late_start = self.now + self.start_lag
            case Command(CommandKind.START):
                assert treadmill.speed == 0, "S8: a moving belt was started"
                return self.control_point.execute(encode_start()) is ResultCode.SUCCESS
            case Command(CommandKind.START_AGAIN):
                assert self.state is SessionState.CHECKING, "S8: a moving belt was started in use"
                assert treadmill.speed > 0
                self.on_second_start()
            case Command(CommandKind.SET_SPEED, float() as speed):
                assert treadmill.phase is Phase.RUNNING, "S8: a target speed before the belt moves"
                assert treadmill.set_speed(speed) is ResultCode.SUCCESS
            case Command(CommandKind.SET_INCLINE, float() as incline):
                assert treadmill.speed > 0, "S18: the deck of a resting belt was moved"
                assert treadmill.set_incline(incline) is ResultCode.SUCCESS
        return True

    # Requests.

    def start_check(self, *, caller: Caller = Caller.PERSON, second_start: bool = True, pause: bool = True) -> CheckRun:
        check = self.session.start_check(self.now, caller=caller, second_start=second_start, pause=pause)
        self.collect()
        return check

    def start(self, *, caller: Caller = Caller.PERSON) -> None:
        self.session.start(self.now, caller=caller)
        self.collect()

    def pause(self) -> None:
        self.session.pause(self.now)
        self.collect()

    def resume(self, *, caller: Caller = Caller.PERSON) -> None:
        self.session.resume(self.now, caller=caller)
        self.collect()

    def stop(self) -> None:
        self.session.stop(self.now)
        self.collect()

    def wind_down(self) -> None:
        self.session.wind_down(self.now)
        self.collect()

    def count_down(self) -> None:
        """Make a session ready and confirm it."""
        self.start()
        self.start()
        assert self.state is SessionState.COUNTDOWN

    def begin(self) -> None:
        """Begin a steered session, up to the belt at its minimum."""
        self.count_down()
        self.go(15 if self.session.direction is Direction.BACKWARD else 5)
        assert self.state is SessionState.STARTING
        self.go(12)
        assert self.state is SessionState.WARM_UP

    def skip_warm_up(self) -> None:
        """End the warm-up and enter the main part."""
        assert self.session.plan is not None
        self.session.plan.end_warm_up(self.session.moving_time)
        self.go(0.5)
        assert self.state is SessionState.ACTIVE

    def paused(self) -> None:
        self.begin()
        self.pause()
        self.go(8)
        assert self.state is SessionState.PAUSED
        assert self.treadmill.at_rest
