"""`scripts/demo --personality NAME` on every row of the table, by its own code, in the time of the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk import util
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality
from scripts.lib import demo_kinds
from scripts.lib.demo_kinds import KindSession
from scripts.lib.demo_watch import Watch
from scripts.lib.recording import REPLAYED, read_recording
from scripts.lib.terminal import Terminal
from tests.support.house import Clock
from tests.support.live.homeassistant_client import HomeAssistantClient
from tests.support.live.treadmill import Treadmill, add_virtual_treadmill
from tests.support.running_time import RunningTime

type Walked = Callable[..., Awaitable[str]]
HEARTBEAT = 50.0
"""Seconds after which nothing is left of the heartbeat of a WebSocket."""
FILES = (
    *("polite", "kingsmith_r3", "miles_throughout", "zero_stops", "twice", "write_without_response", "monitor_only"),
    *("too_fast", "wilink", "fitshow", "pitpat", "efc", "sperax", "lifespan", "urevo_native"),
)
"""Machines of which a file is made and walked on: each protocol, and each kind of table."""
DAILY = {"polite", "monitor_only", "wilink", "too_fast"}
"""Machines that are walked on every day; a session of each row by other hands is in test_every_machine.py."""
NEVER_LEVEL = {"incline_stuck", "incline_remembered"}
"""Machines that tell a tilted deck whatever is done: nobody walks backward on them."""
HANDS = ("frames are left out", "only the machine", "of an older version", "without a table", "everything redacted")
MINUTES = 1.0
"""Length of its session: shorter than the demo's, or all rows together would take minutes."""


def by_night(keys: Iterable[str]) -> list[Any]:
    """Return parameters, of which those that are not of every day are for the nightly run."""
    return [pytest.param(key, marks=() if key in DAILY else pytest.mark.nightly) for key in keys]


def outcome_of(personality: Personality) -> str:
    """Return what the demo does with a machine: it walks, watches somebody who uses it, or says why it does not."""
    if personality.check == PASSED:
        return "refused" if personality.key in NEVER_LEVEL else "walked"
    return "watched" if personality.check == MONITOR and "used_at_console" in personality.faults else "refused"


@pytest.fixture
async def client(
    hass: HomeAssistant,
    enable_bluetooth: None,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    hass_client: ClientSessionGenerator,
    hass_access_token: str,
) -> AsyncIterator[HomeAssistantClient]:
    """Return the demo's client, in a Home Assistant whose time passes by itself."""
    hass.data[util.CLOCK] = clock
    for component in ("homeassistant", "config", "frontend", "diagnostics", DOMAIN):
        assert await async_setup_component(hass, component, {})
    server = await hass_client()
    async with RunningTime(hass, clock, monkeypatch).runs():
        client = await HomeAssistantClient.connect(str(server.make_url("")).rstrip("/"), hass_access_token)
        yield client
        for entry in hass.config_entries.async_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
        await client.close()
        await asyncio.sleep(HEARTBEAT)


@pytest.fixture
def walked(client: HomeAssistantClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Walked:
    """Return a function that runs the demo's session on a personality, and returns its entry."""
    monkeypatch.setattr(demo_kinds, "MINUTES", MINUTES)

    async def walk(personality: Personality, outcome: str | None = None) -> str:
        added = await add_virtual_treadmill(client, personality=personality.key)
        entry_id: str = (await client.wait_for_entry(DOMAIN))["entry_id"]
        assert entry_id == added["entry_id"]
        treadmill = await Treadmill.of_entry(client, entry_id)
        [walker] = await treadmill.walkers()
        watch = Watch(treadmill, walker, Terminal())
        session = KindSession(watch, personality)
        async with watch.following():
            await session.run()
        assert session.problems == [], capsys.readouterr().out
        assert session.used == (outcome or outcome_of(personality))
        return entry_id

    return walk


@pytest.mark.parametrize("key", by_night(PERSONALITIES))
async def test_it_walks(walked: Walked, key: str) -> None:
    await walked(PERSONALITIES[key])


# A file of somebody's treadmill


async def replayed(key: str, file: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk on the machine of a diagnostics file, as `scripts/replay FILE --demo` does."""
    personality = read_recording(file).personality()
    monkeypatch.setitem(PERSONALITIES, REPLAYED, personality)
    await walked(personality, outcome_of(PERSONALITIES[key]))


@pytest.mark.parametrize("key", by_night(FILES))
async def test_its_diagnostics_become_a_machine_that_walks(
    client: HomeAssistantClient, walked: Walked, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = await walked(PERSONALITIES[key])
    content = await client.rest("GET", f"/api/diagnostics/config_entry/{entry_id}")
    await client.remove_entry(entry_id)
    file = tmp_path / f"{key}.json"
    file.write_text(json.dumps(content))
    await replayed(key, file, walked, monkeypatch)


def by_hand(content: dict[str, Any], what: str) -> None:
    """Change a file as somebody does who passes it on, or as an older version wrote it."""
    data = content["data"]
    match what:
        case "frames are left out":
            data["reports"], data["exchanges"] = data["reports"][:3], []
        case "only the machine":
            content["data"] = {"machine": data["machine"]}
        case "of an older version":
            for key in ("name_begins", "quirks"):
                data["machine"].pop(key, None)
            for key in ("check", "link", "fields", "calibration"):
                data.pop(key, None)
        case "without a table":
            data["machine"]["gatt"] = []
        case "everything redacted":
            data["machine"]["info"] = dict.fromkeys(data["machine"]["info"], "**REDACTED**")
            data["machine"]["name_begins"] = ""
            for frame in data["reports"]:
                frame["hex"] = "**REDACTED**"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("what", HANDS)
@pytest.mark.parametrize("key", ["kingsmith_r3", "miles_taken_only"])
async def test_a_file_that_somebody_has_changed_walks_too(
    client: HomeAssistantClient, walked: Walked, key: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = await walked(PERSONALITIES[key])
    content = await client.rest("GET", f"/api/diagnostics/config_entry/{entry_id}")
    await client.remove_entry(entry_id)
    by_hand(content, what)
    file = tmp_path / f"{key}.json"
    file.write_text(json.dumps(content))
    await replayed(key, file, walked, monkeypatch)
