"""A real Home Assistant and an emulated Bluetooth proxy, a house whose time can run fast, and a browser.

The belt behind the proxy moves in real time, and all safety timing is tested there; each module has a house of its own,
where a walk takes seconds.

    .venv-live/bin/python -m pytest -c pyproject.toml --confcutdir=tests/end_to_end tests/end_to_end

`--confcutdir` keeps tests/conftest.py out: it needs the Home Assistant pytest plugin, which .venv-live does not have.

One event loop serves the whole session, because both processes and the connections to them live that long: every
asynchronous test here is put on it below. An asynchronous fixture must set this itself, whatever its own scope:

    @pytest_asyncio.fixture(loop_scope="session")

The treadmill is shared as well: begin a test with `await proxy.reset()` if its previous state matters.
"""

import asyncio
import importlib.util
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

TEST_TIMEOUT = 300
"""Seconds for one test and the fixtures it starts: a net against hanging, on however busy a computer."""

# Where the Home Assistant pytest plugin is (.venv-test), sockets are blocked and the newest Home Assistant is missing.
if importlib.util.find_spec("pytest_homeassistant_custom_component") is not None:
    collect_ignore_glob = ["test_*.py"]
else:
    # The tests import words and numbers from our package, and that imports Home Assistant, whose own warnings are not
    # ours. Warnings are errors later.
    with warnings.catch_warnings(action="ignore"):
        import custom_components.retrowalk  # noqa: F401
    from playwright.async_api import Browser, async_playwright

    from custom_components.retrowalk.const import DOMAIN
    from tests.support.live.browser import CHROMIUM, OPTIONS, Screen
    from tests.support.live.demo_run import DemoRun
    from tests.support.live.homeassistant_process import CONFIGURATION, HomeAssistantProcess
    from tests.support.live.machine import Machine, add_discovered
    from tests.support.live.proxy_process import ProxyProcess
    from tests.support.live.time_travel import Calendar, House, empty_house_with_a_calendar
    from tests.support.live.treadmill import Treadmill, add_dashboard, add_virtual_treadmill

    LOG_READ = pytest.StashKey[dict[HomeAssistantProcess, int]]()
    """How much of each log has been judged."""

    @pytest.fixture(autouse=True)
    def nothing_of_ours_in_the_log(request: pytest.FixtureRequest) -> Iterator[None]:
        """Fail a test in which Home Assistant warned of us or of one of our entities."""
        yield
        read = request.session.stash.setdefault(LOG_READ, {})
        problems = []
        for process in request.node.funcargs.values():
            if isinstance(process, HomeAssistantProcess) and process.log.exists():
                start, read[process] = read.get(process, 0), len(process.log_text())
                problems += process.log_problems(DOMAIN, start)
        assert problems == []

    @pytest_asyncio.fixture(autouse=True, loop_scope="session")
    async def nothing_goes_on_after_its_time(request: pytest.FixtureRequest) -> AsyncIterator[None]:
        """End a test that took too long: its coroutine is still on the loop, and would disturb the next one."""
        yield
        code = getattr(request.function, "__code__", None)
        left = {task for task in asyncio.all_tasks() if getattr(task.get_coro(), "cr_code", None) is code}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=10)

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def home_assistant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeAssistantProcess]:
        """Return a running, onboarded Home Assistant that is still empty; use it through its `client`."""
        folder = tmp_path_factory.mktemp("home_assistant")
        (folder / "automations.yaml").write_text("[]")
        media = folder / "media"
        media.mkdir()
        configuration = f"""{CONFIGURATION}
automation: !include automations.yaml
homeassistant:
  media_dirs:
    local: {media}
"""
        process = HomeAssistantProcess(folder, configuration=configuration)
        async with process:
            yield process
        assert process.log_problems(DOMAIN) == []

    @pytest_asyncio.fixture(scope="module", loop_scope="session")
    async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
        """Return the time of a Home Assistant as the demo has it, empty and for one module alone."""
        async with empty_house_with_a_calendar(tmp_path_factory.mktemp("house")) as calendar:
            yield calendar

    @pytest_asyncio.fixture(scope="module", loop_scope="session")
    async def house(calendar: Calendar) -> House:
        """Return the Home Assistant of `calendar`."""
        return calendar.house

    @pytest_asyncio.fixture(scope="module", loop_scope="session")
    async def treadmill(house: HomeAssistantProcess) -> Treadmill:
        """Return a virtual treadmill with the walker Anna and a dashboard, in a module's own house."""
        entry = await add_virtual_treadmill(house.client)
        await add_dashboard(house.client, "my-walks")
        return await Treadmill.of_entry(house.client, entry["entry_id"])

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def chromium() -> AsyncIterator[Browser]:
        """Return the system's Chromium."""
        assert CHROMIUM is not None, "there is no Chromium; scripts/chromium installs it"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            yield browser
            await browser.close()

    @pytest_asyncio.fixture(scope="module", loop_scope="session")
    async def browser(chromium: Browser) -> AsyncIterator[Browser]:
        """Return the system's Chromium, whose pages are closed after a module."""
        yield chromium
        Screen.opened.clear()
        for context in chromium.contexts:
            await context.close()

    @pytest_asyncio.fixture(autouse=True, loop_scope="session")
    async def nobody_looks_on(request: pytest.FixtureRequest) -> AsyncIterator[None]:
        """Close the pages that a test has opened: they would be drawn for nobody, and load anew after a restart."""
        before = [*Screen.opened]
        yield
        if FAILED not in request.node.stash:
            for screen in [each for each in Screen.opened if each not in before]:
                await screen.close()

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProxyProcess]:
        """Return a running Bluetooth proxy with one treadmill in range, which Home Assistant does not know yet."""
        async with ProxyProcess(tmp_path_factory.mktemp("proxy") / "proxy.log") as process:
            yield process

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoRun]:
        """Start scripts/demo --exit."""
        async with DemoRun(tmp_path_factory.mktemp("demo")) as run:
            yield run

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def esphome_entry(home_assistant: HomeAssistantProcess, proxy: ProxyProcess) -> dict[str, Any]:
        """Add the proxy to Home Assistant as a user does and return its config entry."""
        client = home_assistant.client
        result = await client.flow_start("esphome", {"host": "127.0.0.1", "port": proxy.port})
        assert result["type"] == "create_entry", result
        return await client.wait_for_entry("esphome")

    @pytest_asyncio.fixture(scope="module", loop_scope="session")
    async def added(
        home_assistant: HomeAssistantProcess, proxy: ProxyProcess, esphome_entry: dict[str, Any]
    ) -> AsyncIterator[Machine]:
        """Add the treadmill with a walker, and remove it after the tests of a module."""
        await proxy.reset()
        steps = await add_discovered(home_assistant)
        yield Machine(home_assistant, proxy, steps[-1]["entry_id"])
        await home_assistant.client.remove_entry(steps[-1]["entry_id"])

    @pytest_asyncio.fixture(loop_scope="session")
    async def machine(added: Machine) -> Machine:
        """Return the treadmill, ready for a test."""
        await added.get_ready()
        return added


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which scripts/screenshots gets its screenshots."""
    parser.addoption("--screenshots", type=Path, metavar="FOLDER", help="take the pictures of the README")


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that records a figure to show at the end of the run; nothing depends on it."""
    return lambda figure: request.node.user_properties.append(("measured", figure))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the measured figures."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    ended = [report for report in reports if getattr(report, "when", None) == "call"]
    if figures := [figure for report in ended for name, figure in report.user_properties if name == "measured"]:
        terminalreporter.section("measured")
        for figure in figures:
            terminalreporter.write_line(figure)


SLOWEST_FIRST = (
    "test_demo.py",
    "test_six_weeks.py",
    "test_treadmill.py",
    "test_power_cut.py",
    "test_mishaps.py",
    # A worker takes a second module at once if its first one has one or two tests: these are short.
    "test_blueprints.py",
    "test_time_machine.py",
    "test_triggers.py",
    "test_dashboard.py",
    "test_fault_matrix.py",
    "test_two_treadmills.py",
    "test_odd_treadmill.py",
    "test_result.py",
    "test_automation_editor.py",
    "test_programs.py",
    "test_past.py",
    "test_reminder.py",
)
"""The modules that take longest, so that none of them begins last; the rest follows."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest modules first, all asynchronous tests on the session's event loop, and give all of them time."""
    here = Path(__file__).parent
    places = {name: place for place, name in enumerate(SLOWEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)) if here in item.path.parents else -1)
    for item in items:
        if here not in item.path.parents:
            continue
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TEST_TIMEOUT))


FAILED = pytest.StashKey[bool]()
"""Set on a test that failed, for the fixtures that clear up after it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Show the end of the processes' logs with a test that failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        used = getattr(item, "funcargs", {})
        for name in {"home_assistant", "house", "proxy"} & set(used):
            log: Path = used[name].log
            if log.exists():
                lines = log.read_text(errors="replace").splitlines()[-40:]
                report.sections.append((f"end of {log}", "\n".join(lines)))
    return report
