"""A program is drawn on the dashboard with keyboard and pointer, chosen and walked; what is written is not lost."""

import asyncio
import os
import re
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.support.live.browser import CHROMIUM, TEXTS, Appearance, Screen, still
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import Treadmill, add_dashboard, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
ENGLISH = TEXTS["en"]
KETTLE = [
    {"seconds": 30, "speed": 0.5},
    {"minutes": 2, "speed_to": 0.9, "label": "Faster"},
    {"minutes": 1, "speed": 0.5},
]
CONNECTED = "document.querySelector('home-assistant').hass.connection.connected"
NOT_SAVED = "|".join(re.escape(ENGLISH[key]) for key in ("not_sent", "program_draft"))
LOSE_CONNECTION = """(save) => {
  document.querySelector("home-assistant").hass.connection.socket.close();
  save.click();
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treadmill(house: HomeAssistantProcess) -> Treadmill:
    """Return a treadmill with Anna, who walked yesterday, and a program of hers."""
    client = house.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    started = (datetime.now().astimezone() - timedelta(days=1)).isoformat()
    await treadmill.act("log_session", walker="Anna", started=started, minutes=6, distance=110)
    await treadmill.act("save_program", name="Kettle", steps=KETTLE)
    await add_dashboard(client, DASHBOARD)
    await treadmill.wait("connection", "connected")
    return treadmill


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(browser: Browser, house: HomeAssistantProcess, treadmill: Treadmill) -> Screen:
    await treadmill.wait("connection", "connected")
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go(f"/{DASHBOARD}")
    return screen


class Editor:
    """The editor in a browser."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.page = screen.page
        self.card = screen.page.locator("retrowalk-programs")

    def part(self, selector: str) -> Locator:
        return self.card.locator(selector)

    def button(self, text: str) -> Locator:
        return self.card.get_by_role("button", name=text, exact=True)

    def field(self, step: int, name: str) -> Locator:
        return self.card.get_by_label(f"Step {step}: {name}", exact=True)

    async def labels(self) -> list[str]:
        """Return the labels of the steps in their order."""
        labels = self.part("[data-part=label]")
        return [await label.input_value() for label in await labels.all()]

    async def says(self, text: str) -> None:
        """Wait for the line below the curve."""
        await expect(self.part(".summary")).to_have_text(text)


async def test_a_program_is_drawn_with_keyboard_and_pointer_and_walked(
    screen: Screen, treadmill: Treadmill, calendar: Calendar
) -> None:
    editor, keyboard = Editor(screen), screen.page.keyboard
    await editor.button(ENGLISH["program_new"]).click()
    await expect(editor.card.get_by_label(ENGLISH["program_name"], exact=True)).to_be_focused()
    await keyboard.type("Half a hill")
    await editor.says("1:00 · up to 0.5 km/h")

    # With the keyboard alone: a second step, of which the curve is drawn anew as one types.
    await editor.field(1, "Minutes").fill("")
    await editor.says("Step 1 has no length. Add minutes or seconds.")
    await expect(editor.part(".steps .wrong")).to_have_count(1)
    await expect(editor.field(1, "Seconds")).to_have_attribute("aria-invalid", "true")
    await editor.field(1, "Seconds").focus()
    await keyboard.type("30")
    await editor.says("0:30 · up to 0.5 km/h")
    flat = await editor.part("path.walked").get_attribute("d")
    await editor.button(ENGLISH["program_add"]).press("Enter")
    await expect(editor.field(2, "Minutes")).to_be_focused()
    await keyboard.press("Backspace")
    await keyboard.press("Tab")
    await keyboard.type("30")
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    await keyboard.type("9")
    await editor.says("1:00 · up to 9 km/h")
    await expect(editor.part(".cuts")).to_contain_text("Step 2: 9 km/h is too fast here. It becomes 3 km/h.")
    assert await editor.part("path.walked").get_attribute("d") != flat
    await keyboard.press("Backspace")
    await keyboard.type("0,8")
    await editor.says("1:00 · up to 0.8 km/h")
    await editor.field(2, "Label").fill("Up")
    await editor.button("Step 1: Duplicate").press("Enter")
    await expect(editor.button("Step 2: Duplicate")).to_be_focused()
    await editor.button("Step 2: Move down").press("Space")
    await expect(editor.part(".said")).to_have_text("Step 2 is now step 3.")
    await expect(editor.button("Step 3: Move up")).to_be_focused()  # it cannot go on down
    assert await editor.labels() == ["", "Up", ""]
    await editor.says("1:30 · up to 0.8 km/h")

    # With the pointer: the last step is drawn to the top, put back, deleted, and put back.
    handle = editor.part(".handle").nth(1)
    await handle.scroll_into_view_if_needed()
    await still(handle)  # on a busy computer the page still grows, or scrolls
    await handle.hover()
    await expect(editor.part(".handle:hover")).to_have_count(1)
    await screen.page.mouse.down()
    await expect(editor.part(".dragged .handle")).to_have_count(1)
    grabbed, above = await handle.bounding_box(), await editor.part(".handle").first.bounding_box()
    assert grabbed is not None
    assert above is not None
    await screen.page.mouse.move(grabbed["x"] + 20, above["y"] + 10, steps=6)
    await screen.page.mouse.up()
    await expect(editor.part(".said")).to_have_text("Step 2 is now step 1.")
    assert await editor.labels() == ["Up", "", ""]
    await editor.says("Step 1: it is not clear where the ramp of speed begins. Enter speed too.")
    await editor.button(ENGLISH["program_undo"]).click()
    assert await editor.labels() == ["", "Up", ""]
    await editor.button("Step 2: Delete").click()
    await editor.says("1:00 · up to 0.5 km/h")
    await editor.button(ENGLISH["program_undo"]).click()
    await editor.says("1:30 · up to 0.8 km/h")
    await editor.button("Step 2: Duplicate").click()
    await editor.field(3, "Seconds").fill("15")
    await editor.field(3, "Speed at the end").fill("")
    await editor.field(3, "Label").fill("On top")
    await editor.says("1:45 · up to 0.8 km/h")
    await expect(editor.part(".cuts")).to_be_hidden()
    assert await screen.violations() == []

    # Saved, chosen on the card, and walked to its end.
    await editor.button(ENGLISH["program_save"]).click()
    await expect(editor.part(".said")).to_have_text("Half a hill was saved. Select it as the program to walk it.")
    await expect(editor.part(".own button").nth(1)).to_have_text("Half a hill1:45 · up to 0.8 km/h")
    menu = screen.part(".chip select")
    await menu.select_option("Half a hill")
    await treadmill.wait("program", "Half a hill")
    await screen.wait_says(".outlook b", "up to 0.8 km/h")
    await screen.press("start")
    fast = asyncio.create_task(treadmill.wait_number("speed", 0.75, 0.85, 80))
    await calendar.walk(treadmill, 105)
    await fast
    await treadmill.wait("session_state", "finished", 80)
    assert "Half a hill" in await walked_programs(treadmill)
    assert screen.problems() == []


async def walked_programs(treadmill: Treadmill) -> set[str | None]:
    """Return the programs of Anna's sessions once the newest one is stored, or all of them if none comes."""
    now = datetime.now().astimezone()
    days = {"from": f"{now - timedelta(days=1):%Y-%m-%d}", "to": f"{now + timedelta(days=1):%Y-%m-%d}"}
    for _ in range(40):
        answer = await treadmill.act("get_sessions", respond=True, walker="Anna", **days)
        programs = {session["program"] for session in answer["sessions"]}
        if len(answer["sessions"]) > 1:
            break
        await asyncio.sleep(0.25)
    return programs


async def test_what_is_written_outlasts_the_page_and_the_connection(screen: Screen, treadmill: Treadmill) -> None:
    editor = Editor(screen)
    await screen.page.reload()
    await editor.part(
        ".own button",
    ).first.click()
    await expect(editor.card.get_by_label(ENGLISH["program_name"], exact=True)).to_have_value("Kettle")
    await editor.field(2, "Speed at the end").fill("1.1")
    await editor.says("3:30 · up to 1.1 km/h")
    await screen.page.reload()
    await expect(editor.part(".said")).to_have_text(ENGLISH["program_draft"])
    await expect(editor.field(2, "Speed at the end")).to_have_value("1.1")
    await editor.says("3:30 · up to 1.1 km/h")

    await editor.button(ENGLISH["program_save"]).evaluate(LOSE_CONNECTION)
    # The page connects again at once, and then says that what was written is not saved yet.
    await expect(editor.part(".said")).to_have_text(re.compile(NOT_SAVED))
    await expect(editor.field(2, "Speed at the end")).to_have_value("1.1")
    await screen.page.wait_for_function(CONNECTED)
    await editor.button(ENGLISH["program_save"]).click()
    await expect(editor.part(".own button").first).to_have_text("Kettle3:30 · up to 1.1 km/h")
    assert screen.problems() == []


async def test_discarded_and_deleted_programs_come_back(screen: Screen, treadmill: Treadmill) -> None:
    editor = Editor(screen)
    await editor.part(".copy").select_option("intervals")
    await expect(editor.part(".said")).to_contain_text("This program repeats several steps together.")
    await expect(editor.part(".steps li")).to_have_count(9)
    await editor.button(ENGLISH["program_discard"]).click()
    await expect(editor.part(".said")).to_contain_text(ENGLISH["program_discarded"])
    await expect(editor.button(ENGLISH["program_new"])).to_be_focused()
    await editor.button(ENGLISH["program_undo"]).click()
    await expect(editor.part(".steps li")).to_have_count(9)
    await expect(editor.card.get_by_label(ENGLISH["program_name"], exact=True)).to_have_value("Intervals 2")
    await editor.button(ENGLISH["program_discard"]).click()

    kettle = editor.part(".own button").filter(has_text="Kettle")
    await kettle.click()
    await editor.button(ENGLISH["program_drop"]).click()
    await expect(kettle).to_have_count(0)
    await editor.button(ENGLISH["program_undo"]).click()
    await expect(kettle).to_have_count(1)
    assert screen.problems() == []


@pytest.mark.parametrize(
    ("language", "dark"),
    [
        pytest.param("en", False, marks=pytest.mark.nightly),
        pytest.param("de", True, marks=pytest.mark.nightly),
        ("he", True),
    ],
)
@pytest.mark.usefixtures("treadmill")
async def test_it_fits_narrow_phones(
    language: str, *, dark: bool, browser: Browser, house: HomeAssistantProcess
) -> None:
    narrow = await Screen.open(browser, house, Appearance(phone=True, dark=dark, language=language))
    await narrow.page.set_viewport_size({"width": 320, "height": 700})
    await narrow.go(f"/{DASHBOARD}")
    editor = Editor(narrow)
    await editor.part(".own button").filter(has_text="Kettle").click()
    await expect(editor.part("path.walked")).to_be_attached()
    await editor.part("[data-part=speed_to]").nth(1).fill("9")
    await expect(editor.part(".cuts li").first).to_be_visible()
    assert not await narrow.scrolls_sideways()
    assert await narrow.violations() == []
    for pressed in await editor.part(":is(button, input, select):visible").all():
        box = await pressed.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 320
    assert narrow.problems() == []
    await narrow.close()
