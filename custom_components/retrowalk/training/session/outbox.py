"""The pending commands and events of a session, in order (safety rule S7)."""

from collections.abc import Iterable

from ...machine.model import Command
from ..events import (
    SessionEvent,
)
from ..steering.console_override import ConsoleOverrideDetector
from ..steering.steering import Output


class Outbox:
    """Keep commands and events until they are drained."""

    def __init__(self) -> None:
        self.console = ConsoleOverrideDetector()
        self._waiting: list[Output] = []

    @property
    def pending(self) -> bool:
        """Whether anything waits to be drained."""
        return bool(self._waiting)

    def drain(self) -> list[Output]:
        """Return the pending commands and events in order, and clear them."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def on_belt_rest(self) -> None:
        """Forget the commands from before the belt rested: they no longer explain a change."""
        self.console = ConsoleOverrideDetector()

    def send(self, command: Command, now: float) -> None:
        """Send a command, and remember it: the machine may report it as a change of its own."""
        self.console.sent(command, now)
        self._waiting.append(command)

    def stop(self, command: Command | None) -> None:
        """Send a stop, if any, and nothing before it that was decided in the same moment (S3).

        It is not remembered: repeated stops would displace the commands before them.
        """
        if command is not None:
            waiting = [output for output in self._waiting if not isinstance(output, Command) or output.stops]
            self._waiting = [*waiting, command]

    def emit(self, event: SessionEvent) -> None:
        """Emit an event."""
        self._waiting.append(event)

    def extend(self, outputs: Iterable[Output], now: float) -> None:
        """Send the commands and emit the events of `outputs`."""
        for output in outputs:
            if isinstance(output, Command):
                self.send(output, now)
            else:
                self._waiting.append(output)
