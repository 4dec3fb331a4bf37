"""From *Add integration* to the first walk, in a browser: the set-up leads on, and nothing moves before Start."""

import os

import pytest
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.dialog import PICTURES, Dialog
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import DOMAIN, Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)


async def test_from_the_set_up_to_the_first_walk(browser: Browser, calendar: Calendar) -> None:
    house = calendar.house
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    dialog = Dialog(screen)
    await screen.go(f"/config/integrations/dashboard/add?domain={DOMAIN}")
    await screen.page.get_by_role("button", name="OK").click()
    await dialog.titled("Add a treadmill")
    await dialog.choose("Virtual treadmill (try without hardware)")
    await dialog.titled("Virtual treadmill")
    await dialog.press("Next")
    await dialog.titled("Safety")
    await dialog.press("Next")
    await dialog.titled("A voice for your sessions")
    await expect(dialog.all).to_contain_text("Use the tablet or phone that shows the card")
    await dialog.press("Next")  # the demo's house has nothing else that can speak
    await dialog.titled("Who walks?")
    await dialog.all.get_by_role("textbox", name="Name").first.fill("Anna")
    await dialog.press("Finish")

    # No end in sight: the next dialog opens by itself.
    await dialog.titled("Virtual treadmill was added")
    await dialog.press("Next")
    await dialog.titled("What comes next")
    for option in ("Add the dashboard", "A first walk of two minutes", "A reminder", "Later"):
        await expect(dialog.all.get_by_text(option, exact=True)).to_be_visible()
    await expect(dialog.all.get_by_text("Check run", exact=True)).to_have_count(0)
    await dialog.choose("A reminder")
    await dialog.titled("A reminder")
    await dialog.press("Save")
    await dialog.titled("What comes next")
    await expect(dialog.all.get_by_text("A reminder", exact=True)).to_have_count(0)

    # The dashboard can be added at once: its link loads the page anew, which was open since before the set-up.
    await dialog.choose("Add the dashboard")
    await dialog.all.get_by_role("link", name="Settings > Dashboards").click()
    await screen.page.get_by_role("button", name="Add dashboard").click()
    await screen.page.get_by_text("Walks, control and progress of every treadmill").click()
    await screen.page.get_by_role("button", name="Create", exact=True).click()
    made = screen.page.locator("ha-sidebar").get_by_role("link", name="Retrowalk", exact=True)
    await expect(made).to_be_visible()
    entry = await house.client.wait_for_entry(DOMAIN)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    await screen.go(f"/config/integrations/integration/{DOMAIN}")
    await screen.page.get_by_role("button", name="Configure").first.click()
    await dialog.titled("Treadmill")
    await dialog.choose("What comes next")
    await dialog.titled("What comes next")
    await expect(dialog.all.get_by_text("Add the dashboard", exact=True)).to_have_count(0)
    await dialog.choose("A first walk of two minutes")
    await dialog.titled("A first walk of two minutes")
    await dialog.press("Select it")
    await expect(dialog.all).to_contain_text("nothing has moved")
    assert await treadmill.state("session_state") == "idle"
    await treadmill.wait("program", "first_walk")
    await dialog.titled("Retrowalk")
    await dialog.all.get_by_role("link", name="open the dashboard").click()

    # The card lists what is left; the first walk can be chosen there, too.
    listed = screen.card.get_by_role("list", name="What comes next")
    await expect(listed.get_by_text("Select the loudspeaker once so that this card can speak")).to_be_visible()
    await screen.part("[data-choice=program] select, .chip select").first.select_option("plan")
    await treadmill.wait("program", "plan")
    # A reminder that was switched off is to do again, and its row leads to it on the same page.
    reminder = screen.page.get_by_role("switch", name="Reminder")
    await reminder.click()
    await listed.get_by_role("link", name="A reminder: ").click()
    await expect(reminder).to_be_focused()
    await expect(reminder).to_be_in_viewport()
    await reminder.click()
    await expect(listed.get_by_role("link", name="A reminder: ")).to_have_count(0)
    await listed.get_by_role("button", name="Choose a first walk of two minutes").click()
    await treadmill.wait("program", "first_walk")
    if PICTURES:
        await screen.page.screenshot(path=f"{PICTURES}/card.png")
    assert await screen.violations() == []
    await expect(screen.part(".time b")).to_have_text("2:00")
    await expect(dialog.all.locator("ha-dialog[open]")).to_have_count(0)
    await screen.press("start")
    await calendar.walk(treadmill, 1)
    await screen.button("stop").click()
    await expect(listed).to_be_hidden()
    await treadmill.wait("session_state", lambda state: state["state"] in {"finished", "idle"}, timeout=20)
    assert screen.problems() == []
    await screen.close()
