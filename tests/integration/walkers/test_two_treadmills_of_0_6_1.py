"""What 0.6.1 left on the disk of a house with two treadmills: one person who is two walkers, joined on wish."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.walkers.household import async_household
from custom_components.retrowalk.walkers.joining import async_join
from custom_components.retrowalk.walkers.roster import EVER
from custom_components.retrowalk.walkers.walker import walkers_of
from tests import compatibility
from tests.compatibility.two_treadmills import LOGGED, TwoTreadmills

DISK = Path(compatibility.__file__).parent / "0.6.1" / "two_treadmills"


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: the files are on disk."""
    return {}


@pytest.fixture
async def house(
    hass: HomeAssistant, enable_bluetooth: None, freezer: FrozenDateTimeFactory
) -> AsyncIterator[TwoTreadmills]:
    freezer.move_to("2026-11-17T21:00:00+00:00")
    house = TwoTreadmills(hass)
    await house.come_back(DISK)
    yield house
    for entry in house.entries:
        await hass.config_entries.async_unload(entry.entry_id)


def walker_ids(house: TwoTreadmills) -> list[str]:
    return [walker_id for entry in house.entries for walker_id in walkers_of(entry)]


def entities_of(hass: HomeAssistant, walker_id: str) -> dict[str, str]:
    entities = er.async_get(hass).entities.values()
    return {each.unique_id: each.entity_id for each in entities if f"_{walker_id}_" in each.unique_id}


async def test_nothing_is_joined_by_itself_and_all_that_was_walked_is_there(
    hass: HomeAssistant, house: TwoTreadmills
) -> None:
    one, other = walker_ids(house)
    assert one != other
    [issue] = [issue for (domain, _), issue in ir.async_get(hass).issues.items() if domain == DOMAIN]
    assert (issue.translation_key, issue.is_fixable) == ("walker_twice", True)
    assert issue.translation_placeholders == {
        "name": "Anna",
        "one": "Virtual treadmill",
        "other": "Virtual treadmill 2",
    }
    history = async_household(hass).history
    assert [len(history.between(*EVER, walker)) for walker in (one, other)] == [2, 2]


async def test_joined_all_sessions_ratings_and_notes_are_one_walkers(hass: HomeAssistant, house: TwoTreadmills) -> None:
    one, other = walker_ids(house)
    ids = entities_of(hass, one)
    before = {record.id: record for record in async_household(hass).history}
    assert await async_join(hass, one, other)
    await hass.async_block_till_done()
    assert walker_ids(house) == [one, one]
    assert entities_of(hass, one) == ids
    assert entities_of(hass, other) == {}
    records = async_household(hass).history.between(*EVER, one)
    assert {record.id for record in records} == before.keys()
    told = sorted((record.moving_time / 60, record.distance, record.note) for record in records)
    assert told == sorted((minutes, distance, note) for _, _, minutes, distance, note in LOGGED)
    assert all(
        (record.discomfort_before, record.discomfort_after)
        == (before[record.id].discomfort_before, before[record.id].discomfort_after)
        for record in records
    )
    [streak] = [ids[unique_id] for unique_id in ids if unique_id.endswith("_streak")]
    state = hass.states.get(streak)
    assert state is not None
    assert state.state == "2"  # Monday on the first one, Tuesday on the second
    assert [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN] == []
