"""The escalation of a stop: the steps that are sent to a belt that does not obey, one after the other (S3)."""

from ..stop_steps import StopStep

TIMES = 3
"""How often the machine has to accept a step before the next one is tried."""
NEXT_AFTER = 4.0
"""Seconds for which a belt may go on as before although the machine accepts what is sent."""
PROOF_WITHIN = 4.5
"""Seconds in which a belt that seems slower has to prove it: repeating Pause makes some machines run again."""


class StopEscalation:
    """The steps for one treadmill: the present one, and those that are never sent again."""

    def __init__(self) -> None:
        self.current = StopStep.STOP
        """The step that is sent now, or was sent last to a belt that moved."""
        self.since = float("-inf")
        """When the present step was first sent."""
        self.excluded: set[StopStep] = set()
        """The steps after which the belt got faster."""
        self._order: tuple[StopStep, ...] = tuple(StopStep)
        self._times = 0  # the present step was accepted
        self._unsent = True
        self._accepted: set[StopStep] = set()  # accepted in this stop
        self._declined: set[StopStep] = set()  # in this round

    def begin(self, first: StopStep) -> None:
        """Begin a stop with `first`, the step that the check run found to work."""
        self._order = (first, *(step for step in StopStep if step is not first))
        self._accepted.clear()
        self._declined.clear()
        self._go_to(first)

    def pick(self, slowest: float | None) -> StopStep:
        """Return the step to send now: the present one, or the next that can be sent. There is always one.

        `slowest` is the lowest speed (km/h), where it would slow the belt down (S8).
        """
        usable = {StopStep.STOP, StopStep.PAUSE} if slowest is None else set(StopStep)
        start = self._order.index(self.current)
        turn = [*self._order[start:], *self._order[:start]]
        picked = next((step for step in turn if step in usable and step not in self.excluded), StopStep.STOP)
        if picked is not self.current:
            self._go_to(picked)
        return picked

    def on_sent(self, step: StopStep, now: float) -> None:
        """Take in that a step was sent; it is the present one from now on."""
        if step is not self.current:
            self._go_to(step)
        if self._unsent:
            self.since, self._unsent = now, False

    def on_accepted(self, step: StopStep) -> None:
        """Take in that the machine accepted a step; if it declines that step later, it is already obeying."""
        self._accepted.add(step)
        if step is self.current:
            self._times += 1

    @property
    def only_stopped(self) -> bool:
        """Whether the machine accepted nothing but Stop, so that its own session is over, too."""
        return not self._accepted - {StopStep.STOP}

    def is_news(self, step: StopStep) -> bool:
        """Return whether it means something that a step is declined: it is the present one, and was never accepted."""
        return step is self.current and step not in self._accepted

    def on_declined_again(self, step: StopStep) -> None:
        """Take in that a step was declined that had seemed to be accepted: it helps as little as one that is."""
        if step is self.current:
            self._times += 1

    def on_declined(self, slowest: float | None) -> StopStep | None:
        """Take in that the present step was declined; return the next to send at once, or None if all were declined."""
        self._declined.add(self.current)
        self.escalate()
        picked = self.pick(slowest)
        if picked not in self._declined:
            return picked
        self._declined.clear()  # another round
        # All the rest is declined, so that Stop is tried again even if it seemed to speed up the belt.
        self.excluded.discard(StopStep.STOP)
        return None

    def has_failed(self, now: float, moves_since: float) -> bool:
        """Return whether the present step was sent often enough to a belt that has moved on since `moves_since`."""
        return self._times >= TIMES and now - max(self.since, moves_since) >= NEXT_AFTER

    def escalate(self) -> None:
        """Go on to the next step, because the present one did not help."""
        self._go_to(self._order[(self._order.index(self.current) + 1) % len(self._order)])

    def _go_to(self, step: StopStep) -> None:
        self.current, self._times, self._unsent = step, 0, True
