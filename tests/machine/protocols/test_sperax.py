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
HELLO = "f507000126d8fa"
POLL = "f5080019f00a59fa"
ASK_FOR_CONTROL = "f5070000d2b6fa"
PAUSE = "f50a0015020000c319fa"
STOP = "f50a0015000000d301fa"
AT_0_6 = "f50b00150106003bf004fa"
AT_3 = "f50a0015011e006ad9fa"
AT_3_INCLINED = "f50a0015011e028204fa"
RUNNING = "f51800190000100000001000010001000f1e0000009dd4fa"
WALKED = "f519001900000200010075000300040062000000008ff00afa"  # 1:57, 98 steps, of an RM-01
SAMPLES = {
    "0019 0000 10 0000 0022 0002 0002 002d 1e 02 0000": (BeltState.MOVING, 3.0),
    "0019 0000 0f 0000 002b 0003 0002 003d 1c 00 0000": (BeltState.MOVING, 2.8),
    "0019 0000 01 0000 002f 0003 0002 0044 00 00 0000": (BeltState.AT_REST, 0.0),
    "0019 0000 50 0000 002f 0003 0002 0044 00 00 0001": (BeltState.AT_REST, 0.0),
    "0019 0000 00 0000 0000 0000 0000 0000 00 00 0004": (BeltState.AT_REST, 0.0),
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


async def test_the_captured_reports_are_understood(bench: FramedBench) -> None:
    assert bench.hears(RUNNING)
    known = bench.driver.telemetry
    assert (known.belt, known.speed) == (BeltState.MOVING, 3.0)
    assert (known.elapsed_time, known.distance, known.energy, known.steps) == (16, 10, 1, 15)
    assert not bench.hears(WALKED[:40])
    assert bench.hears(WALKED[40:])
    known = bench.driver.telemetry
    assert (known.belt, known.speed) == (BeltState.AT_REST, 0.0)
    assert (known.elapsed_time, known.distance, known.energy, known.steps) == (117, 30, 4, 98)


@pytest.mark.parametrize("content", SAMPLES)
async def test_states(bench: FramedBench, content: str) -> None:
    assert bench.hears(framed(bytes.fromhex(content)).hex())
    known = bench.driver.telemetry
    assert (known.belt, known.speed) == SAMPLES[content]


async def test_the_commands_are_the_captured_ones(bench: FramedBench) -> None:
    await bench.run()
    sent = [data.hex() for _, _, data in bench.peripheral.writes]
    assert sent[:2] == [HELLO, POLL]
    assert bench.driver.poll.hex() == POLL
    for command in (
        Command(CommandKind.SET_SPEED, 0.6),
        Command(CommandKind.SET_SPEED, 3.0),
        Command(CommandKind.PAUSE),
        Command(CommandKind.STOP),
    ):
        await bench.does(command)
        await bench.time.passes(12)
    assert list(dict.fromkeys(bench.written())) == [AT_0_6, AT_3, PAUSE, STOP]


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
