"""The states of a check run, with nobody on the belt (safety rule S9)."""

from typing import override

from ...machine.model import Command, CommandKind, MachineEvent
from ..check.check_run import CheckRun
from ..check.result import Failure
from ..events import (
    EndReason,
)
from ..states import SessionState
from .context import SessionContext
from .state import State
from .stopping import Stopping


class CheckRunState(State):
    """Base of both states of a check run, which receives all that happens and ends with them."""

    counts = False

    def __init__(self, check: CheckRun, now: float) -> None:
        super().__init__(now)
        self.check = check

    @override
    def enter(self, ctx: SessionContext) -> None:
        super().enter(ctx)
        ctx.check = self.check

    @override
    def leave(self, ctx: SessionContext, successor: State) -> None:
        if not isinstance(successor, CheckRunState):
            self.check.close()
            ctx.check = None

    @override
    def on_machine_event(self, ctx: SessionContext, event: MachineEvent, now: float) -> State:
        self.check.on_machine_event(event)
        return self.on_tick(ctx, now)

    @override
    def on_target_failed(self, ctx: SessionContext, command: Command, now: float, *, declined: bool) -> State:
        self.check.on_declined(command.kind)
        if command.kind is CommandKind.START:
            ctx.belt.on_start_void()
        return self.on_tick(ctx, now)


class Checking(CheckRunState):
    """State while the check run moves the belt."""

    name = SessionState.CHECKING
    controls_belt = True

    @override
    def on_tick(self, ctx: SessionContext, now: float) -> State:
        """Send the check run's next command; stop the belt when it is done or has failed."""
        if ctx.guards.forbid or ctx.occupied:
            self.check.fail(Failure.SOMEBODY_NEAR)
        elif ctx.rules.control_lock or not ctx.rules.control:
            self.check.fail(Failure.STOPPED)
        command = self.check.advance(ctx.belt, now)
        if command is None:
            return ctx.to.stopping(self, now, EndReason.CHECK) if self.check.due else self
        if command.kind is CommandKind.START:
            ctx.send_start(command, now)
        else:
            ctx.send(command, now)
        return self

    @override
    def on_guard(self, ctx: SessionContext, name: str, now: float, *, turned_on: bool) -> State:
        return self.on_tick(ctx, now)

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        self.check.fail(Failure.LINK_LOST)
        return self.on_tick(ctx, now)


class CheckStopping(CheckRunState, Stopping):
    """State while a check run stops the belt and measures how it obeys."""

    @override
    def on_telemetry(self, ctx: SessionContext, now: float) -> State:
        self.check.watch_stop(ctx.belt, ctx.stopper.escalation, now)
        return self

    @override
    def on_link_lost(self, ctx: SessionContext, now: float) -> State:
        self.check.fail(Failure.LINK_LOST)  # how the belt obeys cannot be measured now
        return super().on_link_lost(ctx, now)
