"""The real Home Assistant process, its client, and the emulated proxy as its Bluetooth adapter."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms import const
from tests.support.live.child import port_is_free
from tests.support.live.homeassistant_client import CommandError, HomeAssistantError
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.proxy import treadmill_address
from tests.support.live.proxy_process import ProxyProcess

ADDRESS = treadmill_address(0)


async def wait_until_received(proxy: ProxyProcess) -> None:
    """Wait until Home Assistant listens to advertisements again; it retries after some seconds."""
    async with asyncio.timeout(30):
        while not (await proxy.proxy_state())["listeners"]:
            await asyncio.sleep(0.05)


async def test_a_state_can_be_awaited(home_assistant: HomeAssistantProcess) -> None:
    client = home_assistant.client
    waiting = asyncio.create_task(
        client.wait_for_state("zone.home", lambda state: state["attributes"]["latitude"] == 10.5)
    )
    await client.call_service("homeassistant", "set_location", {"latitude": 10.5, "longitude": 20.5})
    assert (await waiting)["attributes"]["longitude"] == 20.5
    assert (await client.wait_for_state("zone.home", "0"))["entity_id"] == "zone.home"


async def test_waiting_in_vain_tells_what_was_seen(home_assistant: HomeAssistantProcess) -> None:
    with pytest.raises(HomeAssistantError, match=r"did not become 'full'.*last seen: '0'"):
        await home_assistant.client.wait_for_state("zone.home", "full", timeout=0.2)
    with pytest.raises(HomeAssistantError, match="it never existed"):
        await home_assistant.client.wait_for_state("zone.moon", "0", timeout=0.2)


async def test_a_service_answers_or_says_why_not(home_assistant: HomeAssistantProcess) -> None:
    client = home_assistant.client
    answer = await client.call_service("conversation", "process", {"text": "hello"}, return_response=True)
    assert answer["response"]["speech"]
    with pytest.raises(CommandError) as refused:
        await client.call_service("treadmill", "fly")
    assert refused.value.code == "not_found"


async def test_a_flow_of_an_unknown_integration_is_refused(home_assistant: HomeAssistantProcess) -> None:
    with pytest.raises(CommandError) as refused:
        await home_assistant.client.flow_start("no_such_integration")
    assert refused.value.code == "404"


async def test_it_does_not_start_on_a_port_that_is_taken(proxy: ProxyProcess, tmp_path: Path) -> None:
    with pytest.raises(HomeAssistantError, match=f"listens on port {proxy.port}"):
        await HomeAssistantProcess(tmp_path, port=proxy.port).start()


@pytest.mark.nightly  # it tests a helper of these tests, and starts a Home Assistant for it
async def test_a_configuration_that_cannot_be_used_fails_the_start(tmp_path: Path) -> None:
    broken = HomeAssistantProcess(tmp_path, configuration="frontend: [")
    with pytest.raises(HomeAssistantError, match="recovery mode"):
        await broken.start()
    assert port_is_free(broken.port)  # it was stopped


def test_what_home_assistant_warns_of_us_and_of_our_entities_is_found_in_its_log(tmp_path: Path) -> None:
    ours = [
        "WARNING (Recorder) [homeassistant.components.sensor.recorder] Entity sensor.hall_distance has state class",
        "WARNING (MainThread) [homeassistant.helpers.entity] Update of one from integration retrowalk is taking long",
        "ERROR (MainThread) [custom_components.retrowalk.coordinator] Unexpected error",
        'ERROR (MainThread) [asyncio] Failed\nTraceback (most recent call last):\n  "custom_components/retrowalk/x.py"',
    ]
    others = [
        "WARNING (SyncWorker) [homeassistant.loader] Found retrowalk which has not been tested by Home Assistant",
        "WARNING (Recorder) [homeassistant.components.sensor.recorder] Entity sensor.hall_distance_2 has state class",
        "ERROR (MainThread) [asyncio] no file /cache/retrowalk/python",
        "INFO (MainThread) [custom_components.retrowalk.runner] Treadmill is connected",
    ]
    process = HomeAssistantProcess(tmp_path)
    lines = [f"2026-11-28 12:00:0{number}.000 {text}" for number, text in enumerate([*ours, *others])]
    process.log.write_text("\n".join(lines) + "\n")
    assert process.log_problems("retrowalk") == lines[1:4], "there are no entities yet"
    entities = {
        "entities": [{"platform": "other", "entity_id": "sensor.hall_distance_2"}],
        "deleted_entities": [{"platform": "retrowalk", "entity_id": "sensor.hall_distance"}],
    }
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / "core.entity_registry").write_text(json.dumps({"data": entities}))
    assert process.log_problems("retrowalk") == lines[:4]


async def test_a_missing_environment_is_explained(tmp_path: Path) -> None:
    with pytest.raises(HomeAssistantError, match="run scripts/setup live"):
        await HomeAssistantProcess(tmp_path, venv=tmp_path).start()


async def test_it_becomes_a_bluetooth_adapter(
    home_assistant: HomeAssistantProcess, esphome_entry: dict[str, Any]
) -> None:
    assert esphome_entry["title"] == "Treadmill proxy"
    async with home_assistant.client.subscribe("bluetooth/subscribe_scanner_details") as scanners:
        scanner = (await scanners.get(timeout=10))["add"][0]
    assert scanner["connectable"]
    assert scanner["source"] == "02:7E:AD:00:00:11"
    assert not [issue for issue in await home_assistant.client.issues() if issue["domain"] == "esphome"]


async def test_home_assistant_hears_the_treadmill(
    home_assistant: HomeAssistantProcess, proxy: ProxyProcess, esphome_entry: dict[str, Any]
) -> None:
    await proxy.reset()
    async with (
        asyncio.timeout(10),
        home_assistant.client.subscribe("bluetooth/subscribe_advertisements") as advertisements,
    ):
        received: dict[str, dict[str, Any]] = {}
        while ADDRESS not in received:
            event = await advertisements.get()
            received.update((one["address"], one) for one in event.get("add", ()))
    assert received[ADDRESS]["name"] == "Treadmill"
    assert received[ADDRESS]["connectable"]
    assert received[ADDRESS]["service_data"] == {const.SERVICE: "010100"}


async def test_it_is_back_after_home_assistant_lost_it(
    home_assistant: HomeAssistantProcess, proxy: ProxyProcess, esphome_entry: dict[str, Any]
) -> None:
    await proxy.press("start")
    await proxy.wait_for_treadmill(lambda state: state["running"])
    assert await proxy.close_tcp() >= 1
    await wait_until_received(proxy)
    assert (await proxy.treadmill())["running"]
    await proxy.reset()
