"""A treadmill is found by its advertisement, by the user, or by its address."""

from collections.abc import Callable

import pytest
from homeassistant.components import bluetooth
from homeassistant.config_entries import SOURCE_BLUETOOTH, SOURCE_USER
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_CAPABILITIES,
    CONF_CONTROL,
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_FIRST_RUN,
    CONF_INFO,
    CONF_PERSON,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_VIRTUAL,
    CONF_WEIGHT,
)
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.house import ADDRESS, CAPABILITIES, INFO, make_entry
from tests.support.set_up_dialog import (
    SilentPeripheral,
    by_advertisement,
    discovered,
    finish,
    go,
    in_progress,
    is_free,
    offered,
    start,
)

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
type Attach = Callable[[Peripheral], None]
NAME = "FS-4711"
MONITOR = {CONF_CONTROL: "monitor", CONF_SAFETY_KEY: False, CONF_RAIL: False}
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}
SILENCE = {CONF_ANNOUNCE: "none", CONF_ANNOUNCER: None, CONF_TTS: None}


@pytest.mark.usefixtures("set_up")
async def test_an_advertisement_alone_offers_the_treadmill_and_makes_an_entry(
    hass: HomeAssistant, attached: Peripheral
) -> None:
    flow = await discovered(hass)
    assert flow["context"]["source"] == SOURCE_BLUETOOTH
    assert flow["context"]["title_placeholders"] == {"name": f"{NAME} (0001)"}
    assert flow["step_id"] == "bluetooth_confirm"

    result = await go(hass, flow)
    assert result["step_id"] == "safety"
    assert is_free(hass, attached)
    result = await finish(hass, result, MONITOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == NAME
    assert result["data"] == {
        CONF_ADDRESS: ADDRESS,
        CONF_NAME: NAME,
        CONF_VIRTUAL: False,
        CONF_CAPABILITIES: CAPABILITIES.as_dict(),
        CONF_INFO: INFO.as_dict(),
        CONF_FIRST_RUN: True,
    }
    assert result["options"] == MONITOR
    assert result["result"].unique_id == ADDRESS.lower()
    assert (result["version"], result["minor_version"]) == (1, 1)
    assert result["subentries"] == [
        {
            "subentry_type": "walker",
            "title": "Anna",
            "unique_id": None,
            "data": {
                CONF_PERSON: None,
                CONF_WEIGHT: 62.5,
                CONF_DAILY_GOAL: 5,
                CONF_DAYS: [0, 1, 2, 3, 4, 5, 6],
                "ratings": "after",
                "reminder": False,
                "reminder_time": "18:00:00",
                "quiet_from": "21:00:00",
                "reminder_target": None,
            },
        }
    ]
    assert attached.writes == []


async def test_a_machine_that_says_it_is_something_else_is_not_offered(
    hass: HomeAssistant, attach: Attach, peripheral: Peripheral
) -> None:
    peripheral.faults.not_a_treadmill = True
    attach(peripheral)
    result = await by_advertisement(hass, ADDRESS)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_supported")
    assert in_progress(hass) == []


async def test_a_virtual_treadmill_is_not_offered(hass: HomeAssistant, attach: Attach) -> None:
    peripheral = Peripheral(VirtualTreadmill(), address=virtual_address(7), name="Virtual treadmill")
    attach(peripheral)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await by_advertisement(hass, peripheral.address)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_supported")
    assert in_progress(hass) == []
    assert (await start(hass, "search"))["step_id"] == "nothing_found"


async def test_a_treadmill_that_is_set_up_is_not_offered_again(
    hass: HomeAssistant, attach: Attach, peripheral: Peripheral
) -> None:
    make_entry().add_to_hass(hass)
    attach(peripheral)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await by_advertisement(hass, ADDRESS)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert in_progress(hass) == []


@pytest.mark.usefixtures("set_up")
async def test_the_user_picks_a_treadmill_and_its_discovery_ends(hass: HomeAssistant, attached: Peripheral) -> None:
    await discovered(hass)
    result = await start(hass, "search")
    assert result["step_id"] == "pick"
    assert offered(result) == [(ADDRESS, f"{NAME} (0001)"), *ALWAYS_OFFERED]

    result = await go(hass, result, {CONF_ADDRESS: ADDRESS})
    assert result["step_id"] == "safety"
    assert result["data_schema"]({}) == MONITOR
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {**CONTROL, **SILENCE}
    assert in_progress(hass) == []

    result = await start(hass, "search")
    assert result["step_id"] == "nothing_found"


ALWAYS_OFFERED = [("search_again", "search_again"), ("enter_address", "enter_address")]


@pytest.mark.parametrize(("name", "listed"), [("FS-4711", True), ("Horizon_5.0U", True), ("Lamp", False)])
async def test_a_treadmill_is_listed_by_its_name_alone(
    hass: HomeAssistant, attach: Attach, name: str, *, listed: bool
) -> None:
    attach(SilentPeripheral(VirtualTreadmill(), address=ADDRESS, name=name))
    result = await start(hass, "search")
    assert result["step_id"] == ("pick" if listed else "nothing_found")
    assert [flow["context"]["source"] for flow in in_progress(hass)] == [SOURCE_USER]


@pytest.mark.parametrize("name", ["TM Fit 2", "KS-Z1D", "WalkingPad", "URTM041", "MRK-T26", "R1 Pro"])
async def test_a_name_that_only_treadmills_have_is_offered_by_itself_and_verified_before_an_entry_is_made(
    hass: HomeAssistant, attach: Attach, name: str
) -> None:
    peripheral = SilentPeripheral(VirtualTreadmill(), address=ADDRESS, name=name)
    attach(peripheral)
    flow = await discovered(hass)
    assert (flow["context"]["source"], flow["step_id"]) == (SOURCE_BLUETOOTH, "bluetooth_confirm")
    peripheral.faults.not_a_treadmill = True
    result = await go(hass, flow)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_a_treadmill")


class Advertising(Peripheral):
    """A treadmill with an advertisement of its own."""

    data = b""

    def advertisement(self) -> bytes:
        return b"\x02\x01\x06" + self.data


LONG = "fb349b5f8000 0080 0010 0000 26180000"


@pytest.mark.parametrize(
    "data",
    [
        "03 02 2618",
        "03 03 2618",
        "05 05 26180000",
        f"11 06 {LONG}",
        f"11 07 {LONG}",
        "06 16 2618 01 0100",
        "06 16 2618 01 0001",  # swapped
        "05 16 2618 01 01",
        "08 20 26180000 01 0100",
        f"14 21 {LONG} 01 0100",
    ],
)
async def test_the_service_is_recognized_in_each_of_its_forms(hass: HomeAssistant, attach: Attach, data: str) -> None:
    peripheral = Advertising(VirtualTreadmill(), address=ADDRESS, name="")
    peripheral.data = bytes.fromhex(data)
    attach(peripheral)
    assert (await discovered(hass))["step_id"] == "bluetooth_confirm"


@pytest.mark.parametrize("name", [b"", b"KS-BIKE"])
async def test_a_bike_is_neither_offered_nor_listed_whatever_its_name(
    hass: HomeAssistant, attach: Attach, name: bytes
) -> None:
    peripheral = Advertising(VirtualTreadmill(), address=ADDRESS, name="")
    peripheral.data = bytes.fromhex("06 16 2618 01 2000") + (bytes((len(name) + 1, 9)) + name if name else b"")
    attach(peripheral)
    assert (await start(hass, "search"))["step_id"] == "nothing_found"
    assert [flow["context"]["source"] for flow in in_progress(hass)] == [SOURCE_USER]


async def test_a_treadmill_that_was_declined_is_not_offered_again(hass: HomeAssistant, attached: Peripheral) -> None:
    flow = await discovered(hass)
    await hass.config_entries.flow.async_init(
        flow["handler"], context={"source": "ignore"}, data={"unique_id": ADDRESS.lower(), "title": NAME}
    )
    bluetooth.async_rediscover_address(hass, ADDRESS)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert in_progress(hass) == []
    result = await by_advertisement(hass, ADDRESS)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_the_nearest_treadmill_comes_first(
    hass: HomeAssistant, attach: Attach, attached: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, rssi in ((2, -40), (3, -70)):
        monkeypatch.setattr("custom_components.retrowalk.simulator.bluetooth._RSSI", rssi)
        attach(Peripheral(VirtualTreadmill(), address=f"{ADDRESS[:-1]}{number}", name=NAME))
    result = await start(hass, "search")
    assert [label[-2] for _, label in offered(result)[:3]] == ["2", "1", "3"]


async def test_nothing_found_is_no_dead_end(hass: HomeAssistant, attach: Attach, peripheral: Peripheral) -> None:
    peripheral.faults.off = True
    attach(peripheral)
    result = await start(hass, "search")
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "nothing_found")
    assert result["menu_options"] == ["search", "manual"]

    peripheral.faults.off = False
    peripheral.step(0.1)
    result = await go(hass, result, {"next_step_id": "search"})
    assert result["step_id"] == "pick"
    result = await go(hass, result, {CONF_ADDRESS: "search_again"})
    assert result["step_id"] == "pick"
    result = await go(hass, result, {CONF_ADDRESS: "enter_address"})
    assert result["step_id"] == "manual"


async def test_without_an_adapter_that_connects_the_user_is_told_so(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluetooth, "async_scanner_count", lambda hass, connectable: 0)
    result = await start(hass, "search")
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "no_bluetooth")
    assert result["menu_options"] == ["virtual", "search"]
    result = await go(hass, result, {"next_step_id": "search"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "no_bluetooth")
    result = await go(hass, await go(hass, result, {"next_step_id": "virtual"}))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "safety")


@pytest.mark.usefixtures("set_up")
async def test_an_address_is_typed(hass: HomeAssistant, attach: Attach) -> None:
    peripheral = SilentPeripheral(VirtualTreadmill(), address=ADDRESS, name="")
    peripheral.faults.off = True
    attach(peripheral)
    result = await start(hass, "search", "manual")
    for nonsense in ("", "treadmill", f"{ADDRESS}:00"):
        result = await go(hass, result, {CONF_ADDRESS: nonsense})
        assert (result["step_id"], result["errors"]) == ("manual", {"base": "invalid_address"})

    result = await go(hass, result, {CONF_ADDRESS: f" {ADDRESS.replace(':', '-').lower()} "})
    assert (result["step_id"], result["errors"]) == ("manual", {"base": "not_heard"})
    assert result["data_schema"]({}) == {CONF_ADDRESS: ADDRESS}

    peripheral.faults.off = False
    peripheral.step(0.1)
    result = await go(hass, result, {CONF_ADDRESS: ADDRESS})
    assert result["step_id"] == "safety"
    result = await finish(hass, result, MONITOR)
    assert result["title"] == "Virtual treadmill"  # the model, since it has no name
    assert result["data"][CONF_ADDRESS] == ADDRESS
