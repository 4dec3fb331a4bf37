"""One session after the other on a treadmill: what may be done now, and what the belt is told (S2, S3, S7-S18).

A session takes in what the machine tells, what people ask and the time, and puts out commands and events. Times are
monotonic seconds, given as `now`; the session has no clock of its own. The same inputs give the same outputs.
"""

from dataclasses import replace

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind, Telemetry
from ..check.check_run import CheckRun
from ..events import (
    EndReason,
    ManualEvent,
    ManualReason,
    SessionEvent,
    SessionEventKind,
)
from ..limits import Direction
from ..rules import Caller, Refusal, RefusedError, Rules
from ..states import BETWEEN_SESSIONS
from ..steering.session_plan import SessionRequest
from ..steering.steering import Output
from .context import SessionContext
from .moving import Manual
from .preparing import HALTS, BetweenSessions, Idle
from .recovery import RecoveredSession
from .resting import Paused
from .state import State
from .steered import Steered
from .transitions import Transitions
from .view import SessionView

__all__ = ["Output", "SessionController"]


class SessionController(SessionView):
    """Feeds what happens to the present state; when one session has ended it waits for the next."""

    def __init__(self, rules: Rules) -> None:
        self._ctx = SessionContext(rules)
        self._ctx.to = Transitions(self._ctx)
        self._state: State = Idle(0.0)

    def _go(self, state: State) -> None:
        """Change the state; nothing else does."""
        if state is not self._state:
            self._state.leave(self._ctx, state)
            self._state = state
            state.enter(self._ctx)

    def apply_rules(self, rules: Rules) -> None:
        """Take other rules from now on; a session that was confirmed keeps its limits."""
        self._ctx.rules = rules

    def choose_direction(self, direction: Direction) -> None:
        """Choose the direction of the next session; one that was made ready keeps its own (S4)."""
        self._ctx.terms.choose(direction)
        if self.state in BETWEEN_SESSIONS:
            self._ctx.terms.clear()

    def drain(self) -> list[Output]:
        """Take what has to be sent and told, in order."""
        return self._ctx.outbox.drain()

    # What people ask. Raises RefusedError where a rule forbids it.

    def start(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Do what the one Start button means: the first press makes ready, the second, by a person, confirms (S2)."""
        self._go(self._state.start(self._ctx, now, caller=caller, request=request))

    def prepare(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Make a session ready; moves nothing, so anybody may."""
        self._go(self._state.prepare(self._ctx, now, caller=caller, request=request))

    def confirm(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Let the countdown begin; only for a person who is there (S2), or for an automation where the owner lets it.

        `request` is what the one who confirms would want: they walk it if nobody said who does (S4).
        """
        self._go(self._state.confirm(self._ctx, now, caller=caller, request=request))

    def withdraw(self, now: float, *, reason: EndReason | Refusal) -> None:
        """End what was made ready and has not begun, with words; a belt that was started already is stopped."""
        self._go(self._state.withdraw(self._ctx, now, reason))

    def pause(self, now: float) -> None:
        """Bring the belt to rest and keep the session for a while."""
        self._go(self._state.pause(self._ctx, now))

    def resume(self, now: float, *, caller: Caller) -> None:
        """Go on after a pause, which is a start (S2), or take over again after the console did (S7)."""
        self._go(self._state.resume(self._ctx, now, caller=caller))

    def start_check(self, now: float, *, caller: Caller, second_start: bool = True, pause: bool = True) -> CheckRun:
        """Begin the check run: a person asks for it, stands beside the belt, and nobody is on it (S9).

        `second_start`, `pause`: whether to find out what a start does to a moving belt, and after a pause.
        """
        ctx = self._ctx
        if not ctx.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        ctx.require_no_check()
        ctx.require_unlocked()
        ctx.require_person(caller=caller)
        ctx.guards.check()
        if ctx.occupied:
            raise RefusedError(Refusal.OCCUPIED)
        if not isinstance(self._state, BetweenSessions):
            raise RefusedError(Refusal.BUSY)
        checking = self._state.start_check(ctx, now, second_start=second_start, pause=pause)
        self._go(checking)
        return checking.check

    def stop(self, now: float) -> None:
        """Stop now. Never refused, whatever the state, also without control and without a link (S3)."""
        self._go(self._state.stop(self._ctx, now))

    def finish(self, now: float) -> None:
        """Cool down in a short while, then stop; what rests has finished. Anybody may (S13, S16)."""
        self._go(self._state.finish(self._ctx, now))

    def set_speed(self, kmh: float, *, caller: Caller) -> float:
        """Steer to a speed (km/h); return what the limits leave of it. Raising it needs a person (S16)."""
        return self._steered().set_speed(self._ctx, kmh, caller=caller)

    def slow_down(self, by: float) -> float:
        """Steer to so much (km/h) less than the belt was last told; return what the limits leave of it."""
        return self._steered().slow_down(self._ctx, by)

    def set_incline(self, percent: float, *, caller: Caller) -> float:
        """Steer to an incline (%); return what the limits leave of it. Raising it needs a person (S16)."""
        return self._steered().set_incline(self._ctx, percent, caller=caller)

    def ramp_to(self, speed: float | None, incline: float | None, *, over: float, caller: Caller) -> None:
        """Go evenly to a speed (km/h) and an incline (%) in this time (s); up needs a person (S16).

        Whatever else is asked of its speed or incline ends that of the two.
        """
        self._steered().ramp_to(self._ctx, speed, incline, over=over, caller=caller)

    def skip_step(self, *, caller: Caller) -> None:
        """Go on to the program's next step, which needs a person where it goes up (S16)."""
        self._steered().skip_step(self._ctx, caller=caller)

    def lower_deck(self, now: float, *, caller: Caller) -> None:
        """Lower the deck of a belt at rest, a while after it was said: it can close on a child (S18)."""
        ctx = self._ctx
        ctx.require_control()
        ctx.require_person(caller=caller)
        ctx.guards.check()
        ctx.require_link()
        if not self._state.deck_may_move:
            raise RefusedError(Refusal.BELT_MOVES)
        ctx.extend([ctx.deck.announce(ctx.rules.capabilities.incline_range, ctx.belt, now)], now)

    def wind_down(self, now: float) -> None:
        """Slow down to the minimum, then stop: Home Assistant has to go (S14). Not if the console has the belt."""
        self._go(self._state.wind_down(self._ctx, now))

    def lock(self, *, on: bool, caller: Caller) -> None:
        """Set the child lock: while it is on only Stop works. Anybody may turn it on, only a person off (S17)."""
        if self.rules.control_lock and not on and not caller.is_person:
            raise RefusedError(Refusal.UNLOCK_NEEDS_PERSON)
        self.apply_rules(replace(self.rules, control_lock=on))

    def _steered(self) -> Steered:
        """Return the present state, if it steers the belt."""
        self._ctx.require_unlocked()
        if not isinstance(self._state, Steered):
            self._ctx.require_control()
            raise RefusedError(Refusal.NOT_STEERING)
        return self._state

    # What the house tells.

    def on_guard(self, name: str, *, on: bool | None, now: float) -> None:
        """Take in what a start guard says, None if it cannot be read: while it is on nothing is confirmed (S17).

        Turning on it ends what is only beginning; so does one that cannot be read any more, for it may be on.
        """
        ctx = self._ctx
        turned_on = ctx.guards.update(name, on=on)
        if ctx.guards.forbid:
            ctx.deck.cancel()
            self._go(self._state.on_guard(ctx, name, now, turned_on=turned_on))

    def on_occupancy(self, on: bool | None, now: float) -> None:
        """Take in whether the house sees somebody on the belt; None: it does not know (S17)."""
        self._ctx.occupied = on
        self.tick(now)

    def restore(self, found: RecoveredSession, now: float) -> None:
        """Go on with the session of before a restart (S19): paused, or on a belt that moves and that nobody steers.

        Whoever takes it over has the limits of that session, not those of one that began at the console, and its end
        if it was planned. To be told before what the belt does now is observed, or while it is a stranger's session.
        """
        ctx = self._ctx
        if not ctx.under_way:
            ctx.begin_session()
        ctx.moved_before = found.moving_time
        ctx.terms.restore(found.request, ctx.rules, planned=found.planned)
        if found.paused is not None:
            ctx.pause.restore(now - found.paused)
            self._go(Paused(now))
            return
        self._go(Manual(now, uncoached_since=now if found.coached else None))
        if found.coached:
            ctx.emit(ManualEvent(ManualReason.NO_COACH, minutes=0))

    def discard_restored(self, now: float) -> None:
        """Forget the session that was restored: it is over, and the belt is somebody else's."""
        self._ctx.under_way = False
        self._ctx.terms.clear()
        self._go(Idle(now))

    # What the machine tells.

    def judge(self, telemetry: Telemetry) -> Telemetry:
        """Return what the machine reports, as it is judged: a speed alone proves no motion (see MotionDetector)."""
        return self._ctx.belt.judge(telemetry)

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Take in what the machine reports about its belt, judged or not."""
        ctx = self._ctx
        self._go(self._state.check_rules(ctx, now))
        ctx.belt.observe(telemetry, now)
        judged = ctx.belt.telemetry or telemetry
        if self._state.counts:
            ctx.odometer.update(judged)
        self._go(self._state.on_distance(ctx, judged, now))
        self._go(self._state.on_telemetry(ctx, now))
        self.tick(now)

    def on_machine_event(self, event: MachineEvent, now: float) -> None:
        """Take in something that happened at the machine."""
        ctx = self._ctx
        ctx.belt.on_machine_event(event, now)
        if event.kind is MachineEventKind.SAFETY_KEY:
            ctx.safety_key_pulled = True
            ctx.emit(SessionEvent(SessionEventKind.SAFETY_KEY))
        if event.kind in HALTS:
            ctx.stopper.on_stopping(now)
        if event.kind is MachineEventKind.STARTED and self._state.belt_rests:
            # It will move in a few seconds, whether or not it reports its countdown: it must not be started again.
            ctx.belt.on_start(now)
        self._go(self._state.on_machine_event(ctx, event, now))

    def on_link(self, *, up: bool, now: float) -> None:
        """Take in that the link is up, or lost. Nothing resumes by itself (S10)."""
        ctx = self._ctx
        if up == ctx.linked:
            return
        ctx.linked = up
        if up:
            self._state.on_link_up(ctx, now)
        else:
            ctx.belt.on_link_lost()
            self._go(self._state.on_link_lost(ctx, now))

    def on_command_done(self, command: Command, now: float) -> None:
        """Take in that the machine accepted a command."""
        # Whatever brings it to rest, to the belt it is a stop.
        halts = command.urgent and command.kind is CommandKind.PAUSE
        self._ctx.belt.on_accepted(CommandKind.STOP if halts else command.kind, now)
        self._state.on_command_done(self._ctx, command)

    def on_command_failed(self, command: Command, now: float, *, declined: bool = False) -> None:
        """Take in that a command did not reach the machine or, `declined`, that the machine will not do it."""
        ctx = self._ctx
        if ctx.linked:
            ctx.belt.on_declined(command.kind, now)
        if command.kind is CommandKind.END_SESSION:
            ctx.pause.session_ended = False
        self._go(self._state.on_command_failed(ctx, command, now, declined=declined))

    def tick(self, now: float) -> None:
        """Let time pass; about once a second is enough."""
        ctx = self._ctx
        self._go(self._state.check_rules(ctx, now))
        self._go(self._state.on_tick(ctx, now))
        may = ctx.rules.released and not ctx.rules.control_lock and ctx.linked
        lowered = ctx.deck.due(ctx.rules.capabilities.incline_range, ctx.belt, now, may=may)
        if lowered is not None and not self.belt_may_move:
            ctx.send(lowered, now)
