"""LifeSpan and Urevo: what such machines were seen to report; they are told nothing that moves them."""

from collections.abc import AsyncIterator

import pytest

from custom_components.retrowalk.machine.model import BeltState
from custom_components.retrowalk.simulator.lifespan import LifeSpanPeripheral
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
@pytest.mark.parametrize("noise", [False, True])
async def test_a_walk_on_a_lifespan_is_followed_from_its_start_to_its_summary(bench: FramedBench, noise: bool) -> None:
    bench.peripheral.faults.malformed_data = noise
    treadmill, driver, until = bench.treadmill, bench.driver, bench.time.until
    await bench.open()
    treadmill.press_start()
    await until(lambda: driver.telemetry.belt is BeltState.MOVING)
    treadmill.press_speed(2.0)
    await bench.time.passes(20)
    assert driver.telemetry.speed == 2.0
    assert driver.telemetry.elapsed_time == pytest.approx(treadmill.elapsed, abs=4)
    assert driver.telemetry.steps == pytest.approx(treadmill.steps, abs=6)
    treadmill.press_pause()
    await until(lambda: driver.telemetry.belt is BeltState.AT_REST)
    treadmill.press_start()
    await until(lambda: driver.telemetry.belt is BeltState.MOVING)
    await bench.time.passes(3)
    treadmill.press_stop()
    await until(lambda: driver.telemetry.belt is BeltState.AT_REST)
    assert driver.telemetry.speed == 0.0
    assert bench.events() == ["started", "paused", "started", "stopped"]
    assert driver.telemetry.energy is not None
    assert {data[0] for _, _, data in bench.peripheral.writes} == {0xA1}  # it is asked, and told nothing


@lifespan
async def test_a_lifespan_answers_what_it_knows_and_nothing_moves_it(bench: FramedBench) -> None:
    await bench.open()
    machine = bench.peripheral
    assert isinstance(machine, LifeSpanPeripheral)
    assert [*machine.take(bytes.fromhex("a177000000"))] == [bytes.fromhex("a1ff00000000")]
    assert [*machine.take(bytes.fromhex("a185000000"))] == [bytes.fromhex("a1aa00000000")]
    for frame in ("a191", "a1e1010000", "02510b03"):
        assert [*machine.take(bytes.fromhex(frame))] == []
    assert bench.treadmill.at_rest


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
