"""Tells whether a change was made at the console: then the console wins (S7)."""

from collections import deque

from ...machine.model import Command, CommandKind, MachineEvent, MachineEventKind
from ..belt.noise import SETTLES_WITHIN, NoiseFilter
from .axis import DRIFT
from .pilot import Pilot

OWN_CHANGE = SETTLES_WITHIN
"""Seconds after our own command in which a difference is not the console's doing."""
CONSOLE_CHANGE = 3.0
"""Seconds for which the speed must differ from ours until the console has taken over."""

_COARSE = 0.15
"""km/h of a machine's step above which a single step is seen: a belt drifts by less than that."""
_MOST_OF = 0.7
"""Part of such a step by which its belt must have changed."""

_BOTH = "the target that is under way, and the one before"

_TARGETS = {
    MachineEventKind.SPEED_CHANGED: CommandKind.SET_SPEED,
    MachineEventKind.INCLINE_CHANGED: CommandKind.SET_INCLINE,
}


class ConsoleOverrideDetector:
    """Tells the effect of our commands in one session from changes that a person made at the console."""

    def __init__(self) -> None:
        self._sent: deque[tuple[Command, float]] = deque(maxlen=8)
        self._off_since: dict[str, float] = {}  # when the speed was last at the target, and at what it was before

    def sent(self, command: Command, now: float) -> None:
        """Take in that we sent a command."""
        self._sent.append((command, now))

    def changed_target(self, event: MachineEvent, now: float) -> bool:
        """Return whether a target was changed at the console. Some machines report our own changes, too, and late."""
        kind = _TARGETS.get(event.kind)
        if kind is None or event.value is None:
            return False
        ours = [(command, when) for command, when in self._sent if command.kind is kind]
        # An older value of ours may have been chosen at the console again; our newest one is known for longer.
        known = ours[-1:] + [(command, when) for command, when in ours[:-1] if now - when < OWN_CHANGE]
        return all(abs((command.value or 0.0) - event.value) >= 0.05 for command, _ in known)

    def changed_speed(self, gauge: NoiseFilter, speed: float, pilot: Pilot, now: float) -> bool:
        """Return whether the belt has left its commanded speed (km/h) for so long that the console changed it.

        Neither a noisy sensor counts, nor the effect of our own command (S9). The belt of a machine with coarse steps
        only needs to leave the speed that it had before: one of its steps is much.
        """
        if CommandKind.SET_SPEED in pilot.under_way:
            # Nobody knows which of the two it obeys, but nothing of ours makes it slower than both.
            return self._has_left(_BOTH, speed < pilot.least_expected - pilot.grain - gauge.noise, now)
        self._off_since.pop(_BOTH, None)
        own = pilot.last_command(CommandKind.SET_SPEED)  # a command to the deck explains nothing of it
        if now - own < OWN_CHANGE:
            self._off_since = {}
            return False
        mean, noise = gauge.mean(own + OWN_CHANGE), gauge.noise
        references = {"target": (pilot.commanded_speed, pilot.grain)}
        before = gauge.level_before(now)
        if before is not None and pilot.grain > _COARSE:
            references["before"] = (before, _MOST_OF * pilot.grain)
        return mean is not None and any(
            self._has_left(reference, abs(speed - origin) > tolerance, now) and abs(mean - origin) > tolerance + noise
            for reference, (origin, tolerance) in references.items()
        )

    def moved_deck(self, gauge: NoiseFilter, pilot: Pilot, now: float) -> bool:
        """Return whether the deck has left where it was sent to at once, which is somebody's doing; drift is slower."""
        sent, before, deck = pilot.sent_incline, gauge.level_before(now), gauge.reading()
        if sent is None or before is None or deck is None:
            self._off_since.pop("deck", None)
            return False
        off = abs(deck.level - sent) > abs(before - sent) + DRIFT
        return self._has_left("deck", off, now)

    def _has_left(self, reference: str, off: bool, now: float) -> bool:
        """Return whether a reference was left for long enough; `off`: the newest report is somewhere else."""
        if not off:
            self._off_since[reference] = now
        return now - self._off_since.setdefault(reference, now) >= CONSOLE_CHANGE
