"""A treadmill that takes no stop says so in true words: of a belt at rest, and of one that moves (S3)."""

from collections.abc import AsyncIterator

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from tests.support.house import ADDRESS, Clock
from tests.support.odd_house import OddHouse

TAKES_NO_STOP = ("lifespan", "urevo_native")


@pytest.fixture(params=TAKES_NO_STOP)
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OddHouse]:
    assert await async_setup_component(hass, "homeassistant", {})
    peripheral = PERSONALITIES[request.param].make_peripheral(ADDRESS)
    house = OddHouse(hass, peripheral, clock, hass_admin_user.id, monkeypatch)
    house.faults.used_at_console = 0.0
    house.attach()
    yield house
    await house.leave()


async def said(house: OddHouse) -> str | None:
    """Press Stop, and return what is said to it."""
    try:
        await house.call("button", "press", "stop", by=Context())
    except HomeAssistantError as error:
        return error.translation_key
    return None


async def test_s3_a_stop_of_a_belt_at_rest_sends_nobody_to_the_key(house: OddHouse) -> None:
    await house.begin()
    for wait in (0.4, 1.0, 2.6, 4.2, 5.0):
        await house.time(wait)
        assert house.treadmill.at_rest
        assert await said(house) in {None, "stop_not_taken"}
    assert house.coordinator.session.stop_failure is None


async def test_s3_a_stop_of_a_moving_belt_that_takes_none_sends_people_to_the_key(house: OddHouse) -> None:
    await house.begin()
    house.treadmill.press_start()
    assert await house.comes(lambda: house.state("belt_moving") == "on", 60)
    await house.time(20)
    assert await said(house) == "stop_not_obeyed"
    house.treadmill.press_stop()
    assert await house.comes(lambda: house.state("belt_moving") == "off", 60)
    assert await said(house) in {None, "stop_not_taken"}
    assert await house.comes(lambda: house.session_state not in {None, "stopping"}, 60)
