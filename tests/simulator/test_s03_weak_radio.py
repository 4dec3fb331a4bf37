"""A Stop to a machine of a maker's own protocol over a radio that loses and tears its frames (S3, S8)."""

from collections.abc import Iterator
from typing import override

import pytest

from custom_components.retrowalk.simulator.kinds.protocols import PROTOCOLS
from custom_components.retrowalk.simulator.personality import PASSED, Personality
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.kept_targets import Unjudged
from tests.support.personality_run import PersonalityRun
from tests.support.weak_radio import Air, WeakRadio

AIRS = {
    "good": Air(),
    "a third is not told": Air(told_lost=0.3),
    "most is not told": Air(told_lost=0.85),
    "told twice": Air(told_twice=0.7),
    "told in halves": Air(told_in_halves=0.6),
    "told two seconds late": Air(told_late=(1.5, 2.0)),
    "told five seconds late": Air(told_late=(4.0, 5.0)),
    "a third is not written": Air(written_lost=0.3),
    "most is not written": Air(written_lost=0.6),
    "written twice": Air(written_twice=0.8),
    "written up to two seconds late": Air(written_late=(0.0, 2.0)),
    "written up to four seconds late": Air(written_late=(1.0, 4.0)),
    "all of it": Air(
        told_lost=0.3, told_twice=0.2, told_in_halves=0.3, written_lost=0.3, written_twice=0.2, written_late=(0.0, 1.5)
    ),
}
TOLD_WITHIN = 8.0
"""Seconds by which the person hears that the belt does not stop: 5 s (S3), and a report and a write that are late."""
STOPPED_WITHIN = 16.0
"""Seconds until the belt is told to stop, also where more than half of all that is written gets lost."""
SEEDS = range(4)
STEERED = [personality for personality in PROTOCOLS if personality.check == PASSED]


AWAKE = 20.0
"""Seconds until each of them is read: some take a second link."""


class FramedWalk(PersonalityRun):
    """A backward walk on a machine of a maker's own protocol that has passed its check run, over a good radio yet."""

    def __init__(self, personality: Personality, seed: int) -> None:
        super().__init__(personality)
        self.go(AWAKE)
        assert self.check().failure is None
        self.radio = WeakRadio(self.peripheral, seed)
        self.start(length=900)
        self.go(80, until=lambda: self.treadmill.speed > 0)
        self.go(20 + seed / 3)  # at another moment between two reports, too

    @override
    def make_judge(self) -> Unjudged:
        return Unjudged()

    @property
    def runs(self) -> bool:
        return self.treadmill.phase in (Phase.RUNNING, Phase.COUNTDOWN)


@pytest.fixture(params=STEERED, ids=lambda personality: personality.key)
def walk(request: pytest.FixtureRequest, seed: int) -> Iterator[FramedWalk]:
    walk = FramedWalk(request.param, seed)
    yield walk
    walk.end()


@pytest.mark.sampled(11)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("air", AIRS.values(), ids=AIRS)
def test_s3_s8_a_stop_arrives_or_is_told_and_the_belt_stays_stopped_however_weak_the_radio(
    walk: FramedWalk, air: Air
) -> None:
    assert walk.runs
    walk.radio.air = air
    walk.go(8)
    pressed = walk.now
    walk.stop()
    while walk.runs:
        walk.go(0.2)
        waited = walk.now - pressed
        told = [event.kind for when, event in walk.emitted if when >= pressed]
        assert waited < TOLD_WITHIN or SessionEventKind.STOP_FAILED in told, walk.log[-40:]
        assert waited < STOPPED_WITHIN, walk.log[-40:]
    stays = walk.now + 25
    while walk.now < stays:
        walk.go(0.2)
        assert not walk.runs, walk.log[-40:]
