"""A walker's report in a real browser: opened from the dashboard, printed on one page, and saved."""

import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.history.report import first_day, make_report
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.report.page import write_page
from custom_components.retrowalk.training.report.words import Words
from custom_components.retrowalk.training.units import Units
from scripts.lib.demo import DEMO_CONFIGURATION
from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess
from tests.support.live.stored_sessions import store_sessions
from tests.support.live.treadmill import DOMAIN, Treadmill, add_dashboard, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
WEEKS = 26
"""Weeks with sessions before the test."""
SHORT = ("Warm and easy.", "A little stiff at first, fine after two minutes.", "Held the rail less than last week.")
LONG = "The knee was stiff on the stairs this morning, and better after the walk than before it. " * 6
"""As long as a note may be, once it is cut there."""
PAPERS = ("A4", "Letter")


def half_a_year(walker: str) -> list[SessionRecord]:
    """Return half a year of a walker: most days, slowly faster, with notes that are long but for the newest."""
    now = datetime.now().astimezone()
    records = []
    for days in range(WEEKS * 7):
        if days % 9 == 4:
            continue  # missed
        week = WEEKS - days // 7
        ended = now - timedelta(days=days, minutes=1)
        seconds = 300.0 + 20 * (days % 4)
        speed = 1.5 + 0.05 * (week // 2)
        number = len(records)
        records.append(
            SessionRecord(
                id=f"{number:026}",
                walker=walker,
                direction=Direction.BACKWARD,
                started=ended - timedelta(seconds=seconds),
                ended=ended,
                moving_time=seconds,
                distance=seconds * speed / 3.6,
                calories=20.0,
                calories_net=14.0,
                max_speed=round(speed, 1),
                max_incline=0.5 * max(week - 23, 0),
                planned=300.0,
                discomfort_before=2 + days * 5 % 7 % 3,
                discomfort_after=1 + days * 3 % 11 % 4,
                effort=3 + days % 3,
                note=SHORT[number] if number < len(SHORT) else LONG[:500],
            )
        )
    return records


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeAssistantProcess]:
    """Return a Home Assistant whose walker has walked for half a year, with a dashboard."""
    async with HomeAssistantProcess(tmp_path_factory.mktemp("house"), configuration=DEMO_CONFIGURATION) as house:
        entry = await add_virtual_treadmill(house.client)
        [walker] = await (await Treadmill.of_entry(house.client, entry["entry_id"])).walkers()
        identifier = walker.device["identifiers"][0][1]
        await add_dashboard(house.client, DASHBOARD)
        await house.stop()
        store_sessions(house, entry["entry_id"], half_a_year(identifier.rpartition("_")[2]))
        await house.start()
        yield house


def wordy(records: list[SessionRecord]) -> list[SessionRecord]:
    """Return sessions with notes that take as much room as notes can, and a forward session beside each."""
    wide = ("漢字" * 250, "שלום עולם " * 50, "Z\u0351\u036b\u0343\u0352\u0301" * 80, "W" * 500)
    return [
        replace(
            record,
            id=f"{record.id} {direction}",
            note=wide[number % len(wide)],
            direction=direction,
            outcome=Outcome.LOGGED,
            distance=1e8,
            moving_time=1e6,
        )
        for number, record in enumerate(records)
        for direction in Direction
    ]


async def count_pages(page: Page, paper: str) -> int:
    """Print a page to a PDF and return the number of its sheets."""
    printed = await page.pdf(format=paper)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


async def test_the_button_opens_a_report_that_is_printed_on_one_page(
    house: HomeAssistantProcess, browser: Browser, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    card = screen.page.locator("retrowalk-report")
    button = card.get_by_role("button", name="Report", exact=True)
    await expect(button).to_be_visible()
    assert await screen.violations() == []
    async with screen.page.context.expect_page() as opened:
        await button.click()
    page = await opened.value
    shown = Screen(page, screen.appearance, screen.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Backward walking: Anna")
    await expect(page.locator("tbody tr")).to_have_count(12)
    await expect(page.get_by_role("img")).to_have_count(3)
    assert not await shown.scrolls_sideways()
    for paper in PAPERS:
        assert await count_pages(page, paper) == 1, paper
    assert screen.problems() == []
    # What signs a browser of these tests in finds no storage there: the page is a sandbox.
    assert all("The document is sandboxed" in problem for problem in shown.problems())
    folder: Path | None = pytestconfig.getoption("screenshots")
    await page.set_viewport_size({"width": 880, "height": 824})
    await shown.picture((folder or tmp_path) / "report.png")

    # A browser that opens no tab gets a link, and what Home Assistant refuses is said beside the button.
    await screen.page.evaluate("window.open = () => null")
    await button.click()
    link = card.get_by_role("link", name="Open the report")
    await expect(link).to_have_attribute("href", re.compile(r"/api/retrowalk/report/\w+\?.*weeks=12.*authSig="))
    await screen.page.route("**/api/retrowalk/report/**", lambda route: route.fulfill(status=403, body="Not yours."))
    await button.click()
    await expect(card.get_by_role("status")).to_have_text("Not yours.")
    await screen.page.unroute_all()
    assert ["403" in problem for problem in screen.problems()] == [True]

    # Six weeks, saved as a file that needs neither Home Assistant nor a network.
    await card.get_by_role("combobox", name="Weeks of the report").select_option("6")
    async with screen.page.expect_download() as downloaded:
        await card.get_by_role("button", name="Save report", exact=True).click()
    download = await downloaded.value
    assert re.fullmatch(r"retrowalk_anna_\d{4}-\d\d-\d\d\.html", download.suggested_filename)
    saved = tmp_path / download.suggested_filename
    await download.save_as(saved)
    await page.goto(saved.as_uri())
    await expect(page.locator("tbody tr")).to_have_count(6)
    await expect(page.locator("li")).to_have_count(await page.locator("li bdi").count())
    assert await count_pages(page, "A4") == 1
    assert await shown.violations() == []  # on the page that Home Assistant sends no script runs at all
    assert shown.problems() == []

    # The longest report, as an address that was signed elsewhere.
    [treadmill] = await house.client.entries(DOMAIN)
    [walker] = await (await Treadmill.of_entry(house.client, treadmill["entry_id"])).walkers()
    path = f"/api/retrowalk/report/{walker.device['id']}?weeks={WEEKS}"
    signed = await house.client.command("auth/sign_path", path=path)
    await page.goto(f"{house.url}{signed['path']}")
    await expect(page.locator("tbody tr")).to_have_count(WEEKS)
    for paper in PAPERS:
        assert await count_pages(page, paper) == 1, paper
    assert all("The document is sandboxed" in problem for problem in shown.problems())
    await screen.close()


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.nightly), "de"])
async def test_a_report_is_one_page_however_long_names_notes_and_numbers_are(browser: Browser, language: str) -> None:
    texts = json.loads((ROOT / f"custom_components/retrowalk/translations/{language}.json").read_text())["common"]
    now = datetime.now().astimezone()
    page = await browser.new_page()
    for weeks in (1, 6, 7, 12, 13, 20, WEEKS):
        report = make_report(
            wordy(half_a_year("anna")),
            plan=WeeklyPlan(),
            goal_minutes=7.5,
            first=first_day(now.date(), weeks),
            last=now.date(),
            today=now.date(),
            tz=now.tzinfo or UTC,
        )
        await page.set_content(
            write_page(report, "Maximiliane " * 40, now.date(), Words(by_key=texts, units=Units(miles=True)))
        )
        await expect(page.locator("tbody tr")).to_have_count(weeks)
        for paper in PAPERS:
            assert await count_pages(page, paper) == 1, (weeks, paper)
    await page.close()
