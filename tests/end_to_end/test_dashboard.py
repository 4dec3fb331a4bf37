"""The dashboard in real browsers: created by a new user, used during sessions, disconnected, and stopped.

It is one story in a separate Home Assistant: first with the virtual treadmill, then with one behind the proxy, where
the bytes can be read.
"""

import asyncio
import contextlib
import os
import re
import statistics
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Browser, Locator, expect

from custom_components.retrowalk.training.coaching.presets import PRESETS
from tests.end_to_end.conftest import FAILED
from tests.support.effort import NIGHTLY
from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import ROOT, HomeAssistantProcess
from tests.support.live.machine import STOP, Machine, add_discovered
from tests.support.live.proxy_process import ProxyProcess
from tests.support.live.time_travel import QUICK, Calendar, empty_house_with_a_calendar
from tests.support.live.treadmill import DOMAIN, WALKER, Treadmill
from tests.support.live.wire import Wire

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
)
FAILS_WITHIN = 2.0
"""Seconds in which a stop that was not delivered is shown as failed."""
JUST_STOPPED = 5.0
"""Seconds after a stop in which no start is allowed."""
LARGE = 72
"""The minimum height (px) of a Stop button."""
DAYS = 9
"""Days in a row with a session before the test."""
UNKNOWN = "\N{EN DASH}:\N{EN DASH}\N{EN DASH}"
"""What the ring shows while the time is unknown."""
PATIENCE = 40_000
"""Milliseconds in which a new user must find something."""
PRESSES = 3
"""The number of measured presses of Stop."""
BREAKS_AFTER_A_CLICK = """() => addEventListener("click", () => setTimeout(() =>
  document.querySelector("home-assistant").hass.connection.socket.close(), 100), { capture: true, once: true })"""
"""Closes the connection when a press is under way."""
RUN = """<workout_file><name>Brisk</name><sportType>run</sportType><workout>
  <Warmup Duration="120" PowerLow="0.25" PowerHigh="0.5"/>
  <IntervalsT Repeat="2" OnDuration="120" OffDuration="90" OnPower="1" OffPower="0.5"/>
  <SteadyState Duration="150" Power="0.75" incline="0.01"/>
  <Cooldown Duration="90" PowerLow="0.5" PowerHigh="0.25"/>
</workout></workout_file>"""
"""A run that does not say whether its lengths are seconds or meters."""


async def save_screenshots(folder: Path) -> None:
    """Take a screenshot of every browser after a failure."""
    for number, screen in enumerate(Screen.opened):
        path = folder / f"{number}-{screen.appearance}.png"
        await screen.picture(path)
        print(path, screen.page.url, *screen.problems(), sep="\n  ")  # noqa: T201


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def after_a_failure(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[None]:
    """Show the screenshots after a failed test."""
    yield
    if FAILED in request.node.stash:
        await save_screenshots(tmp_path)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    """Return the time of a Home Assistant that may be frozen, because no other module uses it."""
    async with empty_house_with_a_calendar(tmp_path_factory.mktemp("house")) as calendar:
        yield calendar


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    yield browser
    if request.session.testsfailed:  # perhaps in another fixture of this module
        await save_screenshots(tmp_path_factory.mktemp("browser"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desktop(browser: Browser, house: HomeAssistantProcess) -> Screen:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    screen.page.set_default_timeout(PATIENCE)
    return screen


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def added(house: HomeAssistantProcess, desktop: Screen) -> Treadmill:
    """Add the virtual treadmill in the browser."""
    page = desktop.page
    await desktop.go("/config/integrations/dashboard")
    await page.get_by_role("button", name="Add integration").click()
    dialog = page.locator("dialog-add-integration")
    await dialog.locator("input").first.fill("Retrowalk")
    await dialog.locator("ha-integration-list-item").filter(has_text="Retrowalk").click()
    flow = page.locator("dialog-data-entry-flow")
    await flow.get_by_text("Virtual treadmill (try without hardware)").click()
    await expect(flow.get_by_role("button", name="A polite treadmill")).to_be_visible()
    await flow.get_by_role("button", name="Next").click()
    await expect(flow.get_by_text("Home Assistant is not a safety device")).to_be_visible(timeout=30_000)
    await flow.get_by_role("button", name="Next").click()
    await flow.get_by_text("No announcements").click()
    await flow.get_by_role("button", name="Next").click()
    await expect(flow.get_by_text("Who walks?")).to_be_visible()
    await flow.locator("ha-selector-text input").first.fill(WALKER["name"])
    await flow.locator("ha-selector-number input").first.fill(str(WALKER["weight"]))
    await flow.get_by_role("button", name="Finish").click()
    entry = await house.client.wait_for_entry(DOMAIN)
    return await Treadmill.of_entry(house.client, entry["entry_id"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def dashboard(added: Treadmill, desktop: Screen) -> str:
    """Create the dashboard in the dialog and return its path."""
    page = desktop.page
    await desktop.go("/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.locator("dashboard-card").filter(has_text="Retrowalk").click()
    await page.get_by_role("button", name="Create", exact=True).click()
    made: list[dict[str, Any]] = []
    async with asyncio.timeout(15):
        while not made:
            await asyncio.sleep(0.1)
            listed = await added.client.command("lovelace/dashboards/list")
            made = [one for one in listed if one["title"] == "Retrowalk"]
    return f"/{made[0]['url_path']}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wire(house: HomeAssistantProcess) -> AsyncIterator[Wire]:
    """Return the connection of the phone."""
    async with Wire(house.port) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def phone(browser: Browser, house: HomeAssistantProcess, wire: Wire, dashboard: str) -> Screen:
    """Return a phone that shows the dashboard."""
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=True, language="de"), wire.url)
    await screen.go(dashboard)
    await expect(screen.card).to_be_visible(timeout=20_000)
    return screen


# A new user


async def test_a_newcomer_adds_the_virtual_treadmill(added: Treadmill) -> None:
    assert await added.state("session_state") == "idle"
    assert [walker.name for walker in await added.walkers()] == [WALKER["name"]]


async def test_the_dashboard_is_made_in_the_dialog_of_community_dashboards(dashboard: str, desktop: Screen) -> None:
    await desktop.page.locator("ha-sidebar").get_by_text("Retrowalk").click()
    await desktop.wait_says("h2", "Virtual treadmill", 20)
    await desktop.wait_says(".state", "Idle")
    await expect(desktop.page.get_by_text("Control", exact=True)).to_be_visible()
    await expect(desktop.part(".streak")).to_have_text("0days in a row")
    assert desktop.problems() == []


@pytest.mark.parametrize(
    "appearance",
    [
        Appearance(phone=False, dark=False, language="en"),
        Appearance(phone=True, dark=True, language="de"),
        pytest.param(Appearance(phone=False, dark=True, language="de"), marks=pytest.mark.nightly),
        pytest.param(Appearance(phone=True, dark=False, language="en"), marks=pytest.mark.nightly),
    ],
    ids=str,
)
async def test_at_rest(appearance: Appearance, browser: Browser, house: HomeAssistantProcess, dashboard: str) -> None:
    screen = await Screen.open(browser, house, appearance)
    await screen.go(dashboard)
    await screen.wait_says(".state", {"en": "Idle", "de": "Ruhe"}[appearance.language], 20)
    await expect(screen.button("start")).to_be_enabled()
    stop = await screen.button("stop").bounding_box()
    assert stop is not None
    height, width = screen.page.viewport_size["height"], screen.page.viewport_size["width"]
    assert stop["height"] >= LARGE
    assert stop["y"] + stop["height"] <= height  # visible without scrolling
    assert stop["width"] >= 0.8 * (width if appearance.phone else (await screen.card.bounding_box())["width"])
    await screen.wait_says(".time span", screen.text("planned"), 20)
    assert not await screen.scrolls_sideways()
    assert await screen.violations() == []
    assert screen.problems() == []
    await screen.close()


async def test_a_workout_file_is_uploaded_and_shown_and_only_then_saved(
    browser: Browser, house: HomeAssistantProcess, added: Treadmill, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    run, page = tmp_path / "brisk.zwo", screen.page
    run.write_text(RUN)
    await screen.go("/config/integrations/integration/retrowalk")
    await page.get_by_role("button", name="Add program").click()
    flow = page.locator("dialog-data-entry-flow")
    await flow.get_by_role("radio", name="A workout file").click()

    async def go_on(title: str) -> None:
        await flow.get_by_role("button", name="Next").click()
        await expect(flow.get_by_text(title, exact=True)).to_be_visible()

    await go_on("Program from a file")
    await go_on("Select a file, or enter the path of one.")
    for file, title in ((Path(__file__), "Program from a file"), (run, "How fast is 100%?")):
        await upload(flow, file)
        await go_on(title)
        if file != run:  # the same form again, which has to be drawn before it takes the next file
            await expect(flow.locator("ha-alert")).to_be_visible()
    await go_on("Answer this so that the file can be read.")
    await flow.locator("ha-selector-number input").fill("3.5")
    await go_on("Seconds or meters?")
    await expect(flow.get_by_text("As meters: 23 min 19 s · 780 m · 3.5 km/h and 1 % at most")).to_be_visible()
    await flow.get_by_role("radio", name="Seconds").click()
    await go_on("Preview")
    await expect(flow.get_by_text("3.5 km/h is too fast here. It becomes 3 km/h.")).to_be_visible()
    drawn = await flow.locator("ha-markdown svg path").evaluate_all(
        "paths => paths.map((path) => path.getBBox().height)"
    )
    assert max(drawn) > 50
    # The rest of the page is Home Assistant's.
    assert [each for each in await screen.violations() if "ha-markdown" in each] == []
    await page.set_viewport_size({"width": 620, "height": 1330})
    folder: Path = pytestconfig.getoption("screenshots") or tmp_path
    await screen.picture(folder / "import-preview.png")
    assert [each["kind"] for each in await programs(added)] == ["preset"] * len(PRESETS)
    await flow.locator("ha-selector-text input").fill("Brisk walk")
    await flow.get_by_role("button", name="Save").click()
    await expect(flow.locator("step-flow-create-entry")).to_be_visible()
    saved = (await programs(added))[-1]
    assert (saved["name"], saved["direction"], saved["minutes"]) == ("Brisk walk", "backward", 13)
    await added.act("delete_program", program="Brisk walk")
    assert screen.problems() == []
    await screen.close()


async def upload(flow: Locator, file: Path) -> None:
    """Choose a file; a busy page draws its form anew, and then it has to be chosen once more."""
    name = flow.get_by_text(file.name, exact=True)
    async with asyncio.timeout(60):
        while not await name.is_visible():
            await flow.locator("input[type=file]").set_input_files(file)
            with contextlib.suppress(AssertionError):
                await expect(name).to_be_visible(timeout=5_000)


async def programs(treadmill: Treadmill) -> list[dict[str, Any]]:
    """Return the programs of everybody and the user's own."""
    listed: list[dict[str, Any]] = (await treadmill.act("list_programs", respond=True))["programs"]
    return listed


async def test_the_view_of_the_docs_needs_no_javascript_of_ours(
    browser: Browser, house: HomeAssistantProcess, added: Treadmill
) -> None:
    [view] = re.findall(r"```yaml\n(- title: .*?)```", (ROOT / "docs" / "dashboard.md").read_text(), re.DOTALL)
    views = yaml.safe_load(view.replace(".treadmill_", ".virtual_treadmill_"))
    client = added.client
    made = await client.command("lovelace/dashboards/create", url_path="native-view", title="Native")
    await client.command("lovelace/config/save", url_path="native-view", config={"views": views})
    screen = await Screen.open(browser, house, Appearance(phone=False, dark=False, language="en"))
    await screen.go("/native-view")
    tiles = screen.page.locator("hui-tile-card")
    await expect(tiles.get_by_text("Backward today", exact=True)).to_be_visible(timeout=20_000)
    assert await tiles.count() == view.count("type: tile")
    await expect(screen.page.locator("hui-error-card, hui-warning")).to_have_count(0)
    await tiles.filter(has=screen.page.get_by_text("Start", exact=True)).click()
    await added.wait("session_state", "ready")
    await screen.page.get_by_role("button", name="STOP", exact=True).click()
    await added.wait("session_state", "idle")
    await expect(screen.page.locator("ha-more-info-dialog [open]")).to_have_count(0)
    assert screen.problems() == []
    await screen.close()
    await client.command("lovelace/dashboards/delete", dashboard_id=made["id"])


# A session


@pytest.mark.parametrize(
    "size",
    [
        (1366, 768),
        (360, 740),
        pytest.param((1280, 800), marks=pytest.mark.nightly),
        pytest.param((390, 844), marks=pytest.mark.nightly),
    ],
    ids=lambda size: "x".join(map(str, size)),
)
async def test_what_there_is_to_press_when_ready_is_seen_beside_stop(
    size: tuple[int, int], experienced: None, added: Treadmill, desktop: Screen
) -> None:
    await added.act("start_session")
    width, height = size
    await desktop.page.set_viewport_size({"width": width, "height": height})
    try:
        await desktop.wait_says(".state", "Ready")
        confirm, stop = desktop.button("confirm"), desktop.button("stop")
        await expect(confirm).to_be_in_viewport(ratio=1)
        await expect(stop).to_be_in_viewport(ratio=1)
        above, below = await confirm.bounding_box(), await stop.bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"]
        assert await desktop.part(".checks li").count() >= 3
        assert await desktop.violations() == []
    finally:
        await desktop.page.set_viewport_size({"width": 1280, "height": 800})
        await added.press("stop")
    await desktop.wait_says(".state", "Idle")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def experienced(added: Treadmill, desktop: Screen, phone: Screen) -> None:
    """Add earlier records for the walker, the last one an hour ago."""
    last = datetime.now().astimezone() - timedelta(hours=1)
    for days in range(DAYS):
        started = (last - timedelta(days=days)).isoformat()
        await added.act("log_session", walker=WALKER["name"], started=started, minutes=6, distance=110)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counting(
    experienced: None, added: Treadmill, calendar: Calendar, desktop: Screen, phone: Screen
) -> Treadmill:
    """Press Start on the desktop."""
    await added.wait("connection", "connected")
    await added.select("program", "free")  # at the lowest speed, until somebody changes it
    await calendar.let_pass(JUST_STOPPED)
    await desktop.press("start")
    await added.wait("session_state", "countdown")
    return added


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walking(counting: Treadmill, calendar: Calendar) -> Treadmill:
    """Wait until the belt moves."""
    await calendar.walk(counting, 1)
    await counting.wait_number("speed", 0.5, 0.5)
    return counting


COUNTED = """element => new Promise((resolve) => {
    const said = () => Number(element.textContent);
    const before = said();
    let first = null, since = 0;
    const look = setInterval(() => {
        const now = performance.now();
        if (first === null && said() < before) [first, since] = [said(), now];
        if (first === null || (first - said() < 2 && now - since < 5000)) return;
        clearInterval(look);
        resolve([first - said(), (now - since) / 1000]);
    }, 20);
})"""
"""Returns what a countdown has counted, from one number that comes, and the seconds by the page's clock."""


async def test_the_countdown_is_seen_from_afar(counting: Treadmill, desktop: Screen, phone: Screen) -> None:
    for screen in (phone, desktop):
        await screen.wait_says(".count", re.compile(r"\d+"))
        digits = await screen.part(".count").bounding_box()
        assert digits is not None
        assert digits["height"] >= 144
        assert await screen.part(".checks li").count() >= 3
        await expect(screen.button("stop")).to_be_in_viewport(ratio=1)
    counted, took = await phone.part(".count").evaluate(COUNTED)
    assert counted >= 2
    assert counted == pytest.approx(took, abs=1)
    for screen in (phone, desktop) if NIGHTLY else (phone,):  # there is time for both on an idle computer only
        assert await screen.violations() == []
    assert phone.problems() == desktop.problems() == []


async def seconds_passed(screen: Screen) -> list[int]:
    """Return by how many seconds the ring has gone down in 3 s; again, if a page catches up on a busy computer."""
    passed: list[int] = []
    while not passed or (len(passed) < 10 and not 2 <= passed[-1] <= 5):
        left = await screen.seconds()
        await asyncio.sleep(3)
        passed.append(left - await screen.seconds())
    return passed


async def test_the_ring_ticks_and_the_curve_moves(walking: Treadmill, desktop: Screen, phone: Screen) -> None:
    for screen in (desktop, phone):
        await screen.wait_says(".time span", screen.text("left"))
        position = await screen.position()
        passed = await seconds_passed(screen)
        assert 2 <= passed[-1] <= 5, passed
        assert await screen.position() > position
        assert await screen.says(".next")
        assert await screen.violations() == []
    assert abs(await desktop.seconds() - await phone.seconds()) <= 2
    streak = {"en": f"{DAYS}days in a row", "de": f"{DAYS}Tage in Folge"}
    for screen in (desktop, phone):
        await expect(screen.part(".streak")).to_have_text(streak[screen.appearance.language])


async def test_the_speed_is_changed(walking: Treadmill, desktop: Screen, phone: Screen) -> None:
    await desktop.part("[aria-label=Faster]").click()
    await walking.wait_number("target_speed", 0.6, 0.6)
    await desktop.wait_says(".value.main b", "0.6", 30)
    await phone.wait_says(".value.main b", re.compile(r"0[.,]6"))
    assert phone.problems() == desktop.problems() == []


async def test_s3_a_phone_without_a_network_says_so_and_its_stop_is_carried_out_when_it_is_back(
    walking: Treadmill, wire: Wire, phone: Screen
) -> None:
    wire.interrupt()
    try:
        await phone.wait_says(".alert", phone.text("lost"), 5)
        took = await phone.press_until_says(phone.button("stop"), ".alert", phone.text("stop_failed"))
        assert took < FAILS_WITHIN
        await expect(phone.part(".stop.sending")).to_have_count(0)  # until then it is retried and may succeed
        assert await phone.says(".time b") == UNKNOWN
        await expect(phone.part(".full")).to_be_visible()
    finally:
        wire.mend()
    await expect(phone.part(".card.lost")).to_have_count(0, timeout=20_000)
    await walking.wait("belt_moving", "off", 10)
    await walking.wait("session_state", "finished")
    await expect(phone.part(".full")).to_be_hidden()  # a Stop that failed fills the screen until the belt rests
    assert phone.problems() == []


async def test_stop_stops_the_belt(walking: Treadmill, calendar: Calendar, desktop: Screen, phone: Screen) -> None:
    await walking.select("direction", "forward")  # a shorter countdown
    await calendar.let_pass(JUST_STOPPED)
    await desktop.press("start")
    await calendar.walk(walking, 1)
    pressed = time.monotonic()
    await phone.button("stop").click()
    await walking.wait("belt_moving", "off", 10)
    assert time.monotonic() - pressed < 8
    await walking.wait("session_state", "finished")
    await expect(phone.part(".full")).to_be_hidden()
    await expect(phone.part(".alert")).to_be_hidden()
    # A session of some seconds has no result, so the card goes on to the next one.
    await desktop.wait_says(".state", "Idle")
    await desktop.wait_says(".time span", desktop.text("planned"))
    listed = desktop.page.locator("retrowalk-sessions li").filter(has_text=f"{WALKER['name']} · Backward")
    await expect(listed.first).to_be_visible()
    assert await desktop.violations() == []
    assert phone.problems() == desktop.problems() == []


async def test_a_pause_is_resumed_once_the_belt_rests_and_finish_ends_the_walk(
    walking: Treadmill, calendar: Calendar, desktop: Screen
) -> None:
    await walking.select("direction", "forward")  # a shorter countdown
    await calendar.let_pass(JUST_STOPPED)
    await desktop.press("start")
    await calendar.walk(walking, 1)
    await desktop.wait_says(".state", "Warm-up")
    await desktop.press("pause")
    await desktop.wait_says(".state", "Paused")
    await expect(desktop.button("resume")).to_be_disabled()  # the belt is still coming to rest
    await calendar.let_pass(JUST_STOPPED)
    await expect(desktop.button("resume")).to_be_enabled()
    await desktop.press("resume")
    await desktop.wait_says(".state", "Countdown")
    await calendar.walk(walking, 1)
    await desktop.wait_says(".state", "Warm-up")
    await desktop.press("finish")
    await walking.wait("session_state", "cool_down")
    await calendar.run(QUICK)
    await desktop.wait_says(".state", re.compile("Finished|Idle"), 40)
    await calendar.run(1)
    await expect(desktop.part(".alert")).to_be_hidden()
    assert desktop.problems() == []


# Commands to a treadmill


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def machine(
    dashboard: str, house: HomeAssistantProcess, desktop: Screen, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Machine]:
    """Return a second treadmill, whose view the desktop shows; only its bytes matter."""
    async with ProxyProcess(tmp_path_factory.mktemp("proxy") / "proxy.log") as proxy:
        await house.client.flow_start("esphome", {"host": "127.0.0.1", "port": proxy.port})
        steps = await add_discovered(house)
        machine = Machine(house, proxy, steps[-1]["entry_id"])
        await machine.get_ready()
        await desktop.go(dashboard)
        await desktop.wait_says("h2", "Treadmill", 20)
        yield machine


async def walk_at_console(machine: Machine, screen: Screen) -> None:
    """Start a session at the console that the card shows."""
    await machine.proxy.reset()
    await machine.proxy.press("start")
    await screen.wait_says(".state", "Walking")
    assert await machine.commands() == []


async def test_s3_a_stop_is_carried_out_by_a_house_that_hung(machine: Machine, desktop: Screen) -> None:
    await walk_at_console(machine, desktop)
    machine.home_assistant.child.pause()
    try:
        pressed = time.monotonic()
        # The connection does not only hang, it breaks with the press pending.
        await desktop.page.evaluate(BREAKS_AFTER_A_CLICK)
        took = await desktop.press_until_says(desktop.button("stop"), ".alert", desktop.text("stop_failed"))
        assert took < FAILS_WITHIN
        await asyncio.sleep(pressed + 5 - time.monotonic())
    finally:
        machine.home_assistant.child.resume()
    await expect(desktop.part(".card.lost")).to_have_count(0, timeout=20_000)
    await machine.wait_command(STOP)
    await expect(desktop.part(".full")).to_be_hidden()
    await expect(desktop.part(".alert")).to_be_hidden()
    await desktop.wait_says(".state", re.compile("Finished|Idle"))


async def test_stop_is_quick(machine: Machine, desktop: Screen, measured: Callable[[str], None]) -> None:
    took = []
    stop = desktop.button("stop")
    await stop.evaluate(
        "(element) => element.addEventListener('click', (event) => {"
        " window.clicked = performance.timeOrigin + event.timeStamp })"
    )
    for _ in range(PRESSES):
        await walk_at_console(machine, desktop)
        click = asyncio.create_task(stop.click())
        await machine.wait_command(STOP)
        arrived = time.time() * 1000
        await click
        await machine.proxy.reset()  # at rest at once
        took.append(arrived - await desktop.page.evaluate("window.clicked"))
        await desktop.wait_says(".state", re.compile("Finished|Idle"))
    measured(
        f"From the click on the card's Stop to its bytes on the machine: {statistics.median(took):.0f} ms "
        f"(median of {PRESSES}, at most {max(took):.0f} ms)"
    )
    assert statistics.median(took) < 500
    assert desktop.problems() == []


# User settings


async def test_a_treadmill_is_found_without_its_session(
    machine: Machine, added: Treadmill, dashboard: str, desktop: Screen
) -> None:
    """Test this last: Home Assistant reloads half a minute after an entity was enabled."""
    sensor = added.entity_id("session_state")
    page = desktop.page

    async def change(**how: str | None) -> None:
        await added.client.command("config/entity_registry/update", entity_id=sensor, **how)

    async def check_tabs() -> None:
        await desktop.go(f"{dashboard}/{added.device['id']}")
        await expect(page.locator("hui-tile-card").get_by_text("Child lock", exact=True)).to_be_visible(timeout=20_000)
        # Each of the two treadmills has a tab with its name.
        for name in (added.name, machine.shown.name):
            await expect(page.get_by_role("tab").filter(has_text=re.compile(f"^\\s*{name}\\s*$"))).to_be_visible()

    await change(hidden_by="user")
    await check_tabs()
    await change(hidden_by=None)
    await change(disabled_by="user")
    await check_tabs()
    await change(disabled_by=None)
    await added.client.reload_entry(added.entry_id)
    await added.wait("session_state", lambda state: state["state"] in {"idle", "finished"})
