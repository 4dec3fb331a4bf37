"""What may be said to a belt that is to stop (safety rule S3)."""

from enum import StrEnum

from ..machine.model import Command, CommandKind


class StopStep(StrEnum):
    """What may be said to a belt that is to stop."""

    STOP = "stop"
    PAUSE = "pause"
    SLOWEST = "slowest"  # the lowest speed there is

    @classmethod
    def of(cls, command: Command) -> StopStep:
        """The rung that a command is."""
        return next(rung for rung, kind in _KINDS.items() if kind is command.kind)

    def command(self, slowest: float | None) -> Command:
        """What the machine is told; `slowest` in km/h."""
        value = slowest if self is StopStep.SLOWEST else None
        return Command(_KINDS[self], value, urgent=self is not StopStep.STOP)


_KINDS = {StopStep.STOP: CommandKind.STOP, StopStep.PAUSE: CommandKind.PAUSE, StopStep.SLOWEST: CommandKind.SET_SPEED}
