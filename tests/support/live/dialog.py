"""A dialog of Home Assistant, as users see it."""

import contextlib
import os
import re

from playwright.async_api import Locator, expect

from tests.support.live.browser import Screen

PICTURES = os.environ.get("FIRST_RUN_PICTURES")
"""The folder for a screenshot of each step, if they are wanted."""

CLICKS, SHOWS_WITHIN = 3, 5000
"""Clicks on a switch, and the milliseconds in which each of them shows."""


class Dialog:
    """The dialog of Home Assistant that is open."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.shown = 0

    @property
    def all(self) -> Locator:
        """Return the whole of it."""
        return self.screen.page.locator("dialog-data-entry-flow")

    async def titled(self, title: str) -> None:
        """Wait for a step of this title."""
        await expect(self.all.locator("[slot=headerTitle]")).to_have_text(re.compile(rf"^\s*{re.escape(title)}\s*$"))
        await self.picture()

    async def picture(self) -> None:
        """Take a screenshot of what is shown, if they are wanted."""
        if PICTURES:
            self.shown += 1
            await self.screen.page.wait_for_timeout(700)
            await self.screen.page.screenshot(path=f"{PICTURES}/{self.shown:02}.png")

    async def press(self, button: str) -> None:
        """Press a button of the step."""
        await self.all.get_by_role("button", name=button, exact=True).click()

    async def turn_on(self, switch: Locator) -> None:
        """Turn a switch on; a click comes to nothing while a busy browser still draws the dialog."""
        for _ in range(CLICKS):
            await switch.click(force=True)  # its thumb is drawn above it
            with contextlib.suppress(AssertionError):
                await expect(switch).to_be_checked(timeout=SHOWS_WITHIN)
                return
        await expect(switch).to_be_checked()

    async def choose(self, option: str) -> None:
        """Choose a row of a menu."""
        await self.all.locator("step-flow-menu").get_by_text(option, exact=True).click()
