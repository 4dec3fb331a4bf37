"""The timers of an event loop on the virtual time of one treadmill: no wait takes real time."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.driver_bench import turns


class LoopTime:
    """Time that passes for the treadmill and for the loop together, and only when a test says so."""

    def __init__(self, peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch) -> None:
        self.peripheral = peripheral
        self.now = 1000.0
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "slow_callback_duration", float("inf"))
        monkeypatch.setattr(loop, "time", lambda: self.now, raising=False)

    async def passes(self, seconds: float, dt: float = 0.1) -> None:
        await turns()
        for _ in range(round(seconds / dt)):
            self.peripheral.step(dt)
            self.now = round(self.now + dt, 6)
            await turns()

    async def until(self, condition: Callable[[], bool], *, within: float = 60.0) -> float:
        """Let time pass until a condition is met, and return the seconds that it took."""
        begun = self.now
        while not condition():
            assert self.now - begun <= within, "did not happen"
            await self.passes(0.1)
        return self.now - begun

    async def done[T](self, work: asyncio.Task[T], *, within: float = 60.0) -> T:
        """Let time pass until a task is done, and return its result or raise its error."""
        await self.until(work.done, within=within)
        return work.result()
