"""A house with a real recorder, and one time for everything in it."""

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
"""A Monday, and far from midnight."""


@pytest.fixture
def wall() -> Iterator[TickingDateTimeFactory]:
    """The clock on the wall, which a recorded walk puts forward with the treadmill's; every timer goes by it."""
    with freeze_time(NINE_O_CLOCK, tick=True) as wall:
        yield wall


@pytest.fixture
def mock_recorder_before_hass(wall: TickingDateTimeFactory, async_test_recorder: Any) -> None:
    """Time and the database have to be there before Home Assistant is."""


class RecordedClock(Clock):
    """Seconds of the treadmill; the time of day is the wall's, which passes with them."""

    @override
    def utcnow(self) -> datetime:
        return dt_util.utcnow()

    @override
    def wall(self) -> float:
        return time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One time for the treadmill and for those who press."""
    clock = RecordedClock()
    # Contexts are made by the time of the system, which no freezing reaches.
    monkeypatch.setattr(core, "ulid_now", lambda: ulid_at_time(clock.wall()))
    return clock
