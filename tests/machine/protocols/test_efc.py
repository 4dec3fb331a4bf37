"""EFC: the frames that a CITYSPORTS WP9 sent and was sent."""

from collections.abc import AsyncIterator

import pytest

from custom_components.retrowalk.machine.errors import ControlRefusedError
from custom_components.retrowalk.machine.framed.wrapping import Unwrapped
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.efc import summed
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import at_once, turns
from tests.support.framed_bench import FramedBench

# Captured, each of them.
STANDBY = "1a0109780a0000000006000066"
STOP = "a1030105a6"


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FramedBench]:
    profile = Profile(name="CITYSPORTS-LINKER", speed=ValueRange(1.0, 12.0, 0.1), incline=None, steps=True)
    bench = FramedBench("efc", profile, monkeypatch)
    yield bench
    bench.driver.close()
    await turns()


async def test_counters_go_on_where_the_console_has_no_more_digits(bench: FramedBench) -> None:
    counter = Unwrapped(6000)
    assert [counter.take(value) for value in (5998, 5999, 0, 1, 5999, 2)] == [5998, 5999, 6000, 6001, 11999, 12002]
    assert [counter.take(value) for value in (500, 0, 1)] == [12500, 0, 1]  # a new session


async def test_a_machine_in_miles_is_only_watched_and_can_be_stopped(bench: FramedBench) -> None:
    bench.peripheral.in_miles = True  # type: ignore[attr-defined]
    await bench.open()
    capabilities = bench.driver.capabilities
    assert (capabilities.speed_range, capabilities.can_start_and_stop) == (None, False)
    assert capabilities.control_unproven
    with pytest.raises(ControlRefusedError):
        await bench.does(Command(CommandKind.START))
    bench.treadmill.press_start()
    await bench.time.passes(20)
    assert bench.driver.telemetry.speed == pytest.approx(1.61)
    bench.written()
    await bench.does(Command(CommandKind.STOP))
    await bench.time.passes(5)
    assert set(bench.written()) == {STOP}
    assert bench.treadmill.at_rest


async def test_a_console_that_is_set_to_miles_while_one_walks_takes_no_more_speeds(bench: FramedBench) -> None:
    await bench.run()
    bench.peripheral.in_miles = True  # type: ignore[attr-defined]
    await bench.time.passes(2)
    with pytest.raises(ControlRefusedError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.0))
    await bench.does(Command(CommandKind.SET_SPEED, 1.0, urgent=True))
    assert set(bench.written()) == {STOP}


async def test_an_unknown_state_at_rest_is_no_rest(bench: FramedBench) -> None:
    frame = summed(*bytes.fromhex(STANDBY)[:9], 8, 0, 0)
    assert bench.hears(frame.hex())
    assert bench.driver.telemetry.belt is BeltState.UNKNOWN


async def test_s8_a_speed_that_waits_does_not_reach_a_belt_that_was_stopped_meanwhile(bench: FramedBench) -> None:
    await bench.run()
    waits = at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, 2.0)))
    bench.treadmill.press_stop()
    await bench.time.passes(5)
    assert waits.exception() is not None
    assert bench.written() == []


async def test_a_speed_that_no_belt_has_is_no_news_and_a_deck_may_be_below_level(bench: FramedBench) -> None:
    assert not bench.hears(summed(0x1A, 1, 9, 120, 10, 5, 0, 255, 0, 0, 0, 0).hex())
    assert bench.driver.telemetry.speed is None
    assert bench.hears(summed(0x1A, 1, 9, 120, 10, 5, 0, 20, 0xFE, 0, 0, 0).hex())
    assert (bench.driver.telemetry.speed, bench.driver.telemetry.incline) == (2.0, -2.0)
