"""The states of a belt that is stopped, or slowed down for a shutdown of Home Assistant (safety rules S3, S14)."""

from typing import override

from ..events import (
    EndReason,
    FinishedEvent,
    SessionEvent,
    SessionEventKind,
    StoppedEvent,
)
from ..states import SessionState
from .context import SessionContext
from .moving import Controlled
from .state import State

WIND_DOWN = 10.0
"""Seconds for slowing down before the stop, when Home Assistant shuts down (S14)."""


class Stopping(State):
    """State while stop steps are repeated until the belt obeys."""

    name = SessionState.STOPPING
    controls_belt = True

    @override
    def finish(self, ctx: SessionContext, now: float) -> State:
        ctx.require_unlocked()
        return self

    @override
    def wind_down(self, ctx: SessionContext, now: float) -> State:
        return self

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        """Send stop steps until the belt obeys, report once if it does not, and give up on a belt that is not heard."""
        belt, stopper = ctx.belt, ctx.stopper
        unheard, started = stopper.has_no_reports(belt, now), stopper.is_unheard(belt, now)
        if not ctx.linked:
            return self._wait_for_link(ctx, now)
        if unheard and started:
            belt.reset()
            return ctx.to.end(now, StoppedEvent(EndReason.BELT_NOT_HEARD))
        # A status alone says little of a belt whose last report is older than its start.
        if (belt.rests(now) and stopper.is_over(now) and not started) or (unheard and not belt.moves):
            reason = stopper.reason
            return ctx.to.end(now, FinishedEvent(reason) if reason.planned else StoppedEvent(reason))
        if unheard:
            return ctx.to.interrupted(self, now)
        ctx.outbox.stop(stopper.next_command(belt, now, ctx.slowest))
        ctx.report_stop_fails(now)
        return self

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        ctx.send_stop(now, again=True)  # the link keeps it and sends it first after it reconnects
        return self

    @override
    def on_link_up(self, ctx: SessionContext, now: float) -> None:
        ctx.stopper.on_link_up(now)

    def _wait_for_link(self, ctx: SessionContext, now: float) -> State:
        """Wait a limited time for the link, which keeps the stop."""
        if not ctx.stopper.lapsed(now):
            ctx.report_stop_fails(now)
            return self
        if ctx.belt.moves:
            return ctx.to.interrupted(self, now)
        ctx.belt.reset()
        return ctx.to.end(now, StoppedEvent(EndReason.NOT_CONNECTED))


class WindingDown(Controlled):
    """State of a belt that slows to its minimum without a plan before it is stopped."""

    name = SessionState.COOL_DOWN

    @override
    def cool_down(self, ctx: SessionContext, now: float, *, within: float, reason: EndReason) -> State:
        return self

    @override
    def wind_down(self, ctx: SessionContext, now: float) -> State:
        return self

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        belt = ctx.belt
        slowed = belt.moves and belt.speed <= ctx.limits.allowed_speed(0.0) + 0.05
        if belt.rests(now):
            return ctx.to.end(now, StoppedEvent(EndReason.CONSOLE))
        if slowed or belt.lost(now) or now - self.since >= WIND_DOWN:
            return ctx.to.stopping(self, now, EndReason.SHUTDOWN)
        return self

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        # Only a stop that the link keeps can still reach the belt.
        ctx.emit(SessionEvent(SessionEventKind.INTERRUPTED))
        return ctx.to.stopping(self, now, ctx.stopper.reason)
