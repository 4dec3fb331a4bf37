"""Sperax: the frames that a P3 Max and an RM-01 sent and were sent."""

from collections.abc import AsyncIterator

import pytest

from custom_components.retrowalk.machine.errors import RejectedError
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.sperax import framed
from tests.support.driver_bench import turns
from tests.support.framed_bench import FramedBench

# Captured, each of them.
ASK_FOR_CONTROL = "f5070000d2b6fa"
STOP = "f50a0015000000d301fa"
AT_3_INCLINED = "f50a0015011e028204fa"
WALKED = "f519001900000200010075000300040062000000008ff00afa"  # 1:57, 98 steps, of an RM-01
STATES = {
    "0019 0000 12 0000 0000 0000 0000 0000 00 00 0000": (BeltState.COUNTDOWN, 0.0),
    "0019 0000 77 0000 0000 0000 0000 0000 00 00 0000": (BeltState.UNKNOWN, 0.0),
}


@pytest.fixture(params=["SPERAX_P3MAX"])
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FramedBench]:
    profile = Profile(name=request.param, speed=ValueRange(0.5, 6.0, 0.1), incline=ValueRange(0, 10, 1), steps=True)
    bench = FramedBench("sperax", profile, monkeypatch)
    yield bench
    bench.driver.close()
    await turns()


async def test_a_report_in_two_parts_is_joined(bench: FramedBench) -> None:
    assert not bench.hears(WALKED[:40])
    assert bench.hears(WALKED[40:])
    assert bench.driver.telemetry.steps == 98


@pytest.mark.parametrize("content", STATES)
async def test_states(bench: FramedBench, content: str) -> None:
    assert bench.hears(framed(bytes.fromhex(content)).hex())
    known = bench.driver.telemetry
    assert (known.belt, known.speed) == STATES[content]


async def test_the_deck_keeps_its_incline_with_every_speed(bench: FramedBench) -> None:
    await bench.run()
    bench.treadmill.set_incline(2.0)
    await bench.time.passes(6)
    await bench.does(Command(CommandKind.SET_SPEED, 3.0))
    assert bench.written() == [AT_3_INCLINED]


@pytest.mark.parametrize("bench", ["SPERAX_RM01"], indirect=True)
async def test_an_rm01_is_asked_for_control_before_it_starts(bench: FramedBench) -> None:
    await bench.open()
    bench.written()
    await bench.does(Command(CommandKind.START))
    assert bench.written()[0] == ASK_FOR_CONTROL
    await bench.time.passes(8)
    assert bench.driver.telemetry.belt is BeltState.MOVING


async def test_s8_a_speed_does_not_start_a_belt_that_was_stopped_meanwhile(bench: FramedBench) -> None:
    await bench.run()
    bench.treadmill.press_stop()
    with pytest.raises(RejectedError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.0))
    await bench.does(Command(CommandKind.SET_SPEED, 0.5, urgent=True))
    await bench.time.passes(8)
    assert set(bench.written()) == {STOP}
    assert bench.treadmill.at_rest
