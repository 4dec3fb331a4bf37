"""The steps that can stop a belt (S3)."""

from enum import StrEnum

from ..machine.model import Command, CommandKind


class StopStep(StrEnum):
    """One step of the escalation that stops a belt."""

    STOP = "stop"
    PAUSE = "pause"
    SLOWEST = "slowest"  # the lowest speed there is

    @classmethod
    def of(cls, command: Command) -> StopStep:
        """Return the step that a command is."""
        return next(step for step, kind in _KINDS.items() if kind is command.kind)

    def command(self, slowest: float | None) -> Command:
        """Return the command of this step; `slowest` in km/h."""
        value = slowest if self is StopStep.SLOWEST else None
        return Command(_KINDS[self], value, urgent=self is not StopStep.STOP)


_KINDS = {StopStep.STOP: CommandKind.STOP, StopStep.PAUSE: CommandKind.PAUSE, StopStep.SLOWEST: CommandKind.SET_SPEED}
