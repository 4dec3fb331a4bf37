"""What a session puts out, in its order, and by which of it one knows a hand on the console (safety rule S7)."""

from collections.abc import Iterable

from ...machine.model import Command
from ..events import (
    SessionEvent,
)
from ..steering.console_override import ConsoleOverrideDetector
from ..steering.steering import Output


class Outbox:
    """Commands to send and events to tell, until somebody takes them."""

    def __init__(self) -> None:
        self.console = ConsoleOverrideDetector()
        self._waiting: list[Output] = []

    def drain(self) -> list[Output]:
        """Take what has to be sent and told, in order."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def on_belt_rest(self) -> None:
        """What was sent before it says nothing about who moves the belt now."""
        self.console = ConsoleOverrideDetector()

    def send(self, command: Command, now: float) -> None:
        """Send what the machine may report again as its own change."""
        self.console.sent(command, now)
        self._waiting.append(command)

    def stop(self, command: Command | None) -> None:
        """Send a stop, if there is one. It may be said often, and must not push out of memory what was sent before."""
        if command is not None:
            self._waiting.append(command)

    def emit(self, event: SessionEvent) -> None:
        """Tell an event."""
        self._waiting.append(event)

    def extend(self, outputs: Iterable[Output], now: float) -> None:
        """Send or tell what others made."""
        for output in outputs:
            if isinstance(output, Command):
                self.send(output, now)
            else:
                self._waiting.append(output)
