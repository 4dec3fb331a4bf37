"""Machines whose GATT table or answers are odd are set up all the same, or it is said what is wrong with them."""

from typing import Any

import pytest
from bleak.exc import BleakGATTProtocolError
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.const import CONF_CONTROL, CONF_INFO, CONF_RAIL, CONF_SAFETY_KEY, DOMAIN
from custom_components.retrowalk.machine.bluetooth import connection
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.simulator.client import VirtualClient
from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.house import ADDRESS
from tests.support.set_up_dialog import by, finish, go, is_free

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting", "set_up", "impatient")
MONITOR = {CONF_CONTROL: "monitor", CONF_SAFETY_KEY: False, CONF_RAIL: False}
EVERY_TEXT = ["2a24", "2a25", "2a26", "2a27", "2a28", "2a29"]
DATA = ["2acd"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_ANSWERS_WITHIN", 0.05)
    monkeypatch.setattr(connection, "_PAIRING_TAKES", 0.1)


async def set_up(hass: HomeAssistant, attached: Peripheral, faults: dict[str, Any]) -> Any:
    result, answer = await by(hass, "pick")
    attached.faults.update(faults)
    return await go(hass, result, answer)


@pytest.mark.parametrize(
    "faults",
    [
        *({"twice": [uuid]} for uuid in ("2a29", "2acd", "2ad3", "2ad9", "2acc", "2ad4")),
        *({"twice": [uuid], "first_of_two_is_empty": True} for uuid in ("2a29", "2acd", "2ad3", "2ad9", "2acc")),
        {"two_services": True},
        {"two_services": True, "twice": ["2acd", "2ad9"], "first_of_two_is_empty": True},
        {"unreadable": EVERY_TEXT},
        {"unanswered": ["2a29"]},
        {"unanswered": EVERY_TEXT},
        {"unanswered": ["2ad3", "2ada", "2a24"]},
        {"unreadable": ["2ad3"]},
        {"wants_pairing": EVERY_TEXT, "cannot_pair": True},
        {"wants_pairing": ["2ad3", "2ada"], "cannot_pair": True},
        {"wants_pairing": ["2ad3", "2ada"], "pairing_hangs": True},
        {"wants_pairing": DATA},
        {"wants_pairing": DATA, "pairing_error": 0x0F},
        {"wants_pairing": ["2acc", "2acd", "2ad4", "2ad5", "2ad9"], "pairing_error": 0x0C},
        {"identity": "ff" * 512},
        {"identity": "41" * 512},
        {"identity": "c3 28 80 fe ff 00 01 1b 5b 33 31 6d"},
        {"identity": ""},
        {"control_without_response": True},
        {"no_speed": True},
        {"silent": True, "running_speed": True},
    ],
    ids=str,
)
async def test_a_machine_with_an_odd_table_is_set_up_for_control(
    hass: HomeAssistant, attached: Peripheral, faults: dict[str, Any]
) -> None:
    result = await set_up(hass, attached, faults)
    assert result["step_id"] == "safety"  # it can be controlled
    assert is_free(hass, attached)
    result = await finish(hass, result, MONITOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    texts = [text for text in result["data"][CONF_INFO].values() if text is not None]
    assert all(text.isprintable() and len(text) <= 100 for text in texts)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"wants_pairing": DATA, "cannot_pair": True}, "wants_pairing"),
        ({"wants_pairing": DATA, "pairing_hangs": True}, "wants_pairing"),
        ({"unanswered": DATA}, "unanswered"),
        ({"unanswered": ["2ad9"]}, "unanswered"),
    ],
    ids=str,
)
async def test_a_machine_that_is_connected_and_tells_nothing_is_told_in_its_own_words(
    hass: HomeAssistant, attached: Peripheral, faults: dict[str, Any], error: str
) -> None:
    result = await set_up(hass, attached, faults)
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
    assert is_free(hass, attached)
    assert hass.config_entries.async_entries(DOMAIN) == []

    attached.faults.clear()
    result = await go(hass, result, {CONF_ADDRESS: ADDRESS})
    assert result["step_id"] == "safety"


@pytest.mark.parametrize("error", [NotImplementedError("Upgrade the ESPHome version"), RuntimeError("no agent")])
async def test_a_backend_that_cannot_pair_is_told_as_such(
    hass: HomeAssistant, attached: Peripheral, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pair(_: VirtualClient, *args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(VirtualClient, "pair", pair)
    result = await set_up(hass, attached, {"wants_pairing": DATA})
    assert result["errors"] == {"base": "wants_pairing"}


async def test_data_that_are_declined_for_no_known_reason_are_told_as_such(
    hass: HomeAssistant, attached: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe = VirtualClient.start_notify

    async def declines(client: VirtualClient, characteristic: Any, *args: Any, **kwargs: Any) -> None:
        if characteristic.uuid == ftms.TREADMILL_DATA:
            raise BleakGATTProtocolError(0x0E)
        await subscribe(client, characteristic, *args, **kwargs)

    monkeypatch.setattr(VirtualClient, "start_notify", declines)
    result = await set_up(hass, attached, {})
    assert result["errors"] == {"base": "no_data"}


async def test_a_link_that_ends_while_it_is_read_is_no_question_of_the_switch(
    hass: HomeAssistant, attached: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = VirtualClient.read_gatt_char

    async def drops(client: VirtualClient, *args: Any, **kwargs: Any) -> Any:
        attached.drop_link()
        return await read(client, *args, **kwargs)

    monkeypatch.setattr(VirtualClient, "read_gatt_char", drops)
    result = await set_up(hass, attached, {})
    assert result["errors"] == {"base": "link_lost"}
