"""A walk whose targets are kept as they arrive, byte by byte and in virtual time, and judged by its test alone."""

from collections.abc import Callable
from typing import NamedTuple, override

from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.personality_run import PersonalityRun

PLAIN = Personality(key="plain", machines="", what="", source="", profile=Profile())


class Target(NamedTuple):
    """A target speed (km/h), when it arrived (s), and how fast the belt was then (km/h)."""

    when: float
    kmh: float
    speed: float


class Unjudged:
    """Nobody: a silent hand, for instance, looks like the belt's own doing."""

    failure = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class KeptTargets(PersonalityRun):
    """A machine that has passed its check run, whose target speeds are kept."""

    def __init__(self, personality: Personality = PLAIN) -> None:
        super().__init__(personality)
        self.targets: list[Target] = []
        assert self.check().failure is None
        set_speed = self.treadmill.set_speed

        def kept(kmh: float) -> object:
            self.targets.append(Target(round(self.now, 1), kmh, self.treadmill.speed))
            return set_speed(kmh)

        self.treadmill.set_speed = kept  # type: ignore[assignment, method-assign]

    @override
    def make_judge(self) -> Unjudged:
        return Unjudged()

    def begin(self, length: float = 900.0) -> None:
        """Start a backward session of a length (s), and wait until the belt moves."""
        self.start(length=length)
        self.go(80, until=lambda: self.treadmill.speed > 0)

    def hand(self, press: Callable[[], object]) -> None:
        """Press a key of which the console says nothing, and forget the targets from before."""
        listener, self.treadmill.listener = self.treadmill.listener, None
        self.do(press)
        self.treadmill.listener = listener
        self.targets.clear()
