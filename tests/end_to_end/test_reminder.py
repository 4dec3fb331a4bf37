"""A walker's reminder in a real browser: set on the dashboard, tested, obeyed, put off and skipped."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, TEXTS, Appearance, Screen, still
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import APART, DOMAIN, Device, Treadmill, add_dashboard, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
ENGLISH = TEXTS["en"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(calendar: Calendar) -> HomeAssistantProcess:
    """Return a Home Assistant with a virtual treadmill and a dashboard, in whose time zone it is noon."""
    house = calendar.house
    # The sign in these names is inverted.
    zone = f"Etc/GMT{(await calendar.now()).astimezone(UTC).hour - 12:+d}"
    await house.client.command("config/core/update", time_zone=zone)
    await add_virtual_treadmill(house.client)
    await add_dashboard(house.client, DASHBOARD)
    return house


async def house_now(calendar: Calendar) -> datetime:
    """Return the time of the house."""
    return (await calendar.now()).astimezone(ZoneInfo((await calendar.house.client.command("get_config"))["time_zone"]))


async def reminder_switch(walker: Device) -> str:
    """Return the ID of the switch; the events of the reminder have the same key."""
    [switch] = [
        entity["entity_id"]
        for entity in await walker.client.entities()
        if (entity["device_id"], entity["translation_key"]) == (walker.device["id"], "reminder")
        and entity["entity_id"].startswith("switch.")
    ]
    return str(switch)


async def remind_now(calendar: Calendar, walker: Device) -> None:
    """Let the reminder's time come: a page sets minutes only, and the test does not wait for one."""
    soon = f"{await house_now(calendar) + timedelta(seconds=3):%H:%M:%S}"
    await calendar.house.client.call_service(
        "time", "set_value", {"time": soon}, {"entity_id": walker.entity_id("reminder_time")}
    )


async def notifications(house: HomeAssistantProcess) -> dict[str, dict[str, str]]:
    """Return what Home Assistant's own notifications say, by title."""
    shown = await house.client.command("persistent_notification/get")
    return {notification["title"]: notification for notification in shown}


async def test_a_reminder_is_set_tested_and_obeyed_on_the_dashboard(
    house: HomeAssistantProcess,
    calendar: Calendar,
    browser: Browser,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    folder = pytestconfig.getoption("screenshots") or tmp_path
    [entry] = await house.client.entries(DOMAIN)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    [walker] = await treadmill.walkers()
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    card = screen.page.locator("retrowalk-reminder")
    due = screen.page.locator("retrowalk-due")

    # Set: on, at 6:30 PM, not on Sundays, as a notification in Home Assistant.
    switch = card.get_by_role("switch", name=ENGLISH["reminder"])
    await expect(switch).to_be_enabled()
    await expect(switch).not_to_be_checked()
    await switch.check()
    await walker.client.wait_for_state(await reminder_switch(walker), "on")
    await card.get_by_label(ENGLISH["reminder_time"]).fill("18:30")
    await walker.wait("reminder_time", "18:30:00")
    await expect(card.get_by_text("Next: today, 6:30")).to_be_visible()
    sunday = card.get_by_role("button", name="Sun", exact=True)
    await expect(sunday).to_have_attribute("aria-pressed", "true")
    await sunday.click()
    await expect(sunday).to_have_attribute("aria-pressed", "false")
    await sunday.click()
    await expect(sunday).to_have_attribute("aria-pressed", "true")
    await card.get_by_label(ENGLISH["reminder_target"]).select_option("A notification in Home Assistant")
    assert await screen.violations() == []
    assert not await screen.scrolls_sideways()

    # Tested: the notification says that it is a test, and leads to this dashboard.
    await card.get_by_role("button", name=ENGLISH["reminder_test"]).click()
    await expect(card.get_by_role("status")).to_have_text(ENGLISH["reminder_tested"])
    test = (await notifications(house))["Test: Anna, time to walk"]
    assert f"[Open the dashboard](/{DASHBOARD}/{treadmill.device['id']})" in test["message"]
    await still(card)
    await screen.picture(folder / "reminder.png")

    # Put off: the banner goes, and the card says when it comes again.
    await expect(due).to_be_hidden()
    await remind_now(calendar, walker)
    await expect(due.get_by_text("Anna, time to walk.")).to_be_visible()
    assert "Anna, time to walk" in await notifications(house)
    await expect(card.get_by_text(ENGLISH["reminder_due"])).to_be_visible()
    await screen.page.evaluate("window.scrollTo(0, 0)")
    await screen.picture(folder / "reminder-due.png")
    assert await screen.violations() == []
    await due.get_by_role("button", name="Snooze 15 min").click()
    await expect(due).to_be_hidden()
    assert "Anna, time to walk" not in await notifications(house)
    back = await house_now(calendar) + timedelta(minutes=15)
    await expect(card.get_by_text(f"Next: today, {back:%-I}:")).to_be_visible()

    # Paused until a day, and resumed.
    day = (await house_now(calendar)).date() + timedelta(days=3)
    await card.get_by_label(ENGLISH["plan_until"]).fill(day.isoformat())
    await card.get_by_role("button", name=ENGLISH["plan_pause"]).click()
    await expect(card.get_by_text(f"The plan is paused until {day:%A, %B %-d}")).to_be_visible()
    await walker.wait("plan_paused", "on")
    await card.get_by_role("button", name=ENGLISH["plan_resume"]).click()
    await walker.wait("plan_paused", "off")
    assert screen.problems() == []
    await screen.close()


async def test_start_on_the_banner_makes_ready_and_a_walk_ends_the_reminder(
    house: HomeAssistantProcess,
    calendar: Calendar,
    browser: Browser,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    folder = pytestconfig.getoption("screenshots") or tmp_path
    [entry] = await house.client.entries(DOMAIN)
    # What was answered today is forgotten with the journal: the day begins anew.
    await house.stop()
    (house.config_dir / ".storage" / f"{DOMAIN}.{entry['entry_id']}.reminders").unlink(missing_ok=True)
    await house.start()
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    [walker] = await treadmill.walkers()
    await house.client.call_service("number", "set_value", {"value": 1}, {"entity_id": walker.entity_id("daily_goal")})
    await house.client.call_service("switch", "turn_on", target={"entity_id": await reminder_switch(walker)})
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=True, language="de"))
    await screen.page.set_viewport_size({"width": 320, "height": 700})
    await screen.go(f"/{DASHBOARD}")
    due = screen.page.locator("retrowalk-due")
    await treadmill.wait("connection", "connected")
    await remind_now(calendar, walker)
    await expect(due.get_by_text("Anna, Zeit für deine Rückwärtsrunde.")).to_be_visible()
    await screen.picture(folder / "reminder-due-320-de-dark.png")
    assert await screen.violations() == []
    assert not await screen.scrolls_sideways()
    await due.get_by_role("button", name=TEXTS["de"]["start"], exact=True).click()
    await treadmill.wait("session_state", "ready")
    await expect(due).to_be_hidden()
    await expect(screen.part("header .sub")).to_contain_text("Anna")
    assert not any("Anna" in title for title in await notifications(house))
    await asyncio.sleep(APART)
    await screen.button("confirm").click()
    await calendar.walk(treadmill, 65)  # s; the goal is a minute
    await treadmill.wait_number("session_duration", 60, 150)
    await screen.part(".press .stop").click()
    await treadmill.wait("session_state", "finished")
    card = screen.page.locator("retrowalk-reminder")
    await expect(card.get_by_text("Nächste: morgen")).to_be_visible()
    await expect(due).to_be_hidden()
    await card.scroll_into_view_if_needed()
    await still(card)
    await screen.picture(folder / "reminder-320-de-dark.png")
    assert not any("Anna" in title for title in await notifications(house))
    assert screen.problems() == []
    assert house.log_problems(DOMAIN) == []
    await screen.close()
