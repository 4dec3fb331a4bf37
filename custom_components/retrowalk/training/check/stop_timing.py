"""Measures how the belt of a check run stops: on which step of the escalation, and how quickly (S3, S9)."""

from ..belt.belt import Belt
from ..belt.stop_escalation import NEXT_AFTER, StopEscalation
from ..stop_steps import StopStep

STOPS_WITHIN = 2 * NEXT_AFTER + 2.0
"""Seconds after Stop in which the belt has to get slower: a machine may need another step of the escalation."""


class StopTiming:
    """One stop."""

    def __init__(self) -> None:
        self.step = StopStep.STOP
        """The step that made the belt slower, or the newest one."""
        self.delay: float | None = None
        """Seconds from that step until the belt got slower."""
        self._took: float | None = None  # s from that step until it was at rest
        self._sent = 0.0
        self._since = 0.0  # of the newest step

    def begin(self, now: float) -> None:
        """Take in that Stop was sent."""
        self._since = self._sent = now

    def update(self, belt: Belt, escalation: StopEscalation, now: float) -> bool:
        """Take in a report, and return whether the belt still obeys in time and to the end."""
        obeys = True
        rests_since = belt.telemetry.uncounted_since if belt.telemetry else None
        if self.delay is None:
            # A Stop that is sent at rest is no step of the escalation.
            self._since, self.step = max(escalation.since, self._sent), escalation.current
            # Judged by what was reported, whatever becomes of the link. The lowest speed is no stop.
            late = escalation.current is StopStep.SLOWEST or now - self._sent > STOPS_WITHIN
            obeys = not late or belt.settles
        took = round(max((now if rests_since is None else rests_since) - self._since, 0.0), 1)
        if self.delay is None and (belt.stands_still or belt.slows(now)):
            self.delay = took
        if self._took is None and belt.stands_still:
            self._took = took
        return obeys

    @property
    def at_rest(self) -> bool:
        """Whether the belt came to rest."""
        return self._took is not None

    @property
    def coast(self) -> float | None:
        """Seconds from getting slower until rest; None until both were seen."""
        return None if self.delay is None or self._took is None else round(self._took - self.delay, 1)
