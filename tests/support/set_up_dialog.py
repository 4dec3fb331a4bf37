"""The dialog that sets up a treadmill."""

import asyncio
from typing import Any

from homeassistant.components import bluetooth
from homeassistant.config_entries import SOURCE_BLUETOOTH, SOURCE_USER, ConfigFlowResult
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_PERSONALITY, CONF_WEIGHT, DOMAIN
from custom_components.retrowalk.simulator.bluetooth import scanner_source
from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.house import ADDRESS
from tests.support.waiting import until

SILENT = {CONF_ANNOUNCE: "none"}
ANNA = {CONF_NAME: "Anna", CONF_WEIGHT: 62.5}


async def start(hass: HomeAssistant, *path: str) -> ConfigFlowResult:
    """Start the user's flow and choose from the menu."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["search", "virtual"]
    for step in path:
        result = await go(hass, result, {"next_step_id": step})
    return result


async def start_virtual(hass: HomeAssistant, personality: str = "polite") -> ConfigFlowResult:
    """Start the user's flow and choose a virtual treadmill."""
    result = await start(hass, "virtual")
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "virtual", {})
    return await go(hass, result, {CONF_PERSONALITY: personality})


async def go(hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any] | None = None) -> Any:
    """Submit a step and wait for its progress to finish, as the dialog does."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], user_input or {})
    return await wait(hass, result)


async def wait(hass: HomeAssistant, result: ConfigFlowResult) -> Any:
    while result["type"] is FlowResultType.SHOW_PROGRESS:
        flow = hass.config_entries.flow._progress[result["flow_id"]]
        task = flow.async_get_progress_task()
        assert task is not None
        await asyncio.wait({task}, timeout=5)
        result = await hass.config_entries.flow.async_configure(result["flow_id"])
    return result


async def finish(hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]) -> Any:
    """Answer the last question about the treadmill, choose no voice, and add a walker."""
    result = await go(hass, result, user_input)
    if result["step_id"] == "announcer":
        result = await go(hass, result, SILENT)
    if result["step_id"] == "share":
        result = await go(hass, result, {"who": "somebody_new"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "walker")
    return await go(hass, result, ANNA)


def in_progress(hass: HomeAssistant) -> list[ConfigFlowResult]:
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def discovered(hass: HomeAssistant) -> ConfigFlowResult:
    await until(lambda: in_progress(hass))
    [flow] = in_progress(hass)
    return flow


def is_free(hass: HomeAssistant, peripheral: Peripheral) -> bool:
    scanner = bluetooth.async_scanner_by_source(hass, scanner_source(peripheral.address))
    assert scanner is not None
    allocations = scanner.get_allocations()
    assert allocations is not None
    return not peripheral.connected and allocations.free == allocations.slots


async def by_advertisement(hass: HomeAssistant, address: str) -> ConfigFlowResult:
    info = bluetooth.async_last_service_info(hass, address)
    assert info is not None
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_BLUETOOTH}, data=info)


def offered(result: ConfigFlowResult) -> list[tuple[str, str]]:
    schema = result["data_schema"]
    assert schema is not None
    return [(option["value"], option["label"]) for option in schema.schema[CONF_ADDRESS].config["options"]]


class SilentPeripheral(Peripheral):
    """A treadmill whose advertisement contains only its name."""

    def advertisement(self) -> bytes:
        name = self.name.encode()
        return b"\x02\x01\x06" + (bytes((len(name) + 1,)) + b"\x09" + name if name else b"")


async def by(hass: HomeAssistant, way: str) -> tuple[ConfigFlowResult, dict[str, Any]]:
    """Return a form that asks for a treadmill, and the answer."""
    await discovered(hass)
    if way == "bluetooth_confirm":
        return await discovered(hass), {}
    result = await start(hass, "search")
    if way == "manual":
        result = await go(hass, result, {CONF_ADDRESS: "enter_address"})
    return result, {CONF_ADDRESS: ADDRESS}


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    schema = result["data_schema"]
    assert schema is not None
    return {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}
