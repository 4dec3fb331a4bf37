"""A belt that was not heard for a while: what it did meanwhile, by its own counters (safety rule S10)."""

from ..machine.model import Telemetry
from .pilot import Pilot

END_HOLDS = 60.0
"""Seconds of silence after which a planned end is not ours to keep any more."""
_SLACK = 3.0  # s that counters may lag
_METRES = 3.0


class Interruption:
    """One silence of a moving belt."""

    def __init__(self, last: Telemetry, pilot: Pilot | None, counted: float, *, ours: bool) -> None:
        """`last` was heard last, `pilot` steered it then; `counted` s of moving; `ours`: it did what we told it."""
        self.ours = ours
        self._last = last
        self._pilot = pilot
        self._counted = counted
        self._key = False

    @property
    def still_ours(self) -> bool:
        """Whether it did what we told it, and nobody used its console since, as far as the machine reports."""
        return self.ours and not self._key

    def commanded(self, otherwise: float) -> float:
        """The speed (km/h) that it was told last."""
        return self._pilot.speed if self._pilot else otherwise

    def key_pressed(self) -> None:
        """The machine reports that somebody used its console meanwhile."""
        self._key = True

    def moved(self, telemetry: Telemetry) -> float | None:
        """Seconds for which the belt moved meanwhile, by the machine's counters; None where they do not tell."""
        last = self._last
        silence = telemetry.received - last.received
        if last.elapsed_time is not None and telemetry.elapsed_time is not None:
            ran = telemetry.elapsed_time - last.elapsed_time
            return min(float(ran), silence) if ran >= 0 else None
        if last.distance is not None and telemetry.distance is not None and last.speed:
            metres, expected = telemetry.distance - last.distance, last.speed / 3.6 * silence
            if abs(metres - expected) <= _METRES + 0.1 * expected:
                return silence
        return None

    def uncounted(self, telemetry: Telemetry, counted: float) -> float:
        """Seconds of moving that are missing in what is counted by now."""
        return max((self.moved(telemetry) or 0.0) - (counted - self._counted), 0.0)

    def end_holds(self, telemetry: Telemetry) -> bool:
        """Whether the walk goes on as planned: short, counted, at our speed and without a hand on the console."""
        last, pilot = self._last, self._pilot
        if pilot is None or self._key or telemetry.speed is None:
            return False
        silence = telemetry.received - last.received
        moved = self.moved(telemetry)
        return (
            silence < END_HOLDS and moved is not None and moved >= silence - _SLACK and pilot.on_target(telemetry.speed)
        )
