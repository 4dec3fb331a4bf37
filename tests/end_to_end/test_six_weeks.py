"""Six weeks of one walker on the dashboard alone, while Home Assistant's time jumps from day to day and runs fast."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from scripts.lib.demo import DEMO_CONFIGURATION
from tests.support.live.browser import CHROMIUM, OPTIONS, Appearance, Screen
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess
from tests.support.live.treadmill import APART, DOMAIN, Treadmill, add_virtual_treadmill

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
    ),
    pytest.mark.timeout(900),
]
DASHBOARD = "my-walks"
TIME_MACHINE = ROOT / "tests" / "support" / "live" / "time_machine"
ZONE = ZoneInfo("Europe/Berlin")
WEEKS = 6
DAYS = {"mon": 0, "wed": 2, "fri": 4}
"""The walker's days."""
FAST = 30
"""How many times as fast the time goes while the belt moves."""
SETTLES = 0.9
"""Seconds after which a press on what has just appeared is meant for it."""
TOP = re.compile(r"up to (\d(?:\.\d)?) km/h")
SLOW = re.compile(r"Updating state for \S+ .* took")
"""What Home Assistant warns of when an entity takes more than 0.4 s."""
REACHED = 2.0
"""The top speed (km/h) of the plan after six weeks of comfortable sessions."""


class Calendar:
    """The time of a Home Assistant, which goes on as the test says."""

    def __init__(self, house: HomeAssistantProcess) -> None:
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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    """Return a Home Assistant with a time machine, a virtual treadmill, a walker, and a dashboard."""
    folder: Path = tmp_path_factory.mktemp("house")
    components = folder / "custom_components"
    components.mkdir()
    (components / TIME_MACHINE.name).symlink_to(TIME_MACHINE, target_is_directory=True)
    configuration = f"{DEMO_CONFIGURATION}time_machine:\n"
    async with HomeAssistantProcess(folder, configuration=configuration) as house:
        await house.client.command("config/core/update", time_zone=ZONE.key)
        await add_virtual_treadmill(house.client)
        await house.client.command("lovelace/dashboards/create", url_path=DASHBOARD, title="Walks")
        strategy = {"strategy": {"type": f"custom:{DOMAIN}"}}
        await house.client.command("lovelace/config/save", url_path=DASHBOARD, config=strategy)
        yield Calendar(house)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    assert CHROMIUM is not None, "there is no Chromium; scripts/chromium installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        Screen.opened.clear()
        await browser.close()


async def test_six_weeks_of_comfortable_sessions_end_with_two_kilometers_an_hour_and_an_unbroken_streak(
    calendar: Calendar, browser: Browser, measured: Callable[[str], None]
) -> None:
    house = calendar.house
    [entry] = await house.client.entries(DOMAIN)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    [anna] = await treadmill.walkers()
    await choose_days(house, entry["entry_id"])
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    day = (await calendar.now()).replace(hour=17, minute=30, second=0, microsecond=0) + timedelta(days=1)
    sessions, speeds = 0, []
    end = day + timedelta(weeks=WEEKS)
    while day < end:
        if day.weekday() in DAYS.values():
            await calendar.jump(day)
            speeds.append(await walk(screen, treadmill, calendar))
            sessions += 1
            assert float(await anna.state("streak")) == sessions
        day += timedelta(days=1)
    measured(f"Six weeks on the dashboard, {sessions} sessions: {speeds}")
    assert speeds[-1] >= REACHED
    assert screen.problems() == []
    # In this time everything seems to take thirty times as long.
    assert [problem for problem in house.log_problems(DOMAIN) if not SLOW.search(problem)] == []


async def walk(screen: Screen, treadmill: Treadmill, calendar: Calendar) -> float:
    """Walk a day's session, rate it and be done with it, by pressing what the card shows; return its top speed."""
    await screen.go(f"/{DASHBOARD}")
    await expect(screen.part(".outlook")).to_be_visible()
    top = await screen.says(".outlook b")
    await asyncio.sleep(SETTLES)
    await screen.button("connect").click()
    await treadmill.wait("session_state", "ready", 60)
    await asyncio.sleep(APART)
    await screen.button("confirm").click()
    await treadmill.wait("session_state", "countdown")
    await calendar.run(FAST)
    result = screen.part(".result")
    await expect(result).to_be_visible(timeout=60_000)
    await calendar.run(1)
    same = result.get_by_role("button", name="Same", exact=True)
    await expect(same).to_be_enabled()
    await asyncio.sleep(SETTLES)
    await same.click()
    await expect(same).to_have_attribute("aria-pressed", "true")
    await result.get_by_role("button", name="Done", exact=True).click()
    await expect(result).to_be_hidden()
    return float(TOP.fullmatch(top)[1])


async def choose_days(house: HomeAssistantProcess, entry_id: str) -> None:
    """Choose the walker's days in the dialog."""
    kind = "subentries/flow"
    [subentry] = await house.client.command("config_entries/subentries/list", entry_id=entry_id)
    flow = await house.client.flow_start([entry_id, "walker"], kind=kind, subentry_id=subentry["subentry_id"])
    shown = {
        field["name"]: value
        for field in flow["data_schema"]
        if (value := (field.get("description") or {}).get("suggested_value")) is not None
    }
    answer = await house.client.flow_step(flow["flow_id"], {**shown, "days": list(DAYS)}, kind=kind)
    assert answer["reason"] == "reconfigure_successful", answer
