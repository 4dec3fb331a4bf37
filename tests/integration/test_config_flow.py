"""Setting a treadmill up, through Home Assistant's own flows and Bluetooth; every failure can be tried again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from time import monotonic
from typing import Any
from unittest.mock import patch

import bleak_retry_connector
import pytest
from homeassistant.components import bluetooth
from homeassistant.config_entries import SOURCE_BLUETOOTH, SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, UnknownFlow
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_CAPABILITIES,
    CONF_CONTROL,
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_INFO,
    CONF_PERSON,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_VIRTUAL,
    CONF_WEIGHT,
    DOMAIN,
)
from custom_components.retrowalk.flows import discovery as finding
from custom_components.retrowalk.flows import onboarding
from custom_components.retrowalk.machine.bluetooth.link import LinkState
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.bluetooth import async_attach, scanner_source
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from custom_components.retrowalk.treadmill.virtual import async_virtual_peripheral
from custom_components.retrowalk.walkers.walker import walkers_of
from tests.support.house import ADDRESS, CAPABILITIES, INFO, House, make_entry
from tests.support.speakers import Heard, Messages, add_speakers
from tests.support.waiting import let_others_run, until

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")

type Attach = Callable[[Peripheral], None]

NAME = "FS-4711"
MONITOR = {CONF_CONTROL: "monitor", CONF_SAFETY_KEY: False, CONF_RAIL: False}
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}
SILENT = {CONF_ANNOUNCE: "none"}
SILENCE = {CONF_ANNOUNCE: "none", CONF_ANNOUNCER: None, CONF_TTS: None}
ANNA = {CONF_NAME: "Anna", CONF_WEIGHT: 62.5}


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bleak-retry-connector try again at once, as often as it does."""
    for name in dir(bleak_retry_connector):
        if name.endswith("_BACKOFF_TIME"):
            monkeypatch.setattr(bleak_retry_connector, name, 0.0)


@pytest.fixture
def set_up() -> Iterator[None]:
    """Leave out what comes after the flow."""
    with (
        patch("custom_components.retrowalk.async_setup_entry", return_value=True),
        patch("custom_components.retrowalk.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
def peripheral() -> Peripheral:
    return Peripheral(VirtualTreadmill(), address=ADDRESS, name=NAME)


@pytest.fixture
async def attach(hass: HomeAssistant, enable_bluetooth: None) -> AsyncIterator[Attach]:
    """Bring treadmills within reach; time passes for them only by `step`."""
    with ExitStack() as stack:
        yield lambda peripheral: stack.callback(async_attach(hass, peripheral, run=False)) and None


@pytest.fixture
async def attached(attach: Attach, peripheral: Peripheral) -> Peripheral:
    """A treadmill within reach."""
    attach(peripheral)
    return peripheral


async def start(hass: HomeAssistant, *path: str) -> ConfigFlowResult:
    """The user's flow, along the menu."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["search", "virtual"]
    for step in path:
        result = await go(hass, result, {"next_step_id": step})
    return result


async def go(hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any] | None = None) -> Any:
    """Submit a step; sit through what takes its time, as the dialog does."""
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
    """Answer the last question about the treadmill, want no voice, then say who walks."""
    result = await go(hass, result, user_input)
    if result["step_id"] == "announcer":
        result = await go(hass, result, SILENT)
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


# Discovery


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
    }
    assert result["options"] == MONITOR
    assert result["result"].unique_id == ADDRESS.lower()
    assert (result["version"], result["minor_version"]) == (1, 1)
    assert result["subentries"] == [
        {
            "subentry_type": "walker",
            "title": "Anna",
            "unique_id": None,
            "data": {CONF_PERSON: None, CONF_WEIGHT: 62.5, CONF_DAILY_GOAL: 5, CONF_DAYS: [0, 1, 2, 3, 4, 5, 6]},
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


async def by_advertisement(hass: HomeAssistant, address: str) -> ConfigFlowResult:
    info = bluetooth.async_last_service_info(hass, address)
    assert info is not None
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_BLUETOOTH}, data=info)


# The user's way


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


def offered(result: ConfigFlowResult) -> list[tuple[str, str]]:
    schema = result["data_schema"]
    assert schema is not None
    return [(option["value"], option["label"]) for option in schema.schema[CONF_ADDRESS].config["options"]]


class SilentPeripheral(Peripheral):
    """A treadmill whose advertisement says nothing but its name."""

    def advertisement(self) -> bytes:
        name = self.name.encode()
        return b"\x02\x01\x06" + (bytes((len(name) + 1,)) + b"\x09" + name if name else b"")


@pytest.mark.parametrize(("name", "listed"), [("TM Fit 2", True), ("ks-z1d", True), ("Lamp", False)])
async def test_a_treadmill_is_listed_by_its_name_alone(
    hass: HomeAssistant, attach: Attach, name: str, *, listed: bool
) -> None:
    attach(SilentPeripheral(VirtualTreadmill(), address=ADDRESS, name=name))
    result = await start(hass, "search")
    assert result["step_id"] == ("pick" if listed else "nothing_found")
    assert [flow["context"]["source"] for flow in in_progress(hass)] == [SOURCE_USER]


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
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_bluetooth")


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
    assert result["title"] == "Virtual treadmill"  # the model, for want of a name
    assert result["data"][CONF_ADDRESS] == ADDRESS


# Failures


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


async def by(hass: HomeAssistant, way: str) -> tuple[ConfigFlowResult, dict[str, Any]]:
    """A form that asks for a treadmill, and the answer."""
    await discovered(hass)
    if way == "bluetooth_confirm":
        return await discovered(hass), {}
    result = await start(hass, "search")
    if way == "manual":
        result = await go(hass, result, {CONF_ADDRESS: "enter_address"})
    return result, {CONF_ADDRESS: ADDRESS}


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
    monkeypatch.setattr(finding, "LONGEST_READING", 0.05)
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


# Twice


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


# What safety rule S1 asks


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("answers", [{CONF_SAFETY_KEY: False}, {CONF_RAIL: False}])
async def test_s1_without_key_or_rail_the_owner_is_told_of_reduced_mode(
    hass: HomeAssistant, attached: Peripheral, answers: dict[str, bool]
) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, {**CONTROL, **answers})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "reduced")
    assert result["description_placeholders"]["reduced"] == "2"
    assert result["description_placeholders"]["minimum"] == "0.5"

    result = await go(hass, result, {"next_step_id": "safety"})
    assert result["data_schema"]({}) == {**CONTROL, **answers}
    result = await go(hass, result, {**CONTROL, **answers})
    result = await finish(hass, result, {"next_step_id": "announcer"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {**CONTROL, **answers, **SILENCE}


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("fault", ["no_features", "no_ranges"])
async def test_s1_a_machine_that_cannot_be_controlled_is_only_monitored(
    hass: HomeAssistant, attached: Peripheral, fault: str
) -> None:
    attached.faults.update({fault: True})
    result = await go(hass, *await by(hass, "pick"))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "monitor_only")
    result = await finish(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {CONF_CONTROL: "monitor"}


@pytest.mark.usefixtures("set_up")
async def test_s4_a_machine_too_fast_to_walk_backward_says_so(hass: HomeAssistant, attach: Attach) -> None:
    profile = Profile(speed=ValueRange(3.5, 16.0, 0.1))
    attach(Peripheral(VirtualTreadmill(profile), address=ADDRESS, name=NAME))
    result = await go(hass, *await by(hass, "pick"))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "too_fast")
    placeholders = result["description_placeholders"]
    assert (placeholders["minimum"], placeholders["ceiling"], placeholders["highest"]) == ("3.5", "3", "5")
    result = await go(hass, result)
    assert result["step_id"] == "safety"
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_s1_nothing_but_the_two_policies_is_taken(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    with pytest.raises(InvalidData):
        await go(hass, result, {**CONTROL, CONF_CONTROL: "everything"})


# How the house speaks


@pytest.fixture
async def heard(hass: HomeAssistant) -> Heard:
    heard = Heard(monotonic)
    await add_speakers(hass, notify=Messages(heard))
    return heard


MESSAGES = {CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "notify.anna"}


@pytest.mark.usefixtures("set_up")
async def test_a_voice_is_tried_before_the_walk(hass: HomeAssistant, attached: Peripheral, heard: Heard) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "announcer")
    with pytest.raises(InvalidData):
        await go(hass, result)  # silence has to be chosen
    result = await go(hass, result, MESSAGES)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_test")
    assert result["menu_options"] == ["say_test", "announcer", "walker"]
    assert result["description_placeholders"]["announcer"] == "notify.anna"

    result = await go(hass, result, {"next_step_id": "say_test"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_heard")
    assert heard.texts == ["This is how Retrowalk speaks to you while you walk."]
    assert heard.details == [{"title": NAME}]
    heard.error = RuntimeError("out of order")
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_silent")
    assert result["description_placeholders"]["error"] == "out of order"
    heard.error = None
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_heard"

    result = await go(hass, result, {"next_step_id": "walker"})
    result = await go(hass, result, ANNA)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {**CONTROL, **MESSAGES, CONF_TTS: None}


@pytest.mark.usefixtures("set_up")
async def test_a_voice_that_is_not_complete_or_does_not_please_is_chosen_again(
    hass: HomeAssistant, attached: Peripheral, heard: Heard
) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    player = {CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "media_player.hall"}
    for answers, error in (({CONF_ANNOUNCE: "entity"}, "announcer_missing"), (player, "tts_missing")):
        result = await go(hass, result, answers)
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
    assert suggested(result) == {CONF_ANNOUNCE: None, CONF_ANNOUNCER: "media_player.hall", CONF_TTS: None}
    assert result["data_schema"]({}) == {CONF_ANNOUNCE: "entity"}
    result = await go(hass, result, {**player, CONF_TTS: "tts.speech"})
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_silent"
    assert result["description_placeholders"]["error"] == "media_player.hall is not available"
    result = await go(hass, result, {"next_step_id": "announcer"})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "announcer", {})
    result = await go(hass, result, SILENT)
    assert result["step_id"] == "walker"
    result = await go(hass, result, ANNA)
    assert result["options"] == {**CONTROL, **SILENCE}


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    schema = result["data_schema"]
    assert schema is not None
    return {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}


async def test_a_voice_that_never_answers_does_not_hang_the_dialog(
    hass: HomeAssistant, attached: Peripheral, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onboarding, "_TEST_TAKES", 0.05)
    heard.hangs = True
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    result = await go(hass, result, MESSAGES)
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_silent"
    assert result["description_placeholders"]["error"] == "TimeoutError"


async def test_who_only_monitors_is_not_asked_for_a_voice(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    assert result["step_id"] == "walker"


# Who walks


@pytest.mark.usefixtures("set_up")
async def test_a_treadmill_begins_with_one_walker_who_needs_a_name(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    schema = result["data_schema"]
    assert [str(key) for key in schema.schema] == [CONF_NAME, CONF_PERSON, CONF_WEIGHT, CONF_DAILY_GOAL]
    assert result["errors"] == {}
    for name, error in ((" ", "name_length"), ("Guest", "name_reserved")):
        result = await go(hass, result, {**ANNA, CONF_NAME: name, CONF_PERSON: "person.nobody", CONF_DAILY_GOAL: 9})
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "walker")
        assert result["errors"] == {CONF_NAME: error, CONF_PERSON: "person_missing"}
        # Nothing has to be typed again.
        typed = {str(key): key.description["suggested_value"] for key in result["data_schema"].schema}
        assert typed == {CONF_NAME: name, CONF_PERSON: "person.nobody", CONF_WEIGHT: 62.5, CONF_DAILY_GOAL: 9}
    result = await go(hass, result, {**ANNA, CONF_NAME: "  Anna   Maria ", CONF_DAILY_GOAL: 10})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [walker] = walkers_of(result["result"]).values()
    assert (walker.name, walker.person, walker.weight, walker.daily_goal) == ("Anna Maria", None, 62.5, 10)
    assert walker.days == {0, 1, 2, 3, 4, 5, 6}
    assert walker.paused == ()


@pytest.mark.usefixtures("set_up")
async def test_no_treadmill_is_set_up_for_an_impossible_walker(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    for answers in ({CONF_WEIGHT: 19.9}, {CONF_WEIGHT: 300.1}, {CONF_DAILY_GOAL: 0}, {CONF_DAILY_GOAL: 61}):
        with pytest.raises(InvalidData):
            await go(hass, result, {**ANNA, **answers})
    result = await go(hass, result, ANNA)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_walker_of_a_new_treadmill_is_who_sets_it_up(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    """Through Home Assistant's own web API, as the dialog does it: only there somebody is logged in."""
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": hass_admin_user.id}]}
    assert await async_setup_component(hass, "person", persons)
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, DOMAIN, {})  # only a test's web server takes no more paths once it runs
    client = await hass_client()
    url = "/api/config/config_entries/flow"

    async def post(path: str, answers: dict[str, Any]) -> dict[str, Any]:
        response = await client.post(f"{url}{path}", json=answers)
        answer: dict[str, Any] = await response.json()
        return answer

    result = await post("", {"handler": DOMAIN})
    path = f"/{result['flow_id']}"
    result = await post(path, {"next_step_id": "virtual"})
    while result["type"] == "progress":
        await let_others_run()
        result = await (await client.get(f"{url}{path}")).json()
    result = await post(path, CONTROL)
    assert result["step_id"] == "announcer"
    result = await post(path, SILENT)
    assert result["step_id"] == "walker"
    suggested = {
        field["name"]: (field.get("description") or {}).get("suggested_value") for field in result["data_schema"]
    }
    assert (suggested[CONF_NAME], suggested[CONF_PERSON]) == ("Anna", "person.anna")
    result = await post(path, {CONF_NAME: "Anna", CONF_PERSON: "person.anna", CONF_WEIGHT: 60})
    assert result["type"] == "create_entry"
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert [walker.person for walker in entry.runtime_data.coordinator.roster.walkers.values()] == ["person.anna"]

    peripheral = async_virtual_peripheral(hass, entry.data[CONF_ADDRESS])
    await hass.config_entries.async_remove(entry.entry_id)
    assert async_virtual_peripheral(hass, entry.data[CONF_ADDRESS]) is not peripheral  # the old one is forgotten


# Virtual treadmills


async def test_a_virtual_treadmill_is_set_up_and_works(hass: HomeAssistant) -> None:
    result = await start(hass, "virtual")
    assert result["step_id"] == "safety"
    assert result["data_schema"]({}) == CONTROL
    # Unplugged again: the entry plugs it in for good.
    assert bluetooth.async_scanner_by_source(hass, scanner_source(virtual_address(0))) is None
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Virtual treadmill"
    assert result["data"][CONF_ADDRESS] == virtual_address(0)
    assert result["data"][CONF_VIRTUAL] is True
    assert result["options"] == {**CONTROL, **SILENCE}
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    assert in_progress(hass) == []
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("set_up")
async def test_a_second_virtual_treadmill_is_another_one(hass: HomeAssistant) -> None:
    first = await start(hass, "virtual")
    second = await start(hass, "virtual")
    first = await finish(hass, first, CONTROL)
    second = await finish(hass, second, CONTROL)
    assert (first["title"], first["data"][CONF_ADDRESS]) == ("Virtual treadmill", virtual_address(0))
    assert (second["title"], second["data"][CONF_ADDRESS]) == ("Virtual treadmill 2", virtual_address(1))
    assert second["data"][CONF_NAME] == "Virtual treadmill 2"


async def test_a_virtual_treadmill_has_a_name_in_the_house_language(hass: HomeAssistant) -> None:
    hass.config.language = "de"
    result = await start(hass, "virtual")
    assert result["description_placeholders"]["name"] == "Virtuelles Laufband"


async def test_a_virtual_treadmill_that_fails_is_tried_again(hass: HomeAssistant) -> None:
    faults = async_virtual_peripheral(hass, virtual_address(0)).faults
    faults.off = True
    result = await start(hass, "virtual")
    assert (result["step_id"], result["errors"]) == ("virtual", {"base": "not_heard"})
    result = await go(hass, result)
    assert (result["step_id"], result["errors"]) == ("virtual", {"base": "not_heard"})
    faults.off = False
    result = await go(hass, result)
    assert result["step_id"] == "safety"
    assert result["description_placeholders"]["name"] == "Virtual treadmill"


async def test_closing_the_dialog_unplugs_the_virtual_treadmill(hass: HomeAssistant) -> None:
    peripheral = async_virtual_peripheral(hass, virtual_address(0))
    peripheral.faults.connect_delay = 3600.0
    result = await start(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": "virtual"})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    source = scanner_source(peripheral.address)
    await until(lambda: bluetooth.async_scanner_by_source(hass, source) is not None)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await until(lambda: bluetooth.async_scanner_by_source(hass, source) is None)


# Reconfiguring


@pytest.mark.usefixtures("set_up")
async def test_reconfiguring_renames_and_reads_again(hass: HomeAssistant, attached: Peripheral) -> None:
    kept = Capabilities(can_start_and_stop=True)
    entry = make_entry(**{CONF_CAPABILITIES: kept.as_dict()})
    entry.add_to_hass(hass)
    before = (dict(entry.data), dict(entry.options), entry.title)
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert result["data_schema"]({}) == {CONF_NAME: "Treadmill"}

    attached.faults.off = True
    result = await go(hass, result, {CONF_NAME: "Garage"})
    assert (result["step_id"], result["errors"]) == ("reconfigure", {"base": "cannot_connect"})
    assert result["data_schema"]({}) == {CONF_NAME: "Garage"}
    assert (dict(entry.data), dict(entry.options), entry.title) == before

    attached.faults.off = False
    result = await go(hass, result, {CONF_NAME: " Garage "})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.title == "Garage"
    assert entry.data == {**before[0], CONF_NAME: "Garage", CONF_CAPABILITIES: CAPABILITIES.as_dict()}
    assert dict(entry.options) == before[1]
    assert is_free(hass, attached)


@pytest.mark.usefixtures("set_up")
async def test_an_empty_name_keeps_the_old_one(hass: HomeAssistant, attached: Peripheral) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: " "})
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Treadmill"


async def test_s10_reconfiguring_never_takes_the_link_from_a_walker(house: House) -> None:
    await house.set_up()
    await house.walk()
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: "Garage"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Garage"
    assert house.state("session_state") == "warm_up"
    assert house.coordinator.link.state is LinkState.CONNECTED
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfiguring_waits_for_a_link_that_is_being_made(house: House) -> None:
    house.faults.connect_delay = 1.0
    await house.set_up(connected=False)
    links = patch.object(house.peripheral, "connect", wraps=house.peripheral.connect)
    assert house.coordinator.link.state is LinkState.CONNECTING
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_NAME: "Garage"})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await house.settle()
    with links as made:
        house.faults.connect_delay = 0.0
        house.peripheral.step(1.0)
        result = await wait(hass, result)
    assert made.call_count == 1
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Garage"


async def test_reconfiguring_reads_a_released_treadmill_by_itself(house: House) -> None:
    await house.set_up()
    house.coordinator.control.disconnect()
    await house.until(lambda: house.coordinator.link.state is LinkState.RELEASED)
    hass, entry = house.hass, house.entry
    assert entry is not None
    result = await go(hass, await entry.start_reconfigure_flow(hass), {CONF_NAME: "Garage"})
    assert result["reason"] == "reconfigure_successful"


async def test_a_virtual_treadmill_that_is_plugged_in_is_not_plugged_in_twice(hass: HomeAssistant) -> None:
    result = await start(hass, "virtual")
    result = await finish(hass, result, CONTROL)
    entry = result["result"]
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    entry.runtime_data.control.disconnect()
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.RELEASED)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    faults = async_virtual_peripheral(hass, entry.data[CONF_ADDRESS]).faults
    faults.held_by_other_central = True
    result = await go(hass, result, {CONF_NAME: "Pad"})
    assert result["errors"] == {"base": "cannot_connect"}
    assert bluetooth.async_scanner_by_source(hass, scanner_source(entry.data[CONF_ADDRESS])) is not None

    faults.clear()
    result = await go(hass, result, {CONF_NAME: "Pad"})
    assert result["reason"] == "reconfigure_successful"
    await until(lambda: entry.title == "Pad")
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
