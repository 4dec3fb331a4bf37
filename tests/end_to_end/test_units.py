"""The dashboard of a house in US units: miles per hour, feet and pounds, and nothing metric."""

import os
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from scripts.lib.demo import DEMO_CONFIGURATION
from tests.support.live.browser import CHROMIUM, OPTIONS, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.treadmill import Treadmill, add_dashboard, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
METRIC = re.compile(r"km/h|\bkg\b|\bkm\b|\d\s?m\b")
TEXT = """() => {
  const text = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : ["STYLE", "SCRIPT"].includes(node.nodeName) ? ""
    : [...(node.shadowRoot ?? node).childNodes].map(text).join(" ");
  return text(document.body);
}"""
"""All that a page shows, in shadow roots too."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeAssistantProcess]:
    folder = tmp_path_factory.mktemp("house")
    async with HomeAssistantProcess(folder, configuration=DEMO_CONFIGURATION, username="owner") as house:
        await house.client.command("config/core/update", unit_system="us_customary", update_units=True)
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treadmill(house: HomeAssistantProcess) -> Treadmill:
    client = house.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    started = (datetime.now().astimezone() - timedelta(days=1)).isoformat()
    await treadmill.act("log_session", walker="Anna", started=started, minutes=6, distance=110)
    await add_dashboard(client, DASHBOARD)
    await treadmill.wait("connection", "connected")
    return treadmill


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(treadmill: Treadmill, house: HomeAssistantProcess) -> AsyncIterator[Screen]:
    assert CHROMIUM is not None, "there is no Chromium; scripts/chromium installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
        await screen.go(f"/{DASHBOARD}")
        await expect(screen.part(".outlook")).to_be_visible()
        yield screen
        Screen.opened.clear()
        await browser.close()


async def picture(screen: Screen, folder: Path | None, name: str) -> None:
    if folder is not None:
        await screen.page.screenshot(path=folder / f"{name}.png", full_page=True)


async def test_before_and_during_a_walk_everything_is_in_miles(
    screen: Screen, treadmill: Treadmill, pytestconfig: pytest.Config
) -> None:
    folder: Path | None = pytestconfig.getoption("screenshots")
    await expect(screen.part(".outlook")).to_contain_text("mph")
    await picture(screen, folder, "us-before")
    assert METRIC.findall(await screen.page.evaluate(TEXT)) == []
    await treadmill.select("program", "free")
    await screen.button("start").click()
    await treadmill.wait("session_state", "active", 120)
    speed = await treadmill.wait_number("target_speed", 0.3, 0.7)
    assert speed == round(speed, 2)
    await picture(screen, folder, "us-during")
    assert METRIC.findall(await screen.page.evaluate(TEXT)) == []
    await screen.button("stop").click()
    await treadmill.wait("session_state", "finished", 30)
    assert screen.problems() == []
