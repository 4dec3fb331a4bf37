"""A treadmill that takes miles, in a browser: added as the kind it is, and its owner says how it is understood."""

import os

import pytest
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.dialog import Dialog
from tests.support.live.homeassistant_client import CommandError
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import QUICK, Calendar
from tests.support.live.treadmill import DOMAIN, Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
KIND = "Horizon 7.0AT, T202, Sole TM4800: a treadmill that takes miles and reports kilometers"
FOUND_OUT = "Let the check run find out"
STOP_WINS = 6.0
"""Seconds after a stop in which nothing may start, and a little (S3)."""
TAKES_MILES = "Takes its speed in mph, reports it in km/h"


async def choose_odd_treadmill(dialog: Dialog) -> None:
    """Begin a set-up, and go on until it asks who walks."""
    page = dialog.screen.page
    await dialog.screen.go(f"/config/integrations/dashboard/add?domain={DOMAIN}")
    await page.get_by_role("button", name="OK").click()
    await dialog.choose("Virtual treadmill (try without hardware)")
    await dialog.titled("Virtual treadmill")
    await dialog.all.get_by_role("button", name="A polite treadmill").click()
    await dialog.picture()
    await page.get_by_text(KIND, exact=True).last.click()
    await expect(dialog.all.get_by_role("button", name=KIND)).to_be_visible()
    await dialog.press("Next")
    await dialog.titled("Safety")
    await dialog.press("Next")
    await dialog.titled("A voice for your sessions")
    await dialog.press("Next")
    await dialog.titled("Who walks?")


async def start_check_run(dialog: Dialog) -> None:
    """Confirm, connect, and start the belt."""
    await dialog.titled("Check run")
    switches = dialog.all.get_by_role("switch")
    await expect(switches).to_have_count(3)  # the title is there before the form
    for confirmed in await switches.all():
        await dialog.turn_on(confirmed)
    await dialog.press("Connect")
    await dialog.titled("Start the check run")
    await dialog.press("Start the belt")
    await dialog.titled("Stay off the belt")


async def test_an_owner_adds_an_odd_treadmill_and_says_how_it_is_understood(
    browser: Browser, house: HomeAssistantProcess
) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    dialog = Dialog(screen)
    await choose_odd_treadmill(dialog)
    await dialog.all.get_by_role("textbox", name="Name").first.fill("Anna")
    await dialog.press("Finish")
    await dialog.titled("Virtual treadmill was added")
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
    await treadmill.wait("belt_moving", "off")  # the options are read again, and the connection may be the old one
    with pytest.raises(CommandError, match="check run"):
        await treadmill.press("start")
    assert screen.problems() == []
    await screen.close()


@pytest.mark.nightly
async def test_a_check_run_that_is_left_stops_the_belt_and_is_taken_up_later(
    browser: Browser, calendar: Calendar
) -> None:
    house = calendar.house
    for entry in await house.client.entries(DOMAIN):
        await house.client.remove_entry(entry["entry_id"])
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    dialog = Dialog(screen)
    await choose_odd_treadmill(dialog)
    await dialog.all.get_by_role("textbox", name="Name").first.fill("Anna")
    await dialog.press("Finish")
    await dialog.titled("Virtual treadmill was added")
    await dialog.press("Next")
    await dialog.titled("What comes next")
    await dialog.choose("Check run")
    await start_check_run(dialog)
    entry = await house.client.wait_for_entry(DOMAIN)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])

    # This dialog follows the set-up: Home Assistant's page does not delete it when it is closed.
    await treadmill.wait("belt_moving", "on", 60)
    await dialog.all.get_by_role("button", name="Close").click()
    await treadmill.wait("belt_moving", "off", 20)
    await treadmill.wait("session_state", "idle", 20)
    await calendar.let_pass(STOP_WINS)

    # From the repair it is a dialog that follows another one, too. This time the tab goes.
    await screen.go("/config/repairs")
    await screen.page.get_by_text("The check run of Virtual treadmill").click()
    await screen.page.get_by_text("Open the check run", exact=True).click()
    await start_check_run(dialog)
    await treadmill.wait("belt_moving", "on", 60)
    await screen.page.close()
    await treadmill.wait("belt_moving", "off", 20)
    await treadmill.wait("session_state", "idle", 20)
    assert screen.problems() == []
    screen.opened.remove(screen)
    await calendar.let_pass(STOP_WINS)

    # Taken up at the gear and watched to its end, it releases control.
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    dialog = Dialog(screen)
    await screen.go(f"/config/integrations/integration/{DOMAIN}")
    await screen.page.get_by_role("button", name="Configure").first.click()
    await dialog.choose("Check run")
    await start_check_run(dialog)
    await calendar.run(QUICK)
    await expect(dialog.all.locator("[slot=headerTitle]")).to_have_text("Passed", timeout=60_000)
    await calendar.run(1)
    await screen.close()
