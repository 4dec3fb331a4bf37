"""Whatever machine, people, automations, link and clock do, in any order: what must never happen does not."""

import os
from contextlib import suppress
from dataclasses import replace
from math import floor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from custom_components.retrowalk.training.check.check_run import STARTS_AFTER
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Measured, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Refusal, RefusedError, Rules
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import PREPARING, STEERING, SessionState
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan, plan_for
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_curve import asked_at
from tests.support.program_run import KINDS, program
from tests.support.session_run import SessionRun, rules

EXAMPLES = int(os.environ.get("RANDOM_WALKS", "300"))
SETS = {CommandKind.SET_SPEED, CommandKind.SET_INCLINE}
UNSURE = 1.5
"""km/h or %: what jumps about here is noise for all a session knows, and a machine's own way may be to do less."""

speed_ranges = st.builds(
    lambda low, steps, step: ValueRange(low, round(low + steps * step, 2), step),
    st.sampled_from([0.5, 0.8, 1.0, 1.6, 3.2]),
    st.integers(10, 120),
    st.sampled_from([0.01, 0.1, 0.16, 0.2, 0.5, 1.0]),
)
incline_ranges = st.none() | st.builds(
    lambda low, step: ValueRange(low, low + 15.0, step),
    st.sampled_from([-6.0, -3.0, 0.0, 1.0]),
    st.sampled_from([0.5, 1.0]),
)
owners = st.builds(
    OwnerLimits,
    backward_speed=st.floats(1, 20),
    backward_incline=st.floats(0, 20),
    forward_speed=st.floats(1, 20),
    reduced=st.booleans(),
)
all_rules = st.builds(
    Rules,
    control=st.sampled_from([True, True, True, False]),
    owner=owners,
    capabilities=st.builds(Capabilities, speed_range=speed_ranges, incline_range=incline_ranges),
    countdown_backward=st.floats(0, 100),
    countdown_forward=st.floats(0, 100),
    guard_stops=st.booleans(),
    automations_confirm=st.booleans(),
    spoken=st.sampled_from([True, True, False]),
    control_lock=st.sampled_from([False, False, False, True]),
    blocked_by=st.sampled_from([None, None, None, Refusal.NOT_CHECKED]),
    measured=st.builds(
        Measured, start_speed=st.none() | st.floats(0.5, 7), step=st.none() | st.sampled_from([0.1, 0.2, 0.5, 1.0])
    ),
)
HILLY = program(
    {"seconds": 90, "speed": 1.5},
    {"seconds": 60, "speed": {"from": 1.5, "to": 2.5}},
    {"seconds": 60, "incline": 1},
    {"repeat": 2, "steps": [{"seconds": 30, "speed": 3.0}, {"seconds": 45, "speed": 1.0, "incline": 0}]},
)
STEEP = program(
    {"seconds": 40}, {"minutes": 2, "speed": {"from": 0.5, "to": 6}, "incline": {"from": 0, "to": 8}}, {"minutes": 5}
)
wish_list = st.builds(
    SessionRequest,
    direction=st.sampled_from(list(Direction)),
    length=st.sampled_from([1.0, 60.0, 90.0, 150.0, 300.0, 900.0, 1e9]),
    speed=st.none() | st.floats(-1, 20),
    incline=st.none() | st.floats(-5, 20),
    first=st.booleans(),
    program=st.none() | st.sampled_from([HILLY, STEEP]),
)

people = st.booleans()
silences = st.sampled_from([None, 0.0, 0.0, 1.0, 3.0])
speeds = st.floats(-1, 15).map(lambda kmh: round(kmh, 2))
actions = st.one_of(
    st.tuples(st.just("time"), st.sampled_from([0.1, 0.5, 1.0, 1.0, 2.0, 5.0, 20.0, 300.0])),
    st.tuples(st.just("walk"), st.integers(1, 30)),
    st.tuples(st.just("walk"), st.integers(1, 30)),
    st.tuples(st.just("start"), people),
    st.tuples(st.just("start"), st.just(True)),
    st.tuples(st.just("prepare"), people),
    st.tuples(st.just("confirm"), people),
    st.tuples(st.just("resume"), people),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("set_speed"), st.tuples(speeds, people)),
    st.tuples(st.just("set_speed"), st.tuples(speeds, st.just(True))),
    st.tuples(st.just("set_incline"), st.tuples(speeds, people)),
    st.tuples(st.just("wind_down"), st.none()),
    st.tuples(st.just("finish"), st.none()),
    st.tuples(st.just("wish"), wish_list),
    st.tuples(st.just("guard"), st.tuples(st.sampled_from(["door", "child"]), st.none() | st.booleans())),
    st.tuples(st.just("automation"), st.sampled_from(["start", "confirm", "resume"])),
    st.tuples(st.just("lock"), st.tuples(st.booleans(), people)),
    st.tuples(st.just("skip_step"), people),
    st.tuples(st.just("ramp_to"), st.tuples(speeds, st.none() | speeds, st.floats(0, 300), people)),
    st.tuples(st.just("occupied"), st.sampled_from([None, True, True, False])),
    st.tuples(st.just("lower_deck"), people),
    st.tuples(st.just("overshoot"), st.sampled_from([0.0, 0.0, 0.3, 1.0])),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("event"), st.tuples(st.sampled_from(list(MachineEventKind)), st.none() | speeds)),
    st.tuples(st.just("fails"), st.tuples(st.sampled_from(list(CommandKind)), st.none() | speeds)),
    st.tuples(st.just("obeys"), st.booleans()),
    st.tuples(st.just("silent"), silences),
    st.tuples(st.just("hear"), st.tuples(st.sampled_from(list(BeltState)), st.none() | speeds, st.floats(0, 10))),
    st.tuples(st.just("deck"), st.floats(-6, 15)),
    st.tuples(st.just("deck"), st.floats(-3, 0)),
    st.tuples(st.just("noise"), st.sampled_from([0.0, 0.0, 0.03, 0.15, 0.3])),
    st.tuples(st.just("console"), speeds),
    st.tuples(st.just("direction"), st.sampled_from(list(Direction))),
    st.tuples(st.just("rules"), all_rules),
    st.tuples(st.just("start_check"), people),
    st.tuples(st.just("start_check"), st.just(True)),
    st.tuples(st.just("walk"), st.integers(60, 180)),
)


class Watch:
    """Plays the actions against a belt that obeys more or less, and looks at everything that comes out."""

    def __init__(self, its_rules: Rules) -> None:
        self.session = SessionController(its_rules)
        self.now = 1000.0
        self.linked = False
        self.obeys = True
        self.obeyed = True  # always
        self.silent: float | None = None  # seconds of rest after which it reports nothing until it moves
        self.rested = 0.0
        self.overshoot = 0.0
        self.elapsed = self.metres = 0.0
        self.check_begins: float | None = None  # when a check run may start the belt
        self.check_speeds: ValueRange | None = None
        self.lowering = False  # a person asked for the deck of a belt at rest
        self.speed = self.target = 0.0
        self.deck: float | None = 0.0
        self.starts_at: float | None = None
        self.telemetry: Telemetry | None = None
        self.previous = SessionState.IDLE
        self.guards: dict[str, bool | None] = {}  # what they said
        self.unattended = False  # an automation has confirmed
        self.stopped = False  # a stop was said, and nobody confirmed anything since
        self.confirmed: tuple[float, float] | None = None  # when, and the countdown's length
        self.noise = 0.0  # km/h by which what it reports of a moving belt trembles
        self.last_rise: tuple[float, float] | None = None
        self.last_incline: tuple[float, float] | None = None
        self.rose: dict[CommandKind, float] = {}  # when each rose last, in this walk
        self.told_rise: float | None = None
        self.disobeyed = False  # the belt of this walk was found not to do what it is told
        self.told_once: set[SessionEventKind] = set()

    def play(self, action: str, value: object) -> None:
        session = self.session
        try:
            match action, value:
                case "time", float() as seconds:
                    self.pass_time(seconds)
                    session.tick(self.now)
                case "walk", int() as seconds:
                    for _ in range(seconds):
                        self.pass_time(1.0)
                        self.report()
                        self.look()
                case (("start" | "prepare" | "confirm" | "resume"), bool() as by_person):
                    before = session.state
                    getattr(session, action)(self.now, by_person=by_person)
                    assert by_person or (before, session.state) != (SessionState.READY, SessionState.COUNTDOWN)
                    if session.state in {SessionState.COUNTDOWN, *STEERING} and before is not session.state:
                        assert by_person
                        self.stopped = False
                case "start_check", bool() as by_person:
                    session.start_check(self.now, by_person=by_person)
                    assert by_person
                    assert session.rules.control
                    self.stopped = False
                    self.check_begins = self.now + STARTS_AFTER
                    self.check_speeds = session.rules.capabilities.speed_range  # it keeps them, as a walk does
                case "wish", SessionRequest() as wanted:
                    session.prepare(self.now, by_person=False, wish=wanted)
                    assert session.request is wanted or session.odometer.moving_time > 0
                case "guard", (str() as name, (None | bool()) as on):
                    session.on_guard(name, on=on, now=self.now)
                    self.guards[name] = on
                case "automation", str() as asked:
                    before = session.state
                    getattr(session, asked)(self.now, by_person=False, by_automation=True)
                    if before is not session.state is not SessionState.READY:
                        assert session.state is SessionState.COUNTDOWN
                        assert session.rules.automations_confirm
                        assert session.rules.spoken
                        assert self.guards
                        self.stopped, self.unattended = False, True
                case "lock", (bool() as on, bool() as by_person):
                    locked = session.rules.control_lock
                    session.lock(on=on, by_person=by_person)
                    assert by_person or on or not locked
                case "occupied", (None | bool()) as occupied:
                    session.on_occupancy(occupied, self.now)
                case "ramp_to", (float() as kmh, (None | float()) as percent, float() as over, bool() as by_person):
                    before_speed = session.target_speed
                    session.ramp_to(kmh, percent, over=over, by_person=by_person)
                    assert before_speed is not None
                    assert by_person or (session.target_speed or 0.0) <= before_speed + 1e-6
                case "skip_step", bool() as by_person:
                    session.skip_step(by_person=by_person)
                    assert session.program is not None
                    assert not session.rules.control_lock
                case "lower_deck", bool() as by_person:
                    session.lower_deck(self.now, by_person=by_person)
                    assert by_person
                    self.lowering = True
                case "overshoot", float() as kmh:
                    self.overshoot = kmh
                case (("pause" | "stop" | "wind_down" | "finish"), None):
                    getattr(session, action)(self.now)
                    if action == "stop":
                        self.look()
                        self.stopped = True
                case (("set_speed" | "set_incline"), (float() as wish, bool() as by_person)):
                    before_wish = session.target_speed if action == "set_speed" else session.target_incline
                    after = getattr(session, action)(wish, by_person=by_person)
                    assert by_person or (before_wish is not None and after <= before_wish)
                    assert not session.rules.control_lock
                    if session.state is SessionState.COOL_DOWN:
                        assert before_wish is not None
                        assert after <= before_wish
                case "link", bool() as up:
                    self.linked = up
                    session.on_link(up=up, now=self.now)
                case "event", (MachineEventKind() as kind, target):
                    assert target is None or isinstance(target, float)
                    session.on_machine_event(MachineEvent(kind, target), self.now)
                case "fails", (CommandKind() as kind, _):
                    session.on_command_failed(Command(kind), self.now)
                case "hear", (BeltState() as belt, speed, float() as age):
                    assert speed is None or isinstance(speed, float)
                    self.hear(Telemetry(received=self.now - age, belt=belt, speed=speed, incline=self.deck))
                case "obeys", bool() as obeys:
                    self.obeys = obeys
                    self.obeyed = self.obeyed and obeys
                case "silent", (None | float()) as silent:
                    self.silent = silent
                case "noise", float() as most:
                    self.noise = most
                case "deck", float() as deck:
                    self.deck = round(deck, 1)
                case "console", float() as kmh:
                    self.target = self.speed = max(kmh, 0.0)
                case "direction", Direction() as direction:
                    session.direction = direction
                case "rules", Rules() as new:
                    session.rules = new
                case _:
                    raise AssertionError(action)
        except RefusedError:
            pass
        self.look()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        if self.starts_at is not None and self.now >= self.starts_at:
            self.starts_at = None
            speed = self.session.rules.capabilities.speed_range
            self.target = speed.minimum if speed else 1.0
        goal = self.target + self.overshoot if self.target else 0.0
        change = min(max(goal - self.speed, -0.5 * seconds), 0.5 * seconds)
        self.speed = round(self.speed + change, 3)
        self.rested = 0.0 if self.speed > 0 else self.rested + seconds
        if self.speed > 0:
            self.elapsed += seconds
            self.metres += self.speed / 3.6 * seconds

    def report(self) -> None:
        belt = BeltState.MOVING if self.speed > 0 else BeltState.AT_REST
        silent = self.silent is not None and self.rested > self.silent
        if self.linked and not silent:
            tremble = self.noise * (2 * (self.now * 0.618034 % 1) - 1)
            speed = max(self.speed + tremble, 0.01) if self.speed else 0.0
            report = Telemetry(received=self.now, belt=belt, speed=round(speed, 2), incline=self.deck)
            self.hear(replace(report, distance=int(self.metres), elapsed_time=int(self.elapsed)))
        else:
            self.session.tick(self.now)

    def hear(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        was = self.session.state
        self.session.observe(telemetry, self.now)
        if was is SessionState.READY and self.session.state in STEERING:
            self.stopped = False  # the treadmill's own Start confirms

    def look(self) -> None:
        """Everything that came out, one by one."""
        for output in self.session.drain():
            if isinstance(output, SessionEvent):
                self.look_at_event(output)
            else:
                self.look_at_command(output)
        self.previous = self.session.state

    def look_at_event(self, event: SessionEvent) -> None:
        match event.kind:
            case SessionEventKind.COUNTDOWN:
                self.confirmed = (self.now, event.data["seconds"])
                shortest = 10.0 if self.session.direction is Direction.BACKWARD else 3.0
                assert event.data["seconds"] >= (30.0 if self.unattended else shortest)
                assert not any(on is not False for on in self.guards.values())
                self.unattended = False
            case SessionEventKind.STARTED | SessionEventKind.RESUMED:
                self.last_rise = self.last_incline = None
                self.rose = {}
            case SessionEventKind.FINISHED | SessionEventKind.STOPPED | SessionEventKind.BELT_WITHOUT_SESSION:
                self.disobeyed = False
                self.told_once = set()
            case SessionEventKind.SPEED_UP_SOON:
                self.told_rise = self.now
                assert not self.disobeyed
                assert self.session.state in {SessionState.WARM_UP, SessionState.ACTIVE}
            case SessionEventKind.NOT_OBEYED:
                assert not self.disobeyed
                self.disobeyed = True
            case SessionEventKind.HALFWAY | SessionEventKind.LAST_MINUTE:
                assert event.kind not in self.told_once
                self.told_once.add(event.kind)

    def look_at_command(self, command: Command) -> None:
        telemetry, state = self.telemetry, self.session.state
        if self.stopped:
            # A belt that was started at the console since then may be paused or slowed down, and a deck at rest be
            # lowered by a person; nothing else.
            paused = command.kind is CommandKind.PAUSE and self.previous is SessionState.MANUAL
            eased = command.kind in SETS and state is SessionState.COOL_DOWN
            ends = command.kind is CommandKind.END_SESSION
            assert paused or eased or ends or self.lowering or command.stops
        if command.kind is CommandKind.END_SESSION:
            assert telemetry is not None
            assert telemetry.belt in {BeltState.AT_REST, BeltState.COUNTDOWN}
            assert state in {*PREPARING, SessionState.PAUSED, SessionState.CHECKING}
        if command.urgent:
            assert self.stopped or command.kind is CommandKind.PAUSE
            assert telemetry is not None
            if command.kind is CommandKind.SET_SPEED:
                assert telemetry.belt is BeltState.MOVING
                assert (command.value or 0.0) < (telemetry.speed or 0.0)
        if command.kind is CommandKind.START_AGAIN:
            assert state is SessionState.CHECKING
        if command.kind is CommandKind.START:
            assert telemetry is not None
            check = self.session.check
            if check is not None and check.phase is CheckPhase.RESUMING:
                assert self.previous is SessionState.CHECKING
            elif self.previous is SessionState.CHECKING:
                assert self.check_begins is not None
                assert self.now >= self.check_begins
                self.check_begins = None
            else:
                assert self.previous is SessionState.COUNTDOWN
                assert self.session.rules.released
                assert self.confirmed is not None
                assert self.now >= self.confirmed[0] + self.confirmed[1]
                self.confirmed = None
            assert self.now - telemetry.received <= 2.0
            assert telemetry.belt in {BeltState.AT_REST, BeltState.COUNTDOWN}
            assert self.linked
        if command.kind is CommandKind.SET_INCLINE and self.lowering and state not in STEERING:
            self.lowering = False
            assert not self.session.rules.control_lock
            assert self.deck is not None
            assert telemetry is not None
            assert telemetry.belt is not BeltState.MOVING
            assert self.now - telemetry.received <= 2.0
        elif command.kind in SETS and not command.urgent:
            assert state in {*STEERING, SessionState.CHECKING}
            assert telemetry is not None
            assert telemetry.belt is BeltState.MOVING
            assert self.linked
        if command.urgent:
            pass
        elif command.kind is CommandKind.SET_SPEED and state is SessionState.CHECKING:
            assert self.check_speeds is not None
            assert command.value is not None
            least, step = self.check_speeds.minimum, self.check_speeds.step
            assert least <= command.value <= least + max(step, 1.0) + 1e-9
        elif command.kind is CommandKind.SET_SPEED:
            self.look_at_speed(command.value or 0.0)
        elif command.kind is CommandKind.SET_INCLINE and state in STEERING:
            self.look_at_incline(command.value or 0.0)
        if command.kind is CommandKind.STOP:
            self.stopped = True
        if self.linked and self.obeys:
            self.obey(command)

    def look_at_speed(self, kmh: float) -> None:
        limits = self.session.limits
        assert limits.speed is not None
        assert limits.speed.minimum <= kmh <= limits.speed.maximum
        if limits.direction is Direction.BACKWARD:
            assert kmh <= 6.0
        if self.last_rise is not None:
            when, before = self.last_rise
            if kmh > before + 1e-9:
                assert self.session.state is not SessionState.COOL_DOWN
                assert limits.speed_up is not None
                assert kmh - before <= limits.speed_up.step + 1e-9
                assert self.now - when >= limits.speed_up.seconds
                assert self.told_rise is not None
                assert self.now - self.told_rise >= 5.0
                self.rises(CommandKind.SET_SPEED, kmh, limits.speed_up.step)
        self.last_rise = (self.now, kmh)

    def look_at_incline(self, percent: float) -> None:
        limits = self.session.limits
        assert limits.incline is not None
        assert percent <= limits.incline.maximum
        assert limits.incline_pace is not None
        if self.last_incline is not None:
            when, before = self.last_incline
            assert abs(percent - before) <= 1e-9 or self.now - when >= limits.incline_pace.seconds
        if self.deck is not None and percent > self.deck + UNSURE:
            assert self.session.state is not SessionState.COOL_DOWN
            assert self.told_rise is not None
            assert self.now - self.told_rise >= 5.0
            self.rises(CommandKind.SET_INCLINE, percent, limits.incline_pace.step)
        self.last_incline = (self.now, percent)

    def rises(self, kind: CommandKind, value: float, step: float) -> None:
        """One step, counted from what is measured, and long after a rise of the other one (S5)."""
        assert self.telemetry is not None
        measured = self.telemetry.speed if kind is CommandKind.SET_SPEED else self.telemetry.incline
        assert measured is not None
        if self.obeyed:
            assert value - measured <= step + UNSURE
        assert all(self.now - when >= 20.0 for other, when in self.rose.items() if other is not kind)
        self.rose[kind] = self.now

    def obey(self, command: Command) -> None:
        match command.kind:
            case CommandKind.START:
                self.starts_at = self.now + 3.0
            case CommandKind.STOP | CommandKind.PAUSE:
                self.target, self.starts_at = 0.0, None
            case CommandKind.SET_SPEED:
                self.target = command.value or 0.0
            case CommandKind.SET_INCLINE:
                self.deck = command.value

    def must_end_by_itself(self) -> None:
        """Whatever has happened: what we steer now comes to its end, on a belt that obeys and a link that holds."""
        check = self.session.check
        if check is not None and self.linked and self.obeys:
            # And so does a check run, whatever it finds.
            for _ in range(240):
                self.pass_time(1.0)
                self.report()
                self.look()
            assert check.phase is CheckPhase.OVER
            assert self.session.state is not SessionState.CHECKING
        if self.session.state not in {*STEERING, SessionState.STARTING, SessionState.COUNTDOWN}:
            return
        self.obeys, self.overshoot = True, 0.0
        self.play("link", True)
        self.play("occupied", True)
        remaining = self.session.remaining
        if remaining is None:  # it is wound down
            remaining = 15.0
        assert remaining <= self.session.limits.longest
        for _ in range(round(remaining) + 150):
            self.pass_time(1.0)
            self.report()
            self.look()
        self.lose_sight()
        # Paused or watched only, if the belt was found elsewhere than where it was told to be.
        allowed = {SessionState.IDLE, SessionState.FINISHED, SessionState.MANUAL, SessionState.PAUSED}
        assert self.session.state in allowed

    def lose_sight(self) -> None:
        """A belt that never says that it rests is out of sight, and its walk over after a while (S10)."""
        if self.silent is None or self.session.state is not SessionState.INTERRUPTED:
            return
        for _ in range(601):
            self.pass_time(1.0)
            self.report()
            self.look()

    def must_come_to_rest(self) -> None:
        """Stop, on a belt that obeys and a link that holds."""
        self.obeys = True
        self.play("link", True)
        self.play("stop", None)
        for _ in range(90):
            self.pass_time(1.0)
            self.report()
            self.look()
        self.lose_sight()
        assert self.speed == 0.0
        assert self.session.state in {SessionState.IDLE, SessionState.FINISHED}
        assert not self.session.belt_may_move
        assert not self.session.controls_belt

    def must_leave_the_console_its_start(self) -> None:
        """A stop from before is over: whoever starts the belt at its console now walks (S7)."""
        for _ in range(30):
            self.pass_time(1.0)
            self.report()
            self.look()
        self.play("console", 2.0)
        for _ in range(15):
            self.pass_time(1.0)
            self.report()
            assert not [out for out in self.session.drain() if isinstance(out, Command)]
        assert self.session.state is SessionState.MANUAL


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, script=st.lists(actions, max_size=60))
def test_nothing_forbidden_happens_in_any_order_of_things(its_rules: Rules, script: list[tuple[str, object]]) -> None:
    watch = Watch(its_rules)
    for action, value in script:
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, direction=st.sampled_from(list(Direction)), script=st.lists(actions, max_size=40))
def test_nothing_forbidden_happens_on_a_walk_that_has_begun(
    its_rules: Rules, direction: Direction, script: list[tuple[str, object]]
) -> None:
    watch = Watch(its_rules)
    for action, value in (
        ("direction", direction),
        ("link", True),
        ("walk", 3),
        ("start", True),
        ("start", True),
        ("walk", 75),
        *script,
    ):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, seconds=st.integers(0, 120), script=st.lists(actions, max_size=30))
def test_s9_nothing_forbidden_happens_in_a_check_run(
    its_rules: Rules, seconds: int, script: list[tuple[str, object]]
) -> None:
    watch = Watch(replace(its_rules, control=True, control_lock=False))
    for action, value in (("link", True), ("walk", 3), ("start_check", True), ("walk", seconds), *script):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    its_rules=all_rules,
    silent=silences,
    before=st.lists(actions, max_size=10),
    seconds=st.integers(0, 90),
    after=st.lists(actions, max_size=20),
)
def test_s3_a_stop_ends_by_itself_and_hinders_no_later_walk_where_the_machine_is_silent_at_rest(
    its_rules: Rules,
    silent: float | None,
    before: list[tuple[str, object]],
    seconds: int,
    after: list[tuple[str, object]],
) -> None:
    watch = Watch(its_rules)
    for action, value in (("silent", silent), ("link", True), *before, ("walk", seconds), ("stop", None), *after):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()
    watch.must_leave_the_console_its_start()


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    owner=owners,
    wishes=st.lists(st.tuples(speeds, st.floats(-5, 20), st.integers(1, 70)), min_size=1, max_size=6),
    noise=st.sampled_from([0.0, 0.0, 0.05, 0.15]),
    deck=st.sampled_from([0.0, 0.0, -0.5, -2.0]),
)
def test_a_walk_on_the_virtual_treadmill_obeys_its_limits(
    speed: ValueRange, owner: OwnerLimits, wishes: list[tuple[float, float, int]], noise: float, deck: float
) -> None:
    inclines = ValueRange(-3.0, 15.0, 0.5)
    capabilities = Capabilities(speed_range=speed, incline_range=inclines)
    limits = limits_for(capabilities, owner, Direction.BACKWARD)
    if limits.speed is None:
        return
    walk = SessionRun(rules(speed=speed, incline=inclines, owner=owner), acceleration=0.5)
    walk.treadmill.speed_noise = noise
    assert limits.steepest is not None
    deck = max(deck, -floor(limits.steepest * 10) / 10) if limits.incline_pace else 0.0  # it is reported in tenths
    walk.treadmill.incline = walk.treadmill.target_incline = deck
    walk.session.prepare(walk.now, by_person=True, wish=SessionRequest(length=1800.0))
    walk.go(2)
    walk.start()
    walk.go(30)
    for kmh, percent, seconds in wishes:
        walk.session.set_speed(kmh, by_person=True)
        walk.session.set_incline(percent, by_person=True)
        walk.go(seconds)
    assert walk.state in {SessionState.WARM_UP, SessionState.ACTIVE}
    assert walk.treadmill.speed <= limits.speed.maximum + 1e-6
    changes = sorted([(when, kmh, True) for when, kmh in walk.speeds] + [(w, p, False) for w, p in walk.inclines])
    last = {True: (0.0, limits.speed.minimum), False: (0.0, deck)}
    rose = {True: 0.0, False: 0.0}
    for when, value, is_speed in changes:
        then, before = last[is_speed]
        if value > before:
            pace = limits.speed_up if is_speed else limits.incline_pace
            assert pace is not None
            assert value - before <= pace.step + 1e-6
            assert when - then >= pace.seconds
            assert when - rose[not is_speed] >= 20
            rose[is_speed] = when
        elif is_speed:
            assert before - value <= max(0.5, speed.step) + 1e-6
        last[is_speed] = (when, value)
    walk.stop()
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state is SessionState.FINISHED


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    owner=owners,
    wish=wish_list,
    acts=st.lists(
        st.tuples(
            st.integers(0, 80), st.sampled_from(["faster", "slower", "pause", "lose", "finish", "guard", "skip"])
        ),
        max_size=5,
    ),
)
def test_every_walk_that_was_confirmed_ends_by_itself_within_its_length(
    speed: ValueRange, owner: OwnerLimits, wish: SessionRequest, acts: list[tuple[int, str]]
) -> None:
    wish = replace(wish, length=min(wish.length, 900.0))
    capabilities = Capabilities(speed_range=speed, incline_range=ValueRange(0.0, 15.0, 0.5))
    limits = limits_for(capabilities, owner, wish.direction, novice=wish.first)
    if limits.speed is None:
        return
    walk = SessionRun(rules(speed=speed, owner=owner, guard_stops=True), acceleration=0.5)
    walk.session.prepare(walk.now, by_person=False, wish=wish)
    walk.start()
    walk.go(30)
    length = walk.session.length
    assert length is not None
    wanted = wish.length if wish.program is None else wish.program.duration
    assert length == min(limits.longest, max(60.0, wanted))
    for seconds, act in acts:
        with suppress(RefusedError):
            match act:
                case "faster":
                    walk.session.set_speed(walk.treadmill.speed + 1.0, by_person=True)
                    walk.session.set_incline(walk.treadmill.incline + 1.0, by_person=True)
                case "slower":
                    walk.session.set_speed(walk.treadmill.speed - 1.0, by_person=False)
                case "pause":
                    walk.pause()
                    walk.go(15)
                    walk.resume()
                    walk.resume()
                    walk.go(25)
                case "lose":
                    walk.link(up=False)
                    walk.go(20)
                    walk.link(up=True)
                    walk.go(1)  # heard of: losses that add up to a minute end the plan (S10)
                case "finish":
                    walk.session.finish(walk.now)
                case "skip":
                    walk.session.skip_step(by_person=True)
                case "guard":
                    walk.session.on_guard("door", on=True, now=walk.now)
        walk.go(seconds)
        assert walk.treadmill.speed <= limits.speed.maximum + 1e-6
    # A resume that a guard forbids lapses with its pause.
    walk.go(length + (60 if walk.state is not SessionState.READY else 360))
    assert walk.state in {SessionState.FINISHED, SessionState.IDLE}
    assert walk.treadmill.at_rest
    ends = [event for _, event in walk.told if event.kind in {SessionEventKind.FINISHED, SessionEventKind.STOPPED}]
    assert len(ends) == 1
    assert ends[0].data["reason"] in {"completed", "finished", "guard", "paused_too_long"}
    assert walk.told[-1][1] is ends[0]
    # Unheard seconds count, cool-downs that begin late take half a minute, and the belt coasts.
    assert walk.session.moving_time <= length + 60


DIPS = program(
    {"seconds": 90, "speed": 1.5, "incline": 1},
    {"repeat": 3, "steps": [{"seconds": 40, "speed": 1.0, "incline": 0}, {"seconds": 80, "speed": 2.0, "incline": 2}]},
)
fractions = st.sampled_from([0.5, 0.8, 0.9, 1.0, 1.0])


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    incline=incline_ranges.filter(lambda deck: deck is None or deck.minimum <= 0.0),  # the virtual deck begins level
    program=st.none() | st.sampled_from([HILLY, STEEP, DIPS, DIPS]),
    begins=st.integers(0, 300),
    acts=st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["ramp_to", "ramp_to", "wish"]),
                fractions,
                fractions,
                st.floats(0, 120),
                st.integers(1, 90),
            ),
            st.tuples(st.sampled_from(["skip", "lose"]), st.just(1.0), st.just(1.0), st.just(0.0), st.integers(1, 90)),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_s10_s16_whatever_automations_ask_nothing_is_faster_or_steeper_than_a_person_confirmed(
    speed: ValueRange,
    incline: ValueRange | None,
    program: Program | None,
    begins: int,
    acts: list[tuple[str, float, float, float, int]],
) -> None:
    its_rules = rules(speed=speed, incline=incline)
    limits = limits_for(its_rules.capabilities, its_rules.owner, Direction.BACKWARD)
    if limits.speed is None:
        return
    wish = SessionRequest(length=500, speed=2.0, incline=1.0, program=program)
    walk = SessionRun(its_rules, acceleration=0.5)
    walk.session.prepare(walk.now, by_person=True, wish=wish)
    walk.start()
    confirmed = plan_for(wish, limits)  # nobody asks anything of this one
    held_since: float | None = None

    def go(seconds: int) -> None:
        for _ in range(2 * seconds):
            walk.go(0.5)
            wishes = walk.session.target_speed, walk.session.target_incline
            if walk.state not in {SessionState.WARM_UP, SessionState.ACTIVE}:
                continue
            target = confirmed.target_at(walk.session.moving_time)
            assert limits.speed is not None
            assert (wishes[0] or 0.0) <= limits.speed.snap(target.speed) + 1e-6
            if limits.incline is not None:
                steepest = target.incline or 0.0
                if program is not None and walk.session.moving_time >= confirmed.warm_up:
                    # A hill that waits for the speed comes as it is written, where the speed does not rise any more.
                    assert isinstance(confirmed, ProgramPlan)
                    written = asked_at(program, walk.session.moving_time + confirmed.skipped)
                    steepest = max(steepest, written.incline or 0.0)
                assert (wishes[1] or 0.0) <= limits.incline.snap(steepest) + 1e-6

    go(30 + begins)
    for act, kmh, percent, over, seconds in acts:
        pilot = walk.session._steering.pilot if walk.session._steering else None
        with suppress(RefusedError):
            match act:
                case "ramp_to" if pilot is not None:
                    deck = None if pilot.incline is None else pilot.incline * percent
                    walk.session.ramp_to(pilot.speed * kmh, deck, over=over, by_person=False)
                case "wish" if pilot is not None:
                    walk.session.set_speed(pilot.setpoint_speed * kmh, by_person=False)
                    if pilot.setpoint_incline is not None:
                        walk.session.set_incline(pilot.setpoint_incline * percent, by_person=False)
                case "skip":
                    walk.session.skip_step(by_person=False)
                    assert isinstance(confirmed, ProgramPlan)
                    confirmed.skip(walk.session.moving_time)
                case "lose":
                    walk.link(up=False)
                    walk.go(8)
                    walk.link(up=True)
                    held_since = held_since or walk.now
        go(seconds)
    go(60)
    if held_since is not None:
        rises = [at for at, event in walk.told if event.kind is SessionEventKind.SPEED_UP_SOON and at > held_since]
        assert not rises
        last = dict.fromkeys(KINDS, float("inf"))
        for at, command in walk.sent:
            if command.kind in KINDS and command.value is not None:
                assert at <= held_since or command.value <= last[command.kind]
                last[command.kind] = command.value
