"""Home Assistant is killed during a session (SIGKILL), while the belt keeps moving in another process."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.retrowalk.training.history.track import Track
from custom_components.retrowalk.training.history.track_rows import joined, read_rows
from tests.support.live.machine import REQUEST_CONTROL, START, STOP, Machine
from tests.support.live.treadmill import DOMAIN, WALKER

SPEED_05 = "023200"

WALKED_SECONDS = 22.0
"""Seconds on the belt before the power is cut."""
LOST_AT_MOST = 10.0
"""Seconds of a session that a killed process may lose."""
LATE = 1.5
"""Seconds by which the belt and the clocks may differ: the machine reports once a second."""


async def start_session(machine: Machine, direction: str) -> dict[str, Any]:
    """Run a session for a while and return the state of the belt."""
    await machine.release()
    await machine.wait_startable()
    began = {"walker": WALKER["name"], "direction": direction, "minutes": 5}
    await machine.shown.act("start_session", respond=True, **began)
    await machine.shown.press("start")
    await machine.shown.wait("session_state", "warm_up", 30)
    treadmill = await machine.proxy.wait_for_treadmill(
        lambda state: state["elapsed"] >= WALKED_SECONDS, WALKED_SECONDS + 10
    )
    assert (treadmill["running"], treadmill["speed"]) == (True, 0.5)
    return treadmill


async def cut_power(machine: Machine) -> dict[str, Any]:
    """Kill Home Assistant and return the record in the journal."""
    await machine.home_assistant.kill()
    journal = machine.home_assistant.config_dir / ".storage" / f"{DOMAIN}.{machine.entry_id}.journal"
    record: dict[str, Any] = json.loads(journal.read_text())["data"]["record"]
    return record


def track_on_disk(machine: Machine, session_id: str) -> Track:
    """Return the track of the session that was under way when the power was cut."""
    folder = machine.home_assistant.config_dir / ".storage" / f"{DOMAIN}.{machine.entry_id}.tracks"
    return joined(Track(), read_rows((folder / f"{session_id}.rows").read_bytes()))


async def kept(machine: Machine, since: datetime, patience: float = 15.0) -> list[dict[str, Any]]:
    """Wait for the first record since then and return all records."""
    span = {"from": since.isoformat(), "to": (since + timedelta(days=1)).isoformat()}
    gives_up = time.monotonic() + patience
    while True:
        answer = await machine.shown.act("get_sessions", respond=True, **span)
        sessions: list[dict[str, Any]] = answer["sessions"]
        if sessions or time.monotonic() > gives_up:
            return sessions
        await asyncio.sleep(0.1)


@pytest.mark.timeout(400)  # the check run is in it
async def test_a_walk_goes_on_after_home_assistant_was_killed(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    since = datetime.now(UTC)
    before = await start_session(machine, "backward")
    sent = await machine.commands()
    assert sent == [START, SPEED_05]  # control was requested in the check run, over the same link
    written = await cut_power(machine)
    killed = time.monotonic()
    sampled = track_on_disk(machine, written["id"])
    dead = await machine.proxy.wait_for_treadmill(lambda state: not state["connected"])
    assert (dead["running"], dead["speed"]) == (True, 0.5)  # nobody stops it, and it does not stop by itself
    assert dead["elapsed"] - written["moving_time"] <= LOST_AT_MOST
    assert dead["elapsed"] - sampled.speed.count(0.5) <= LOST_AT_MOST

    await machine.home_assistant.start()
    await machine.find_entities()
    await machine.shown.wait("session_state", "manual", 30)
    away = time.monotonic() - killed
    measured(f"From the kill until the same walk was found again: {away:.1f} s")
    assert away < 60
    # The gap is filled from the machine's counters; while the belt moves, the sensor follows in steps of a minute.
    seconds = await machine.shown.wait_number("session_duration", 30, 180, 75)
    belt = await machine.proxy.treadmill()
    assert seconds <= belt["elapsed"] + LATE
    assert belt["elapsed"] - before["elapsed"] > away
    assert await machine.shown.state("direction") == "backward"
    # Nothing is steered: it moves as before, and no command was sent.
    assert (belt["running"], belt["speed"], belt["target_speed"]) == (True, 0.5, 0.5)
    assert await machine.shown.state("target_speed") == "unavailable"
    assert await machine.commands() == sent
    assert await kept(machine, since, patience=0) == []

    await machine.stop()
    sent_later = (await machine.commands())[len(sent) :]
    assert sent_later[:3] == [STOP, REQUEST_CONTROL, STOP]
    assert set(sent_later[3:]) <= {STOP}  # repeated until the belt slows down
    await machine.shown.wait("session_state", "finished")
    (record,) = await kept(machine, since)
    belt = await machine.proxy.treadmill()
    assert record["id"] == written["id"]
    stored = {key: record[key] for key in ("walker", "direction", "outcome", "estimated", "planned_minutes")}
    assert stored == {
        "walker": WALKER["name"],
        "direction": "backward",
        "outcome": "stopped",
        "estimated": True,
        "planned_minutes": 5,
    }
    seconds = record["minutes"] * 60
    measured(f"The belt moved for {belt['elapsed']:.1f} s, {belt['distance']:.1f} m; kept are {seconds:.1f} s, "
             f"{record['distance']:.1f} m")  # fmt: skip
    assert seconds == pytest.approx(belt["elapsed"], abs=LOST_AT_MOST)
    assert record["distance"] == pytest.approx(belt["distance"], abs=2)
    assert record["calories"] > 0
    track = await machine.shown.act("get_track", respond=True, session_id=record["id"])
    assert tuple(track["seconds"][: len(sampled)]) == sampled.seconds
    gap = track["seconds"][len(sampled)] - sampled.seconds[-1]
    measured(f"The track has {len(track['seconds'])} samples and a gap of {gap} s")
    assert gap == pytest.approx(away + dead["elapsed"] - sampled.seconds[-1] + sampled.seconds[1], abs=LOST_AT_MOST)
    assert track["distance"][-1] == pytest.approx(record["distance"], abs=0.1)
    assert track["speed"][-1] == 0.0


async def test_a_walk_that_ended_while_home_assistant_was_dead_is_kept_as_it_was_written_down(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    since = datetime.now(UTC)
    await start_session(machine, "forward")
    sent = await machine.commands()
    written = await cut_power(machine)
    killed = await machine.proxy.treadmill()
    sampled = track_on_disk(machine, written["id"])
    await machine.proxy.press("stop")
    await machine.home_assistant.start()
    await machine.find_entities()
    (record,) = await kept(machine, since, patience=30)
    lost = killed["elapsed"] - record["minutes"] * 60
    measured(f"Of {killed['elapsed']:.1f} s until the kill, {lost:.1f} s were lost")
    assert -LATE <= lost <= LOST_AT_MOST
    assert (record["id"], record["outcome"], record["completed"]) == (written["id"], "interrupted", False)
    assert (record["walker"], record["direction"]) == (WALKER["name"], "forward")
    assert killed["distance"] - 2 <= record["distance"] <= killed["distance"] + 1
    track = await machine.shown.act("get_track", respond=True, session_id=record["id"])
    assert tuple(track["seconds"][: len(sampled)]) == sampled.seconds
    assert killed["elapsed"] - sampled.speed.count(0.5) <= LOST_AT_MOST
    assert track["distance"][-1] == pytest.approx(record["distance"], abs=0.1)
    await machine.shown.wait("session_state", "idle")
    assert await machine.shown.state("belt_moving") == "off"
    assert await machine.commands() == sent
