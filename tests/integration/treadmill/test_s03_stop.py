"""Stop goes first and always works (S3)."""

import asyncio

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.model import Command, CommandKind
from tests.support.house import House, make_entry


@pytest.mark.parametrize("fault", ["no_write_response_op", "lost_indications"])
async def test_s3_stop_is_sent_at_once_while_another_procedure_hangs(house: House, fault: str) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({fault: [0x02]})
    house.commands()
    link = house.coordinator.link
    hanging = [asyncio.create_task(link.execute(Command(CommandKind.SET_SPEED, kmh))) for kmh in (1.0, 1.1, 1.2)]
    await house.settle()
    assert house.commands() == [b"\x02\x64\x00"]
    assert not any(task.done() for task in hanging)

    await house.press("stop")

    assert house.commands() == [b"\x08\x01"]
    ended = await asyncio.gather(*hanging, return_exceptions=True)
    assert [type(error).__name__ for error in ended] == ["SupersededError"] * 3
    await house.time(8)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"
    assert not [data for data in house.commands() if data != b"\x08\x01"]


async def test_s3_stop_works_for_anybody_and_without_control(house: House) -> None:
    await house.set_up(make_entry(options={}))
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "manual"
    await house.press("stop", by=Context())
    # It is sent first, and again as soon as the machine accepts it.
    assert house.commands() == [b"\x08\x01", b"\x00", b"\x08\x01"]
    await house.time(5)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"


async def test_s3_stop_is_said_again_until_the_belt_slows_and_a_failure_is_told(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.stop_ignored = True
    house.commands()
    await house.press("stop")
    await house.time(4)
    # One a second; a stop that was accepted three times without effect for four seconds is replaced by the next step.
    assert house.commands() == [b"\x08\x01"] * 4 + [b"\x08\x02"]
    assert house.full_state("session").attributes["event_type"] != "stop_failed"
    await house.time(3)
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("stop_failed", "not_obeyed")
    issues = ir.async_get(house.hass)
    issue = f"stop_failed_{house.entry.entry_id}"
    disobeyed = issues.async_get_issue(DOMAIN, issue)
    assert disobeyed is not None
    assert disobeyed.translation_key == "stop_not_obeyed"
    house.faults.stop_ignored = False
    await house.time(6)
    assert house.state("session_state") == "finished"
    assert issues.async_get_issue(DOMAIN, issue) is None


async def test_s3_stop_without_a_link_says_so_and_goes_first_on_the_next_link(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.off = True
    await house.time(0.5)
    assert house.state("connection") != "connected"
    assert house.state("session_state") == "interrupted"
    house.commands()

    with pytest.raises(HomeAssistantError) as error:
        await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("stop_failed", "not_delivered")
    undelivered = ir.async_get(house.hass).async_get_issue(DOMAIN, f"stop_failed_{house.entry.entry_id}")
    assert undelivered is not None
    assert undelivered.translation_key == "stop_not_delivered"
    assert house.commands() == []

    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == b"\x08\x01"
    await house.time(6)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"


async def test_s3_a_stop_older_than_a_minute_is_not_sent_when_the_link_is_back(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.off = True
    await house.time(0.5)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    await house.time(62, dt=1)
    assert house.state("session_state") == "interrupted"
    house.faults.off = False
    house.commands()
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(3)
    assert house.commands() == []
    assert house.state("session_state") == "manual"


async def test_s3_a_machine_that_allows_no_overlap_is_stopped_over_a_new_link(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({"strict_procedures": True, "indication_delay": 60.0})
    hanging = asyncio.create_task(house.coordinator.link.execute(Command(CommandKind.SET_SPEED, 1.0)))
    await house.settle()
    house.commands()
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    assert house.commands() == [b"\x08\x01"]  # refused: another procedure is outstanding
    house.faults.clear()
    await house.until(lambda: house.state("connection") != "connected")
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == b"\x08\x01"
    await house.time(6)
    assert house.treadmill.at_rest
    await asyncio.gather(hanging, return_exceptions=True)


async def test_s2_no_start_within_five_seconds_after_a_stop(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.press("stop")
    await house.time(4)
    await house.press("start")
    with pytest.raises(HomeAssistantError) as error:
        await house.coordinator.control.confirm(house.person(), by_card=True)
    assert error.value.translation_key == "just_stopped"
    await house.time(1.5)
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_stop_ends_a_countdown_and_nothing_was_started(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.press("start")
    await house.time(10)
    await house.press("stop")
    await house.time(20)
    assert b"\x07" not in house.commands()
    assert house.state("session_state") == "idle"
    assert house.treadmill.at_rest


async def test_s3_stop_on_a_treadmill_that_is_silent_at_rest_holds_neither_its_link_nor_its_next_walk(
    house: House,
) -> None:
    await house.set_up(make_entry(options={}))
    house.faults.silent = True
    await house.time(10)
    await house.press("stop")
    assert house.commands() == [b"\x08\x01", b"\x00", b"\x08\x01"]
    assert house.state("session_state") == "idle"
    await house.press("disconnect")  # nothing moves, so other apps may connect
    await house.until(lambda: house.state("connection") != "connected")

    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.press("stop")  # nothing was received over this link yet
    await house.time(62, dt=1)
    assert house.state("session_state") == "idle"
    house.commands()
    house.treadmill.press_start()
    for _ in range(40):
        house.faults.silent = house.treadmill.speed == 0
        await house.time(0.5)
    assert house.state("session_state") == "manual"
    assert house.commands() == []
    assert house.treadmill.speed > 0
    await house.come_to_rest()
