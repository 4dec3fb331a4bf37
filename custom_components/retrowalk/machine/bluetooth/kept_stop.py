"""The stop that could not be delivered: kept for a while, and sent first on the next link (S3)."""

from collections.abc import Callable

from ..model import STOP_KEPT_FOR, Command, CommandKind


class KeptStop:
    """The newest stop that waits for a link, if one does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self.command = Command(CommandKind.STOP)
        """What to send: Stop, or what this machine obeys instead."""
        self.count = 0
        """How many stops were kept, which tells a new one from one that was already sent."""
        self._clock = clock
        self._until: float | None = None

    @property
    def waits(self) -> bool:
        """Whether a stop waits to be sent."""
        return self._until is not None and self._clock() < self._until

    def keep(self, command: Command) -> None:
        """Keep a stop from now on."""
        # Nobody knows what the belt does when the link is back: a target speed may start one that rests (S8).
        self.command = Command(CommandKind.STOP) if command.kind is CommandKind.SET_SPEED else command
        self._until = self._clock() + STOP_KEPT_FOR
        self.count += 1

    def drop(self) -> None:
        """Keep no stop any more: it was delivered, or the link is given up."""
        self._until = None
