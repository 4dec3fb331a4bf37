"""The dashboard of a house in US units: miles per hour, feet and pounds, and nothing metric."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar
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
async def house(calendar: Calendar) -> HomeAssistantProcess:
    await calendar.house.client.command("config/core/update", unit_system="us_customary", update_units=True)
    return calendar.house


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
async def screen(treadmill: Treadmill, house: HomeAssistantProcess, browser: Browser) -> Screen:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    await expect(screen.part(".outlook")).to_be_visible()
    return screen


async def picture(screen: Screen, folder: Path | None, name: str) -> None:
    if folder is not None:
        await screen.page.screenshot(path=folder / f"{name}.png", full_page=True)


async def test_before_and_during_a_walk_everything_is_in_miles(
    screen: Screen, treadmill: Treadmill, calendar: Calendar, pytestconfig: pytest.Config
) -> None:
    folder: Path | None = pytestconfig.getoption("screenshots")
    await expect(screen.part(".outlook")).to_contain_text("mph")
    await picture(screen, folder, "us-before")
    assert METRIC.findall(await screen.page.evaluate(TEXT)) == []
    await treadmill.select("program", "free")
    await screen.press("start")
    await calendar.walk(treadmill, 60)
    await treadmill.wait("session_state", "active")
    speed = await treadmill.wait_number("target_speed", 0.3, 0.7)
    assert speed == round(speed, 2)
    await picture(screen, folder, "us-during")
    assert METRIC.findall(await screen.page.evaluate(TEXT)) == []
    await screen.button("stop").click()
    await treadmill.wait("session_state", "finished", 30)
    assert screen.problems() == []
