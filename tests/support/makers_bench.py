"""A machine whose maker wants something besides the standard, its driver, and the time of both."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, override

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.ftms.quirks import KINGSMITH_GATE, KINGSMITH_UNLOCK
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.maker import MakerPeripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once
from tests.support.loop_time import LoopTime


class MakersConnection(VirtualConnection):
    """A connection on which what the maker wants may fail or hang, and that keeps the order and times of writes."""

    def __init__(self, peripheral: MakerPeripheral, name: str) -> None:
        super().__init__(peripheral, name)
        self.written: list[tuple[float, str, bytes]] = []
        self.gate: Callable[[], Any] | None = None
        """Called in place of a write of the maker's."""
        self.hangs_to_subscribe: set[str] = set()

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        if characteristic in self.hangs_to_subscribe:
            await asyncio.get_running_loop().create_future()
        await super().subscribe(characteristic, receive, spare=spare)

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        self.written.append((asyncio.get_running_loop().time(), characteristic, data))
        if self.gate is not None and characteristic != const.CONTROL_POINT:
            await self.gate()
            return
        await super().write(characteristic, data)


class MakersBench:
    def __init__(self, name: str, faults: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.peripheral = MakerPeripheral(VirtualTreadmill(), address=virtual_address(1), name=name)
        self.peripheral.faults.update(faults)
        self.treadmill = self.peripheral.treadmill
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.connection = MakersConnection(self.peripheral, name)
        self.listener = RecordingListener()
        self.driver = FtmsDriver(self.connection, self.listener, lambda: self.peripheral.time)
        self.connection.lost = self.driver.close

    async def open(self, *, stop_first: bool = False) -> MakersBench:
        await self.time.done(self.opening(stop_first=stop_first))
        return self

    def opening(self, *, stop_first: bool) -> asyncio.Task[None]:
        return at_once(self.driver.open(stop_first=Command(CommandKind.STOP) if stop_first else None))

    def doing(self, command: Command) -> asyncio.Task[None]:
        return at_once(self.driver.execute(command))

    async def do(self, kind: CommandKind, value: float | None = None) -> None:
        await self.time.done(self.doing(Command(kind, value)))

    async def walk(self) -> MakersBench:
        await self.do(CommandKind.START)
        self.peripheral.step(10)
        assert self.driver.telemetry.belt is BeltState.MOVING
        return self

    def order(self) -> list[str]:
        """Return what was written, in order: P for a preamble, U for an unlock, else the bytes."""
        names = {KINGSMITH_GATE: "P", KINGSMITH_UNLOCK: "U"}
        return [names.get(uuid, data.hex()) for _, uuid, data in self.connection.written]

    def goes_out_after(self, begun: float, data: str = "0801") -> float:
        """Return the seconds until the first such bytes."""
        return next(at for at, _, written in self.connection.written if at >= begun and written.hex() == data) - begun

    async def ends(self, *tasks: asyncio.Task[None]) -> list[BaseException | None]:
        """Let time pass until all are done, and return their errors."""
        await self.time.until(lambda: all(task.done() for task in tasks))
        return [None if task.cancelled() else task.exception() for task in tasks]
