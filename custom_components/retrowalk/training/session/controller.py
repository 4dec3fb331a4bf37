"""One walk on the belt: what may be done now, and what the belt is told (safety rules S2, S3, S7-S18).

A session takes in what the machine tells, what people ask and the time, and puts out commands and events. Times are
monotonic seconds, given as `now`; the session has no clock of its own. The same inputs give the same outputs.
"""

from collections.abc import Mapping
from dataclasses import replace

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind, Telemetry
from ..belt.belt import FRESH, MOVES_WITHIN, STALE, Belt
from ..belt.odometer import Odometer
from ..belt.stopper import Stopper
from ..belt.unit_monitor import UnitMonitor
from ..check.check_run import CheckRun
from ..check.result import Failure
from ..events import EndReason, ManualReason, SessionEventKind, StopFailure
from ..limits import Direction, Limits, limits_for, speed_grain
from ..rules import Caller, Refusal, RefusedError, Rules
from ..states import AT_REST, BETWEEN_SESSIONS, PREPARING, STEERING, SessionState
from ..steering.command_verifier import CommandMismatch, CommandVerifier
from ..steering.manual_ramp import ManualRamp
from ..steering.program_plan import ProgramPlan
from ..steering.session_plan import FINISHES_WITHIN, SessionPlan, SessionRequest, Target
from ..steering.steering import Output, Steering, not_obeyed
from ..stop_steps import StopStep
from .deck import Deck
from .guards import Guards
from .interruption import END_HOLDS, Aftermath, Interruption
from .monitor import SessionMonitor
from .outbox import Outbox
from .pause import Pause
from .readiness import (
    Readiness,
    automations_may,
    check_hand,
    check_startable,
    check_takeable,
    countdown_seconds,
    deck_off_level,
)
from .recovery import RecoveredSession
from .request import SessionTerms
from .withdrawal import barrier

INTERRUPTED_FOR = 600.0
WIND_DOWN = 10.0
"""Seconds for slowing down before the stop, when Home Assistant has to go (S14)."""
GUARD_STOPS_IN = 10.0
"""Seconds for slowing down before the stop, when a guard wants it (S17)."""
FINISHED_FOR = 60.0

_BEGINS_OR_GOES_ON = frozenset({SessionState.READY, SessionState.COUNTDOWN, SessionState.STARTING, SessionState.PAUSED})
_HALTS = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY})
_OF_A_CHECK = frozenset({SessionState.CHECKING, SessionState.STOPPING})
_MOVING = STEERING | {SessionState.STARTING, SessionState.MANUAL, SessionState.INTERRUPTED}

__all__ = ["Output", "SessionController"]


class SessionController:
    """The session of one treadmill; when one walk has ended it waits for the next."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        """May be changed at any time; a walk that was confirmed keeps its limits."""
        self.state = SessionState.IDLE
        self.odometer = Odometer()
        self.safety_key_pulled = False
        self.countdown_ends: float | None = None
        self._out = Outbox()
        self._belt = Belt()
        self._link = False
        self._terms = SessionTerms()
        self._under_way = False  # a walk has begun and has not ended
        self._steering: Steering | None = None
        self._rises: Mapping[CommandKind, float] = {}  # of this walk's last pilot
        self._pending_reductions: Mapping[CommandKind, ManualRamp] = {}  # of this walk's last steering
        self._forget_last_session()
        self._stopper = Stopper()
        self._since = 0.0  # of the present state
        self._unexplained = False  # a belt that only its speed says to be in other hands
        self._ready: Readiness | None = None
        self._promised: Limits | None = None  # of what was made ready, until it has begun
        self._pause = Pause()
        self._interruption: Interruption | None = None
        self._guards = Guards()
        self._occupied: bool | None = None
        self._deck = Deck()
        self._check: CheckRun | None = None

    # What one may see of it.

    @property
    def direction(self) -> Direction:
        """The direction of this walk, or of the next one while there is none."""
        return self._terms.direction

    @direction.setter
    def direction(self, direction: Direction) -> None:
        """Choose the direction of the next walk; one that was made ready keeps its own (S4)."""
        self._terms.choose(direction)
        if self.state in BETWEEN_SESSIONS:
            self._terms.forget()

    @property
    def request(self) -> SessionRequest | None:
        """What was wished of this walk when it was made ready; None for one that began at the console."""
        return self._terms.request

    @property
    def walker(self) -> str | None:
        """Who walks; None for a guest."""
        return self.request.walker if self.request else None

    @property
    def length(self) -> float | None:
        """The planned length (s) of this walk; None for one that nobody planned."""
        return self._terms.length

    @property
    def planned_target(self) -> Target | None:
        """The main part of this walk as it was planned, inside the limits; None where nobody chose a speed."""
        return self._plan.main if self._plan is not None and not self._plan.free else None

    @property
    def moving_time(self) -> float:
        """Seconds for which the belt has moved in this walk, unheard ones included where the machine counted them."""
        return self._moved_before + self.odometer.moving_time

    def paused_for(self, now: float) -> float | None:
        """Seconds since the pause began that this walk is in, or is being resumed from; None: it is in none."""
        resuming = self._pause.resuming and self.state in PREPARING | {SessionState.STARTING}
        return self._pause.lasts_for(now) if resuming or self.state is SessionState.PAUSED else None

    @property
    def remaining(self) -> float | None:
        """Seconds for which the belt still has to move; None while no end is planned."""
        if self._steering is not None:
            return max(self._steering.ends - self.moving_time, 0.0)
        ours = self.state is SessionState.INTERRUPTED and self._interruption is not None and self._interruption.ours
        if self._plan is None or not (ours or self.state in _BEGINS_OR_GOES_ON):
            return None
        return max(self._plan.length - (self.moving_time if self._under_way else 0.0), 0.0)

    @property
    def plan(self) -> SessionPlan | None:
        """The course of this walk, or of the one that was made ready; None for one that nobody planned."""
        return self._plan

    @property
    def program(self) -> ProgramPlan | None:
        """The program that is walked, or was made ready; None without one."""
        return self._plan if isinstance(self._plan, ProgramPlan) else None

    def planned_end(self, now: float) -> float | None:
        """When the belt will stop (s); None while it rests, or goes on without us."""
        telemetry, remaining = self._belt.telemetry, self.remaining
        if telemetry is None or remaining is None or now - telemetry.received > END_HOLDS:
            return None
        running = self._steering is not None or self.state is SessionState.INTERRUPTED
        # The moving time counts until the last report, so that this does not shift with every second.
        return telemetry.received + remaining if running else None

    @property
    def under_way(self) -> bool:
        """Whether a walk has begun, ours or one from the console, and has not ended; a pause belongs to it."""
        return self._under_way

    @property
    def awaiting_resume(self) -> bool:
        """Whether nothing rises until a person resumes it or wishes for more: the link was lost meanwhile (S10)."""
        return self._steering is not None and self._steering.awaiting_resume

    @property
    def check(self) -> CheckRun | None:
        """The check run that is under way; its belt may still be coming to rest."""
        return self._check

    @property
    def automations_may(self) -> bool:
        """Whether the owner lets automations confirm, and what that takes is there (S2)."""
        return automations_may(self.rules, self._guards)

    @property
    def limits(self) -> Limits:
        """The limits of this walk, or of the next one while there is none."""
        return self._terms.limits(self.rules)

    @property
    def target_speed(self) -> float | None:
        """The speed that is steered to (km/h); None while nothing is steered."""
        return self._steering.target_speed if self._steering else None

    @property
    def displayed_target_speed(self) -> float | None:
        """Where that leads (km/h): the wish, or in a cool-down the minimum, to which it falls by itself."""
        steering = self._steering
        return steering.cool_down.least if steering and steering.cool_down else self.target_speed

    @property
    def target_incline(self) -> float | None:
        """The incline that is steered to (%); None while nothing is steered."""
        return self._steering.target_incline if self._steering else None

    @property
    def setpoint(self) -> Target | None:
        """Where on the way to these wishes the belt is asked to be now (km/h, %): a ramp takes its time."""
        pilot = self._steering.pilot if self._steering else None
        return Target(pilot.setpoint_speed, pilot.setpoint_incline) if pilot else None

    @property
    def _plan(self) -> SessionPlan | None:
        return self._terms.plan

    @property
    def belt_may_move(self) -> bool:
        """Whether the belt moves or might: nothing must be reloaded or changed under a walker (S14)."""
        paused = self.state is SessionState.PAUSED and self._pause.rested
        return self._belt.moves or (self.state not in AT_REST and not paused)

    @property
    def controls_belt(self) -> bool:
        """Whether the belt does what we told it, so that leaving means stopping it (S14)."""
        coasting = self.state is SessionState.PAUSED and self._pause.own and not self._pause.rested
        gap = self._interruption if self.state is SessionState.INTERRUPTED else None
        # A link that was lost a moment ago may be back in another: a stop that waits for it goes first.
        unheard = gap is not None and gap.still_ours
        return coasting or unheard or self.state in STEERING | {SessionState.STARTING} | _OF_A_CHECK

    def belt_lost(self, now: float) -> bool:
        """Whether the belt moved when it was last heard of, and has been silent for too long since (S11)."""
        return self._belt.moves and self._belt.lost(now)

    def drain(self) -> list[Output]:
        """Take what has to be sent and told, in order."""
        return self._out.drain()

    # What people ask.

    def start(self, now: float, *, caller: Caller, wish: SessionRequest | None = None) -> None:
        """The one Start button: the first press makes ready, the second, by a person, confirms (S2)."""
        if self.state is SessionState.READY:
            self.confirm(now, caller=caller, wish=wish)
        elif self.state is SessionState.PAUSED:
            self.resume(now, caller=caller)
        else:
            self.prepare(now, caller=caller, wish=wish)

    def prepare(self, now: float, *, caller: Caller, wish: SessionRequest | None = None) -> None:
        """Prepare a walk; moves nothing, so anybody may."""
        self._check_control()
        if self.state not in BETWEEN_SESSIONS | {SessionState.READY}:
            raise RefusedError(Refusal.BUSY)
        if self._belt.moves:
            raise RefusedError(Refusal.BELT_MOVES)
        if not self._pause.resuming:
            self._terms.accept(wish, self.rules)
        self._become_ready(now, caller=caller)

    def confirm(self, now: float, *, caller: Caller, wish: SessionRequest | None = None) -> None:
        """Let the countdown begin; only for a person who is there (S2), or for an automation where the owner lets it.

        `wish` is what the one who confirms would want:
        they walk it if nobody said who does (S4).
        """
        self._check_control()
        check_hand(self.rules, self._guards, caller=caller)
        if self.state is not SessionState.READY:
            raise RefusedError(Refusal.BUSY)
        if self._stopper.just_said(now):
            raise RefusedError(Refusal.JUST_STOPPED)
        self._guards.check()
        if self._deck.busy(now):
            raise RefusedError(Refusal.BUSY)
        self._check_link()
        # Who is refused has changed nothing: the next one may be another walker.
        check_startable(self._terms.limits(self.rules, by=wish), self._belt, now)
        self._terms.confirm(wish, self.rules)
        if self._pause.resuming:
            self._end_machine_session(now)
        self._promised = self.limits
        seconds = countdown_seconds(self.rules, self.direction, caller=caller)
        self._enter(SessionState.COUNTDOWN, now)
        self.countdown_ends = now + seconds
        self._out.emit(SessionEventKind.COUNTDOWN, seconds=seconds, direction=self.direction.value)

    def withdraw(self, now: float, *, reason: EndReason | Refusal) -> None:
        """End what was made ready and has not begun, with words; a belt that was started already is stopped."""
        if self.state in PREPARING:
            self._end(now, SessionEventKind.START_FAILED, reason=reason)
        elif self.state is SessionState.STARTING:
            self._out.emit(SessionEventKind.START_FAILED, reason=reason)
            self._stop_belt(now)

    def pause(self, now: float) -> None:
        """Bring the belt to rest and keep the walk for a while."""
        self._check_lock()
        if self.state not in STEERING | {SessionState.MANUAL}:
            raise RefusedError(Refusal.NOTHING_TO_PAUSE)
        if self.state is SessionState.MANUAL:
            self._check_control()
        if StopStep.PAUSE in self._stopper.rungs.never:
            self._stop_belt(now)  # it would make this belt faster
            return
        self._pause.said(now)
        self._out.send(Command(CommandKind.PAUSE), now)
        self._enter_pause(now, own=True)

    def resume(self, now: float, *, caller: Caller) -> None:
        """Go on after a pause, which is a start (S2), or take over again after the console did (S7)."""
        self._check_control()
        if self.state is SessionState.READY:
            self.confirm(now, caller=caller)
        elif self.state is SessionState.PAUSED:
            check_hand(self.rules, self._guards, caller=caller)
            if not self._pause.rested:
                raise RefusedError(Refusal.COMING_TO_REST)
            self._pause.resuming = True
            self._become_ready(now, caller=caller)
        elif self.state is SessionState.MANUAL:
            self._check_person(caller=caller)
            self._check_link()
            check_takeable(self.limits, self._belt, now)
            self._take_over(self.limits, now)
            self._out.emit(SessionEventKind.RESUMED)
        elif self._steering is not None and self._steering.awaiting_resume:
            self._check_person(caller=caller)
            self._steering.go_on()
            self._out.emit(SessionEventKind.RESUMED)
        else:
            raise RefusedError(Refusal.NOTHING_TO_RESUME)

    def start_check(self, now: float, *, caller: Caller, second_start: bool = True, pause: bool = True) -> CheckRun:
        """Begin the check run: a person asks for it, stands beside the belt, and nobody is on it (S9).

        `second_start`, `pause`: whether to find out what a start does to a moving belt, and after a pause.
        """
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        self._check_unchecked()
        self._check_lock()
        self._check_person(caller=caller)
        self._guards.check()
        if self._occupied:
            raise RefusedError(Refusal.OCCUPIED)
        if self.state not in BETWEEN_SESSIONS or self._deck.busy(now):
            raise RefusedError(Refusal.BUSY)
        if self._stopper.just_said(now):
            raise RefusedError(Refusal.JUST_STOPPED)
        self._check_link()
        # Not as measured before: that is what is to be measured.
        limits = limits_for(self.rules.capabilities, self.rules.owner, Direction.FORWARD)
        if limits.speed is None or limits.speed.maximum < limits.speed.minimum + speed_grain(limits.speed):
            raise RefusedError(Refusal.NO_SPEED_CONTROL)
        check_startable(limits, self._belt, now)
        self._terms.forget()
        self._enter(SessionState.CHECKING, now)
        self._check = CheckRun(limits, now, second_start=second_start, pause=pause)
        return self._check

    def stop(self, now: float) -> None:
        """Stop now. Never refused, whatever the state, also without control and without a link (S3)."""
        might_move = self.belt_may_move
        # However long ago it was last heard of: many machines are silent at rest.
        rests = self._link and self._belt.rests(now)
        self._stopper.asked()
        self._send_stop(now)
        if self.state in PREPARING and not self._belt.about_to_move(now):
            self._end(now, SessionEventKind.STOPPED, reason=EndReason.STOPPED)
        elif self.state in BETWEEN_SESSIONS | {SessionState.PAUSED} and rests:
            if self.state is SessionState.PAUSED:
                self._end(now, SessionEventKind.STOPPED, reason=EndReason.STOPPED)
        elif self.state is not SessionState.STOPPING:
            self._begin_stopping(now)
        if might_move and not self._link:
            # It cannot be delivered now: who pressed it has to know at once, not after a time-out.
            self._tell_stop_failed(StopFailure.NOT_DELIVERED)

    def finish(self, now: float) -> None:
        """Cool down in a short while, then stop; what rests has finished. Anybody may (S13, S16)."""
        self._check_lock()
        if self.state is SessionState.PAUSED or (self._pause.resuming and self.state in PREPARING):
            if not self._belt.rests(now):
                self._stop_belt(now, reason=EndReason.FINISHED)
            else:
                self._end(now, SessionEventKind.FINISHED, reason=EndReason.FINISHED)
        elif self.state in {SessionState.MANUAL, SessionState.INTERRUPTED}:
            self._check_control()
            self._check_link()
            if self._belt.age(now) > FRESH:
                raise RefusedError(Refusal.NO_FRESH_DATA)
            self._begin_cool_down(now, within=FINISHES_WITHIN, reason=EndReason.FINISHED)
        elif self.state is SessionState.STARTING or self._steering is not None:
            self._begin_cool_down(now, within=FINISHES_WITHIN, reason=EndReason.FINISHED)
        elif self.state not in {SessionState.COOL_DOWN, SessionState.STOPPING}:
            raise RefusedError(Refusal.NOTHING_TO_FINISH)

    def set_speed(self, kmh: float, *, caller: Caller) -> float:
        """Steer to a speed (km/h); returns what the limits leave of it. Raising it needs a person (S16)."""
        steering = self._check_steering()
        if self.limits.allowed_speed(kmh) > steering.pilot.setpoint_speed:
            self._check_person(caller=caller)
        # Nor does it take back what is being slowed down.
        wish = steering.set_speed(kmh if caller.is_person else min(kmh, steering.target_speed), self.moving_time)
        self.state = steering.phase(self.moving_time)
        return wish

    def slow_down(self, by: float) -> float:
        """Steer to so much (km/h) less than the belt was last told; returns what the limits leave of it.

        Less than the wish alone is not always slower: a belt may still be on its way up. Needs nobody (S16).
        """
        pilot = self._check_steering().pilot
        return self.set_speed(min(pilot.speed, pilot.setpoint_speed) - by, caller=Caller.UNKNOWN)

    def set_incline(self, percent: float, *, caller: Caller) -> float:
        """Steer to an incline (%); returns what the limits leave of it. Raising it needs a person (S16)."""
        steering = self._check_steering()
        if steering.pilot.setpoint_incline is None:
            raise RefusedError(Refusal.NOT_STEERING)
        if self.limits.allowed_incline(percent) > steering.pilot.setpoint_incline:
            self._check_person(caller=caller)
        least = min(percent, steering.target_incline or 0.0)
        return steering.set_incline(percent if caller.is_person else least, self.moving_time)

    def ramp_to(self, speed: float | None, incline: float | None, *, over: float, caller: Caller) -> None:
        """One even ramp to a speed (km/h) and an incline (%) in this time (s); up needs a person (S16).

        Whatever else is asked of its speed or incline ends that of the two.
        """
        steering, limits = self._check_steering(), self.limits
        pilot, targets = steering.pilot, dict[CommandKind, float]()
        rises = False
        if speed is not None:
            targets[CommandKind.SET_SPEED] = speed
            rises = limits.allowed_speed(speed) > pilot.speed
        if incline is not None:
            if pilot.incline is None:
                raise RefusedError(Refusal.NOT_STEERING)
            targets[CommandKind.SET_INCLINE] = incline
            rises = rises or limits.allowed_incline(incline) > pilot.incline
        if rises:
            self._check_person(caller=caller)
        steering.ramp_to(targets, over, self.moving_time, caller=caller)
        self.state = steering.phase(self.moving_time)

    def skip_step(self, *, caller: Caller) -> None:
        """On to the program's next step, which needs a person where it goes up (S16)."""
        steering = self._check_steering()
        steering.skip(self._belt, self.moving_time, caller=caller)
        self.state = steering.phase(self.moving_time)

    def lower_deck(self, now: float, *, caller: Caller) -> None:
        """Lower the deck of a belt at rest, a while after it was said: it can close on a child (S18)."""
        self._check_control()
        self._check_person(caller=caller)
        self._guards.check()
        self._check_link()
        if self.state not in BETWEEN_SESSIONS | {SessionState.READY, SessionState.PAUSED}:
            raise RefusedError(Refusal.BELT_MOVES)
        self._out.extend([self._deck.announce(self.rules.capabilities.incline_range, self._belt, now)], now)

    def wind_down(self, now: float) -> None:
        """Slow down to the minimum, then stop: Home Assistant has to go (S14). Not if the console has the belt."""
        if self.state in PREPARING:
            self._end(now, SessionEventKind.STOPPED, reason=EndReason.SHUTDOWN)
        elif self._steering is not None and self._belt.moves:
            slowest = self.limits.allowed_speed(0.0)
            if max(self._steering.pilot.speed, self._belt.speed) > slowest:
                self._out.send(Command(CommandKind.SET_SPEED, slowest), now)
            self._enter(SessionState.COOL_DOWN, now)
            self._out.emit(SessionEventKind.COOLING_DOWN, reason=EndReason.SHUTDOWN)
        elif self.controls_belt and self.state not in {SessionState.COOL_DOWN, SessionState.STOPPING}:
            # Nothing that could be slowed down: not moving yet, not any more, or not heard of.
            self._stop_belt(now, reason=EndReason.SHUTDOWN)
            if not self._link:
                self._tell_stop_failed(StopFailure.NOT_DELIVERED)  # it waits for the link, and who walks has to know

    # What the house tells.

    def on_guard(self, name: str, *, on: bool | None, now: float) -> None:
        """What a start guard says, None if it cannot be read: while it is on nothing is confirmed (S17).

        Turning on it ends what is only beginning; so does one that cannot be read any more, for it may be on.
        """
        turned_on = self._guards.update(name, on=on)
        if not self._guards.forbid:
            return
        self._deck.leave()
        if self.state is SessionState.COUNTDOWN:
            self._end(now, SessionEventKind.START_FAILED, reason=EndReason.GUARD, guard=name)
        elif self.state is SessionState.CHECKING:
            self.tick(now)
        elif turned_on and self.state in _MOVING:
            # A belt that only the console runs is left to it, unless its owner wants it moved (S1).
            stops = self.rules.guard_stops and (self.controls_belt or self.rules.released)
            self._out.emit(SessionEventKind.GUARD, guard=name, stops=stops)
            if stops and (self.state is not SessionState.COOL_DOWN or self._steering is not None):
                self._begin_cool_down(now, within=GUARD_STOPS_IN, reason=EndReason.GUARD)

    def lock(self, *, on: bool, caller: Caller) -> None:
        """The child lock: while it is on only Stop works. Anybody may turn it on, only a person turns it off (S17)."""
        if self.rules.control_lock and not on and not caller.is_person:
            raise RefusedError(Refusal.UNLOCK_NEEDS_PERSON)
        self.rules = replace(self.rules, control_lock=on)

    def restore(self, found: RecoveredSession, now: float) -> None:
        """The session of before a restart goes on (S19): paused, or on a belt that moves and that nobody steers.

        Whoever takes it over has the limits of that walk, not those of a walk that began at the console, and its end
        if it was planned. To be told before what the belt does now is observed, or while it is a stranger's walk.
        """
        if not self._under_way:
            self._begin_session()
        self._moved_before = found.walked
        self._terms.restore(found.request, self.rules, planned=found.planned)
        if found.paused is not None:
            self._pause.recovered(now - found.paused)
            self._enter(SessionState.PAUSED, now)
            return
        self._enter(SessionState.MANUAL, now)
        if found.coached:
            self._monitor.uncoached(now)
            self._out.emit(SessionEventKind.MANUAL, reason=ManualReason.NO_COACH, minutes=0)

    def discard_restored(self, now: float) -> None:
        """What was recognised is over, and the belt is somebody else's."""
        self._under_way = False
        self._terms.forget()
        self._enter(SessionState.IDLE, now)

    def on_occupancy(self, on: bool | None, now: float) -> None:
        """Whether the house sees somebody on the belt; None: it does not know (S17)."""
        self._occupied = on
        self.tick(now)

    # What the machine tells.

    def judge(self, telemetry: Telemetry) -> Telemetry:
        """What the machine reports, as it is judged: a speed alone proves no walk (see `Motion`)."""
        return self._belt.judge(telemetry)

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Take in what the machine reports about its belt, judged or not."""
        self._heed_rules(now)
        belt = self._belt
        belt.observe(telemetry, now)
        telemetry = belt.telemetry or telemetry
        if self.state is not SessionState.IDLE and self._check is None:
            self.odometer.update(telemetry)
        if self.state in STEERING | {SessionState.MANUAL}:
            self._monitor.update(telemetry, occupied=self._occupied)
            self._compare_distance(telemetry, now)
        match self.state:
            case state if state in AT_REST and belt.moves and self._stopper.start_may_follow(now):
                self._stop_belt(now)  # it obeys a start that was stopped before it moved
            case SessionState.IDLE | SessionState.FINISHED if belt.walked:
                self._terms.at_console(self.rules)
                self._watch_session(now, SessionEventKind.BELT_WITHOUT_SESSION)
            case SessionState.READY if belt.moves:
                self._started_at_console(now)
            case SessionState.COUNTDOWN if belt.moves or belt.about_to_move(now):
                self._watch_session(now, SessionEventKind.MANUAL)
            case SessionState.STARTING if belt.moves:
                self._begin_steering(now)
            case state if state in STEERING and belt.moves and self._steering is not None and not self._steering.begins:
                # A machine that does not obey is off by itself; its console still reports what is pressed.
                gauge = belt.gauges[CommandKind.SET_SPEED]
                off = self._out.console.changed_speed(gauge, belt.speed, self._steering.pilot, now)
                if off and self._verifier.finding is None:
                    self._hand_over_to_console(now, SessionEventKind.MANUAL)
                    self._unexplained = True
            case SessionState.PAUSED if belt.moves and self._pause.rested:
                self._hand_over_to_console(now, SessionEventKind.MANUAL)
            case SessionState.INTERRUPTED if self._link:
                self._after_interruption(now)
            case SessionState.STOPPING if self._check is not None:
                self._check.watch_stop(belt, self._stopper.rungs, now)
        self.tick(now)

    def on_machine_event(self, event: MachineEvent, now: float) -> None:
        """Take in something that happened at the machine."""
        kind = event.kind
        self._belt.on_machine_event(event, now)
        if kind is MachineEventKind.SAFETY_KEY:
            self.safety_key_pulled = True
            self._out.emit(SessionEventKind.SAFETY_KEY)
        if kind in _HALTS:
            self._stopper.obeyed(now)
        if kind is MachineEventKind.STARTED and self.state in AT_REST | {SessionState.PAUSED}:
            # It will move in a few seconds, whether or not it reports its countdown: it must not be started again.
            self._belt.started(now)
        if self._check is not None:
            self._check.on_machine_event(event)
            self.tick(now)
            return
        match self.state:
            case SessionState.COUNTDOWN if kind is MachineEventKind.STARTED:
                self._watch_session(now, SessionEventKind.MANUAL)
            case SessionState.COUNTDOWN if not self._pause.echoes(event, now):
                self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
            case SessionState.READY if kind in _HALTS and not self._echoes(event, now):
                self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
            case SessionState.PAUSED if self._pause.ended_by(kind, now):
                # Nothing restarts without a new S2: this walk is over (S7), as after a Stop there.
                if self._pause.rested:
                    self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
                elif kind is MachineEventKind.SAFETY_KEY or self.rules.released:
                    self._stop_belt(now, reason=_reason(event))
                else:
                    self._pause.over = True  # once it rests; nobody asked us for anything
            case SessionState.STARTING | SessionState.MANUAL | SessionState.INTERRUPTED:
                self._notice_while_moving(event, now)
            case state if state in STEERING:
                self._notice_while_moving(event, now)

    def on_link(self, *, up: bool, now: float) -> None:
        """Take in that the link is up, or lost. Nothing resumes by itself (S10)."""
        if up == self._link:
            return
        self._link = up
        if up:
            if self._ready is not None:
                self._ready.connected(now)
            return
        self._belt.unheard()
        match self.state:
            case SessionState.COUNTDOWN:
                self._end(now, SessionEventKind.START_FAILED, reason=EndReason.LINK_LOST)
            case SessionState.STOPPING:
                if self._check is not None:
                    self._check.fail(Failure.LINK_LOST)  # how the belt obeys will not be seen
                self._send_stop(now)  # the link keeps it, and sends it first when it is back
            case SessionState.CHECKING if self._check is not None:
                self._check.fail(Failure.LINK_LOST)
                self.tick(now)
            case SessionState.COOL_DOWN if self._steering is None:
                # Home Assistant has to go: a kept stop is all that can be had of it.
                self._out.emit(SessionEventKind.INTERRUPTED)
                self._stop_belt(now, reason=self._stopper.reason)
            case state if self.belt_may_move and state is not SessionState.INTERRUPTED:
                self._interrupt(now)

    @property
    def on_stop_failed(self) -> StopFailure | None:
        """Why the last stop that somebody asked for does not work, as far as it was told; None: nothing is amiss."""
        told = self._stopper.told
        return next((failure for failure in StopFailure if failure in told), None)

    def on_command_done(self, command: Command, now: float) -> None:
        """Take in that the machine accepted a command."""
        # Whatever of the ladder brings it to rest, to the belt it is a stop.
        halts = command.urgent and command.kind is CommandKind.PAUSE
        self._belt.obeyed(CommandKind.STOP if halts else command.kind, now)
        if self.state is SessionState.PAUSED and command.kind is CommandKind.PAUSE:
            self._pause.taken = True
        elif command.stops:
            self._stopper.taken(command)

    def on_command_failed(self, command: Command, now: float, *, declined: bool = False) -> None:
        """Take in that a command did not reach the machine or, `declined`, that the machine will not do it."""
        if self._link:
            self._belt.declined(command.kind, now)
        if command.stops and self.state is not SessionState.PAUSED:
            if declined and self._link:
                self._out.stop(self._stopper.declined(command, self._belt, now, self._slowest))
            elif not declined and self.belt_may_move and not (self._link and self._belt.never_left_rest(now)):
                self._tell_stop_failed(StopFailure.NOT_DELIVERED)
                if self._check is not None:
                    self._check.declined(command.kind)
            return
        if self._check is not None:
            self._check.declined(command.kind)
            if command.kind is CommandKind.START:
                self._belt.start_voided()
            self.tick(now)
        match command.kind:
            case CommandKind.START if self.state is SessionState.STARTING:
                self._out.emit(SessionEventKind.START_FAILED, reason=EndReason.REFUSED)
                self._stop_belt(now)
            case CommandKind.END_SESSION:
                self._pause.session_ended = False
            case CommandKind.PAUSE if self.state is SessionState.PAUSED and not self._pause.rested:
                if not self._belt.slows(now) and not (declined and self._pause.taken):
                    self._stop_belt(now)
            case CommandKind.SET_SPEED | CommandKind.SET_INCLINE if self._steering is not None and self._belt.moves:
                self._out.extend(self._steering.declined(command, self._belt), now)

    def tick(self, now: float) -> None:
        """Let time pass; about once a second is enough."""
        self._heed_rules(now)
        in_state = now - self._since
        match self.state:
            case SessionState.READY if self._ready is not None and self._ready.lapsed(now):
                self._lapse(now)
            case SessionState.COUNTDOWN:
                self._count_down(now)
            case SessionState.CHECKING if self._check is not None:
                self._go_on_checking(self._check, now)
            case SessionState.STARTING if in_state > MOVES_WITHIN:
                self._fail_start(now)
            case SessionState.INTERRUPTED if self._interruption is not None and self._interruption.late(now):
                self._fail_start(now)
            case SessionState.COOL_DOWN if self._steering is None:
                self._finish_wind_down(now)
            case state if state in STEERING:
                self._steer(now)
            case SessionState.STOPPING:
                self._keep_stopping(now)
            case SessionState.MANUAL:
                if self._belt.rests(now) or (self._belt.moves and not self._belt.walked):
                    self._end(now, SessionEventKind.FINISHED, reason=EndReason.CONSOLE)
                elif self._belt.lost(now) and not self._belt.about_to_move(now):
                    self._interrupt(now)
                else:
                    self._watch(now)
            case SessionState.PAUSED:
                self._wait_paused(now)
            case SessionState.INTERRUPTED if in_state > INTERRUPTED_FOR:
                self._belt.forget()
                self._end(now, SessionEventKind.FINISHED, reason=EndReason.INTERRUPTED)
            case SessionState.FINISHED if in_state > FINISHED_FOR:
                self._terms.forget()
                self._enter(SessionState.IDLE, now)
        may = self.rules.released and not self.rules.control_lock and self._link
        lowered = self._deck.due(self.rules.capabilities.incline_range, self._belt, now, may=may)
        if lowered is not None and not self.belt_may_move:
            self._out.send(lowered, now)

    # What is asked of who asks.

    def _check_control(self) -> None:
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        self._check_unchecked()
        if self.rules.blocked_by is not None:
            raise RefusedError(self.rules.blocked_by)
        self._check_lock()

    def _check_unchecked(self) -> None:
        if self._check is not None:
            raise RefusedError(Refusal.CHECKING)

    def _check_lock(self) -> None:
        if self.rules.control_lock:
            raise RefusedError(Refusal.LOCKED)

    def _check_person(self, *, caller: Caller) -> None:
        if not caller.is_person:
            raise RefusedError(Refusal.NEEDS_PERSON)

    def _check_link(self) -> None:
        if not self._link:
            raise RefusedError(Refusal.NOT_CONNECTED)

    def _check_steering(self) -> Steering:
        self._check_lock()
        if self._steering is None:
            self._check_control()
            raise RefusedError(Refusal.NOT_STEERING)
        return self._steering

    def _forget_last_session(self) -> None:
        """Nothing of one walk tells anything about the next."""
        self._moved_before = 0.0  # s, in a walk that a restart cut in two
        self._rises, self._pending_reductions = {}, {}
        self._out.belt_rested()
        self._verifier = CommandVerifier()
        self._monitor = SessionMonitor()
        self._unit_monitor: UnitMonitor | None = None  # of a walk that we steer, or steered

    # How it goes on: towards a start.

    def _become_ready(self, now: float, *, caller: Caller) -> None:
        until = self._pause.lasts_until if self._pause.resuming else float("inf")
        self._enter(SessionState.READY, now)
        self._promised = self.limits
        self._ready = Readiness(now, caller=caller, connected=self._link, until=until)
        self._out.emit(SessionEventKind.READY, direction=self.direction.value)
        if caller.is_person and self._pause.resuming:
            self._end_machine_session(now)

    def _end_machine_session(self, now: float) -> None:
        """Before a walk goes on the machine begins anew: many resume at their last speed (S12)."""
        pausing = self._pause
        if not pausing.session_ended and self._link and self._belt.rests(now):
            pausing.ends_session(now)
            self._belt.session_ended(now)
            self._out.send(Command(CommandKind.END_SESSION), now)

    def _heed_rules(self, now: float) -> None:
        """What was made ready, and may not begin any more, ends at once (S1)."""
        if self.state in PREPARING | {SessionState.STARTING}:
            reason = barrier(self.rules, self._promised, self._terms.limits_by(self.rules))
            if reason is not None:
                self.withdraw(now, reason=reason)

    def _lapse(self, now: float) -> None:
        if self._pause.resuming:
            self._end(now, SessionEventKind.FINISHED, reason=EndReason.PAUSED_TOO_LONG)
        elif self._link:
            self._end(now, SessionEventKind.STOPPED, reason=EndReason.LAPSED)
        else:
            self._end(now, SessionEventKind.START_FAILED, reason=EndReason.NOT_CONNECTED)

    def _count_down(self, now: float) -> None:
        belt, ends = self._belt, self.countdown_ends
        if belt.age(now) > STALE or (ends is not None and now > ends + STALE):
            # A start that comes late finds nobody prepared.
            self._end(now, SessionEventKind.START_FAILED, reason=EndReason.NO_FRESH_DATA)
        elif (refusal := deck_off_level(self.limits, belt)) is not None:
            self._end(now, SessionEventKind.START_FAILED, reason=refusal)
        elif ends is not None and now >= ends and belt.age(now) <= FRESH and belt.rests(now):
            self._begin_session()
            self._enter(SessionState.STARTING, now)
            # A belt that moves, or was started at the console, would have ended the countdown (S8).
            self._start_belt(Command(CommandKind.START), now)

    def _start_belt(self, command: Command, now: float) -> None:
        self.safety_key_pulled = False
        command = replace(command, value=self._belt.shown_at_rest)
        self._belt.started(now)
        self._stopper.start_said(now)
        self._out.send(command, now)

    def _fail_start(self, now: float) -> None:
        """Stop a belt that was started and was not seen to move (S2); whoever cannot hear it does not know more."""
        heard = self._link and self._belt.age(now) <= STALE
        self._out.emit(
            SessionEventKind.START_FAILED, reason=EndReason.BELT_DOES_NOT_MOVE if heard else EndReason.BELT_NOT_HEARD
        )
        self._stop_belt(now)

    def _begin_session(self) -> None:
        """Count anew, unless it goes on after a pause."""
        self.safety_key_pulled = False
        if self._pause.resuming:
            self._out.belt_rested()
            self._monitor.reset()
        else:
            self._forget_last_session()
            self._under_way = True
            self.odometer = Odometer(self._belt.telemetry)
            self._terms.begin(self.rules)

    def _started_at_console(self, now: float) -> None:
        """The treadmill's own Start confirms what was made ready (S2), if it is one and all else is as it must be."""
        limits = self.limits
        allowed = self.rules.released and not self.rules.control_lock and not self._guards.forbid
        # What was heard before a link was lost may be told after it: nothing can be steered then.
        may = allowed and self._link and limits.speed is not None and deck_off_level(limits, self._belt) is None
        if not may or not self._belt.came_from_rest:
            # Also a belt that ran before we were connected: nobody confirmed anything.
            self._watch_session(now, SessionEventKind.MANUAL)
            return
        self._terms.fix_limits(self.rules)
        self._begin_session()
        self._begin_steering(now)

    # How it goes on: with nobody on the belt.

    def _go_on_checking(self, check: CheckRun, now: float) -> None:
        """Send what the check run wants sent; stop the belt once it wants that, or may not go on (S9)."""
        belt = self._belt
        if self._guards.forbid or self._occupied:
            check.fail(Failure.SOMEBODY_NEAR)
        elif self.rules.control_lock or not self.rules.control:
            check.fail(Failure.STOPPED)
        command = check.advance(belt, now)
        if command is not None:
            if command.kind is CommandKind.START:
                self._start_belt(command, now)
            else:
                self._out.send(command, now)
        elif check.due:
            self._stop_belt(now, reason=EndReason.CHECK)

    # How it goes on: while the belt moves.

    def _watch_session(self, now: float, kind: SessionEventKind) -> None:
        """Count a walk that we do not steer."""
        self._begin_session()
        self._hand_over_to_console(now, kind)

    def _begin_steering(self, now: float, *, again: bool = False) -> Steering:
        """Every walk begins at the minimum and level, also where the machine starts faster (see Beginning).

        `again`: it was not heard for a while since it began.
        """
        slowest = self.limits.allowed_speed(0.0)
        resuming = self._pause.resuming
        # After a pause at the very end only the cool-down is left.
        course = self._plan or self._terms.plan_from(self.moving_time, self.limits)
        steering = self._steer_from(self.limits, course, slowest, now)
        steering.begin(self.moving_time, resuming=resuming)
        if not again:
            self._out.emit(SessionEventKind.RESUMED if resuming else SessionEventKind.STARTED)
        return steering

    def _take_over(self, limits: Limits, now: float) -> Steering:
        """Steer a moving belt from its speed on; one that the limits forbid is walked down to them."""
        steering = self._steer_from(limits, self._terms.plan_from(self.moving_time, limits), self._belt.speed, now)
        steering.take_over(self.moving_time)
        self.state = steering.phase(self.moving_time)
        return steering

    def _steer_from(self, limits: Limits, course: SessionPlan, speed: float, now: float) -> Steering:
        self._terms.fix_limits(self.rules)
        self._enter(SessionState.ACTIVE, now)
        known = limits, course, self._verifier, self._belt, now
        steering = Steering(*known, speed=speed, rises=self._rises, falls=self._pending_reductions)
        self._unit_monitor = self._unit_monitor or UnitMonitor()
        self._steering, self.state = steering, steering.phase(self.moving_time)
        return steering

    def _steer(self, now: float) -> None:
        belt, steering = self._belt, self._steering
        if belt.lost(now):
            self._interrupt(now)
        elif belt.rests(now):
            if self.state is SessionState.COOL_DOWN:
                self._end(now, SessionEventKind.STOPPED, reason=EndReason.CONSOLE)
            else:
                self._enter_pause(now, own=False)
        elif steering is not None and belt.moves:
            # One report of rest may be an error; a target could start a belt that rests (S8).
            self._out.extend(steering.advance(belt, self.moving_time, now), now)
            self.state = steering.phase(self.moving_time)
            if steering.runs_away:
                self._stop_belt(now, reason=EndReason.NOT_OBEYED)
            elif steering.cool_down is not None and self.moving_time >= steering.ends:
                self._stop_belt(now, reason=steering.cool_down.reason)
            elif steering.gives_back and not steering.falling and steering.pilot.on_target(belt.speed):
                self._hand_over_to_console(now, SessionEventKind.MANUAL, reason=ManualReason.NO_COACH)
                self._monitor.uncoached(now)
            else:
                self._watch(now)

    def _watch(self, now: float) -> None:
        """Tell the time, and that nobody is there or coaches; an empty belt is stopped, if we may."""
        steering, course = self._steering, self._plan
        early = steering is not None and course is not None and steering.ends < course.length
        length = course.length if course is not None and self.length is not None and not early else None
        self._out.extend(self._monitor.evaluate(length, self.moving_time, now, coached=steering is not None), now)
        if self._monitor.nobody and (steering is not None or self.rules.released):
            self._stop_belt(now, reason=EndReason.NOBODY_ON_BELT)

    def _compare_distance(self, telemetry: Telemetry, now: float) -> None:
        """A belt that we steered in this walk may go over to miles; what looked like a hand was no hand then (S9)."""
        yardstick, steering = self._unit_monitor, self._steering
        if yardstick is None or self._verifier.finding is not None:
            return
        yardstick.update(telemetry)
        if not yardstick.miles:
            return
        self._verifier.finding = CommandMismatch.MILES
        self.odometer.in_miles = True
        course = self._plan
        if steering is None and self._unexplained and self.rules.released and self._link and course is not None:
            steering = self._steer_from(self.limits, course, self._belt.speed, now)
            self._out.extend(steering.resume_after_loss(None, self._belt, self.moving_time), now)
            self.state = steering.phase(self.moving_time)
        self._out.extend([not_obeyed(CommandMismatch.MILES, CommandKind.SET_SPEED)], now)
        if steering is not None:
            steering.pilot.go_in_miles()

    def _notice_while_moving(self, event: MachineEvent, now: float) -> None:
        watching = self.state in {SessionState.MANUAL, SessionState.INTERRUPTED}
        match event.kind:
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED if not self.rules.released:
                pass  # it comes to rest by itself; nobody asked us for anything
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED:
                # The machine stops the belt already; saying it again is harmless and voids what is under way.
                self._stop_belt(now, reason=_reason(event))
            case MachineEventKind.PAUSED:
                self._belt.start_voided()
                self._enter_pause(now, own=False)
            case _ if self.state is SessionState.INTERRUPTED and self._interruption is not None:
                if event.kind is MachineEventKind.CONTROL_LOST or self._out.console.changed_target(event, now):
                    self._interruption.key_pressed()
            case MachineEventKind.CONTROL_LOST if not watching:
                self._hand_over_to_console(now, SessionEventKind.MANUAL)
            case _ if not watching and self.state is not SessionState.STARTING:
                # While it starts, some machines report the speed that they start with.
                ours = self._steering is not None and self._steering.explains(event)
                if not ours and self._out.console.changed_target(event, now):
                    self._hand_over_to_console(now, SessionEventKind.MANUAL)

    def _hand_over_to_console(self, now: float, kind: SessionEventKind, **data: str) -> None:
        self._enter(SessionState.MANUAL, now)
        self._out.emit(kind, **data)

    def _interrupt(self, now: float) -> None:
        starts, pauses = self.state is SessionState.STARTING, self.state is SessionState.PAUSED
        last = self._belt.telemetry or Telemetry()
        self._interruption = Interruption(
            last,
            self._steering,
            ours=self.controls_belt,
            starts=starts,
            moves_until=self._since + MOVES_WITHIN if starts else float("inf"),
            pauses=pauses,
        )
        self._enter(SessionState.INTERRUPTED, now)
        self._out.emit(SessionEventKind.INTERRUPTED)

    def _after_interruption(self, now: float) -> None:
        """The belt is heard again: what was going down goes on, nothing rises; or it goes on without us (S10)."""
        gap, belt = self._interruption, self._belt
        if belt.moves and gap is not None and belt.telemetry is not None:
            aftermath = gap.aftermath(belt.telemetry)
            if aftermath is Aftermath.CONSOLE:
                self._hand_over_to_console(now, SessionEventKind.LINK_BACK)
                self._monitor.uncoached(now if gap.ours else None)
                return
            self._out.emit(SessionEventKind.LINK_BACK)
            if aftermath is Aftermath.PAUSES:
                self._pause.said(now)
                self._out.send(Command(CommandKind.PAUSE), now)
                self._enter_pause(now, own=True)
            else:
                self._go_on_after(gap, aftermath, now)
        elif belt.rests(now):
            self._out.emit(SessionEventKind.LINK_BACK)
            if gap is not None and gap.pauses:
                self._enter_pause(now, own=gap.ours)
            else:
                self._end(now, SessionEventKind.FINISHED, reason=EndReason.INTERRUPTED)

    def _go_on_after(self, gap: Interruption, aftermath: Aftermath, now: float) -> None:
        """Steer a belt of ours on that was not heard for a while."""
        if aftermath is Aftermath.BEGINS:
            steering = self._begin_steering(now, again=gap.steering is not None)
        else:
            # One whose end has passed meanwhile ends now: nobody gave us the belt for longer (S13).
            course = self._plan or self._terms.plan_from(self.moving_time, self.limits)
            overshoots = self._verifier.finding in {CommandMismatch.OVERSHOOT, CommandMismatch.MILES}
            speed = gap.speed(self._belt.speed, overshoots=overshoots)
            steering = self._steer_from(self.limits, course, speed, now)
        self._out.extend(steering.resume_after_loss(gap.steering, self._belt, self.moving_time), now)
        steering.gives_back = aftermath is Aftermath.LOWERS
        self.state = steering.phase(self.moving_time)

    # How it goes on: towards rest.

    def _enter_pause(self, now: float, *, own: bool) -> None:
        heading = self._steering.pilot.speed if self._steering else self._belt.heading(now)
        self._pause.begin(self._belt, now, own=own, heading=heading)
        self._enter(SessionState.PAUSED, now)
        self._out.emit(SessionEventKind.PAUSED, by="home_assistant" if own else "console")

    def _wait_paused(self, now: float) -> None:
        belt, pausing = self._belt, self._pause
        pausing.update(belt, now)
        if pausing.rested:
            if pausing.over:
                self._end(now, SessionEventKind.STOPPED, reason=EndReason.CONSOLE)
            elif now > pausing.lasts_until:
                self._end(now, SessionEventKind.FINISHED, reason=EndReason.PAUSED_TOO_LONG)
            elif self.rules.released and self.rules.measured.resumes_fast and not pausing.asked_to_end:
                # Nor may its own Start take a walker back to the last speed.
                self._end_machine_session(now)
        elif not pausing.fails(belt, now):
            self._out.stop(StopStep.PAUSE.command(None) if pausing.due(belt, now) else None)
        else:
            if pausing.own and belt.got_faster:
                self._stopper.rungs.never.add(StopStep.PAUSE)
            if pausing.own:
                self._stop_belt(now)
            else:
                self._hand_over_to_console(now, SessionEventKind.MANUAL)

    def _begin_cool_down(self, now: float, *, within: float, reason: EndReason) -> None:
        """Cool down what is ours or may be taken over on the way down; stop what cannot be slowed."""
        steering = self._steering or self._take_over_to_slow(now)
        if steering is None or not self._belt.moves:
            self._stop_belt(now, reason=reason)
        elif event := steering.finish(self._belt, self.moving_time, within=within, reason=reason):
            self._out.extend([event], now)
            self.state = steering.phase(self.moving_time)

    def _take_over_to_slow(self, now: float) -> Steering | None:
        """Take a belt from the console to slow it, if we may and can; a deck too far from level is left as it is."""
        limits = self.limits
        if deck_off_level(limits, self._belt) is not None:
            limits = replace(limits, incline=None, incline_pace=None, steepest=None)
        try:
            self._check_control()
            self._check_link()
            check_takeable(limits, self._belt, now)
        except RefusedError:
            return None
        return self._take_over(limits, now)

    def _finish_wind_down(self, now: float) -> None:
        slowed = self._belt.moves and self._belt.speed <= self.limits.allowed_speed(0.0) + 0.05
        if self._belt.rests(now):
            self._end(now, SessionEventKind.STOPPED, reason=EndReason.CONSOLE)
        elif slowed or self._belt.lost(now) or now - self._since >= WIND_DOWN:
            self._stop_belt(now, reason=EndReason.SHUTDOWN)

    def _stop_belt(self, now: float, *, reason: EndReason = EndReason.STOPPED) -> None:
        self._send_stop(now)
        self._begin_stopping(now, reason=reason)

    def _begin_stopping(self, now: float, *, reason: EndReason = EndReason.STOPPED) -> None:
        if self._check is not None:
            self._check.stop_said(now)
        heading = self._steering.pilot.speed if self._steering else self._belt.heading(now)
        self._stopper.begin(self._belt, now, reason=reason, heading=heading)
        self._enter(SessionState.STOPPING, now)

    def _keep_stopping(self, now: float) -> None:
        """Say stop again until the belt obeys; tell once when it does not. One that is not heard of is given up."""
        belt, stopping = self._belt, self._stopper
        unheard = stopping.unheard(belt, now)
        if not self._link:
            if not stopping.lapsed(now):
                self._tell_stop_fails(now)
            elif belt.moves:
                self._interrupt(now)
            else:
                belt.forget()
                self._end(now, SessionEventKind.STOPPED, reason=EndReason.NOT_CONNECTED)
        elif (belt.rests(now) and stopping.is_over(now)) or (unheard and not belt.moves):
            kind = SessionEventKind.FINISHED if stopping.reason.planned else SessionEventKind.STOPPED
            self._end(now, kind, reason=stopping.reason)
        elif unheard:
            self._interrupt(now)
        else:
            self._out.stop(stopping.due(belt, now, self._slowest))
            self._tell_stop_fails(now)

    def _end(self, now: float, kind: SessionEventKind, *, reason: EndReason | Refusal, **data: str) -> None:
        walked = self._under_way and self.moving_time > 0
        self._under_way = False
        self._terms.free_limits()
        self._pause.resuming = False
        self._enter(SessionState.FINISHED if walked else SessionState.IDLE, now)
        if not walked:
            self._terms.forget()
        self._out.emit(kind, reason=reason, **data)
        if walked and kind is SessionEventKind.START_FAILED:
            self._out.emit(SessionEventKind.FINISHED, reason=reason)  # a pause ended by it, and with it the walk

    # The small things.

    def _enter(self, state: SessionState, now: float) -> None:
        self.state = state
        self._since = now
        self._unexplained = False
        if self._steering is not None:
            self._rises, self._pending_reductions = self._steering.pilot.rises, self._steering.pending_reductions
            self._steering = None
            self._verifier.reset()
        self._ready = None
        if self._check is not None and state not in _OF_A_CHECK:
            self._check.close()
            self._check = None
        self._monitor.uncoached(None)
        self.countdown_ends = None

    def _echoes(self, event: MachineEvent, now: float) -> bool:
        """Whether the machine may only be reporting, late, that it obeyed us."""
        own = self._stopper.just_said(now) or self._pause.just_said(now)
        return own and event.kind is not MachineEventKind.SAFETY_KEY

    def _send_stop(self, now: float) -> None:
        """Say what stops this belt, as far as one knows."""
        self._deck.leave()
        works, again = self.rules.measured.stop_rung, self.state is SessionState.STOPPING
        self._out.stop(self._stopper.ask(self._belt, now, works, self._slowest, again=again))

    @property
    def _slowest(self) -> float | None:
        """The lowest speed (km/h), where it would slow the belt down; None before it moves (S8)."""
        speeds = self.limits.speed or self.rules.capabilities.speed_range
        faster = speeds is not None and self._belt.moves and self._belt.speed > speeds.minimum + 0.05
        return speeds.minimum if speeds is not None and faster else None

    def _tell_stop_fails(self, now: float) -> None:
        if failure := self._stopper.fails(self._belt, now, linked=self._link):
            self._out.emit(SessionEventKind.STOP_FAILED, reason=failure.value)

    def _tell_stop_failed(self, failure: StopFailure) -> None:
        if self._stopper.report_failure(failure):
            self._out.emit(SessionEventKind.STOP_FAILED, reason=failure.value)


def _reason(event: MachineEvent) -> EndReason:
    return EndReason.SAFETY_KEY if event.kind is MachineEventKind.SAFETY_KEY else EndReason.CONSOLE
