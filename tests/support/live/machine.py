"""A treadmill behind the emulated proxy, with its entities and its true state."""

import asyncio
import time
from typing import Any

from custom_components.retrowalk.machine.ftms import const
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.proxy_process import ProxyProcess
from tests.support.live.treadmill import DOMAIN, SAFE_AND_STEERED, Treadmill, answer_safety, pass_check_run

REQUEST_CONTROL, START, STOP, PAUSE = "00", "07", "0801", "0802"
NO_START_AFTER_STOP = 5.0
"""Seconds after a stop in which no start is allowed (S2)."""


class Machine:
    """The treadmill of the end-to-end tests, with its entities and its true state."""

    def __init__(self, home_assistant: HomeAssistantProcess, proxy: ProxyProcess, entry_id: str) -> None:
        self.home_assistant = home_assistant
        self.proxy = proxy
        self.entry_id = entry_id
        self.shown: Treadmill
        self._stopped = float("-inf")
        self._checked: dict[str, Any] | None = None
        self.check_commands: list[str] = []

    async def get_ready(self) -> None:
        """Bring it to rest, connected, without faults and without traces of the last test."""
        await self.find_entities()
        await self.proxy.reset()
        await self.shown.wait("connection", "connected", 30)
        await self.shown.wait("belt_moving", "off", 15)
        if await self.shown.state("session_state") not in {"idle", "finished"}:
            await self.stop()  # a failed test may have left a session
        await self.shown.wait("session_state", lambda state: state["state"] in {"idle", "finished"}, 30)
        await self.proxy.reset()  # again, when nothing can write any longer

    async def find_entities(self) -> None:
        """Look up the entities; repeat this after each start of Home Assistant."""
        await self.home_assistant.client.wait_for_entry(DOMAIN)
        self.shown = await Treadmill.of_entry(self.home_assistant.client, self.entry_id)

    async def renew_link(self) -> None:
        """Renew the link, so that control has not been requested on it yet."""
        await self.home_assistant.client.reload_entry(self.entry_id)
        await self.get_ready()

    async def commands(self) -> list[str]:
        """Return the commands written to the control point, in order."""
        return [write["hex"] for write in await self.proxy.writes(uuid=const.CONTROL_POINT)]

    async def wait_command(self, command: str, timeout: float = 30.0) -> float:
        """Wait for a command and return the seconds it took.

        A rise is announced for five seconds after the belt has settled for three; a busy computer takes longer.
        """
        began = time.monotonic()
        while command not in (commands := await self.commands()):
            assert time.monotonic() - began < timeout, f"{command} did not come in {timeout} s, but {commands}"
            await asyncio.sleep(0.001)
        return time.monotonic() - began

    async def walk_at_console(self) -> None:
        """Start a session at the console."""
        await self.proxy.press("start")
        await self.proxy.wait_for_treadmill(lambda state: state["speed"] >= 0.5)
        await self.shown.wait("session_state", "manual")

    async def wait_startable(self) -> None:
        """Wait until a start is allowed after a stop."""
        await asyncio.sleep(self._stopped + NO_START_AFTER_STOP + 0.1 - time.monotonic())

    async def release(self) -> dict[str, Any]:
        """Pass the check run, once for all tests (90 s), and return the placeholders of its last page."""
        if self._checked is None:
            client = self.home_assistant.client
            page = await pass_check_run(client, self.entry_id, shown=0.6)
            self._checked = page["description_placeholders"]
            self.check_commands = await self.commands()
            self._stopped = time.monotonic()
            await self.wait_startable()
            await self.get_ready()
        return self._checked

    async def walk_forward(self) -> None:
        """Start a forward session, which has the shorter countdown."""
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
        self._stopped = time.monotonic()  # the stop may have been repeated until now


async def add_discovered(home_assistant: HomeAssistantProcess) -> list[dict[str, Any]]:
    """Complete the discovery flow as a browser does, and return its steps; the last one is the entry."""
    client = home_assistant.client
    flow = await client.wait_for_discovery(DOMAIN)
    steps = [flow, await client.flow_state(flow["flow_id"])]
    steps.append(await client.flow_step(flow["flow_id"], {}))
    steps.append(await client.flow_go_on(steps[-1]))
    steps.append(await answer_safety(client, steps[-1], SAFE_AND_STEERED))
    return steps
