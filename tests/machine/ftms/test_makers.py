"""Tests for what makers want besides the standard, on virtual machines that play it strictly (S3)."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, override

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.ftms.quirks import KINGSMITH_GATE, KINGSMITH_UNLOCK
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.maker import PREAMBLE, MakerPeripheral
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once, turns
from tests.support.waiting import until

MC21 = {"wants_preamble": True, "answers_by_status": True}
Z1 = {"locked": True, "loses_close_subscriptions": True}


class MakersConnection(VirtualConnection):
    """A connection on which what the maker wants may fail or hang, and that keeps the order and times of writes."""

    def __init__(self, peripheral: MakerPeripheral, name: str) -> None:
        super().__init__(peripheral, name)
        self.written: list[tuple[float, str, bytes]] = []
        self.gate: Callable[[], Any] | None = None
        """Called in place of a write of the maker's."""

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self.written.append((asyncio.get_running_loop().time(), characteristic, data))
        if self.gate is not None and characteristic != const.CONTROL_POINT:
            await self.gate()
            return
        await super().write(characteristic, data)


class Bench:
    def __init__(self, name: str, faults: dict[str, Any]) -> None:
        self.peripheral = MakerPeripheral(VirtualTreadmill(), address=virtual_address(1), name=name)
        self.peripheral.faults.update(faults)
        self.treadmill = self.peripheral.treadmill
        self.connection = MakersConnection(self.peripheral, name)
        self.listener = RecordingListener()
        self.driver = FtmsDriver(self.connection, self.listener, lambda: self.peripheral.time)
        self.connection.lost = self.driver.close

    async def open(self, *, stop_first: bool = False) -> Bench:
        await self.driver.open(stop_first=Command(CommandKind.STOP) if stop_first else None)
        return self

    async def do(self, kind: CommandKind, value: float | None = None) -> None:
        await self.driver.execute(Command(kind, value))

    async def walk(self) -> Bench:
        await self.do(CommandKind.START)
        self.peripheral.step(10)
        assert self.driver.telemetry.belt is BeltState.MOVING
        return self

    def order(self) -> list[str]:
        """Return what was written, in order: P for a preamble, U for an unlock, else the bytes."""
        names = {KINGSMITH_GATE: "P", KINGSMITH_UNLOCK: "U"}
        return [names.get(uuid, data.hex()) for _, uuid, data in self.connection.written]


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def declines() -> None:
    raise RejectedError("not now")


async def breaks() -> None:
    raise UnreachableError("gone")


# KingSmith MC21: a preamble before each command


async def test_each_command_follows_its_preamble_and_is_obeyed() -> None:
    bench = await Bench("KS-MC21-1234", MC21).open()
    await bench.walk()
    await bench.do(CommandKind.SET_SPEED, 2.0)
    bench.peripheral.step(10)
    assert bench.treadmill.speed == pytest.approx(2.0)
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order() == ["P", "00", "P", "07", "P", "02c800", "P", "0801"]
    assert {data for _, uuid, data in bench.connection.written if uuid == KINGSMITH_GATE} == {PREAMBLE}


async def test_without_the_quirk_the_machine_refuses() -> None:
    bench = Bench("Other", MC21)
    bench.connection.missing.add(KINGSMITH_GATE)
    await bench.open()
    with pytest.raises(ControlRefusedError):
        await bench.do(CommandKind.START)
    assert bench.treadmill.phase is Phase.IDLE


@pytest.mark.parametrize("gate", [never, declines, breaks])
async def test_a_stop_is_sent_although_what_goes_before_it_fails(gate: Callable[[], Any]) -> None:
    bench = await Bench("KS-MC21-1234", MC21).open()
    await bench.walk()
    bench.peripheral.faults.clear()  # so that the stop itself tells whether it came
    bench.connection.gate = gate
    begun = asyncio.get_running_loop().time()
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order()[-2:] == ["P", "0801"]
    assert asyncio.get_running_loop().time() - begun < 1.5


async def test_nothing_comes_between_a_command_and_its_preamble_however_many_are_asked_for() -> None:
    bench = await Bench("KS-MC21-1234", MC21).open()
    await bench.walk()
    speeds = [at_once(bench.do(CommandKind.SET_SPEED, 1.0 + number / 10)) for number in range(5)]
    await asyncio.sleep(0)
    stops = [at_once(bench.do(CommandKind.STOP)) for _ in range(3)]
    results = await asyncio.gather(*speeds, *stops, return_exceptions=True)
    assert all(isinstance(result, SupersededError) for result in results[:5])
    order = bench.order()
    commands = [index for index, what in enumerate(order) if what != "P"]
    assert all(order[index - 1] == "P" for index in commands)
    assert order.count("0801") >= 3
    assert bench.treadmill.phase is Phase.IDLE


async def test_a_stop_waits_for_no_command_that_hangs() -> None:
    bench = await Bench("KS-MC21-1234", MC21).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_write_response_op": [2]})
    hanging = at_once(bench.do(CommandKind.SET_SPEED, 1.5))
    await until(lambda: bench.order()[-1] == "029600")
    begun = asyncio.get_running_loop().time()
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert asyncio.get_running_loop().time() - begun < 1.0
    with pytest.raises(SupersededError):
        await hanging


async def test_a_status_answers_a_command_and_one_of_something_else_does_not() -> None:
    bench = await Bench("KS-MC21-1234", {"wants_preamble": True}).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_indications_at_all": True})
    asked = at_once(bench.do(CommandKind.SET_SPEED, 2.0))
    await until(lambda: bench.order()[-1] == "02c800")
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\x96\x00")
    await turns(50)
    assert not asked.done()
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\xc8\x00")
    await asyncio.wait_for(asked, 0.5)


async def test_on_any_other_machine_a_status_answers_nothing() -> None:
    bench = await Bench("Other", {}).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_indications_at_all": True})
    asked = at_once(bench.do(CommandKind.SET_SPEED, 2.0))
    await turns(50)
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\xc8\x00")
    await turns(50)
    assert not asked.done()
    bench.driver.close()
    with pytest.raises(UnreachableError):
        await asked


# KingSmith Z1: silent until it is unlocked


async def test_a_locked_machine_is_unlocked_and_then_like_any_other() -> None:
    bench = await Bench("KS-HD-Z1D", Z1).open()
    await bench.walk()
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order() == ["U", "00", "07", "0801"]
    assert not bench.peripheral.updating


async def test_a_kept_stop_is_the_first_command_of_a_locked_machine_as_soon_as_it_takes_one() -> None:
    bench = Bench("KS-HD-Z1D", Z1)
    bench.treadmill.start()
    bench.peripheral.step(10)
    begun = asyncio.get_running_loop().time()
    await bench.open(stop_first=True)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.driver.stop_accepted
    assert bench.order()[:3] == ["U", "0801", "00"]  # it wants to be asked for control first
    stopped = next(at for at, uuid, _ in bench.connection.written if uuid == const.CONTROL_POINT)
    assert stopped - begun < 0.6


async def test_no_two_writes_to_a_locked_machine_are_closer_than_it_can_take() -> None:
    bench = await Bench("KS-HD-Z1D", Z1).open()
    await bench.walk()
    speeds = [at_once(bench.do(CommandKind.SET_SPEED, 1.0 + number / 10)) for number in range(3)]
    await asyncio.sleep(0)
    stops = [at_once(bench.do(CommandKind.STOP)) for _ in range(2)]
    await asyncio.gather(*speeds, *stops, return_exceptions=True)
    times = [at for at, _, _ in bench.connection.written]
    assert bench.treadmill.phase is Phase.IDLE
    assert all(later - earlier > 0.39 for earlier, later in itertools.pairwise(times))


async def test_a_locked_machine_that_never_answers_still_gets_the_stop() -> None:
    bench = Bench("KS-HD-Z1D", {"locked": True})
    bench.connection.gate = declines
    with pytest.raises(UnreachableError):
        await asyncio.wait_for(_open_or_gone(bench), 8)
    assert "0801" in bench.order()


async def _open_or_gone(bench: Bench) -> None:
    await bench.open(stop_first=True)
    raise UnreachableError("it opened in silence, which is as well")


async def test_a_name_without_its_characteristics_is_not_written_to() -> None:
    bench = await Bench("KS-HD-Z1D", {}).open()
    await bench.walk()
    assert bench.order() == ["00", "07"]


# Subscriptions, activation, the start's parameter


async def test_subscriptions_are_apart_and_the_training_status_comes_last() -> None:
    bench = await Bench("KS-F0", {"loses_close_subscriptions": True, "weak_status_subscription": True}).open()
    await bench.walk()
    assert bench.driver.telemetry.training_status == "manual_mode"
    subscribed = [uuid for kind, uuid in bench.connection.requests if kind == "subscribe"]
    assert subscribed[0] == const.CONTROL_POINT  # for a stop
    assert subscribed[-1] == const.TRAINING_STATUS


async def test_reports_are_woken_up_and_again_after_a_reset() -> None:
    bench = await Bench("URTM041", {"zeros_until_activated": True}).open()
    await bench.walk()
    bench.peripheral._active = False  # as after a reset at its console
    bench.peripheral.step(1)
    assert bench.driver.telemetry.speed == 0.0
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x01")
    await until(lambda: bench.peripheral._active)
    bench.peripheral.step(1)
    assert bench.driver.telemetry.belt is BeltState.MOVING
    bench.driver.close()


async def test_a_start_has_its_parameter() -> None:
    bench = await Bench("KS-MC11-4AF0", {"start_wants_parameter": True}).open()
    await bench.walk()
    assert bench.order() == ["00", "0701"]
