"""Home Assistant's pages in the system's Chromium, as users see them."""

import asyncio
import io
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from PIL import Image
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, expect
from playwright.async_api import Error as PlaywrightError

from tests.support.effort import NIGHTLY
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess

# The belts and Home Assistant share the processor with other tests. What has to come in time says so itself.
expect.set_options(timeout=20_000)
AXE = Path(__file__).parent / "assets" / "axe-4.14.1.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable")
"""The first one has no windows of its own, and opens a page for two thirds of what the others compute."""
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""The system's browser, or None if there is none (scripts/chromium installs it)."""
# The only page is our own Home Assistant, so root needs no sandbox; nothing is requested from the Internet.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-smooth-scrolling",  # what is pressed while it scrolls is missed
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
STILL_LOADING = "#ha-launch-screen, hass-loading-screen, ha-panel-lovelace hass-loading-screen"
"""What Home Assistant shows while it loads its own parts of a page."""
LOADED_WITHIN = 30_000
"""Milliseconds."""
SETTLES = 0.9
"""Seconds after which a press on what has just appeared is meant for it."""
COLOURS = 128
"""Number of colors of a screenshot for the README, to keep it small."""
PRESS_UNTIL_SAYS = """(card, [selector, text]) => {
  window.took = new Promise((resolve, reject) => addEventListener("click", ({ timeStamp }) => {
    setTimeout(() => reject(new Error(`It does not say ${text}`)), 20_000);
    let [late, looked] = [0, performance.now()];
    const look = setInterval(() => {
      const now = performance.now();
      [late, looked] = [Math.max(late, now - looked - 10), now];
      const part = card.shadowRoot.querySelector(selector);
      if (!part?.checkVisibility() || part.textContent.trim() !== text) return;
      clearInterval(look);
      resolve(now - timeStamp - late);
    }, 10);
  }, { capture: true, once: true }));
}"""
TEXTS: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text())["selector"]["card"]["options"]
    for path in (ROOT / "custom_components/retrowalk/translations").glob("*.json")
}


@dataclass(frozen=True)
class Appearance:
    """The user's view: browser settings."""

    phone: bool
    dark: bool
    language: str

    def __str__(self) -> str:
        return f"{'phone' if self.phone else 'desktop'}-{'dark' if self.dark else 'light'}-{self.language}"


async def still(control: Locator) -> None:
    """Wait until something does not move any more, and is what it was."""
    box = await control.bounding_box()
    while True:
        await asyncio.sleep(0.2)
        now = await control.bounding_box()
        if now == box:
            return
        box = now


class Screen:
    """A separate browser that is logged in; in English unless set otherwise. Make it with `open`."""

    opened: ClassVar[list[Screen]] = []

    def __init__(self, page: Page, appearance: Appearance, url: str) -> None:
        self.page = page
        self.appearance = appearance
        self.url = url
        self._problems: list[str] = []
        page.on("pageerror", lambda error: self._problems.append(str(error)))
        page.on("console", self._console)

    @classmethod
    async def open(cls, browser: Browser, house: HomeAssistantProcess, appearance: Appearance, url: str = "") -> Self:
        """Open an empty page; `url` is an address for Home Assistant other than its own."""
        url = url or house.url
        context = await browser.new_context(
            viewport={"width": 390, "height": 844} if appearance.phone else {"width": 1280, "height": 800},
            color_scheme="dark" if appearance.dark else "light",
            has_touch=appearance.phone,
            service_workers="block",
            # By day nothing slides in or fades out: that is drawn frame by frame, by the processor of the belts.
            reduced_motion=None if NIGHTLY else "reduce",
        )
        stored = {"hassTokens": {**house.browser_tokens(), "hassUrl": url}, "selectedLanguage": appearance.language}
        for key, value in stored.items():
            await context.add_init_script(f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))})")
        screen = cls(await context.new_page(), appearance, url)
        cls.opened.append(screen)
        return screen

    async def close(self) -> None:
        """Close the browser."""
        self.opened.remove(self)
        await self.page.context.close()

    def _console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        # Icons of other integrations come from the Internet.
        if message.type == "error" and not ("/api/brands/" in where and "retrowalk" not in where):
            self._problems.append(f"{message.text} ({where})")

    def problems(self) -> list[str]:
        """Return the problems in the browser since the last call."""
        problems, self._problems = self._problems, []
        return problems

    def text(self, key: str, **values: Any) -> str:
        """Return one of the card's texts in the language of the user."""
        return TEXTS[self.appearance.language][key].format(**values)

    async def go(self, path: str) -> None:
        """Open a page of Home Assistant.

        On a busy computer a part of Home Assistant's own may not come, and its page stays at *Loading*. That is
        loaded once more.
        """
        await self._load(path)
        try:
            await expect(self.page.locator("home-assistant")).to_be_attached()
            await expect(self.page.locator(STILL_LOADING)).to_have_count(0, timeout=LOADED_WITHIN)
        except AssertionError:
            problems = self.problems()
            print(f"{path} did not load and is loaded again: {problems}")  # noqa: T201
            if any("retrowalk" in problem for problem in problems):
                raise
            await self._load(path)

    async def _load(self, path: str) -> None:
        """Load a page, anew if a dialog that was closed just then goes back in the history, before or after that."""
        before = self.page.url
        try:
            await self.page.goto(f"{self.url}{path}")
        except PlaywrightError as error:
            if "ERR_ABORTED" not in error.message:
                raise
            await self.page.goto(f"{self.url}{path}")
        if before.startswith(self.url) and before != f"{self.url}{path}":
            await asyncio.sleep(SETTLES)
            if self.page.url == before:
                await self.page.goto(f"{self.url}{path}")

    # The card

    @property
    def card(self) -> Locator:
        return self.page.locator("retrowalk-card")

    def part(self, selector: str) -> Locator:
        """Return a part of the card."""
        return self.card.locator(selector)

    def button(self, key: str) -> Locator:
        """Return the card's button with this text; of two Stop buttons the one that fills the screen."""
        return self.card.get_by_role("button", name=self.text(key), exact=True).last

    async def press(self, key: str) -> None:
        """Press one of the card's buttons once it is long enough there that a press is meant for it."""
        await expect(self.button(key)).to_be_visible()
        await asyncio.sleep(SETTLES)
        await self.button(key).click()

    async def says(self, selector: str) -> str:
        """Return the text of a part of the card."""
        return (await self.part(selector).text_content() or "").strip()

    async def wait_says(self, selector: str, text: str | re.Pattern[str], seconds: float = 10.0) -> None:
        """Wait until a part of the card is visible with this text."""
        await expect(self.part(selector)).to_be_visible(timeout=seconds * 1000)
        await expect(self.part(selector)).to_have_text(text, timeout=seconds * 1000)

    async def press_until_says(self, pressed: Locator, selector: str, text: str) -> float:
        """Press a button and return the seconds, by the page's clock, until a part of the card says this.

        What came latest of what was due every 10 ms tells how late a busy computer is, which does not count.
        """
        await self.card.evaluate(PRESS_UNTIL_SAYS, [selector, text])
        await pressed.click()
        took: float = await self.page.evaluate("window.took")
        return took / 1000

    async def seconds(self) -> int:
        """Return the seconds that the ring shows."""
        minutes, seconds = (await self.says(".time b")).split(":")
        return int(minutes) * 60 + int(seconds)

    async def position(self) -> float:
        """Return the session's position in the curve, in percent."""
        return float((await self.part(".here").evaluate("element => element.style.insetInlineStart")).rstrip("%"))

    # Problems of the page

    async def violations(self) -> list[str]:
        """Return the violations of WCAG A and AA that axe finds, except for Home Assistant's own: no zooming."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text())
        results = await self.page.evaluate(
            """async (tags) => (await axe.run(document, {
                runOnly: tags, resultTypes: ["violations"], rules: {"meta-viewport": {enabled: false}},
            })).violations""",
            TAGS,
        )
        return [f"{one['id']}: {one['help']}: {node['target']} {node['html'][:200]} {node.get('failureSummary')}"
                for one in results for node in one["nodes"]]  # fmt: skip

    async def scrolls_sideways(self) -> bool:
        """Return whether the page is wider than the window, once what a new width moves has had time to settle."""
        for _ in range(30):
            wide: bool = await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            if not wide:
                break
            await asyncio.sleep(0.1)
        return wide

    async def picture(self, path: Path) -> None:
        """Return a small screenshot."""
        with Image.open(io.BytesIO(await self.page.screenshot())) as image:
            small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        path.parent.mkdir(parents=True, exist_ok=True)
        small.save(path, optimize=True)
