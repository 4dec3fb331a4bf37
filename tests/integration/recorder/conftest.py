"""A house with a real recorder, and one time for everything in it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory

from custom_components.retrowalk import coordinator
from tests.integration.house import Clock

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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Seconds of the treadmill; the time of day is the wall's."""
    clock = Clock()
    monkeypatch.setattr(coordinator.RetrowalkCoordinator, "now", clock)
    return clock
