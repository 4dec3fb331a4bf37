"""What a machine says that it is doing, and what its console did, as far as these machines let one know."""

from enum import StrEnum

from ..model import MachineEventKind

_STARTS_WITHIN = 20.0
"""Seconds after our start in which a belt that begins to move does it for us."""


class Activity(StrEnum):
    """What a machine says that it is doing."""

    RESTS = "rests"
    COUNTS_DOWN = "counts_down"
    RUNS = "runs"
    SLOWS = "slows"  # to rest
    PAUSES = "pauses"
    KEY_OUT = "key_out"


GOES = frozenset({Activity.COUNTS_DOWN, Activity.RUNS})
"""The belt moves, or is about to, until something halts it."""


class ActivityWatch:
    """The activity of one machine on one link; changes that we did not cause are its console's."""

    def __init__(self) -> None:
        self.now: Activity | None = None
        self._halted_by_us = False
        self._started_by_us = float("-inf")

    def on_start_sent(self, time: float) -> None:
        """Take in that we start the belt (time in s)."""
        self._started_by_us = time

    def on_halt_sent(self) -> None:
        """Take in that we stop or pause it."""
        self._halted_by_us = True

    def follow(self, activity: Activity, time: float) -> MachineEventKind | None:
        """Take in what the machine does, and return what its console did; None for what we did."""
        before, self.now = self.now, activity
        if before in {None, activity}:
            return None
        if activity is Activity.KEY_OUT:
            return MachineEventKind.SAFETY_KEY
        if activity in GOES:
            if before in GOES:
                return None
            self._halted_by_us = False
            return None if time - self._started_by_us < _STARTS_WITHIN else MachineEventKind.STARTED
        self._started_by_us = float("-inf")
        if self._halted_by_us or before not in GOES | {Activity.SLOWS}:
            return None
        if activity is Activity.RESTS:
            return MachineEventKind.STOPPED
        # A belt that slows to rest is paused until it says otherwise.
        return MachineEventKind.PAUSED if before in GOES else None
