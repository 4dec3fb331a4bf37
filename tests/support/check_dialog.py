"""The dialog of the check run, as a browser shows it."""

from typing import Any

from aiohttp.test_utils import TestClient

from custom_components.retrowalk.flows import check_run as check_flow
from tests.support.house import House

FLOWS = "/api/config/config_entries/options/flow"
ALL = dict.fromkeys(check_flow.ACKNOWLEDGED, True)
START, START_AGAIN, PAUSE, STOP = b"\x07", b"\x07", b"\x08\x02", b"\x08\x01"


class Dialog:
    """The dialog of the treadmill's options, as a browser shows it."""

    def __init__(self, house: House, client: TestClient[Any, Any]) -> None:
        self.house = house
        self.client = client
        self.step: dict[str, Any] = {}
        self.actions: list[str] = []  # the progress actions that were shown, in order

    async def open(self) -> None:
        assert self.house.entry is not None
        response = await self.client.post(FLOWS, json={"handler": self.house.entry.entry_id})
        self.step = await response.json()

    async def submit(self, **answers: Any) -> dict[str, Any]:
        response = await self.client.post(f"{FLOWS}/{self.step['flow_id']}", json=answers)
        self.step = await response.json()
        return self.step

    async def refresh(self) -> dict[str, Any]:
        response = await self.client.get(f"{FLOWS}/{self.step['flow_id']}")
        self.step = await response.json()
        if self.step["type"] == "progress":
            self.actions = list(dict.fromkeys([*self.actions, self.step["progress_action"]]))
        return self.step

    async def close(self) -> None:
        response = await self.client.delete(f"{FLOWS}/{self.step['flow_id']}")
        assert response.status == (404 if self.step["type"] == "abort" else 200)  # one that has ended is closed
        await self.house.settle()

    async def to_start(self) -> None:
        """Go past the menu, the warnings and the connecting."""
        await self.open()
        assert (self.step["type"], self.step["menu_options"]) == ("menu", ["settings", "machine", "check"])
        await self.submit(next_step_id="check")
        assert (self.step["type"], self.step["step_id"]) == ("form", "check")
        await self.submit(**ALL)
        while self.step["type"] == "progress":
            await self.house.settle()
            await self.refresh()
        assert (self.step["type"], self.step["step_id"]) == ("form", "check_start"), self.step

    async def start(self) -> None:
        await self.to_start()
        await self.submit()
        assert self.step["type"] == "progress", self.step

    async def go(self, seconds: float) -> None:
        """Let time pass, and look every two seconds."""
        for _ in range(round(seconds / 2)):
            await self.house.time(2)
            await self.refresh()
            if self.step["type"] != "progress":
                return

    async def run(self) -> dict[str, Any]:
        """Go from the menu to the step after the run."""
        await self.start()
        await self.go(200)
        return self.step

    async def pass_it(self) -> None:
        step = await self.run()
        assert step["step_id"] == "check_console", step
        await self.submit(console="kmh", console_speed=0.6)
        assert (self.step["type"], self.step["reason"]) == ("abort", "check_passed"), self.step
