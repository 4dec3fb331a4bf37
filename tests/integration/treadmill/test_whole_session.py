"""A session through the whole chain: entities, session, link, bleak, Home Assistant's Bluetooth, FTMS, and back."""

from math import nan

import pytest
from homeassistant.exceptions import ServiceValidationError

from tests.support.house import House


async def test_a_person_starts_changes_speed_and_stops(house: House) -> None:
    await house.set_up()
    assert house.state("session_state") == "idle"
    assert house.state("speed") == "0.0"
    assert house.state("belt_moving") == "off"

    await house.press("start")
    assert house.state("session_state") == "ready"
    assert house.commands() == []
    await house.press("start")
    assert house.state("session_state") == "countdown"
    await house.time(14)
    assert house.commands() == []
    await house.time(1.5)
    assert house.commands() == [b"\x00", b"\x07"]
    await house.time(8)
    assert house.state("session_state") == "warm_up"
    assert house.state("speed") == "0.5"
    assert house.state("belt_moving") == "on"
    assert house.state("target_speed") == "0.5"
    assert house.commands() == [b"\x02\x32\x00"]  # the lowest speed, at any start speed of the machine

    await house.set_number("target_speed", 0.8)
    assert house.state("target_speed") == "0.8"
    assert house.state("session_state") == "active"
    await house.time(20)
    assert house.commands() == [b"\x02\x3c\x00", b"\x02\x46\x00", b"\x02\x50\x00"]
    assert house.state("speed") == "0.8"

    await house.press("stop")
    assert house.commands() == [b"\x08\x01"]
    await house.time(6)
    assert house.state("speed") == "0.0"
    assert house.state("belt_moving") == "off"
    assert house.state("session_state") == "finished"
    assert house.treadmill.at_rest


async def test_s7_noise_is_not_a_hand_and_the_walk_ends_as_planned(house: House) -> None:
    await house.set_up()
    house.faults.speed_noise = 0.15
    await house.set_number("session_length", 2)
    await house.walk()
    await house.set_number("target_speed", 1.2)
    for _ in range(130):
        await house.time(1, dt=1.0)
        assert house.state("session_state") != "manual"
    assert house.state("session_state") == "finished"
    assert house.treadmill.at_rest
    assert house.coordinator.session.under_way is False


async def test_what_is_not_a_number_changes_no_length_and_no_target(house: House) -> None:
    await house.set_up()
    with pytest.raises(ServiceValidationError) as error:
        await house.set_number("session_length", nan)
    assert error.value.translation_key == "not_a_number"
    assert house.state("session_length") == "5.0"
    await house.walk()
    for key in ("target_speed", "target_incline"):
        before = house.state(key)
        with pytest.raises(ServiceValidationError) as error:
            await house.set_number(key, nan)
        assert error.value.translation_key == "not_a_number"
        assert house.state(key) == before
