"""With a full disk, reloads neither lose a session nor give it to another walker (S14)."""

import asyncio
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.storage import journal
from tests.support.action_calls import Actions
from tests.support.disk import Disk
from tests.support.house import House
from tests.support.waiting import let_others_run


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Use real files instead of the storage mock."""
    return {}


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def reload(hass: HomeAssistant, house: House) -> None:
    """Reload the entry, as its owner does; saving settings reloads it too, once no session is under way."""
    assert await hass.config_entries.async_reload(house.entry.entry_id)


async def save(hass: HomeAssistant, house: House) -> None:
    before, factor = house.coordinator, house.entry.options.get("backward_factor", 1.2)
    options = {**house.entry.options, "backward_factor": factor + 0.1}
    hass.config_entries.async_update_entry(house.entry, options=options)
    await house.time(3)
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not before)


@pytest.mark.parametrize("way", [reload, save])
async def test_s14_walks_that_wait_for_a_full_disk_survive_a_reload(
    hass: HomeAssistant, house: House, actions: Actions, disk: Disk, way: Any
) -> None:
    await actions.set_up()
    disk.full = True
    moving_times = []
    for walker in ("anna", "bert"):
        house.coordinator.next_session.choose_walker(walker)
        await house.walk()
        await house.time(20)
        await house.press("stop")
        await house.time(15)
        moving_times.append(house.coordinator.recorder.totals.exact.moving_time)
        await house.until(lambda: house.coordinator.recorder.has_unsaved)
    for _ in range(2):
        await way(hass, house)
    assert actions.records() == []
    assert house.coordinator.recorder.has_unsaved
    disk.full = False
    await house.coordinator.recorder.async_close()
    assert [(record.walker, record.moving_time) for record in actions.records()] == [
        ("anna", moving_times[0]),
        ("bert", moving_times[1]),
    ]


async def test_s14_s19_a_walk_at_the_console_goes_on_over_a_reload_on_a_full_disk(
    hass: HomeAssistant, house: House, actions: Actions, disk: Disk
) -> None:
    await actions.set_up()
    house.coordinator.next_session.choose_walker("bert")
    disk.full = True
    house.treadmill.press_start()
    await house.time(60)
    assert house.state("session_state") == "manual"
    before = house.coordinator.recorder.meter
    await reload(hass, house)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(5)
    meter = house.coordinator.recorder.meter
    assert (meter.id, meter.walker) == (before.id, "bert")
    assert meter.moving_time >= before.moving_time
    disk.full = False
    house.treadmill.press_stop()
    await house.time(15)
    await house.until(lambda: not house.coordinator.recorder.has_unsaved)
    assert [(record.id, record.walker) for record in actions.records()] == [(before.id, "bert")]


async def test_s14_a_walk_that_a_reload_ended_on_a_full_disk_is_not_lost(
    hass: HomeAssistant, house: House, actions: Actions, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await actions.set_up()
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.time(20)
    disk.full = True
    reloading = asyncio.create_task(reload(hass, house))
    while not reloading.done():
        house.peripheral.step(0.25)
        house.clock.seconds += 0.25
        await let_others_run(0.02)
    await reloading
    assert house.treadmill.at_rest
    assert house.coordinator.recorder.has_unsaved
    disk.full = False
    await house.coordinator.recorder.async_close()
    assert [record.walker for record in actions.records()] == ["anna"]


async def test_s14_unsaved_data_of_a_removed_entry_is_dropped(
    hass: HomeAssistant, house: House, actions: Actions, disk: Disk
) -> None:
    await actions.set_up()
    house.treadmill.press_start()
    await house.time(30)
    disk.full = True
    await hass.config_entries.async_unload(house.entry.entry_id)
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert hass.data[journal._UNSAVED] == {}
    house.treadmill.press_stop()
