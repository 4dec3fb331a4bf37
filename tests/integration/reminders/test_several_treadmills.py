"""A walker of several treadmills has one reminder, which knows all of them."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk.treadmill.virtual import async_virtual_peripheral
from tests.support.house import walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import ANNA, OTHER, Home, set_up_other


def state(entry: MockConfigEntry) -> Any:
    return entry.runtime_data.coordinator.data.state


async def test_there_is_one_reminder_and_its_start_is_for_the_treadmill_walked_on_last(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    other = await set_up_other(home, virtual=False)
    await home.store_session("anna", 5)
    await home.at(18, day=1)
    assert len(anna.shown) == 1
    assert len(anna.texts) == 1
    await anna.tap("Start")
    assert (home.house.state("session_state"), state(other)) == ("ready", "idle")
    await home.hass.config_entries.async_unload(other.entry_id)


async def test_a_virtual_treadmill_is_not_made_ready_where_there_is_a_real_one(home: Home, anna: Phone) -> None:
    await home.at(9)
    home.house.entry = None
    other = await set_up_other(home, virtual=True)  # it was there first, and has the reminder
    assert other.runtime_data.coordinator.roster.hosted == {"anna"}
    await home.set_up(walker_subentry("Anna", **ANNA), connected=True)
    assert home.house.coordinator.roster.hosted == set()
    walker = home.house.coordinator.roster.walkers["anna"]
    first, second = (entry.runtime_data.reminders for entry in (other, home.house.entry))
    assert second.reminder_of(walker) is first.reminder_of(walker)
    await home.at(18)
    assert len(anna.shown) == 1
    await anna.tap("Start")
    assert (home.house.state("session_state"), state(other)) == ("ready", "idle")
    await home.hass.config_entries.async_unload(other.entry_id)
    async_virtual_peripheral(home.hass, OTHER)


async def test_nobody_is_reminded_while_they_walk_on_another_treadmill(home: Home, anna: Phone) -> None:
    await home.at(9)
    other = await set_up_other(home, virtual=False)
    await home.set_up(walker_subentry("Anna", **ANNA), connected=True)
    home.house.coordinator.next_session.choose_walker("anna")
    home.house.treadmill.press_start()
    await home.house.time(30)
    assert home.house.coordinator.in_use
    await home.at(18)
    assert anna.shown == {}
    home.house.treadmill.press_stop()
    await home.house.come_to_rest()
    await home.house.time(320)  # the pause is over
    await home.hass.async_block_till_done()
    assert len(anna.shown) == 1  # half a minute is not today's session
    await home.hass.config_entries.async_unload(other.entry_id)


async def test_a_removed_treadmill_hands_its_reminders_over(home: Home, anna: Phone) -> None:
    await home.at(9)
    other = await set_up_other(home, virtual=False)
    await home.set_up(walker_subentry("Anna", **ANNA), connected=True)
    await home.at(18)
    assert len(anna.texts) == 1
    await home.hass.config_entries.async_remove(other.entry_id)
    await home.hass.async_block_till_done()
    assert home.house.coordinator.roster.hosted == {"anna"}
    await home.at(18, 1)
    await home.act("skip_today")
    assert anna.shown == {}
