"""Tells whether anybody is on the belt, by the machine's counters and by the house's sensors (S17)."""

from ...machine.model import BeltState, Telemetry

ABSENT_ANNOUNCED = 10.0
ABSENT_STOPS = 20.0
"""Seconds without anybody on a moving belt until it is announced; `ABSENT_STOPS` until the belt is stopped."""
_REGULAR = 5.0  # s between two changes of a counter that can be relied on
_CHANGES = 3


class _Counter:
    """A counter of the machine that runs while somebody walks; one that never ran proves nothing."""

    def __init__(self) -> None:
        self._value: int | None = None
        self._changes = 0
        self._changed = 0.0

    def frozen_for(self, value: int | None, now: float) -> float:
        """Take in its value, and return the seconds since it last changed; 0 while that proves nothing."""
        if value is None:
            return 0.0
        if value != self._value:
            if self._value is not None and self._changes < _CHANGES:
                self._changes = self._changes + 1 if now - self._changed <= _REGULAR else 0
            self._value, self._changed = value, now
        return now - self._changed if self._changes >= _CHANGES else 0.0

    def rested(self, now: float) -> None:
        """Skip the time in which the belt stood still or sent no reports."""
        self._changed = now


class Presence:
    """Watches one session. Times are those of the telemetry: silence is no absence."""

    def __init__(self) -> None:
        self._counters = {"elapsed_time": _Counter(), "steps": _Counter()}
        self._weighed = False  # force was reported, so that a force of 0 means something
        self._light_since: float | None = None
        self._empty_since: float | None = None
        self._received = float("-inf")
        self._absent = 0.0
        self._announced = False
        self.sign = ""
        """What shows that nobody is there."""

    def update(self, telemetry: Telemetry, *, occupied: bool | None) -> None:
        """Take in telemetry; `occupied` is what the house's sensor says, None if there is none."""
        now = telemetry.received
        pause = telemetry.belt is not BeltState.MOVING or now - self._received > _REGULAR
        self._received = now
        if pause:
            self._light_since = self._empty_since = None
            for counter in self._counters.values():
                counter.rested(now)
        force = telemetry.force_on_belt
        self._weighed = self._weighed or bool(force)
        self._light_since = (self._light_since or now) if force == 0 and self._weighed else None
        self._empty_since = (self._empty_since or now) if occupied is False else None
        signs = {
            "elapsed_time": self._counters["elapsed_time"].frozen_for(telemetry.elapsed_time, now),
            "steps": self._counters["steps"].frozen_for(telemetry.steps, now),
            "force": 0.0 if self._light_since is None else now - self._light_since,
            "occupancy": 0.0 if self._empty_since is None else now - self._empty_since,
        }
        self.sign = max(signs, key=lambda name: signs[name])
        self._absent = signs[self.sign]
        self._announced = self._announced and self._absent >= ABSENT_ANNOUNCED

    def should_announce(self) -> bool:
        """Return whether to announce now that nobody is there; true once each time."""
        if self._announced or self._absent < ABSENT_ANNOUNCED:
            return False
        self._announced = True
        return True

    def should_stop(self) -> bool:
        """Return whether nobody has been there for so long that the belt has to stop."""
        return self._absent >= ABSENT_STOPS
