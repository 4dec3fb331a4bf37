"""The automation editor of the newest Home Assistant: our triggers and conditions are offered, and they work."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from custom_components.retrowalk.condition import CONDITIONS
from custom_components.retrowalk.trigger import TRIGGERS
from scripts.lib.homeassistant_process import HomeAssistantProcess
from scripts.lib.treadmill import DOMAIN, Treadmill, add_virtual_treadmill

OF_WALKER = {"goal_reached", "reminder_due", "goal_is_reached"}


@pytest_asyncio.fixture(loop_scope="session")
async def treadmill(home_assistant: HomeAssistantProcess) -> AsyncIterator[Treadmill]:
    client = home_assistant.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    await treadmill.wait("speed", "0.0")
    yield treadmill
    await client.remove_entry(entry["entry_id"])


def ours(names: Any) -> set[str]:
    return {name.removeprefix(f"{DOMAIN}.") for name in names if name.startswith(f"{DOMAIN}.")}


async def test_the_editor_offers_them_by_target_and_in_the_users_language(treadmill: Treadmill) -> None:
    client = treadmill.client
    [walker] = await treadmill.walkers()
    for kind, known in (("trigger", set(TRIGGERS)), ("condition", set(CONDITIONS))):
        async with client.subscribe(f"{kind}_platforms/subscribe") as shown:
            assert ours(await shown.get(timeout=10)) == known
        for device, expected in ((treadmill.device, known - OF_WALKER), (walker.device, known & OF_WALKER)):
            target = {"device_id": device["id"]}
            assert ours(await client.command(f"get_{kind}s_for_target", target=target)) == expected
        words = {"language": "de", "category": f"{kind}s", "integration": DOMAIN}
        texts = (await client.command("frontend/get_translations", **words))["resources"]
        icons = (await client.command("frontend/get_icons", category=f"{kind}s", integration=DOMAIN))["resources"]
        assert set(icons[DOMAIN]) == known
        assert all(texts[f"component.{DOMAIN}.{kind}s.{name}.name"] for name in known)


async def test_a_trigger_fires_and_a_condition_passes(
    treadmill: Treadmill, home_assistant: HomeAssistantProcess
) -> None:
    client = treadmill.client
    target = {"device_id": treadmill.device["id"]}

    async def walks() -> bool:
        condition = {"condition": "retrowalk.is_walking", "target": target}
        answer: dict[str, bool] = await client.command("test_condition", condition=condition)
        return answer["result"]

    trigger = {"trigger": "retrowalk.session_started", "target": target}
    async with client.subscribe("subscribe_trigger", trigger=trigger) as fired:
        await treadmill.select("direction", "forward")
        await treadmill.press("start")
        await treadmill.wait("session_state", "ready")
        assert not await walks()
        await treadmill.press("start")
        told = (await fired.get(timeout=30))["variables"]["trigger"]
        assert told["entity_id"] == treadmill.entity_id("session")
        assert told["to_state"]["attributes"]["event_type"] == "started"
        assert await walks()
    await treadmill.press("stop")
    await treadmill.wait("session_state", "finished")
    assert home_assistant.log_problems(DOMAIN) == []
