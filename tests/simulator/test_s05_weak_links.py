"""Targets that reach the machine late, over a weak link or a busy proxy: they change the belt as gently (S5)."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from random import Random

import pytest

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.kept_targets import PLAIN, KeptTargets

STEP = 0.1
"""km/h of a rise."""
APART = 5.0
"""Seconds between two rises."""
FALL = 0.5
"""km/h of a fall at most."""
FALLS_APART = 2.0
"""Seconds between two falls."""
TICK = 1.0
"""Seconds by which the machine's answer may be late."""
DELAYS = [(0.0, 3.0), (0.0, 5.0), (0.0, 6.0), (0.0, 8.0), (0.0, 2.0, 6.0, 9.0)]
"""How long the link holds a write up (s), one after another."""


@pytest.fixture(params=[PLAIN, PERSONALITIES["sperax_rm01"]], ids=["standard", "framed"])
def walk(request: pytest.FixtureRequest) -> Iterator[KeptTargets]:
    walk = KeptTargets(request.param)
    yield walk
    walk.end()


def lowest(walk: KeptTargets) -> float:
    speeds = walk.session.limits.speed
    assert speeds is not None
    return speeds.minimum


def walk_at_two(walk: KeptTargets) -> None:
    walk.begin()
    walk.go(20)
    walk.set_speed(2.0)
    walk.go(150, until=lambda: walk.treadmill.speed >= 2.0)
    walk.go(10)
    walk.targets.clear()


@pytest.mark.sampled(7)
@pytest.mark.parametrize("delays", DELAYS)
@pytest.mark.parametrize("seed", range(4))
def test_s5_two_rises_never_arrive_together_however_long_a_weak_link_holds_them_up(
    walk: KeptTargets, seed: int, delays: tuple[float, ...]
) -> None:
    weather = Random(seed)
    walk.begin()
    walk.go(20)
    walk.targets.clear()
    walk.set_speed(2.0)
    for _ in range(120):
        if weather.random() < 0.1:
            walk.peripheral.faults.write_delay = weather.choice(delays)
        walk.go(1.0)
    rises = [target for target in walk.targets if target.kmh > target.speed + STEP / 2]
    assert len(rises) > 5, walk.log[-40:]
    assert [pair for pair in pairwise(rises) if pair[1].when - pair[0].when < APART - TICK] == []
    assert [target for target in walk.targets if target.kmh > target.speed + STEP * 1.5] == []


@pytest.mark.sampled(7)
@pytest.mark.parametrize("delays", DELAYS)
@pytest.mark.parametrize("seed", range(4))
def test_s5_two_falls_never_arrive_together_however_long_a_weak_link_holds_them_up(
    walk: KeptTargets, seed: int, delays: tuple[float, ...]
) -> None:
    weather, least = Random(seed), lowest(walk)
    walk_at_two(walk)
    for second in range(150):
        if second % 40 == 0:
            with suppress(RefusedError):  # a belt that follows too late is not raised again
                walk.set_speed(least if second % 80 == 0 else 1.5)
        if weather.random() < 0.3:
            walk.peripheral.faults.write_delay = weather.choice(delays)
        walk.go(1.0)
    assert len([target for target in walk.targets if target.kmh < target.speed - STEP / 2]) >= 3, walk.log[-40:]
    # However many targets arrive in two seconds: together they ask for no more than one step less.
    before = 2.0
    for index, first in enumerate(walk.targets):
        together = [it for it in walk.targets[index:] if it.when - first.when < FALLS_APART - TICK]
        assert before - min(it.kmh for it in together) <= FALL + STEP / 2, (before, together)
        before = first.kmh


@pytest.mark.sampled(3)
@pytest.mark.parametrize("held", [2.0, 4.0, 5.0, 6.0, 6.5, 7.0, 8.0, 9.5])
def test_s5_s9_a_lower_speed_is_reached_and_nothing_is_called_disobedient_however_late_its_first_step_is(
    walk: KeptTargets, held: float
) -> None:
    walk_at_two(walk)
    walk.peripheral.faults.write_delay = held
    walk.set_speed(lowest(walk))
    walk.go(2)
    walk.peripheral.faults.write_delay = 0.0
    walk.go(40, until=lambda: walk.treadmill.speed <= lowest(walk))
    assert walk.treadmill.speed == pytest.approx(lowest(walk)), walk.log[-40:]
    assert SessionEventKind.NOT_OBEYED not in walk.told
    assert walk.state is SessionState.ACTIVE


@pytest.mark.parametrize("goal", [2.4, 1.9, 1.6])
def test_s5_a_target_that_is_lost_with_its_link_is_not_counted_as_reached(goal: float) -> None:
    walk = KeptTargets()
    walk_at_two(walk)
    walk.peripheral.faults.write_delay = 7.0
    sent = len(walk.sent)
    walk.set_speed(goal)
    walk.go(30, until=lambda: len(walk.sent) > sent)
    walk.go(0.4)
    walk.do(walk.peripheral.drop_link)
    walk.peripheral.faults.write_delay = 0.0
    walk.go(40)
    walk.set_speed(2.6 if goal > 2.0 else lowest(walk))
    walk.go(60, until=lambda: bool(walk.targets))
    (first, *_) = walk.targets
    assert -FALL - 1e-6 <= first.kmh - first.speed <= STEP + 1e-6, walk.log[-20:]
    walk.end()
