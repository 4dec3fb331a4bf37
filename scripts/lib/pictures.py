"""The pictures of README and docs that need a walk, one of them moving, from this build: called by scripts/screenshots.

A real Home Assistant whose time jumps and runs fast has a walker of six weeks, and a walk that is watched on a phone.
"""

import asyncio
import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Locator, async_playwright, expect

from tests.support.live.browser import CHROMIUM, COLOURS, OPTIONS, Appearance, Screen
from tests.support.live.time_travel import DASHBOARD, FAST, SETTLES, Calendar, house_with_a_calendar, rate, start
from tests.support.live.treadmill import WALKER, Treadmill, add_virtual_treadmill

WEEKS = 6
STEPS = [
    {"minutes": 1, "speed": 1.0, "label": "Warm-up"},
    {"minutes": 3, "speed": 1.5, "speed_to": 2.0, "label": "Gently faster"},
    {"minutes": 2, "speed": 3.6, "label": "Brisk"},
    {"minutes": 1, "speed": 1.0, "label": "Cool-down"},
]
"""A program of which the limits cut something."""
HEIGHT = 780
"""The height (px) of the moving picture."""
QUALITY = 40
"""The quality of the moving picture, whose digits stay sharp."""
TIMES = 12
"""How many times as fast the time runs in the moving picture."""
PHONE = 390
HIGHEST = 960
"""The height (px) at which the picture of a long card ends."""
STILL = {"start": 900, "count": 300, "walk": 85, "result": 1300, "rated": 1500}
"""Milliseconds that a frame of the moving picture is seen."""


class Film:
    """The frames of the moving picture."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.frames: list[Image.Image] = []
        self.shown: list[int] = []

    async def take(self, kind: str) -> None:
        """Take a frame of the card."""
        png = await self.screen.page.screenshot()
        with Image.open(io.BytesIO(png)) as image:
            self.frames.append(image.convert("RGB"))
        self.shown.append(STILL[kind])

    def save(self, path: Path) -> None:
        """Write the moving picture."""
        first, *rest = self.frames
        first.save(path, save_all=True, append_images=rest, duration=self.shown, loop=0, quality=QUALITY, method=4)
        print(f"{path}: {len(self.frames)} frames, {sum(self.shown) / 1000:.1f} s, {path.stat().st_size / 1000:.0f} kB")


async def film(calendar: Calendar, screen: Screen, treadmill: Treadmill, path: Path) -> None:
    """Film a walk, from Start to how the knee is."""
    moving = Film(screen)
    await screen.go(f"/{DASHBOARD}/{treadmill.device['id']}")
    await expect(screen.part(".outlook")).to_be_visible()
    await hide_header(screen)
    await asyncio.sleep(2)
    await moving.take("start")
    await screen.button("start").click()
    await treadmill.wait("session_state", "countdown", 30)
    for digits in ("14", "13", "12", "5", "4", "3", "2", "1"):
        await screen.wait_says(".count", digits, 30)
        await moving.take("count")
    await treadmill.wait("session_state", "warm_up", 40)
    await asyncio.sleep(1)
    await calendar.run(TIMES)
    result = screen.part(".result")
    while not await result.is_visible():
        await moving.take("walk")
        await asyncio.sleep(0.3)
    await calendar.run(1)
    await asyncio.sleep(1.5)
    moving.frames.pop()  # it may be half of the result
    moving.shown.pop()
    await moving.take("result")
    same = result.get_by_role("button", name="Same", exact=True)
    await expect(same).to_be_enabled()
    await same.click()
    await expect(same).to_have_attribute("aria-pressed", "true")
    await asyncio.sleep(1)
    await moving.take("rated")
    moving.save(path)
    await result.get_by_role("button", name="Done", exact=True).click()
    await expect(result).to_be_hidden()


async def hide_header(screen: Screen) -> None:
    """Show nothing but the card."""
    card = await screen.card.bounding_box()
    assert card is not None
    await screen.page.mouse.wheel(0, card["y"] - 64)


async def save(part: Locator, path: Path) -> None:
    """Take a picture of a part of a page."""
    await part.scroll_into_view_if_needed()
    await asyncio.sleep(1)
    with Image.open(io.BytesIO(await part.screenshot())) as image:
        shown = image.convert("RGB").crop((0, 0, image.width, min(image.height, HIGHEST)))
        shown.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


async def six_weeks(calendar: Calendar, treadmill: Treadmill) -> None:
    """Enter the sessions of six weeks, and how the knee was after each."""
    day = (await calendar.now()).replace(hour=17, minute=40, second=0, microsecond=0) - timedelta(weeks=WEEKS)
    number = 0
    while day.date() < (await calendar.now()).date():
        number += 1
        minutes = 4 + number // 10 / 2 + number % 2 / 2
        data = {"walker": WALKER["name"], "started": day.isoformat(), "minutes": minutes}
        await treadmill.act("log_session", **data, distance=round(minutes * (16 + number / 10)))
        day += timedelta(days=1)
    span = {"from": day - timedelta(weeks=WEEKS + 1), "to": day + timedelta(days=2)}
    data = {name: f"{moment:%Y-%m-%d %H:%M:%S}" for name, moment in span.items()}
    sessions: list[dict[str, Any]] = (await treadmill.act("get_sessions", respond=True, **data))["sessions"]
    for number, session in enumerate(sessions):
        before = max(5 - number // 7, 1)
        rating: dict[str, Any] = {
            "discomfort_before": before,
            "discomfort_after": max(before - number % 2, 0),
            "effort": 3,
        }
        knee = "better" if number % 3 == 0 else "same"
        await treadmill.act("rate_session", session_id=session["id"], knee=knee, **rating)


async def take_pictures(calendar: Calendar, browser: Browser, folder: Path) -> None:
    """Take all pictures, in the order of a walker's days."""
    client = calendar.house.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    await six_weeks(calendar, treadmill)
    phone = await Screen.open(browser, calendar.house, Appearance(phone=True, dark=False, language="en"))
    dark = await Screen.open(browser, calendar.house, Appearance(phone=True, dark=True, language="en"))
    desktop = await Screen.open(browser, calendar.house, Appearance(phone=False, dark=False, language="en"))
    for screen in (phone, dark, desktop):
        await screen.page.emulate_media(reduced_motion="reduce")  # a ring that is on its way shows no time
    view = f"/{DASHBOARD}/{treadmill.device['id']}"

    # Two days with a walk, for the list; the second is filmed.
    await start(phone, treadmill)
    await calendar.run(FAST)
    await expect(phone.part(".result")).to_be_visible(timeout=90_000)
    await calendar.run(1)
    await rate(phone)
    tomorrow = (await calendar.now() + timedelta(days=1)).replace(hour=17, minute=40, second=0)
    await calendar.jump(tomorrow)
    await treadmill.press("connect")
    await treadmill.wait("connection", "connected", 60)
    await phone.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    await film(calendar, phone, treadmill, folder / "walk.webp")

    # A walk on the desktop and on another phone.
    await calendar.jump(await calendar.now() + timedelta(days=1))
    await treadmill.press("connect")
    await treadmill.wait("connection", "connected", 60)
    await desktop.page.set_viewport_size({"width": 1280, "height": 960})
    for screen in (desktop, dark):
        await screen.go(view)
        await expect(screen.part(".outlook")).to_be_visible()
    await asyncio.sleep(SETTLES)
    await desktop.button("start").click()
    await treadmill.wait("session_state", "warm_up", 60)
    await calendar.run(FAST)
    await treadmill.wait("session_state", "active", 60)
    await treadmill.wait_number("speed", 1.4, 3.0, 60)
    await asyncio.sleep(1)
    await calendar.run(1)
    await asyncio.sleep(4)
    await desktop.picture(folder / "dashboard.png")
    await dark.picture(folder / "phone-walk.png")
    await desktop.page.set_viewport_size({"width": 1024, "height": 640})
    await desktop.part(".ring").click()
    await asyncio.sleep(1.5)
    await desktop.picture(folder / "full-screen.png")
    await desktop.page.keyboard.press("Escape")
    await calendar.run(FAST)
    await expect(dark.part(".result")).to_be_visible(timeout=90_000)
    await calendar.run(1)
    await asyncio.sleep(2)
    await rate(dark)

    # What was, the reminder, and a program.
    await desktop.page.set_viewport_size({"width": 1280, "height": 1600})
    await desktop.go(view)
    past = desktop.page.locator("retrowalk-sessions")
    entry_button = past.locator("li").first.get_by_role("button")
    await entry_button.click()
    await expect(past.get_by_role("img", name="What was walked")).to_be_visible()
    await save(past, folder / "sessions.png")
    await save(desktop.page.locator("retrowalk-trends"), folder / "trends.png")
    reminder = desktop.page.locator("retrowalk-reminder")
    await reminder.get_by_role("switch").first.click()
    await asyncio.sleep(1)
    await save(reminder, folder / "reminder.png")
    await treadmill.act("save_program", name="Three speeds", steps=STEPS)
    await desktop.go(view)
    programs = desktop.page.locator("retrowalk-programs")
    await programs.locator("li, button").filter(has_text="Three speeds").first.click()
    await asyncio.sleep(2)
    await save(programs, folder / "program.png")
    print(*desktop.problems(), *dark.problems(), *phone.problems(), sep="\n")


async def main(folder: Path) -> None:
    """Take the pictures into a folder."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        with tempfile.TemporaryDirectory() as house:
            async with house_with_a_calendar(Path(house)) as calendar:
                await take_pictures(calendar, browser, folder)
        await browser.close()


if __name__ == "__main__":
    (wanted := Path(sys.argv[1])).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(wanted))
