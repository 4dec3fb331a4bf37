"""The house of one machine of the table, whose time passes only as its test lets it."""

from collections.abc import AsyncIterator, Callable

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.simulator.personality import Personality
from tests.support.house import ADDRESS, Clock
from tests.support.odd_house import OddHouse

type OddHouses = Callable[[Personality], OddHouse]


@pytest.fixture
async def odd_houses(
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OddHouses]:
    """Return what makes the house of a machine; the machine is not in range before it is attached."""
    assert await async_setup_component(hass, "homeassistant", {})
    houses: list[OddHouse] = []

    def make(personality: Personality) -> OddHouse:
        houses.append(OddHouse(hass, personality.make_peripheral(ADDRESS), clock, hass_admin_user.id, monkeypatch))
        return houses[-1]

    yield make
    for house in houses:
        await house.leave()
