"""What was: past sessions and six weeks on the dashboard, and in Home Assistant's own calendar, in a real browser."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction
from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.stored_sessions import store_sessions
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import DOMAIN, Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
LONG_ENOUGH = 22.0
"""Seconds on the belt after which a session is kept."""
NARROW = {"width": 320, "height": 700}
INVITATION = "No walk yet. Five minutes are a good start."


async def log(house: HomeAssistantProcess, treadmill: Treadmill, days_ago: float, **data: Any) -> None:
    """Enter a session of Anna's by hand."""
    started = datetime.now(UTC) - timedelta(days=days_ago)
    data = {"walker": "Anna", "minutes": 5, "distance": 125, "started": started.isoformat(), **data}
    await house.client.call_service(DOMAIN, "log_session", {"device_id": treadmill.device["id"], **data})


async def test_the_first_day_invites(house: HomeAssistantProcess, browser: Browser, treadmill: Treadmill) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    for card in ("retrowalk-sessions", "retrowalk-trends"):
        await expect(screen.page.locator(card)).to_contain_text(INVITATION)
    await expect(screen.page.get_by_text("No statistics found")).to_have_count(0)
    await expect(screen.page.get_by_text("Knee discomfort")).to_have_count(0)
    assert await screen.violations() == []
    assert screen.problems() == []
    await screen.close()


async def test_a_session_is_opened_corrected_saved_and_deleted(
    calendar: Calendar, browser: Browser, treadmill: Treadmill, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    house = calendar.house
    for number in range(1, 12):
        await log(house, treadmill, number * 3.4, minutes=4 + number % 3)
    await log(house, treadmill, 40, walker="guest")
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    other = await Screen.open(browser, house, Appearance(phone=True, dark=True, language="de"))
    for one in (screen, other):
        await one.go(f"/{DASHBOARD}")
        await expect(one.card).to_be_visible()
    await house.client.call_service(
        "select", "select_option", {"entity_id": treadmill.entity_id("walker"), "option": "guest"}
    )
    await screen.press("start")
    await calendar.walk(treadmill, LONG_ENOUGH)
    await screen.button("stop").click()

    # The newest ones, and more; of everybody, or of one walker.
    past, his = screen.page.locator("retrowalk-sessions"), other.page.locator("retrowalk-sessions")
    entries = past.locator("li")
    await expect(entries).to_have_count(10)
    await expect(entries.first).to_contain_text("Guest · Backward")
    await past.get_by_role("button", name="Show more").click()
    await expect(entries).to_have_count(13)
    await expect(past.get_by_role("button", name="Show more")).to_be_hidden()
    await past.get_by_role("combobox", name="Whose sessions").select_option("Guest")
    await expect(entries).to_have_count(2)

    # One is opened: the curve that was measured, who it was, how the knee is, and a note.
    await entries.first.get_by_role("button").click()
    await expect(entries.first.get_by_role("img", name="What was walked")).to_be_visible()
    await expect(entries.first.get_by_role("combobox", name="Knee", exact=True)).to_be_hidden()
    await past.get_by_role("combobox", name="Whose sessions").select_option("Everybody")
    first = entries.first
    await first.get_by_role("combobox", name="Walker").select_option("Anna")
    await expect(first).to_contain_text("Anna · Backward")
    await first.get_by_role("combobox", name="Knee", exact=True).select_option("Same")
    await first.get_by_role("textbox", name="Note").fill("Felt easy")
    await first.get_by_role("combobox", name="Effort").select_option("3")
    await expect(past.get_by_role("status")).to_have_text("Saved.")
    await expect(first).to_contain_text("Felt easy")  # without leaving the field
    await expect(his.locator("li").first).to_contain_text("Knie: Gleich · Anstrengung: 3 · Felt easy")
    trends = screen.page.locator("retrowalk-trends")
    await expect(trends.get_by_role("img", name="Minutes per week")).to_be_visible()

    folder: Path = pytestconfig.getoption("screenshots") or tmp_path
    await first.scroll_into_view_if_needed()
    await screen.picture(folder / "past.png")
    await his.locator("li").first.get_by_role("button").click()
    await his.scroll_into_view_if_needed()
    await other.picture(folder / "past-phone-dark-german.png")
    await other.page.locator("retrowalk-trends").scroll_into_view_if_needed()
    await other.picture(folder / "weeks-phone-dark-german.png")
    assert await screen.violations() == []
    assert await other.violations() == []
    await screen.page.set_viewport_size(NARROW)
    assert not await screen.scrolls_sideways()
    await first.scroll_into_view_if_needed()
    await screen.picture(folder / "past-narrow.png")
    await trends.scroll_into_view_if_needed()
    await screen.picture(folder / "weeks-narrow.png")

    async with screen.page.expect_download() as downloaded:
        await first.get_by_role("button", name="Save TCX").click()
    download = await downloaded.value
    assert download.suggested_filename.endswith(".tcx")

    # Delete asks once; whoever deletes goes on with the keyboard where the list begins.
    await first.get_by_role("button", name="Delete", exact=True).click()
    await first.get_by_role("button", name="Keep").click()
    await expect(first).to_contain_text("Felt easy")
    await first.get_by_role("button", name="Delete", exact=True).click()
    await first.get_by_role("button", name="Delete for good").click()
    await expect(past.get_by_text("Felt easy")).to_have_count(0)
    await expect(past.get_by_role("combobox", name="Whose sessions")).to_be_focused()
    await expect(his.locator("li").first).not_to_contain_text("Knie")
    assert screen.problems() + other.problems() == []
    assert house.log_problems(DOMAIN) == []


async def test_the_calendars_own_dialog_edits_and_deletes_a_session(
    house: HomeAssistantProcess, browser: Browser, treadmill: Treadmill
) -> None:
    await log(house, treadmill, 0.02, walker="guest", minutes=7)
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go("/calendar")
    page = screen.page
    event = page.get_by_text("Backward · 7 min · Guest").first
    await event.click()
    dialog = page.locator("dialog-calendar-event-detail")
    await expect(dialog).to_contain_text("7 min · 125 m")
    await dialog.get_by_role("button", name="Edit").click()
    editor = page.locator("dialog-calendar-event-editor")
    description = editor.get_by_role("textbox", name="Description")
    await description.fill(f"{await description.input_value()}\nIn the calendar")
    await description.blur()
    await editor.get_by_role("button", name="Save").click()
    await expect(editor.get_by_role("textbox", name="Description")).to_have_count(0)
    await event.click()
    await expect(dialog).to_contain_text("In the calendar")
    await dialog.get_by_role("button", name="Delete").click()
    await (
        page.locator("dialog-box, ha-confirm-event-dialog-box, confirm-event-dialog-box")
        .get_by_role("button", name="Delete")
        .click()
    )
    await expect(event).to_have_count(0)
    assert screen.problems() == []


async def test_a_plan_that_waits_for_a_rating_leads_to_it(
    house: HomeAssistantProcess, browser: Browser, treadmill: Treadmill
) -> None:
    [walker] = await treadmill.walkers()
    ended = datetime.now(UTC) - timedelta(days=1)
    unrated = SessionRecord(
        id="0" * 26,
        walker=walker.device["identifiers"][0][1].rpartition("_")[2],
        direction=Direction.BACKWARD,
        started=ended - timedelta(minutes=5),
        ended=ended,
        moving_time=300.0,
        distance=120.0,
        calories=20.0,
        calories_net=14.0,
        max_speed=1.5,
        max_incline=0.0,
        planned=300.0,
        planned_speed=1.5,
        program="plan",
    )
    await house.stop()
    store_sessions(house, treadmill.entry_id, [unrated])
    await house.start()
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    why = screen.part(".why")
    await expect(why).to_contain_text("the last session has no rating")
    assert await screen.violations() == []
    await why.get_by_role("link").click()
    past = screen.page.locator("retrowalk-sessions")
    knee = past.locator(".knee select")
    await expect(knee).to_be_focused()
    await expect(knee).to_be_in_viewport()
    await expect(past.locator(".entry[aria-expanded=true]")).to_have_count(1)
    await knee.select_option("Same")
    await expect(why.get_by_role("link")).to_have_count(0)
    await expect(why).not_to_contain_text("the last session has no rating")
    assert screen.problems() == []
    await screen.close()
