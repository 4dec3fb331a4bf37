"""The session over the whole screen in a real browser: opened by the ring, read from afar, left, gone at the end."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar
from tests.support.live.treadmill import Treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
DASHBOARD = "my-walks"
SIZES = {"tablet": (1280, 800), "phone": (320, 568), "zoomed": (640, 400), "lying": (740, 360)}
LONG_ENOUGH = 22.0
"""Seconds on the belt after which a session is kept."""
SETTLED = 800
"""Milliseconds after which a press on a button that has just appeared is meant for it."""
FROM_AFAR = 0.16
"""The least part of a tablet's height that digits have, which are read over the shoulder from three meters."""
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element.className;
}"""


async def test_the_session_fills_the_screen_until_somebody_leaves_or_it_is_over(
    calendar: Calendar, browser: Browser, treadmill: Treadmill, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    house = calendar.house
    folder: Path = pytestconfig.getoption("screenshots") or tmp_path
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    page = screen.page
    await page.set_viewport_size({"width": 1280, "height": 800})
    await screen.go(f"/{DASHBOARD}")
    await treadmill.wait("connection", "connected")
    afar, ring = screen.part(".afar"), screen.card.get_by_role("button", name=screen.text("full_screen"))
    await expect(screen.button("start")).to_be_visible()
    await expect(ring).to_be_hidden()  # there is nothing to show yet
    await screen.press("start")
    await calendar.walk(treadmill, 1)
    await expect(screen.part(".card.warm_up")).to_be_visible()
    strokes = await screen.part(".card > .curve .speeds polyline").evaluate_all(
        "lines => lines.map((line) => getComputedStyle(line).stroke)"
    )
    assert len(strokes) == len(set(strokes)) == 3, "each phase of the curve has its own color while one is walked"

    # Enter on the ring opens it; the first Tab leads to Stop, and no further than its own two buttons.
    await ring.focus()
    await page.keyboard.press("Enter")
    await expect(afar).to_be_visible()
    box = await afar.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1280, "height": 800}
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "stop"
    for expected in ("open", "stop"):
        await page.keyboard.press("Tab")
        assert await page.evaluate(FOCUSED) == expected
    stop = afar.get_by_role("button", name=screen.text("stop"), exact=True)
    for name, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for part in (".time b", ".value.main b", ".plot", ".state"):
            await expect(afar.locator(part)).to_be_in_viewport(ratio=1)
        await expect(stop).to_be_in_viewport(ratio=1)
        pressed, digits = await stop.bounding_box(), await afar.locator(".time b").bounding_box()
        assert pressed is not None
        assert digits is not None
        assert pressed["height"] >= 72
        assert pressed["width"] >= 0.9 * width
        assert digits["y"] + digits["height"] <= pressed["y"]
        assert not await screen.scrolls_sideways()
        found = await screen.violations()
        assert found == [], found[0]
        await screen.picture(folder / f"full-screen-{name}.png")
        if name == "tablet":
            assert digits["height"] >= FROM_AFAR * height
    await page.set_viewport_size({"width": 1280, "height": 800})
    before = await screen.seconds()
    await page.wait_for_timeout(2500)
    assert await screen.seconds() < before
    colors = await afar.evaluate(
        "box => ['warm_up', 'active', 'cool_down', 'paused'].map((phase) => {"
        " box.className = `afar ${phase}`; return getComputedStyle(box).backgroundColor })"
    )
    assert len(set(colors)) == 4, "each phase has its color"

    # Escape leaves, and so does a tap; the card has everything back where it was.
    await page.keyboard.press("Escape")
    await expect(afar).to_be_hidden()
    assert await page.evaluate(FOCUSED) == "open"
    for part in (".stage .ring", ".stage .values", "header .state", ".card > .curve"):
        await expect(screen.part(part)).to_be_visible()
    await ring.click()
    await expect(afar).to_be_visible()
    await afar.locator(".value.main b").click(force=True)
    await expect(afar).to_be_hidden()
    await expect(page.locator("ha-more-info-dialog [open]")).to_have_count(0)

    # It goes by itself when the session is over, and the card is the result.
    await ring.click()
    await calendar.let_pass(LONG_ENOUGH)
    await stop.click()
    await treadmill.wait("session_state", "finished")
    await expect(afar).to_be_hidden()
    await expect(screen.part(".result")).to_be_visible()
    assert screen.problems() == []
    await screen.close()


async def test_at_rest_stop_is_quiet_and_the_child_lock_is_on_start(
    house: HomeAssistantProcess, browser: Browser, treadmill: Treadmill
) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=True, language="de"))
    await screen.go(f"/{DASHBOARD}")
    stop = screen.part(".press .stop")
    await expect(stop).to_have_class("stop quiet")
    await house.client.command("retrowalk/done", device_id=treadmill.device["id"])
    await expect(screen.part(".stage")).to_be_visible()
    await expect(stop).to_be_in_viewport(ratio=1)
    assert await screen.violations() == []
    switch = {"entity_id": treadmill.entity_id("control_lock")}
    await house.client.call_service("switch", "turn_on", target=switch)
    locked = screen.button("lock")
    await expect(locked).to_be_visible()
    await expect(screen.button("start")).to_have_count(0)
    await screen.page.wait_for_timeout(SETTLED)
    await locked.click()  # leads to where it is unlocked
    await expect(screen.page.locator("ha-more-info-dialog")).to_contain_text("Child lock")  # as the system names it
    await house.client.call_service("switch", "turn_off", target=switch)
    await expect(locked).to_have_count(0)
    assert screen.problems() == []
    await screen.close()
