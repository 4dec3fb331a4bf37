"""A Stop on a link that is slow each way, or that was lost: it stops the belt all the same (S3)."""

from collections.abc import Iterator

import pytest

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.kept_targets import PLAIN, KeptTargets

WRITES = [0.0, 0.5, 1.0, 1.6, 2.2, 3.0, 4.5, 6.0, 9.0]
"""How long the link holds each write up (s)."""
ANSWERS = [0.0, 1.2, 2.0, 3.0, 4.5, 6.0]
"""By how much the machine's answers are late (s)."""
RECONNECTS = 10.0
"""Seconds for a new link, with what is given up before."""
REPORTS = 2.0
"""Seconds until the belt is seen to slow down."""


@pytest.fixture(params=[PLAIN, PERSONALITIES["sperax_rm01"]], ids=["standard", "framed"])
def walk(request: pytest.FixtureRequest) -> Iterator[KeptTargets]:
    walk = KeptTargets(request.param)
    walk.begin()
    walk.go(30)
    yield walk
    walk.end()


def stops_within(walk: KeptTargets, seconds: float) -> bool:
    """Press Stop, and return whether the belt is told to stop within so many seconds."""
    walk.stop()
    walk.go(seconds, until=lambda: walk.treadmill.phase is not Phase.RUNNING)
    return walk.treadmill.phase is not Phase.RUNNING


def bound(write: float, answer: float) -> float:
    """Return the most seconds: on a new link the stop is answered, control is asked for, and it is stopped again."""
    return RECONNECTS + 3 * write + 2 * answer + REPORTS


def lost(walk: KeptTargets) -> int:
    """Return how many links were lost."""
    return sum("link lost" in line for line in walk.log)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_stop_arrives_however_slow_the_link_is(walk: KeptTargets, write: float, answer: float) -> None:
    walk.peripheral.faults.write_delay, walk.peripheral.faults.indication_delay = write, answer
    walk.go(1)
    assert stops_within(walk, bound(write, answer)), walk.log[-30:]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_stop_arrives_on_a_link_that_is_back_although_nothing_was_commanded_there(
    walk: KeptTargets, write: float, answer: float
) -> None:
    walk.do(walk.peripheral.drop_link)
    walk.go(10)
    walk.peripheral.faults.write_delay, walk.peripheral.faults.indication_delay = write, answer
    walk.go(1)
    assert stops_within(walk, bound(write, answer)), walk.log[-30:]


@pytest.mark.parametrize("write", WRITES)
def test_s3_a_stop_takes_no_new_link_where_the_writes_before_it_were_as_slow(walk: KeptTargets, write: float) -> None:
    walk.peripheral.faults.write_delay = write
    walk.set_speed(1.0)
    walk.go(60)
    links = lost(walk)
    assert stops_within(walk, write + REPORTS), walk.log[-30:]
    walk.go(20)
    assert lost(walk) == links
