"""Before and during a walk on the card: who, which way, what will happen, and the speed one step up or down."""

import asyncio
import os
import re
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import Treadmill, add_dashboard, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
LEGIBLE = 3.0
"""The contrast that WCAG asks of what is drawn."""
LANGUAGES = sorted(path.stem for path in (ROOT / "custom_components/retrowalk/translations").glob("*.json"))
WIDTHS = (320, 390)
"""Pixels of narrow phones."""
BY_DAY = {(320, "he")}
"""One for all kinds of them: dark, and from right to left."""
CONTRAST = """(line) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [one, other] = [light(getComputedStyle(line).stroke),
    light(getComputedStyle(line.closest("ha-card")).backgroundColor)];
  return Math.max(one, other) / Math.min(one, other);
}"""
"""How well a line is seen on the card."""
CUT = """() => {
  const cut = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const label = element.matches("button, .chip") && root.host?.localName.startsWith("retrowalk");
      if (label && element.offsetParent && element.scrollWidth > element.clientWidth + 1) cut.push(element.innerText);
    }
  };
  look(document);
  return cut;
}"""
"""The labels of our buttons that are wider than their button."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treadmill(house: HomeAssistantProcess) -> Treadmill:
    """Return a treadmill with Anna, who walked yesterday and the day before, and Bert, who has not walked yet."""
    client = house.client
    entry = await add_virtual_treadmill(client)
    kind = "subentries/flow"
    flow = await client.flow_start([entry["entry_id"], "walker"], kind=kind)
    await client.flow_step(flow["flow_id"], {"name": "Bert", "weight": 80}, kind=kind)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    for days in (1, 2):
        started = (datetime.now().astimezone() - timedelta(days=days)).isoformat()
        await treadmill.act("log_session", walker="Anna", started=started, minutes=6, distance=110)
    await add_dashboard(client, DASHBOARD)
    await treadmill.wait("connection", "connected")
    await treadmill.select("walker", "Anna")  # what was walked elsewhere makes nobody the next walker
    return treadmill


async def opened(browser: Browser, house: HomeAssistantProcess, appearance: Appearance, width: int = 0) -> Screen:
    screen = await Screen.open(browser, house, appearance)
    if width:
        await screen.page.set_viewport_size({"width": width, "height": 844})
    await screen.go(f"/{DASHBOARD}")
    await expect(screen.part(".chips")).to_be_visible()
    await expect(screen.part(".outlook")).to_be_visible()
    return screen


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(browser: Browser, house: HomeAssistantProcess, treadmill: Treadmill) -> Screen:
    await treadmill.wait("connection", "connected")
    return await opened(browser, house, Appearance(phone=True, dark=False, language="en"))


FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element.getRootNode().host?.localName ?? "", element.className];
}"""
"""The card or whatever else the keyboard is in, and the class of the focused element."""


async def test_one_tap_changes_who_walks(screen: Screen, treadmill: Treadmill) -> None:
    anna, bert = (screen.part(".chip").filter(has_text=name) for name in ("Anna", "Bert"))
    await expect(anna).to_have_attribute("aria-pressed", "true")
    await expect(anna).to_contain_text("2 days in a row")
    await bert.click()
    await treadmill.wait("walker", "Bert")
    await expect(bert).to_have_attribute("aria-pressed", "true")
    await expect(anna).to_have_attribute("aria-pressed", "false")
    await screen.page.keyboard.press("Tab")  # the keyboard is still where it was
    await screen.page.keyboard.press("Enter")
    await treadmill.wait("walker", "guest")
    await expect(screen.part(".why")).to_be_hidden()  # a guest has no plan
    await anna.click()
    await expect(screen.part(".why")).to_have_text("Today: The first sessions are slow and level.")
    assert screen.problems() == []


async def test_direction_and_program_are_chosen_on_the_card(screen: Screen, treadmill: Treadmill) -> None:
    await screen.part("[data-choice=direction]").click()
    await treadmill.wait("direction", "forward")
    await expect(screen.part("[data-choice=direction]")).to_have_text("Forward")
    await screen.part("[data-choice=direction]").click()
    await treadmill.wait("direction", "backward")
    menu = screen.part(".chip select")
    await expect(menu.locator("option").first).to_have_text("Plan · 5 min · up to 1.5 km/h")
    await menu.select_option("comeback")
    await treadmill.wait("program", "comeback")
    await screen.wait_says(".time b", "3:00")
    await menu.select_option("plan")
    await screen.wait_says(".time b", "5:00")
    assert screen.problems() == []


async def test_the_curve_is_drawn_before_start(screen: Screen) -> None:
    await screen.wait_says(".outlook b", "up to 1.5 km/h")
    await expect(screen.part(".outlook span")).to_have_text(re.compile(r"about \d+ kcal · \d+ m"))
    await expect(screen.part("polyline.speed")).to_have_count(3)
    await expect(screen.button("start")).to_be_in_viewport(ratio=1)
    await expect(screen.button("stop")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("width", "language", "dark"),
    [
        pytest.param(
            width, language, language in {"de", "he"}, marks=[pytest.mark.nightly] * ((width, language) not in BY_DAY)
        )
        for width, languages in zip(WIDTHS, ([*LANGUAGES, "he"], ["en", "de", "he"]), strict=True)
        for language in languages
    ],
)
@pytest.mark.usefixtures("treadmill")
async def test_it_fits_narrow_phones(
    width: int, language: str, *, dark: bool, browser: Browser, house: HomeAssistantProcess
) -> None:
    narrow = await opened(browser, house, Appearance(phone=True, dark=dark, language=language), width)
    assert not await narrow.scrolls_sideways()
    assert await narrow.violations() == []
    for line in await narrow.part("polyline.speed").all():
        assert await line.evaluate(CONTRAST) >= LEGIBLE, await line.get_attribute("class")
    for chip in await narrow.part(".chip").all():
        box = await chip.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    cut = await narrow.page.evaluate(CUT)
    assert cut == []
    await narrow.close()


async def test_length_and_speed_of_a_free_session_are_set_with_the_keyboard(
    screen: Screen, treadmill: Treadmill
) -> None:
    await screen.part(".chip select").select_option("free")
    longer, faster = (screen.part(f"[aria-label={name}]") for name in ("Longer", "Faster"))
    await expect(longer).to_be_visible()  # what is hidden takes no focus
    await expect(longer).to_have_attribute("aria-disabled", "false")
    await longer.focus()
    await expect(longer).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await screen.page.keyboard.press("Enter")
    await screen.wait_says(".time b", "7:00")
    await treadmill.wait_number("session_length", 7, 7)
    await faster.click()
    await screen.wait_says(".outlook b", "up to 0.6 km/h")
    await expect(screen.part("[aria-label=Slower]")).to_have_attribute("aria-disabled", "false")
    assert await screen.violations() == []
    assert screen.problems() == []


async def test_while_walking_stop_comes_first_and_the_speed_follows_plus(
    screen: Screen, treadmill: Treadmill, calendar: Calendar
) -> None:
    await screen.part(".chip select").select_option("free")
    await screen.press("start")
    await screen.wait_says(".state", "Countdown")
    await expect(screen.part(".checks li").nth(1)).to_have_text("For Anna.")
    await expect(screen.part(".chips")).to_be_hidden()
    await calendar.walk(treadmill, 1)
    await expect(screen.part(".card.warm_up")).to_be_visible()
    await screen.page.reload()  # the keyboard begins at the top
    await expect(screen.part(".stepper button").first).to_be_attached()
    for _ in range(40):
        await screen.page.keyboard.press("Tab")
        host, name = await screen.page.evaluate(FOCUSED)
        if host == "retrowalk-card":
            break
    assert (host, name) == ("retrowalk-card", "stop")
    before = float((await treadmill.states())["target_speed"]["state"])
    await screen.part("[aria-label=Faster]").click()
    await screen.part("[aria-label=Faster]").click()
    after = round(before + 0.2, 1)
    await treadmill.wait_number("target_speed", after, after)
    await expect(screen.part(".stepper bdi").nth(1)).to_have_text(f"{after:g} km/h")
    await expect(screen.button("stop")).to_be_in_viewport(ratio=1)
    assert await screen.violations() == []
    await calendar.let_pass(10)
    distance = screen.part(".value").filter(has_text="Distance").locator("b")
    await expect(distance).to_have_text(re.compile(r"^([3-9]|1\d)$"))  # the sensor has tens of meters
    assert screen.problems() == []
    await screen.button("stop").click()
    await treadmill.wait("session_state", "finished")
    done = screen.card.get_by_role("button", name="Done")
    await expect(done).to_be_visible()
    while await done.is_visible():  # a press in the first moment does nothing, as it may have been meant for Stop
        await done.evaluate("button => button.click()")
        await asyncio.sleep(0.2)
    await expect(screen.part(".chips")).to_be_visible()  # the next session's
    await screen.wait_says(".outlook b", re.compile("up to"))
