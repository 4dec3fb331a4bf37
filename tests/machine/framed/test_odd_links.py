"""Reads that hang, errors and wishes to be paired, on machines with frames of a maker: a stop goes out all the same."""

from contextlib import suppress

import pytest

from custom_components.retrowalk.machine.errors import MachineError, UnansweredError
from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import at_once, turns
from tests.support.framed_bench import STOPS, FramedBench

MANUFACTURER = "2a29"
STOP = Command(CommandKind.STOP)
ANSWERED = {"pitpat", "efc"}
"""Their writes are acknowledged, so that none gets through while an answer is owed."""


@pytest.fixture(params=STOPS)
async def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def bench(key: str, monkeypatch: pytest.MonkeyPatch) -> FramedBench:
    profile = Profile(name=STOPS[key][1], speed=ValueRange(0.5, 4.0, 0.1), incline=None, steps=True)
    return FramedBench(key, profile, monkeypatch)


async def test_what_cannot_be_read_is_not_known_and_nothing_else_is_missing(bench: FramedBench) -> None:
    bench.peripheral.faults.update({"unreadable": [MANUFACTURER]})
    await bench.open()
    assert bench.driver.info.manufacturer is None
    assert bench.driver.info.model is not None
    bench.driver.close()


async def test_a_machine_that_wants_to_be_paired_is_paired_and_obeys(bench: FramedBench) -> None:
    short = [uuid[4:8] for uuid in (bench.driver.reports_on, bench.driver.writes_to)]
    bench.peripheral.faults.update({"wants_pairing": short})
    await bench.run()
    assert bench.peripheral.access.paired
    await bench.does(STOP)
    await bench.time.until(lambda: bench.treadmill.at_rest, within=15)
    bench.driver.close()


async def test_s3_a_stop_goes_out_at_once_while_a_read_hangs(key: str, bench: FramedBench) -> None:
    bench.peripheral.faults.update({"unanswered": [MANUFACTURER]})
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    assert bench.treadmill.speed > 0
    opening = at_once(bench.driver.open(stop_first=None))
    await bench.time.until(
        lambda: ("read", f"0000{MANUFACTURER}-0000-1000-8000-00805f9b34fb") in bench.connection.requests
    )
    await bench.time.passes(0.3)
    bench.all_written()
    stopping = at_once(bench.driver.execute(STOP))
    await turns()
    assert bench.all_written()[:1] == [STOPS[key][0]]
    with suppress(MachineError):
        await bench.time.done(stopping)
    with pytest.raises(UnansweredError):
        await bench.time.done(opening)
    # Where it could not come through, its failure is told, and the link that follows begins with it.
    failed = stopping.exception() is not None
    assert failed is (key in ANSWERED)
    bench.driver.close()
    await bench.time.passes(15)
    assert bench.treadmill.at_rest is not failed


async def test_what_was_never_answered_is_not_asked_on_the_next_link(bench: FramedBench) -> None:
    bench.peripheral.faults.update({"unanswered": [MANUFACTURER]})
    with pytest.raises(UnansweredError):
        await bench.open()
    bench.driver.close()
    bench.peripheral.disconnect()
    bench.peripheral.connect(lambda: None)
    protocol = type(bench.driver)
    bench.driver = protocol(bench.connection, bench.listener, lambda: bench.time.now)
    await bench.open()
    assert bench.driver.info.manufacturer is None
    bench.driver.close()
