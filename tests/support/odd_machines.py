"""Odd machines, failures and impatient people in virtual time, judged by the true belt (S2-S7, S10, S12, S13, S17).

A `Scenario` describes the machine, its faults, and the actions of people with their times. `play` plays it and raises
`RuleBrokenError` with the name of the rule. Only the true movement of the belt and the actual outputs are judged.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from custom_components.retrowalk.machine.calibration import Calibration, StatedUnits
from custom_components.retrowalk.machine.ftms import codec
from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    Telemetry,
    Unit,
    ValueRange,
)
from custom_components.retrowalk.simulator.control_point import ControlPoint
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from custom_components.retrowalk.training.events import SessionEvent
from custom_components.retrowalk.training.limits import Direction, Measured, OwnerLimits
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller, RefusedError
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import AT_REST, BETWEEN_SESSIONS, STEERING, SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.machine_judge import NEARLY, STEP, TICK, Judge
from tests.support.program_run import program
from tests.support.session_run import rules

ON_BELT = (
    "overshoot",
    "starts_at",
    "least_speed",
    "below_least",
    "coarse_steps",
    "resumes_at_last_speed",
    "starts_at_last_speed",
    "resume_delay",
    "deaf_after_start",
    "keeps_session_in_pause",
    "starts_only_anew",
    "speed_noise",
    "repeats_last_speed_at_rest",
    "snaps_to_speed_at_rest",
    "counters_frozen_without_walker",
    "clock_runs_in_pause",
    "stops_after",
    "ignore_incline",
    "coarse_inclines",
    "coarse_inclines_up",
    "declines_fine_inclines",
    "incline_stuck_at",
    "incline_late",
    "incline_remembered",
    "no_incline_reported",
    "reports_target_incline",
    "deck_drifts",
)
"""Faults of the treadmill itself."""
IN_REPORTS = ("training_status_idle_while_moving", "pre_workout_at_rest", "no_counters", "coarse_distance")
HILLY = program(
    {"seconds": 60, "speed": 1.5},
    {"seconds": 40, "speed": {"from": 1.5, "to": 2.5}},
    {"seconds": 40, "incline": 1},
    {"repeat": 2, "steps": [{"seconds": 30, "speed": 2.5}, {"seconds": 45, "speed": 1.0, "incline": 0}]},
)
PLAIN = program({"seconds": 40}, {"seconds": 120, "speed": 2.0}, {"seconds": 60, "speed": 1.0})
PROGRAMS = (None, HILLY, PLAIN)


@dataclass(frozen=True)
class Scenario:
    """A machine and the actions that happen to it."""

    speed: tuple[float, float] = (1.0, 0.1)  # minimum and step
    incline: tuple[float, float] | None = None  # the same
    profile: dict[str, float] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)  # faults of the simulator
    radio: dict[str, Any] = field(default_factory=dict)  # interval, jitter, burst, delay, mute, lose, ignore, silent
    house: dict[str, Any] = field(default_factory=dict)  # the owner's rules
    request: dict[str, Any] = field(default_factory=dict)
    acts: tuple[tuple[float, str, Any], ...] = ()  # seconds, action, argument
    units: str = "kilometers"  # of the machine, known since its check run
    program: Program | None = None  # instead of one of PROGRAMS


class World:
    """One machine, one session, the radio between them, and the people."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        low, step = scenario.speed
        stated = ValueRange(low, round(low + step * int(11 / step), 2), step)
        self.stated = Capabilities(speed_range=stated)
        self.calibration = StatedUnits(scenario.units).calibration or Calibration()
        self.speeds = self.calibration.capabilities(self.stated).speed_range or stated
        deck = scenario.incline
        self.deck = None if deck is None else ValueRange(deck[0], deck[0] + 15.0, deck[1])
        self.owner = OwnerLimits(**scenario.house.get("owner", {}))
        options = dict(scenario.house.get("measured", {}))
        measured = Measured(stop_step=StopStep(options.pop("stop_rung", "stop")), **options)
        self.session = SessionController(
            rules(
                speed=self.speeds,
                incline=self.deck,
                owner=self.owner,
                measured=measured,
                units=self.calibration.units,
                control=scenario.house.get("control", True),
                guard_stops=scenario.house.get("guard_stops", False),
            )
        )
        self.treadmill = VirtualTreadmill(Profile(speed=stated, incline=self.deck, **scenario.profile))
        self.treadmill.kmh_per_unit = self.calibration.takes.factor
        self.treadmill.reported_in = self.calibration.tells.factor if scenario.units != "kilometers" else None
        self.treadmill.listener = self._at_machine
        self.faults = Faults(control_not_needed=True)
        self.faults.update(scenario.faults)
        for name in ON_BELT:
            if name in scenario.faults:
                setattr(self.treadmill, name, scenario.faults[name])
        self.control_point = ControlPoint(self.treadmill, self.faults)
        self.radio = {"interval": 1.0, "jitter": 0.0, "burst": 1, "delay": 0.05, "mute": False, "lose": 0.0} | dict(
            scenario.radio
        )
        self.random = Random(repr(sorted(self.radio.items())))
        self.now = 1000.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.air = False  # whether the radio is in range
        self.linked = False  # whether the link reports a connection
        self.gone_until: float | None = None
        self.kept_until = float("-inf")  # time until which a stop waits for the link
        self.kept = Command(CommandKind.STOP)
        self.busy = 0  # pending commands other than stops
        self.waiting: list[Command] = []
        self.generation = 0  # generation of the commands that a stop cancels
        self.frames: list[Telemetry] = []
        self.next_report = self.now
        self.next_tick = self.now
        self.last_report = float("-inf")  # time of the newest report that arrived
        self.log: list[str] = []
        self.sent: list[tuple[float, Command]] = []
        self.emitted: list[tuple[float, SessionEvent]] = []
        self.acts: list[tuple[float, str]] = []
        self.judge = Judge(self)
        self.odometer_base = (0.0, 0.0)
        self.connect()

    # Time

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._order), action))

    def go(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.treadmill.step(STEP)
            self.now = round(self.now + STEP, 3)
            while self._due and self._due[0][0] <= self.now + NEARLY:
                heapq.heappop(self._due)[2]()
            if self.gone_until is not None and self.now >= self.gone_until:
                self.connect()
            self._report()
            if self.now >= self.next_tick:
                self.next_tick += TICK
                self.session.tick(self.now)
                self.collect()
            self.judge.judge_state()

    # The radio

    def connect(self) -> None:
        self.air, self.gone_until = True, None
        if self.linked:
            return  # it was too short to be noticed
        self.linked = True
        if self.now < self.kept_until:
            self.kept_until = float("-inf")
            stop = self.kept
            self.after(0.2, lambda: self._execute_kept(stop))
        self.session.on_link(up=True, now=self.now)
        self.note("link up")
        self.collect()

    def _execute_kept(self, command: Command) -> None:
        if self.air:
            self._execute(command)

    def lose(self, seconds: float, noticed: float) -> None:
        """Interrupt the radio for this long; the loss is noticed later, if it still lasts then."""
        self.note(f"air lost for {seconds}")
        self.air = False
        self.gone_until = self.now + seconds
        self.frames.clear()
        self.judge.link_lost = self.now

        def notice() -> None:
            if not self.air and self.linked:
                self.unlink()

        self.after(noticed, notice)

    def unlink(self) -> None:
        self.linked = False
        self.generation += 1
        self.busy, self.waiting = 0, []
        self.note("link down")
        self.session.on_link(up=False, now=self.now)
        self.collect()

    def _report(self) -> None:
        radio = self.radio
        if self.now < self.next_report:
            return
        jitter = radio["jitter"]
        self.next_report = self.now + radio["interval"] * (1.0 + self.random.uniform(-jitter, jitter))
        if not self.air or not self.linked:
            self.frames.clear()
            return
        silent = radio.get("silent")
        if silent is not None and self.judge.rested > silent:
            return
        self.control_point.rest_reported = self.treadmill.at_rest
        self.frames.append(self.telemetry())
        if len(self.frames) < radio["burst"]:
            return
        frames, self.frames = self.frames, []
        for frame in frames:
            if self.random.random() < radio.get("drop", 0.0):
                self.judge.report_lost = self.now
                continue
            self.last_report = self.now
            self.session.observe(frame._replace(received=self.now), self.now)
            self.collect()

    def telemetry(self) -> Telemetry:
        treadmill, faults = self.treadmill, self.faults
        speed = round(treadmill.reported_speed, 2)
        status: str | None = {
            Phase.IDLE: "idle",
            Phase.COUNTDOWN: "pre_workout",
            Phase.RUNNING: "manual_mode",
            Phase.PAUSED: "idle",
        }[treadmill.phase]
        if faults.training_status_idle_while_moving:
            status = "idle"
        if faults.pre_workout_at_rest and treadmill.at_rest:
            status = "pre_workout"
        if faults.no_status:
            status = None
        belt = BeltState.MOVING if speed > 0 else BeltState.AT_REST
        if speed == 0 and status == "pre_workout":
            belt = BeltState.COUNTDOWN
        grain = faults.coarse_distance or 1.0
        wrap = self.radio.get("wrap", 1e9)
        counters: dict[str, Any] = {}
        if not faults.no_counters:
            counters = {
                "distance": int(treadmill.distance / self.calibration.counts.factor // grain * grain % wrap),
                "elapsed_time": int(treadmill.elapsed % wrap),
                "energy": int(treadmill.energy),
            }
        told = treadmill.reported_incline
        incline = None if told is None else round(told, 1)
        return self.calibration.telemetry(
            Telemetry(received=self.now, belt=belt, speed=speed, incline=incline, training_status=status, **counters)
        )

    @property
    def kmh_per_told(self) -> float:
        """What the belt does (km/h) for each km/h that it is told; not 1 once its console was switched."""
        return self.treadmill.kmh_per_unit / self.calibration.takes.factor

    def _at_machine(self, event: MachineEvent) -> None:
        if self.faults.no_status or not self.air or not self.linked:
            return

        def report() -> None:
            if self.air and self.linked:
                self.note(f"status {event.kind.value} {event.value}")
                self.session.on_machine_event(self.calibration.event(event), self.now)
                self.collect()

        self.after(self.radio.get("event_delay", 0.0), report)

    # Commands

    def collect(self) -> None:
        for output in self.session.drain():
            if isinstance(output, SessionEvent):
                self.note(f"told {output.kind.value} {dict(output.data)}")
                self.emitted.append((self.now, output))
                self.judge.judge_event(output)
            else:
                self.note(f"sent {output.kind.value} {output.value}{' urgent' if output.urgent else ''}")
                self.sent.append((self.now, output))
                self.judge.judge_command(output)
                self._send(output)

    def _send(self, command: Command) -> None:
        if command.stops or command.kind is CommandKind.END_SESSION:
            self.generation += 1
            self.busy, self.waiting = 0, []
            if not self.linked:
                self._keep(command)
                self.after(0.0, lambda: self._failed(command))
                return
            self.after(self.radio["delay"], lambda: self._arrive(command))
        elif not self.linked:
            self.after(0.0, lambda: self._failed(command))
        elif self.busy:
            self.waiting.append(command)
        else:
            self._begin(command)

    def _begin(self, command: Command) -> None:
        self.busy += 1
        generation = self.generation
        self.after(self.radio["delay"], lambda: generation == self.generation and self._arrive(command))

    def _keep(self, command: Command) -> None:
        self.kept = Command(CommandKind.STOP) if command.kind is CommandKind.SET_SPEED else command
        self.kept_until = self.now + 60.0

    def _arrive(self, command: Command) -> None:
        generation, radio = self.generation, self.radio
        if not self.air:
            # There is no answer, which ends the link.
            def unreached() -> None:
                if command.stops:
                    self._keep(command)
                    if self.linked and not self.air:
                        self.unlink()
                    elif self.linked:
                        self._send(command)
                        return
                if command.stops or generation == self.generation:
                    self._failed(command)
                    self._next(generation)

            self.after(2.0, unreached)
            return
        lost = self.random.random() < radio["lose"] and self.now < self.judge.luck_from
        if lost:
            self.note(f"{command.kind.value} came to nothing")
            self.judge.bad_luck = self.now
            result = ResultCode.SUCCESS if self.random.random() < 0.5 else ResultCode.OPERATION_FAILED
        else:
            result = self._execute(command)

        def answer() -> None:
            if generation != self.generation and not command.stops and command.kind is not CommandKind.END_SESSION:
                return  # superseded
            if not self.linked or not self.air:
                return
            if result is ResultCode.SUCCESS:
                self.session.on_command_done(command, self.now)
                self.collect()
            else:
                self._failed(command, declined=command.stops)
            self._next(generation)

        if radio["mute"]:  # no indication ever comes
            stops = command.stops
            self.after(0.5 if stops else 3.0, answer if stops else lambda: self._unanswered(command, generation))
        else:
            self.after(radio["delay"], answer)

    def _unanswered(self, command: Command, generation: int) -> None:
        if generation == self.generation and self.linked:
            self._failed(command)
            self._next(generation)

    def _next(self, generation: int) -> None:
        if generation != self.generation:
            return
        self.busy = max(self.busy - 1, 0)
        if self.waiting and not self.busy:
            self._begin(self.waiting.pop(0))

    def _failed(self, command: Command, *, declined: bool = False) -> None:
        self.note(f"{command.kind.value} {'declined' if declined else 'failed'}")
        if command.kind is CommandKind.SET_SPEED:
            self.judge.sent_speed = None  # it keeps its current speed
        self.session.on_command_failed(command, self.now, declined=declined)
        self.collect()

    def _execute(self, command: Command) -> ResultCode:
        match command.kind:
            case CommandKind.STOP | CommandKind.END_SESSION:
                data = codec.encode_stop()
            case CommandKind.PAUSE:
                data = codec.encode_pause()
            case CommandKind.START | CommandKind.START_AGAIN:
                data = codec.encode_start()
            case CommandKind.SET_SPEED:
                data = codec.encode_target_speed(self.calibration.command(command, self.stated).value or 0.0)
            case CommandKind.SET_INCLINE:
                data = codec.encode_target_inclination(command.value or 0.0)
        self.judge.on_command_received(command)
        return self.control_point.execute(data)

    # People

    def act(self, what: str, value: Any) -> None:
        self.note(f"ACT {what} {value}")
        self.acts.append((self.now, what))
        self.judge.before_action(what, value)
        try:
            if not any(
                act(what, value)
                for act in (self._control_session, self._change_target, self._at_home, self._at_the_machine)
            ):
                raise ValueError(what)
        except RefusedError as err:
            self.note(f"refused {err.reason.value}")
        self.collect()
        self.judge.after_action(what)

    def _control_session(self, what: str, value: Any) -> bool:
        """Request a session, its pause or its end; return whether this is such an act."""
        session, now = self.session, self.now
        match what:
            case "start":
                session.start(now, caller=Caller.PERSON, request=self.request())
            case "ready":
                session.prepare(now, caller=Caller.PERSON if value else Caller.UNKNOWN, request=self.request())
            case "robot":
                session.start(now, caller=Caller.AUTOMATION)
            case "pause":
                session.pause(now)
            case "resume":
                session.resume(now, caller=Caller.PERSON)
            case "finish":
                session.finish(now)
            case "stop":
                session.stop(now)
            case _:
                return False
        return True

    def _change_target(self, what: str, value: Any) -> bool:
        """Request other targets; return whether this is such an act."""
        session = self.session
        match what:
            case "set_speed":
                session.set_speed(value, caller=Caller.PERSON)
            case "incline":
                session.set_incline(value, caller=Caller.PERSON)
            case "slow":
                session.slow_down(value)
            case "ramp":
                session.ramp_to(value, None, over=60.0, caller=Caller.PERSON)
            case "skip":
                session.skip_step(caller=Caller.PERSON)
            case _:
                return False
        return True

    def _at_home(self, what: str, value: Any) -> bool:
        """Change something in the home; return whether this is such an act."""
        session, now = self.session, self.now
        match what:
            case "guard":
                session.on_guard("door", on=value, now=now)
            case "lock":
                session.lock(on=value, caller=Caller.PERSON)
            case "rules" if session.state in AT_REST:  # otherwise they are applied later (S14)
                session.apply_rules(replace(session.rules, **value))
            case "rules":
                pass
            case "check":
                self.treadmill.occupied = False
                session.start_check(now, caller=Caller.PERSON)
            case "shutdown":
                session.wind_down(now)
            case _:
                return False
        return True

    def _at_the_machine(self, what: str, value: Any) -> bool:
        """Act at the machine, or let the radio fail; return whether this is such an act."""
        treadmill = self.treadmill
        match what:
            case "lose":
                self.lose(*value)
            case "console_start":
                treadmill.press_start()
            case "console_stop":
                treadmill.press_stop()
            case "console_pause":
                treadmill.press_pause()
            case "console_speed":
                if treadmill.phase is Phase.RUNNING:
                    treadmill.press_speed(treadmill.target_speed + value)
            case "console_incline":
                treadmill.press_incline(treadmill.target_incline + value)
            case "key":
                treadmill.pull_safety_key()
            case "key_in":
                treadmill.insert_safety_key()
            case "miles":
                treadmill.kmh_per_unit = KM_PER_MILE if self.calibration.takes is Unit.KILOMETERS else 1.0
            case "step_off":
                treadmill.occupied = False
            case "step_on":
                treadmill.occupied = True
            case "other_central":
                self.control_point.execute(codec.encode_target_speed(value))
            case _:
                return False
        return True

    def request(self) -> SessionRequest:
        request = dict(self.scenario.request)
        its_program = PROGRAMS[request.pop("program", 0)] if self.scenario.program is None else self.scenario.program
        direction = Direction(request.pop("direction", "backward"))
        return SessionRequest(program=its_program, direction=direction, **request)

    def note(self, text: str) -> None:
        self.log.append(f"{self.now - 1000:7.1f} {self.session.state.value:11} {self.treadmill.speed:5.2f} {text}")


def play(scenario: Scenario) -> World:
    """Play a scenario, then a stop that must work and bring the belt to rest."""
    world = World(scenario)
    world.go(4)
    for wait, what, value in scenario.acts:
        world.go(wait)
        world.act(what, value)
    world.go(5)
    world.judge.luck_from = world.now
    if not world.air:
        world.go(100)
    # Whatever was going on, it ends by itself as planned.
    world.judge.luck_from = world.now
    session = world.session
    if session.state in STEERING | {SessionState.STARTING, SessionState.COUNTDOWN} and session.remaining is not None:
        world.go(session.remaining + 130)
        allowed = BETWEEN_SESSIONS | {SessionState.MANUAL, SessionState.PAUSED, SessionState.INTERRUPTED}
        if session.state is SessionState.STOPPING and world.judge.stop_duration(3.0) is None:
            allowed |= {SessionState.STOPPING}
        if world.judge.reports_truly and session.state not in allowed and world.radio.get("silent") is None:
            world.judge.fail("S13 does not end", session.state.value)
    world.act("stop", None)
    world.go(90)
    can = world.judge.stop_duration(3.0) is not None
    if can and not world.treadmill.at_rest and not world.judge.toggles:
        world.judge.fail("S3 never at rest", f"{world.treadmill.speed}")
    if (
        can
        and world.judge.reports_truly
        and session.state not in BETWEEN_SESSIONS
        and world.radio.get("silent") is None
    ):
        world.judge.fail("S3 never over", session.state.value)
    return world
