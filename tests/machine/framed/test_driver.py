"""What every protocol of frames does with a machine that is no such machine, declines, or is gone (S3)."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    NotATreadmillError,
    PairingError,
    RejectedError,
    UnansweredError,
    UnreachableError,
)
from custom_components.retrowalk.machine.framed.writer import PacedWriter
from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import at_once, turns
from tests.support.framed_bench import STOPS, FramedBench

STOP = Command(CommandKind.STOP)
NAMES = {key: name for key, (_, name) in STOPS.items()}
MONITORED = {"urevo": "URTM030", "lifespan": "LifeSpan-TM"}


def make(key: str, monkeypatch: pytest.MonkeyPatch) -> FramedBench:
    name = {**NAMES, **MONITORED}[key]
    return FramedBench(key, Profile(name=name, speed=ValueRange(0.5, 4.0, 0.1), incline=None, steps=True), monkeypatch)


@pytest.fixture(params=[*NAMES, *MONITORED])
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FramedBench:
    return make(request.param, monkeypatch)


async def test_a_machine_without_its_characteristics_is_no_such_machine(bench: FramedBench) -> None:
    bench.connection.missing.add(bench.driver.reports_on)
    with pytest.raises(NotATreadmillError):
        await bench.open()
    assert bench.all_written() == []


async def test_a_machine_that_says_nothing_is_told_as_one_that_does_not_answer(bench: FramedBench) -> None:
    bench.peripheral.faults.silent = True
    bench.connection.write_errors = dict.fromkeys(range(256), RejectedError("busy"))
    with pytest.raises(UnansweredError):
        await bench.open()
    bench.driver.close()


async def test_a_machine_that_says_something_else_is_no_such_machine(
    bench: FramedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.driver, "receive", lambda _: False)
    with pytest.raises(NotATreadmillError):
        await bench.open()
    bench.driver.close()


async def test_a_machine_that_wants_to_be_paired_and_cannot_is_told_as_that(
    bench: FramedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise PairingError("it wants to be paired, which failed")

    monkeypatch.setattr(bench.connection, "subscribe", refused)
    with pytest.raises(PairingError):
        await bench.open()
    bench.driver.close()


async def test_a_link_that_is_gone_reports_nothing_any_more(bench: FramedBench) -> None:
    await bench.open()
    before = len(bench.listener.telemetry)
    bench.driver.close()
    for _ in range(20):
        bench.peripheral.step(0.5)
        bench.driver.report(speed=3.0)
        await turns()
    assert len(bench.listener.telemetry) == before


async def test_what_no_machine_of_its_kind_knows_is_no_frame(bench: FramedBench) -> None:
    with pytest.raises(ValueError, match="not a command for this machine"):
        await bench.driver.carry_out(Command(CommandKind.SET_INCLINE))


@pytest.mark.parametrize("key", MONITORED)
async def test_a_machine_that_is_only_watched_has_no_frame_that_stops_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make(key, monkeypatch)
    await bench.open()
    bench.all_written()
    with pytest.raises(ControlRefusedError):
        await bench.does(STOP)
    with pytest.raises(ValueError, match="not a command for this machine"):
        bench.driver.stop_frame(STOP)
    bench.driver.close()


@pytest.mark.parametrize("error", [RejectedError("busy"), UnreachableError("gone")])
@pytest.mark.parametrize("key", NAMES)
async def test_s3_a_stop_that_a_link_does_not_take_first_ends_that_link(
    key: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make(key, monkeypatch)
    bench.connection.write_errors = dict.fromkeys(range(256), error)
    with pytest.raises(UnreachableError):
        await bench.time.done(at_once(bench.driver.open(stop_first=STOP)))
    assert not bench.driver.stop_accepted
    bench.driver.close()


async def test_a_poll_that_does_not_get_through_ends_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make("fitshow", monkeypatch)
    await bench.open()
    await bench.time.passes(3)
    assert bench.connection.drops == []
    bench.connection.write_errors = {bench.driver.poll[0]: UnreachableError("gone")}
    await bench.time.passes(3)
    assert bench.connection.drops == ["a poll failed: gone"]
    bench.driver.close()


async def test_a_frame_that_is_not_wanted_when_its_turn_comes_is_not_written() -> None:
    written: list[bytes] = []

    async def write(frame: bytes) -> None:
        written.append(frame)

    writer = PacedWriter(write, pace=0.0, within=1.0)
    frames: list[Callable[[], bytes | None]] = [lambda: None, lambda: b"\x01"]
    await asyncio.gather(*(writer.send(frame) for frame in frames))
    assert written == [b"\x01"]
