"""Somebody who presses Stop again and again, and machines on which a stop does not seem to work at first (S3, S8, S9).

The machines answer late, twice, or not at all. A strict one takes no procedure while it owes an answer.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.kept_targets import KeptTargets

LATE = [0.3, 0.6, 1.2, 2.2, 3.3, 6.0]
"""By how much the machine's answers are late (s)."""
APART = [0.2, 0.4, 1.0, 2.0, 3.0]
"""Seconds between two presses."""
DECLINES_STOP = {
    "answers late": {"indication_delay": 2.4},
    "answers very late": {"indication_delay": 3.8},
    "answers neither late nor soon": {"indication_delay": 2.0},
    "its answers to Stop are lost": {"lost_indications": [OpCode.STOP_OR_PAUSE]},
}


@pytest.fixture
def steered() -> Iterator[KeptTargets]:
    """A walk that we steer."""
    walk = KeptTargets()
    walk.begin()
    walk.go(30)
    yield walk
    walk.end()


@pytest.fixture
def relinked(steered: KeptTargets) -> KeptTargets:
    """A walk whose link was lost and is back, so that control was not asked for on it."""
    steered.do(steered.peripheral.drop_link)
    steered.go(10)
    return steered


def runs(walk: KeptTargets) -> bool:
    return walk.treadmill.phase is Phase.RUNNING


def stops_after(walk: KeptTargets, within: float, *, apart: float | None = None) -> float:
    """Press Stop, or again and again; return after how many seconds the belt was told to stop, infinite where never."""
    pressed = walk.now
    while walk.now - pressed < within and runs(walk):
        walk.stop()
        walk.go(apart or within, until=lambda: not runs(walk))
    return float("inf") if runs(walk) else walk.now - pressed


@pytest.mark.sampled(3)
@pytest.mark.parametrize("apart", APART)
@pytest.mark.parametrize("late", LATE)
def test_s3_who_presses_stop_again_and_again_does_not_keep_a_strict_machine_from_stopping(
    relinked: KeptTargets, late: float, apart: float
) -> None:
    relinked.peripheral.faults.update({"strict_procedures": True, "indication_delay": late})
    assert stops_after(relinked, 60.0, apart=apart) <= 3 * late + 1.0, relinked.log[-40:]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("apart", APART)
@pytest.mark.parametrize("late", LATE)
def test_s3_s9_presses_on_a_belt_that_already_stops_cost_no_link_and_raise_no_alarm(
    steered: KeptTargets, late: float, apart: float
) -> None:
    steered.peripheral.faults.update({"strict_procedures": True, "indication_delay": late})
    for _ in range(3):
        steered.stop()
        steered.go(apart)
    steered.go(30)
    assert not runs(steered)
    assert not [line for line in steered.log if "link lost" in line]
    assert SessionEventKind.STOP_FAILED not in steered.told


@pytest.mark.parametrize("faults", DECLINES_STOP.values(), ids=DECLINES_STOP)
@pytest.mark.parametrize("strict", [False, True])
def test_s3_a_machine_that_declines_stop_is_paused_although_its_first_answers_were_missed(
    steered: KeptTargets, strict: bool, faults: dict[str, Any]
) -> None:
    steered.peripheral.faults.update({"stop_only_at_rest": True, "strict_procedures": strict, **faults})
    assert stops_after(steered, 60.0) <= 12.0, steered.log[-40:]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("late", [0.0, 1.2, 2.0, 3.0])
def test_s3_a_machine_that_answers_everything_twice_is_asked_for_control_and_stopped(
    relinked: KeptTargets, late: float, strict: bool
) -> None:
    faults = {"doubled_indications": True, "strict_procedures": strict, "indication_delay": late}
    relinked.peripheral.faults.update(faults)
    assert stops_after(relinked, 60.0) <= 10.0 + 3 * late, relinked.log[-40:]


def phases_after(walk: KeptTargets, action: Callable[[], object], seconds: float) -> list[Phase]:
    """Do something, and return in which phases the machine is in the seconds after it, each once in a row."""
    action()
    found = [walk.treadmill.phase]
    for _ in range(round(seconds * 5)):
        walk.go(0.2)
        if walk.treadmill.phase is not found[-1]:
            found.append(walk.treadmill.phase)
    return found


@pytest.mark.parametrize("late", [1.2, 2.0, 2.8, 3.4])
def test_s8_a_belt_that_somebody_stops_at_the_console_meanwhile_is_not_started_by_our_stop(
    relinked: KeptTargets, late: float
) -> None:
    relinked.peripheral.faults.update({"toggles_on_stop": True, "indication_delay": late})
    relinked.stop()
    relinked.go(4.0, until=lambda: not runs(relinked))
    if runs(relinked):
        relinked.do(relinked.treadmill.press_stop)
    assert phases_after(relinked, lambda: None, 40.0) == [Phase.IDLE]


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_s8_a_belt_that_obeys_without_an_answer_is_not_started_again_by_a_second_stop(
    relinked: KeptTargets, speed: float
) -> None:
    relinked.peripheral.faults.update(
        {"toggles_on_stop": True, "no_indications_at_all": True, "control_not_needed": True}
    )
    relinked.treadmill.press_speed(speed)
    relinked.go(12)
    assert phases_after(relinked, relinked.stop, 40.0) == [Phase.IDLE]


@pytest.mark.parametrize("late", [0.0, 2.2])
def test_s8_a_belt_that_stopped_and_repeats_its_speed_is_not_started_by_a_pause(
    steered: KeptTargets, late: float
) -> None:
    faults = {"repeats_last_speed_at_rest": True, "no_status": True, "toggles_on_pause": True}
    steered.peripheral.faults.update({**faults, "indication_delay": late})
    assert phases_after(steered, steered.stop, 40.0) == [Phase.IDLE]
