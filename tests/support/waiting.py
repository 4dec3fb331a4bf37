"""Helpers that wait for a condition, however busy the computer is and whatever time the test's clocks show."""

import asyncio
import threading
import time
from collections.abc import Callable

from homeassistant.core import HomeAssistant

PATIENCE = 120.0
"""Seconds of real time after which a wait fails."""
_IDLE_TURNS = 3
_MOST_TURNS = 200
_MOST_WAITS = 50


def real_seconds() -> float:
    """Return the seconds of a clock that no test freezes or moves."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


async def let_others_run(seconds: float = 0.001) -> None:
    """Leave the processor to threads, sockets and other processes; the event loop runs meanwhile.

    The loop's own timers cannot be used for this: they never fire where a test freezes the time.
    """
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    timer = threading.Timer(seconds, loop.call_soon_threadsafe, (woken.set,))
    timer.start()
    try:
        await woken.wait()
    finally:
        timer.join()


async def until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until a condition is met; only real time passes."""
    gives_up = real_seconds() + patience
    turn = 0
    while not condition():
        assert real_seconds() < gives_up, "did not happen"
        turn += 1
        await (asyncio.sleep(0) if turn % 10 else let_others_run())


async def settle(hass: HomeAssistant) -> None:
    """Give the event loop turns until all pending work is done.

    The remaining tasks wait for time to pass, for a test, or for a waiting thread.
    """
    loop = asyncio.get_running_loop()
    idle = waits = 0
    for _ in range(_MOST_TURNS):
        await asyncio.sleep(0)
        idle = 0 if loop._ready else idle + 1
        if idle < _IDLE_TURNS:
            continue
        if not _in_threads(hass) or waits == _MOST_WAITS:
            return
        waits += 1
        await let_others_run()


def _in_threads(hass: HomeAssistant) -> bool:
    """Return whether Home Assistant waits for work in a thread."""
    return any(not isinstance(job, asyncio.Task) for job in (*hass._tasks, *hass._background_tasks))
