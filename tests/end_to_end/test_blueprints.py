"""Blueprints in the newest Home Assistant: installed through the settings, and one of them spoken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.live.homeassistant_process import CONFIGURATION, ROOT, HomeAssistantProcess
from tests.support.live.treadmill import DOMAIN, Treadmill, add_virtual_treadmill

SHIPPED = {
    f"{DOMAIN}/{path.name}"
    for path in (ROOT / "custom_components" / DOMAIN / "blueprints" / "automation").glob("*.yaml")
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeAssistantProcess]:
    """Return a separate Home Assistant with automations and a voice: the shared one has none of our blueprints."""
    folder: Path = tmp_path_factory.mktemp("automations")
    (folder / "automations.yaml").write_text("[]")
    async with HomeAssistantProcess(
        folder, configuration=CONFIGURATION + "conversation:\nautomation: !include automations.yaml\n"
    ) as process:
        yield process


async def installed(house: HomeAssistantProcess) -> dict[str, Any]:
    blueprints: dict[str, Any] = await house.client.command("blueprint/list", domain="automation")
    return blueprints


@pytest.mark.timeout(300)
async def test_they_are_installed_by_consent_and_a_voice_makes_ready_and_stops(house: HomeAssistantProcess) -> None:
    client = house.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    await treadmill.wait("speed", "0.0")
    examples = set(await installed(house))
    assert examples
    assert not examples & SHIPPED

    form = await client.flow_start(entry["entry_id"], {"next_step_id": "settings"}, kind="options/flow")
    answers = {
        group["name"]: {field["name"]: field["default"] for field in group["schema"] if "default" in field}
        for group in form["data_schema"]
    }
    answers["automations"]["install_blueprints"] = True
    await client.flow_step(form["flow_id"], answers, kind="options/flow")
    async with asyncio.timeout(20):
        while set(await installed(house)) != examples | SHIPPED:
            await asyncio.sleep(0.1)
    assert all("metadata" in blueprint for blueprint in (await installed(house)).values())

    states = await treadmill.states()
    inputs = {key: states[key]["entity_id"] for key in ("session_ends", "speed", "target_speed")}
    automation = {
        "alias": "Voice",
        "use_blueprint": {
            "path": f"{DOMAIN}/voice_control.yaml",
            "input": {"treadmill": treadmill.device["id"], **inputs},
        },
    }
    await client.rest("POST", "/api/config/automation/config/voice", automation)
    await client.wait_for_state("automation.voice", "on")
    await treadmill.wait("speed", "0.0")

    async def say(text: str) -> str:
        result = await client.call_service("conversation", "process", {"text": text}, return_response=True)
        return str(result["response"]["speech"]["plain"]["speech"])

    assert await say("get ready") == "Ready. Confirm at the treadmill when you stand safely."
    assert await treadmill.state("session_state") == "ready"
    assert await say("stop") == "The belt stops."
    await treadmill.wait("session_state", "idle")
