"""Machines whose GATT table is odd, through a real Home Assistant: walked on, and stopped first."""

from typing import Any

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.machine.bluetooth import connection, link
from tests.support.house import CONTROL, INFO, PASSED, House, make_entry
from tests.support.virtual_time import VirtualTime

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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_ANSWERS_WITHIN", 0.05)
    monkeypatch.setattr(connection, "_PAIRING_TAKES", 0.1)
    monkeypatch.setattr(link, "RECONNECT_AFTER", (0.0,))


@pytest.mark.parametrize(
    "faults",
    [
        {"twice": ["2acd", "2ad3", "2ad9", "2a29"], "first_of_two_is_empty": True},
        {"two_services": True},
        {"unanswered": ["2a25", "2ad3"]},
        {"wants_pairing": ["2acd", "2ad9"]},
        {"wants_pairing": ["2ad9"], "pairing_error": 0x0F},
        {"identity": "41" * 512},
    ],
    ids=str,
)
@pytest.mark.usefixtures("impatient")
async def test_s3_a_machine_with_an_odd_table_is_walked_on_and_stopped(house: House, faults: dict[str, Any]) -> None:
    house.faults.update(faults)
    firmware = {"firmware": "A" * 100} if "identity" in faults else {}
    await house.set_up(make_entry(info={**INFO.as_dict(), **firmware}, check={**PASSED, **firmware}))
    await house.walk()
    assert house.treadmill.speed > 0
    house.commands()
    await house.press("stop")
    assert house.commands()[0] == STOP
    await house.time(6)
    assert house.treadmill.at_rest


@pytest.mark.usefixtures("impatient")
async def test_s3_a_stop_goes_before_what_is_never_answered(house: House) -> None:
    """Check that a kept stop is written before the read that bars everything after it."""
    house.faults.update({"unanswered": ["2ad3"]})
    await house.set_up(make_entry(options=ON_DEMAND), connected=False)
    house.treadmill.press_start()
    await house.time(10)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == STOP
    await house.time(6)
    assert house.treadmill.at_rest


@pytest.mark.parametrize(
    "faults",
    [
        {"flood": 400.0, "status_flood": 100.0, "endless_frames": True},
        {"flood": 400.0, "malformed_data": True, "truncate_at": 20},
        {"status_flood": 500.0},
    ],
    ids=str,
)
async def test_s3_in_a_flood_a_stop_goes_first_and_the_belt_that_rests_is_seen(
    house: House, faults: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(10)
    time = VirtualTime(house, monkeypatch)  # what is joined waits for a timer
    house.faults.update(faults)
    await time.passes(3)
    house.commands()
    await house.press("stop")
    assert house.commands()[0] == STOP
    await time.passes(6)
    assert house.treadmill.at_rest
    await time.until(lambda: house.state("session_state") in {"idle", "finished"}, within=4)
    assert house.state("connection") == "connected"
