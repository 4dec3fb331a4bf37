"""What a radio tells before anybody has connected is anybody's text: whatever it is, the treadmill can be set up."""

import unicodedata
from collections.abc import Callable
from typing import override

import pytest
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.house import ADDRESS
from tests.support.set_up_dialog import discovered, finish, go, in_progress, start

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
type Attach = Callable[[Peripheral], None]
MONITOR = {"control": "monitor", "safety_key": False, "rail": False}
SERVICE = bytes.fromhex("03 03 2618")
NAMES = {
    "empty": b"",
    "spaces": b"   ",
    "zero": b"\x00",
    "control_characters": b"FS\x1b[31m\x07\r\n\t-1",
    "no_utf8": b"FS\xff\xfe\xc3",
    "long": b"T" * 248,
    "emoji": "🏃‍♀️🚶".encode(),
    "right_to_left": "FS\u202e1174\u2066".encode(),
    "direction_marks_alone": "\u200f\u202e".encode(),
    "markdown": b"[Pay](http://e.example) **now** <img src=x>",
    "template": b"{{ states('lock.door') }} {name} %s",
    "half_a_pair": b"\xed\xa0\x80",
}


class Advertising(Peripheral):
    """A treadmill with an advertisement of its own."""

    data = b""

    @override
    def advertisement(self) -> bytes:
        return b"\x02\x01\x06" + self.data


def is_plain(text: str) -> bool:
    """Return whether a text is a line that can be read, and means nothing else where it is shown."""
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    signs = {unicodedata.category(sign) for sign in text} | {unicodedata.bidirectional(sign) for sign in text}
    return bool(text.strip()) and signs.isdisjoint(turning | {"Cc", "Cs"})


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a_treadmill_of_any_name_is_offered_and_set_up(hass: HomeAssistant, attach: Attach, name: bytes) -> None:
    peripheral = Advertising(VirtualTreadmill(), address=ADDRESS, name="")
    peripheral.data = SERVICE + bytes((len(name) + 1, 9)) + name
    attach(peripheral)
    flow = await discovered(hass)
    assert is_plain(flow["context"]["title_placeholders"]["name"])
    result = await finish(hass, await go(hass, flow), MONITOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert is_plain(result["title"])
    assert len(result["title"]) <= 248
    assert result["result"].unique_id == ADDRESS.lower()


@pytest.mark.parametrize(
    "data",
    [
        "03 16 2618",  # service data without any
        "04 16 2618 00",
        "04 16 2618 01",
        "05 16 2618 01 00",
        "05 16 2618 00 01",
        "1f 16 2618 01",  # longer than it is
        "00 00 00",
        "ff",
        "02 09",
        "02 0a",
        "03 19 4104",
        "05 ff 0000 ff ff",
    ],
)
async def test_bytes_that_mean_nothing_offer_the_treadmill_or_nothing_and_break_nothing(
    hass: HomeAssistant, attach: Attach, caplog: pytest.LogCaptureFixture, data: str
) -> None:
    peripheral = Advertising(VirtualTreadmill(), address=ADDRESS, name="")
    peripheral.data = bytes.fromhex(data)
    attach(peripheral)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert {flow["step_id"] for flow in in_progress(hass)} <= {"bluetooth_confirm"}
    assert (await start(hass, "search"))["step_id"] in {"pick", "nothing_found"}
    assert [record for record in caplog.records if record.levelname == "ERROR" and "retrowalk" in record.name] == []


async def test_an_address_that_changes_is_another_treadmill_and_two_names_alike_are_told_apart(
    hass: HomeAssistant, attach: Attach
) -> None:
    for address in ("C4:2B:AD:7E:00:01", "5A:11:22:33:44:01"):
        peripheral = Advertising(VirtualTreadmill(), address=address, name="")
        peripheral.data = SERVICE + b"\x05\x09TM-1"
        attach(peripheral)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert bluetooth.async_last_service_info(hass, "5A:11:22:33:44:01") is not None
    result = await start(hass, "search")
    assert result["step_id"] == "pick"
    schema = result["data_schema"]
    assert schema is not None
    [field] = [value for key, value in schema.schema.items() if key == "address"]
    labels = [str(option["label"]) for option in field.config["options"] if ":" in option["value"]]
    assert len(labels) == 2
    assert len(set(labels)) == 2, labels
