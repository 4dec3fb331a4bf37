"""The system clock is set forward or back just before a session begins (S2, S12)."""

from collections.abc import Callable

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.ulid import ulid_at_time

from custom_components.retrowalk.util import CLOCK
from tests.support.house import House, OffsetClock

JUMPS = [-86400.0, -3600.0, -3.0, 3.0, 3600.0, 86400.0]


def person(house: House, shift: float) -> Context:
    return Context(user_id=house.user_id, id=ulid_at_time(house.clock.wall() + shift))


@pytest.fixture
def jump(house: House) -> Callable[[float], None]:
    def jump(shift: float) -> None:
        house.hass.data[CLOCK] = OffsetClock(house.clock, wall=shift)

    return jump


@pytest.mark.parametrize("shift", JUMPS)
async def test_s2_a_clock_that_is_put_right_keeps_nobody_from_confirming(
    house: House, jump: Callable[[float], None], shift: float
) -> None:
    await house.set_up()
    await house.call("button", "press", "start", by=person(house, 0))
    assert house.state("session_state") == "ready"
    await house.time(5)
    jump(shift)
    await house.call("button", "press", "start", by=person(house, shift))
    assert house.state("session_state") == "countdown"
    await house.time(30)
    assert house.treadmill.speed > 0  # and the countdown does not depend on the clock
    await house.call("button", "press", "pause", by=person(house, shift))
    await house.time(15)
    jump(0)
    assert house.state("session_state") == "paused"
    await house.time(200, dt=1)
    assert house.state("session_state") == "paused"
    await house.time(100, dt=1)
    assert house.state("session_state") == "finished"


@pytest.mark.parametrize("shift", JUMPS)
async def test_s2_a_clock_that_is_put_right_makes_no_two_presses_of_one(
    house: House, jump: Callable[[float], None], shift: float
) -> None:
    await house.set_up()
    await house.call("button", "press", "start", by=person(house, 0))
    jump(shift)
    for _ in range(3):
        with pytest.raises(ServiceValidationError) as error:
            await house.call("button", "press", "start", by=person(house, shift))
        assert error.value.translation_key == "one_press"
        await house.time(0.5)
    with pytest.raises(ServiceValidationError):  # created before the clock changed
        await house.call("button", "press", "start", by=person(house, 0))
    assert house.state("session_state") == "ready"
