"""How was it: a walk ends on the card with its result, is rated, corrected, saved and done with, in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import DOMAIN, Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
LONG_ENOUGH = 22.0
"""Seconds on the belt after which a session is kept."""
SETTLED = 800
"""Milliseconds after which a press on the result is meant for it."""
UNKNOWN = "\N{EN DASH}"
SPAN = {"from": "2020-01-01 00:00:00", "to": "2100-01-01 00:00:00"}
NARROW = {"width": 320, "height": 700}


async def test_a_walk_is_rated_corrected_saved_and_done_with_on_the_card(
    calendar: Calendar, browser: Browser, treadmill: Treadmill, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    house = calendar.house
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    other = await Screen.open(browser, house, Appearance(phone=False, dark=True, language="de"))
    for one in (screen, other):
        await one.go(f"/{DASHBOARD}")
        await expect(one.card).to_be_visible()
    await choose_guest(house, treadmill)
    await screen.press("start")
    await calendar.walk(treadmill, LONG_ENOUGH)
    await screen.wait_says(".time b", re.compile(r"4:[0-3]\d"))
    await expect(screen.part(".result")).to_have_count(0)
    await screen.button("stop").click()

    # The belt rests, and the card is the result, on every screen.
    result, his = screen.part(".result"), other.part(".result")
    await expect(result).to_be_visible()
    await expect(screen.part(".stage")).to_be_hidden()
    await expect(result.get_by_role("img", name="What was walked")).to_be_visible()
    await expect(result.get_by_role("button", name="Same", exact=True)).to_be_hidden()
    who = result.get_by_role("combobox", name=screen.text("who_was_it"))
    await expect(who).to_be_enabled()
    await screen.page.wait_for_timeout(SETTLED)
    await who.select_option("Anna")
    await expect(result.locator(".days .today")).to_be_visible()
    await expect(result.locator(".coming")).to_contain_text("Next: ")
    await expect(his).to_contain_text("Falls sich dein Knie doch meldet")  # nobody is asked about some seconds
    await expect(result.get_by_role("button", name="Worse", exact=True)).to_be_in_viewport()
    await expect(screen.part(".press .stop")).to_be_visible()
    folder: Path = pytestconfig.getoption("screenshots") or tmp_path
    await screen.picture(folder / "result-phone.png")
    await other.picture(folder / "result-dark-german.png")

    # One tap rates; it is taken back for ten seconds, and it is the same on every screen.
    same = result.get_by_role("button", name="Same", exact=True)
    await expect(same).to_be_enabled()
    await same.click()
    await expect(same).to_have_attribute("aria-pressed", "true")
    await expect(his.get_by_role("button", name="Gleich")).to_have_attribute("aria-pressed", "true")
    await same.click()  # the second one of a double tap
    await expect(same).to_have_attribute("aria-pressed", "true")
    await result.get_by_role("button", name=screen.text("undo")).click()
    await expect(same).to_have_attribute("aria-pressed", "false")
    # Undo is gone once somebody else has answered: it would take back more than its own answer.
    await result.get_by_role("button", name="Better", exact=True).click()
    await expect(result.get_by_role("button", name=screen.text("undo"))).to_be_visible()
    await his.get_by_role("button", name="Schlechter", exact=True).click()
    await expect(result.get_by_role("button", name="Worse", exact=True)).to_have_attribute("aria-pressed", "true")
    await expect(result.get_by_role("button", name=screen.text("undo"))).to_be_hidden()
    await result.get_by_role("button", name="A bit worse").click()
    await result.get_by_role("combobox", name="Knee, 0 to 10").select_option("3")
    await result.get_by_role("combobox", name="Effort, 0 to 10").select_option("4")
    await expect(his.get_by_role("combobox", name="Anstrengung, 0 bis 10")).to_have_value("4")
    await expect(result.locator(".coming .why")).to_contain_text("knee")

    assert await screen.violations() == []
    assert await other.violations() == []
    await screen.page.set_viewport_size(NARROW)
    assert not await screen.scrolls_sideways()
    await screen.picture(folder / "result-narrow.png")

    async with screen.page.expect_download() as downloaded:
        await result.get_by_role("button", name=screen.text("save_file")).click()
    download = await downloaded.value
    assert download.suggested_filename.endswith(".fit")
    await download.save_as(tmp_path / "walk.fit")
    assert (tmp_path / "walk.fit").read_bytes()[8:12] == b".FIT"

    # It stays over a reload of the page, until somebody is done; idle tells nothing of the last walk.
    await screen.page.reload()
    await expect(result).to_be_visible()
    await his.get_by_role("button", name="Fertig").click()
    await expect(result).to_be_hidden()
    await expect(his).to_be_hidden()
    await expect(screen.part(".stage")).to_be_visible()
    await screen.wait_says(".time span", screen.text("planned"))  # though the session's state is still finished
    await calendar.let_pass(60)
    await treadmill.wait("session_state", "idle")
    await expect(screen.part(".value").filter(has_text="Distance")).to_contain_text(UNKNOWN)
    assert screen.problems() + other.problems() == []
    assert house.log_problems(DOMAIN) == []


async def test_a_session_is_deleted_after_one_question(
    calendar: Calendar, browser: Browser, treadmill: Treadmill
) -> None:
    house = calendar.house
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    await screen.press("start")
    await calendar.walk(treadmill, LONG_ENOUGH)
    await screen.button("stop").click()
    result = screen.part(".result")
    await expect(result).to_be_visible()
    before = await sessions(house, treadmill)
    await expect(result.get_by_role("button", name="Delete", exact=True)).to_be_enabled()
    await screen.page.wait_for_timeout(SETTLED)
    await result.get_by_role("button", name="Delete", exact=True).click()
    await result.get_by_role("button", name="Keep").click()
    assert await sessions(house, treadmill) == before
    await result.get_by_role("button", name="Delete", exact=True).click()
    await result.get_by_role("button", name="Delete for good").click()
    await expect(result).to_be_hidden()
    assert await sessions(house, treadmill) == before - 1
    assert screen.problems() == []


async def test_who_watches_a_knee_tells_before_and_finds_the_result_after_a_restart(
    calendar: Calendar, browser: Browser, treadmill: Treadmill, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    house, folder = calendar.house, pytestconfig.getoption("screenshots") or tmp_path
    await ask_before(house, treadmill)
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    dark = await Screen.open(browser, house, Appearance(phone=True, dark=True, language="de"))
    for one in (screen, dark):
        await one.page.set_viewport_size(NARROW)
        await one.go(f"/{DASHBOARD}")
    question = screen.part(".before")
    await expect(question).to_contain_text("How is your knee before you walk?")
    little = question.get_by_role("button", name="A little · 2")
    await little.click()
    await expect(little).to_have_attribute("aria-pressed", "true")
    await expect(dark.part(".before").get_by_role("button", name="Etwas · 2")).to_have_attribute("aria-pressed", "true")
    for one, name in ((screen, "knee-before"), (dark, "knee-before-dark-german")):
        assert await one.violations() == []
        assert not await one.scrolls_sideways()
        await one.part(".before").evaluate("element => element.scrollIntoView({ block: 'center' })")
        await one.picture(folder / f"{name}.png")
    await question.get_by_role("button", name="Bad · 6").click()
    await expect(question).to_contain_text("That is a lot.")
    await little.click()
    await expect(screen.button("start")).to_be_enabled()
    await screen.press("start")
    await expect(question).to_be_hidden()
    await calendar.walk(treadmill, LONG_ENOUGH)
    await screen.button("stop").click()
    result = screen.part(".result")
    await expect(result).to_be_visible()
    await expect(question).to_be_hidden()

    await house.restart()
    again = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    await again.go(f"/{DASHBOARD}")
    result = again.part(".result")
    await expect(result).to_be_visible(timeout=30_000)
    same = result.get_by_role("button", name="Same", exact=True)
    await expect(same).to_be_enabled(timeout=30_000)
    await again.page.wait_for_timeout(SETTLED)
    await same.click()
    await expect(same).to_have_attribute("aria-pressed", "true")
    await again.picture(folder / "result-after-restart.png")
    answer = await house.client.call_service(
        DOMAIN, "get_sessions", {"device_id": treadmill.device["id"], **SPAN}, return_response=True
    )
    assert (answer["sessions"][-1]["discomfort_before"], answer["sessions"][-1]["knee"]) == (2, "same")
    await result.get_by_role("button", name="Done", exact=True).click()
    await expect(result).to_be_hidden()
    assert house.log_problems(DOMAIN) == []


async def ask_before(house: HomeAssistantProcess, treadmill: Treadmill) -> None:
    """Have Anna asked before and after sessions, in her dialog."""
    kind, entry_id = "subentries/flow", treadmill.entry_id
    [subentry] = await house.client.command("config_entries/subentries/list", entry_id=entry_id)
    flow = await house.client.flow_start([entry_id, "walker"], kind=kind, subentry_id=subentry["subentry_id"])
    shown = {
        field["name"]: value
        for field in flow["data_schema"]
        if (value := (field.get("description") or {}).get("suggested_value")) is not None
    }
    answer = await house.client.flow_step(flow["flow_id"], {**shown, "ratings": "both"}, kind=kind)
    assert answer["reason"] == "reconfigure_successful", answer


async def choose_guest(house: HomeAssistantProcess, treadmill: Treadmill) -> None:
    """Choose a guest as the walker of the next session."""
    data = {"entity_id": treadmill.entity_id("walker"), "option": "guest"}
    await house.client.call_service("select", "select_option", data)


async def sessions(house: HomeAssistantProcess, treadmill: Treadmill) -> int:
    """Return how many sessions there are."""
    answer = await house.client.call_service(
        DOMAIN, "get_sessions", {"device_id": treadmill.device["id"], **SPAN}, return_response=True
    )
    return len(answer["sessions"])
