"""A house with a real recorder, and one clock for all of it."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, override

import pytest
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory
from homeassistant import core
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time

from tests.support.house import Clock

NINE_O_CLOCK = datetime.fromisoformat("2026-11-23T09:01:00+00:00")
"""A Monday, far from midnight."""


@pytest.fixture
def wall() -> Iterator[TickingDateTimeFactory]:
    """Yield the wall clock, which a recorded session advances with the treadmill's; all timers use it."""
    with freeze_time(NINE_O_CLOCK, tick=True) as wall:
        yield wall


@pytest.fixture
def mock_recorder_before_hass(wall: TickingDateTimeFactory, async_test_recorder: Any) -> None:
    """Set up time and database before Home Assistant."""


class RecordedClock(Clock):
    """A clock with the treadmill's monotonic seconds and the time of the wall clock."""

    @override
    def utcnow(self) -> datetime:
        return dt_util.utcnow()

    @override
    def wall(self) -> float:
        return time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return one clock for the treadmill and for the contexts of presses."""
    clock = RecordedClock()
    # Contexts use the system time, which freezing does not affect.
    monkeypatch.setattr(core, "ulid_now", lambda: ulid_at_time(clock.wall()))
    return clock
