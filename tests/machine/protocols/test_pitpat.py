"""PitPat: the known frames, and a start that is a speed."""

from collections.abc import AsyncIterator
from functools import reduce
from operator import xor

import pytest

from custom_components.retrowalk.machine.errors import RejectedError
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.driver_bench import at_once, turns
from tests.support.framed_bench import FramedBench

# Captured, both of them.
START = "6a170000000003e801005000040000000dba9d76ef1a43"
STOP = "6a1700000000000001005000000000000dba9d76eff543"

# A captured status of firmware 37, without its serial number.
STATUS = "6635 00 03e8 03e8 00000000 00 00 00 00000000 0000 00000bb8 80 25 8b 1770 00 05 02" + "00" * 19


def summed(frame: str) -> str:
    data = bytes.fromhex(frame)
    return bytes((*data, reduce(xor, data[1:]), 0x43)).hex()


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FramedBench]:
    bench = FramedBench("pitpat", Profile(name="PitPat-T01", speed=ValueRange(1.0, 6.0, 0.1), steps=True), monkeypatch)
    yield bench
    bench.driver.close()
    await turns()


async def test_the_captured_status_is_understood(bench: FramedBench) -> None:
    assert bench.hears(summed(STATUS))
    known = bench.driver.telemetry
    assert (known.speed, known.belt) == (1.0, BeltState.MOVING)
    assert (known.elapsed_time, known.distance, known.energy, known.steps) == (3, 0, 0, 0)
    assert (known.heart_rate, known.incline) == (None, None)


async def test_an_older_firmware_counts_whole_seconds(bench: FramedBench) -> None:
    assert bench.hears(summed(STATUS.replace("00000bb8 80 25", "00000bb8 80 13")))
    assert bench.driver.telemetry.elapsed_time == 3000


@pytest.mark.parametrize(("flags", "belt"), [("00", "at_rest"), ("10", "at_rest"), ("18", "countdown")])
async def test_what_a_belt_does_at_rest_is_told_by_its_flags(bench: FramedBench, flags: str, belt: str) -> None:
    frame = STATUS.replace("03e8 03e8", "0000 03e8").replace("25 8b", f"25 {flags}")
    assert bench.hears(summed(frame))
    assert bench.driver.telemetry.belt == belt


@pytest.mark.parametrize(
    "frame",
    [
        summed(STATUS)[:-4] + "0043",  # a wrong sum
        summed(STATUS.replace("03e8 03e8", "ffff ffff")),  # 65 km/h
        summed("6605"),
        summed(STATUS)[:-2],
        START,
    ],
)
async def test_what_is_not_whole_or_cannot_be_is_not_believed(bench: FramedBench, frame: str) -> None:
    assert not bench.hears(frame)
    assert bench.driver.telemetry.speed is None


async def test_a_status_in_three_parts_is_joined(bench: FramedBench) -> None:
    whole = summed(STATUS)
    assert not bench.hears(whole[:40])
    assert not bench.hears(whole[40:80])
    assert bench.hears(whole[80:])


async def test_the_deck_keeps_its_incline_with_every_speed(bench: FramedBench) -> None:
    await bench.run()
    bench.treadmill.set_incline(4.0)
    await bench.time.passes(12)
    assert bench.driver.telemetry.incline == 4.0
    await bench.does(Command(CommandKind.SET_SPEED, 1.5))
    assert bytes.fromhex(bench.written()[0])[9] == 4


async def test_s8_a_speed_that_waits_does_not_start_a_belt_that_was_stopped_meanwhile(bench: FramedBench) -> None:
    await bench.run()
    bench.treadmill.press_stop()  # the pad has not told it yet
    with pytest.raises(RejectedError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.0))
    await bench.time.passes(10)
    assert bench.written() == []
    assert bench.treadmill.at_rest


@pytest.mark.parametrize("rests", [Phase.IDLE, Phase.PAUSED])
async def test_s8_a_slow_speed_in_the_place_of_a_stop_starts_nothing(bench: FramedBench, rests: Phase) -> None:
    await bench.run()
    (bench.treadmill.press_stop if rests is Phase.IDLE else bench.treadmill.press_pause)()
    await bench.time.passes(1.5)
    assert bench.treadmill.phase is rests
    await bench.does(Command(CommandKind.SET_SPEED, 1.0, urgent=True))
    assert set(bench.written()) == {STOP}
    await bench.time.passes(6)
    assert bench.treadmill.at_rest


async def test_s7_a_speed_at_the_console_is_an_event(bench: FramedBench) -> None:
    await bench.run()
    await bench.does(Command(CommandKind.SET_SPEED, 2.0))
    await bench.time.passes(5)
    bench.treadmill.press_speed(3.0)
    await bench.time.passes(2)
    assert bench.events() == ["speed_changed"]


async def test_a_speed_is_not_sent_to_a_pad_that_is_not_heard(bench: FramedBench) -> None:
    await bench.run()
    bench.peripheral.faults.silent = True
    task = at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, 2.0)))
    await bench.time.passes(4)
    assert task.done()
    assert task.exception() is not None
    assert bench.written() == []
