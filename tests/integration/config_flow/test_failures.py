"""Failures while a treadmill is set up, and two dialogs for one treadmill."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow

from custom_components.retrowalk.const import CONF_CONTROL, CONF_RAIL, CONF_SAFETY_KEY, DOMAIN
from custom_components.retrowalk.flows import discovery as finding
from custom_components.retrowalk.simulator.bluetooth import scanner_source
from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.house import ADDRESS
from tests.support.set_up_dialog import by, by_advertisement, discovered, finish, go, in_progress, is_free, start
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
NAME = "FS-4711"
MONITOR = {CONF_CONTROL: "monitor", CONF_SAFETY_KEY: False, CONF_RAIL: False}


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("fault", ["off", "held_by_other_central"])
@pytest.mark.parametrize("way", ["bluetooth_confirm", "pick", "manual"])
async def test_a_treadmill_that_takes_no_connection_is_tried_again(
    hass: HomeAssistant, attached: Peripheral, way: str, fault: str
) -> None:
    result, answer = await by(hass, way)
    attached.faults.update({fault: True})
    result = await go(hass, result, answer)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, way)
    assert result["errors"] == {"base": "cannot_connect"}
    assert result["description_placeholders"]["name"] == NAME
    assert is_free(hass, attached)

    attached.faults.clear()
    result = await go(hass, result, answer)
    assert result["step_id"] == "safety"
    assert result["errors"] == {}
    result = await finish(hass, result, MONITOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_busy_adapters_are_named_as_the_reason(hass: HomeAssistant, attached: Peripheral) -> None:
    result, answer = await by(hass, "pick")
    attached.faults.connect_delay = 3600.0
    scanner = bluetooth.async_scanner_by_source(hass, scanner_source(ADDRESS))
    device = bluetooth.async_ble_device_from_address(hass, ADDRESS)
    assert scanner is not None
    assert scanner.connector is not None
    assert device is not None
    others = [asyncio.create_task(scanner.connector.client(device).connect(False)) for _ in range(3)]
    await asyncio.sleep(0)
    result = await go(hass, result, answer)
    assert result["errors"] == {"base": "no_slots"}

    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    attached.faults.connect_delay = 0.0
    result = await go(hass, result, answer)
    assert result["step_id"] == "safety"


async def test_a_connection_that_never_stands_is_given_up(
    hass: HomeAssistant, attached: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, answer = await by(hass, "pick")
    monkeypatch.setattr(finding, "READING_TIMEOUT", 0.05)
    attached.faults.connect_delay = 3600.0
    async with asyncio.timeout(5):
        result = await go(hass, result, answer)
    assert result["errors"] == {"base": "cannot_connect"}
    assert is_free(hass, attached)

    monkeypatch.undo()
    attached.faults.connect_delay = 0.0
    result = await go(hass, result, answer)
    assert result["step_id"] == "safety"


async def test_what_nobody_expected_does_not_hang_the_dialog(
    hass: HomeAssistant, attached: Peripheral, caplog: pytest.LogCaptureFixture
) -> None:
    result, answer = await by(hass, "pick")
    with patch(
        "custom_components.retrowalk.machine.bluetooth.probe.establish_connection", side_effect=RuntimeError("boom")
    ):
        result = await go(hass, result, answer)
    assert result["errors"] == {"base": "unknown"}
    assert "boom" in caplog.text
    result = await go(hass, result, answer)
    assert result["step_id"] == "safety"


async def test_a_device_that_is_no_treadmill_makes_no_entry(hass: HomeAssistant, attached: Peripheral) -> None:
    result, answer = await by(hass, "pick")
    attached.faults.not_a_treadmill = True
    result = await go(hass, result, answer)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_a_treadmill")
    assert result["description_placeholders"] == {"name": NAME}
    assert is_free(hass, attached)
    assert hass.config_entries.async_entries(DOMAIN) == []


@pytest.mark.usefixtures("set_up")
async def test_of_two_flows_for_one_treadmill_the_first_makes_the_entry(
    hass: HomeAssistant, attached: Peripheral
) -> None:
    first, answer = await by(hass, "pick")
    second, _ = await by_second(hass)
    third, _ = await by_second(hass)
    first = await go(hass, first, answer)
    second = await go(hass, second, answer)
    first = await finish(hass, first, MONITOR)
    assert first["type"] is FlowResultType.CREATE_ENTRY
    with pytest.raises(UnknownFlow):
        await go(hass, second, MONITOR)
    third = await go(hass, third, answer)
    assert (third["type"], third["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def by_second(hass: HomeAssistant) -> tuple[ConfigFlowResult, dict[str, Any]]:
    return await start(hass, "search"), {CONF_ADDRESS: ADDRESS}


async def test_a_treadmill_that_is_being_set_up_is_not_offered(hass: HomeAssistant, attached: Peripheral) -> None:
    flow = await discovered(hass)
    hass.config_entries.flow.async_abort(flow["flow_id"])
    result = await go(hass, *await by_second(hass))
    assert result["step_id"] == "safety"
    result = await by_advertisement(hass, ADDRESS)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_in_progress")


@pytest.mark.usefixtures("set_up")
async def test_an_ignored_treadmill_can_still_be_picked(hass: HomeAssistant, attached: Peripheral) -> None:
    flow = await discovered(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "ignore"}, data={"unique_id": ADDRESS.lower(), "title": NAME}
    )
    assert flow["flow_id"] not in {other["flow_id"] for other in in_progress(hass)}
    result = await go(hass, *await by_second(hass))
    result = await finish(hass, result, MONITOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_flow_closed_while_connecting_leaves_the_treadmill_free(
    hass: HomeAssistant, attached: Peripheral
) -> None:
    result, answer = await by(hass, "pick")
    attached.faults.connect_delay = 3600.0
    result = await hass.config_entries.flow.async_configure(result["flow_id"], answer)
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "connect")
    await until(lambda: not is_free(hass, attached))
    hass.config_entries.flow.async_abort(result["flow_id"])
    await until(lambda: is_free(hass, attached))
