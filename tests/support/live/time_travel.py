"""A real Home Assistant whose time jumps and runs fast, and a day's session that is pressed on its dashboard."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import override
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from scripts.lib.demo import DEMO_CONFIGURATION
from tests.support.live.browser import SETTLES, Screen
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess
from tests.support.live.treadmill import APART, DOMAIN, Treadmill, add_dashboard

DASHBOARD = "my-walks"
FAST = 60
"""How many times as fast the time goes while the belt moves."""
QUICK = 30
"""How many times as fast it goes where some seconds have to pass, and a card is to follow."""
ZONE = ZoneInfo("Europe/Berlin")
_TIME_MACHINE = ROOT / "tests" / "support" / "live" / "time_machine"
_TOP = re.compile(r"up to (\d(?:\.\d)?) km/h")
_SLOW = re.compile(r"Updating state for \S+ .* took")
"""What Home Assistant warns of when an entity takes more than 0.4 s."""


class House(HomeAssistantProcess):
    """A Home Assistant with a time machine."""

    @override
    def log_problems(self, component: str, start: int = 0) -> list[str]:
        """Return what is wrong, but for what only seems to take long while the time runs fast."""
        return [problem for problem in super().log_problems(component, start) if not _SLOW.search(problem)]

    @override
    def _prepare(self) -> None:
        super()._prepare()
        link = self.config_dir / "custom_components" / _TIME_MACHINE.name
        if not link.is_symlink():
            link.symlink_to(_TIME_MACHINE, target_is_directory=True)


class Calendar:
    """The time of a Home Assistant, which goes on as the test says."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def now(self) -> datetime:
        """Return the time of the house."""
        answer = await self.house.client.call_service("time_machine", "tell", return_response=True)
        return datetime.fromtimestamp(answer["time"], ZONE)

    async def jump(self, to: datetime) -> None:
        """Go to a moment in the future."""
        seconds = (to.astimezone(UTC) - await self.now()).total_seconds()
        await self.house.client.call_service("time_machine", "jump", {"seconds": seconds})

    async def run(self, times: float) -> None:
        """Let the time run."""
        await self.house.client.call_service("time_machine", "run", {"times": times})

    async def let_pass(self, seconds: float) -> None:
        """Wait until so many seconds of the house have passed, which is soon."""
        passing = {"seconds": seconds, "times": QUICK}
        await self.house.client.call_service("time_machine", "pass", passing, timeout=60 + seconds)

    async def walk(self, treadmill: Treadmill, seconds: float) -> None:
        """Let a countdown and so many seconds on the belt pass, or some more on a busy computer."""
        under_way = {"countdown", "starting", "warm_up"}
        await treadmill.wait("session_state", lambda state: state["state"] in under_way)
        await self.run(QUICK)
        await treadmill.wait("session_state", "warm_up", 60)
        await self.let_pass(seconds)

    def problems(self) -> list[str]:
        """Return what Home Assistant has logged about us."""
        return self.house.log_problems(DOMAIN)


@asynccontextmanager
async def empty_house_with_a_calendar(folder: Path, more_configuration: str = "") -> AsyncIterator[Calendar]:
    """Run a Home Assistant as the demo has it, with a time machine."""
    configuration = f"{DEMO_CONFIGURATION}time_machine:\n{more_configuration}"
    async with House(folder, configuration=configuration) as house:
        yield Calendar(house)
        await house.kill()  # sooner than a stop; nobody needs it any longer


@asynccontextmanager
async def house_with_a_calendar(folder: Path) -> AsyncIterator[Calendar]:
    """Run a Home Assistant with a time machine, a time zone, and a dashboard for all of its treadmills."""
    async with empty_house_with_a_calendar(folder) as calendar:
        await calendar.house.client.command("config/core/update", time_zone=ZONE.key)
        await add_dashboard(calendar.house.client, DASHBOARD)
        yield calendar


async def start(screen: Screen, treadmill: Treadmill, walker: str = "") -> float:
    """Start the session of a day with the card, after a tap on the walker if one is named; return its top speed."""
    await screen.go(f"/{DASHBOARD}/{treadmill.device['id']}")
    if walker:
        chip = screen.part(".chip").filter(has_text=walker)
        await chip.click()
        await expect(chip).to_have_attribute("aria-pressed", "true")
    await expect(screen.part(".outlook")).to_be_visible()
    top = _TOP.fullmatch(await screen.says(".outlook b"))
    assert top is not None
    await asyncio.sleep(SETTLES)
    connect, begin = screen.button("connect"), screen.button("start")
    await connect.or_(begin).click()
    await treadmill.wait("session_state", lambda state: state["state"] in {"ready", "countdown"}, 60)
    await asyncio.sleep(APART)
    # One press is enough while the treadmill is connected; then it is ready for a moment only.
    if await treadmill.state("session_state") == "ready":
        await screen.button("confirm").click()
    await treadmill.wait("session_state", "countdown")
    return float(top[1])


async def rate(screen: Screen) -> None:
    """Say on the result that the knee is the same, and be done with it."""
    result = screen.part(".result")
    same = result.get_by_role("button", name="Same", exact=True)
    await expect(same).to_be_enabled()
    await asyncio.sleep(SETTLES)
    await same.click()
    await expect(same).to_have_attribute("aria-pressed", "true")
    await result.get_by_role("button", name="Done", exact=True).click()
    await expect(result).to_be_hidden()
