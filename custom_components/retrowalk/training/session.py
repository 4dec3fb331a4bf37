"""One walk on the belt: what may be done now, and what the belt is told (safety rules S2, S3, S7, S8, S10-S14, S17).

A session takes in what the machine tells, what people ask and the time, and puts out commands and events. Times are
monotonic seconds, given as `now`; the session has no clock of its own. The same inputs give the same outputs.
"""

from collections import deque
from typing import Any

from ..machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    Telemetry,
)
from .limits import Direction, Limits, limits_for
from .odometer import Odometer
from .pilot import Pilot, Rise
from .states import (
    AT_REST,
    STEERING,
    Refusal,
    RefusedError,
    Rules,
    SessionEvent,
    SessionEventKind,
    SessionState,
)

READY_LAPSES = 120.0
READY_LAPSES_PERSON = 600.0
"""Seconds after the treadmill is connected for which *ready* lasts, made by anybody or by a person (S2)."""
CONNECT_WITHIN = 45.0
"""Seconds that *ready* waits for the treadmill."""
FRESH = 2.0
"""Age of telemetry (s) that a start needs (S2)."""
STALE = 5.0
"""Age of telemetry (s) of a moving belt that counts as a lost link (S11)."""
MOVES_WITHIN = 15.0
"""Seconds after the start command in which the belt has to move (S2)."""
NO_START_AFTER_STOP = 5.0
STOP_AGAIN = 1.0
"""Seconds between stops while the belt does not slow down (S3)."""
SLOWING = 2.5
"""Seconds for which a belt that got slower counts as obeying a stop."""
STOP_FAILS_AFTER = 5.0
STOP_KEPT = 60.0
"""Seconds for which a stop waits for a lost link (S3)."""
INTERRUPTED_FOR = 600.0
SETTLES = 3.0
"""Seconds after the first movement in which the belt reaches its start speed."""
PAUSE_FAILS_AFTER = 8.0
PAUSED_FOR = 300.0
"""Seconds after which a pause ends the session (S12)."""
REST_CONFIRMED = 2.0
"""Seconds for which a belt must report rest: some machines send a single 0 while running."""
OWN_CHANGE = 5.0
"""Seconds after our own command in which a difference is not the console's doing (S7)."""
CONSOLE_CHANGE = 3.0
"""Seconds for which speed must differ from ours before the console has taken over (S7)."""
WIND_DOWN = 10.0
"""Seconds for slowing down before the stop, when Home Assistant has to go (S14)."""
FINISHED_FOR = 60.0


type Output = Command | SessionEvent


class Session:
    """The session of one treadmill; when one walk has ended it waits for the next."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.state = SessionState.IDLE
        self.direction = Direction.BACKWARD
        self.odometer = Odometer()
        self.safety_key_pulled = False
        self.countdown_ends: float | None = None
        self._out: list[Output] = []
        self._telemetry: Telemetry | None = None
        self._link = False
        self._pilot: Pilot | None = None
        self._limits: Limits | None = None  # of the walk that was made ready
        self._since = 0.0  # of the present state
        self._lapses: float | None = None  # when *ready* ends
        self._patience = READY_LAPSES
        self._resuming = False
        self._settled = True
        self._stop_sent = float("-inf")
        self._stop_told = False  # that it fails
        self._slowest = 0.0
        self._slower_at = 0.0
        self._at_rest_since: float | None = None
        self._rested = False  # since the pause began
        self._own_pause = False
        self._off_target_since: float | None = None
        self._own_targets: deque[tuple[CommandKind, float]] = deque(maxlen=4)

    # What one may see of it.

    @property
    def limits(self) -> Limits:
        """The limits of this walk, or of the next one while there is none."""
        return self._limits or limits_for(self.rules.capabilities, self.rules.owner, self.direction)

    @property
    def speed_wish(self) -> float | None:
        """The speed that is steered to (km/h); None while nothing is steered."""
        return self._pilot.speed_wish if self._pilot and self.state in STEERING else None

    @property
    def incline_wish(self) -> float | None:
        """The incline that is steered to (%); None while nothing is steered."""
        return self._pilot.incline_wish if self._pilot and self.state in STEERING else None

    @property
    def belt_may_move(self) -> bool:
        """Whether the belt moves or might: nothing must be reloaded or changed under a walker (S14)."""
        moving = self._telemetry is not None and self._telemetry.belt is BeltState.MOVING
        return moving or self.state not in AT_REST | {SessionState.PAUSED}

    @property
    def steers(self) -> bool:
        """Whether the belt does what we told it, so that leaving means stopping it (S14)."""
        return self.state in STEERING | {SessionState.STARTING, SessionState.STOPPING}

    def drain(self) -> list[Output]:
        """Take what has to be sent and told, in order."""
        out, self._out = self._out, []
        return out

    # What people ask.

    def start(self, now: float, *, by_person: bool) -> None:
        """The one Start button: the first press makes ready, the second, by a person, confirms (S2)."""
        if self.state is SessionState.READY:
            self.confirm(now, by_person=by_person)
        elif self.state is SessionState.PAUSED:
            self.resume(now, by_person=by_person)
        else:
            self.make_ready(now, by_person=by_person)

    def make_ready(self, now: float, *, by_person: bool) -> None:
        """Prepare a walk; moves nothing, so anybody may."""
        self._check_control()
        if self.state not in {SessionState.IDLE, SessionState.FINISHED, SessionState.READY}:
            raise RefusedError(Refusal.BUSY)
        if self._belt is BeltState.MOVING:
            raise RefusedError(Refusal.BELT_MOVES)
        limits = limits_for(self.rules.capabilities, self.rules.owner, self.direction)
        if self.rules.capabilities != Capabilities() and limits.speed is None:
            raise RefusedError(Refusal.NO_SPEED_CONTROL)
        self._resuming = False
        self._become_ready(now, by_person=by_person)

    def confirm(self, now: float, *, by_person: bool) -> None:
        """Let the countdown begin; only for a person who is there (S2)."""
        self._check_control()
        if not by_person:
            raise RefusedError(Refusal.NEEDS_PERSON)
        if self.state is not SessionState.READY:
            raise RefusedError(Refusal.BUSY)
        if now - self._stop_sent < NO_START_AFTER_STOP:
            raise RefusedError(Refusal.JUST_STOPPED)
        if not self._link:
            raise RefusedError(Refusal.NOT_CONNECTED)
        if self._age(now) > FRESH:
            raise RefusedError(Refusal.NO_FRESH_DATA)
        limits = limits_for(self.rules.capabilities, self.rules.owner, self.direction)
        if limits.speed is None:
            raise RefusedError(Refusal.NO_SPEED_CONTROL)
        deck = self._telemetry.incline if self._telemetry else None
        if limits.incline is not None and deck is not None and deck > limits.incline.maximum:
            raise RefusedError(Refusal.DECK_TOO_HIGH)
        self._limits = limits
        self._enter(SessionState.COUNTDOWN, now)
        backward = self.direction is Direction.BACKWARD
        seconds = self.rules.countdown_backward if backward else self.rules.countdown_forward
        self.countdown_ends = now + seconds
        self._tell(SessionEventKind.COUNTDOWN, seconds=seconds, direction=self.direction.value)

    def pause(self, now: float) -> None:
        """Bring the belt to rest and keep the walk for a while."""
        if self.state not in STEERING | {SessionState.MANUAL}:
            raise RefusedError(Refusal.NOTHING_TO_PAUSE)
        self._check_control()
        self._send(Command(CommandKind.PAUSE))
        self._enter_pause(now, own=True)

    def resume(self, now: float, *, by_person: bool) -> None:
        """Go on after a pause, which is a start (S2), or take over again after the console did (S7)."""
        self._check_control()
        if self.state is SessionState.PAUSED:
            if not self._rested:
                raise RefusedError(Refusal.BELT_MOVES)
            self._resuming = True
            self._become_ready(now, by_person=by_person)
        elif self.state is SessionState.READY:
            self.confirm(now, by_person=by_person)
        elif self.state is SessionState.MANUAL:
            if not by_person:
                raise RefusedError(Refusal.NEEDS_PERSON)
            if not self._link:
                raise RefusedError(Refusal.NOT_CONNECTED)
            if self._age(now) > FRESH:
                raise RefusedError(Refusal.NO_FRESH_DATA)
            if self.limits.speed is None:
                raise RefusedError(Refusal.NO_SPEED_CONTROL)
            self._take_over(self._present_speed, now)
            self._tell(SessionEventKind.RESUMED)
        else:
            raise RefusedError(Refusal.NOTHING_TO_RESUME)

    def stop(self, now: float) -> None:
        """Stop now. Never refused, whatever the state, also without control and without a link (S3)."""
        waiting = self.state in {SessionState.READY, SessionState.COUNTDOWN}
        resting = self.state in {SessionState.IDLE, SessionState.FINISHED, SessionState.PAUSED}
        unseen = self._belt is not BeltState.AT_REST or not self._link or self._age(now) > FRESH
        self._send_stop(now)
        if waiting:
            self._end(now, SessionEventKind.STOPPED, reason="stopped")
        elif resting and not unseen:
            if self.state is SessionState.PAUSED:
                self._end(now, SessionEventKind.STOPPED, reason="stopped")
        elif self.state is not SessionState.STOPPING:
            self._begin_stopping(now)

    def wish_speed(self, kmh: float, *, by_person: bool) -> float:
        """Steer to a speed (km/h); returns what the limits leave of it. Raising it needs a person (S16)."""
        pilot = self._steering_pilot()
        if not by_person and self.limits.allowed_speed(kmh) > pilot.speed_wish:
            raise RefusedError(Refusal.NEEDS_PERSON)
        return pilot.wish_speed(kmh)

    def wish_incline(self, percent: float, *, by_person: bool) -> float:
        """Steer to an incline (%); returns what the limits leave of it. Raising it needs a person (S16)."""
        pilot = self._steering_pilot()
        if pilot.incline_wish is None:
            raise RefusedError(Refusal.NOT_STEERING)
        if not by_person and self.limits.allowed_incline(percent) > pilot.incline_wish:
            raise RefusedError(Refusal.NEEDS_PERSON)
        return pilot.wish_incline(percent)

    def wind_down(self, now: float) -> None:
        """Slow down to the minimum, then stop: Home Assistant has to go (S14). Not if the console has the belt."""
        if self.state in {SessionState.READY, SessionState.COUNTDOWN}:
            self._end(now, SessionEventKind.STOPPED, reason="shutdown")
        elif self.state is SessionState.STARTING:
            self._send_stop(now)
            self._begin_stopping(now)
        elif self.state in STEERING and self._pilot is not None and self.limits.speed is not None:
            slowest = self.limits.speed.minimum
            if self._pilot.speed > slowest:
                self._send(Command(CommandKind.SET_SPEED, slowest))
            self._enter(SessionState.COOL_DOWN, now)
            self._pilot = None
            self._tell(SessionEventKind.COOLING_DOWN, reason="shutdown")

    # What the machine tells.

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Take in what the machine reports about its belt."""
        self._telemetry = telemetry
        if self.state is not SessionState.IDLE:
            self.odometer.feed(telemetry)
        moving = telemetry.belt is BeltState.MOVING
        if moving or telemetry.belt is BeltState.UNKNOWN:
            self._at_rest_since = None
        elif self._at_rest_since is None:
            self._at_rest_since = now
        match self.state:
            case SessionState.IDLE | SessionState.FINISHED if moving:
                self._begin_walk(telemetry)
                self._to_manual(now, SessionEventKind.BELT_WITHOUT_SESSION)
            case SessionState.READY if moving:
                self._started_at_console(telemetry, now)
            case SessionState.COUNTDOWN if moving:
                self._to_manual(now, SessionEventKind.MANUAL)
            case SessionState.STARTING if moving and self.limits.speed is not None:
                # Every walk begins at the minimum, also where the machine starts faster (see _settle).
                self._take_over(self.limits.speed.minimum, now)
                self._settled = False
                self._tell(SessionEventKind.RESUMED if self._resuming else SessionEventKind.STARTED)
            case SessionState.ACTIVE | SessionState.WARM_UP if moving:
                self._watch_console(telemetry, now)
            case SessionState.PAUSED if moving:
                if self._rested:
                    self._to_manual(now, SessionEventKind.MANUAL)
            case SessionState.PAUSED:
                self._rested = self._rested or telemetry.belt is BeltState.AT_REST
            case SessionState.INTERRUPTED if self._link:
                self._after_interruption(telemetry, now)
            case SessionState.STOPPING if moving:
                speed = telemetry.speed or 0.0
                if speed < self._slowest:
                    self._slowest, self._slower_at = speed, now
        self.tick(now)

    def notice(self, event: MachineEvent, now: float) -> None:
        """Take in something that happened at the machine."""
        kind = event.kind
        if kind is MachineEventKind.SAFETY_KEY:
            self.safety_key_pulled = True
            self._tell(SessionEventKind.SAFETY_KEY)
        if self.state in {SessionState.READY, SessionState.COUNTDOWN}:
            keys = {MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY}
            if self.state is SessionState.COUNTDOWN:
                keys |= {MachineEventKind.STARTED}
            if kind in keys:
                self._end(now, SessionEventKind.STOPPED, reason="console")
        elif self.state in STEERING | {SessionState.STARTING, SessionState.MANUAL}:
            self._notice_while_moving(event, now)

    def link(self, *, up: bool, now: float) -> None:
        """Take in that the link is up, or lost. Nothing resumes by itself (S10)."""
        if up == self._link:
            return
        self._link = up
        if up:
            if self.state is SessionState.READY:
                self._lapses = now + self._patience
            return
        match self.state:
            case SessionState.COUNTDOWN:
                self._end(now, SessionEventKind.START_FAILED, reason="link_lost")
            case SessionState.STOPPING:
                self._send_stop(now)  # the link keeps it, and sends it first when it is back
            case _ if self.belt_may_move and self.state is not SessionState.INTERRUPTED:
                self._interrupt(now)

    def command_failed(self, command: Command, now: float) -> None:
        """Take in that a command did not reach the machine or was declined."""
        if command.kind is CommandKind.STOP:
            if not self._stop_told:
                self._stop_told = True
                self._tell(SessionEventKind.STOP_FAILED)
        elif command.kind is CommandKind.START and self.state is SessionState.STARTING:
            self._tell(SessionEventKind.START_FAILED, reason="refused")
            self._send_stop(now)
            self._begin_stopping(now)
        elif command.kind is CommandKind.PAUSE and self.state is SessionState.PAUSED and not self._rested:
            self._send_stop(now)
            self._begin_stopping(now)
        elif self._pilot is not None and self._telemetry is not None and self._telemetry.speed is not None:
            self._pilot.hold(speed=self._telemetry.speed, incline=self._telemetry.incline)

    def tick(self, now: float) -> None:
        """Let time pass; about once a second is enough."""
        in_state = now - self._since
        match self.state:
            case SessionState.READY:
                if self._lapses is not None and now >= self._lapses:
                    kind = SessionEventKind.STOPPED if self._link else SessionEventKind.START_FAILED
                    self._end(now, kind, reason="lapsed" if self._link else "not_connected")
            case SessionState.COUNTDOWN:
                self._count_down(now)
            case SessionState.STARTING:
                if in_state > MOVES_WITHIN:
                    self._tell(SessionEventKind.START_FAILED, reason="belt_does_not_move")
                    self._send_stop(now)
                    self._begin_stopping(now)
            case SessionState.ACTIVE | SessionState.WARM_UP:
                self._steer(now)
            case SessionState.COOL_DOWN:
                self._finish_cool_down(now)
            case SessionState.STOPPING:
                self._keep_stopping(now)
            case SessionState.MANUAL:
                if self._resting(now):
                    self._end(now, SessionEventKind.FINISHED, reason="console")
                elif self._age(now) > STALE:
                    self._interrupt(now)
            case SessionState.PAUSED:
                self._wait_paused(now, in_state)
            case SessionState.INTERRUPTED:
                if in_state > INTERRUPTED_FOR:
                    self._end(now, SessionEventKind.FINISHED, reason="interrupted")
            case SessionState.FINISHED:
                if in_state > FINISHED_FOR:
                    self._enter(SessionState.IDLE, now)

    # How it goes on.

    @property
    def _belt(self) -> BeltState:
        return self._telemetry.belt if self._telemetry else BeltState.UNKNOWN

    @property
    def _present_speed(self) -> float:
        return (self._telemetry.speed if self._telemetry else None) or 0.0

    def _age(self, now: float) -> float:
        return now - self._telemetry.received if self._telemetry else float("inf")

    def _resting(self, now: float) -> bool:
        return self._at_rest_since is not None and now - self._at_rest_since >= REST_CONFIRMED

    def _check_control(self) -> None:
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)

    def _steering_pilot(self) -> Pilot:
        self._check_control()
        if self.state not in STEERING or self._pilot is None:
            raise RefusedError(Refusal.NOT_STEERING)
        return self._pilot

    def _send(self, command: Command) -> None:
        if command.value is not None:
            self._own_targets.append((command.kind, command.value))
        self._out.append(command)

    def _tell(self, kind: SessionEventKind, **data: Any) -> None:
        self._out.append(SessionEvent(kind, data))

    def _enter(self, state: SessionState, now: float) -> None:
        self.state = state
        self._since = now
        self._off_target_since = None
        if state is not SessionState.COUNTDOWN:
            self.countdown_ends = None
        if state is not SessionState.READY:
            self._lapses = None

    def _become_ready(self, now: float, *, by_person: bool) -> None:
        self._enter(SessionState.READY, now)
        self._patience = READY_LAPSES_PERSON if by_person else READY_LAPSES
        self._lapses = now + (self._patience if self._link else CONNECT_WITHIN)
        self._tell(SessionEventKind.READY, direction=self.direction.value)

    def _count_down(self, now: float) -> None:
        if self._age(now) > STALE:
            self._end(now, SessionEventKind.START_FAILED, reason="no_fresh_data")
        elif self.countdown_ends is not None and now >= self.countdown_ends and self._age(now) <= FRESH:
            self.safety_key_pulled = False
            if not self._resuming and self._telemetry is not None:
                self._begin_walk(self._telemetry)
            self._enter(SessionState.STARTING, now)
            # A moving belt would have ended the countdown: nothing is ever started twice (S8).
            self._send(Command(CommandKind.START))

    def _begin_walk(self, telemetry: Telemetry) -> None:
        self.odometer = Odometer()
        self.odometer.feed(telemetry)

    def _started_at_console(self, telemetry: Telemetry, now: float) -> None:
        """The treadmill's own Start confirms what was made ready (S2)."""
        self.safety_key_pulled = False
        if not self._resuming:
            self._begin_walk(telemetry)
        if self.limits.speed is None:
            self._to_manual(now, SessionEventKind.MANUAL)
            return
        self._take_over(self._present_speed, now)
        self._tell(SessionEventKind.STARTED)

    def _take_over(self, speed: float, now: float) -> None:
        """Steer from a speed (km/h) on; one that the limits forbid is walked down to them."""
        self._limits = self.limits
        incline = self._telemetry.incline if self._telemetry else None
        self._pilot = Pilot(self._limits, speed=speed, incline=incline, now=now)
        self._settled = True
        self._enter(SessionState.ACTIVE, now)

    def _settle(self, pilot: Pilot, now: float) -> None:
        """Correct the speed with which the machine started, once it had time to reach it."""
        if now - self._since >= SETTLES:
            self._settled = True
            if abs(self._present_speed - pilot.speed) > 0.05:
                self._send(pilot.again(now))

    def _steer(self, now: float) -> None:
        if self._age(now) > STALE:
            self._interrupt(now)
        elif self._resting(now):
            self._enter_pause(now, own=False)
        elif self._pilot is None or not self._link:
            return
        elif not self._settled:
            self._settle(self._pilot, now)
        else:
            match self._pilot.steer(now):
                case Rise() as rise:
                    self._tell(
                        SessionEventKind.SPEED_UP_SOON,
                        what="speed" if rise.kind is CommandKind.SET_SPEED else "incline",
                        start=rise.start,
                        target=rise.target,
                        seconds=rise.seconds,
                    )
                case Command() as command:
                    self._send(command)

    def _watch_console(self, telemetry: Telemetry, now: float) -> None:
        """A speed that is not ours for a while was set by hand: the console wins (S7)."""
        pilot, speed = self._pilot, telemetry.speed
        if pilot is None or speed is None or self.limits.speed is None:
            return
        ours = abs(speed - pilot.speed) <= self.limits.speed.step + 0.001
        if ours or now - pilot.last_command < OWN_CHANGE:
            self._off_target_since = None
        elif self._off_target_since is None:
            self._off_target_since = now
        elif now - self._off_target_since >= CONSOLE_CHANGE:
            self._to_manual(now, SessionEventKind.MANUAL)

    def _notice_while_moving(self, event: MachineEvent, now: float) -> None:
        steered = self.state is not SessionState.MANUAL
        match event.kind:
            case MachineEventKind.SAFETY_KEY:
                self._send_stop(now)
                self._begin_stopping(now)
            case MachineEventKind.STOPPED:
                # The console stops the belt already; saying it again is harmless and voids what is under way.
                self._send_stop(now)
                self._begin_stopping(now)
            case MachineEventKind.PAUSED:
                self._enter_pause(now, own=False)
            case MachineEventKind.CONTROL_LOST if steered:
                self._to_manual(now, SessionEventKind.MANUAL)
            case MachineEventKind.SPEED_CHANGED if steered and not self._is_ours(CommandKind.SET_SPEED, event):
                self._to_manual(now, SessionEventKind.MANUAL)
            case MachineEventKind.INCLINE_CHANGED if steered and not self._is_ours(CommandKind.SET_INCLINE, event):
                self._to_manual(now, SessionEventKind.MANUAL)

    def _is_ours(self, kind: CommandKind, event: MachineEvent) -> bool:
        """Some machines report our own changes too, late ones among them, and the speed they start with."""
        if event.value is None or self.state is SessionState.STARTING:
            return True
        return any(own is kind and abs(value - event.value) < 0.05 for own, value in self._own_targets)

    def _to_manual(self, now: float, kind: SessionEventKind) -> None:
        self._pilot = None
        self._enter(SessionState.MANUAL, now)
        self._tell(kind)

    def _enter_pause(self, now: float, *, own: bool) -> None:
        self._pilot = None
        self._own_pause = own
        self._rested = self._belt is BeltState.AT_REST
        self._enter(SessionState.PAUSED, now)
        self._tell(SessionEventKind.PAUSED, by="home_assistant" if own else "console")

    def _wait_paused(self, now: float, in_state: float) -> None:
        if in_state > PAUSED_FOR:
            self._end(now, SessionEventKind.FINISHED, reason="paused_too_long")
        elif not self._rested and in_state > PAUSE_FAILS_AFTER and self._belt is BeltState.MOVING:
            if self._own_pause:
                self._send_stop(now)
                self._begin_stopping(now)
            else:
                self._to_manual(now, SessionEventKind.MANUAL)

    def _send_stop(self, now: float) -> None:
        self._stop_sent = now
        self._send(Command(CommandKind.STOP))

    def _begin_stopping(self, now: float) -> None:
        self._pilot = None
        self._stop_told = False
        self._slowest = self._present_speed or float("inf")
        self._slower_at = float("-inf")
        self._at_rest_since = None
        self._enter(SessionState.STOPPING, now)

    def _keep_stopping(self, now: float) -> None:
        """Say stop again until the belt obeys; tell once when it does not."""
        in_state = now - self._since
        if not self._link:
            if in_state > STOP_KEPT and self._belt is BeltState.MOVING:
                self._interrupt(now)
            elif in_state > STOP_KEPT:
                self._end(now, SessionEventKind.STOPPED, reason="not_connected")
        elif self._resting(now):
            self._end(now, SessionEventKind.STOPPED, reason="stopped")
        elif self._at_rest_since is None and now - self._slower_at >= SLOWING and now - self._stop_sent >= STOP_AGAIN:
            self._send_stop(now)
            if not self._stop_told and min(in_state, now - self._slower_at) >= STOP_FAILS_AFTER:
                self._stop_told = True
                self._tell(SessionEventKind.STOP_FAILED)

    def _finish_cool_down(self, now: float) -> None:
        slowest = self.limits.speed.minimum if self.limits.speed else 0.0
        speed = self._telemetry.speed if self._telemetry else None
        if self._resting(now):
            self._end(now, SessionEventKind.STOPPED, reason="console")
        elif (speed is not None and speed <= slowest + 0.05) or now - self._since >= WIND_DOWN:
            self._send_stop(now)
            self._begin_stopping(now)

    def _interrupt(self, now: float) -> None:
        self._pilot = None
        self._enter(SessionState.INTERRUPTED, now)
        self._tell(SessionEventKind.INTERRUPTED)

    def _after_interruption(self, telemetry: Telemetry, now: float) -> None:
        """The belt is heard again: whatever it does now, it does without us (S10)."""
        if telemetry.belt is BeltState.MOVING:
            self._to_manual(now, SessionEventKind.LINK_BACK)
        elif telemetry.belt is BeltState.AT_REST:
            self._tell(SessionEventKind.LINK_BACK)
            self._end(now, SessionEventKind.FINISHED, reason="interrupted")

    def _end(self, now: float, kind: SessionEventKind, *, reason: str) -> None:
        walked = self.odometer.moving_time > 0 and self.state not in {SessionState.READY, SessionState.COUNTDOWN}
        self._pilot = None
        self._limits = None
        self._resuming = False
        self._enter(SessionState.FINISHED if walked else SessionState.IDLE, now)
        self._tell(kind, reason=reason)
