"""Automations that are made by clicking alone, in the newest Home Assistant: a ramp, and one with our own trigger."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from playwright.async_api import TimeoutError as NotFoundError

from tests.support.live.browser import CHROMIUM, Appearance, Screen, still
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import Calendar, empty_house_with_a_calendar
from tests.support.live.treadmill import APART, Treadmill, add_virtual_treadmill

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
SLOW_LIST = 100.0
"""Seconds within which something is chosen from a list, on however busy a computer."""
LOAD_NAMES = (
    "document.querySelector('home-assistant').hass.loadBackendTranslation('selector', 'retrowalk').then(() => 0)"
)
"""Loads the names in the lists of our triggers and actions, as a visit of the page before does."""
SLOW, FAST = 0.6, 1.0
"""km/h at the beginning and at the end of the ramp."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    folder = tmp_path_factory.mktemp("editor")
    (folder / "automations.yaml").write_text("[]")
    async with empty_house_with_a_calendar(folder, "automation: !include automations.yaml\n") as calendar:
        yield calendar


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def treadmill(house: HomeAssistantProcess) -> Treadmill:
    entry = await add_virtual_treadmill(house.client)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    await treadmill.wait("speed", "0.0")
    return treadmill


class Editor:
    """Home Assistant's editor of automations, as somebody uses it who never writes YAML."""

    def __init__(self, screen: Screen, treadmill: Treadmill) -> None:
        self._screen = screen
        self._treadmill = treadmill

    @property
    def page(self) -> Page:
        return self._screen.page

    @property
    def fields(self) -> Locator:
        """The fields of what has been added last."""
        return self.page.locator("ha-automation-sidebar")

    async def begin(self) -> None:
        """Create an empty automation, from the list of all automations."""
        await self._screen.go("/config/automation/dashboard")
        await self.page.get_by_role("button", name="Create automation").first.click()
        await self.page.get_by_text("Create new automation").click()
        await self.page.wait_for_url("**/edit/new")
        try:
            await expect(self.page.get_by_role("button", name="Add trigger")).to_be_visible(timeout=20_000)
        except AssertionError:  # on a busy computer a part of the page may not come
            await self._screen.go("/config/automation/edit/new")
        # A list that is drawn before the names have come shows their keys for as long as its trigger is open.
        await self.page.evaluate(LOAD_NAMES)

    async def add(self, what: str, name: str) -> None:
        """Add a trigger or an action by target: the treadmill."""
        await self.page.get_by_role("button", name=f"Add {what}").click()
        dialog = self.page.locator("add-automation-element-dialog")
        await dialog.get_by_role("treeitem", name="Devices").click()
        await dialog.get_by_role("treeitem", name=self._treadmill.name).click()
        await dialog.get_by_role("button", name=f"{name} {self._treadmill.name}", exact=True).click()
        await expect(self.fields.get_by_text(re.compile(rf"(^|: ){name}$"))).to_be_visible()

    async def add_row(self, **numbers: str) -> None:
        """Add a row to the steps of a program."""
        await self.fields.get_by_role("button", name="Add", exact=True).click()
        form = self.page.locator("dialog-form")
        for name, number in numbers.items():
            await form.get_by_role("spinbutton", name=name.replace("_", " "), exact=True).fill(number)
        await form.get_by_role("button", name="Add", exact=True).click()
        await expect(form.get_by_role("spinbutton").first).to_be_hidden()

    async def choose_event(self, key: str, name: str) -> None:
        """Choose an event of a session, once Home Assistant has loaded the names of the events."""
        await self.page.wait_for_function(
            "(key) => document.querySelector('home-assistant').hass.localize(key)",
            arg=f"component.retrowalk.selector.session_event.options.{key}",
        )
        add = self.fields.get_by_role("toolbar").get_by_role("button", name="Add")
        await self.choose(add, name, self.fields.get_by_text(name, exact=True))

    async def choose(self, opens: Locator, name: str, chosen: Locator) -> None:
        """Choose from a list; on a busy computer a click is lost when the page draws it anew."""
        option = self.page.get_by_role("option", name=name, exact=True)
        async with asyncio.timeout(SLOW_LIST):
            while not await chosen.is_visible():
                with contextlib.suppress(NotFoundError, AssertionError):
                    if not await option.is_visible():
                        if await self.page.get_by_role("listbox").first.is_visible():
                            await self.page.keyboard.press("Escape")
                        await opens.click(timeout=5_000)
                    await expect(option).to_be_visible(timeout=5_000)
                    await still(option)
                    await option.click(timeout=5_000)
                    await expect(chosen).to_be_visible(timeout=3_000)

    async def pick(self, field: str, name: str) -> None:
        """Pick from the list of a field."""
        row = self.fields.locator("ha-settings-row").filter(has_text=field).first
        await row.locator("ha-checkbox").click()
        await self.choose(row.get_by_role("button").first, name, row.get_by_text(name, exact=True))

    async def save(self, name: str) -> None:
        """Save the automation under a name."""
        save = self.page.get_by_role("button", name="Save", exact=True)
        await save.click()
        await self.page.get_by_role("textbox", name="Name*", exact=True).fill(name)
        await save.last.click()
        await self.page.wait_for_url(re.compile(r"/edit/\d+"))

    async def run_actions(self) -> None:
        """Run the actions of the automation that is shown."""
        await self.page.get_by_role("button", name="Menu").first.click()
        await self.page.get_by_role("menuitem", name="Run actions").click()


def changes_of(treadmill: Treadmill, key: str) -> dict[str, str | None]:
    """Return a trigger for each new value of an entity."""
    return {"trigger": "state", "entity_id": treadmill.entity_id(key), "to": None}


@pytest_asyncio.fixture(loop_scope="session")
async def editor(browser: Browser, house: HomeAssistantProcess, treadmill: Treadmill) -> AsyncIterator[Editor]:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    yield Editor(screen, treadmill)
    problems = screen.problems()
    await screen.close()
    assert problems == []


async def test_a_ramp_and_our_own_trigger_by_clicking_alone(
    editor: Editor, treadmill: Treadmill, calendar: Calendar
) -> None:
    client = calendar.house.client
    await editor.begin()
    await editor.add("trigger", "Treadmill session event")
    await editor.choose_event("paused", "Paused")
    await editor.add("action", "Stop")
    await editor.save("A pause is a stop")
    await client.wait_for_state("automation.a_pause_is_a_stop", "on")

    await editor.begin()
    await editor.add("action", "Run program")
    await editor.add_row(Seconds="30", Speed=str(SLOW))
    await editor.add_row(Seconds="60", Speed_at_the_end=str(FAST))
    await editor.add_row(Minutes="2")
    await expect(editor.fields.get_by_text(re.compile(rf"60\ss.*→\s{FAST:g}(?!\S)"))).to_be_visible()
    await editor.save("My ramp")
    await client.wait_for_state("automation.my_ramp", "on")
    await editor.run_actions()

    # The automation only makes ready: a person confirms.
    await treadmill.wait("session_state", "ready")
    await treadmill.wait("speed", "0.0")
    await asyncio.sleep(APART)  # sooner, both would count as one press
    await treadmill.press("start")
    async with client.subscribe("subscribe_trigger", trigger=changes_of(treadmill, "speed")) as changes:
        await calendar.walk(treadmill, 120)
        await treadmill.press("pause")
        passed = [0.0]
        while passed[-1] < FAST:
            state = (await changes.get(20))["variables"]["trigger"]["to_state"]["state"]
            passed.append(float(state))
    assert passed == sorted(passed)
    assert passed[-5:] == [SLOW, 0.7, 0.8, 0.9, FAST]
    await treadmill.wait("session_state", "finished", 40)
    stopped = (await treadmill.states())["session"]["attributes"]
    assert (stopped["event_type"], stopped["reason"]) == ("stopped", "stopped")


@pytest.mark.nightly  # by day the test above makes automations in the same dialogs, of other fields
async def test_who_walks_and_what_is_picked_from_lists_of_what_the_house_has(
    editor: Editor, treadmill: Treadmill, house: HomeAssistantProcess
) -> None:
    await treadmill.act("save_program", name="Around the pond", steps=[{"minutes": 5, "speed": SLOW}])
    await editor.begin()
    await editor.add("action", "Prepare session")
    await editor.pick("Walker", "Anna")
    await editor.pick("Program", "Around the pond")
    await editor.save("Anna's pond")
    await house.client.wait_for_state("automation.anna_s_pond", "on")
    await editor.run_actions()
    await treadmill.wait("session_state", "ready")
    states = await treadmill.states()
    assert (states["walker"]["state"], states["program"]["state"]) == ("Anna", "Around the pond")
    await treadmill.press("stop")
