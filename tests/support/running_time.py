"""Virtual time that passes by itself: as soon as a whole Home Assistant waits, it jumps to what is due next.

With it a story in a real Home Assistant is written as its owner would live it, with plain waits that take no real time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from heapq import nsmallest
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from tests.support.house import Clock
from tests.support.waiting import let_others_run, real_seconds, settle

LONGEST = 1.0
"""Seconds that pass at once at most."""
THREADS_TAKE = 20.0
"""Seconds of real time for which a thread is waited for; then it is one that waits for time to pass."""


class RunningTime:
    """The time of the loop and of the product's clock are one, and pass whenever nothing is left to do."""

    def __init__(self, hass: HomeAssistant, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = hass.loop
        self._hass = hass
        self._clock = clock
        self._monkeypatch = monkeypatch
        self._ahead = loop.time() - clock.seconds
        self._in_threads = set[asyncio.Future[Any]]()
        in_executor = loop.run_in_executor

        def run_in_executor(*work: Any) -> asyncio.Future[Any]:
            job = in_executor(*work)
            self._in_threads.add(job)
            job.add_done_callback(self._in_threads.discard)
            return job

        monkeypatch.setattr(loop, "_debug", False)  # it notes where each timer was made, which takes most of the time
        monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
        monkeypatch.setattr(loop, "time", lambda: clock.seconds + self._ahead)

    @contextlib.asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        """Let time pass in this context."""
        passing = asyncio.create_task(self._pass())
        try:
            yield
        finally:
            passing.cancel()
            self._lets_time_go_on()

    def _lets_time_go_on(self) -> None:
        """Let time pass as it does for everybody from now on: what is left over still has its time limits."""
        loop, began = self._hass.loop, real_seconds()
        left = loop.time()
        self._monkeypatch.setattr(loop, "time", lambda: left + real_seconds() - began)

    async def _pass(self) -> None:
        loop = self._hass.loop
        while True:
            await settle(self._hass)
            if self._in_threads:
                await self._wait_for_threads()
                continue
            due = next((timer.when() for timer in nsmallest(20, loop._scheduled) if not timer.cancelled()), None)
            if due is None:
                await let_others_run()
                continue
            self._clock.seconds += min(max(due - loop.time(), 0.0), LONGEST)

    async def _wait_for_threads(self) -> None:
        gives_up = real_seconds() + THREADS_TAKE
        while self._in_threads:
            assert real_seconds() < gives_up, "a thread waits for something"
            await let_others_run()
