"""LifeSpan and Urevo: what such machines were seen to report; they are told nothing that moves them."""

from collections.abc import AsyncIterator

import pytest

from custom_components.retrowalk.machine.model import BeltState
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import turns
from tests.support.framed_bench import FramedBench


@pytest.fixture
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FramedBench]:
    key, name = request.param
    bench = FramedBench(key, Profile(name=name, incline=None, steps=True), monkeypatch)
    yield bench
    bench.driver.close()
    await turns()


urevo = pytest.mark.parametrize("bench", [("urevo", "URTM030")], indirect=True, ids=["urevo"])
lifespan = pytest.mark.parametrize("bench", [("lifespan", "LifeSpan-TM")], indirect=True, ids=["lifespan"])


@urevo
async def test_a_wrong_sum_is_not_believed(bench: FramedBench) -> None:
    assert not bench.hears("02510300007c0003002c007e0000000000c503")
    assert bench.driver.telemetry.speed is None


@urevo
async def test_a_urevo_sums_as_it_did_in_its_first_frame(bench: FramedBench) -> None:
    assert bench.hears("025102030c03")
    assert not bench.hears("0251030e007c0003002c007e0000000000d703")  # right on a URTM041 only


@lifespan
async def test_the_speed_of_a_lifespan_is_one_while_it_runs(bench: FramedBench) -> None:
    assert asked(bench, 0x82, "a1aa00280000")  # at 0.4 on the console
    assert bench.driver.telemetry.speed is None
    assert asked(bench, 0x91, "a1aa03000000")
    assert bench.driver.telemetry.speed == 0.4
    for _ in range(2):
        asked(bench, 0x91, "a1aa05000000")
    assert bench.driver.telemetry.speed == 0.0


@lifespan
async def test_a_state_that_may_be_the_answer_to_another_question_is_believed_when_it_comes_twice(
    bench: FramedBench,
) -> None:
    asked(bench, 0x91, "a1aa03000000")
    asked(bench, 0x91, "a1aa05000000")
    assert bench.driver.telemetry.belt is BeltState.MOVING
    asked(bench, 0x91, "a1aa05000000")
    assert bench.driver.telemetry.belt is BeltState.AT_REST


@lifespan
@pytest.mark.parametrize(
    ("question", "answer"),
    [(0x91, "a1aa03280000"), (0x82, "a1aa00ff0000"), (0x89, "a1aa003c0000"), (0x88, "a1ff00000000"), (0x91, "a1aa")],
)
async def test_what_cannot_be_the_answer_is_none(bench: FramedBench, question: int, answer: str) -> None:
    assert not asked(bench, question, answer)
    assert bench.driver.telemetry.speed is None


@lifespan
async def test_nobody_is_asked_a_second_question_before_the_first_was_answered(bench: FramedBench) -> None:
    await bench.open()
    bench.peripheral.faults.silent = True
    await bench.time.passes(1)
    bench.written()
    await bench.time.passes(8)
    assert 2 <= len(bench.written()) <= 3
    assert not bench.hears("a1aa") or bench.driver.telemetry.steps is not None


def asked(bench: FramedBench, question: int, answer: str) -> bool:
    bench.driver.question = bytes((0xA1, question, 0, 0, 0))
    return bench.hears(answer)
