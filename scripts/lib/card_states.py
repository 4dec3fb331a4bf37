"""A picture of each state of the card, on each kind of screen, for somebody to look at: scripts/screenshots --states.

A real Home Assistant walks through the states once, with all screens open; so every picture of a state is of the same
moment. Each state is drawn on one sheet, too.
"""

import asyncio
import contextlib
import io
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.async_api import Browser, Locator, async_playwright, expect

from tests.support.live.browser import CHROMIUM, OPTIONS, Appearance, Screen
from tests.support.live.machine import NO_START_AFTER_STOP, add_discovered
from tests.support.live.proxy_process import ProxyProcess
from tests.support.live.time_travel import DASHBOARD, FAST, SETTLES, Calendar, house_with_a_calendar
from tests.support.live.treadmill import APART, WALKER, Treadmill, add_virtual_treadmill, pass_check_run
from tests.support.live.wire import Wire

DAYS = 9
"""Days in a row with a session before the first picture after the first day's."""
DRAWN = 0.7
"""Seconds that a page has to draw what Home Assistant tells."""
HEIGHT = 560
"""The height (px) of a picture on a sheet."""
WITHIN = 20_000
"""Milliseconds in which a page shows what is awaited."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of screen."""

    name: str
    width: int
    height: int
    dark: bool = False
    language: str = "en"


METRIC = (
    Kind("tablet-light", 1024, 768),
    Kind("desktop-dark-german", 1280, 800, dark=True, language="de"),
    Kind("phone-light", 390, 844),
    Kind("phone-320-dark-german", 320, 640, dark=True, language="de"),
    Kind("phone-hebrew", 390, 844, language="he"),
    Kind("tablet-hebrew-dark", 1024, 768, dark=True, language="he"),
)
AMERICAN = (Kind("us-tablet-dark", 1024, 768, dark=True), Kind("us-phone", 390, 844))


async def open_screens(browser: Browser, calendar: Calendar, wire: Wire, kinds: Sequence[Kind]) -> list[Screen]:
    """Open the screens, each in a browser of its own."""
    screens = []
    for kind in kinds:
        appearance = Appearance(phone=kind.width < 600, dark=kind.dark, language=kind.language)
        screen = await Screen.open(browser, calendar.house, appearance, wire.url)
        await screen.page.set_viewport_size({"width": kind.width, "height": kind.height})
        screens.append(screen)
    return screens


class Camera:
    """The screens, and the folder for their pictures."""

    def __init__(self, screens: Sequence[Screen], kinds: Sequence[Kind], folder: Path) -> None:
        self.screens = screens
        self.kinds = kinds
        self.folder = folder
        self.taken = 0

    async def go(self, path: str) -> None:
        """Show a page on every screen."""
        for screen in self.screens:
            await screen.go(path)
            await expect(screen.card.locator(".card")).to_be_visible(timeout=60_000)
        await asyncio.sleep(2)

    async def take(self, name: str, *, settled: float = DRAWN) -> None:
        """Take a picture of every screen, and put them on a sheet."""
        await asyncio.sleep(settled)
        self.taken += 1
        title = f"{self.taken:02} {name}"
        taken = await asyncio.gather(*(screen.page.screenshot() for screen in self.screens))
        pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in taken]
        self.folder.mkdir(parents=True, exist_ok=True)
        for kind, picture in zip(self.kinds, pictures, strict=True):
            picture.save(self.folder / f"{title} {kind.name}.png")
        small = [picture.resize((picture.width * HEIGHT // picture.height, HEIGHT)) for picture in pictures]
        rows = [small[start : start + 3] for start in range(0, len(small), 3)]
        width = max(sum(picture.width + 8 for picture in row) for row in rows)
        sheet = Image.new("RGB", (width, len(rows) * (HEIGHT + 16)), "white")
        for number, row in enumerate(rows):
            left, top = 0, number * (HEIGHT + 16)
            for picture in row:
                sheet.paste(picture, (left, top + 14))
                left += picture.width + 8
        ImageDraw.Draw(sheet).text((4, 1), title, fill="black")
        sheet.save(self.folder / f"{title}.png")
        for kind, screen in zip(self.kinds, self.screens, strict=True):
            wide = await screen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            problems = [*(["scrolls sideways"] if wide else []), *screen.problems()]
            print(title, kind.name, *problems, sep="  " if not problems else "\n  ")

    async def each(self, selector: str) -> list[Locator]:
        """Return this part of the card on every screen, once it is visible there."""
        parts = [screen.part(selector).last for screen in self.screens]
        for part in parts:
            await expect(part).to_be_visible(timeout=WITHIN)
        return parts


async def walk_through(calendar: Calendar, wire: Wire, camera: Camera, proxy: ProxyProcess | None) -> None:
    """Bring the virtual treadmill into each state, and take the pictures."""
    client = calendar.house.client
    entry = await add_virtual_treadmill(client)
    treadmill = await Treadmill.of_entry(client, entry["entry_id"])
    await treadmill.wait("connection", "connected")
    view = f"/{DASHBOARD}/{treadmill.device['id']}"
    await camera.go(view)
    await camera.take("idle on the first day", settled=3)
    yesterday = await calendar.now() - timedelta(days=1)
    for day in range(DAYS):
        started = (yesterday - timedelta(days=day)).isoformat()
        await treadmill.act("log_session", walker=WALKER["name"], started=started, minutes=6, distance=110)
    await camera.take("idle", settled=2)
    await treadmill.select("program", "free")
    await camera.take("idle, free session")
    await treadmill.select("program", "plan")
    lock = {"entity_id": treadmill.entity_id("control_lock")}
    await client.call_service("switch", "turn_on", target=lock)
    await camera.take("child lock")
    await client.call_service("switch", "turn_off", target=lock)
    await treadmill.press("disconnect")
    await treadmill.wait("connection", lambda state: state["state"] != "connected")
    await camera.take("not connected", settled=2)
    await treadmill.press("connect")
    await treadmill.wait("connection", "connected")

    await treadmill.act("start_session")
    await treadmill.wait("session_state", "ready")
    await camera.take("ready")
    await asyncio.sleep(APART)
    await treadmill.press("start")
    await treadmill.wait("session_state", "countdown")
    await camera.take("countdown", settled=2)
    await treadmill.wait("session_state", "warm_up", 40)
    await camera.take("warm-up", settled=4)
    await calendar.run(20)
    await treadmill.wait("session_state", "active", 60)
    await asyncio.sleep(4)
    await calendar.run(1)
    await camera.take("walking", settled=4)
    for ring in await camera.each(".ring"):
        await ring.click()
    await camera.take("full screen", settled=1.5)
    for screen in camera.screens:
        await screen.page.keyboard.press("Escape")
    await treadmill.act("pause_session")
    await treadmill.wait("session_state", "paused")
    await camera.take("paused", settled=6)
    resume = camera.screens[0].button("resume")
    await expect(resume).to_be_enabled(timeout=WITHIN)
    await resume.click()
    await treadmill.wait("session_state", lambda state: state["state"] in {"warm_up", "active"}, 40)
    wire.interrupt()
    await asyncio.sleep(4)
    await camera.take("connection to Home Assistant lost")
    for stop in await camera.each(".press .stop"):
        await stop.click()
    await camera.take("stop failed", settled=3)
    wire.mend()
    await treadmill.wait("session_state", "stopping", 20)
    await camera.take("stopping", settled=0.3)
    await treadmill.wait("session_state", "finished", 40)
    await camera.each(".result")
    await camera.take("result", settled=2)
    for screen in camera.screens[:1]:
        same = screen.part(".result").get_by_role("button", name="Same", exact=True)
        await expect(same).to_be_enabled(timeout=WITHIN)
        await asyncio.sleep(SETTLES)
        await same.click()
    await camera.take("result, rated", settled=2)
    await client.command("retrowalk/done", device_id=treadmill.device["id"])
    await camera.take("finished and done", settled=2)

    await asyncio.sleep(SETTLES)
    await camera.screens[0].button("start").click()
    await treadmill.wait("session_state", "warm_up", 60)
    await calendar.run(FAST)
    await treadmill.wait("session_state", "cool_down", 60)
    await calendar.run(1)
    await camera.take("cool-down", settled=4)
    await calendar.run(FAST)
    await treadmill.wait("session_state", "finished", 60)
    await calendar.run(1)
    await camera.each(".result")
    await camera.take("result of a whole session", settled=3)
    await client.command("retrowalk/done", device_id=treadmill.device["id"])
    if proxy is not None:
        await the_console(calendar, camera, proxy)


async def the_console(calendar: Calendar, camera: Camera, proxy: ProxyProcess) -> None:
    """Take the pictures of a treadmill that somebody uses at its console, and of one that is only watched."""
    client = calendar.house.client
    await client.flow_start("esphome", {"host": "127.0.0.1", "port": proxy.port})
    steps: list[dict[str, Any]] = await add_discovered(calendar.house)
    machine = await Treadmill.of_entry(client, steps[-1]["entry_id"])
    await machine.wait("connection", "connected", 30)
    await camera.go(f"/{DASHBOARD}/{machine.device['id']}")
    await camera.take("before its check run", settled=2)
    await proxy.press("start")
    await machine.wait("session_state", "manual")
    await camera.take("at the console", settled=5)
    await proxy.drop()
    await camera.take("connection to the treadmill lost", settled=0.5)
    await machine.wait("connection", "connected", 60)
    await proxy.press("stop")
    await machine.wait("session_state", lambda state: state["state"] in {"finished", "idle"}, 60)
    await camera.take("after a walk at the console", settled=3)
    await client.command("retrowalk/done", device_id=machine.device["id"])
    await what_goes_wrong(camera, machine, proxy)
    form = await client.flow_start(machine.entry_id, {"next_step_id": "settings"}, kind="options/flow")
    answers = {
        group["name"]: {field["name"]: field["default"] for field in group["schema"] if "default" in field}
        for group in form["data_schema"]
    }
    answers["safety"]["control"] = "monitor"
    await client.flow_step(form["flow_id"], answers, kind="options/flow")
    await asyncio.sleep(3)
    await camera.go(f"/{DASHBOARD}/{machine.device['id']}")
    await camera.take("monitor only", settled=2)
    await proxy.press("start")
    await asyncio.sleep(3)
    await camera.take("monitor only, walking", settled=4)


async def what_goes_wrong(camera: Camera, machine: Treadmill, proxy: ProxyProcess) -> None:
    """Take the pictures of a session whose link is lost, and of a belt that takes its time to stop."""
    await pass_check_run(machine.client, machine.entry_id, shown=0.6)
    await asyncio.sleep(NO_START_AFTER_STOP)
    await machine.press("start")
    await machine.press("start")
    await machine.wait("session_state", "warm_up", 60)
    await asyncio.sleep(20)
    await proxy.faults(off=True)
    await machine.wait("session_state", "interrupted", 30)
    await camera.take("interrupted", settled=2)
    await proxy.clear_faults()
    await machine.wait("connection", "connected", 60)
    await camera.take("the link is back", settled=4)
    await proxy.faults(stop_ignored=True)
    await camera.screens[0].part(".press .stop").click()
    await machine.wait("session_state", "stopping")
    await camera.take("stopping, as long as it takes", settled=1.5)
    await proxy.clear_faults()
    await machine.wait("session_state", lambda state: state["state"] in {"finished", "idle"}, 60)
    await camera.take("stopped", settled=2)
    await machine.client.command("retrowalk/done", device_id=machine.device["id"])


@contextlib.asynccontextmanager
async def _story(
    browser: Browser, kinds: Sequence[Kind], folder: Path, **units: Any
) -> AsyncIterator[tuple[Calendar, Wire, Camera]]:
    with tempfile.TemporaryDirectory() as house:
        async with house_with_a_calendar(Path(house)) as calendar, Wire(calendar.house.port) as wire:
            if units:
                await calendar.house.client.command("config/core/update", **units)
            screens = await open_screens(browser, calendar, wire, kinds)
            yield calendar, wire, Camera(screens, kinds, folder)
            for screen in screens:
                await screen.close()


async def main(folder: Path) -> None:
    """Take all pictures."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        with tempfile.TemporaryDirectory() as logs:
            async with ProxyProcess(Path(logs) / "proxy.log") as proxy, _story(browser, METRIC, folder) as story:
                await walk_through(*story, proxy)
        units = {"unit_system": "us_customary", "update_units": True}
        async with _story(browser, AMERICAN, folder / "us", **units) as story:
            await walk_through(*story, None)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
