"""Escalation to a stop step that the machine understands, over the virtual Bluetooth (S3)."""

import asyncio
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import CONF_CHECK, DOMAIN
from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.check.result import CheckResult
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.stop_steps import StopStep
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from tests.support.house import PASSED, House, make_entry

REQUEST, STOP, PAUSE, SLOWEST = b"\x00", b"\x08\x01", b"\x08\x02", b"\x02\x32\x00"
R3: dict[str, Any] = {"stop_only_at_rest": True, "reports_own_stops": True}
LEARNED = {**PASSED, "findings": CheckResult(stop_step=StopStep.PAUSE).as_dict()}


async def rests(house: House, within: float = 10) -> None:
    began = house.clock.seconds
    while house.state("session_state") not in {"finished", "idle"}:
        assert house.clock.seconds - began < within, house.state("session_state")
        await house.time(0.5)
    assert house.treadmill.at_rest
    assert house.treadmill.phase is Phase.IDLE


def alarms(house: House) -> list[str]:
    reasons: list[str] = []
    house.coordinator.events.add(
        lambda event: reasons.append(event.data["reason"]) if event.kind == "stop_failed" else None
    )
    return reasons


async def test_s3_a_machine_that_declines_stop_is_paused_at_once_and_its_session_ended_at_rest(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update(R3)
    reasons = alarms(house)
    house.commands()
    await house.press("stop")  # nothing is wrong, so no error is raised
    assert house.commands() == [STOP, PAUSE]
    await rests(house)
    assert house.commands() == [STOP]
    assert reasons == []


async def test_s3_monitor_only_too_and_the_indication_of_the_last_stop_may_get_lost(house: House) -> None:
    await house.set_up(make_entry(options={}))
    house.treadmill.press_start()
    await house.time(10)
    house.faults.update(R3)
    reasons = alarms(house)
    await house.press("stop", by=Context())
    assert house.commands() == [STOP, REQUEST, STOP, PAUSE]
    house.faults.lost_indications = frozenset({0x08})
    await rests(house)
    assert house.commands() == [STOP]  # its status reported the stop
    assert reasons == []


async def test_s3_in_its_own_countdown_it_is_paused_too(house: House) -> None:
    await house.set_up()
    house.faults.update(R3)
    await house.press("start")
    await house.time(2.5)
    await house.press("start")
    await house.time(15.5)
    assert house.treadmill.phase is Phase.COUNTDOWN
    house.commands()
    await house.press("stop")
    assert house.commands() == [STOP, PAUSE]
    await rests(house)
    assert house.treadmill.distance == 0


async def test_s3_the_next_rung_overtakes_what_hangs(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({**R3, "lost_indications": [0x02]})
    hanging = asyncio.create_task(house.coordinator.link.execute(Command(CommandKind.SET_SPEED, 1.0)))
    await house.settle()
    house.commands()
    await house.press("stop")
    assert house.commands() == [STOP, PAUSE]
    await asyncio.gather(hanging, return_exceptions=True)
    await rests(house)


async def test_s3_what_the_check_run_found_is_said_first_also_on_the_next_link(house: House) -> None:
    await house.set_up(make_entry(**{CONF_CHECK: LEARNED}))
    await house.walk()
    house.faults.update(R3)
    house.commands()
    house.faults.off = True
    await house.time(0.5)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[-3:] == [PAUSE, REQUEST, PAUSE]
    await rests(house)


async def test_s3_findings_of_an_older_version_mean_stop() -> None:
    old = {**PASSED, "findings": {"start_speed": 0.5, "step": 0.1, "stop_delay": 0.5}}
    check = StoredCheck.from_data({CONF_CHECK: old})
    assert check is not None
    assert check.findings.stop_step is StopStep.STOP
    assert StoredCheck.from_data({CONF_CHECK: LEARNED}).findings.stop_step is StopStep.PAUSE  # type: ignore[union-attr]


async def test_s3_a_machine_that_declines_everything_is_told_as_not_obeying(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({**R3, "pause_declined": True})
    reasons = alarms(house)
    house.commands()
    await house.press("stop")
    assert house.commands() == [STOP, PAUSE]
    await house.time(3)
    assert reasons == ["not_obeyed"]
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, f"stop_failed_{house.entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "stop_not_obeyed"
    await house.come_to_rest()


async def test_s3_a_machine_that_refuses_control_is_told_to_whoever_stops_it(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.control_lost = True
    with pytest.raises(HomeAssistantError) as refused:
        await house.press("stop")
    assert refused.value.translation_key == "stop_not_obeyed"
    await house.time(3)
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("stop_failed", "not_obeyed")
    await house.come_to_rest()


async def test_s3_a_stop_at_rest_is_no_error_and_no_alarm(house: House) -> None:
    await house.set_up()
    reasons = alarms(house)
    await house.press("stop")
    await house.time(8)
    await house.press("stop")
    assert reasons == []
    assert ir.async_get(house.hass).async_get_issue(DOMAIN, f"stop_failed_{house.entry.entry_id}") is None


async def test_s3_a_stop_before_there_is_a_link_has_nothing_to_stop(house: House) -> None:
    house.faults.off = True
    await house.set_up(connected=False)
    reasons = alarms(house)
    house.coordinator.session.prepare(house.clock.seconds, caller=Caller.PERSON)
    with pytest.raises(HomeAssistantError) as nothing:
        await house.press("stop")
    assert nothing.value.translation_key == "nothing_to_stop"
    assert reasons == []
