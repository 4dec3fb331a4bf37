"""A day with walks, reminders and a lost link each minute: nothing grows (memory, tasks, timers, listeners, files)."""

import logging
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.support.day import Day
from tests.support.house import House, make_entry, walker_subentry
from tests.support.reminded_home import ANNA, MONDAY

BYTES_A_WALK = 20_000
"""What a walk may leave in the memory: its record, and what is shown of it."""


@pytest.fixture
def traced() -> Iterator[None]:
    """Trace what is allocated, and keep no log: a test's log grows by itself."""
    logging.disable(logging.WARNING)
    tracemalloc.start()
    yield
    tracemalloc.stop()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("hours", [pytest.param(3, id="hours"), pytest.param(24, id="day", marks=pytest.mark.nightly)])
async def test_a_day_of_walks_reminders_and_lost_links_leaves_nothing_behind(
    house: House,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    traced: None,
    hours: int,
) -> None:
    freezer.move_to(MONDAY.astimezone() + timedelta(hours=6))
    day = Day(house, freezer, monkeypatch)
    await house.set_up(make_entry(walkers=[walker_subentry(**ANNA)]))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    for _ in range(61):
        await day.minute()
    before = day.load()
    for _ in range(60 * hours - 61):
        await day.minute()
    after = day.load()
    assert (after.tasks, after.listeners, after.files) == (before.tasks, before.listeners, before.files)
    assert after.timers <= before.timers + 2
    walks = after.walks - before.walks
    assert walks >= hours - 2
    assert after.bytes - before.bytes <= BYTES_A_WALK * walks + 50_000, f"{before} {after}"
    assert len(house.coordinator.roster.history) == after.walks + 1
