"""A Stop on a link on which nothing was commanded yet, to machines that answer late, seldom or never (S3).

The machine may want to be asked for control before it obeys. A strict one takes no question while it owes an answer.
"""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.kept_targets import KeptTargets

WRITES = [0.0, 0.3, 0.6, 1.0, 1.5]
"""How long the link holds each write up (s)."""
ANSWERS = [0.0, 1.2, 1.9, 2.5, 3.3, 4.5, 7.0, 9.0]
"""By how much the machine's answers are late (s)."""
UNANSWERED = {
    "none is lost": {},
    "those to Stop are lost": {"lost_indications": [OpCode.STOP_OR_PAUSE]},
    "those to the question for control are lost": {"lost_indications": [OpCode.REQUEST_CONTROL]},
}
RECONNECTS = 10.0
"""Seconds for a new link, with what is given up before."""


@pytest.fixture
def walk() -> Iterator[KeptTargets]:
    """A walk whose link was lost and is back, so that control was not asked for on it."""
    walk = KeptTargets()
    walk.begin()
    walk.go(30)
    walk.do(walk.peripheral.drop_link)
    walk.go(10)
    yield walk
    walk.end()


def stops_after(walk: KeptTargets, within: float) -> float:
    """Press Stop, and return after how many seconds the belt was told to stop, infinite where it was not."""
    pressed = walk.now
    walk.stop()
    walk.go(within, until=lambda: walk.treadmill.phase is not Phase.RUNNING)
    return walk.now - pressed if walk.treadmill.phase is not Phase.RUNNING else float("inf")


@pytest.mark.sampled(7)
@pytest.mark.parametrize("unanswered", UNANSWERED)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_strict_machine_is_stopped_however_late_it_answers(
    walk: KeptTargets, write: float, answer: float, unanswered: str
) -> None:
    walk.peripheral.faults.update({"strict_procedures": True, **UNANSWERED[unanswered]})
    walk.peripheral.faults.write_delay, walk.peripheral.faults.indication_delay = write, answer
    within = RECONNECTS + 3 * write + 3 * answer
    assert stops_after(walk, within) <= within, walk.log[-40:]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_machine_that_never_answers_is_asked_for_control_and_stopped_without_waiting_long(
    walk: KeptTargets, write: float, strict: bool
) -> None:
    walk.peripheral.faults.update({"strict_procedures": strict, "no_indications_at_all": True})
    walk.peripheral.faults.write_delay = write
    within = 3.6 + 3 * write  # 2 s for the answer to the first stop, 1 s for the one to the question
    assert stops_after(walk, 60.0) <= within, walk.log[-40:]


@pytest.mark.parametrize("unanswered", UNANSWERED)
@pytest.mark.parametrize("answer", [*ANSWERS, 6.0])
def test_s3_a_machine_that_obeys_pause_alone_is_paused_although_its_answers_keep_it_from_being_ours(
    walk: KeptTargets, answer: float, unanswered: str
) -> None:
    faults = {"stop_alone_ignored": True, "control_not_needed": True, "indication_delay": answer}
    walk.peripheral.faults.update({**faults, **UNANSWERED[unanswered]})
    within = 15.0
    assert stops_after(walk, 60.0) <= within, walk.log[-40:]


@pytest.fixture
def silent() -> Iterator[KeptTargets]:
    """A walk on a machine that is ours and obeys, and has never said a word of it on this link."""
    walk = KeptTargets()
    walk.peripheral.faults.update({"no_indications_at_all": True, "no_status": True})
    walk.do(walk.peripheral.drop_link)
    walk.go(10)
    walk.begin()
    walk.go(30)
    yield walk
    walk.end()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("stop_alone_ignored", [False, True])
@pytest.mark.parametrize("lost_for", [1.0, 6.0])
@pytest.mark.parametrize("before", [9.0, 3.0, 1.0])
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_machine_that_never_answers_is_asked_again_for_the_control_that_it_lost_unnoticed(
    silent: KeptTargets, write: float, before: float, lost_for: float, stop_alone_ignored: bool
) -> None:
    faults = silent.peripheral.faults
    faults.update({"stop_alone_ignored": stop_alone_ignored, "write_delay": write, "control_lost": True})
    silent.do(lambda: silent.peripheral._clock.call_after(lost_for, lambda: faults.update({"control_lost": False})))
    silent.go(before)
    within = max(lost_for - before, 0.0) + 10.0 + 3 * write  # from when it may be ours again
    assert stops_after(silent, 60.0) <= within, silent.log[-40:]


@pytest.mark.parametrize("belt", ["stop_alone_ignored", "stop_only_at_rest"])
@pytest.mark.parametrize("write", WRITES)
def test_s3_a_silent_machine_that_is_ours_is_paused_as_soon_as_three_stops_did_not_help(
    silent: KeptTargets, write: float, belt: str
) -> None:
    silent.peripheral.faults.update({belt: True, "write_delay": write})
    within = 6.0 + 2 * write
    assert stops_after(silent, 60.0) <= within, silent.log[-40:]


@pytest.mark.parametrize("write", WRITES)
def test_s3_stops_are_repeated_each_second_while_control_that_may_be_lost_is_asked_for(
    silent: KeptTargets, write: float
) -> None:
    silent.peripheral.faults.update({"stop_ignored": True, "write_delay": write})
    pressed = silent.peripheral.time
    silent.stop()
    silent.go(16)
    written = [(when, data[0]) for when, _, data in silent.peripheral.writes if when >= pressed]
    assert OpCode.REQUEST_CONTROL in {code for _, code in written}
    stops = [when for when, code in written if code == OpCode.STOP_OR_PAUSE]
    assert len(stops) > 10
    assert max(after - when for when, after in pairwise(stops)) <= 2.0, silent.log[-40:]


@pytest.mark.parametrize("lost", [[OpCode.STOP_OR_PAUSE], "all"], ids=["to Stop", "all"])
def test_s3_a_machine_that_falls_silent_is_asked_again_for_the_control_that_it_lost_unnoticed(
    lost: list[OpCode] | str,
) -> None:
    walk = KeptTargets()
    walk.begin()
    walk.go(30)
    walk.peripheral.faults.update({"lost_indications": lost, "no_status": True, "control_lost": True})
    walk.go(1)
    walk.peripheral.faults.update({"control_lost": False})
    within = 10.0
    assert stops_after(walk, 60.0) <= within, walk.log[-40:]
    walk.end()
