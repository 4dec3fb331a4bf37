"""An event loop on the treadmill's virtual time: timeouts and waits take no real time."""

import asyncio
from collections.abc import Callable

import pytest

from tests.support.house import House


class VirtualTime:
    """Virtual time for the treadmill, the link, the session and every timer of the loop."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch, *, real: bool = True) -> None:
        """Take the loop's time; `real`: what a busy computer takes counts too, and no run is like another."""
        self.house = house
        loop = asyncio.get_running_loop()
        self._begun, begun, real_time = house.clock.seconds, loop.time(), loop.time
        monkeypatch.setattr(loop, "slow_callback_duration", float("inf"))

        def virtual_time() -> float:
            return (real_time() if real else begun) + house.clock.seconds - self._begun

        monkeypatch.setattr(loop, "time", virtual_time, raising=False)

    async def passes(self, seconds: float, dt: float = 0.1) -> None:
        """Let time pass in small steps, and run the tasks that wait for a timer."""
        for _ in range(round(seconds / dt)):
            self.house.peripheral.step(dt)
            self.house.clock.seconds += dt
            await self.house.settle()

    async def until(self, condition: Callable[[], bool], *, within: float = 60.0, dt: float = 0.1) -> float:
        """Let time pass until a condition is met, and return the seconds it took."""
        begun = self.house.clock.seconds
        while not condition():
            assert self.house.clock.seconds - begun <= within, "did not happen"
            await self.passes(dt, dt)
        return self.house.clock.seconds - begun
