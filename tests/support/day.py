"""A day in a house in which somebody walks once an hour, and the link is lost each minute."""

import asyncio
import gc
import tracemalloc
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.support.house import House
from tests.support.reminded_home import MONDAY

OURS = "*/custom_components/retrowalk/*"
OPEN_FILES = Path("/proc/self/fd")
DT, DT_AT_REST = 1.0, 5.0
"""Seconds between two steps of the treadmill."""
WALK_EVERY = 60
"""Minutes from one walk to the next."""


@dataclass(frozen=True)
class Load:
    """What may grow."""

    tasks: int
    timers: int
    listeners: int
    files: int
    bytes: int
    walks: int


class Day:
    """A house in which time passes by the minute."""

    def __init__(
        self, house: House, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch, began: datetime = MONDAY
    ) -> None:
        self.house = house
        self.freezer = freezer
        self.minutes = 0
        self.walks = 0
        loop = asyncio.get_running_loop()
        house.clock.began = began.astimezone()
        monkeypatch.setattr(loop, "slow_callback_duration", float("inf"))
        monkeypatch.setattr(loop, "time", lambda: house.clock.seconds, raising=False)

    async def passes(self, seconds: float, dt: float = DT) -> None:
        house = self.house
        for _ in range(round(seconds / dt)):
            house.peripheral.step(dt)
            house.clock.seconds += dt
            await house.settle()

    async def minute(self) -> None:
        """Let a minute pass: the link is lost where nobody walks, and somebody walks once an hour."""
        house = self.house
        self.freezer.move_to(house.clock.utcnow())
        if self.minutes % WALK_EVERY == 30:
            await self.walk()
        else:
            house.peripheral.drop_link()
            await self.passes(60, DT_AT_REST)
        self.minutes += 1
        house.peripheral.writes.clear()

    async def walk(self) -> None:
        """Walk for two minutes, which the link is lost in."""
        house = self.house
        for _ in range(2):
            await house.call("button", "press", "start", by=house.person())
            await self.passes(3)
        await self.passes(25)
        assert house.treadmill.speed > 0, house.state("session_state")
        house.peripheral.drop_link()
        await self.passes(30)
        await house.call("button", "press", "stop", by=house.person())
        await self.passes(20)
        assert house.treadmill.at_rest
        assert house.state("session_state") == "finished"
        self.walks += 1

    def load(self) -> Load:
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.Filter(inclusive=True, filename_pattern=OURS)]
        )
        loop: Any = asyncio.get_running_loop()
        bus: Any = self.house.hass.bus
        return Load(
            tasks=len(asyncio.all_tasks()),
            timers=sum(not timer.cancelled() for timer in loop._scheduled),
            listeners=sum(bus.async_listeners().values()),
            files=len([*OPEN_FILES.iterdir()]) if OPEN_FILES.is_dir() else 0,
            bytes=sum(trace.size for trace in snapshot.statistics("filename")),
            walks=self.walks,
        )
