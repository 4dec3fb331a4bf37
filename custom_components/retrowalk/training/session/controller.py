"""The controller of the sessions of a treadmill (S2, S3, S7-S18).

It receives reports of the machine, requests and the time, and returns commands and events. Times are monotonic
seconds, given as `now`; the controller has no clock of its own. The same inputs give the same outputs.
"""

from dataclasses import replace
from math import inf

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind, Telemetry
from ..belt.belt import STALE
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
from ..states import BETWEEN_SESSIONS, SessionState
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
    """Pass everything that happens to the present state, one session after the other."""

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
        """Set the rules; a confirmed session keeps its limits."""
        self._ctx.rules = rules

    def choose_direction(self, direction: Direction) -> None:
        """Set the direction of the next session; a session that was made ready keeps its own (S4)."""
        self._ctx.terms.choose(direction)
        if self.state in BETWEEN_SESSIONS:
            self._ctx.terms.clear()

    @property
    def pending(self) -> bool:
        """Whether commands or events wait to be drained."""
        return self._ctx.outbox.pending

    def drain(self) -> list[Output]:
        """Return the pending commands and events in order, and clear them."""
        return self._ctx.outbox.drain()

    # Requests. Each raises RefusedError if a rule forbids it.

    def start(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Handle the Start button: the first press makes a session ready, a person's second press confirms it (S2)."""
        self._go(self._state.start(self._ctx, now, caller=caller, request=request))

    def prepare(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Make a session ready. This moves nothing, so any caller may."""
        self._go(self._state.prepare(self._ctx, now, caller=caller, request=request))

    def confirm(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Begin the countdown, for a person who is present or an automation that the owner allows to (S2).

        `request` is that of the person who confirms. It decides who walks if the session has no walker yet (S4).
        """
        self._go(self._state.confirm(self._ctx, now, caller=caller, request=request))

    def withdraw(self, now: float, *, reason: EndReason | Refusal) -> None:
        """Withdraw a session that has not begun, and announce why; stop a belt that was already started."""
        self._go(self._state.withdraw(self._ctx, now, reason))

    def pause(self, now: float) -> None:
        """Bring the belt to rest and keep the session for a few minutes."""
        self._go(self._state.pause(self._ctx, now))

    def resume(self, now: float, *, caller: Caller, request: SessionRequest | None = None) -> None:
        """Continue after a pause, which is a start (S2), or take over from the console (S7).

        `request` is that of the person who resumes, whose limits apply too (S4).
        """
        self._go(self._state.resume(self._ctx, now, caller=caller, request=request))

    @property
    def deck_step(self) -> float | None:
        """The step (%) that the deck was found to make in this session; None where its machine is right."""
        return self._ctx.verifier.deck.found

    def start_check(
        self, now: float, *, caller: Caller, second_start: bool = True, pause: bool = True, minimum: bool = True
    ) -> CheckRun:
        """Begin a check run for a person who stands beside the empty belt (S9).

        `second_start`, `pause`: whether to check the effect of a start on a moving belt, and after a pause; `minimum`:
        whether to send the belt to the machine's minimum.
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
        checking = self._state.start_check(ctx, now, second_start=second_start, pause=pause, minimum=minimum)
        self._go(checking)
        return checking.check

    def stop(self, now: float) -> None:
        """Stop now. This is never refused: in no state, not without control, not without a link (S3)."""
        self._go(self._state.stop(self._ctx, now))

    def finish(self, now: float) -> None:
        """Cool down briefly, then stop; end a session at rest. Any caller may (S13, S16)."""
        self._go(self._state.finish(self._ctx, now))

    def set_speed(self, kmh: float, *, caller: Caller) -> float:
        """Set the target speed (km/h) and return it within the limits. Only a person may raise it (S16)."""
        return self._steered().set_speed(self._ctx, kmh, caller=caller)

    def slow_down(self, by: float) -> float:
        """Set the target speed to `by` (km/h) below the commanded speed and return it within the limits."""
        return self._steered().slow_down(self._ctx, by)

    def set_incline(self, percent: float, *, caller: Caller) -> float:
        """Set the target incline (%) and return it within the limits. Only a person may raise it (S16)."""
        return self._steered().set_incline(self._ctx, percent, caller=caller)

    def ramp_to(self, speed: float | None, incline: float | None, *, over: float, caller: Caller) -> None:
        """Ramp to a speed (km/h) and an incline (%) over this time (s). Only a person may raise them (S16).

        A later request for the speed or the incline ends the ramp of that one.
        """
        self._steered().ramp_to(self._ctx, speed, incline, over=over, caller=caller)

    def skip_step(self, *, caller: Caller) -> None:
        """Skip to the next step of the program. Only a person may if that is a rise (S16)."""
        self._steered().skip_step(self._ctx, caller=caller)

    def lower_deck(self, now: float, *, caller: Caller) -> None:
        """Lower the deck of a belt at rest, a few seconds after the announcement: a child may be under it (S18)."""
        ctx = self._ctx
        ctx.require_control()
        ctx.require_person(caller=caller)
        ctx.guards.check()
        ctx.require_link()
        if not self._state.deck_may_move:
            raise RefusedError(Refusal.BELT_MOVES)
        ctx.extend([ctx.deck.announce(ctx.rules.capabilities.incline_range, ctx.belt, now)], now)

    def wind_down(self, now: float) -> None:
        """Slow down to the minimum, then stop, because Home Assistant shuts down (S14). Leave a manual belt alone."""
        self._go(self._state.wind_down(self._ctx, now))

    def lock(self, *, on: bool, caller: Caller) -> None:
        """Set the child lock: while it is on, only Stop works. Any caller may turn it on, only a person off (S17)."""
        if self.rules.control_lock and not on and not caller.is_person:
            raise RefusedError(Refusal.UNLOCK_NEEDS_PERSON)
        self.apply_rules(replace(self.rules, control_lock=on))

    def _steered(self) -> Steered:
        """Return the present state. Raises RefusedError if it does not steer the belt."""
        self._ctx.require_unlocked()
        if not isinstance(self._state, Steered):
            self._ctx.require_control()
            raise RefusedError(Refusal.NOT_STEERING)
        return self._state

    # Inputs from Home Assistant.

    def on_guard(self, name: str, *, on: bool | None, now: float) -> None:
        """Update the state of a guard, None if it cannot be read. While it is on, nothing can be confirmed (S17).

        A guard that turns on ends a countdown; so does one that becomes unreadable, because it may be on.
        """
        ctx = self._ctx
        turned_on = ctx.guards.update(name, on=on)
        if ctx.guards.forbid:
            ctx.deck.cancel()
            self._go(self._state.on_guard(ctx, name, now, turned_on=turned_on))

    def on_occupancy(self, on: bool | None, now: float) -> None:
        """Update whether a sensor sees somebody on the belt; None if unknown (S17)."""
        self._ctx.occupied = on
        self.tick(now)

    def restore(self, found: RecoveredSession, now: float) -> None:
        """Restore a session from before a restart (S19): paused, or manual on a moving belt.

        It keeps its limits and its planned end, for whoever takes it over. Call this before the first report is
        observed, or while the session under way has no known walker.
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
        """Discard the restored session: it is over, and the belt is used by somebody else."""
        self._ctx.under_way = False
        self._ctx.terms.clear()
        self._go(Idle(now))

    # Inputs from the machine.

    def judge(self, telemetry: Telemetry) -> Telemetry:
        """Return the telemetry as judged: a speed alone does not prove motion (see MotionDetector)."""
        return self._ctx.belt.judge(telemetry)

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Update from a report of the machine, judged or not."""
        ctx = self._ctx
        self._go(self._state.check_rules(ctx, now))
        self._catch_up(now)
        ctx.belt.observe(telemetry, now)
        if ctx.safety_key_pulled is None and ctx.belt.moves:
            ctx.safety_key_pulled = False
        judged = ctx.belt.telemetry or telemetry
        if self._state.counts:
            ctx.odometer.update(judged)
        self._go(self._state.on_distance(ctx, judged, now))
        self._go(self._state.on_telemetry(ctx, now))
        self.tick(now)

    def _catch_up(self, now: float) -> None:
        """Handle a long silence before the report that ends it (S2, S10).

        A host that slept or was held up may hear the belt before its own clock runs. A stop goes on all the same (S3).
        """
        silent = STALE < self._ctx.belt.age(now) < inf
        if silent and self._state.since < now and self.state is not SessionState.STOPPING:
            self.tick(now)

    def on_machine_event(self, event: MachineEvent, now: float) -> None:
        """Handle a machine event."""
        ctx = self._ctx
        ctx.belt.on_machine_event(event, now)
        if event.kind is MachineEventKind.SAFETY_KEY:
            ctx.safety_key_pulled = True
            ctx.emit(SessionEvent(SessionEventKind.SAFETY_KEY))
        if event.kind in HALTS:
            ctx.stopper.on_stopping(now)
        if event.kind is MachineEventKind.STARTED and self._state.belt_rests:
            # The belt moves in a few seconds, even if it reports no countdown: do not start it again.
            ctx.belt.on_start(now)
            ctx.stopper.on_console_start()
        self._go(self._state.on_machine_event(ctx, event, now))

    def on_link(self, *, up: bool, now: float) -> None:
        """Handle that the link is up or lost. Nothing resumes by itself (S10)."""
        ctx = self._ctx
        if up == ctx.linked:
            return
        ctx.linked = up
        if up:
            self._state.on_link_up(ctx, now)
        else:
            ctx.safety_key_pulled = ctx.safety_key_pulled or None  # one that was pulled is shown until the next start
            ctx.belt.on_link_lost(under_way=ctx.under_way)
            ctx.outbox.on_link_lost(now)
            self._go(self._state.on_link_lost(ctx, now))

    def on_command_done(self, command: Command, now: float) -> None:
        """Handle a command that the machine accepted."""
        self._ctx.outbox.on_answered(command)
        # An urgent pause is a stop step: the belt must come to rest.
        halts = command.urgent and command.kind is CommandKind.PAUSE
        self._ctx.belt.on_accepted(CommandKind.STOP if halts else command.kind, now)
        if command.stops:
            self._ctx.stopper.on_delivered(self._ctx.belt, now)
        elif self._state.steering is not None:
            self._state.steering.on_accepted(command.kind, now)
        self._state.on_command_done(self._ctx, command)

    def on_command_superseded(self, command: Command) -> None:
        """Handle a command that is not sent any more, because a stop came first or the belt is no longer ours."""
        self._ctx.outbox.on_answered(command)

    def on_command_failed(self, command: Command, now: float, *, declined: bool = False) -> None:
        """Handle a command that did not reach the machine or, if `declined`, that the machine refused."""
        ctx = self._ctx
        ctx.outbox.on_answered(command)
        if ctx.linked:
            ctx.belt.on_declined(command.kind, now)
        if command.kind is CommandKind.END_SESSION:
            ctx.pause.session_ended = False
        self._go(self._state.on_command_failed(ctx, command, now, declined=declined))

    def tick(self, now: float) -> None:
        """Update for the time; once a second is enough."""
        ctx = self._ctx
        self._go(self._state.check_rules(ctx, now))
        self._go(self._state.on_tick(ctx, now))
        may = ctx.rules.released and not ctx.rules.control_lock and ctx.linked
        lowered = ctx.deck.due(ctx.rules.capabilities.incline_range, ctx.belt, now, may=may)
        if lowered is not None and not self.belt_may_move:
            ctx.send(lowered, now)
