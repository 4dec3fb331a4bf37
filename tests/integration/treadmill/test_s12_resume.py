"""Resume after a pause, over the virtual Bluetooth: it begins slowly at any speed the machine resumes with (S12)."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from tests.support.house import House

MACHINES: dict[str, dict[str, Any]] = {
    "at_its_last_speed": {"resumes_at_last_speed": True},
    "and_declines_stop_in_a_pause": {"resumes_at_last_speed": True, "keeps_session_in_pause": True},
    "after_a_while": {"starts_at_last_speed": True, "resume_delay": 5.0},
    "even_after_a_stop": {"starts_at_last_speed": True},
    "and_hears_no_target_at_first": {"starts_at_last_speed": True, "deaf_after_start": 1.5},
    "only_anew": {"starts_only_anew": True},
    "and_is_pre_workout_at_rest": {"resumes_at_last_speed": True, "pre_workout_at_rest": True},
}


async def paused_at_the_console_at_3(house: House, habits: dict[str, Any]) -> None:
    """Start a steered session, then speed it up and pause it at the console."""
    house.treadmill.profile = replace(house.treadmill.profile, acceleration=1.0, coast=1.0)
    await house.set_up_for_experienced()
    await house.walk()
    house.treadmill.press_speed(3.0)
    await house.time(6)
    assert house.treadmill.speed == 3.0
    house.faults.update(habits)
    house.treadmill.press_pause()
    await house.time(20)
    assert house.state("session_state") == "paused"


@pytest.mark.parametrize("name", MACHINES)
async def test_s12_a_resume_is_at_the_minimum_for_ten_seconds(house: House, name: str) -> None:
    await paused_at_the_console_at_3(house, MACHINES[name])
    odometer = house.coordinator.session.odometer
    distance = odometer.distance
    await house.press("resume")
    await house.time(3)
    await house.press("resume")
    assert house.state("session_state") == "countdown"
    for _ in range(80):
        await house.time(0.5)
        if house.treadmill.speed:
            break
    speeds = []
    for _ in range(24):
        await house.time(0.5)
        speeds.append(house.treadmill.speed)
    assert max(speeds) <= 2.5
    assert sum(speed > 0.61 for speed in speeds) <= 6
    assert speeds[-1] == 0.5
    assert house.state("session_state") in {"warm_up", "active"}
    assert house.coordinator.session.odometer is odometer
    assert odometer.distance > distance  # its counters may have restarted
    await house.come_to_rest()


async def test_s12_a_belt_that_does_not_come_down_is_stopped(house: House) -> None:
    await paused_at_the_console_at_3(house, {"starts_at_last_speed": True, "ignore_speed": True})
    await house.press("resume")
    await house.time(3)
    await house.press("resume")
    await house.time(45)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"
    assert house.entry is not None
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, f"not_obeyed_{house.entry.entry_id}")
    assert issue is not None
    await house.come_to_rest()
