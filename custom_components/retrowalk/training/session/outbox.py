"""The commands and events of a session, in order, until they are drained and answered (safety rules S3, S5, S7)."""

from collections.abc import Iterable
from typing import Final

from ...machine.model import Command, CommandKind
from ..events import (
    SessionEvent,
)
from ..steering.console_override import ConsoleOverrideDetector
from ..steering.steering import Output

_ANSWERED_WITHIN: Final = 20.0
"""Seconds within which a target is answered or fails: it waits for its turn, and then for the machine."""
_TARGETS: Final = frozenset({CommandKind.SET_SPEED, CommandKind.SET_INCLINE})


class Outbox:
    """Keep commands and events until they are drained, and know which targets are still under way."""

    def __init__(self) -> None:
        self.console = ConsoleOverrideDetector()
        self.lost: frozenset[CommandKind] = frozenset()
        """The targets that were under way when the link was lost."""
        self._waiting: list[Output] = []
        self._under_way: list[tuple[Command, float]] = []  # targets, and when each was sent (s)

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
        if command.kind in _TARGETS:
            self._under_way.append((command, now))

    def on_answered(self, command: Command) -> None:
        """Handle that a command was accepted or declined, has failed, or is not sent any more."""
        self._under_way = [sent for sent in self._under_way if sent[0] is not command]

    def on_link_lost(self, now: float) -> None:
        """Forget what was under way: it does not arrive any more."""
        self.lost = self.targets_under_way(now)
        self._under_way.clear()

    def targets_under_way(self, now: float) -> frozenset[CommandKind]:
        """Return which targets may still be on their way to the machine: the next would arrive with them (S5)."""
        return frozenset(command.kind for command, sent in self._under_way if now - sent < _ANSWERED_WITHIN)

    def stop(self, command: Command | None) -> None:
        """Send a stop, if any, and nothing before it that was decided in the same moment (S3).

        It is not remembered: repeated stops would displace the commands before them.
        """
        if command is not None:
            waiting = [output for output in self._waiting if not isinstance(output, Command) or output.stops]
            self._waiting = [*waiting, command]
            self._under_way.clear()  # a stop overtakes them

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
