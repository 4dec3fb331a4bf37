"""Hands at a console that says nothing of them, at any moment: nothing raises the belt against them (S5, S7, S8)."""

from collections.abc import Iterator

import pytest

from custom_components.retrowalk.training.rules import Caller
from tests.support.kept_targets import KeptTargets

STEP = 0.1
"""km/h of a rise."""
SLOWEST = 0.5
"""km/h"""


@pytest.fixture
def walk() -> Iterator[KeptTargets]:
    walk = KeptTargets()
    yield walk
    walk.end()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("drop", [0.2, 0.3])
@pytest.mark.parametrize("moment", range(0, 50, 3))
def test_s7_a_ramp_does_not_go_on_over_a_hand_that_the_reports_show(
    walk: KeptTargets, drop: float, moment: int
) -> None:
    walk.begin(600)
    walk.go(20)
    walk.set_speed(2.0)
    walk.go(45 + moment / 10)
    walk.hand(lambda: walk.treadmill.press_speed(round(walk.treadmill.target_speed - drop, 2)))
    pressed = walk.now
    for _ in range(100):
        walk.go(0.2)
        reports = [report.speed for report in walk.telemetry if report.received > pressed]
        for _, target, _ in walk.targets:
            assert not reports or reports[-1] is None or target <= reports[-1] + 2 * STEP + 1e-6, reports
        walk.targets.clear()


@pytest.mark.parametrize("key", ["press_stop", "press_pause"])
@pytest.mark.parametrize("later", [1.0, 2.0, 2.6])
def test_s14_leaving_sends_no_target_to_a_belt_that_a_hand_stops(walk: KeptTargets, key: str, later: float) -> None:
    walk.begin(600)
    walk.go(20)
    walk.set_speed(1.5)
    walk.go(40)
    walk.hand(getattr(walk.treadmill, key))
    walk.go(later)
    walk.do(lambda: walk.session.wind_down(walk.now))
    walk.go(20)
    assert [target for _, target, true in walk.targets if true <= SLOWEST] == []


@pytest.mark.parametrize("moment", range(0, 60, 4))
def test_s7_s8_the_gentle_start_leaves_a_belt_alone_that_a_hand_stops(walk: KeptTargets, moment: int) -> None:
    walk.begin(600)
    walk.go(moment / 10)
    walk.hand(walk.treadmill.press_stop)
    walk.go(20)
    assert [target for _, target, true in walk.targets if 0 < true < SLOWEST - 0.2] == []


@pytest.mark.parametrize("lost_after", [0.0, 4.0, 12.0])
def test_s18_the_speed_waits_for_a_tilted_deck_although_the_link_was_lost_meanwhile(
    walk: KeptTargets, lost_after: float
) -> None:
    walk.do(lambda: walk.treadmill.press_incline(3.0))
    walk.go(15)
    walk.begin(600)
    walk.go(lost_after)
    walk.do(walk.peripheral.drop_link)
    walk.go(8)
    walk.do(lambda: walk.session.set_speed(2.5, caller=Caller.PERSON))
    tilted = []
    for _ in range(900):
        walk.targets.clear()
        walk.go(0.2)
        tilted += [walk.treadmill.incline for _, target, _ in walk.targets if target > SLOWEST + 0.05]
        if tilted:
            break
    assert tilted
    assert tilted[0] <= 0.05
