"""Which of a machine's counters run, and for how long each has not changed by its own measure."""

from collections import deque
from collections.abc import Iterable

from ...machine.model import Telemetry

_GAPS = 8  # distances between two changes that are kept
_KNOWN = 3  # of those distances make a counter known
_LONGER = 1.5
_SHORTER = 0.75  # a slow machine's reports make its gaps seem longer
COARSE_FOR = 20.0
"""Seconds after which a distance in coarse steps is not waited for, next to a clock that stands."""
_FINE = frozenset({"elapsed_time", "distance"})
_COARSE_DISTANCE = 12.0  # m; some count in tens
_COARSE_ENERGY = 30.0  # m; a kilocalorie of a light person
_OF_THE_BELT = frozenset({"elapsed_time", "distance", "energy"})  # steps end where somebody stands on the rails


class _Counter:
    """A counter: when it last changed, and how far apart its changes were while it ran."""

    def __init__(self, *, by_time: bool) -> None:
        """`by_time`: it grows with time (s), and not with the distance run (m, by the speed)."""
        self.value: int | None = None
        self.grew = False
        """Whether it was ever seen to grow."""
        self._by_time = by_time
        self._since = 0.0
        self._from = 0.0  # where that was: s, or m
        self._grown: float | None = None  # where it last grew, unless a pause came since
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._fell_from: int | None = None

    @property
    def known(self) -> bool:
        """Whether it has run for long enough to know how often it changes."""
        return self.value is not None and len(self._gaps) >= _KNOWN

    def pause(self) -> None:
        """Do not count the time until the next growth: the belt stood still or sent no reports."""
        self._grown = None

    def update(self, value: int | None, now: float, way: float) -> bool:
        """Take in its value, and return whether it grew since the last report."""
        before, self.value = self.value, value
        if value is None or value == before:
            return False
        self._since, self._from = now, (now if self._by_time else way)
        # Back to its old value: a single frame of zeros came between good ones.
        back, self._fell_from = value == self._fell_from, None
        if before is None or back or value < before:
            self._grown = None
            self._fell_from = before
            return False
        if self._grown is not None:
            self._gaps.append(self._from - self._grown)
        self._grown = self._from
        self.grew = True
        return True

    def stands(self, now: float, way: float, least: float, longer: float = _LONGER) -> bool:
        """Return whether it has not changed for `least` s, and for `longer` times as long as it ever took."""
        stood = (now if self._by_time else way) - self._from
        return now - self._since >= least and stood > longer * max(self._gaps, default=0.0)

    def still_for(self, now: float) -> float:
        """Return the seconds since it last changed."""
        return now - self._since

    def stood(self, way: float) -> float:
        """Return how far (m) the belt has run by its speed since this counter changed."""
        return way - self._from


class Counters:
    """The counters of one machine, over all its links."""

    def __init__(self) -> None:
        self.way = 0.0
        """Meters that the belt has run by the speed that it reports."""
        self._distance = _Counter(by_time=False)
        self._clock = _Counter(by_time=True)
        self._counters = {
            "elapsed_time": self._clock,
            "distance": self._distance,
            "energy": _Counter(by_time=False),
            "steps": _Counter(by_time=False),
        }

    def update(self, telemetry: Telemetry) -> frozenset[str]:
        """Take in the machine's counters, and return the names of those that grew."""
        now = telemetry.received
        return frozenset(
            name for name, counter in self._counters.items() if counter.update(getattr(telemetry, name), now, self.way)
        )

    def pause(self) -> None:
        """Do not count the time until the next growth: the belt stands still, or sent no reports for a while."""
        for counter in self._counters.values():
            counter.pause()

    @property
    def values(self) -> tuple[int | None, ...]:
        """The newest value of each; None where it is not reported."""
        return tuple(counter.value for counter in self._counters.values())

    @property
    def counts(self) -> bool:
        """Whether it counts anything that grows with the belt."""
        return any(self._counters[name].value is not None for name in _OF_THE_BELT)

    @property
    def counted(self) -> bool:
        """Whether it has counted anything of a session, also before the first report."""
        return any(self._counters[name].value for name in _OF_THE_BELT)

    @property
    def ever_ran(self) -> bool:
        """Whether any of them was seen to grow."""
        return any(self._counters[name].grew for name in _OF_THE_BELT)

    def grain(self, *, ran: bool) -> float:
        """Return how far (m, by the speed) a belt runs at most until one of its counters grows.

        Only counters that are reported and, with `ran`, were seen to grow are considered; a clock shows it at once.
        """
        counters = self._counters.items()
        reported = {name for name, counter in counters if counter.value is not None and (counter.grew or not ran)}
        if "elapsed_time" in reported:
            return 0.0
        return _COARSE_DISTANCE if "distance" in reported else _COARSE_ENERGY

    def known(self, *, but: Iterable[str] = ()) -> bool:
        """Return whether it is known how often they change; `but` names counters to leave out."""
        return any(self._counters[name].known for name in _OF_THE_BELT.difference(but))

    def all_stand(self, now: float, least: float, *, but: Iterable[str] = ()) -> bool:
        """Return whether none that is known has changed for `least` s, and for longer than it ever took.

        Next to a clock or a distance, whole kilocalories would only delay the answer. Next to a clock that stands, a
        distance in coarse steps is not waited for longer than `COARSE_FOR`.
        """
        known = {name: counter for name, counter in self._counters.items() if counter.known and name not in but}
        if known.keys() & _FINE:
            known.pop("energy", None)
        clock = known.pop("elapsed_time", None)
        if clock is not None and not clock.stands(now, self.way, least):
            return False
        return all(
            counter.stands(now, self.way, least) or (clock is not None and counter.still_for(now) >= COARSE_FOR)
            for counter in known.values()
        )

    def one_stands(self, now: float, least: float) -> bool:
        """Return whether one of the known counters has not changed for `least` s: a sign of rest, and no proof."""
        known = [counter for counter in self._counters.values() if counter.known]
        return any(counter.stands(now, self.way, least, _SHORTER) for counter in known)

    def clock_stands(self, now: float, least: float) -> bool:
        """Return whether the clock, known to run, has stood for `least` s and for longer than it ever took."""
        return self._clock.known and self._clock.stands(now, self.way, least)

    def only_clock_runs(self, now: float, least: float, meters: float) -> bool:
        """Return whether the clock goes on although the distance has not grown for so many meters by the speed."""
        # A distance that is not known yet may be counted in the coarsest steps there are.
        enough = meters if self._distance.known else max(meters, _COARSE_DISTANCE)
        still = self._distance.grew and self._distance.stood(self.way) > enough
        return still and self.all_stand(now, least, but={"elapsed_time"})
