"""Did a hand on the console do this? Then the console wins (safety rule S7)."""

from collections import deque

from ..machine.model import Command, CommandKind, MachineEvent, MachineEventKind
from .pilot import Pilot

OWN_CHANGE = 5.0
"""Seconds after our own command in which a difference is not the console's doing."""
CONSOLE_CHANGE = 3.0
"""Seconds for which speed must differ from ours before the console has taken over."""

_TARGETS = {
    MachineEventKind.SPEED_CHANGED: CommandKind.SET_SPEED,
    MachineEventKind.INCLINE_CHANGED: CommandKind.SET_INCLINE,
}


class ConsoleWatch:
    """Tells what we made the belt of one walk do from what a person did at the console."""

    def __init__(self) -> None:
        self._sent: deque[tuple[Command, float]] = deque(maxlen=8)
        self._off_since: float | None = None

    def sent(self, command: Command, now: float) -> None:
        """We gave this command."""
        self._sent.append((command, now))

    def changed_target(self, event: MachineEvent, now: float) -> bool:
        """Whether a target was changed by hand. Some machines report our own changes too, late ones among them."""
        kind = _TARGETS.get(event.kind)
        if kind is None or event.value is None:
            return False
        ours = [(command, when) for command, when in self._sent if command.kind is kind]
        # A value of ours from a while ago may well have been chosen by hand again; our newest one holds for longer.
        known = ours[-1:] + [(command, when) for command, when in ours[:-1] if now - when < OWN_CHANGE]
        return all(abs((command.value or 0.0) - event.value) >= 0.05 for command, _ in known)

    def changed_speed(self, speed: float, pilot: Pilot, now: float) -> bool:
        """Whether the belt has left the speed (km/h) that it was told, for so long that a hand must have done it."""
        if pilot.on_target(speed) or now - pilot.last_command < OWN_CHANGE:
            self._off_since = None
        elif self._off_since is None:
            self._off_since = now
        return self._off_since is not None and now - self._off_since >= CONSOLE_CHANGE
