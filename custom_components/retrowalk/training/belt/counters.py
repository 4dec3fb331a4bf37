"""Which of a machine's counters run, and how long each of them has stood still by its own measure."""

from collections import deque
from collections.abc import Iterable

from ...machine.model import Telemetry

_GAPS = 8  # so many of the last distances between two changes are kept
_KNOWN = 3  # so many make a counter known
_LONGER = 1.5
_COARSE_FOR = 20.0  # s
_FINE = frozenset({"elapsed_time", "distance"})
_COARSE_DISTANCE = 12.0  # m; some count in tens
_COARSE_ENERGY = 30.0  # m; a kilocalorie of a light person
_OF_THE_BELT = frozenset({"elapsed_time", "distance", "energy"})  # steps end where somebody stands on the rails


class _Counter:
    """A counter: when it last changed, and how far apart its changes were while it ran."""

    def __init__(self, *, by_time: bool) -> None:
        """`by_time`: it grows with the time (s), and not with the way (m, by the speed)."""
        self.value: int | None = None
        self.grew = False
        """Whether it was ever seen to grow."""
        self._by_time = by_time
        self._since = 0.0
        self._from = 0.0  # where that was: s, or m
        self._grown: float | None = None  # where it last grew, if nothing came between
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._fell_from: int | None = None

    @property
    def known(self) -> bool:
        """Whether it has run for long enough to know how often it changes."""
        return self.value is not None and len(self._gaps) >= _KNOWN

    def pause(self) -> None:
        """The belt stood still or was not heard: the time until it grows again tells nothing."""
        self._grown = None

    def update(self, value: int | None, now: float, way: float) -> bool:
        """Take in its value; whether it grew since the last report."""
        before, self.value = self.value, value
        if value is None or value == before:
            return False
        self._since, self._from = now, (now if self._by_time else way)
        # Back to where it was: that is only one frame of zeros among good ones.
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

    def stands(self, now: float, way: float, least: float) -> bool:
        """Whether it has not changed for `least` s, and for clearly longer than it took at most."""
        stood = (now if self._by_time else way) - self._from
        return now - self._since >= least and stood > _LONGER * max(self._gaps, default=0.0)

    def still_for(self, now: float) -> float:
        """Seconds since it last changed."""
        return now - self._since

    def stood(self, way: float) -> float:
        """How far (m) the belt has run by its speed since this counter of the way changed."""
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
        """Take in what the machine counts; the names of what grew."""
        now = telemetry.received
        return frozenset(
            name for name, counter in self._counters.items() if counter.update(getattr(telemetry, name), now, self.way)
        )

    def pause(self) -> None:
        """The belt stands still, or was not heard for a while."""
        for counter in self._counters.values():
            counter.pause()

    @property
    def counts(self) -> bool:
        """Whether it counts anything that grows with the belt."""
        return any(self._counters[name].value is not None for name in _OF_THE_BELT)

    @property
    def counted(self) -> bool:
        """Whether it has counted anything of a walk, before or since it was heard of."""
        return any(self._counters[name].value for name in _OF_THE_BELT)

    @property
    def ever_ran(self) -> bool:
        """Whether any of them was seen to grow."""
        return any(self._counters[name].grew for name in _OF_THE_BELT)

    def grain(self, *, ran: bool) -> float:
        """How far (m, by the speed) the belt of a machine that counts runs at most until a counter grows.

        Of those that are reported and, with `ran`, were seen to grow: a clock tells at once.
        """
        counters = self._counters.items()
        told = {name for name, counter in counters if counter.value is not None and (counter.grew or not ran)}
        if "elapsed_time" in told:
            return 0.0
        return _COARSE_DISTANCE if "distance" in told else _COARSE_ENERGY

    def known(self, *, but: Iterable[str] = ()) -> bool:
        """Whether it is known how often they change; what is left out does not count."""
        return any(self._counters[name].known for name in _OF_THE_BELT.difference(but))

    def all_stand(self, now: float, least: float, *, but: Iterable[str] = ()) -> bool:
        """Whether none that is known has changed for `least` s and for longer than it ever took.

        Next to a clock or a distance whole kilocalories tell nothing more, only later; next to a clock that stands, a
        distance in coarse grains is not waited for longer than `_COARSE_FOR`.
        """
        known = {name: counter for name, counter in self._counters.items() if counter.known and name not in but}
        if known.keys() & _FINE:
            known.pop("energy", None)
        clock = known.pop("elapsed_time", None)
        if clock is not None and not clock.stands(now, self.way, least):
            return False
        return all(
            counter.stands(now, self.way, least) or (clock is not None and counter.still_for(now) >= _COARSE_FOR)
            for counter in known.values()
        )

    def one_stands(self, now: float, least: float) -> bool:
        """Whether one that is known has not."""
        return any(counter.known and counter.stands(now, self.way, least) for counter in self._counters.values())

    def only_clock_runs(self, now: float, least: float, meters: float) -> bool:
        """Whether the clock goes on where the way, for so many meters by the speed, does not grow any more."""
        # Of a distance that has not been seen for long, the coarsest grain there is has to pass.
        enough = meters if self._distance.known else max(meters, _COARSE_DISTANCE)
        still = self._distance.grew and self._distance.stood(self.way) > enough
        return still and self.all_stand(now, least, but={"elapsed_time"})
