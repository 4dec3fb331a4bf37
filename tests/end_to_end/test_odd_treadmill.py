"""A treadmill that takes miles, in a browser: added as the kind it is, and its owner says how it is understood."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from scripts.lib.demo import DEMO_CONFIGURATION
from tests.support.live.browser import CHROMIUM, OPTIONS, Appearance, Screen
from tests.support.live.dialog import Dialog
from tests.support.live.homeassistant_client import CommandError
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.treadmill import DOMAIN, Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
KIND = "A treadmill that takes miles and tells kilometers"
FOUND_OUT = "Let the check run find out"
TAKES_MILES = "Takes its speed in mph, reports it in km/h"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeAssistantProcess]:
    folder = tmp_path_factory.mktemp("house")
    async with HomeAssistantProcess(folder, configuration=DEMO_CONFIGURATION, username="owner") as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(house: HomeAssistantProcess) -> AsyncIterator[Browser]:
    assert CHROMIUM is not None, "there is no Chromium; scripts/chromium installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        Screen.opened.clear()
        await browser.close()


async def test_an_owner_adds_an_odd_treadmill_and_says_how_it_is_understood(
    browser: Browser, house: HomeAssistantProcess
) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    dialog = Dialog(screen)
    await screen.go(f"/config/integrations/dashboard/add?domain={DOMAIN}")
    await screen.page.get_by_role("button", name="OK").click()
    await dialog.choose("Virtual treadmill (try without hardware)")
    await dialog.titled("Virtual treadmill")
    await dialog.all.get_by_role("button", name="A polite treadmill").click()
    await dialog.picture()
    await screen.page.get_by_text(KIND, exact=True).last.click()
    await expect(dialog.all.get_by_role("button", name=KIND)).to_be_visible()
    await dialog.press("Next")
    await dialog.titled("Safety")
    await dialog.press("Next")
    await dialog.titled("A voice for your sessions")
    await dialog.press("Next")
    await dialog.titled("Who walks?")
    await dialog.all.get_by_role("textbox", name="Name").first.fill("Anna")
    await dialog.press("Finish")
    await dialog.titled("Virtual treadmill is added")
    await dialog.press("Next")

    # Unlike a polite one it has to pass a check run, which comes first.
    await dialog.titled("What comes next")
    await expect(dialog.all.get_by_text("Check run", exact=True)).to_be_visible()
    await dialog.choose("Later")
    await dialog.titled("Retrowalk")
    entry = await house.client.wait_for_entry(DOMAIN)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    with pytest.raises(CommandError, match="check run"):
        await treadmill.press("start")

    await screen.go(f"/config/integrations/integration/{DOMAIN}")
    configure = screen.page.get_by_role("button", name="Configure").first
    await configure.click()
    await dialog.titled("Treadmill")
    await dialog.choose("About the machine")
    await dialog.titled("About the machine")
    await expect(dialog.all.get_by_role("radio", name=FOUND_OUT)).to_be_checked()
    known = dialog.all.locator("ha-markdown li")
    await expect(known).to_have_text(["Stops by itself after 30 minutes (a known model)"])
    await dialog.all.get_by_role("button", name="How it behaves").click()
    await dialog.all.get_by_text("Loses reports").scroll_into_view_if_needed()
    await dialog.picture()
    await dialog.all.get_by_role("radio", name=TAKES_MILES).click()
    await dialog.press("Save")
    await dialog.titled("Success")
    await dialog.press("Finish")
    await expect(dialog.all.locator("ha-dialog[open]")).to_have_count(0)
    await configure.click()
    await dialog.choose("About the machine")
    await dialog.titled("About the machine")
    await expect(dialog.all.get_by_role("radio", name=TAKES_MILES)).to_be_checked()
    await treadmill.wait("connection", "connected")
    assert await treadmill.state("belt_moving") == "off"
    with pytest.raises(CommandError, match="check run"):
        await treadmill.press("start")
    assert screen.problems() == []
    await screen.close()
