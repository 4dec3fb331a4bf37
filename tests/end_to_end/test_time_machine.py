"""Time that runs fast in a real Home Assistant: whoever presses then is as much a person as at any other time (S2)."""

import asyncio
from pathlib import Path

from custom_components.retrowalk.const import DOMAIN
from tests.support.live.time_travel import FAST, house_with_a_calendar
from tests.support.live.treadmill import Treadmill, add_virtual_treadmill


async def test_s2_presses_over_the_web_socket_are_a_persons_after_the_time_ran_fast(tmp_path: Path) -> None:
    """Press entities as a signed-in user does outside the card: Start, Resume after a pause, and Start after Done."""
    async with house_with_a_calendar(tmp_path) as calendar:
        client = calendar.house.client
        entry = await add_virtual_treadmill(client)
        treadmill = await Treadmill.of_entry(client, entry["entry_id"])
        await treadmill.wait("connection", "connected")
        await treadmill.press("start")
        await treadmill.press("start")
        await treadmill.wait("session_state", "warm_up", 40)
        await calendar.run(FAST)
        await treadmill.wait("session_state", "active", 60)
        await calendar.run(1)
        await treadmill.press("pause")
        await treadmill.wait("session_state", "paused", 30)
        # The belt has to come to rest before it may start again.
        await treadmill.wait("belt_moving", "off", 30)
        await asyncio.sleep(5)
        await treadmill.press("resume")
        await treadmill.wait("session_state", lambda state: state["state"] in {"ready", "countdown"})
        if await treadmill.state("session_state") == "ready":
            await asyncio.sleep(2.1)
            await treadmill.press("resume")
        await treadmill.wait("session_state", lambda state: state["state"] in {"warm_up", "active"}, 40)
        await treadmill.press("stop")
        await treadmill.wait("session_state", "finished", 30)
        await client.command(f"{DOMAIN}/done", device_id=treadmill.device["id"])
        await asyncio.sleep(5)
        await treadmill.press("start")
        await treadmill.press("start")
        await treadmill.wait("session_state", "countdown")
        await treadmill.press("stop")
