"""A treadmill that takes no stop says so in true words: of a belt at rest, and of one that moves (S3)."""

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from tests.support.odd_house import OddHouse

from .conftest import OddHouses

TAKES_NO_STOP = ("lifespan", "urevo_native")


@pytest.fixture(params=TAKES_NO_STOP)
async def house(request: pytest.FixtureRequest, odd_houses: OddHouses) -> OddHouse:
    house = odd_houses(PERSONALITIES[request.param])
    house.faults.used_at_console = 0.0
    house.attach()
    return house


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
