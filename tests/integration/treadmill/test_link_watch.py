"""What is wrong with a link is said in words, in a repair issue that goes away by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, override

import bleak_retry_connector
import pytest
from bleak.exc import BleakError
from habluetooth.wrappers import HaBleakClientWrapper
from homeassistant.components import bluetooth
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from custom_components import retrowalk
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.flows.proxy import proxy_answers
from custom_components.retrowalk.issues import Issue
from custom_components.retrowalk.machine.bluetooth import connection, link
from custom_components.retrowalk.simulator.bluetooth import VirtualScanner, async_attach, scanner_source
from custom_components.retrowalk.simulator.client import VirtualClient
from custom_components.retrowalk.treadmill import paths
from custom_components.retrowalk.treadmill.link_watch import LinkTrouble
from custom_components.retrowalk.treadmill.paths import PathTrouble
from tests.support.house import ADDRESS, CONTROL, House, make_entry, open_settings
from tests.support.radio import Failing
from tests.support.virtual_time import VirtualTime

STOP = b"\x08\x01"
KITCHEN, GYM = scanner_source(ADDRESS), "CE:00:00:00:00:02"
ALWAYS = {**CONTROL, "connection": "always"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_ANSWERS_WITHIN", 0.05)
    monkeypatch.setattr(connection, "_PAIRING_TAKES", 0.1)
    monkeypatch.setattr(link, "RECONNECT_AFTER", (0.0,))


def told(house: House) -> str | None:
    """Return the key of the issue."""
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, f"{Issue.LINK.value}_{house.entry.entry_id}")
    return None if issue is None else issue.translation_key


async def words(house: House) -> str:
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, f"{Issue.LINK.value}_{house.entry.entry_id}")
    assert issue is not None
    texts = await async_get_translations(house.hass, "en", "issues", {DOMAIN})
    text = texts[f"component.{DOMAIN}.issues.{issue.translation_key}.description"]
    return text.format(**(issue.translation_placeholders or {}))


async def wait_for(house: House, key: str | None, seconds: float = 120) -> None:
    for _ in range(round(seconds / 5)):
        if told(house) == key:
            return
        await house.time(5, dt=1)
    assert told(house) == key


# Connected, and no speed


async def test_frames_without_a_speed_are_told_after_a_minute_until_a_speed_comes(house: House) -> None:
    house.faults.no_speed = True
    await house.set_up(make_entry(ALWAYS))
    await house.time(55, dt=1)
    assert told(house) is None
    await house.time(10, dt=1)
    assert told(house) == LinkTrouble.NO_SPEED
    assert "not how fast its belt is" in await words(house)
    assert "cannot be used" in await words(house)
    house.peripheral.drop_link()
    await house.until(lambda: house.state("connection") != "connected")
    await house.until(lambda: house.state("connection") == "connected")
    assert told(house) == LinkTrouble.NO_SPEED, "another link is no speed"
    house.faults.no_speed = False
    await house.time(2, dt=1)
    assert told(house) is None


async def test_a_machine_that_is_connected_and_silent_altogether_is_told_in_other_words(house: House) -> None:
    house.faults.update({"silent": True, "no_status": True})
    await house.set_up(make_entry(ALWAYS, check=None))  # it never told a speed, as far as anybody knows
    await house.time(65, dt=1)
    assert told(house) == LinkTrouble.NO_REPORTS
    assert "has not reported anything" in await words(house)
    house.faults.silent = False
    await house.time(2, dt=1)
    assert told(house) is None
    house.faults.silent = True  # from now on it is known that it tells a speed, and may be silent at rest
    house.peripheral.drop_link()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(120, dt=2)
    assert told(house) is None


async def test_a_machine_that_was_checked_may_be_silent_at_rest(house: House) -> None:
    house.faults.update({"silent": True, "no_status": True})
    await house.set_up(make_entry(ALWAYS))
    await house.time(120, dt=2)
    assert told(house) is None


async def test_the_speed_of_running_and_cadence_is_a_speed(house: House) -> None:
    house.faults.update({"silent": True, "running_speed": True})
    await house.set_up(make_entry(ALWAYS))
    house.treadmill.press_start()
    await house.time(70, dt=1)
    assert told(house) is None
    assert float(house.state("speed")) == pytest.approx(house.treadmill.speed, abs=0.02)
    assert house.state("session_state") == "manual"


async def test_s3_a_machine_that_tells_no_speed_is_stopped_all_the_same(house: House) -> None:
    house.faults.no_speed = True
    await house.set_up(make_entry(ALWAYS))
    house.treadmill.press_start()
    await house.time(70, dt=1)
    house.commands()
    await house.press("stop")
    assert house.commands()[0] == STOP
    await house.time(6)
    assert house.treadmill.at_rest


# A connection, and nothing that can be read


@pytest.mark.parametrize(
    ("faults", "trouble"),
    [
        ({"wants_pairing": ["2acd"], "cannot_pair": True}, LinkTrouble.WANTS_PAIRING),
        ({"unanswered": ["2acd"]}, LinkTrouble.UNANSWERED),
        ({"not_a_treadmill": True}, LinkTrouble.NOT_A_TREADMILL),
    ],
    ids=str,
)
async def test_why_a_machine_that_accepts_a_connection_is_not_connected(
    house: House, monkeypatch: pytest.MonkeyPatch, faults: dict[str, Any], trouble: LinkTrouble
) -> None:
    house.faults.update(faults)
    VirtualTime(house, monkeypatch)  # requests and their time limits pass with the treadmill's time
    await house.set_up(make_entry(ALWAYS), connected=False)
    await wait_for(house, trouble)
    assert "turned on" not in await words(house)
    house.faults.clear()
    await house.until(lambda: house.state("connection") == "connected")
    assert told(house) is None


async def test_control_that_wants_pairing_is_told_although_the_machine_is_connected(house: House) -> None:
    house.faults.update({"wants_pairing": ["2ad9"], "cannot_pair": True})
    await house.set_up(make_entry(ALWAYS))
    assert told(house) == LinkTrouble.CONTROL_WANTS_PAIRING
    house.faults.no_speed = True
    await house.time(65, dt=1)
    assert told(house) == LinkTrouble.CONTROL_WANTS_PAIRING, "which is told first"
    house.faults.clear()
    house.peripheral.drop_link()
    await house.until(lambda: house.state("connection") == "connected" and told(house) is None)


# No way


async def no_link(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bleak_retry_connector, "calculate_backoff_time", lambda _: 0.0)
    await house.set_up(make_entry(ALWAYS), connected=False)


async def test_a_treadmill_that_nobody_hears_is_no_trouble(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.faults.off = True
    monkeypatch.setattr(bluetooth, "async_scanner_devices_by_address", lambda *_, connectable: [])
    await no_link(house, monkeypatch)
    await house.time(120, dt=5)
    assert told(house) is None


async def test_slots_that_others_have_taken_are_told_with_the_adapter(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = scanner_at(house, KITCHEN)
    for number in range(3):
        scanner._attachment.slots[Other(f"AA:00:00:00:00:0{number}")] = None
    await no_link(house, monkeypatch)
    await wait_for(house, PathTrouble.FULL)
    text = await words(house)
    assert f"heard by {scanner.name} (-50 dBm)" in text
    assert "slots=0/3" in text  # Home Assistant's own words
    scanner._attachment.slots.clear()
    await house.until(lambda: house.state("connection") == "connected")
    assert told(house) is None


async def test_an_adapter_that_has_slots_and_does_not_use_them_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """bleak-esphome #438: after one failed connect no path is taken any more, until the proxy is restarted."""
    scanner = scanner_at(house, KITCHEN)
    monkeypatch.setattr(scanner, "connector", replace(scanner.connector, can_connect=lambda: False))
    await no_link(house, monkeypatch)
    await wait_for(house, PathTrouble.STUCK)
    assert "Restart" in await words(house)


async def test_an_adapter_that_connects_in_vain_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    connecting = Failing(monkeypatch, "connect", BleakError("failed"))
    await no_link(house, monkeypatch)
    await wait_for(house, PathTrouble.FAILS)
    assert "Close other apps" in await words(house)
    connecting.on = False
    await house.until(lambda: house.state("connection") == "connected" and told(house) is None)


async def test_an_adapter_that_only_listens_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = bluetooth.async_scanner_devices_by_address(house.hass, ADDRESS, connectable=False)
    house.faults.held_by_other_central = True
    for each in heard:
        monkeypatch.setattr(each.scanner, "connectable", False)
    await no_link(house, monkeypatch)
    await wait_for(house, PathTrouble.PASSIVE)
    assert "only listen" in await words(house)


async def test_what_is_told_ends_when_no_link_is_wanted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    Failing(monkeypatch, "connect", BleakError("failed"))
    await no_link(house, monkeypatch)
    await wait_for(house, PathTrouble.FAILS)
    await house.press("disconnect")
    await house.until(lambda: house.state("connection") == "released" and told(house) is None)


class Other(VirtualClient):
    """Another device's connection."""

    def __init__(self, address: str) -> None:
        self.other = address

    @property
    @override
    def address(self) -> str:
        return self.other


def scanner_at(house: House, source: str) -> VirtualScanner:
    scanner = bluetooth.async_scanner_by_source(house.hass, source)
    assert isinstance(scanner, VirtualScanner)
    return scanner


# The preferred way


@pytest.fixture
async def gym(house: House) -> AsyncIterator[VirtualScanner]:
    """Return a second adapter that hears the treadmill as well as the first one."""
    detach = async_attach(house.hass, house.peripheral, source=GYM, run=False)
    yield scanner_at(house, GYM)
    detach()


def connected_through(house: House) -> list[str]:
    return [source for source in (KITCHEN, GYM) if scanner_at(house, source)._attachment.slots]


@pytest.mark.parametrize("preferred", [KITCHEN, GYM])
async def test_the_preferred_adapter_makes_the_connection(house: House, gym: VirtualScanner, preferred: str) -> None:
    await house.set_up(make_entry({**ALWAYS, "proxy": preferred}))
    assert connected_through(house) == [preferred]


@pytest.mark.parametrize("how", ["full", "away", "fails", "unknown"])
async def test_without_the_preferred_adapter_another_one_makes_it(
    house: House, gym: VirtualScanner, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bleak_retry_connector, "calculate_backoff_time", lambda _: 0.0)
    preferred = GYM
    if how == "full":
        for number in range(3):
            gym._attachment.slots[Other(f"AA:00:00:00:00:0{number}")] = None
    elif how == "away":
        preferred = "CE:00:00:00:00:99"
    elif how == "unknown":
        monkeypatch.setattr(paths, "_BACKEND", "gone")  # Home Assistant's client may change
    else:
        connect = VirtualClient.connect

        async def fails(client: VirtualClient, pair: bool, **kwargs: Any) -> None:
            if client._slots is gym._attachment:
                raise BleakError("failed")
            await connect(client, pair, **kwargs)

        monkeypatch.setattr(VirtualClient, "connect", fails)
    await house.set_up(make_entry({**ALWAYS, "proxy": preferred}))
    assert house.peripheral.connected
    if how in {"full", "fails"}:
        assert KITCHEN in connected_through(house)


async def test_s3_a_stop_does_not_wait_for_the_preferred_adapter(
    house: House, gym: VirtualScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up(make_entry({**CONTROL, "connection": "on_demand", "proxy": GYM}), connected=False)
    connect = VirtualClient.connect

    async def hangs(client: VirtualClient, pair: bool, **kwargs: Any) -> None:
        if client._slots is gym._attachment:
            await asyncio.Event().wait()
        await connect(client, pair, **kwargs)

    monkeypatch.setattr(VirtualClient, "connect", hangs)
    monkeypatch.setattr(gym, "_score_connection_paths", lambda *_: -1000.0)
    house.treadmill.press_start()
    await house.time(10)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    await house.until(lambda: house.commands()[:1] == [STOP])
    assert connected_through(house) == [KITCHEN]


def test_home_assistants_client_still_chooses_the_way_in_the_known_manner() -> None:
    for name in (paths._CHOOSES, paths._BACKEND):
        assert callable(getattr(HaBleakClientWrapper, name))


async def test_the_owner_chooses_among_several_adapters_and_a_choice_that_is_away_is_kept(
    house: House, gym: VirtualScanner
) -> None:
    await house.set_up(make_entry({**ALWAYS, "proxy": "CE:00:00:00:00:99"}))
    entry_id = house.entry.entry_id
    form = await open_settings(house.hass, entry_id)
    [(field, selector)] = [
        (key, value) for key, value in form["data_schema"].schema["connection"].schema.schema.items() if key == "proxy"
    ]
    assert field.default() == "CE:00:00:00:00:99"
    offered = [option["value"] for option in selector.config["options"]]
    assert offered[0] == "any"
    assert {KITCHEN, GYM, "CE:00:00:00:00:99"} < set(offered)


def test_the_choice_is_stored_by_its_source_and_the_best_way_as_none() -> None:
    assert proxy_answers({"proxy": GYM}) == {"proxy": GYM}
    assert proxy_answers({"proxy": "any"}) == {"proxy": None}
    assert proxy_answers({}) == {}  # with one adapter nothing was asked


def test_every_trouble_has_its_words() -> None:
    texts = json.loads((Path(str(retrowalk.__file__)).parent / "translations" / "en.json").read_text())["issues"]
    troubles = {*LinkTrouble, *PathTrouble}
    assert {key for key in texts if key.startswith("link_")} == troubles
    assert all("{name}" in texts[key]["title"] + texts[key]["description"] for key in troubles)
    assert not [key for key in troubles if "turned on" in texts[key]["description"]]
