"""Targets that reach the machine late, over a weak link or a busy proxy: they change the belt as gently (S5)."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from random import Random

import pytest

from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.personality_run import PersonalityRun
from tests.support.true_belt import Unjudged

STEP = 0.1
"""km/h of a rise."""
APART = 5.0
"""Seconds between two rises."""
FALL = 0.5
"""km/h of a fall at most."""
FALLS_APART = 2.0
"""Seconds between two falls."""
DELAYS = [(0.0, 3.0), (0.0, 5.0), (0.0, 6.0), (0.0, 8.0), (0.0, 2.0, 6.0, 9.0)]
"""How long the link holds a write up (s), one after another."""
TICK = 1.0
"""Seconds by which the machine's answer may be late."""


class Walk(PersonalityRun):
    """A walk on a plain belt; each target is kept with when it arrived (s), and the belt's speed (km/h) then."""

    def __init__(self) -> None:
        super().__init__(Personality(key="plain", machines="", what="", source="", profile=Profile()))
        self.targets: list[tuple[float, float, float]] = []
        assert self.check().failure is None
        set_speed = self.treadmill.set_speed

        def kept(kmh: float) -> object:
            self.targets.append((round(self.now, 1), kmh, self.treadmill.speed))
            return set_speed(kmh)

        self.treadmill.set_speed = kept  # type: ignore[assignment, method-assign]

    def make_judge(self) -> Unjudged:
        return Unjudged()


@pytest.fixture
def walk() -> Iterator[Walk]:
    walk = Walk()
    yield walk
    walk.end()


@pytest.mark.parametrize("delays", DELAYS)
@pytest.mark.parametrize("seed", range(4))
def test_s5_two_rises_never_arrive_together_however_long_a_weak_link_holds_them_up(
    walk: Walk, seed: int, delays: tuple[float, ...]
) -> None:
    weather = Random(seed)
    walk.start(length=600)
    walk.go(80, until=lambda: walk.treadmill.speed > 0)
    walk.go(20)
    walk.targets.clear()
    walk.set_speed(2.0)
    for _ in range(120):
        if weather.random() < 0.1:
            walk.peripheral.faults.write_delay = weather.choice(delays)
        walk.go(1.0)
    rises = [(when, kmh) for when, kmh, speed in walk.targets if kmh > speed + STEP / 2]
    assert len(rises) > 5, walk.log[-40:]
    assert [pair for pair in pairwise(rises) if pair[1][0] - pair[0][0] < APART - TICK] == []
    assert [found for found in walk.targets if found[1] > found[2] + STEP * 1.5] == []


@pytest.mark.parametrize("delays", DELAYS)
@pytest.mark.parametrize("seed", range(4))
def test_s5_two_falls_never_arrive_together_however_long_a_weak_link_holds_them_up(
    walk: Walk, seed: int, delays: tuple[float, ...]
) -> None:
    weather = Random(seed)
    walk.start(length=900)
    walk.go(80, until=lambda: walk.treadmill.speed > 0)
    walk.go(20)
    walk.set_speed(2.0)
    walk.go(120, until=lambda: walk.treadmill.speed >= 2.0)
    walk.targets.clear()
    for second in range(150):
        if second % 40 == 0:
            with suppress(RefusedError):  # a belt that follows too late is not raised again
                walk.set_speed(0.5 if second % 80 == 0 else 1.5)
        if weather.random() < 0.3:
            walk.peripheral.faults.write_delay = weather.choice(delays)
        walk.go(1.0)
    falls = [(when, kmh) for when, kmh, speed in walk.targets if kmh < speed - STEP / 2]
    assert len(falls) >= 3, walk.log[-40:]
    together = [pair for pair in pairwise(falls) if pair[1][0] - pair[0][0] < FALLS_APART - TICK]
    assert [pair for pair in together if pair[1][1] < pair[0][1]] == [], "the same once more is no second step"
    commanded = [2.0, *(kmh for _, kmh, _ in walk.targets)]
    assert [pair for pair in pairwise(commanded) if pair[0] - pair[1] > FALL + STEP / 2] == []


@pytest.mark.parametrize("held", [2.0, 4.0, 5.0, 6.0, 6.5, 7.0, 8.0, 9.5])
def test_s5_s9_a_lower_speed_is_reached_and_nothing_is_called_disobedient_however_late_its_first_step_is(
    walk: Walk, held: float
) -> None:
    walk.start(length=900)
    walk.go(80, until=lambda: walk.treadmill.speed > 0)
    walk.go(20)
    walk.set_speed(2.0)
    walk.go(120, until=lambda: walk.treadmill.speed >= 2.0)
    walk.go(10)
    walk.peripheral.faults.write_delay = held
    walk.set_speed(0.5)
    walk.go(2)
    walk.peripheral.faults.write_delay = 0.0
    walk.go(40, until=lambda: walk.treadmill.speed <= 0.5)
    assert walk.treadmill.speed == pytest.approx(0.5), walk.log[-40:]
    assert SessionEventKind.NOT_OBEYED not in walk.told
    assert walk.state is SessionState.ACTIVE
