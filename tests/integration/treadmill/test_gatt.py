"""Machines whose GATT table is odd, through a real Home Assistant: walked on, and stopped first."""

import pytest
from homeassistant.exceptions import HomeAssistantError

from tests.support.house import CONTROL, House, make_entry

STOP = b"\x08\x01"
ON_DEMAND = {**CONTROL, "connection": "on_demand"}
WRITES = ["control_without_response", "refuses_write_requests"]


@pytest.mark.parametrize("fault", WRITES)
async def test_s3_a_control_point_of_another_kind_of_write_is_walked_on_and_stopped(house: House, fault: str) -> None:
    house.faults.update({fault: True})
    await house.set_up()
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(60)
    assert house.treadmill.speed == pytest.approx(1.0)
    house.commands()
    await house.press("stop")
    assert set(house.commands()) == {STOP}
    await house.time(6)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("fault", WRITES)
async def test_s3_on_such_a_control_point_a_kept_stop_goes_before_everything_else(house: House, fault: str) -> None:
    house.faults.update({fault: True})
    await house.set_up(make_entry(options=ON_DEMAND), connected=False)
    house.treadmill.press_start()
    await house.time(10)
    assert house.treadmill.speed > 0
    with pytest.raises(HomeAssistantError) as error:
        await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == STOP
    await house.time(6)
    assert house.treadmill.at_rest
