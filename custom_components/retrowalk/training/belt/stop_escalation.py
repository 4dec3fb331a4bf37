"""The ladder of a stop: what is said to a belt that does not obey, one rung after the other (safety rule S3)."""

from ..stop_steps import StopStep

TIMES = 3
"""How often the machine takes a rung before the next one is tried."""
NEXT_AFTER = 4.0
"""Seconds for which a belt may go on as before, although the machine takes what is said."""
PROOF_WITHIN = 4.5
"""Seconds in which a belt that seems to get slower may show that it does: some go on again where pause is repeated."""


class StopEscalation:
    """The rungs of one treadmill: the one to say, and those that are never said again."""

    def __init__(self) -> None:
        self.current = StopStep.STOP
        """The one that is said now, or was last to a belt that moved."""
        self.since = float("-inf")
        """When that was said first."""
        self.excluded: set[StopStep] = set()
        """After these the belt got faster."""
        self._order: tuple[StopStep, ...] = tuple(StopStep)
        self._times = 0  # it was taken
        self._unsaid = True
        self._taken: set[StopStep] = set()  # the machine took it, in this stop
        self._declined: set[StopStep] = set()  # in this round

    def begin(self, first: StopStep) -> None:
        """A belt is to be stopped, best by `first`: what the check run found to work."""
        self._order = (first, *(rung for rung in StopStep if rung is not first))
        self._taken.clear()
        self._declined.clear()
        self._go_to(first)

    def pick(self, slowest: float | None) -> StopStep:
        """The rung to say now: the present one, or the next that can be said. There is always one.

        `slowest`: the lowest speed (km/h), where it would slow the belt down (S8).
        """
        usable = {StopStep.STOP, StopStep.PAUSE} if slowest is None else set(StopStep)
        start = self._order.index(self.current)
        turn = [*self._order[start:], *self._order[:start]]
        picked = next((rung for rung in turn if rung in usable and rung not in self.excluded), StopStep.STOP)
        if picked is not self.current:
            self._go_to(picked)
        return picked

    def on_sent(self, rung: StopStep, now: float) -> None:
        """One was said: the present one from now on."""
        if rung is not self.current:
            self._go_to(rung)
        if self._unsaid:
            self.since, self._unsaid = now, False

    def on_accepted(self, rung: StopStep) -> None:
        """The machine says that it does it. What it declines after that is no news: it is about it already."""
        self._taken.add(rung)
        self._times += rung is self.current

    @property
    def only_stopped(self) -> bool:
        """Whether the machine took nothing but stops, so that its own session is over, too."""
        return not self._taken - {StopStep.STOP}

    def is_news(self, rung: StopStep) -> bool:
        """Whether it means something that the machine declines a rung: it is said now, and was not taken before."""
        return rung is self.current and rung not in self._taken

    def on_declined(self, slowest: float | None) -> StopStep | None:
        """The machine declines the present one; returns the next, to be said at once. None: it declined them all."""
        self._declined.add(self.current)
        self.escalate()
        picked = self.pick(slowest)
        if picked not in self._declined:
            return picked
        self._declined.clear()  # another round
        # All that is left is declined: better a stop that may have been wronged than none.
        self.excluded.discard(StopStep.STOP)
        return None

    def has_failed(self, now: float, moves_since: float) -> bool:
        """Whether the machine took the present one often enough for a belt that has moved on since `moves_since`."""
        return self._times >= TIMES and now - max(self.since, moves_since) >= NEXT_AFTER

    def escalate(self) -> None:
        """On to the next one: this one did not help."""
        self._go_to(self._order[(self._order.index(self.current) + 1) % len(self._order)])

    def _go_to(self, rung: StopStep) -> None:
        self.current, self._times, self._unsaid = rung, 0, True
