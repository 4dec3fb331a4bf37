"""A session under random actions, and the outputs that are never allowed."""

from math import ceil

from custom_components.retrowalk.machine.model import (
    BeltState,
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
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import REFUSALS, Caller, Refusal, RefusedError, Rules
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import PREPARING, STEERING, SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest

SETS = {CommandKind.SET_SPEED, CommandKind.SET_INCLINE}
UNSURE = 1.5
"""km/h or %: a session treats jumps of this size as noise, and some machines stay a little below their target."""


class Watch:
    """A player of actions against a belt that may disobey, which checks every output."""

    def __init__(self, its_rules: Rules) -> None:
        self.session = SessionController(its_rules)
        self.now = 1000.0
        self.linked = False
        self.obeys = True
        self.obeyed = True  # always
        self.silent: float | None = None  # seconds at rest after which it reports nothing until it moves
        self.rested = 0.0
        self.overshoot = 0.0
        self.elapsed = self.metres = 0.0
        self.check_started: float | None = None  # when a check run sent its first start
        self.check_begins: float | None = None  # time when a check run may start the belt
        self.check_speeds: ValueRange | None = None
        self.check_start_speed: float | None = None  # of the belt, when it was sent a speed for the first time
        self.lowering = False  # a person requested to lower the deck of a belt at rest
        self.speed = self.target = 0.0
        self.deck: float | None = 0.0
        self.starts_at: float | None = None
        self.telemetry: Telemetry | None = None
        self.previous = SessionState.IDLE
        self.guards: dict[str, bool | None] = {}  # their reported states
        self.unattended = False  # an automation has confirmed
        self.stopped = False  # a stop was requested, and nothing was confirmed since
        self.confirmed: tuple[float, float] | None = None  # time and length of the countdown
        self.noise = 0.0  # noise (km/h) of the reported speed of a moving belt
        self.last_rise: tuple[float, float] | None = None
        self.last_incline: tuple[float, float] | None = None
        self.rose: dict[CommandKind, float] = {}  # time of each last rise in this session
        self.rise_announced: float | None = None
        self.disobeyed = False  # the belt was found not to follow its targets in this session
        self.emitted_once: set[SessionEventKind] = set()

    def play(self, action: str, value: object) -> None:
        reason = None
        try:
            if not any(
                play(action, value)
                for play in (self._control_session, self._change_target, self._at_home, self._at_the_machine)
            ):
                raise AssertionError(action)
        except RefusedError as err:
            reason = err.reason
        assert reason is None or reason in REFUSALS.get(action, set(Refusal))
        self.check_outputs()

    def _control_session(self, action: str, value: object) -> bool:
        """Request a session or its end; return whether this is such an action."""
        session = self.session
        match action, value:
            case (("start" | "prepare" | "confirm" | "resume"), Caller() as caller):
                before = session.state
                getattr(session, action)(self.now, caller=caller)
                assert caller.is_person or (before, session.state) != (SessionState.READY, SessionState.COUNTDOWN)
                if session.state in {SessionState.COUNTDOWN, *STEERING} and before is not session.state:
                    assert caller.is_person
                    self.stopped = False
            case "start_check", Caller() as caller:
                session.start_check(self.now, caller=caller)
                assert caller.is_person
                assert session.rules.control
                self.stopped = False
                self.check_begins = self.now + STARTS_AFTER
                self.check_speeds = session.rules.capabilities.speed_range  # it keeps them, as a session does
                self.check_start_speed = None
            case (("pause" | "stop" | "wind_down" | "finish"), None):
                getattr(session, action)(self.now)
                if action == "stop":
                    self.check_outputs()
                    self.stopped = True
            case "request", SessionRequest() as wanted:
                session.prepare(self.now, caller=Caller.UNKNOWN, request=wanted)
                assert session.request is wanted or session.odometer.moving_time > 0
            case "automation", str() as method:
                before = session.state
                getattr(session, method)(self.now, caller=Caller.AUTOMATION)
                if before is not session.state is not SessionState.READY:
                    assert session.state is SessionState.COUNTDOWN
                    assert session.rules.automations_confirm
                    assert session.rules.spoken
                    assert self.guards
                    self.stopped, self.unattended = False, True
            case _:
                return False
        return True

    def _change_target(self, action: str, value: object) -> bool:
        """Request other targets; return whether this is such an action."""
        session = self.session
        match action, value:
            case (("set_speed" | "set_incline"), (float() as requested, Caller() as caller)):
                before = session.target_speed if action == "set_speed" else session.target_incline
                after = getattr(session, action)(requested, caller=caller)
                assert caller.is_person or (before is not None and after <= before)
                assert not session.rules.control_lock
                if session.state is SessionState.COOL_DOWN:
                    assert before is not None
                    assert after <= before
            case "ramp_to", (float() as kmh, (None | float()) as percent, float() as over, Caller() as caller):
                before_speed = session.target_speed
                session.ramp_to(kmh, percent, over=over, caller=caller)
                assert before_speed is not None
                assert caller.is_person or (session.target_speed or 0.0) <= before_speed + 1e-6
            case "skip_step", Caller() as caller:
                session.skip_step(caller=caller)
                assert session.program is not None
                assert not session.rules.control_lock
            case "lower_deck", Caller() as caller:
                session.lower_deck(self.now, caller=caller)
                assert caller.is_person
                self.lowering = True
            case _:
                return False
        return True

    def _at_home(self, action: str, value: object) -> bool:
        """Change something in the home; return whether this is such an action."""
        session = self.session
        match action, value:
            case "guard", (str() as name, (None | bool()) as on):
                session.on_guard(name, on=on, now=self.now)
                self.guards[name] = on
            case "lock", (bool() as on, Caller() as caller):
                locked = session.rules.control_lock
                session.lock(on=on, caller=caller)
                assert caller.is_person or on or not locked
            case "occupied", (None | bool()) as occupied:
                session.on_occupancy(occupied, self.now)
            case "direction", Direction() as direction:
                session.choose_direction(direction)
            case "rules", Rules() as new:
                session.apply_rules(new)
            case _:
                return False
        return True

    def _at_the_machine(self, action: str, value: object) -> bool:
        """Let time pass, or let the machine or the radio do something; return whether this is such an action."""
        session = self.session
        match action, value:
            case "time", float() as seconds:
                self.pass_time(seconds)
                session.tick(self.now)
            case "walk", int() as seconds:
                for _ in range(seconds):
                    self.pass_time(1.0)
                    self.report()
                    self.check_outputs()
            case "overshoot", float() as kmh:
                self.overshoot = kmh
            case "link", bool() as up:
                self.linked = up
                session.on_link(up=up, now=self.now)
            case "event", (MachineEventKind() as kind, target):
                assert target is None or isinstance(target, float)
                session.on_machine_event(MachineEvent(kind, target), self.now)
            case "fails", (CommandKind() as kind, _):
                session.on_command_failed(Command(kind), self.now)
            case "receive", (BeltState() as belt, speed, float() as age):
                assert speed is None or isinstance(speed, float)
                self.receive(Telemetry(received=self.now - age, belt=belt, speed=speed, incline=self.deck))
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
            case _:
                return False
        return True

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
            self.receive(report._replace(distance=int(self.metres), elapsed_time=int(self.elapsed)))
        else:
            self.session.tick(self.now)

    def receive(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        was = self.session.state
        self.session.observe(telemetry, self.now)
        if was is SessionState.READY and self.session.state in STEERING:
            self.stopped = False  # the treadmill's own Start confirms

    def check_outputs(self) -> None:
        """Check all pending outputs, one by one."""
        for output in self.session.drain():
            if isinstance(output, SessionEvent):
                self.check_event(output)
            else:
                self.check_command(output)
        self.previous = self.session.state
        if self.previous is SessionState.MANUAL and self.telemetry is not None:
            # The console has the belt: what it does is what is slowed down from then on, and not what we sent before.
            self.last_rise = self.now, max(self.speed, self.telemetry.speed or 0.0)

    def check_event(self, event: SessionEvent) -> None:
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
                self.emitted_once = set()
            case SessionEventKind.SPEED_UP_SOON:
                self.rise_announced = self.now
                assert not self.disobeyed
                assert self.session.state in {SessionState.WARM_UP, SessionState.ACTIVE}
            case SessionEventKind.NOT_OBEYED:
                assert not self.disobeyed
                self.disobeyed = True
            case SessionEventKind.HALFWAY | SessionEventKind.LAST_MINUTE:
                assert event.kind not in self.emitted_once
                self.emitted_once.add(event.kind)

    def check_speed_of_check(self, kmh: float | None) -> None:
        """Assert that a check run sends its lowest speed, or one step above it."""
        assert self.check_speeds is not None
        assert kmh is not None
        if self.check_start_speed is None and self.telemetry is not None:
            self.check_start_speed = self.telemetry.speed
        least, step = self.check_speeds.minimum, self.check_speeds.step
        # A belt may not go below the speed that it starts with: its lowest is the first that its machine takes from
        # there on, and a step is one above it.
        steps_up = ceil(max((self.check_start_speed or 0.0) - least, 0.0) / step - 1e-9)
        assert least <= kmh <= least + steps_up * step + max(step, 1.0) + 1e-9

    def check_command(self, command: Command) -> None:
        telemetry, state = self.telemetry, self.session.state
        if self.stopped:
            # A belt that was started at the console since then may be paused or slowed down, and a deck at rest may be
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
            self.check_start()
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
            self.check_speed_of_check(command.value)
        elif command.kind is CommandKind.SET_SPEED:
            self.check_speed(command.value or 0.0)
        elif command.kind is CommandKind.SET_INCLINE and state in STEERING:
            self.check_incline(command.value or 0.0)
        if command.kind is CommandKind.STOP:
            self.stopped = True
        if self.linked and self.obeys:
            self.obey(command)

    def check_start(self) -> None:
        telemetry = self.telemetry
        assert telemetry is not None
        check = self.session.check
        if check is not None and check.phase is CheckPhase.RESUMING:
            assert self.previous is SessionState.CHECKING
        elif self.previous is SessionState.CHECKING and self.check_begins is None:
            # Some belts move after a second start only, which goes to one that has had its time and rests (S8).
            assert telemetry.belt is BeltState.AT_REST
            assert self.now - telemetry.received <= 2.0
            assert self.check_started is not None
            assert self.now - self.check_started >= 15.0
            self.check_started = None
        elif self.previous is SessionState.CHECKING:
            assert self.check_begins is not None
            assert self.now >= self.check_begins
            self.check_begins, self.check_started = None, self.now
        else:
            assert self.previous is SessionState.COUNTDOWN
            assert self.session.rules.released
            assert self.confirmed is not None
            assert self.now >= self.confirmed[0] + self.confirmed[1]
            self.confirmed = None
        assert self.now - telemetry.received <= 2.0
        assert telemetry.belt in {BeltState.AT_REST, BeltState.COUNTDOWN}
        assert self.linked

    def check_speed(self, kmh: float) -> None:
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
                assert self.rise_announced is not None
                assert self.now - self.rise_announced >= 5.0
                self.rises(CommandKind.SET_SPEED, kmh, limits.speed_up.step)
        self.last_rise = (self.now, kmh)

    def check_incline(self, percent: float) -> None:
        limits = self.session.limits
        assert limits.incline is not None
        assert percent <= limits.incline.maximum
        assert limits.incline_pace is not None
        if self.last_incline is not None:
            when, before = self.last_incline
            assert abs(percent - before) <= 1e-9 or self.now - when >= limits.incline_pace.seconds
        if self.deck is not None and percent > self.deck + UNSURE:
            assert self.session.state is not SessionState.COOL_DOWN
            assert self.rise_announced is not None
            assert self.now - self.rise_announced >= 5.0
            self.rises(CommandKind.SET_INCLINE, percent, limits.incline_pace.step)
        self.last_incline = (self.now, percent)

    def rises(self, kind: CommandKind, value: float, step: float) -> None:
        """Assert that a rise is one step above the measured value, and long after a rise of the other kind (S5)."""
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
        if command.kind in SETS:
            self.session.on_command_done(command, self.now)

    def must_end_by_itself(self) -> None:
        """Assert that a steered session ends by itself on a belt that obeys, with a stable link."""
        check = self.session.check
        if check is not None and self.linked and self.obeys:
            # So does a check run, whatever it finds.
            for _ in range(240):
                self.pass_time(1.0)
                self.report()
                self.check_outputs()
            assert check.phase is CheckPhase.OVER
            assert self.session.state is not SessionState.CHECKING
        if self.session.state not in {*STEERING, SessionState.STARTING, SessionState.COUNTDOWN}:
            return
        self.obeys, self.overshoot = True, 0.0
        self.play("link", True)
        self.play("occupied", True)
        remaining = self.session.remaining
        if remaining is None:  # it is being ended
            remaining = 15.0
        assert remaining <= self.session.limits.longest
        for _ in range(round(remaining) + 150):
            self.pass_time(1.0)
            self.report()
            self.check_outputs()
        self.wait_if_silent()
        # Paused or only watched, if the belt was found not to be at its target.
        allowed = {SessionState.IDLE, SessionState.FINISHED, SessionState.MANUAL, SessionState.PAUSED}
        assert self.session.state in allowed

    def wait_if_silent(self) -> None:
        """Assert that the session ends after a while if the belt never reports rest (S10)."""
        if self.silent is None or self.session.state is not SessionState.INTERRUPTED:
            return
        for _ in range(601):
            self.pass_time(1.0)
            self.report()
            self.check_outputs()

    def must_come_to_rest(self) -> None:
        """Stop, and assert that an obedient belt with a stable link comes to rest."""
        self.obeys = True
        self.play("link", True)
        self.play("stop", None)
        for _ in range(90):
            self.pass_time(1.0)
            self.report()
            self.check_outputs()
        self.wait_if_silent()
        assert self.speed == 0.0
        assert self.session.state in {SessionState.IDLE, SessionState.FINISHED}
        assert not self.session.belt_may_move
        assert not self.session.controls_belt

    def must_allow_console_start(self) -> None:
        """Assert that a person can start the belt at its console after a stop (S7)."""
        for _ in range(30):
            self.pass_time(1.0)
            self.report()
            self.check_outputs()
        self.play("console", 2.0)
        for _ in range(15):
            self.pass_time(1.0)
            self.report()
            assert not [out for out in self.session.drain() if isinstance(out, Command)]
        assert self.session.state is SessionState.MANUAL
