"""Did a hand on the console do this? Then the console wins (safety rule S7)."""

from collections import deque

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind
from ..belt.noise import SETTLES_WITHIN, NoiseFilter
from .pilot import Pilot

OWN_CHANGE = SETTLES_WITHIN
"""Seconds after our own command in which a difference is not the console's doing."""
CONSOLE_CHANGE = 3.0
"""Seconds for which speed must differ from ours before the console has taken over."""

_COARSE = 0.15
"""km/h of a machine's step from which one step alone is seen: less than that a belt drifts by itself."""
_MOST_OF = 0.7
"""Part of such a step that its belt must have moved by."""

_TARGETS = {
    MachineEventKind.SPEED_CHANGED: CommandKind.SET_SPEED,
    MachineEventKind.INCLINE_CHANGED: CommandKind.SET_INCLINE,
}


class ConsoleOverrideDetector:
    """Tells what we made the belt of one walk do from what a person did at the console."""

    def __init__(self) -> None:
        self._sent: deque[tuple[Command, float]] = deque(maxlen=8)
        self._off_since: dict[str, float] = {}  # when the speed was last where it should be, and where it was before

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

    def changed_speed(self, gauge: NoiseFilter, speed: float, pilot: Pilot, now: float) -> bool:
        """Whether the belt has left the speed (km/h) that it was told, for so long that a hand must have done it.

        Neither a sensor that trembles is a hand, nor what comes of our own command (S9). A coarse machine's belt need
        only leave the place where it stood before: there one step is much.
        """
        if now - pilot.last_command < OWN_CHANGE:
            self._off_since = {}
            return False
        mean, noise = gauge.mean(pilot.last_command + OWN_CHANGE), gauge.noise
        places = {"target": (pilot.speed, pilot.grain)}
        before = gauge.level_before(now)
        if before is not None and pilot.grain > _COARSE:
            places["before"] = (before, _MOST_OF * pilot.grain)
        return mean is not None and any(
            self._has_left(place, abs(speed - origin) > tolerance, now) and abs(mean - origin) > tolerance + noise
            for place, (origin, tolerance) in places.items()
        )

    def _has_left(self, place: str, off: bool, now: float) -> bool:
        """Whether a place was left for long enough; `off`: the newest report is somewhere else."""
        if not off:
            self._off_since[place] = now
        return now - self._off_since.setdefault(place, now) >= CONSOLE_CHANGE
