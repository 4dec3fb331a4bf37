"""A belt that follows its plan: warm-up, main part or cool-down (safety rules S5-S7, S13)."""

from typing import Final, override

from ...machine.model import Command, CommandKind
from ..events import (
    EndReason,
    ManualEvent,
    ManualReason,
    SessionEvent,
    SessionEventKind,
    StoppedEvent,
)
from ..rules import Caller, Refusal, RefusedError
from ..states import SessionState
from ..steering.session_plan import SessionRequest
from ..steering.steering import Steering
from .context import SessionContext
from .moving import Controlled
from .state import State

_AXES: Final = (CommandKind.SET_SPEED, CommandKind.SET_INCLINE)


class Steered(Controlled):
    """State of a belt that follows its plan."""

    def __init__(self, steering: Steering, seconds: float, now: float) -> None:
        super().__init__(now)
        self._steering = steering
        self.name = steering.phase(seconds)

    @property
    @override
    def steering(self) -> Steering:
        return self._steering

    @override
    def leave(self, ctx: SessionContext, successor: State) -> None:
        ctx.rises, ctx.pending_reductions = self._steering.pilot.last_rises, self._steering.pending_reductions
        ctx.verifier.reset()

    def update_phase(self, ctx: SessionContext) -> None:
        """Update the name of the part of the plan that is under way."""
        self.name = self._steering.phase(ctx.moving_time)

    # Requests.

    @override
    def resume(self, ctx: SessionContext, now: float, *, caller: Caller, request: SessionRequest | None) -> State:
        ctx.require_control()
        if not self._steering.awaiting_resume:
            raise RefusedError(Refusal.NOTHING_TO_RESUME)
        ctx.require_person(caller=caller)
        self._steering.resume()
        ctx.emit(SessionEvent(SessionEventKind.RESUMED))
        return self

    def set_speed(self, ctx: SessionContext, kmh: float, *, caller: Caller) -> float:
        """Set the target speed (km/h) and return it within the limits. Only a person may raise it (S16)."""
        steering = self._steering
        if ctx.limits.allowed_speed(kmh) > steering.pilot.setpoint_speed:
            ctx.require_person(caller=caller)
        # Without a person, a request must not cancel a fall under way either.
        target = steering.set_speed(kmh if caller.is_person else min(kmh, steering.target_speed), ctx.moving_time)
        self.update_phase(ctx)
        return target

    def slow_down(self, ctx: SessionContext, by: float) -> float:
        """Set the target speed to `by` (km/h) below the commanded speed and return it within the limits.

        A speed below the target may still be a rise, while the belt is ramping up to it. Any caller may (S16).
        """
        pilot = self._steering.pilot
        return self.set_speed(ctx, min(pilot.commanded_speed, pilot.setpoint_speed) - by, caller=Caller.UNKNOWN)

    def set_incline(self, ctx: SessionContext, percent: float, *, caller: Caller) -> float:
        """Set the target incline (%) and return it within the limits. Only a person may raise it (S16)."""
        steering = self._steering
        if steering.pilot.setpoint_incline is None:
            raise RefusedError(_no_deck(ctx))
        if ctx.limits.allowed_incline(percent) > steering.pilot.setpoint_incline:
            ctx.require_person(caller=caller)
        least = min(percent, steering.target_incline or 0.0)
        return steering.set_incline(percent if caller.is_person else least, ctx.moving_time)

    def ramp_to(
        self, ctx: SessionContext, speed: float | None, incline: float | None, *, over: float, caller: Caller
    ) -> None:
        """Ramp to a speed (km/h) and an incline (%) over this time (s). Only a person may raise them (S16)."""
        pilot, limits, targets = self._steering.pilot, ctx.limits, dict[CommandKind, float]()
        rises = False
        if speed is not None:
            targets[CommandKind.SET_SPEED] = speed
            rises = limits.allowed_speed(speed) > pilot.commanded_speed
        if incline is not None:
            if pilot.commanded_incline is None:
                raise RefusedError(_no_deck(ctx))
            targets[CommandKind.SET_INCLINE] = incline
            rises = rises or limits.allowed_incline(incline) > pilot.commanded_incline
        if rises:
            ctx.require_person(caller=caller)
        self._steering.ramp_to(targets, over, ctx.moving_time, caller=caller)
        self.update_phase(ctx)

    def skip_step(self, ctx: SessionContext, *, caller: Caller) -> None:
        """Skip to the next step of the program. Only a person may if that is a rise (S16)."""
        self._steering.skip(ctx.belt, ctx.moving_time, caller=caller)
        self.update_phase(ctx)

    @override
    def cool_down(self, ctx: SessionContext, now: float, *, within: float, reason: EndReason) -> State:
        if not ctx.belt.moves:
            return ctx.to.stopping(self, now, reason)
        if event := self._steering.finish(ctx.belt, ctx.moving_time, within=within, reason=reason):
            ctx.extend([event], now)
            self.update_phase(ctx)
        return self

    @override
    def wind_down(self, ctx: SessionContext, now: float) -> State:
        if not ctx.belt.moves:
            return self if self.name is SessionState.COOL_DOWN else super().wind_down(ctx, now)
        slowest = ctx.limits.allowed_speed(0.0)
        if ctx.belt.speed > slowest:  # one that its console slows down further is left to it (S7, S8)
            ctx.send(Command(CommandKind.SET_SPEED, slowest), now)
        return ctx.to.winding_down(now)

    # Inputs.

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        belt, steering = ctx.belt, self._steering
        if not belt.moves or steering.is_starting:
            return self
        # A machine that does not obey is off target by itself; a key pressed at its console is still reported.
        gauge = belt.noise_filters[CommandKind.SET_SPEED]
        console, deck = ctx.outbox.console, belt.noise_filters[CommandKind.SET_INCLINE]
        off = console.changed_speed(gauge, belt.speed, steering.pilot, now)
        judging = ctx.verifier.is_judging(CommandKind.SET_SPEED)
        off = off and not (judging and CommandKind.SET_SPEED not in steering.pilot.under_way)
        off = console.moved_deck(deck, steering.pilot, now) or off
        if not off or ctx.verifier.mismatch is not None:
            return self
        return ctx.to.manual(now, unexplained=True)

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        belt, steering = ctx.belt, self._steering
        if belt.lost(now):
            return ctx.to.interrupted(self, now)
        if belt.rests(now):
            if self.name is SessionState.COOL_DOWN:
                return ctx.to.end(now, StoppedEvent(EndReason.CONSOLE))
            return ctx.to.paused(self, now, own=False)
        if not belt.moves:
            return self  # one report of rest may be wrong, but a target could start a belt at rest (S8)
        steering.pilot.under_way = ctx.outbox.targets_under_way(now)
        ctx.extend(steering.advance(belt, ctx.moving_time, now), now)
        self.update_phase(ctx)
        if steering.runs_away:
            return ctx.to.stopping(self, now, EndReason.NOT_OBEYED)
        if steering.cool_down is not None and ctx.moving_time >= steering.ends:
            return ctx.to.stopping(self, now, steering.cool_down.reason)
        commanded = max(map(steering.pilot.last_command, _AXES))
        down = not steering.falling and commanded < now  # a target of this second is still ours
        if steering.gives_back and down and steering.pilot.on_target(belt.speed):
            return ctx.to.manual(now, ManualEvent(ManualReason.NO_COACH), uncoached_since=now)
        return self.watch(ctx, now)

    @override
    def on_target_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        if command.kind in _AXES and ctx.belt.moves:
            ctx.extend(self._steering.on_failed(command, ctx.belt, declined=declined), now)
        return self


def _no_deck(ctx: SessionContext) -> Refusal:
    """Return why the deck of a steered belt is left alone."""
    unknown = ctx.limits.incline is not None and ctx.belt.known_deck is None
    return Refusal.DECK_UNKNOWN if unknown else Refusal.NOT_STEERING
