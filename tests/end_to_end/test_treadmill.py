"""A treadmill behind the emulated proxy, in a real Home Assistant: found, added, moved, stopped and removed.

The commands are read from the machine itself, through the proxy's control API.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.live.homeassistant_client import CommandError
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.machine import PAUSE, REQUEST_CONTROL, START, STOP, Machine, add_discovered
from tests.support.live.proxy import treadmill_address
from tests.support.live.proxy_process import ProxyProcess
from tests.support.live.treadmill import DOMAIN, Treadmill, add_virtual_treadmill

SPEED_05, SPEED_06, SPEED_07 = "023200", "023c00", "024600"
FORWARD_COUNTDOWN = 3
"""Seconds; the shortest setting."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def discovered(
    home_assistant: HomeAssistantProcess, proxy: ProxyProcess, esphome_entry: dict[str, Any]
) -> list[dict[str, Any]]:
    """Add the treadmill and return the steps of its flow."""
    return await add_discovered(home_assistant)


@pytest.fixture(scope="module")
def machine_of_module(
    home_assistant: HomeAssistantProcess, proxy: ProxyProcess, discovered: list[dict[str, Any]]
) -> Machine:
    return Machine(home_assistant, proxy, discovered[-1]["entry_id"])


@pytest_asyncio.fixture(loop_scope="session")
async def machine(machine_of_module: Machine) -> Machine:
    """Return the treadmill, ready for a test."""
    await machine_of_module.get_ready()
    return machine_of_module


async def test_a_treadmill_in_reach_is_offered_and_added(
    home_assistant: HomeAssistantProcess, discovered: list[dict[str, Any]], machine: Machine
) -> None:
    offer, confirm, progress, safety, entry = discovered
    assert offer["context"]["source"] == "bluetooth"
    assert offer["context"]["title_placeholders"]["name"].startswith("Treadmill")
    assert (confirm["type"], confirm["step_id"]) == ("form", "bluetooth_confirm")
    assert (progress["type"], progress["step_id"]) == ("progress", "connect")
    assert (safety["type"], safety["step_id"]) == ("form", "safety")
    assert not safety["errors"]
    assert entry["title"] == "Treadmill"
    assert (await home_assistant.client.entries(DOMAIN))[0]["state"] == "loaded"
    device = machine.shown.device
    assert ["bluetooth", treadmill_address(0)] in device["connections"]
    assert (device["manufacturer"], device["model"]) == ("Retrowalk", "Virtual treadmill")
    assert (device["sw_version"], device["hw_version"], device["serial_number"]) == ("1.0.0", "1.0", "V0001")


async def test_its_entities_show_what_it_does(machine: Machine) -> None:
    states = {key: state["state"] for key, state in (await machine.shown.states()).items()}
    live = {"speed": "0.0", "incline": "0.0", "belt_moving": "off", "connection": "connected", "safety_key": "unknown"}
    assert states.items() >= live.items()
    assert states["target_speed"] == states["target_incline"] == "unavailable"
    assert set(states) >= {"start", "stop", "pause", "resume", "connect", "disconnect", "direction", "session"}
    await machine.proxy.press("incline", 0.5)
    await machine.shown.wait("incline", "0.5")
    await machine.proxy.press("incline", 0)
    await machine.shown.wait("incline", "0.0")
    assert await machine.commands() == []


async def test_the_options_are_kept_and_the_treadmill_stays(machine: Machine) -> None:
    client = machine.home_assistant.client
    form = await client.flow_start(machine.entry_id, {"next_step_id": "settings"}, kind="options/flow")
    answers = {
        group["name"]: {field["name"]: field["default"] for field in group["schema"] if "default" in field}
        for group in form["data_schema"]
    }
    answers["countdown"]["countdown_forward"] = FORWARD_COUNTDOWN
    async with client.subscribe("config_entries/subscribe") as changes:
        await client.flow_step(form["flow_id"], answers, kind="options/flow")
        async with asyncio.timeout(10):
            states = []
            while states[-2:] != ["setup_in_progress", "loaded"]:
                states += [change["entry"]["state"] for change in await changes.get() if change["type"] == "updated"]
    await machine.shown.wait("connection", "connected", 20)
    await machine.shown.wait("speed", "0.0")
    assert await machine.commands() == []


@pytest.mark.timeout(400)
async def test_s9_the_check_run_releases_control(machine: Machine, measured: Callable[[str], None]) -> None:
    client = machine.home_assistant.client
    assert [issue["translation_key"] for issue in await client.issues() if issue["domain"] == DOMAIN] == ["not_checked"]
    with pytest.raises(CommandError, match="check run"):
        await machine.shown.press("start")
    assert await machine.commands() == []

    began = time.monotonic()
    checking = asyncio.create_task(machine.shown.wait("session_state", "checking", 60))
    page = await machine.release()
    await checking
    measured(f"A check run, its forms included: {time.monotonic() - began:.0f} s")
    sent = machine.check_commands
    assert sent[:6] == [REQUEST_CONTROL, START, SPEED_05, SPEED_06, START, PAUSE]
    assert set(sent[6 : sent.index(START, 6)]) <= {PAUSE}  # repeated where a busy computer is slow to obey
    after_pause = sent[sent.index(START, 6) :]
    assert after_pause[:2] == [START, STOP]
    assert set(after_pause[2:]) <= {STOP}
    assert {"start_speed": "0.5", "step": "0.1"}.items() <= page.items()
    assert page["second_start"] == "it continues as before"
    assert [issue for issue in await client.issues() if issue["domain"] == DOMAIN] == []
    assert await machine.shown.state("session_state") == "idle"
    await machine.shown.press("start")
    await machine.shown.wait("session_state", "ready")
    await machine.stop()


async def test_a_walk_at_the_console_is_seen_and_can_be_stopped(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    await machine.renew_link()
    await machine.walk_at_console()
    await machine.shown.wait("belt_moving", "on")
    await machine.proxy.press("speed", 1.0)
    await machine.shown.wait("speed", "1.0")
    assert await machine.commands() == []  # a session at the console is only watched
    pressed = time.monotonic()
    press = asyncio.create_task(machine.stop())
    await machine.wait_command(STOP)
    measured(f"From the press of Stop to its bytes on the machine: {(time.monotonic() - pressed) * 1000:.1f} ms")
    await press
    # The machine refuses a first stop without control: control is requested, and the stop is repeated at once.
    assert (await machine.commands())[:3] == [STOP, REQUEST_CONTROL, STOP]
    await machine.shown.wait("belt_moving", "off")
    await machine.shown.wait("session_state", "finished")


async def test_a_walk_from_the_first_press_to_the_stop(machine: Machine, measured: Callable[[str], None]) -> None:
    await machine.release()
    await machine.renew_link()
    shown = machine.shown
    await machine.wait_startable()
    await shown.select("direction", "backward")
    await shown.select("program", "free")  # at the lowest speed, until somebody changes it
    await shown.press("start")
    await shown.wait("session_state", "ready")
    await shown.press("start")
    await shown.wait("session_state", "countdown")
    began = time.monotonic()
    await machine.wait_command(START)
    assert time.monotonic() - began == pytest.approx(15, abs=1.5)
    assert await machine.commands() == [REQUEST_CONTROL, START]
    await shown.wait("session_state", "starting", 2)
    await shown.wait("belt_moving", "on", 10)
    await shown.wait("session_state", "warm_up")
    await shown.wait("speed", "0.5")

    await shown.set_number("target_speed", 0.7)
    requested_at = time.monotonic()
    await shown.wait("session", lambda state: state["attributes"]["event_type"] == "speed_up_soon")
    announced = time.monotonic()
    await machine.wait_command(SPEED_06)
    assert time.monotonic() - announced > 4.5  # the rise was announced (S6)
    first = time.monotonic()
    await machine.wait_command(SPEED_07)
    assert time.monotonic() - first > 4.5  # and the rises keep their pace (S5)
    await shown.wait("speed", "0.7")
    measured(f"From 0.5 to 0.7 km/h: {time.monotonic() - requested_at:.1f} s")
    assert await machine.commands() == [REQUEST_CONTROL, START, SPEED_05, SPEED_06, SPEED_07]

    pressed = time.monotonic()
    stop = asyncio.create_task(machine.stop())
    await machine.wait_command(STOP)
    measured(f"From the press of Stop to its bytes on the machine: {(time.monotonic() - pressed) * 1000:.1f} ms")
    await stop
    await shown.wait("session_state", "finished")
    commands = await machine.commands()
    assert commands[:6] == [REQUEST_CONTROL, START, SPEED_05, SPEED_06, SPEED_07, STOP]
    assert set(commands[6:]) <= {STOP}
    assert (await shown.state("belt_moving"), await shown.state("speed")) == ("off", "0.0")
    treadmill = await machine.proxy.treadmill()
    distance = await shown.wait_number("distance", 1, 20)
    assert distance == pytest.approx(treadmill["distance"], abs=1.5)


async def test_a_program_that_an_action_wrote_is_walked(machine: Machine, measured: Callable[[str], None]) -> None:
    await machine.release()
    await machine.wait_startable()
    shown = machine.shown
    steps = [{"seconds": 30, "speed": 0.5}, {"seconds": 60, "speed": 0.6, "label": "Up"}]
    answer = await shown.act("run_program", respond=True, direction="forward", name="Short", steps=steps)
    planned = answer["steps"]
    assert (planned[0]["phase"], planned[-1]["phase"]) == ("warm_up", "cool_down")
    assert planned[-1]["start"] + planned[-1]["seconds"] == 90
    await shown.wait("session_state", "ready")
    before = len(await machine.commands())
    await shown.press("start")
    await shown.wait("program_step", "1", 20)
    moved = time.monotonic()
    await machine.wait_command(SPEED_06, 60)
    measured(f"From the first step's begin to the second one's speed: {time.monotonic() - moved:.1f} s")
    assert 25 <= time.monotonic() - moved <= 45
    assert (await shown.wait("program_step", "2", 1))["attributes"]["label"] == "Up"
    assert (await machine.commands())[before:] == [START, SPEED_05, SPEED_06]
    await machine.stop()
    await shown.wait("session_state", "finished")


async def test_a_virtual_treadmill_can_be_added_beside_it(machine: Machine) -> None:
    client = machine.home_assistant.client
    entry = await add_virtual_treadmill(client)
    assert entry["title"] == "Virtual treadmill"
    virtual = await Treadmill.of_entry(client, entry["entry_id"])
    assert (virtual.name, virtual.device["model"]) == ("Virtual treadmill", "Virtual treadmill")
    await virtual.wait("connection", "connected", 20)
    await virtual.wait("speed", "0.0")
    # Two treadmills with separate belts.
    await machine.proxy.press("start")
    await machine.shown.wait("belt_moving", "on")
    assert (await virtual.state("belt_moving"), await virtual.state("session_state")) == ("off", "idle")
    assert await machine.shown.state("session_state") == "manual"
    await machine.proxy.press("stop")
    await client.remove_entry(entry["entry_id"])
    assert entry["entry_id"] not in {one["entry_id"] for one in await client.entries(DOMAIN)}


async def test_its_removal_frees_it_and_it_is_offered_again(machine: Machine) -> None:
    client = machine.home_assistant.client
    async with client.subscribe("config_entries/flow/subscribe") as flows:
        await client.remove_entry(machine.entry_id)
        assert await client.entries(DOMAIN) == []
        assert not [device for device in await client.devices() if machine.entry_id in device["config_entries"]]
        assert not [one for one in await client.entities() if one["config_entry_id"] == machine.entry_id]
        await machine.proxy.wait_for_treadmill(lambda state: not state["connected"])
        async with asyncio.timeout(20):
            while not any(
                change["type"] == "added" and change["flow"]["handler"] == DOMAIN for change in await flows.get()
            ):
                pass
    assert "custom integration retrowalk which has not been tested" in machine.home_assistant.log_text()
