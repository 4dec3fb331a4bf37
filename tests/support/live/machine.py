"""A treadmill behind the emulated proxy: as Home Assistant shows it, and as it is."""

import asyncio
import time
from typing import Any

from custom_components.retrowalk.machine.ftms import const
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.proxy_process import ProxyProcess
from tests.support.live.treadmill import DOMAIN, SAFE_AND_STEERED, Treadmill, answer_safety, pass_check_run

REQUEST_CONTROL, START, STOP, PAUSE = "00", "07", "0801", "0802"
NO_START_AFTER_STOP = 5.0
"""Seconds after a stop for which nothing is started (S2)."""


class Machine:
    """The treadmill of these tests: as Home Assistant shows it, and as it is."""

    def __init__(self, home_assistant: HomeAssistantProcess, proxy: ProxyProcess, entry_id: str) -> None:
        self.home_assistant = home_assistant
        self.proxy = proxy
        self.entry_id = entry_id
        self.shown: Treadmill
        self._stopped = float("-inf")
        self._checked: dict[str, Any] | None = None
        self.told_in_check: list[str] = []

    async def get_ready(self) -> None:
        """Have it at rest, connected, without faults, and with nothing left of the test before."""
        await self.look_up()
        await self.proxy.reset()
        await self.shown.wait("connection", "connected", 30)
        await self.shown.wait("belt_moving", "off", 15)
        if await self.shown.state("session_state") not in {"idle", "finished"}:
            await self.stop()  # what a test that failed has left is not for the next one
        await self.shown.wait("session_state", lambda state: state["state"] in {"idle", "finished"}, 30)
        await self.proxy.reset()  # once more: now nothing is under way that could still write

    async def look_up(self) -> None:
        """Find the entities, after each start of Home Assistant anew."""
        await self.home_assistant.client.wait_for_entry(DOMAIN)
        self.shown = await Treadmill.of_entry(self.home_assistant.client, self.entry_id)

    async def renew_link(self) -> None:
        """Have a new link, on which nobody has asked for control yet."""
        await self.home_assistant.client.reload_entry(self.entry_id)
        await self.get_ready()

    async def commands(self) -> list[str]:
        """What was written to its control point, in order."""
        return [write["hex"] for write in await self.proxy.writes(uuid=const.CONTROL_POINT)]

    async def wait_command(self, command: str, timeout: float = 30.0) -> float:
        """Wait until it was told this; the seconds that it took.

        A rise is announced for five seconds, once the belt has settled for three: on a busy machine that takes more.
        """
        began = time.monotonic()
        while command not in (commands := await self.commands()):
            assert time.monotonic() - began < timeout, f"{command} did not come in {timeout} s, but {commands}"
            await asyncio.sleep(0.001)
        return time.monotonic() - began

    async def walk_at_console(self) -> None:
        """Somebody starts it at its console and walks."""
        await self.proxy.press("start")
        await self.proxy.wait_for_treadmill(lambda state: state["speed"] >= 0.5)
        await self.shown.wait("session_state", "manual")

    async def wait_startable(self) -> None:
        """Wait out the time after a stop in which nothing is started."""
        await asyncio.sleep(self._stopped + NO_START_AFTER_STOP + 0.1 - time.monotonic())

    async def release(self) -> dict[str, Any]:
        """Have its check run passed, once for all tests: it takes one and a half minutes. What its last page says."""
        if self._checked is None:
            client = self.home_assistant.client
            page = await pass_check_run(client, self.entry_id, shown=0.6)
            self._checked = page["description_placeholders"]
            self.told_in_check = await self.commands()
            self._stopped = time.monotonic()
            await self.wait_startable()
            await self.get_ready()
        return self._checked

    async def walk_forward(self) -> None:
        """Home Assistant starts it, with the short countdown of a forward walk."""
        await self.release()
        await self.wait_startable()
        await self.shown.select("direction", "forward")
        await self.shown.press("start")
        await self.shown.wait("session_state", "ready")
        await self.shown.press("start")
        await self.shown.wait("session_state", "warm_up", 20)
        await self.shown.wait_number("speed", 0.5, 0.5)

    async def stop(self) -> None:
        """Press Stop in Home Assistant and wait until the belt is at rest."""
        await self.shown.press("stop")
        await self.proxy.wait_for_treadmill(lambda state: state["at_rest"])
        self._stopped = time.monotonic()  # until now it may have been said again


async def add_discovered(home_assistant: HomeAssistantProcess) -> list[dict[str, Any]]:
    """The steps of the flow that Home Assistant began, gone through as a browser does it; the last is the entry."""
    client = home_assistant.client
    flow = await client.wait_for_discovery(DOMAIN)
    steps = [flow, await client.flow_state(flow["flow_id"])]
    steps.append(await client.flow_step(flow["flow_id"], {}))
    steps.append(await client.flow_go_on(steps[-1]))
    steps.append(await answer_safety(client, steps[-1], SAFE_AND_STEERED))
    return steps
