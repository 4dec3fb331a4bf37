"""The automation editor of the newest Home Assistant: our triggers and conditions are offered, and they work."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from custom_components.retrowalk.condition import CONDITIONS
from custom_components.retrowalk.trigger import TRIGGERS
from tests.support.live.homeassistant_client import CommandError, HomeAssistantClient, Subscription
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.machine import Machine
from tests.support.live.treadmill import DOMAIN, WALKER, Device, Treadmill, add_virtual_treadmill

OF_WALKER = {"goal_reached", "reminder_due", "goal_is_reached"}
RAN = "ran"
"""The event that an automation fires when it runs."""
THRESHOLD = 1.0
"""km/h; only the session at the console gets faster."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def noon(home_assistant: HomeAssistantProcess) -> AsyncIterator[ZoneInfo]:
    """Set the time zone so that it is noon: no quiet time, and no midnight during a test."""
    client = home_assistant.client
    before = (await client.command("get_config"))["time_zone"]
    # The sign in these names is inverted.
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    await client.command("config/core/update", time_zone=zone)
    yield ZoneInfo(zone)
    await client.command("config/core/update", time_zone=before)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treadmill(home_assistant: HomeAssistantProcess, noon: ZoneInfo) -> AsyncIterator[Treadmill]:
    """Return the virtual treadmill, which needs no check run and keeps a file of each session."""
    client = home_assistant.client
    entry = await add_virtual_treadmill(client)
    form = await client.flow_start(entry["entry_id"], {"next_step_id": "settings"}, kind="options/flow")
    answers = {
        group["name"]: {field["name"]: field["default"] for field in group["schema"] if "default" in field}
        for group in form["data_schema"]
    }
    answers["files"] |= {"keep_files": True, "files_folder": "media/walks"}
    saved = await client.flow_step(form["flow_id"], answers, kind="options/flow")
    assert saved["type"] == "create_entry", saved
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    await treadmill.wait("speed", "0.0")
    yield treadmill
    await client.remove_entry(entry["entry_id"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walker(treadmill: Treadmill) -> Device:
    [walker] = await treadmill.walkers()
    return walker


def ours(names: Any) -> set[str]:
    return {name.removeprefix(f"{DOMAIN}.") for name in names if name.startswith(f"{DOMAIN}.")}


async def test_the_editor_offers_them_by_target_and_in_the_users_language(treadmill: Treadmill, walker: Device) -> None:
    client = treadmill.client
    for kind, known in (("trigger", set(TRIGGERS)), ("condition", set(CONDITIONS))):
        async with client.subscribe(f"{kind}_platforms/subscribe") as shown:
            assert ours(await shown.get(timeout=10)) == known
        for device, expected in ((treadmill.device, known - OF_WALKER), (walker.device, known & OF_WALKER)):
            target = {"device_id": device["id"]}
            assert ours(await client.command(f"get_{kind}s_for_target", target=target)) == expected
        query = {"language": "de", "category": f"{kind}s", "integration": DOMAIN}
        texts = (await client.command("frontend/get_translations", **query))["resources"]
        icons = (await client.command("frontend/get_icons", category=f"{kind}s", integration=DOMAIN))["resources"]
        assert set(icons[DOMAIN]) == known
        assert all(texts[f"component.{DOMAIN}.{kind}s.{name}.name"] for name in known)


async def automate(client: HomeAssistantClient, trigger: str, devices: list[Device]) -> None:
    """Save an automation as the editor does; it fires an event with its entity when it runs."""
    when: dict[str, Any] = {
        "trigger": f"{DOMAIN}.{trigger}",
        "target": {"device_id": [device.device["id"] for device in devices]},
    }
    if trigger == "session_event":
        when["options"] = {"event_type": ["link_back"]}
    if trigger == "speed_crossed_threshold":
        value = {"number": THRESHOLD, "unit_of_measurement": "km/h"}
        when["options"] = {"threshold": {"type": "above", "value": value}}
    event_data = {"trigger": trigger, "entity_id": "{{ trigger.entity_id }}"}
    automation = {"alias": trigger, "mode": "queued", "triggers": [when]}
    automation["actions"] = [{"event": RAN, "event_data": event_data}]
    await client.rest("POST", f"/api/config/automation/config/{trigger}", automation)
    await client.wait_for_state(f"automation.{trigger}", "on")


@pytest_asyncio.fixture(loop_scope="session")
async def automated(treadmill: Treadmill, walker: Device, machine: Machine) -> AsyncIterator[None]:
    """Add an automation for each trigger."""
    for trigger in TRIGGERS:
        await automate(treadmill.client, trigger, [walker] if trigger in OF_WALKER else [treadmill, machine.shown])
    yield
    for trigger in TRIGGERS:
        await treadmill.client.rest("DELETE", f"/api/config/automation/config/{trigger}")


async def passing(*devices: Device) -> set[str]:
    """Return the conditions that are met for these targets, tested as the editor does."""
    met = set()
    for name in CONDITIONS:
        condition = {"condition": f"{DOMAIN}.{name}", "target": {"device_id": [one.device["id"] for one in devices]}}
        if (await devices[0].client.command("test_condition", condition=condition))["result"]:
            met.add(name)
    return met


async def be_reminded(walker: Device, noon: ZoneInfo, ran: Subscription) -> None:
    """Trigger the reminder before the session: there is none while the belt is in use or today's goal is met."""
    client = walker.client
    [switch] = [  # the event entity has the same key
        entity["entity_id"]
        for entity in await client.entities()
        if (entity["device_id"], entity["translation_key"]) == (walker.device["id"], "reminder")
        and entity["entity_id"].startswith("switch.")
    ]
    soon = {"time": f"{datetime.now(noon) + timedelta(seconds=4):%H:%M:%S}"}
    await client.call_service("time", "set_value", soon, {"entity_id": walker.entity_id("reminder_time")})
    await client.call_service("switch", "turn_on", target={"entity_id": switch})
    assert (await ran.get(timeout=20))["data"]["trigger"] == "reminder_due"


async def fail_to_start(treadmill: Treadmill) -> None:
    """Release the treadmill during the countdown, and connect it again."""
    await treadmill.act("start_session", direction="backward", minutes=1)
    await treadmill.press("start")
    await treadmill.wait("session_state", "countdown")
    await treadmill.press("disconnect")
    await treadmill.wait("connection", "released")
    await treadmill.press("connect")
    await treadmill.wait("connection", "connected")
    await treadmill.wait("speed", "0.0")


async def go_on(treadmill: Treadmill) -> None:
    """Resume as soon as the belt rests, and confirm."""
    async with asyncio.timeout(15):
        while True:
            with contextlib.suppress(CommandError):  # the belt is still coming to rest
                await treadmill.act("resume_session")
                break
            await asyncio.sleep(0.5)
    await treadmill.press("start")


async def walk_steered(treadmill: Treadmill, walker: Device) -> None:
    """Run half of the shortest backward session, which speeds up at once; time walked elsewhere meets today's goal."""
    assert await passing(treadmill, walker) == {"treadmill_is_connected"}
    await treadmill.act("start_session", direction="backward", minutes=1)
    await treadmill.wait("session_state", "ready")
    assert await passing(treadmill, walker) == {"treadmill_is_connected", "session_is_ready"}
    await treadmill.press("start")
    await treadmill.wait("session_state", "warm_up", 40)
    await treadmill.wait_number("speed", 0.5, 0.5)
    await treadmill.set_number("target_speed", 0.6)
    assert await passing(treadmill, walker) == {"treadmill_is_connected", "is_walking", "is_walking_backward"}
    await treadmill.wait("session", lambda event: event["attributes"]["event_type"] == "halfway", 60)
    await treadmill.press("pause")
    await treadmill.wait("session_state", "paused", 30)
    await go_on(treadmill)
    await treadmill.wait("session_state", lambda state: state["state"] in {"warm_up", "active"}, 40)
    await treadmill.press("finish")
    started = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    await treadmill.act("log_session", walker=WALKER["name"], started=started, minutes=6)
    await treadmill.wait("session_state", "finished", 40)
    assert await passing(treadmill, walker) == {"treadmill_is_connected", "goal_is_reached"}
    await treadmill.wait("session", lambda event: event["attributes"]["event_type"] == "exported")
    await treadmill.press("disconnect")
    await treadmill.wait("connection", "released")
    assert await passing(treadmill, walker) == {"goal_is_reached"}


async def walk_at_console(machine: Machine) -> None:
    """Start at the console, lose the connection for a while, stop a belt that does not obey, and pull the key."""
    await machine.shown.select("direction", "forward")
    await machine.walk_at_console()
    await machine.proxy.press("speed", THRESHOLD + 0.5)
    await machine.shown.wait_number("speed", THRESHOLD + 0.5, THRESHOLD + 0.5)
    assert await passing(machine.shown) == {"treadmill_is_connected", "is_walking"}
    cut_off = asyncio.create_task(machine.shown.wait("session_state", "interrupted", 10))
    await asyncio.sleep(0)
    assert await machine.proxy.drop()
    await cut_off
    await machine.shown.wait("session_state", "manual")
    await machine.proxy.faults(stop_ignored=True)
    await machine.shown.press("stop")
    await machine.shown.wait("session", lambda event: event["attributes"]["event_type"] == "stop_failed")
    await machine.proxy.clear_faults()
    await machine.shown.wait("session_state", "finished")
    await machine.proxy.press("pull_safety_key")
    await machine.shown.wait("session", lambda event: event["attributes"]["event_type"] == "safety_key")
    await machine.proxy.press("insert_safety_key")


async def test_each_trigger_runs_its_automation_and_each_condition_is_met_in_its_time(
    treadmill: Treadmill,
    walker: Device,
    machine: Machine,
    automated: None,
    noon: ZoneInfo,
    home_assistant: HomeAssistantProcess,
) -> None:
    client = treadmill.client
    async with client.subscribe("subscribe_events", event_type=RAN) as ran:
        await be_reminded(walker, noon, ran)
        await fail_to_start(treadmill)
        await asyncio.gather(walk_steered(treadmill, walker), walk_at_console(machine))
        # This event comes after all events of the automations.
        await client.rest("POST", f"/api/events/{RAN}", {})
        reported = []
        while event := (await ran.get(timeout=10))["data"]:
            reported.append((event["trigger"], event["entity_id"]))
    steered, at_console = treadmill.entity_id("session"), machine.shown.entity_id("session")
    prepared = ["session_ready", "countdown_started"]
    failed = [*prepared, "start_failed", "treadmill_disconnected", "treadmill_connected"]
    walked = [*prepared, "session_started", "about_to_speed_up", "session_halfway", "session_paused"]
    resumed = [*prepared, "session_resumed", "session_finished", "session_exported"]
    consoled = ["session_interrupted", "session_event", "stop_failed", "session_stopped", "safety_key_pulled"]
    expected = [(name, steered) for name in [*failed, *walked, *resumed, "treadmill_disconnected"]]
    expected += [(name, at_console) for name in [*consoled, "treadmill_disconnected", "treadmill_connected"]]
    of_connection = {"treadmill_disconnected", "treadmill_connected"}
    expected = [
        (name, other.entity_id("connection") if name in of_connection else entity_id)
        for name, entity_id in expected
        for other in [treadmill if entity_id == steered else machine.shown]
    ]
    expected += [
        ("goal_reached", walker.entity_id("goal_reached")),
        ("speed_crossed_threshold", machine.shown.entity_id("speed")),
    ]
    assert Counter(reported) == Counter(expected)
    assert {name for name, _ in reported} | {"reminder_due"} == set(TRIGGERS)
