"""One walk on the belt: what may be done now, and what the belt is told (safety rules S2, S3, S7-S18).

A session takes in what the machine tells, what people ask and the time, and puts out commands and events. Times are
monotonic seconds, given as `now`; the session has no clock of its own. The same inputs give the same outputs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..machine.model import Capabilities, Command, CommandKind, MachineEvent, MachineEventKind, Telemetry
from .belt import FRESH, LATE_START, MOVES_WITHIN, STALE, Belt
from .console import OWN_CHANGE, ConsoleWatch
from .course import FINISHES_WITHIN, Course, Target, Wish
from .deck import Deck
from .interruption import END_HOLDS, Interruption
from .limits import Direction, Limits, limits_for
from .lookout import Lookout
from .odometer import Odometer
from .readiness import Readiness, check_startable, check_takeable, countdown_seconds, deck_too_high
from .states import (
    AT_REST,
    PREPARING,
    STEERING,
    Refusal,
    RefusedError,
    Rules,
    SessionEvent,
    SessionEventKind,
    SessionState,
)
from .steering import Output, Steering
from .stopping import Stopping
from .verify import Verification

INTERRUPTED_FOR = 600.0
PAUSE_FAILS_AFTER = 8.0
PAUSED_FOR = 300.0
"""Seconds after which a pause ends the session (S12)."""
WIND_DOWN = 10.0
"""Seconds for slowing down before the stop, when Home Assistant has to go (S14)."""
GUARD_STOPS_IN = 10.0
"""Seconds for slowing down before the stop, when a guard wants it (S17)."""
FINISHED_FOR = 60.0

_BETWEEN_WALKS = frozenset({SessionState.IDLE, SessionState.FINISHED})
_BEGINS_OR_GOES_ON = frozenset({SessionState.READY, SessionState.COUNTDOWN, SessionState.STARTING, SessionState.PAUSED})
_HALTS = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY})
_ENDS_AS_MEANT = frozenset({"completed", "finished"})

__all__ = ["STALE", "Output", "Session"]


class Session:
    """The session of one treadmill; when one walk has ended it waits for the next."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        """May be changed at any time; a walk that was confirmed keeps its limits."""
        self.state = SessionState.IDLE
        self.odometer = Odometer()
        self.safety_key_pulled = False
        self.countdown_ends: float | None = None
        self._out: list[Output] = []
        self._belt = Belt()
        self._link = False
        self._next_direction = Direction.BACKWARD
        self._direction: Direction | None = None  # of this walk, since it was made ready
        self._wish: Wish | None = None  # of this walk; None for one that began at the console
        self._length: float | None = None  # s that were planned for this walk
        self._limits: Limits | None = None  # of this walk, since it was confirmed
        self._walking = False  # a walk has begun and has not ended
        self._course: Course | None = None
        self._steering: Steering | None = None
        self._rises: Mapping[CommandKind, float] = {}  # of this walk's last pilot
        self._forget_last_walk()
        self._stopping = Stopping()
        self._stop_reason = "stopped"
        self._since = 0.0  # of the present state
        self._late_start_until = float("-inf")
        self._ready: Readiness | None = None
        self._resuming = False
        self._paused_at = 0.0
        self._rested = False  # since the pause began
        self._own_pause = False
        self._pause_sent = float("-inf")
        self._interruption: Interruption | None = None
        self._guarded = False
        self._occupied: bool | None = None
        self._deck = Deck()

    # What one may see of it.

    @property
    def direction(self) -> Direction:
        """The direction of this walk, or of the next one while there is none."""
        return self._direction or self._next_direction

    @direction.setter
    def direction(self, direction: Direction) -> None:
        """Choose the direction of the next walk; one that was made ready keeps its own (S4)."""
        self._next_direction = direction
        if self.state in _BETWEEN_WALKS:
            self._forget_wish()

    @property
    def wish(self) -> Wish | None:
        """What was wished of this walk when it was made ready; None for one that began at the console."""
        return self._wish

    @property
    def walker(self) -> str | None:
        """Who walks; None for a guest."""
        return self._wish.walker if self._wish else None

    @property
    def length(self) -> float | None:
        """The planned length (s) of this walk; None for one that nobody planned."""
        return self._length

    @property
    def chosen(self) -> Target | None:
        """The main part of this walk as it was planned, inside the limits; None where nobody chose a speed."""
        return self._course.main if self._course is not None and not self._course.free else None

    @property
    def moving_time(self) -> float:
        """Seconds for which the belt has moved in this walk, unheard ones included where the machine counted them."""
        return self._walked_before + self.odometer.moving_time

    @property
    def remaining(self) -> float | None:
        """Seconds for which the belt still has to move; None while no end is planned."""
        if self._steering is not None:
            return max(self._steering.ends - self.moving_time, 0.0)
        ours = self.state is SessionState.INTERRUPTED and self._interruption is not None and self._interruption.ours
        if self._course is None or not (ours or self.state in _BEGINS_OR_GOES_ON):
            return None
        return max(self._course.length - (self.moving_time if self._walking else 0.0), 0.0)

    def planned_end(self, now: float) -> float | None:
        """When the belt will stop (s); None while it rests, or goes on without us."""
        telemetry, remaining = self._belt.telemetry, self.remaining
        if telemetry is None or remaining is None or now - telemetry.received > END_HOLDS:
            return None
        running = self._steering is not None or self.state is SessionState.INTERRUPTED
        # The moving time counts until the last report, so that this does not shift with every second.
        return telemetry.received + remaining if running else None

    @property
    def walking(self) -> bool:
        """Whether a walk has begun, ours or one from the console, and has not ended; a pause belongs to it."""
        return self._walking

    @property
    def limits(self) -> Limits:
        """The limits of this walk, or of the next one while there is none."""
        return self._limits or self._limits_now()

    @property
    def speed_wish(self) -> float | None:
        """The speed that is steered to (km/h); None while nothing is steered."""
        return self._steering.pilot.speed_wish if self._steering else None

    @property
    def incline_wish(self) -> float | None:
        """The incline that is steered to (%); None while nothing is steered."""
        return self._steering.pilot.incline_wish if self._steering else None

    @property
    def belt_may_move(self) -> bool:
        """Whether the belt moves or might: nothing must be reloaded or changed under a walker (S14)."""
        paused = self.state is SessionState.PAUSED and self._rested
        return self._belt.moves or (self.state not in AT_REST and not paused)

    @property
    def steers(self) -> bool:
        """Whether the belt does what we told it, so that leaving means stopping it (S14)."""
        coasting = self.state is SessionState.PAUSED and self._own_pause and not self._rested
        interrupted = self.state is SessionState.INTERRUPTED and self._interruption is not None
        unheard = interrupted and self._interruption is not None and self._interruption.ours and self._link
        return coasting or unheard or self.state in STEERING | {SessionState.STARTING, SessionState.STOPPING}

    def drain(self) -> list[Output]:
        """Take what has to be sent and told, in order."""
        out, self._out = self._out, []
        return out

    # What people ask.

    def start(self, now: float, *, by_person: bool, wish: Wish | None = None) -> None:
        """The one Start button: the first press makes ready, the second, by a person, confirms (S2)."""
        if self.state is SessionState.READY:
            self.confirm(now, by_person=by_person, wish=wish)
        elif self.state is SessionState.PAUSED:
            self.resume(now, by_person=by_person)
        else:
            self.make_ready(now, by_person=by_person, wish=wish)

    def make_ready(self, now: float, *, by_person: bool, wish: Wish | None = None) -> None:
        """Prepare a walk; moves nothing, so anybody may."""
        self._check_control()
        if self.state not in _BETWEEN_WALKS | {SessionState.READY}:
            raise RefusedError(Refusal.BUSY)
        if self._belt.moves:
            raise RefusedError(Refusal.BELT_MOVES)
        if not self._resuming:
            wish = wish or Wish(direction=self._next_direction)
            limits = self._limits_now(wish)
            if self.rules.capabilities != Capabilities() and limits.speed is None:
                raise RefusedError(Refusal.NO_SPEED_CONTROL)
            self._direction, self._wish = wish.direction, wish
            self._plan(limits)
        self._become_ready(now, by_person=by_person)

    def confirm(self, now: float, *, by_person: bool, wish: Wish | None = None) -> None:
        """Let the countdown begin; only for a person who is there (S2).

        `wish` is what the one who confirms would want: they walk it if nobody said who does (S4).
        """
        self._check_control()
        self._check_person(by_person=by_person)
        if self.state is not SessionState.READY:
            raise RefusedError(Refusal.BUSY)
        if self._stopping.just_said(now):
            raise RefusedError(Refusal.JUST_STOPPED)
        if self._guarded:
            raise RefusedError(Refusal.GUARDED)
        if self._deck.busy(now):
            raise RefusedError(Refusal.BUSY)
        self._check_link()
        if wish is not None and self._wish is not None and self._wish.open:
            self._wish = replace(self._wish, walker=wish.walker, first=wish.first, open=False)
        limits = self.limits
        check_startable(limits, self._belt, now)
        self._limits = limits
        seconds = countdown_seconds(self.rules, self.direction)
        self._enter(SessionState.COUNTDOWN, now)
        self.countdown_ends = now + seconds
        self._tell(SessionEventKind.COUNTDOWN, seconds=seconds, direction=self.direction.value)

    def pause(self, now: float) -> None:
        """Bring the belt to rest and keep the walk for a while."""
        self._check_lock()
        if self.state not in STEERING | {SessionState.MANUAL}:
            raise RefusedError(Refusal.NOTHING_TO_PAUSE)
        if self.state is SessionState.MANUAL:
            self._check_control()
        self._pause_sent = now
        self._send(Command(CommandKind.PAUSE), now)
        self._enter_pause(now, own=True)

    def resume(self, now: float, *, by_person: bool) -> None:
        """Go on after a pause, which is a start (S2), or take over again after the console did (S7)."""
        self._check_control()
        if self.state is SessionState.READY:
            self.confirm(now, by_person=by_person)
        elif self.state is SessionState.PAUSED:
            self._check_person(by_person=by_person)
            if not self._rested:
                raise RefusedError(Refusal.BELT_MOVES)
            self._resuming = True
            self._become_ready(now, by_person=by_person)
        elif self.state is SessionState.MANUAL:
            self._check_person(by_person=by_person)
            self._check_link()
            check_takeable(self.limits, self._belt, now)
            self._take_over(self.limits, now)
            self._tell(SessionEventKind.RESUMED)
        elif self._steering is not None and self._steering.held:
            self._check_person(by_person=by_person)
            self._steering.go_on()
            self._tell(SessionEventKind.RESUMED)
        else:
            raise RefusedError(Refusal.NOTHING_TO_RESUME)

    def stop(self, now: float) -> None:
        """Stop now. Never refused, whatever the state, also without control and without a link (S3)."""
        might_move = self.belt_may_move
        rests = self._link and self._belt.age(now) <= FRESH and self._belt.rests(now)
        self._stopping.asked()
        self._send_stop(now)
        if self.state in PREPARING and not self._belt.about_to_move(now):
            self._end(now, SessionEventKind.STOPPED, reason="stopped")
        elif self.state in _BETWEEN_WALKS | {SessionState.PAUSED} and rests:
            if self.state is SessionState.PAUSED:
                self._end(now, SessionEventKind.STOPPED, reason="stopped")
        elif self.state is not SessionState.STOPPING:
            self._begin_stopping(now)
        if might_move and not self._link:
            # It cannot be delivered now: who pressed it has to know at once, not after a time-out.
            self._tell_stop_failed()

    def finish(self, now: float) -> None:
        """Cool down in a short while, then stop; what rests has finished. Anybody may (S13, S16)."""
        self._check_lock()
        if self.state is SessionState.PAUSED or (self._resuming and self.state in PREPARING):
            if not self._belt.rests(now):
                self._stop_belt(now, reason="finished")
            else:
                self._end(now, SessionEventKind.FINISHED, reason="finished")
        elif self.state in {SessionState.MANUAL, SessionState.INTERRUPTED}:
            self._check_control()
            self._check_link()
            if self._belt.age(now) > FRESH:
                raise RefusedError(Refusal.NO_FRESH_DATA)
            self._ease_out(now, within=FINISHES_WITHIN, reason="finished")
        elif self.state is SessionState.STARTING or self._steering is not None:
            self._ease_out(now, within=FINISHES_WITHIN, reason="finished")
        elif self.state not in {SessionState.COOL_DOWN, SessionState.STOPPING}:
            raise RefusedError(Refusal.NOTHING_TO_FINISH)

    def wish_speed(self, kmh: float, *, by_person: bool) -> float:
        """Steer to a speed (km/h); returns what the limits leave of it. Raising it needs a person (S16)."""
        steering = self._check_steering()
        if self.limits.allowed_speed(kmh) > steering.pilot.speed_wish:
            self._check_person(by_person=by_person)
        wish = steering.wish_speed(kmh, self.moving_time)
        self.state = steering.phase(self.moving_time)
        return wish

    def wish_incline(self, percent: float, *, by_person: bool) -> float:
        """Steer to an incline (%); returns what the limits leave of it. Raising it needs a person (S16)."""
        steering = self._check_steering()
        if steering.pilot.incline_wish is None:
            raise RefusedError(Refusal.NOT_STEERING)
        if self.limits.allowed_incline(percent) > steering.pilot.incline_wish:
            self._check_person(by_person=by_person)
        return steering.wish_incline(percent, self.moving_time)

    def lower_deck(self, now: float, *, by_person: bool) -> None:
        """Lower the deck of a belt at rest, a while after it was said: it can close on a child (S18)."""
        self._check_control()
        self._check_person(by_person=by_person)
        if self._guarded:
            raise RefusedError(Refusal.GUARDED)
        self._check_link()
        if self.state not in _BETWEEN_WALKS | {SessionState.READY, SessionState.PAUSED}:
            raise RefusedError(Refusal.BELT_MOVES)
        self._put([self._deck.announce(self.rules.capabilities.incline_range, self._belt, now)], now)

    def wind_down(self, now: float) -> None:
        """Slow down to the minimum, then stop: Home Assistant has to go (S14). Not if the console has the belt."""
        if self.state in PREPARING:
            self._end(now, SessionEventKind.STOPPED, reason="shutdown")
        elif self._steering is not None and self._belt.moves:
            slowest = self.limits.allowed_speed(0.0)
            if max(self._steering.pilot.speed, self._belt.speed) > slowest:
                self._send(Command(CommandKind.SET_SPEED, slowest), now)
            self._enter(SessionState.COOL_DOWN, now)
            self._tell(SessionEventKind.COOLING_DOWN, reason="shutdown")
        elif self.steers and self.state not in {SessionState.COOL_DOWN, SessionState.STOPPING}:
            # Nothing that could be slowed down: not moving yet, not any more, or not heard of.
            self._stop_belt(now, reason="shutdown")

    # What the house tells.

    def guard(self, *, on: bool, now: float) -> None:
        """A start guard: while it is on nothing is confirmed; turning on, it ends what is only beginning (S17)."""
        turned_on = on and not self._guarded
        self._guarded = on
        if not turned_on:
            return
        self._deck.leave()
        if self.state is SessionState.COUNTDOWN:
            self._end(now, SessionEventKind.START_FAILED, reason="guard")
        elif self.state in STEERING | {SessionState.STARTING, SessionState.MANUAL, SessionState.INTERRUPTED}:
            self._tell(SessionEventKind.GUARD, stops=self.rules.guard_stops)
            if self.rules.guard_stops and (self.state is not SessionState.COOL_DOWN or self._steering is not None):
                self._ease_out(now, within=GUARD_STOPS_IN, reason="guard")

    def recognise(self, wish: Wish, *, walked: float, planned: bool) -> None:
        """The belt that moves is walked on since before Home Assistant was restarted, `walked` s by then.

        Whoever takes it over has the limits of that walk, not those of a walk that began at the console, and its end
        if it was `planned`. Nothing is steered by itself.
        """
        self._direction, self._wish, self._walked_before = wish.direction, wish, walked
        if planned:
            self._plan(self.limits)

    def occupied(self, on: bool | None, now: float) -> None:
        """Whether the house sees somebody on the belt; None: it does not know (S17)."""
        self._occupied = on
        self.tick(now)

    # What the machine tells.

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Take in what the machine reports about its belt."""
        belt = self._belt
        belt.observe(telemetry, now)
        if self.state is not SessionState.IDLE:
            self.odometer.feed(telemetry)
        if self.state in STEERING | {SessionState.MANUAL}:
            self._lookout.feed(telemetry, occupied=self._occupied)
        match self.state:
            case state if state in AT_REST and belt.moves and now < self._late_start_until:
                self._stop_belt(now)  # it obeys a start that was stopped before it moved
            case SessionState.IDLE | SessionState.FINISHED if belt.moves:
                # Nobody made anything ready: whoever starts a treadmill at its console walks as everybody does (S7).
                # Where we only watch, nothing is ever made ready, and what was chosen is all there is to go by.
                self._forget_wish()
                self._direction = Direction.FORWARD if self.rules.control else self._next_direction
                self._watch_walk(now, SessionEventKind.BELT_WITHOUT_SESSION)
            case SessionState.READY if belt.moves:
                self._started_at_console(now)
            case SessionState.COUNTDOWN if belt.moves or belt.about_to_move(now):
                self._watch_walk(now, SessionEventKind.MANUAL)
            case SessionState.STARTING if belt.moves:
                self._begin_steering(now)
            case state if state in STEERING and belt.moves and self._steering is not None:
                # A machine that does not obey is off by itself; its console still reports what is pressed.
                off = self._console.changed_speed(belt.speed, self._steering.pilot, now)
                if off and self._verification.finding is None:
                    self._to_manual(now, SessionEventKind.MANUAL)
            case SessionState.PAUSED if belt.moves:
                if self._rested:
                    self._to_manual(now, SessionEventKind.MANUAL)
            case SessionState.PAUSED:
                self._rested = self._rested or belt.rests(now)
            case SessionState.INTERRUPTED if self._link:
                self._after_interruption(now)
        self.tick(now)

    def notice(self, event: MachineEvent, now: float) -> None:
        """Take in something that happened at the machine."""
        kind = event.kind
        if kind is MachineEventKind.SAFETY_KEY:
            self.safety_key_pulled = True
            self._tell(SessionEventKind.SAFETY_KEY)
        if kind is MachineEventKind.STARTED and self.state in AT_REST | {SessionState.PAUSED}:
            # It will move in a few seconds, whether or not it reports its countdown: it must not be started again.
            self._belt.started(now)
        match self.state:
            case SessionState.COUNTDOWN if kind is MachineEventKind.STARTED:
                self._watch_walk(now, SessionEventKind.MANUAL)
            case SessionState.COUNTDOWN:
                self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
            case SessionState.READY if kind in _HALTS and not self._echoes(event, now):
                self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
            case SessionState.PAUSED if kind is MachineEventKind.SAFETY_KEY:
                # Nothing restarts without a new S2: this walk is over (S7).
                if self._rested:
                    self._end(now, SessionEventKind.STOPPED, reason=_reason(event))
                else:
                    self._stop_belt(now, reason=_reason(event))
            case SessionState.STARTING | SessionState.MANUAL | SessionState.INTERRUPTED:
                self._notice_while_moving(event, now)
            case state if state in STEERING:
                self._notice_while_moving(event, now)

    def link(self, *, up: bool, now: float) -> None:
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
                self._end(now, SessionEventKind.START_FAILED, reason="link_lost")
            case SessionState.STOPPING:
                self._send_stop(now)  # the link keeps it, and sends it first when it is back
            case SessionState.COOL_DOWN if self._steering is None:
                # Home Assistant has to go: a kept stop is all that can be had of it.
                self._tell(SessionEventKind.INTERRUPTED)
                self._stop_belt(now, reason=self._stop_reason)
            case state if self.belt_may_move and state is not SessionState.INTERRUPTED:
                self._interrupt(now)

    def command_failed(self, command: Command, now: float) -> None:
        """Take in that a command did not reach the machine or was declined."""
        match command.kind:
            case CommandKind.STOP if not (self._link and self._belt.never_left_rest(now)):
                self._tell_stop_failed()
            case CommandKind.START if self.state is SessionState.STARTING:
                self._tell(SessionEventKind.START_FAILED, reason="refused")
                self._stop_belt(now)
            case CommandKind.PAUSE if self.state is SessionState.PAUSED and not self._rested:
                if not self._belt.slows(now):
                    self._stop_belt(now)
            case CommandKind.SET_SPEED | CommandKind.SET_INCLINE if self._steering is not None and self._belt.moves:
                self._steering.declined(self._belt)

    def tick(self, now: float) -> None:
        """Let time pass; about once a second is enough."""
        in_state = now - self._since
        match self.state:
            case SessionState.READY if self._ready is not None and self._ready.lapsed(now):
                self._lapse(now)
            case SessionState.COUNTDOWN:
                self._count_down(now)
            case SessionState.STARTING if in_state > MOVES_WITHIN:
                self._tell(SessionEventKind.START_FAILED, reason="belt_does_not_move")
                self._stop_belt(now)
            case SessionState.COOL_DOWN if self._steering is None:
                self._finish_wind_down(now)
            case state if state in STEERING:
                self._steer(now)
            case SessionState.STOPPING:
                self._keep_stopping(now)
            case SessionState.MANUAL:
                if self._belt.rests(now):
                    self._end(now, SessionEventKind.FINISHED, reason="console")
                elif self._belt.age(now) > STALE and not self._belt.about_to_move(now):
                    self._interrupt(now)
                else:
                    self._watch(now)
            case SessionState.PAUSED:
                self._wait_paused(now, in_state)
            case SessionState.INTERRUPTED if in_state > INTERRUPTED_FOR:
                self._belt.forget()
                self._end(now, SessionEventKind.FINISHED, reason="interrupted")
            case SessionState.FINISHED if in_state > FINISHED_FOR:
                self._forget_wish()
                self._enter(SessionState.IDLE, now)
        may = self.rules.control and not self.rules.control_lock and self._link
        lowered = self._deck.due(self.rules.capabilities.incline_range, self._belt, now, may=may)
        if lowered is not None and not self.belt_may_move:
            self._send(lowered, now)

    # What is asked of who asks.

    def _check_control(self) -> None:
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        self._check_lock()

    def _check_lock(self) -> None:
        if self.rules.control_lock:
            raise RefusedError(Refusal.LOCKED)

    def _check_person(self, *, by_person: bool) -> None:
        if not by_person:
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

    # What is planned.

    def _limits_now(self, wish: Wish | None = None) -> Limits:
        wish = wish or self._wish
        direction = wish.direction if wish else self.direction
        novice = wish is not None and wish.first
        return limits_for(self.rules.capabilities, self.rules.owner, direction, novice=novice)

    def _plan(self, limits: Limits) -> None:
        """The course of what was wished; a walk that began at the console has none."""
        wish = self._wish
        self._course = Course(wish.length, wish.speed, wish.incline, limits) if wish else None
        self._length = self._course.length if self._course else None

    def _course_from_here(self, limits: Limits) -> Course:
        """A walk that nobody planned, or whose plan is over, lasts as long as one may (S15)."""
        if self._course is None or self.moving_time >= self._course.length:
            self._course = Course(limits.longest, None, None, limits)
        return self._course

    def _forget_wish(self) -> None:
        self._direction = self._wish = self._course = self._length = None

    def _forget_last_walk(self) -> None:
        """Nothing of one walk tells anything about the next."""
        self._walked_before = 0.0  # s, in a walk that a restart cut in two
        self._rises = {}
        self._console = ConsoleWatch()
        self._verification = Verification()
        self._lookout = Lookout()

    # How it goes on: towards a start.

    def _become_ready(self, now: float, *, by_person: bool) -> None:
        until = self._paused_at + PAUSED_FOR if self._resuming else float("inf")
        self._enter(SessionState.READY, now)
        self._ready = Readiness(now, by_person=by_person, connected=self._link, until=until)
        self._tell(SessionEventKind.READY, direction=self.direction.value)

    def _lapse(self, now: float) -> None:
        if self._resuming:
            self._end(now, SessionEventKind.FINISHED, reason="paused_too_long")
        elif self._link:
            self._end(now, SessionEventKind.STOPPED, reason="lapsed")
        else:
            self._end(now, SessionEventKind.START_FAILED, reason="not_connected")

    def _count_down(self, now: float) -> None:
        belt, ends = self._belt, self.countdown_ends
        if not self.rules.control or self.rules.control_lock:
            reason = Refusal.LOCKED if self.rules.control else Refusal.MONITOR_ONLY
            self._end(now, SessionEventKind.START_FAILED, reason=reason.value)
        elif belt.age(now) > STALE or (ends is not None and now > ends + STALE):
            # A start that comes late finds nobody prepared.
            self._end(now, SessionEventKind.START_FAILED, reason="no_fresh_data")
        elif deck_too_high(self.limits, belt):
            self._end(now, SessionEventKind.START_FAILED, reason="deck_too_high")
        elif ends is not None and now >= ends and belt.age(now) <= FRESH and belt.rests(now):
            self.safety_key_pulled = False
            self._begin_walk()
            self._enter(SessionState.STARTING, now)
            # A belt that moves, or was started at the console, would have ended the countdown (S8).
            belt.started(now)
            self._late_start_until = float("-inf")
            self._send(Command(CommandKind.START), now)

    def _begin_walk(self) -> None:
        """Count anew, unless it goes on after a pause."""
        if self._resuming:
            self._console = ConsoleWatch()
            self._lookout.begins_anew()
        else:
            self._forget_last_walk()
            self._walking = True
            self.odometer = Odometer(self._belt.telemetry)
            self._plan(self.limits)

    def _started_at_console(self, now: float) -> None:
        """The treadmill's own Start confirms what was made ready (S2), if it is one and all else is as it must be."""
        limits = self.limits
        allowed = self.rules.control and not self.rules.control_lock and not self._guarded
        may = allowed and limits.speed is not None and not deck_too_high(limits, self._belt)
        if not may or not self._belt.came_from_rest:
            # Also a belt that ran before we were connected: nobody confirmed anything.
            self._watch_walk(now, SessionEventKind.MANUAL)
            return
        self.safety_key_pulled = False
        self._limits = limits
        self._begin_walk()
        self._begin_steering(now)

    # How it goes on: while the belt moves.

    def _watch_walk(self, now: float, kind: SessionEventKind) -> None:
        """Count a walk that we do not steer."""
        self._begin_walk()
        self._to_manual(now, kind)

    def _begin_steering(self, now: float) -> None:
        """Every walk begins at the minimum and level, also where the machine starts faster (see Steering.begin)."""
        slowest = self.limits.allowed_speed(0.0)
        resuming = self._resuming
        # After a pause at the very end only the cool-down is left.
        course = self._course or self._course_from_here(self.limits)
        self._steer_from(self.limits, course, slowest, now).begin(self.moving_time, resuming=resuming)
        self._console.sent(Command(CommandKind.SET_SPEED, slowest), now)
        self._tell(SessionEventKind.RESUMED if resuming else SessionEventKind.STARTED)

    def _take_over(self, limits: Limits, now: float) -> Steering:
        """Steer a moving belt from its speed on; one that the limits forbid is walked down to them."""
        steering = self._steer_from(limits, self._course_from_here(limits), self._belt.speed, now)
        steering.take_over(self.moving_time)
        self.state = steering.phase(self.moving_time)
        return steering

    def _steer_from(self, limits: Limits, course: Course, speed: float, now: float) -> Steering:
        self._limits = self.limits
        self._enter(SessionState.ACTIVE, now)
        steering = Steering(limits, course, self._verification, self._belt, now, speed=speed, rises=self._rises)
        self._steering, self.state = steering, steering.phase(self.moving_time)
        return steering

    def _steer(self, now: float) -> None:
        belt, steering = self._belt, self._steering
        if belt.age(now) > STALE:
            self._interrupt(now)
        elif belt.rests(now):
            if self.state is SessionState.COOL_DOWN:
                self._end(now, SessionEventKind.STOPPED, reason="console")
            else:
                self._enter_pause(now, own=False)
        elif steering is not None and belt.moves:
            # One report of rest may be an error; a target could start a belt that rests (S8).
            self._put(steering.advance(belt, self.moving_time, now), now)
            self.state = steering.phase(self.moving_time)
            if steering.cool_down is not None and self.moving_time >= steering.ends:
                self._stop_belt(now, reason=steering.cool_down.reason)
            else:
                self._watch(now)

    def _watch(self, now: float) -> None:
        """Tell the time, and that nobody is there or coaches; an empty belt is stopped, if we may."""
        steering, course = self._steering, self._course
        early = steering is not None and course is not None and steering.ends < course.length
        length = course.length if course is not None and self._length is not None and not early else None
        self._put(self._lookout.look(length, self.moving_time, now, coached=steering is not None), now)
        if self._lookout.nobody and (steering is not None or self.rules.control):
            self._stop_belt(now, reason="nobody_on_belt")

    def _notice_while_moving(self, event: MachineEvent, now: float) -> None:
        watching = self.state in {SessionState.MANUAL, SessionState.INTERRUPTED}
        match event.kind:
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED if not self.rules.control:
                pass  # it comes to rest by itself; nobody asked us for anything
            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED:
                # The machine stops the belt already; saying it again is harmless and voids what is under way.
                self._stop_belt(now, reason=_reason(event))
            case MachineEventKind.PAUSED:
                self._belt.start_voided()
                self._enter_pause(now, own=False)
            case _ if self.state is SessionState.INTERRUPTED and self._interruption is not None:
                if event.kind is MachineEventKind.CONTROL_LOST or self._console.changed_target(event, now):
                    self._interruption.key_pressed()
            case MachineEventKind.CONTROL_LOST if not watching:
                self._to_manual(now, SessionEventKind.MANUAL)
            case _ if not watching and self.state is not SessionState.STARTING:
                # While it starts, some machines report the speed that they start with.
                if self._console.changed_target(event, now):
                    self._to_manual(now, SessionEventKind.MANUAL)

    def _to_manual(self, now: float, kind: SessionEventKind) -> None:
        self._enter(SessionState.MANUAL, now)
        self._tell(kind)

    def _interrupt(self, now: float) -> None:
        pilot = self._steering.pilot if self._steering else None
        last = self._belt.telemetry or Telemetry()
        self._interruption = Interruption(last, pilot, self.moving_time, ours=self.steers)
        self._enter(SessionState.INTERRUPTED, now)
        self._tell(SessionEventKind.INTERRUPTED)

    def _after_interruption(self, now: float) -> None:
        """The belt is heard again: the planned end may hold, nothing rises; or it goes on without us (S10)."""
        gap, belt = self._interruption, self._belt
        if belt.moves and gap is not None and belt.telemetry is not None:
            self.odometer.bridge(gap.uncounted(belt.telemetry, self.moving_time))
            course = self._course
            if gap.ours and course is not None and gap.end_holds(belt.telemetry):
                self._tell(SessionEventKind.LINK_BACK)
                self._steer_from(self.limits, course, gap.commanded(belt.speed), now).hold(self.moving_time)
            else:
                self._to_manual(now, SessionEventKind.LINK_BACK)
                self._lookout.uncoached(now if gap.ours else None)
        elif belt.rests(now):
            self._tell(SessionEventKind.LINK_BACK)
            self._end(now, SessionEventKind.FINISHED, reason="interrupted")

    # How it goes on: towards rest.

    def _enter_pause(self, now: float, *, own: bool) -> None:
        self._own_pause = own
        self._paused_at = now
        self._rested = self._belt.rests(now)
        self._belt.watch_slowing()
        self._enter(SessionState.PAUSED, now)
        self._tell(SessionEventKind.PAUSED, by="home_assistant" if own else "console")

    def _wait_paused(self, now: float, in_state: float) -> None:
        self._rested = self._rested or self._belt.rests(now)
        if self._rested:
            if in_state > PAUSED_FOR:
                self._end(now, SessionEventKind.FINISHED, reason="paused_too_long")
        elif in_state > PAUSE_FAILS_AFTER and not self._belt.slows(now) and not self._belt.stands_still:
            if self._own_pause:
                self._stop_belt(now)
            else:
                self._to_manual(now, SessionEventKind.MANUAL)

    def _ease_out(self, now: float, *, within: float, reason: str) -> None:
        """Cool down what is ours or may be taken over on the way down; stop what cannot be slowed."""
        steering = self._steering or self._take_down(now)
        if steering is None or not self._belt.moves:
            self._stop_belt(now, reason=reason)
        elif event := steering.finish(self._belt, self.moving_time, within=within, reason=reason):
            self._put([event], now)
            self.state = steering.phase(self.moving_time)

    def _take_down(self, now: float) -> Steering | None:
        """Take a belt from the console to slow it, if we may and can; a deck that is too steep is left as it is."""
        limits = self.limits
        if deck_too_high(limits, self._belt):
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
            self._end(now, SessionEventKind.STOPPED, reason="console")
        elif slowed or now - self._since >= WIND_DOWN:
            self._stop_belt(now, reason="shutdown")

    def _stop_belt(self, now: float, *, reason: str = "stopped") -> None:
        self._send_stop(now)
        self._begin_stopping(now, reason=reason)

    def _begin_stopping(self, now: float, *, reason: str = "stopped") -> None:
        # Some machines do not hear a stop in their countdown. Rest is believed, but a belt that moves then is stopped.
        self._late_start_until = now + LATE_START if self._belt.about_to_move(now) else float("-inf")
        self._belt.start_voided()
        self._stopping.begin(now)
        self._stop_reason = reason
        self._belt.watch_slowing()
        self._enter(SessionState.STOPPING, now)

    def _keep_stopping(self, now: float) -> None:
        """Say stop again until the belt obeys; tell once when it does not."""
        belt, stopping = self._belt, self._stopping
        if not self._link:
            if not stopping.lapsed(now):
                if stopping.fails(belt, now):
                    self._tell(SessionEventKind.STOP_FAILED)
            elif belt.moves:
                self._interrupt(now)
            else:
                belt.forget()
                self._end(now, SessionEventKind.STOPPED, reason="not_connected")
        elif belt.rests(now):
            meant = self._stop_reason in _ENDS_AS_MEANT
            kind = SessionEventKind.FINISHED if meant else SessionEventKind.STOPPED
            self._end(now, kind, reason=self._stop_reason)
        elif stopping.due(belt, now):
            self._send_stop(now)
            if stopping.fails(belt, now):
                self._tell(SessionEventKind.STOP_FAILED)

    def _end(self, now: float, kind: SessionEventKind, *, reason: str) -> None:
        walked = self._walking and self.odometer.moving_time > 0
        self._walking = False
        self._limits = None
        self._resuming = False
        self._enter(SessionState.FINISHED if walked else SessionState.IDLE, now)
        if not walked:
            self._forget_wish()
        self._tell(kind, reason=reason)
        if walked and kind is SessionEventKind.START_FAILED:
            self._tell(SessionEventKind.FINISHED, reason=reason)  # a pause ended by it, and with it the walk

    # The small things.

    def _enter(self, state: SessionState, now: float) -> None:
        self.state = state
        self._since = now
        if self._steering is not None:
            self._rises, self._steering = self._steering.pilot.rises, None
            self._verification.forget()
        self._ready = None
        self._lookout.uncoached(None)
        self.countdown_ends = None

    def _echoes(self, event: MachineEvent, now: float) -> bool:
        """Whether the machine may only be reporting, late, that it obeyed us."""
        own = self._stopping.just_said(now) or now - self._pause_sent < OWN_CHANGE
        return own and event.kind is not MachineEventKind.SAFETY_KEY

    def _send(self, command: Command, now: float) -> None:
        self._console.sent(command, now)
        self._out.append(command)

    def _put(self, outputs: Iterable[Output], now: float) -> None:
        for output in outputs:
            if isinstance(output, Command):
                self._send(output, now)
            else:
                self._out.append(output)

    def _send_stop(self, now: float) -> None:
        self._deck.leave()
        self._stopping.said(now)
        self._out.append(Command(CommandKind.STOP))

    def _tell(self, kind: SessionEventKind, **data: Any) -> None:
        self._out.append(SessionEvent(kind, data))

    def _tell_stop_failed(self) -> None:
        if self._stopping.tell():
            self._tell(SessionEventKind.STOP_FAILED)


def _reason(event: MachineEvent) -> str:
    return "safety_key" if event.kind is MachineEventKind.SAFETY_KEY else "console"
